"""An invented institute of any size: who is in it, and what its articles say.

Nothing here touches the database. The same plan gives the same institute, word for word, and the
article of a number does not depend on how many processes make the others.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random
from zoneinfo import ZoneInfo

from imagine_site.documents import Document, Element, Text
from imagine_site.sample.vocabulary import Vocabulary, parts, vocabulary
from news.models import Kind

PARIS = ZoneInfo("Europe/Paris")
LANGUAGES = ("en", "fr")

#: Shares of the kinds of articles; how many are visits is said by the plan.
_KINDS = {
    Kind.NEWS: 55,
    Kind.PRESS: 14,
    Kind.AWARD: 10,
    Kind.PORTRAIT: 8,
    Kind.PUBLICATION: 13,
}

_TITLES = [
    ("Research director", "Directrice de recherche"),
    ("Physician", "Médecin"),
    ("Engineer", "Ingénieure"),
    ("Doctoral student", "Doctorant"),
    ("Professor of genetics", "Professeure de génétique"),
    ("Research technician", "Technicien de recherche"),
]
_FOUNDERS = [
    ("Assistance Publique – Hôpitaux de Paris", "AP-HP"),
    ("Institut national de la santé et de la recherche médicale", "Inserm"),
    ("Université Paris Cité", ""),
    ("AFM-Téléthon", ""),
    ("Fondation des Hôpitaux", ""),
    ("Ville de Paris", ""),
]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything; `until` is the day of the newest article."""

    articles: int
    people: int
    laboratories: int
    startups: int
    visits: int
    images: int
    drafts: int
    until: datetime.date
    years: int = 20
    seed: str = "imagine"

    def chance(self, *what: object) -> Random:
        """Random numbers of one thing, the same every time."""
        return Random(":".join(map(str, (self.seed, *what))))  # noqa: S311 - nothing secret

    def moment(self, number: float) -> datetime.datetime:
        """When the article of a number went live: by day, the oldest first, evenly over the years.

        In working hours, and later than the one before it.
        """
        days = self.years * 365
        place = number * days / self.articles
        day = self.until - datetime.timedelta(days=days - 1 - int(place))
        start = datetime.datetime.combine(day, datetime.time(8), PARIS)
        return (start + datetime.timedelta(seconds=int((place % 1) * 36_000))).astimezone(
            datetime.UTC
        )


# -- The register -------------------------------------------------------------------------------


def _given(chance: Random) -> str:
    return chance.choice(parts()["given_names"])


def _family(chance: Random) -> str:
    return chance.choice(parts()["family_beginnings"]) + chance.choice(parts()["family_endings"])


def names(plan: Plan) -> list[tuple[str, str]]:
    """Given and family names, each pair once."""
    chance = plan.chance("names")
    found: dict[tuple[str, str], None] = {}
    while len(found) < plan.people:
        family = _family(chance)
        if chance.random() < 0.1:
            family += f"-{_family(chance)}"
        given = _given(chance)
        if chance.random() < 0.1:
            given += f"-{_given(chance)}"
        found[given, family] = None
    return list(found)


def titles(chance: Random) -> tuple[str, str]:
    return chance.choice(_TITLES)


def topics() -> list[tuple[str, str, str]]:
    """Address, English and French name."""
    found = []
    for pair in parts()["topics"]:
        english, french = pair.split("/")
        names = (name.replace("-", " ").capitalize() for name in (english, french))
        found.append((english, *names))
    return found


def founders() -> list[tuple[str, str]]:
    return _FOUNDERS


def phrases(chance: Random, least: int, most: int) -> dict[str, str]:
    """A few words on a subject in each language, with a capital."""
    number = chance.randint(least, most)
    found = {}
    for language in LANGUAGES:
        words = " ".join(vocabulary(language).subjects(chance, number))
        found[language] = words[:1].upper() + words[1:]
    return found


def paragraph(chance: Random, language: str, words: int) -> str:
    return " ".join(_sentences(chance, vocabulary(language), words))


