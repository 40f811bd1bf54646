"""What a list of news reads, at the same cost for a hundred articles and for a hundred thousand.

Three things grow with the number of articles where one does not take care: counting them, skipping
those of the pages before, and sorting. So nothing is counted beyond `NUMBERED`; pages up to there
have numbers, and those behind begin at a key, the last article of the page before; and every list,
also that of a laboratory or a topic, is read from an index in which it lies in its order.

Put into SQL by hand, because Django has no words for most of it and takes longer to compose the
rest than the database to answer.
"""

# What is put together below are names of our own tables; whatever a visitor asks is a parameter.
# ruff: noqa: S608

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from django.db import connections, router
from django.db.models import CharField, F, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast
from django.utils import timezone

from imagine_site.components.head import other_language
from imagine_site.components.prepared import Prepared
from labs.models import Laboratory, Theme
from news.filters import NewsFilter
from news.models import Kind, Listed, PostEdition, PostEditionQuerySet
from news.names import PERSON_NAME, bilingual_name
from news.reading import with_picture
from people.models import Researcher

#: Articles that are counted, and that stand on numbered pages: a multiple of all page sizes.
NUMBERED = 1_008

_EDITIONS, _LISTED = PostEdition._meta.db_table, Listed._meta.db_table


# -- The laboratory, person and topic asked for -------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """What a list is about; `other` is its address in the other language."""

    label: str
    slug: str
    other: str
    pk: int


def _subjects(
    language: str, lab: str, person: str, topic: str, after: int, at: datetime.datetime
) -> QuerySet:
    text = CharField()
    laboratories = (
        Laboratory.objects.public()
        .filter(**{f"slug_{language}": lab})
        .annotate(
            what=Value("lab", text),
            label=bilingual_name("name", language),
            here=F(f"slug_{language}"),
            there=F(f"slug_{other_language(language)}"),
        )
    )
    people = Researcher.objects.public().filter(slug=person)
    people = people.annotate(
        what=Value("person", text), label=PERSON_NAME, here=F("slug"), there=F("slug")
    )
    topics = Theme.objects.filter(slug=topic).annotate(
        what=Value("topic", text),
        label=bilingual_name("name", language),
        here=F("slug"),
        there=F("slug"),
    )
    keys = PostEdition.objects.in_language(language).filter(pk=after, live_from__lte=at)
    keys = keys.annotate(
        what=Value("after", text),
        label=Cast("date", text),
        here=Value("", text),
        there=Value("", text),
    )
    first, *rest = (
        rows.order_by().values_list("what", "label", "here", "there", "pk")
        for rows in (laboratories, people, topics, keys)
    )
    return first.union(*rest, all=True)


_SUBJECTS = Prepared(_subjects, lab=str, person=str, topic=str, after=int, at=datetime.datetime)


def find_subjects(asked: NewsFilter, language: str) -> dict[str, Subject]:
    """The public laboratory and person, the topic, and the article a page begins after, by
    parameter; one query, none where none of them is asked for."""
    if not (asked.lab or asked.person or asked.topic or asked.after):
        return {}
    rows = _SUBJECTS(
        language=language,
        lab=asked.lab,
        person=asked.person,
        topic=asked.topic,
        after=asked.after or 0,
        at=timezone.now(),
    )
    return {what: Subject(label.strip(), here, there, pk) for what, label, here, there, pk in rows}


# -- What is chosen, in the words of the database -----------------------------------------------


@dataclass(frozen=True, slots=True)
class Shape:
    """Which conditions a statement has; their values are its parameters."""

    subjects: int = 0
    kind: bool = False
    year: bool = False
    #: Which side of a key: "older" than it, or up to it.
    key: str = ""

    @property
    def source(self) -> str:
        return f"{_LISTED if self.subjects else _EDITIONS} AS e"

    @property
    def id(self) -> str:
        return "e.edition_id" if self.subjects else "e.id"

    def where(self, *more: str) -> tuple[str, tuple[str, ...]]:
        """The conditions, and the names of their values in their order."""
        parts, names = ["e.language = %s"], ["language"]
        for number in range(self.subjects):
            if number == 0:
                parts.append("e.subject = %s")
            else:
                parts.append(
                    f"EXISTS (SELECT 1 FROM {_LISTED} AS o WHERE o.edition_id = e.edition_id "
                    "AND o.subject = %s)"
                )
            names.append(f"subject_{number}")
        if self.kind:
            parts.append("e.kind = %s")
            names.append("kind")
        if self.year:
            parts.append("e.date >= %s AND e.date <= %s")
            names += ["first_day", "last_day"]
        if self.key == "older":
            parts.append(f"e.date <= %s AND (e.date < %s OR {self.id} < %s)")
            names += ["key_date", "key_date", "key_id"]
        elif self.key:
            parts.append(f"e.date >= %s AND (e.date > %s OR {self.id} >= %s)")
            names += ["key_date", "key_date", "key_id"]
        parts += ["e.live_from <= %s", "(e.live_until IS NULL OR e.live_until > %s)", *more]
        names += ["at", "at"]
        return " AND ".join(parts), tuple(names)


