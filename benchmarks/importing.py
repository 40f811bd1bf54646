"""How fast articles come in: `python benchmarks/importing.py 20000`.

Writes so many text files to a temporary folder and has `import_articles --publish` read them into
a fresh database: SQLite as in production, with its durability, or the empty one that DATABASE_URL
names. **One article is one file**: a text of 150 to 600 words in one language, which becomes a
working copy with its version, an edition, its relations, a line of the journal and an entry of the
search. Two files, English and French, are one story.

The texts are the same at every run. Their words come from 60,000 made-up ones, with frequencies as
in real language (Zipf), and the small words of both; they name people and laboratories of the
register, quote them, and have headings, lists and notes like those that people copy from a page.

Printed for each stretch: articles a second by the clock and by processor time, with that of the
processes beside, queries an article, and the most memory so far. `--again` imports the same files
once more, which changes nothing; `--profile FILE` keeps what `cProfile` saw.
"""

import argparse
import cProfile
import os
import random
import resource
import sys
import tempfile
import time
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FOLDER = tempfile.TemporaryDirectory(prefix="imagine-site-importing-")
os.environ |= {"READ_DOT_ENV": "0", "HTTPS": "0", "DJANGO_SETTINGS_MODULE": "imagine_site.settings"}
os.environ["VAR_DIR"] = FOLDER.name

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from imagine_site.search.models import SearchEntry  # noqa: E402
from labs.models import Laboratory, StartUp  # noqa: E402
from news.models import Post, PostEdition  # noqa: E402
from people.models import FoundingMember, Researcher  # noqa: E402

SYLLABLES = [a + b for a in "bcdfglmnprstv" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]
ACCENTED = [a + b for a in "bcdfglmnprstv" for b in ("a", "é", "è", "i", "ou", "on", "eur", "ie")]
SMALL = {
    "en": "the of and to in that is was for it with as on by are this from at has have been which",
    "fr": "le la les de des du et à en un une est que qui dans pour par sur au aux avec ce cette",
}
#: Words that every language has many of besides the small ones.
VOCABULARY = 30_000
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
GIVEN = ("Ada", "Luc", "Marie", "Paul", "Jeanne", "Hugo", "Emma", "Louis", "Alice", "Jules", "Anne")


class Words:
    """The words of one language, the most frequent first."""

    def __init__(self, language: str, chance: random.Random):
        syllables = ACCENTED if language == "fr" else SYLLABLES
        self.words = SMALL[language].split() + [
            "".join(chance.choices(syllables, k=chance.randint(2, 5))) for _ in range(VOCABULARY)
        ]
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.words))))

    def some(self, chance: random.Random, number: int) -> list[str]:
        return chance.choices(self.words, cum_weights=self.weights, k=number)


def register_records() -> tuple[list[str], list[str]]:
    """What the texts name: 300 people, 40 laboratories, 12 start-ups and six founding members."""
    chance = random.Random(3)
    surnames = ["".join(chance.choices(SYLLABLES, k=3)).capitalize() for _ in range(300)]
    people = [f"{GIVEN[n % len(GIVEN)]} {name}" for n, name in enumerate(surnames)]
    for name in people:
        given, family = name.split(" ", 1)
        Researcher.objects.create(given_name=given, family_name=family, honorific="Pr")
    laboratories = []
    for number in range(40):
        subject = "".join(chance.choices(SYLLABLES, k=3))
        name = f"Laboratory of {subject} genetics"
        Laboratory.objects.create(name_en=name, name_fr=f"Laboratoire de génétique du {subject}")
        laboratories.append(name)
        if number < 12:
            StartUp.objects.create(
                name=f"{subject.capitalize()} Therapeutics", origin=StartUp.Origin.SPIN_OFF
            )
        if number < 6:
            FoundingMember.objects.create(
                name_en=f"{subject.capitalize()} Hospital",
                name_fr=f"Hôpital {subject.capitalize()}",
                order=number,
            )
    return people, laboratories


