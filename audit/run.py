"""`make audit`: the whole public site, judged by machines that do not know how it is made.

One line a check, with its count; the faults below it. Anything but zero fails. There is no list of
accepted faults: what is found is put right, or the check is.

    audit/run.py [ONLY=axe,links]     audit/run.py screenshots
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urldefrag

import lxml.etree

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from private_site import Answer, Site, page_types  # noqa: E402

BROWSER = ("axe", "ibm", "console", "keyboard", "reflow", "motion", "nojs", "budget")
#: Kinds of pages that Lighthouse judges, where they exist; the first address that fits.
JUDGED = ("home-home", "news-list", "news-article", "labs-laboratory", "people-person")
CATEGORIES = {"performance": 99, "accessibility": 100, "best-practices": 100, "seo": 100}
#: A machine with other work makes a page look slow: PERFORMANCE=90 asks for less of that one.
CATEGORIES["performance"] = int(os.environ.get("PERFORMANCE", CATEGORIES["performance"]))
#: Lighthouse imitates a telephone by taking a desktop four times as long. It means one of an index
#: of 1500 to 2000 (its throttling.md); a machine of less is slowed down less.
SLOWER, DESKTOP_INDEX = 4.0, 1_500
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
NODE, JAVA = (shutil.which(name) or name for name in ("node", "java"))
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-dev-shm-usage "
    "--disable-background-networking --disable-component-update --disable-sync"
)
SHOWN = 40  # faults listed a check; the count says how many there are


@dataclass
class Result:
    """What a check found: how many things it looked at, and what is wrong with them."""

    looked: int = 0
    faults: list[str] = field(default_factory=list)
    note: str = ""


@dataclass
class Audit:
    site: Site
    seen: dict[str, Answer]
    pages: list[dict[str, str]]
    folder: Path
    #: How fast Lighthouse found this machine.
    benchmark_index: float = 0.0

    @property
    def html(self) -> list[Answer]:
        return [answer for answer in self.seen.values() if answer.is_html and answer.body.strip()]

    def of_kind(self, kind: str, language: str = "en") -> str | None:
        for page in self.pages:
            if page["language"] == language and page["kind"].startswith(kind):
                return page["path"]
        return None


# -- What the answers themselves say --------------------------------------------------------------


def links(audit: Audit) -> Result:
    """Nothing on the site leads nowhere: pages, anchors, pictures of every size, files."""
    result, checked = Result(), {}
    for page in audit.seen.values():
        for kind, link in page.links:
            inside = audit.site.inside(link, page.path)
            if inside is None or inside.startswith("/admin"):
                continue
            path, fragment = urldefrag(inside)
            if path == page.path and page.status >= 400:
                continue  # the skip link of "not found"
            if (path, fragment, page.path if fragment else "") in checked:
                continue
            checked[path, fragment, page.path if fragment else ""] = True
            result.looked += 1
            target = audit.seen.get(path)
            if target is None:
                target = audit.seen[path] = audit.site.get(path)
            if target.status >= 400:
                result.faults.append(f"{page.path}: {kind} {path} answers {target.status}")
            elif 300 <= target.status < 400 and kind == "href" and page.is_page:
                after = audit.site.inside(target.headers["location"], path)
                last = audit.seen.get(after or "")
                if last is not None and 300 <= last.status < 400:
                    result.faults.append(f"{page.path}: {path} is sent on twice")
            elif fragment and target.is_html and unquote(fragment) not in target.anchors:
                result.faults.append(f"{page.path}: no #{fragment} on {path}")
    return result


def heads(audit: Audit) -> Result:
    """Every page has a title of its own, a description, one h1 and its canonical address."""
    result, titles = Result(), {}
    for page in audit.html:
        result.looked += 1
        tree, name = page.tree, page.path
        title = tree.xpath("string(//head/title)").strip()
        hidden = bool(tree.xpath("//meta[@name='robots'][contains(@content, 'noindex')]"))
        faults = []
        if not title:
            faults.append("no title")
        if page.status == 200 and not hidden:
            if not tree.xpath("string(//meta[@name='description']/@content)").strip():
                faults.append("no description")
            canonical = tree.xpath("//link[@rel='canonical']/@href")
            if len(canonical) != 1:
                faults.append(f"{len(canonical)} canonical addresses")
            elif canonical[0] == audit.site.base + name:
                other = titles.setdefault((tree.get("lang"), title), name)
                if other != name:
                    faults.append(f"the same title as {other}: {title}")
        if len(tree.xpath("//h1")) != 1 or not tree.xpath("string(//h1)").strip():
            faults.append(f"{len(tree.xpath('//h1'))} h1")
        levels = [int(heading.tag[1]) for heading in tree.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
        for before, after in pairwise(levels):
            if after > before + 1:
                faults.append(f"h{before} is followed by h{after}")
        if tree.get("lang") not in {"en", "fr"}:
            faults.append("no language")
        result.faults += [f"{name}: {fault}" for fault in faults]
    return result


def hreflang(audit: Audit) -> Result:
    """Each of a pair names itself, the other and x-default; the other says the same."""
    result, pairs = Result(), {}
    for page in audit.html:
        named = {
            link.get("hreflang"): link.get("href")
            for link in page.tree.xpath("//link[@rel='alternate'][@hreflang]")
        }
        canonical = page.tree.xpath("string(//link[@rel='canonical']/@href)")
        if named and page.status == 200 and canonical == audit.site.base + page.path:
            pairs[canonical] = named
    for address, named in pairs.items():
        result.looked += 1
        if address not in named.values():
            result.faults.append(f"{address} does not name itself")
        if "x-default" not in named:
            result.faults.append(f"{address} has no x-default")
        for language, other in named.items():
            if language != "x-default" and pairs.get(other) != named:
                result.faults.append(f"{address} and {other} do not name each other")
    return result


def feeds(audit: Audit) -> Result:
    """Feeds, sitemaps (by their schema), manifest and structured data say what they must."""
    result = Result()
    sitemaps = lxml.etree.XMLSchema(file=str(HERE / "schemas/sitemaps.xsd"))
    kinds = {
        "application/atom+xml": "xml",
        "application/rss+xml": "xml",
        "application/feed+json": "json",
        "application/xml": "xml",
        "text/xml": "xml",
        "application/manifest+json": "json",
        "application/json": "json",
    }
    for answer in list(audit.seen.values()):
        form = kinds.get(answer.headers.get("content-type", "").partition(";")[0])
        if form and answer.status == 200:
            result.looked += 1
            try:
                if form == "json":
                    json.loads(answer.body)
                else:
                    root = lxml.etree.fromstring(answer.body)
                    if lxml.etree.QName(root).localname == "urlset":
                        sitemaps.assertValid(root)
            except (ValueError, lxml.etree.XMLSyntaxError, lxml.etree.DocumentInvalid) as error:
                result.faults.append(f"{answer.path}: {error}")
    for page in audit.html:
        for block in page.tree.xpath("//script[@type='application/ld+json']/text()"):
            result.looked += 1
            try:
                data = json.loads(block)
            except ValueError as error:
                result.faults.append(f"{page.path}: JSON-LD: {error}")
                continue
            for item in data if isinstance(data, list) else [data]:
                if "schema.org" not in str(item.get("@context", "")):
                    result.faults.append(f"{page.path}: JSON-LD without its @context")
                if not item.get("@type") and not item.get("@graph"):
                    result.faults.append(f"{page.path}: JSON-LD without @type")
    return result


# -- Checkers of the markup -----------------------------------------------------------------------


def _saved(audit: Audit) -> dict[str, str]:
    """Every HTML answer as a file; which file is which address."""
    folder, names = audit.folder / "pages", {}
    folder.mkdir(exist_ok=True)
    for number, page in enumerate(audit.html):
        name = f"{number:04}.html"
        (folder / name).write_bytes(page.body)
        names[name] = page.path
    return names


def nu(audit: Audit) -> Result:
    """The Nu HTML checker, warnings included."""
    names = _saved(audit)
    jar = HERE / "node_modules/vnu-jar/build/dist/vnu.jar"
    done = subprocess.run(  # noqa: S603
        [JAVA, "-Xss2m", "-jar", str(jar), "--format", "json", "--exit-zero-always", "."],
        cwd=audit.folder / "pages",
        capture_output=True,
        check=True,
    )
    faults = [
        f"{names[Path(message['url']).name]}:{message.get('lastLine', '')}: {message['message']}"
        for message in json.loads(done.stderr)["messages"]
        if message["type"] in {"error", "non-document-error"} or message.get("subType") == "warning"
    ]
    return Result(len(names), faults)


def htmlvalidate(audit: Audit) -> Result:
    """html-validate, recommended and accessibility rules."""
    names, out = _saved(audit), audit.folder / "html-validate.json"
    done = subprocess.run(  # noqa: S603
        [
            NODE,
            str(HERE / "node_modules/html-validate/bin/html-validate.mjs"),
            f"--config={HERE / 'htmlvalidate.mjs'}",
            f"--formatter=json={out}",
            *sorted(names),
        ],
        cwd=audit.folder / "pages",
        capture_output=True,
        check=False,
    )
    if not out.exists():
        raise RuntimeError(done.stderr.decode())
    faults = [
        f"{names[Path(file['filePath']).name]}:{fault['line']}: {fault['ruleId']}"
        f" {fault['message']}"
        for file in json.loads(out.read_text("utf-8"))
        for fault in file["messages"]
    ]
    return Result(len(names), faults)


# -- In Chromium ----------------------------------------------------------------------------------


def in_the_browser(audit: Audit, checks: Iterable[str]) -> dict[str, Result]:
    job = audit.folder / "job.json"
    job.write_text(
        json.dumps({"base": audit.site.base, "pages": audit.pages, "checks": list(checks)})
    )
    done = subprocess.run(  # noqa: S603
        [NODE, str(HERE / "browser.mjs"), str(job)],
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "CHROMIUM": CHROMIUM},
    )
    return {name: Result(**found) for name, found in json.loads(done.stdout).items()}


def lighthouse(audit: Audit) -> Result:
    """A telephone on a slow line, as Lighthouse imitates it.

    A busy machine makes a page look slower and never faster, so that the best of up to five runs is
    what the page can do; a page that holds every mark is judged once.
    """
    result, told, slower = Result(), [], SLOWER
    paths = [path for kind in JUDGED if (path := audit.of_kind(kind))]
    paths += [path for path in audit.seen if path.startswith("/en/search/?q=research")][:1]
    for path in dict.fromkeys([*paths, "/en/search/"]):
        answer = audit.seen.get(path)
        if answer is None or answer.status != 200:
            continue
        hidden = "noindex" in answer.tree.xpath("string(//meta[@name='robots']/@content)")
        best: dict[str, tuple[int, list[str]]] = {}
        missed: list[str] = []
        for run in range(5):
            scores = _lighthouse(audit, path, run, slower)
            if not scores:
                continue
            slower = calibrated(audit.benchmark_index)
            for name, score in scores.items():
                best[name] = max(best.get(name, score), score, key=lambda each: each[0])
            missed = [name for name in CATEGORIES if _is_missed(name, best[name], hidden=hidden)]
            if not missed:
                break
        if not best:
            result.faults.append(f"{path}: Lighthouse could not measure it, five times")
            continue
        result.looked += 1
        told.append(f"{path} {'/'.join(str(best[name][0]) for name in CATEGORIES)}")
        for name in missed:
            score, failed = best[name]
            result.faults.append(f"{path}: {name} {score}: {', '.join(failed)}")
    told.append(f"index {audit.benchmark_index:.0f}, {slower} times slower")
    result.note = "; ".join(told)
    return result


def _is_missed(name: str, found: tuple[int, list[str]], *, hidden: bool) -> bool:
    score, failed = found
    if hidden and name == "seo":
        # Result lists are kept out of search engines on purpose.
        return any(not each.startswith("is-crawlable") for each in failed)
    return score < CATEGORIES[name]


def calibrated(index: float) -> float:
    """How many times slower a machine of this index is to be, to be that telephone."""
    return max(1.0, round(SLOWER * min(1.0, index / DESKTOP_INDEX), 2))


def _lighthouse(
    audit: Audit, path: str, run: int, slower: float
) -> dict[str, tuple[int, list[str]]]:
    """The scores of one run; none where the browser failed it (as with NO_NAVSTART, where its trace
    lacks the beginning), which says nothing about the page and asks to be run again."""
    out = audit.folder / f"lighthouse-{run}.json"
    out.unlink(missing_ok=True)
    try:
        subprocess.run(  # noqa: S603
            [
                NODE,
                str(HERE / "node_modules/lighthouse/cli/index.js"),
                audit.site.base + path,
                "--quiet",
                "--output=json",
                f"--output-path={out}",
                f"--only-categories={','.join(CATEGORIES)}",
                f"--throttling.cpuSlowdownMultiplier={slower}",
                f"--chrome-flags={FLAGS}",
            ],
            check=True,
            timeout=120,
            cwd=audit.folder,
            env={**os.environ, "CHROME_PATH": CHROMIUM, "TMPDIR": str(audit.folder)},
        )
        report = json.loads(out.read_text("utf-8"))
        why = (report.get("runtimeError") or {}).get("code")
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        why = error
    if why:
        print(f"     lighthouse     {path}, run {run + 1} of 5 measured nothing: {why}")
        return {}
    audit.benchmark_index = report["environment"]["benchmarkIndex"]
    scores = {}
    for name in CATEGORIES:
        category = report["categories"][name]
        failed = [
            f"{ref['id']} ({report['audits'][ref['id']].get('displayValue') or 'fails'})"
            for ref in category["auditRefs"]
            if ref["weight"] and (report["audits"][ref["id"]]["score"] or 0) < 0.99
        ]
        scores[name] = (round((category["score"] or 0) * 100), failed)
    return scores


#: In the order of the report. Those that read first, then the slow ones; Lighthouse alone at last.
READING: dict[str, Callable[[Audit], Result]] = {
    "links": links,
    "heads": heads,
    "hreflang": hreflang,
    "feeds": feeds,
    "nu": nu,
    "html-validate": htmlvalidate,
}
SAID = {
    "links": "broken links, anchors or pictures",
    "heads": "pages without title, description, one h1 or order of headings",
    "hreflang": "pages whose translation does not name them",
    "feeds": "feeds, sitemaps or JSON-LD that cannot be read",
    "nu": "errors of the Nu HTML checker",
    "html-validate": "errors of html-validate",
    "axe": "violations of axe-core",
    "ibm": "failures of IBM Equal Access",
    "console": "complaints in the console",
    "keyboard": "faults of the keyboard walk",
    "reflow": "overflows at 320 and 256 px",
    "motion": "movements under reduced motion",
    "nojs": "texts or tasks lost without JavaScript",
    "budget": "pages too heavy, with a cookie or with another host",
    "lighthouse": "scores of Lighthouse below the mark",
}


def report(name: str, result: Result, seconds: float) -> bool:
    ok = not result.faults and result.looked > 0
    note = f"; {result.note}" if result.note else ""
    print(
        f"{'ok  ' if ok else 'FAIL'} {name:14} {len(result.faults)} {SAID[name]}"
        f" ({result.looked} looked at, {seconds:.0f} s{note})",
        flush=True,
    )
    alike: dict[str, list[str]] = {}
    for fault in result.faults:
        # The same thing on many pages is told once, with the first page.
        where, _colon, what = " ".join(fault.split()).partition(": ")
        alike.setdefault(re.sub(r"\[\d+\]|\d+ px", "", what), []).append(f"{where}: {what}")
    for same in list(alike.values())[:SHOWN]:
        times = f"{len(same)} × " if len(same) > 1 else ""
        print(f"       {times}{same[0][:400]}")
    if len(alike) > SHOWN:
        print(f"       … and {len(alike) - SHOWN} other kinds")
    return ok


def opened(site: Site, folder: Path) -> Audit:
    seen = site.crawl()
    return Audit(site, seen, page_types(seen), folder)


def audit(only: set[str]) -> bool:
    if unknown := only - SAID.keys():
        print(f"no such check: {', '.join(sorted(unknown))}. There are: {', '.join(SAID)}")
        return False
    asked = [name for name in SAID if not only or name in only]
    began, good = time.monotonic(), True
    with tempfile.TemporaryDirectory(prefix="imagine-site-audit-") as temporary, Site() as site:
        found = opened(site, Path(temporary))
        kinds = len({page["kind"] for page in found.pages})
        print(
            f"     {len(found.seen)} addresses, {len(found.html)} pages, {kinds} kinds of page,"
            f" {time.monotonic() - began:.0f} s to begin",
            flush=True,
        )
        for name in asked:
            if name in READING:
                start = time.monotonic()
                good &= report(name, READING[name](found), time.monotonic() - start)
        if browser := [name for name in asked if name in BROWSER]:
            start = time.monotonic()
            results = in_the_browser(found, browser)
            for name in browser:
                good &= report(name, results[name], time.monotonic() - start)
        if "lighthouse" in asked:
            start = time.monotonic()
            good &= report("lighthouse", lighthouse(found), time.monotonic() - start)
    print(f"{'ok  ' if good else 'FAIL'} all: {time.monotonic() - began:.0f} s")
    return good


def screenshots() -> bool:
    out, docs = HERE.parent / "build/screenshots", HERE.parent / "docs"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="imagine-site-audit-") as temporary, Site() as site:
        found = opened(site, Path(temporary))
        readme = [
            ("screenshot.png", found.of_kind("home-home"), "desktop", "light"),
            ("screenshot-article-phone-dark.png", found.of_kind("news-article"), "phone", "dark"),
        ]
        job = Path(temporary) / "job.json"
        job.write_text(
            json.dumps(
                {
                    "base": site.base,
                    "pages": found.pages,
                    "out": str(out),
                    "readme": [
                        {"file": str(docs / name), "path": path, "width": width, "scheme": scheme}
                        for name, path, width, scheme in readme
                    ],
                }
            )
        )
        subprocess.run(  # noqa: S603
            [NODE, str(HERE / "shots.mjs"), str(job)],
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "CHROMIUM": CHROMIUM},
        )
    for name, *_rest in readme:
        _smaller(docs / name)
    count = len(list(out.rglob("*.jpg")))
    print(f"{count} pictures in {out.relative_to(HERE.parent)}, two in docs")
    return count > 0


def _smaller(file: Path) -> None:
    """Below 300 kB: a palette of 256 colours where it has more."""
    if file.stat().st_size < 300_000:
        return
    from PIL import Image  # noqa: PLC0415 - only pictures need it

    with Image.open(file) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(
            file, optimize=True
        )


def main(arguments: list[str]) -> int:
    # Stopped from outside, the private site is closed and its folder removed all the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if arguments[:1] == ["screenshots"]:
        return not screenshots()
    only = {name for part in arguments for name in part.removeprefix("ONLY=").split(",") if name}
    return not audit(only)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
