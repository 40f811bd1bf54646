"""A private copy of the site, served as in production, and what a crawl of it finds.

Database, files and key lie in a temporary folder that goes when the copy is closed: nothing of the
real site is read or written, and two audits may run at once.
"""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import lxml.html

ROOT = Path(__file__).parent.parent
LANGUAGES = ("en", "fr")
#: No page links to these, or only with a question in the address.
DOORS = (
    "/robots.txt",
    "/sitemap.xml",
    "/sitemap-news.xml",
    "/.well-known/security.txt",
    "/en/search/?q=research",
    "/fr/recherche/?q=recherche",
    "/en/search/?q=nothingatall",
    "/fr/recherche/?q=rienderien",
    "/en/news/?kind=visit",
    "/fr/actualites/?kind=visit",
    "/en/news/?year=1999",
    "/fr/actualites/?year=1999",
)
LOST = ("/en/there/is/nothing/", "/fr/il/n-y-a/rien/")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """The sample institute on a free port of this machine: `with Site() as site`."""

    def __init__(self) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.folder = Path(tempfile.mkdtemp(prefix="imagine-site-audit-"))
        os.environ |= {
            "READ_DOT_ENV": "0",
            "HTTPS": "0",
            "DEBUG": "0",
            "VAR_DIR": str(self.folder),
            "SITE_URL": self.base,
            "ALLOWED_HOSTS": "127.0.0.1",
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "imagine_site.settings",
        }
        for name in ("DATABASE_URL", "REDIS_URL", "S3_BUCKET", "MEDIA_URL", "STATIC_ROOT"):
            os.environ.pop(name, None)

    def __enter__(self) -> Site:
        manage = [sys.executable, "manage.py"]
        # Compressing takes a while; the database is filled meanwhile.
        collecting = subprocess.Popen(  # noqa: S603
            [*manage, "collectstatic", "-v0", "--no-input"], cwd=ROOT
        )
        for command in (["migrate", "-v0", "--no-input"], ["load_sample", "-v0"]):
            subprocess.run([*manage, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        if collecting.wait():
            raise RuntimeError("the static files could not be collected")
        self.server = subprocess.Popen(  # noqa: S603
            [
                *(sys.executable, "-m", "imagine_site.serving", f"--port={self.port}"),
                *("--workers=1", "--log-level=warning"),
            ],
            cwd=ROOT,
            stderr=(self.folder / "server.log").open("w"),
        )
        for _attempt in range(150):
            try:
                if self.get("/healthz").status == 200:
                    return self
            except OSError:
                time.sleep(0.2)
        self.close()
        raise RuntimeError("the private site did not start within 30 seconds")

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        self.server.terminate()
        try:
            self.server.wait(10)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def get(self, path: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(path, response.status, headers, response.read())
        finally:
            connection.close()

    def inside(self, link: str, page: str) -> str | None:
        """The path a link of `page` leads to on this site, with its fragment; else None."""
        absolute = urljoin(self.base + page, link.strip())
        parts = urlsplit(absolute)
        if f"{parts.scheme}://{parts.netloc}" != self.base:
            return None
        return absolute.removeprefix(self.base)

    def crawl(self) -> dict[str, Answer]:
        """Every answer that is reached from the front page and the doors, by its path."""
        seen: dict[str, Answer] = {}
        waiting = deque(["/", *(f"/{language}/" for language in LANGUAGES), *DOORS, *LOST])
        asked = set(waiting)
        with ThreadPoolExecutor(4) as pool:
            while waiting:
                batch = [waiting.popleft() for _ in range(min(16, len(waiting)))]
                for answer in pool.map(self.get, batch):
                    seen[answer.path] = answer
                    for _kind, link in answer.links:
                        inside = self.inside(link, answer.path)
                        path = urldefrag(inside)[0] if inside else ""
                        if path and path not in asked and not path.startswith("/admin"):
                            asked.add(path)
                            waiting.append(path)
                if len(seen) > 5_000:
                    raise RuntimeError("more than 5,000 addresses: a link makes new ones for ever")
        return seen


@dataclass
class Answer:
    path: str
    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def is_html(self) -> bool:
        return self.headers.get("content-type", "").startswith("text/html")

    @property
    def is_page(self) -> bool:
        return self.is_html and self.status == 200

    @cached_property
    def tree(self) -> lxml.html.HtmlElement:
        return lxml.html.document_fromstring(self.body.decode("utf-8"))

    @cached_property
    def links(self) -> list[tuple[str, str]]:
        """What the answer names: (attribute, address), pictures of every size among them."""
        found = [("location", self.headers["location"])] if "location" in self.headers else []
        if self.is_html and self.body.strip():
            for element in self.tree.iter(lxml.html.etree.Element):
                for name, value in element.attrib.items():
                    if name in {"href", "src", "action", "poster"}:
                        found.append((name, value))
                    elif name in {"srcset", "imagesrcset"}:
                        found += [(name, part.split()[0]) for part in value.split(",") if part]
        elif "xml" in self.headers.get("content-type", "") and self.body.strip().startswith(b"<"):
            text = self.body.decode("utf-8", "replace")
            found += [("loc", loc) for loc in re.findall(r"<loc>\s*([^<\s]+)", text)]
        elif self.path.endswith(".css"):
            text = self.body.decode("utf-8", "replace")
            found += [
                ("url", url)
                for url in re.findall(r"url\([\"']?([^\"')]+)", text)
                if not url.startswith(("data:", "#"))
            ]
        return found

    @cached_property
    def anchors(self) -> set[str]:
        return {unquote(value) for value in self.tree.xpath("//@id | //a/@name")}


def page_types(seen: dict[str, Answer]) -> list[dict[str, str]]:
    """One page of every kind and language: the name of its address says its kind.

    A page in a language is taken with its translation where it has one. Institutional pages are
    all taken, because each may have a form of its own.
    """
    import django  # noqa: PLC0415 - after the environment is settled

    django.setup()
    from django.urls import Resolver404, resolve  # noqa: PLC0415
    from django.utils import translation  # noqa: PLC0415

    chosen: dict[tuple[str, str], str] = {}
    for path, answer in seen.items():
        language = path.split("/")[1]
        if not answer.is_html or language not in LANGUAGES:
            continue
        if answer.status == 404 and path in LOST:
            kind = "not-found"
        elif answer.status == 410:
            kind = "gone"
        elif answer.status != 200:
            continue
        else:
            try:
                with translation.override(language):
                    name = resolve(unquote(urlsplit(path).path)).view_name
            except Resolver404:
                continue
            kind = name.replace(":", "-")
            if answer.tree.xpath("//*[@class='empty']"):
                kind += "-empty"
            elif "?" in path and "q=" not in path and "kind=visit" not in path:
                continue
            elif "kind=visit" in path:
                kind += "-filtered"
        if kind == "pages-page":
            pair = answer.tree.xpath("string(//link[@hreflang='x-default']/@href)") or path
            kind = "page-" + pair.strip("/").split("/")[-1]
        # The richest of its kind shows the most of what can go wrong.
        before = chosen.get((kind, language))
        if before is None or len(answer.body) > len(seen[before].body):
            chosen[kind, language] = path
    return [
        {"kind": kind, "language": language, "path": path}
        for (kind, language), path in sorted(chosen.items())
    ]