@dataclass(frozen=True, slots=True)
class Choice:
    """The articles of one list, at a moment."""

    language: str
    at: datetime.datetime
    kind: str = ""
    year: int | None = None
    #: References, the most selective first: the list of the first is read.
    subjects: tuple[str, ...] = ()
    #: Date and key of the article that the page begins after.
    key: tuple[str, int] | None = None

    @classmethod
    def of(cls, asked: NewsFilter, subjects: dict[str, Subject], language: str) -> Choice:
        references = (
            f"{kind}:{subjects[name].pk}"
            for name, kind in (("person", "researcher"), ("lab", "laboratory"), ("topic", "theme"))
            if name in subjects
        )
        key = subjects.get("after")
        return cls(
            language,
            timezone.now(),
            kind=asked.kind,
            year=asked.year,
            subjects=tuple(references),
            key=(key.label, key.pk) if key else None,
        )

    def shape(self, *, key: str = "") -> Shape:
        return Shape(len(self.subjects), bool(self.kind), bool(self.year), key if self.key else "")

    def values(self) -> dict[str, object]:
        found = {"language": self.language, "at": self.at, "kind": self.kind}
        if self.year:
            found |= {"first_day": f"{self.year}-01-01", "last_day": f"{self.year}-12-31"}
        if self.key:
            found |= {"key_date": self.key[0], "key_id": self.key[1]}
        return found | {f"subject_{place}": each for place, each in enumerate(self.subjects)}


def _asked(sql: str, names: tuple[str, ...], values: dict[str, object]) -> list[tuple]:
    connection = connections[router.db_for_read(PostEdition)]
    adapt = connection.ops.adapt_datetimefield_value
    values = values | {"at": adapt(values["at"])}
    with connection.cursor() as cursor:
        cursor.execute(sql, [values[name] for name in names])
        return cursor.fetchall()


# -- A page's rows ------------------------------------------------------------------------------

_TYPES = {"key_id": int, "limit": int, "offset": int, "at": datetime.datetime}


#: What neither a card nor a reader of feeds needs, and the long texts, which cards do without.
_NEVER, _TEXTS = ("body", "text"), ("html", "html_later", "quotes")


@lru_cache(maxsize=64)
def _page(shape: Shape, *, texts: bool) -> Prepared:
    where, names = shape.where()

    def beginning(_vendor: str) -> tuple[str, tuple[str, ...]]:
        return (
            f"WITH page AS (SELECT {shape.id} AS id FROM {shape.source} WHERE {where} "
            f"ORDER BY e.date DESC, {shape.id} DESC LIMIT %s OFFSET %s) ",
            (*names, "limit", "offset"),
        )

    def build(language: str) -> PostEditionQuerySet:
        editions = PostEdition.objects.filter(pk__in=RawSQL("SELECT id FROM page", ()))
        return with_picture(editions.order_by()).defer(*_NEVER, *(() if texts else _TEXTS))

    unknown = {name: _TYPES.get(name, str) for name in names if name != "language"}
    return Prepared(build, beginning=beginning, **unknown, limit=int, offset=int)


def cards(choice: Choice, *, size: int, offset: int = 0) -> list[PostEdition]:
    """The editions of a page, the newest first, as cards need them; one query."""
    return _read(choice, texts=False, size=size, offset=offset)


def with_texts(choice: Choice, *, size: int) -> list[PostEdition]:
    """The newest editions, with their texts as they are shown; one query."""
    return _read(choice, texts=True, size=size, offset=0)


def _read(choice: Choice, *, texts: bool, size: int, offset: int) -> list[PostEdition]:
    read = _page(choice.shape(key="older"), texts=texts)
    rows = read(**choice.values(), limit=size, offset=offset)
    # Read by their keys, a page at a time: quicker sorted here.
    return sorted(rows, key=lambda edition: (edition.date, edition.pk), reverse=True)


# -- What there is ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Overview:
    """What the frame of a list says: how many, and which kinds, years and topics there are."""

    #: Up to `NUMBERED` + 1, which stands for all beyond.
    total: int
    #: Of those, how many stand before the page that begins after a key.
    above: int
    kinds: frozenset[str]
    #: Of any kind, and of the kind asked for.
    years: tuple[int, ...]
    years_of_kind: tuple[int, ...]
    topics: tuple[tuple[str, str], ...]


