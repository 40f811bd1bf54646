"""How long a search takes among many texts: `python benchmarks/search.py 20000 100000`.

Makes a database of its own in a temporary folder (or uses the one that DATABASE_URL names, which
must be empty: `tests/services/with-postgres .venv/bin/python benchmarks/search.py 20000`), fills
it with generated texts of 130 words whose frequencies fall as in real language (Zipf), and prints
the median and the slowest of 15 runs of each question, from the typed text to the marked page.
"""

import datetime
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ |= {"READ_DOT_ENV": "0", "HTTPS": "0", "DJANGO_SETTINGS_MODULE": "imagine_site.settings"}
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="imagine-site-benchmark-")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from imagine_site.search import actions, sources  # noqa: E402
from imagine_site.search.finding import count, find, suggestions  # noqa: E402
from imagine_site.search.marking import Marker  # noqa: E402
from imagine_site.search.models import SearchEntry  # noqa: E402
from imagine_site.search.query import read  # noqa: E402

CHANCE = random.Random(7)
SYLLABLES = [a + b for a in "bcdfglmnprstv" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]
WORDS = ["recherche"] + [
    "".join(CHANCE.choices(SYLLABLES, k=CHANCE.randint(2, 5))) for _ in range(40_000)
]
WEIGHTS = [1 / (rank + 8) for rank in range(len(WORDS))]
RUNS = 15


def entries(number: int):
    cumulated, total = [], 0.0
    for weight in WEIGHTS:
        total += weight
        cumulated.append(total)
    day = datetime.date(1990, 1, 1)
    for pk in range(number):
        words = CHANCE.choices(WORDS, cum_weights=cumulated, k=130)
        if pk % 2 == 0:
            words[5] = "recherche"
        if pk == number // 2:
            words[9] = "introuvable"
        yield sources.Entry(
            object_id=pk,
            language="fr",
            title=" ".join(words[:7]),
            url=f"/fr/{pk}/",
            summary=" ".join(words[7:30]),
            text=" ".join(words[30:]),
            date=day + datetime.timedelta(days=pk * 13_000 // number),
        )


def fill(number: int) -> None:
    news = sources.of_kind("news")
    generated = sources.Source(
        kind="news", plural="News", model=news.model, entries=lambda _pks: entries(number)
    )
    sources._sources["news"] = generated
    began = time.perf_counter()
    actions.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(
        f"{connection.vendor}, {SearchEntry.objects.count()} entries, "
        f"made in {time.perf_counter() - began:.0f} s"
    )


def page(text: str) -> int:
    found = find(read(text, "fr"), language="fr")
    count(read(text, "en"), language="en")
    marker = Marker.of(found.terms, "fr")
    for entry in found.page(slice(0, 10)):
        marker.marked(entry.title), marker.passage(entry.text)
    return len(found.ids)


def ask(what: str, question, *arguments) -> None:
    times = []
    for _run in range(RUNS):
        began = time.perf_counter()
        answer = question(*arguments)
        times.append((time.perf_counter() - began) * 1000)
    number = answer if isinstance(answer, int) else len(answer)
    print(
        f"  {what:<34}{statistics.median(times):7.1f} ms   best {min(times):6.1f}"
        f"   slowest {max(times):7.1f} ms   {number}"
    )


def main() -> None:
    call_command("migrate", verbosity=0)
    for number in map(int, sys.argv[1:] or ["20000"]):
        fill(number)
        ask("common word (every second text)", page, "recherche")
        ask("rare word (one text)", page, "introuvable")
        ask("two words", page, f"recherche {WORDS[200]}")
        ask("word of middling frequency", page, WORDS[500])
        ask("phrase", page, f'"{WORDS[3]} {WORDS[4]}"')
        ask("misspelt", page, "introuvabel")
        ask("nothing", page, "zzzyx")
        for begun in ("re", "rech", "introu"):
            ask(
                f"suggestions for {begun!r}",
                lambda b: suggestions(read(b, "fr"), language="fr"),
                begun,
            )


if __name__ == "__main__":
    main()
