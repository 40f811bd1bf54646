"""What costs more with more articles: `python benchmarks/growth.py`.

Fills two private institutes that differ in the number of articles alone (1,000 and 100,000, unless
said), asks each for the same kinds of pages in turns, without the page cache, and prints for each
kind the processor time that both take and how many times the large one's is the small one's. Ends
with 1 where that is more than 1.2, or 2 for search and sitemaps.

Filling the large one takes a while: with `--keep FOLDER` both stay there and are found again.
`--postgresql` measures on a private PostgreSQL (`make bench` says which package) instead of SQLite.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.figures import Figure, median_ratio, write  # noqa: E402

SMALL, LARGE = 1_000, 100_000
#: What both have alike: an institute that has written more has not more people.
BOTH = ("--people=600", "--laboratories=24", "--startups=40", "--images=4", "--drafts=100")
TURNS, ROUNDS = 3, 10
#: Times that the small institute's cost may be.
MOST, MOST_OF_INDEXES = 1.2, 2.0
RESULTS = ROOT / "build" / "growth.jsonl"


def may_grow(kind: str) -> float:
    return MOST_OF_INDEXES if kind.startswith(("search", "sitemap")) else MOST


class Institute:
    """A private site with so many articles."""

    def __init__(self, articles: int, folder: Path, database: str | None):
        self.articles, self.folder = articles, folder
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.env = {
            **kept,
            "READ_DOT_ENV": "0",
            "HTTPS": "0",
            "DEBUG": "0",
            "LOG_LEVEL": "ERROR",
            "REQUIRE_SECOND_FACTOR": "0",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": "http://127.0.0.1:8000",
            "VAR_DIR": str(folder),
            "PAGE_CACHE_MB": "0",
            **({"DATABASE_URL": database} if database else {}),
        }
        self.seen: dict[str, list[dict]] = {}

    def run(self, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.env,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def fill(self) -> None:
        filled = self.folder / "filled"
        if filled.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        said(f"an institute of {self.articles:,} articles")
        self.run("manage.py", "migrate", "-v0", "--no-input")
        # A page of the chronicle is full in both.
        visits = f"--visits={min(2_000, max(100, self.articles // 50))}"
        made = ("manage.py", "make_institute", f"--articles={self.articles}", visits, *BOTH)
        said(self.run(*made).splitlines()[-1])
        self.run("-m", "benchmarks.inside", "static")
        filled.touch()

    def measure(self) -> None:
        for line in self.run(
            "-m", "benchmarks.inside", "growth", f"--rounds={ROUNDS}"
        ).splitlines():
            each = json.loads(line)
            self.seen.setdefault(each["page"], []).append(each)


def said(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    process = subprocess.Popen(
        [
            str(ROOT / "tests/services/with-postgres"),
            "bash",
            "-c",
            'echo "$DATABASE_URL"; exec cat',
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait()


def compared(small: Institute, large: Institute) -> tuple[list[Figure], list[str]]:
    figures, missed = [], []
    print(f"{'':38}{small.articles:>10,}{large.articles:>10,}   times  by clock  queries")
    for kind, rounds in small.seen.items():
        before, after = ([each["cpu_ms"] for each in seen] for seen in (rounds, large.seen[kind]))
        clock = median_ratio([e["ms"] for e in large.seen[kind]], [e["ms"] for e in rounds])
        times = median_ratio(after, before)
        queries = [max(each["queries"] for each in seen[kind]) for seen in (small.seen, large.seen)]
        a, b = Figure.of("", before, "ms").value, Figure.of("", after, "ms").value
        counts = f"{queries[0]:>3} {queries[1]:>3}"
        print(f"{kind:38}{a:>10.3g}{b:>10.3g}{times:>8.2f}{clock:>10.2f}  {counts}")
        figures += [
            Figure.of(f"growth, {kind}: {small.articles:,} articles, processor", before, "ms"),
            Figure.of(f"growth, {kind}: {large.articles:,} articles, processor", after, "ms"),
            Figure(f"growth, {kind}", round(times, 3), "times"),
            Figure(f"growth, {kind}, by the clock", round(clock, 3), "times"),
        ]
        # What PostgreSQL does is no processor time of ours.
        judged = clock if "DATABASE_URL" in small.env else times
        if judged > may_grow(kind):
            missed.append(f"{kind}: {judged:.2f} times, and {may_grow(kind)} at most")
    return figures, missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--small", type=int, default=SMALL)
    parser.add_argument("--large", type=int, default=LARGE)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = asked.keep or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="imagine-site-growth-"))
        )
        institutes = []
        for number in (asked.small, asked.large):
            url = stack.enter_context(postgresql()) if asked.postgresql else None
            institutes.append(Institute(number, folder.resolve() / str(number), url))
        for institute in institutes:
            institute.fill()
        for turn in range(TURNS):
            said(f"turn {turn + 1} of {TURNS}")
            for institute in institutes:
                institute.measure()
        figures, missed = compared(*institutes)
    write(figures, RESULTS)
    if missed:
        print("\nMissed:\n" + "\n".join(f"  {line}" for line in missed), file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