# -- Articles -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """What articles can name: keys of the library's pictures and of the register's records, with
    the name shown in a text, in each language."""

    images: tuple[int, ...]
    laboratories: tuple[tuple[int, dict[str, str]], ...]
    people: tuple[tuple[int, dict[str, str]], ...]
    startups: tuple[tuple[int, dict[str, str]], ...]
    themes: tuple[int, ...]
    founding_members: tuple[int, ...]
    #: Accounts that write and publish: key and name.
    editors: tuple[tuple[int, str], ...] = ()

    @staticmethod
    def one(chance: Random, rows: tuple):
        """One of them; the first ones much more often, as in life."""
        return rows[int(len(rows) * chance.random() ** 2)]


@dataclass(frozen=True)
class Invented:
    """An article in both languages, before it is a row."""

    number: int
    plan: Plan
    names: Names

    @cached_property
    def _chance(self) -> Random:
        return self.plan.chance("article", self.number)

    @cached_property
    def values(self) -> dict:
        """The fields of the working copy that are no text in a language."""
        chance = self._chance
        kind = self.kind
        image = chance.random() < 0.8 and self.names.images
        doi = f"10.{chance.randint(1000, 9999)}/imagine.{self.number}"
        return {
            "kind": kind,
            "date": self.at.astimezone(PARIS).date(),
            "lead_image_id": Names.one(chance, self.names.images) if image else None,
            "dois": doi if kind == Kind.PUBLICATION else "",
        }

    @cached_property
    def at(self) -> datetime.datetime:
        """When it went live, or was last saved: drafts are from the last weeks."""
        number = self.number
        if number >= self.plan.articles:
            number = self.plan.articles * (1 - self.plan.chance("draft", number).random() / 100)
        return self.plan.moment(number)

    @cached_property
    def editor(self) -> tuple[int | None, str]:
        """Who wrote and published it: key and name of an account."""
        editors = self.names.editors
        return self.plan.chance("editor", self.number).choice(editors) if editors else (None, "")

    @cached_property
    def kind(self) -> str:
        every = self.plan.visits and max(1, self.plan.articles // self.plan.visits)
        if every and self.number % every == 0 and self.number // every < self.plan.visits:
            return Kind.VISIT
        return self._chance.choices(list(_KINDS), list(_KINDS.values()))[0]

    @cached_property
    def relations(self) -> dict[str, list[int]]:
        """Keys of what the editor chose, by the field of the working copy."""
        chance, names = self.plan.chance("about", self.number), self.names

        def some(rows: tuple, *shares: float) -> list[int]:
            number = sum(chance.random() < share for share in shares) if rows else 0
            chosen = (Names.one(chance, rows) for _ in range(number))
            keys = (row[0] if isinstance(row, tuple) else row for row in chosen)
            return list(dict.fromkeys(keys))

        return {
            "laboratories": some(names.laboratories, 0.8, 0.2),
            "people": some(names.people, 0.8, 0.4, 0.2),
            "startups": some(names.startups, 0.06),
            "founding_members": some(names.founding_members, 0.05),
            "themes": some(names.themes, 0.9, 0.3),
        }

    @cached_property
    def visit(self) -> dict | None:
        """Where a visit took place, what was announced, and the guests."""
        if self.kind != Kind.VISIT:
            return None
        chance = self.plan.chance("visit", self.number)
        guests = [
            (f"{_given(chance)} {_family(chance)}", phrases(chance, 2, 5))
            for _ in range(chance.randint(1, 3))
        ]
        announced = {
            language: paragraph(chance, language, 25) if chance.random() < 0.5 else ""
            for language in LANGUAGES
        }
        return {"place": phrases(chance, 1, 3), "announced": announced, "guests": guests}

    def texts(self, language: str) -> tuple[str, str, Document]:
        """Title, summary and body; the other language has the same parts in other words."""
        chance = self.plan.chance("text", self.number, language)
        known = vocabulary(language)
        title = " ".join(known.subjects(chance, chance.randint(4, 9)))
        title = f"{title[:1].upper()}{title[1:]}"[:200]
        summary = " ".join(_sentences(chance, known, chance.randint(20, 45)))
        return title, summary, Document(tuple(self._blocks(chance, known, language)))

    def _blocks(self, chance: Random, known: Vocabulary, language: str) -> Iterator[Element]:
        shape = self.plan.chance("shape", self.number)
        left = int(shape.triangular(150, 600, 260)) - 30
        yield _p(chance, known, 40)
        left -= 40
        for _section in range(shape.randint(1, 4)):
            heading = " ".join(known.subjects(chance, shape.randint(2, 6)))
            yield Element("h2", (), (Text(f"{heading[:1].upper()}{heading[1:]}"),))
            for _paragraph in range(shape.randint(1, 3)):
                length = min(max(15, left // 3), shape.randint(30, 90))
                left -= length
                yield self._paragraph(chance, shape, known, length, language)
            if self.names.images and shape.random() < 0.35:
                yield self._figure(chance, shape, known)
            if shape.random() < 0.2:
                items = [" ".join(known.draw(chance, shape.randint(4, 12))) for _ in range(3)]
                yield Element("ul", (), tuple(Element("li", (), (Text(item),)) for item in items))
            if left < 30:
                break
        if self.names.people and shape.random() < 0.5:
            yield self._quote(chance, shape, known, language)
        if left >= 30:
            yield _p(chance, known, min(left, 120))

    def _paragraph(
        self, chance: Random, shape: Random, known: Vocabulary, length: int, language: str
    ) -> Element:
        """With a link to a record, to elsewhere, or a note, now and then."""
        sentences = _sentences(chance, known, length)
        drawn = shape.random()
        if drawn < 0.35 and (self.names.laboratories or self.names.people):
            rows, kind = shape.choice(
                [
                    each
                    for each in (
                        (self.names.people, "researcher"),
                        (self.names.laboratories, "laboratory"),
                    )
                    if each[0]
                ]
            )
            pk, label = Names.one(shape, rows)
            inner = Element("a", (("data-record", f"{kind}:{pk}"),), (Text(label[language]),))
        elif drawn < 0.5:
            target = f"https://doi.org/10.1000/{shape.randint(1000, 99_999)}"
            inner = Element("a", (("href", target),), (Text(" ".join(known.draw(chance, 2))),))
        elif drawn < 0.58:
            note = " ".join(_sentences(chance, known, 12))
            inner = Element("span", (("data-footnote", ""),), (Text(note),))
            return Element("p", (), (Text(" ".join(sentences)), inner))
        elif drawn < 0.75:
            inner = Element("strong", (), (Text(" ".join(known.draw(chance, 2))),))
        else:
            return Element("p", (), (Text(" ".join(sentences)),))
        first, rest = sentences[0], " ".join(sentences[1:])
        return Element("p", (), (Text(f"{first} "), inner, Text(f". {rest}".rstrip())))

    def _figure(self, chance: Random, shape: Random, known: Vocabulary) -> Element:
        attributes = (("data-image", str(Names.one(shape, self.names.images))),)
        if shape.random() < 0.2:
            attributes += (("data-width", "wide"),)
        caption = Text(" ".join(_sentences(chance, known, 10)))
        return Element("figure", attributes, (Element("figcaption", (), (caption,)),))

    def _quote(self, chance: Random, shape: Random, known: Vocabulary, language: str) -> Element:
        pk, label = Names.one(shape, self.names.people)
        role = " ".join(known.subjects(chance, 3))
        footer = (
            Element("cite", (("data-record", f"researcher:{pk}"),), (Text(label[language]),)),
            Element("span", (), (Text(role),)),
        )
        said = _p(chance, known, shape.randint(15, 40))
        return Element("blockquote", (), (said, Element("footer", (), footer)))


def _sentences(chance: Random, known: Vocabulary, words: int) -> list[str]:
    """A running text of so many words, cut into sentences."""
    drawn, found, start = known.draw(chance, words), [], 0
    while start < words:
        end = start + int(8 + chance.random() * 16)
        if words - end < 5:
            end = words
        part = drawn[start:end]
        if len(part) > 12:
            part[6] += ","
        sentence = " ".join(part)
        found.append(f"{sentence[:1].upper()}{sentence[1:]}.")
        start = end
    return found


def _p(chance: Random, known: Vocabulary, words: int) -> Element:
    return Element("p", (), (Text(" ".join(_sentences(chance, known, words))),))
