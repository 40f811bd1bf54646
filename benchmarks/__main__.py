"""`make bench`: how fast the site is on this machine, beside nginx on the same machine.

Everything is measured on a private site in a temporary folder; nothing of a real one is read or
written, and nothing is left behind. Figures go to build/bench.jsonl, one object a line, and as a
table to the screen; docs/speed.md says how to read them. It ends with 1 where a ratio is
missed, and names it; with 2 where it could not begin or what was compared is not the same.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks import figures as kept
from benchmarks.bare import answers_to_bytes
from benchmarks.driving import Answer, drive, get
from benchmarks.figures import Bound, Figure
from benchmarks.front import Front, front
from benchmarks.mixed import Freshness, Prober, publications_of
from benchmarks.standing import (
    ROOT,
    CannotBegin,
    Process,
    Standing,
    free_port,
    memory,
    nothing_missing,
    serving,
)
from benchmarks.warm import (
    BARE,
    BEHIND,
    BROWSER,
    NGINX,
    SITE,
    NotTheSame,
    Scenario,
    Target,
    measure,
)
from benchmarks.yardstick import StaticFile, configuration

#: Who ask for pages at the same time while memory is measured: each thread of a worker has its own.
VISITORS = 8
RESULTS = ROOT / "build" / "bench.jsonl"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of everything: the whole, or what fits into a minute."""

    articles: int
    images: int
    #: Of wrk, and seconds of each.
    rounds: int
    seconds: int
    mixed_rounds: int
    #: Of visitors alone, and beside an editor.
    alone_seconds: int
    mixed_seconds: int
    #: Of each page and form within a process.
    inside: int
    rebuilds: int
    forms: int
    starts: int
    pages_kept: int
    files: int
    pictures: int


WHOLE = Extent(
    articles=2_000, images=8, rounds=7, seconds=3, mixed_rounds=5, alone_seconds=3, mixed_seconds=6,
    inside=40, rebuilds=10, forms=10, starts=5, pages_kept=5_000, files=4_000, pictures=3,
)  # fmt: skip
QUICK = Extent(
    articles=40, images=1, rounds=2, seconds=1, mixed_rounds=1, alone_seconds=1, mixed_seconds=4,
    inside=5, rebuilds=2, forms=2, starts=1, pages_kept=150, files=100, pictures=1,
)  # fmt: skip

#: What is asked, by the stage that measures it. No time is, and no rate.
BOUNDS: dict[str, list[Bound]] = {
    "warm": [
        bound
        for name in ("article, br", "list, br", "article, 304")
        for bound in (
            Bound(f"{name}: site", at_least=0.45, of_ratio=True),
            Bound(f"{name}: site to bare", at_least=0.85),
            Bound(f"{name}: failed requests", at_most=0),
        )
    ]
    + [
        Bound(f"article, br: {BEHIND}", at_least=0.9, of_ratio=True),
        Bound(f"list, br: {BEHIND}", at_least=0.9, of_ratio=True, optional=True),
        Bound("article, identity: failed requests", at_most=0, optional=True),
    ],
    "mixed": [
        Bound("mixed: to warm", at_least=0.8),
        Bound("mixed: failed requests", at_most=0),
        Bound("mixed: stale later than 250 ms", at_most=0),
        Bound("mixed: before the embargo", at_most=0),
        Bound(f"mixed: stale later than 250 ms, {BEHIND}", at_most=0),
        Bound(f"mixed: before the embargo, {BEHIND}", at_most=0),
    ],
    "cold": [
        Bound("cold, article: queries", at_most=4),
        Bound("cold, list: deep page to page 1", at_most=1.2),
        Bound("cold on PostgreSQL, list: deep page to page 1", at_most=1.2, optional=True),
    ],
    "memory": [Bound("memory of a worker, pages kept: resident", at_most=100)],
}


