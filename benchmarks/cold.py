"""What a page costs that is not in memory: `VAR_DIR=… python benchmarks/cold.py`.

Drives the application itself, without a server and without the page cache, on a site that is filled
already, and prints for the richest page of each kind: the processor time that the server spends on
it (median and best of 50, after a warm-up), the part of that spent in the database's own code and
waiting for it, the number of queries, and how long the page is.

`--profile article` tells where the time of one kind goes; `--json` prints one object a line.
"""

import argparse
import cProfile
import io
import json
import os
import pstats
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ |= {"PAGE_CACHE_MB": "0", "DEBUG": "0", "HTTPS": "0", "READ_DOT_ENV": "0"}
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagine_site.settings")

from imagine_site.wsgi import application  # noqa: E402, I001 - sets Django up, first

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.db.models.functions import Length  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import translation  # noqa: E402

from imagine_site.components.head import LANGUAGES, address  # noqa: E402
from labs.models import Laboratory  # noqa: E402
from news.models import Kind, PostEdition  # noqa: E402
from people.models import Researcher  # noqa: E402

RUNS, WARM_UP = 50, 5


def pages(language: str) -> Iterator[tuple[str, str]]:
    """Kind and address: of each kind the page with most on it."""
    editions = PostEdition.objects.live().in_language(language)
    longest = editions.annotate(long=Length("html")).order_by("-long", "-pk")
    richest = {
        "article": longest,
        "article, visit": longest.filter(kind=Kind.VISIT),
        "article, gallery": longest.filter(html__contains="gallery"),
        "article, plain": longest.filter(lead_image=None).reverse(),
    }
    for what, found in richest.items():
        if edition := found.first():
            yield what, edition.get_absolute_url()
    laboratory = Laboratory.objects.public().annotate(n=Count("posteditions")).order_by("-n")
    person = Researcher.objects.public().annotate(n=Count("posteditions")).order_by("-n")
    search = address("search:search", language=language)
    yield "home", address("home:home", language=language)
    yield "list", address("news:list", language=language)
    yield "list, page 2", address("news:list", language=language) + "?page=2"
    yield "laboratories", address("labs:laboratories", language=language)
    for record in laboratory[:1]:
        yield "laboratory", record.get_absolute_url()
    yield "people", address("people:people", language=language)
    for record in person[:1]:
        yield "person", record.get_absolute_url()
    yield "search, one word", search + "?q=institute"
    yield "search, two words", search + "?q=rare+diseases"
    yield "search, misspelt", search + "?q=institutt"
    yield "search, a name", search + "?q=casanova"
    yield "search, nothing", search + "?q=zzzyx"
    yield "suggestions", reverse("search:suggestions") + "?q=gen"


def environ(address: str) -> dict:
    path, _mark, query = address.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "HTTP_HOST": settings.ALLOWED_HOSTS[0],
        "HTTP_ACCEPT_ENCODING": "br, gzip",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def get(address: str) -> tuple[str, bytes]:
    """Status line and body."""
    said = []
    answer = application(environ(address), lambda status, headers, exc=None: said.append(status))
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return said[0], body


class Database:
    """Counts the queries and the seconds spent in them, waiting included."""

    def __init__(self):
        self.queries, self.seconds = 0, 0.0

    def __call__(self, execute, sql, params, many, context):
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.queries += 1
            self.seconds += time.perf_counter() - began


def measure(address: str, runs: int = RUNS) -> dict:
    for _run in range(WARM_UP):
        status, body = get(address)
    spent, asked = [], []
    with connection.execute_wrapper(database := Database()):
        for _run in range(runs):
            database.seconds = 0.0
            began = time.process_time()
            get(address)
            spent.append((time.process_time() - began) * 1000)
            asked.append(database.seconds * 1000)
    return {
        "status": int(status.split()[0]),
        "cpu_ms": round(statistics.median(spent), 2),
        "best_ms": round(min(spent), 2),
        "database_ms": round(statistics.median(asked), 2),
        "queries": database.queries // runs,
        "bytes": len(body),
    }


def profiled(work: Callable[[], object], runs: int = RUNS) -> None:
    work()
    profile = cProfile.Profile()
    profile.enable()
    for _run in range(runs):
        work()
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(40)
    pstats.Stats(profile).sort_stats("cumtime").print_stats(60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--profile", metavar="KIND")
    parser.add_argument("--only", metavar="KIND", default="")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--language", default="en", choices=LANGUAGES)
    asked = parser.parse_args()
    translation.activate(asked.language)
    for kind, where in list(pages(asked.language)):
        if asked.profile:
            if kind == asked.profile:
                profiled(lambda where=where: get(where))
        elif kind.startswith(asked.only):
            found = measure(where)
            if asked.json:
                print(json.dumps({"kind": kind, "address": where, **found}))
            else:
                print(
                    f"{kind:<20}{found['status']}  {found['cpu_ms']:6.2f} ms"
                    f"  best {found['best_ms']:6.2f}  database {found['database_ms']:6.2f}"
                    f"  {found['queries']:2} queries {found['bytes']:7} bytes  {where[:60]}"
                )


if __name__ == "__main__":
    main()