@lru_cache(maxsize=64)
def _overview(shape: Shape, language: str, vendor: str) -> tuple[str, tuple[str, ...]]:
    parts: list[str] = []
    names: list[str] = []
    ctes: list[str] = []
    cte_names: list[str] = []

    def count(what: str, counted: Shape) -> None:
        where, values = counted.where()
        parts.append(
            f"SELECT '{what}', CAST(count(*) AS varchar), '' FROM "
            f"(SELECT 1 FROM {counted.source} WHERE {where} LIMIT {NUMBERED + 1}) AS {what}"
        )
        names.extend(values)

    def years(name: str, counted: Shape) -> None:
        # From year to year by the index, however many articles lie between.
        where, values = counted.where()
        earlier = "e.date < years.year || '-01-01'"
        if vendor == "postgresql":
            earlier = "e.date < CAST(years.year || '-01-01' AS date)"
        latest = (
            f"SELECT substr(CAST(e.date AS varchar), 1, 4) FROM {counted.source} WHERE {where}"
            "{} ORDER BY e.date DESC LIMIT 1"
        )
        before = latest.format(f" AND {earlier}".replace("years.", f"{name}."))
        ctes.append(
            f"{name}(year) AS (SELECT ({latest.format('')}) UNION ALL SELECT ({before}) "
            f"FROM {name} WHERE {name}.year IS NOT NULL)"
        )
        cte_names.extend([*values, *values])
        parts.append(f"SELECT '{name}', year, '' FROM {name} WHERE year IS NOT NULL")

    count("total", replace(shape, key=""))
    if shape.key:
        count("above", replace(shape, key="newer"))
    whole = Shape(subjects=shape.subjects)
    years("years", whole)
    if shape.kind:
        years("years_of_kind", replace(whole, kind=True))
    where, values = whole.where()
    for kind in Kind.values:
        parts.append(
            f"SELECT 'kind', '{kind}', '' WHERE EXISTS "
            f"(SELECT 1 FROM {whole.source} WHERE {where} AND e.kind = '{kind}')"
        )
        names.extend(values)
    where, values = Shape().where()
    other = other_language(language)
    parts.append(
        f"SELECT 'topic', t.slug, COALESCE(NULLIF(t.name_{language}, ''), t.name_{other}) "
        f"FROM {Theme._meta.db_table} AS t WHERE EXISTS (SELECT 1 FROM {_LISTED} AS e "
        f"WHERE e.subject = 'theme:' || t.id AND {where})"
    )
    names.extend(values)
    sql = f"WITH RECURSIVE {', '.join(ctes)} {' UNION ALL '.join(parts)}"
    return sql, (*cte_names, *names)


def overview(choice: Choice) -> Overview:
    """One query."""
    vendor = connections[router.db_for_read(PostEdition)].vendor
    sql, names = _overview(choice.shape(key="older"), choice.language, vendor)
    found: dict[str, list[tuple[str, str]]] = {}
    for what, value, label in _asked(sql, names, choice.values()):
        found.setdefault(what, []).append((value, label))

    def years_in(name: str) -> tuple[int, ...]:
        return tuple(sorted((int(year) for year, _ in found.get(name, ())), reverse=True))

    years = years_in("years")
    return Overview(
        total=int(found["total"][0][0]),
        above=int(found["above"][0][0]) if "above" in found else 0,
        kinds=frozenset(kind for kind, _ in found.get("kind", ())),
        years=years,
        years_of_kind=years_in("years_of_kind") if choice.kind else years,
        topics=tuple(sorted(found.get("topic", ()), key=lambda row: (row[1], row[0]))),
    )


def numbers_by_year(choice: Choice) -> dict[int, int]:
    """How many articles there are of each year, the latest first, among the `NUMBERED` latest."""
    shape = choice.shape()
    where, names = shape.where()
    sql = (
        f"SELECT substr(CAST(e.date AS varchar), 1, 4) FROM {shape.source} WHERE {where} "
        f"ORDER BY e.date DESC, {shape.id} DESC LIMIT {NUMBERED}"
    )
    years = (int(year) for (year,) in _asked(sql, names, choice.values()))
    return dict(Counter(years))


def newer_key(choice: Choice, *, size: int) -> int | None:
    """The key after which the page before this one begins; None where it is the first."""
    shape = choice.shape(key="newer")
    where, names = shape.where()
    sql = (
        f"SELECT {shape.id} FROM {shape.source} WHERE {where} "
        f"ORDER BY e.date ASC, {shape.id} ASC LIMIT 1 OFFSET {int(size)}"
    )
    found = _asked(sql, names, choice.values())
    return found[0][0] if found else None


def by_year(rows: list) -> Iterator[tuple[int, list]]:
    """Pairs that begin with an edition, by its year."""
    for year, group in groupby(rows, lambda row: row[0].date.year):
        yield year, list(group)
