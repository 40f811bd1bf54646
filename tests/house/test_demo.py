"""`make demo` from an empty folder: what it promises to whoever tries the site first."""

import os
import re
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import lxml.html
import pytest

from tests.house.sources import ROOT

pytestmark = pytest.mark.slow


class Demo:
    """One start of `make demo`, until it answers."""

    def __init__(self, folder: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.log = folder / f"log-{self.port}"
        began = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["make", "--no-print-directory", "demo", f"PORT={self.port}"],
                cwd=ROOT,
                env={**kept, "VAR_DIR": str(folder / "var"), "READ_DOT_ENV": "off"},
                stdout=log,
                stderr=log,
            )
        while True:
            try:
                self.get("/healthz")
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() - began > 180:
                    self.stop()
                    raise AssertionError(self.said()) from None
                time.sleep(0.05)
        self.seconds = time.monotonic() - began

    def get(self, path: str) -> str:
        address = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.read().decode()

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def stop(self):
        self.process.terminate()  # make passes it on
        self.process.wait(timeout=20)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()


def _state(folder: Path) -> dict[str, int]:
    """Every file the site wrote, with its size; the database's own journals come and go."""
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in sorted((folder / "var").rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def test_the_demonstration_starts_shows_the_article_and_starts_again_at_once(tmp_path):
    with Demo(tmp_path) as first:
        said = first.said()
        assert re.search(r"Editor's account: editor\nPassword: +\S{20}", said), said
        assert f"http://127.0.0.1:{first.port}/" in said
        for path, words in (("/en/news/", "Published|news"), ("/fr/actualites/", "actualités")):
            assert re.search(words, first.get(path), re.IGNORECASE)
        articles = [_the_article(first, path) for path in ("/en/news/", "/fr/actualites/")]
        for article in articles:
            assert article.xpath("//figure//blockquote"), "no quote"
            assert article.xpath("//figure//figcaption//a[contains(@href, '-lyonnet')]")
            assert article.xpath("//*[@role='doc-noteref']"), "no footnote"
            assert article.xpath("//main//picture//img")
    before = _state(tmp_path)
    with Demo(tmp_path) as second:
        assert second.seconds < 5, f"{second.seconds:.1f} s\n{second.said()}"
        assert "Loading" not in second.said()
        assert "Password: " not in second.said()
        assert "make password" in second.said()
        second.get("/en/news/")
    assert _state(tmp_path) == before


def _the_article(demo: Demo, path: str) -> lxml.html.HtmlElement:
    """The sample article on the presidential visit, found as a visitor finds it: in the list."""
    page = lxml.html.fromstring(demo.get(path))
    links = page.xpath("//main//a[contains(@href, $path)]/@href", path=path)
    for link in dict.fromkeys(links):
        if link == path or "?" in link:
            continue
        article = lxml.html.fromstring(demo.get(link))
        if "Lyonnet" in article.text_content() and article.xpath("//*[@role='doc-noteref']"):
            return article
    raise AssertionError(f"no article on the visit in {path}: {links}")