def sentence(words: Words, chance: random.Random, *names: str) -> str:
    said = words.some(chance, chance.randint(8, 24))
    for name in names:
        said.insert(chance.randint(2, len(said)), name)
    if chance.random() < 0.3:
        said[len(said) // 2] += ","
    text = " ".join(said)
    return text[0].upper() + text[1:] + "."


def article(language: str, words: Words, chance: random.Random, people, laboratories) -> str:
    month = chance.choice(MONTHS[language].split())
    dated = "Published on {} {} {}" if language == "en" else "Publié le {} {} {}"
    person, laboratory = chance.choice(people), chance.choice(laboratories)
    blocks = [
        " ".join(words.some(chance, chance.randint(6, 12))).capitalize(),
        sentence(words, chance) + " " + sentence(words, chance, laboratory),
        dated.format(chance.randint(1, 28), month, chance.randint(1995, 2025)),
        "Imagine Institute",
    ]
    left = chance.randint(150, 600) - sum(len(block.split()) for block in blocks)
    noted = chance.random() < 0.3
    while left > 0:
        names = [person] if chance.random() < 0.3 else []
        paragraph = " ".join(sentence(words, chance, *names) for _ in range(chance.randint(2, 5)))
        if noted and len(blocks) == 5:
            paragraph = paragraph.removesuffix(".") + "*."
        blocks.append(paragraph)
        left -= len(paragraph.split())
        kind = chance.random()
        if kind < 0.2 and left > 60:
            blocks.append(" ".join(words.some(chance, 5)).capitalize())
        elif kind < 0.35:
            said = " ".join(words.some(chance, 16)).capitalize()
            quoted = f"“{said}.”" if language == "en" else f"« {said}. »"
            blocks += [quoted, f"Pr {person}, {' '.join(words.some(chance, 3))}"]
            left -= 20
        elif kind < 0.45:
            blocks += [f"- {sentence(words, chance)}" for _ in range(3)]
            left -= 45
    if noted and any("*" in block for block in blocks):
        blocks.append("* " + sentence(words, chance, laboratory))
    return "\n\n".join(blocks) + "\n"


def write_files(folder: Path, number: int, people: list[str], laboratories: list[str]) -> int:
    """So many files, two languages of each story; returns the number of words."""
    languages = {code: Words(code, random.Random(code)) for code in ("en", "fr")}
    written = 0
    for count in range(number):
        language = ("en", "fr")[count % 2]
        chance = random.Random(count)
        text = article(language, languages[language], chance, people, laboratories)
        story = count // 2
        place = folder / f"{story // 1000:03}" / f"story-{story:06}.{language}.txt"
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8")
        written += len(text.split())
    return written


class Meter:
    """Counts the lines that the command prints, and says how the stretch went at some of them."""

    def __init__(self, stops: set[int]):
        self.stops = stops
        self.lines = self.queries = 0
        self.began = self.start = self.now()

    def now(self) -> tuple[float, float, float, int, int]:
        times = os.times()
        beside = times.children_user + times.children_system
        return time.perf_counter(), time.process_time(), beside, self.lines, self.queries

    def query(self, execute, sql, params, many, context):
        self.queries += 1
        return execute(sql, params, many, context)

    def write(self, text: str) -> None:
        if text.startswith(("new:", "updated:", "unchanged:")):
            self.lines += 1
            if self.lines in self.stops:
                self.tell()
                self.began = self.now()
        elif text.startswith("error"):
            print(text)

    def tell(self, since=None) -> None:
        wall, cpu, beside, lines, queries = (
            now - then for now, then in zip(self.now(), since or self.began, strict=True)
        )
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        theirs = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            f"{self.lines:>7} {lines / wall:>8.0f}/s {lines / cpu:>8.0f}/s of processor "
            f"{1000 * cpu / lines:>6.2f} ms {queries / lines:>6.2f} queries "
            f"{most:>6.0f} MB, beside {beside:.1f} s {theirs:.0f} MB",
            flush=True,
        )

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return False


def run(folder: Path, number: int, options: list[str], profile: Path | None = None) -> None:
    parts = 4 if number >= 400 else 1
    meter = Meter({number * part // parts for part in range(1, parts + 1)})
    profiler = cProfile.Profile() if profile else None
    with connection.execute_wrapper(meter.query):
        if profiler:
            profiler.enable()
        call_command("import_articles", str(folder), "--publish", *options, stdout=meter)
        if profiler:
            profiler.disable()
            profiler.dump_stats(profile)
    print("in all")
    meter.tell(since=meter.start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("number", type=int, nargs="?", default=20_000)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--profile", type=Path)
    asked, options = parser.parse_known_args()
    call_command("migrate", verbosity=0)
    people, laboratories = register_records()
    folder = Path(FOLDER.name) / "articles"
    folder.mkdir()
    words = write_files(folder, asked.number, people, laboratories)
    print(f"{connection.vendor}, {asked.number} files, {words / asked.number:.0f} words each")
    run(folder, asked.number, options, asked.profile)
    print(
        f"{Post.objects.count()} stories, {PostEdition.objects.count()} editions, "
        f"{SearchEntry.objects.filter(kind='news').count()} entries of the search, "
        f"{PostEdition.people.through.objects.count()} people named"
    )
    if asked.again:
        print("the same files again")
        run(folder, asked.number, options)


if __name__ == "__main__":
    main()