class Bench:
    """One run: the private site, and a stage after another."""

    def __init__(self, standing: Standing, extent: Extent):
        self.standing, self.extent = standing, extent
        self.article = self.list = ""
        self.post = 0
        self.many: list[str] = []
        self.site: Process | None = None
        self.front: Front | None = None

    @staticmethod
    def say(line: str) -> None:
        print(f"  {line}", file=sys.stderr, flush=True)

    def prepare(self) -> list[Figure]:
        extent = self.extent
        self.say(f"an institute of {extent.articles:,} articles")
        self.standing.fill(articles=extent.articles, images=extent.images)
        (told,) = self.inside("addresses")
        self.article, self.list, self.post = told["article"], told["list"], told["post"]
        self.many = told["many"]
        self.site = self.standing.serve()
        self.site.answers_at(self.standing.port, "/healthz")
        return [Figure("articles in each language", told["articles"], "")]

    def inside(self, what: str, *, rounds: int = 1, prefix: Sequence[str] = (), **variables: str):
        """What a process of the site tells (`benchmarks.inside`)."""
        arguments = ["-m", "benchmarks.inside", what, f"--rounds={rounds}"]
        said = self.standing.run(*prefix, sys.executable, *arguments, **variables)
        return [json.loads(line) for line in said.splitlines()]

    def get(self, path: str, **headers: str) -> Answer:
        """From the site, by whichever worker, until all of them have made the page."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answers = [get(self.standing.port, path, named) for _worker in range(8)]
        if len({(answer.status, answer.body) for answer in answers}) != 1:
            raise NotTheSame(f"{path} is not the same from one worker to the next")
        return answers[0]

    def behind(self) -> Front | None:
        """The site behind nginx as in deploy/; None where that is not there."""
        if self.front is None:
            self.front = front(self.standing)
        return self.front

    def stage(self, name: str) -> list[Figure]:
        began = time.perf_counter()
        found = STAGES[name](self)
        self.say(f"{name}: {time.perf_counter() - began:.0f} s")
        return found

    # -- The stages

    def warm(self) -> list[Figure]:
        asked = [
            ("article, br", self.article, {"Accept-Encoding": BROWSER}),
            ("list, br", self.list, {"Accept-Encoding": BROWSER}),
            ("article, identity", self.article, {"Accept-Encoding": "identity"}),
        ]
        if self.extent is QUICK:
            del asked[2:]
        files, answers, expected = [], {}, []
        for number, (_name, path, headers) in enumerate(asked):
            answer = get(self.standing.port, path, headers)
            if answer.status != 200:
                raise NotTheSame(f"{path}: {answer.status}")
            expected.append(answer)
            files.append(
                StaticFile(f"{number}", answer.headers["content-type"], answer.headers, answer.body)
            )
            pairs = [
                (name, value)
                for name, value in answer.headers.items()
                if name not in ("date", "server")
            ]
            answers[f"/{number}"] = ("200 OK", pairs, answer.body)
        # RFC 9110 §13.1.2: each is asked with the validator that it gave itself.
        etag = expected[0].headers["etag"]
        conditional = {"Accept-Encoding": BROWSER, "If-None-Match": etag}
        unchanged = get(self.standing.port, self.article, conditional)
        if unchanged.status != 304 or unchanged.body:
            raise NotTheSame(f"{self.article}: {unchanged.status} instead of 304")
        answers["/304"] = (
            "304 Not Modified",
            [pair for pair in unchanged.headers.items() if pair[0] not in ("date", "server")],
            b"",
        )
        port = free_port()
        nginx = self.standing.nginx(
            "nginx", configuration(files, folder=self.standing.folder / "nginx", port=port)
        )
        nginx.answers_at(port, "/0")
        bare, bare_port = self.standing.bare(answers_to_bytes(answers))
        bare.answers_at(bare_port, "/0")
        behind = self.behind()

        def targets(path: str, name: str, headers: dict, theirs: dict, *, front: bool):
            found = [
                Target(NGINX, port, theirs.pop("nginx_path"), headers | theirs, nginx),
                Target(BARE, bare_port, f"/{name}", headers, bare),
                Target(SITE, self.standing.port, path, headers, self.site),
            ]
            if behind and front:
                found.append(Target(BEHIND, behind.port, path, headers, behind))
            return found

        scenarios = []
        for number, (name, path, headers) in enumerate(asked):
            its_front = self.extent is WHOLE or number == 0
            theirs = {"nginx_path": f"/{number}"}
            listed = targets(path, f"{number}", headers, theirs, front=its_front)
            scenarios.append(Scenario(name, expected[number], listed))
        its_etag = get(port, "/0", conditional | {"If-None-Match": ""}).headers["etag"]
        theirs = {"nginx_path": "/0", "If-None-Match": its_etag}
        its_front = self.extent is WHOLE
        listed = targets(self.article, "304", conditional, theirs, front=its_front)
        scenarios.append(Scenario("article, 304", unchanged, listed))
        return measure(
            scenarios, rounds=self.extent.rounds, seconds=self.extent.seconds, say=self.say
        )

    def mixed(self) -> list[Figure]:
        """Rounds of visitors alone and of visitors beside an editor; somebody looks in both."""
        extent, found = self.extent, []
        behind = self.behind()
        ports = {"": self.standing.port} | ({f", {BEHIND}": behind.port} if behind else {})
        alone, beside, failed, publishing = [], [], 0, []
        fresh: dict[str, list[Freshness]] = {name: [] for name in ports}
        first = 1
        url = f"http://127.0.0.1:{self.standing.port}{self.article}"
        headers = {"Accept-Encoding": BROWSER}
        for number in range(extent.mixed_rounds):
            self.say(f"round {number + 1} of {extent.mixed_rounds}: visitors beside an editor")
            with self._looking(ports):
                driven = drive(url, extent.alone_seconds, headers)
            alone.append(driven.rate)
            failed += driven.failed
            # One is planned, and goes live within these seconds, too.
            count = extent.mixed_seconds - 2
            with self._editor(first, count) as lines, self._looking(ports) as probers:
                driven = drive(url, extent.mixed_seconds, headers)
            beside.append(driven.rate)
            failed += driven.failed
            told = [json.loads(line) for line in lines]
            publishing += [each["seconds"] * 1e3 for each in told if "number" in each]
            publications = publications_of(lines)
            if len(publications) != count:
                raise CannotBegin(f"the editor published {len(publications)} of {count} times")
            for name, prober in probers.items():
                fresh[name].append(Freshness.of(prober.looks, publications))
            first += count + 1
        ratios = [with_editor / without for with_editor, without in zip(beside, alone, strict=True)]
        found += [
            Figure.of("mixed: alone", alone, "requests/s"),
            Figure.of("mixed: beside an editor", beside, "requests/s"),
            Figure.of("mixed: to warm", ratios, "ratio"),
            Figure.of("mixed: publishing", publishing, "ms"),
        ]
        for name, rounds in fresh.items():
            failed += sum(each.failed for each in rounds)
            visible = [value * 1e3 for each in rounds for value in each.visible]
            settled = [value * 1e3 for each in rounds for value in each.settled]
            if not visible:
                raise CannotBegin(f"nobody saw a publication{name}")
            stale, early = (
                sum(values)
                for values in zip(*((each.stale, each.early) for each in rounds), strict=True)
            )
            looks = sum(each.looks for each in rounds)
            found += [
                Figure.of(f"mixed: published to first seen{name}", visible, "ms"),
                Figure.of(f"mixed: published to last not seen{name}", settled, "ms"),
                Figure(f"mixed: stale later than 250 ms{name}", stale, f"of {looks:,} looks"),
                Figure(f"mixed: before the embargo{name}", early, f"of {looks:,} looks"),
            ]
        return [*found, Figure("mixed: failed requests", failed, "requests")]

    @contextlib.contextmanager
    def _looking(self, ports: dict[str, int]) -> Iterator[dict[str, Prober]]:
        with contextlib.ExitStack() as stack:
            yield {
                name: stack.enter_context(Prober(port, self.article))
                for name, port in ports.items()
            }

    @contextlib.contextmanager
    def _editor(self, first: int, count: int) -> Iterator[list[str]]:
        """Begun when the first line says so; the list is whole when this ends."""
        lines: list[str] = []
        arguments = [sys.executable, "-m", "benchmarks.inside", "editor"]
        arguments += [f"--first={first}", f"--rounds={count}", f"--post={self.post}"]
        with self.standing.running("editor", arguments, hears=True) as process:
            if not process.popen.stdout.readline():
                raise CannotBegin(f"the editor cannot publish:\n{process.last_words()}")
            reader = threading.Thread(target=lambda: lines.extend(process.popen.stdout))
            reader.start()
            yield lines
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.popen.wait(20)
            process.stop()
            reader.join()

    def memory(self) -> list[Figure]:
        """Of a single worker, before and after thousands of different pages."""
        port, found, browser = free_port(), [], {"Accept-Encoding": BROWSER}
        wanted = self.many[: self.extent.pages_kept]
        self.say(f"memory with {len(wanted):,} pages kept")
        with self.standing.running("one-worker", serving(port, 1)) as process:
            process.answers_at(port, self.article)
            fresh = memory(process.worker())
            with ThreadPoolExecutor(VISITORS) as visitors:
                asked = visitors.map(lambda path: get(port, path, browser).status, wanted)
                statuses = set(asked)
            kept_ones = memory(process.worker())
            # Again, to see that they were kept: who is answered from memory costs next to nothing.
            before, sample = process.cpu_seconds(), wanted[:: max(1, len(wanted) // 200)]
            for path in sample:
                get(port, path, browser)
            again = (process.cpu_seconds() - before) / len(sample) * 1e3
        if statuses != {200}:
            raise NotTheSame(f"pages answer {sorted(statuses)}")
        for name, values in (("fresh", fresh), ("pages kept", kept_ones)):
            found += [
                Figure(f"memory of a worker, {name}: resident", kept.rounded(values["Rss"]), "MB"),
                Figure(f"memory of a worker, {name}: its share", kept.rounded(values["Pss"]), "MB"),
            ]
        return [
            *found,
            Figure("memory: different pages kept", len(wanted), "pages"),
            Figure("memory: asked for again, processor", kept.rounded(again), "ms/page"),
        ]

    def starting(self) -> list[Figure]:
        """From the command to the first answer, a page that is not in memory."""
        seconds = []
        for _round in range(self.extent.starts):
            port = free_port()
            with self.standing.running("starting", serving(port)) as process:
                seconds.append(process.answers_at(port, self.article))
        return [Figure.of("start to first answer", seconds, "s")]

    def cold(self) -> list[Figure]:
        self.say("pages, made for each visitor")
        found = self._pages(
            "cold", self.inside("cold", rounds=self.extent.inside, PAGE_CACHE_MB="0")
        )
        if self.extent is WHOLE:
            found += self._cold_on_postgresql()
        return found

    def _cold_on_postgresql(self) -> list[Figure]:
        """Where it is installed; the same institute again."""
        if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
            self.say("PostgreSQL is not there (Debian: apt-get install postgresql)")
            return []
        self.say("the same on PostgreSQL")
        commands = (
            "set -e; python=$0; $python manage.py migrate -v0 --no-input >&2; "
            "$python manage.py make_institute -v0 --articles=$1 --images=$2 >&2; "
            "exec $python -m benchmarks.inside cold --rounds=$3"
        )
        extent = self.extent
        said = self.standing.run(
            "tests/services/with-postgres", "sh", "-c", commands, sys.executable,
            *map(str, (extent.articles, extent.images, extent.inside)),
            VAR_DIR=str(self.standing.folder / "var-postgresql"), PAGE_CACHE_MB="0",
        )  # fmt: skip
        return self._pages("cold on PostgreSQL", [json.loads(line) for line in said.splitlines()])

    def rebuild(self) -> list[Figure]:
        self.say("pages, made again after a publication")
        return self._pages("rebuild", self.inside("rebuild", rounds=self.extent.rebuilds))

    @staticmethod
    def _pages(what: str, told: list[dict]) -> list[Figure]:
        found, by_page = [], {}
        for each in told:
            by_page.setdefault(each["page"], []).append(each)
        for page, rounds in by_page.items():
            found += [
                Figure.of(f"{what}, {page}", [each["ms"] for each in rounds], "ms"),
                Figure.of(f"{what}, {page}: processor", [each["cpu_ms"] for each in rounds], "ms"),
                Figure(f"{what}, {page}: queries", max(each["queries"] for each in rounds), ""),
            ]
        if what.startswith("cold"):
            first, deep = (
                [each["ms"] for each in by_page[page]]
                for page in ("list, page 1", "list, deep page")
            )
            ratios = [later / former for later, former in zip(deep, first, strict=True)]
            found.append(Figure.of(f"{what}, list: deep page to page 1", ratios, "ratio"))
        return found

    def forms(self) -> list[Figure]:
        self.say("forms of the admin")
        found, by_form = [], {}
        for each in self.inside("admin", rounds=self.extent.forms):
            by_form.setdefault(each["form"], []).append(each)
        for form, rounds in by_form.items():
            found += [
                Figure.of(f"admin, {form}", [each["ms"] for each in rounds], "ms"),
                Figure.of(f"admin, {form}: processor", [each["cpu_ms"] for each in rounds], "ms"),
                Figure(f"admin, {form}: queries", max(each["queries"] for each in rounds), ""),
            ]
        return found

    def importing(self) -> list[Figure]:
        number = self.extent.files
        self.say(f"import of {number:,} articles")
        said = self.standing.python("benchmarks/importing.py", str(number))
        return importing_figures(said)

    def pictures(self) -> list[Figure]:
        self.say("a picture of 24 megapixels")
        said = self.standing.python(
            "benchmarks/pictures.py", "--json", "--rounds", str(self.extent.pictures)
        )
        return [Figure(**json.loads(line)) for line in said.splitlines() if line.startswith("{")]


#: By name, in the order in which they run: those that wrk drives first, on servers of one age.
STAGES: dict[str, Callable[[Bench], list[Figure]]] = {
    "warm": Bench.warm,
    "mixed": Bench.mixed,
    "memory": Bench.memory,
    "start": Bench.starting,
    "cold": Bench.cold,
    "rebuild": Bench.rebuild,
    "forms": Bench.forms,
    "import": Bench.importing,
    "pictures": Bench.pictures,
}


#: Those that run in a process of their own, away from the servers; the longest first.
BY_ITSELF = ("pictures", "memory", "import", "forms", "rebuild", "cold", "start")


def importing_figures(said: str) -> list[Figure]:
    """From the last line that `importing.py` prints of the first run."""
    found = re.search(
        r"in all\s+(\d+)\s+(\d+)/s\s+(\d+)/s of processor\s+([\d.]+) ms\s+([\d.]+) queries\s+"
        r"(\d+) MB",
        said,
    )
    if not found:
        raise CannotBegin(f"importing.py says something else than it used to:\n{said}")
    number, rate, of_processor, _ms, queries, most = found.groups()
    return [
        Figure("import: articles", int(number), ""),
        Figure("import: rate", float(rate), "articles/s"),
        Figure("import: rate of processor", float(of_processor), "articles/s"),
        Figure("import: queries", float(queries), "an article"),
        Figure("import: most memory", float(most), "MB"),
    ]


def run(extent: Extent, stages: Sequence[str]) -> list[Figure]:
    nothing_missing()
    found: list[Figure] = []
    with Standing() as standing:
        bench = Bench(standing, extent)
        found += bench.prepare()
        beside = [stage for stage in BY_ITSELF if stage in stages] if extent is QUICK else []
        for stage in stages:
            if stage not in beside:
                try:
                    found += bench.stage(stage)
                except NotTheSame as error:
                    raise NotTheSame(f"{error}\n{bench.site.last_words()}") from None
        # Two processors, two at a time: of these the processor time says more than the clock.
        with ThreadPoolExecutor(2) as pool:
            try:
                for figures in pool.map(bench.stage, beside):
                    found += figures
            except BaseException:
                standing.stop()  # the pool waits for what still runs
                raise
    return found


def _interrupted(*_signal: object) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # pressed again while everything is being stopped
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="what fits into a minute")
    parser.add_argument("--only", default="", help=f"some of {','.join(STAGES)}")
    parser.add_argument("--compare", type=Path, metavar="OLD.jsonl", help="print what changed")
    parser.add_argument("--to", type=Path, default=RESULTS, help="where the figures go")
    asked = parser.parse_args()
    stages = [name.strip() for name in asked.only.split(",") if name.strip()] or list(STAGES)
    if unknown := [name for name in stages if name not in STAGES]:
        parser.error(f"no stage is called {', '.join(unknown)}; there are {', '.join(STAGES)}")
    # Read before it is written over.
    before = kept.read(asked.compare) if asked.compare else None
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    began = time.perf_counter()
    try:
        found = run(QUICK if asked.quick else WHOLE, stages)
    except (CannotBegin, NotTheSame) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted; everything is stopped and removed.", file=sys.stderr)
        return 130
    kept.write(found, asked.to)
    bounds = [bound for stage in stages for bound in BOUNDS.get(stage, ())]
    print(kept.table(found, bounds))
    print(f"\n{len(found)} figures in {time.perf_counter() - began:.0f} s, kept in {asked.to}")
    if before is not None:
        print(f"\nAgainst {asked.compare}:")
        print("\n".join(kept.compared(before, found)) or "nothing changed by more than a tenth")
    missed = kept.missed(bounds, found)
    if missed:
        print("\nMissed:\n" + "\n".join(f"  {line}" for line in missed), file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
