"""Fill an empty database with an invented institute: the rows that saving and publishing one by one
would have left, written many at once.

Bodies are rendered by the code that publishing renders with, read into words by that of the search,
and made into rows by the models' own fields; what is left out is only the asking (is the address
free, is there an edition before), because nothing is there yet. `tests/sample` publishes one of the
articles by the verb and compares every column.

Several processes make the rows; one writes them, because SQLite has one writer.
"""

from __future__ import annotations

import io
import itertools
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, connections, models, transaction
from django.utils import translation

from imagine_site.documents import (
    Document,
    plain_text,
    quotes,
    references,
    render,
    serialise,
    words,
)
from imagine_site.editing.versions import inner_row
from imagine_site.images.models import Image, shown
from imagine_site.pages.models import Page
from imagine_site.publishing.actions import publish
from imagine_site.publishing.models import Event
from imagine_site.register.models import Record
from imagine_site.register.names import address_from
from imagine_site.register.references import RecordLink, split
from imagine_site.sample import draw, institute
from imagine_site.sample.content import CREDIT, LICENCE
from imagine_site.sample.institute import LANGUAGES, Invented, Names, Plan
from imagine_site.search import actions as search
from imagine_site.search import sources
from imagine_site.search.models import SearchEntry, SearchWord
from labs.models import FundingRound, Laboratory, Membership, StartUp, Theme
from news.models import Guest, Post, PostEdition, Visit
from news.searched import SOURCE, entry_of
from people.models import FoundingMember, Position, Researcher

#: Articles that one process makes before it hands them over, and that are written in one go.
BATCH = 250
#: Pixels: shown in lists and texts, and drawn in a moment.
PICTURE_WIDTH = 480

Say = Callable[[str], object]


class NotEmpty(Exception):
    """The database has stories or a register already."""


@dataclass
class Filled:
    """What was written, and how fast."""

    articles: int = 0
    editions: int = 0
    seconds: float = 0.0
    #: Of all processes.
    cpu_seconds: float = 0.0

    @property
    def rate(self) -> float:
        return self.articles / self.seconds if self.seconds else 0.0


def fill(
    plan: Plan, *, processes: int | None = None, scale: float = 1, say: Say = lambda _line: None
) -> Filled:
    """Write the institute of a plan. Raises `NotEmpty` where there is something already.

    `processes` are those that make rows (all the machine has, unless said); 0 makes them here.
    `scale` makes smaller pictures.
    """
    kept = (Post, Page, Researcher, Laboratory, StartUp, FoundingMember, Theme, Event)
    history = (Post.history.model, Researcher.history.model)
    for model in (*kept, *history):
        if model._base_manager.exists():
            raise NotEmpty(str(model._meta.verbose_name_plural))
    began, cpu = time.monotonic(), _cpu()
    images = _pictures(plan, scale=scale, say=say)
    with transaction.atomic():
        names = _register(plan, images)
        _pages(plan)
    say(f"Register: {plan.people} people, {plan.laboratories} laboratories")
    filled, began_articles = Filled(), time.monotonic()
    known: Counter[tuple[str, str]] = Counter()
    for rows in _made(plan, names, processes):
        with transaction.atomic():
            rows.write()
        known.update(rows.words)
        filled.articles += rows.articles
        filled.editions += rows.editions
        rate = filled.articles / (time.monotonic() - began_articles)
        of = plan.articles + plan.drafts
        say(f"{filled.articles:,} of {of:,} articles, {rate:,.0f}/s")
    with transaction.atomic():
        _count_words(known)
        _reset_sequences()
    filled.seconds, filled.cpu_seconds = time.monotonic() - began, _cpu() - cpu
    return filled


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


@contextmanager
def _at_full_speed() -> Iterator[None]:
    """Without waiting for the disk: whoever loses power while filling begins again."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        (before,) = cursor.fetchone()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.execute("PRAGMA cache_size=-200000")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA synchronous={int(before)}")


def _reset_sequences() -> None:
    """Keys were given, not drawn: PostgreSQL is told where to go on."""
    statements = connection.ops.sequence_reset_sql(no_style(), [Post, PostEdition])
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _count_words(known: Counter[tuple[str, str]]) -> None:
    """The words of the articles beside those of the register, which are there already."""
    before = {(row.language, row.word): row.entries for row in SearchWord.objects.iterator()}
    known.update(before)
    SearchWord.objects.all().delete()
    search.write_words(known)


# -- Pictures, register, pages ------------------------------------------------------------------


def _pictures(plan: Plan, *, scale: float, say: Say) -> list[Image]:
    """A handful of drawn pictures, in sizes of their own, shared by all articles."""
    motifs = list(draw.MOTIFS)
    found = []
    for number in range(plan.images):
        motif = motifs[number % len(motifs)]
        width = max(96, round(PICTURE_WIDTH * scale)) + 16 * (number // len(motifs))
        file = io.BytesIO()
        draw.draw(motif, width=width).save(file, "PNG", compress_level=1)
        file.name = f"{motif}-{number}.png"
        chance = plan.chance("picture", number)
        said = institute.phrases(chance, 4, 8)
        found.append(
            Image.add(
                file,
                credit=CREDIT,
                licence=LICENCE,
                alt_en=said["en"],
                alt_fr=said["fr"],
            )
        )
        say(f"Picture {number + 1} of {plan.images}")
    return found


def _register(plan: Plan, images: list[Image]) -> Names:
    """Records with their versions, relations and entries of the search."""
    themes = _kept(
        Theme(slug=slug, name_en=english, name_fr=french)
        for slug, english, french in institute.topics()
    )
    members = _kept(
        FoundingMember(
            name_en=name,
            name_fr=name,
            short_name=short,
            slug=address_from(short or name),
            order=order,
            since="2007",
        )
        for order, (name, short) in enumerate(institute.founders(), 1)
    )
    laboratories = _kept(_laboratory(plan, number, images) for number in range(plan.laboratories))
    people = _kept(_people(plan, images))
    startups = _kept(_startup(plan, number) for number in range(plan.startups))
    _beside(plan, themes, laboratories, people, startups)
    for model in (Laboratory, Researcher, FoundingMember, StartUp):
        source = sources.of_model(model)
        pks = list(model.objects.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(pks), 500):
            search.refresh(source, pks[start : start + 500])
    editors = get_user_model().objects.filter(is_staff=True, is_active=True).order_by("pk")
    return Names(
        images=tuple(image.pk for image in images),
        laboratories=tuple((each.pk, _in_languages(each)) for each in laboratories),
        people=tuple((each.pk, _in_languages(each)) for each in people),
        startups=tuple((each.pk, _in_languages(each)) for each in startups),
        themes=tuple(theme.pk for theme in themes),
        founding_members=tuple(member.pk for member in members),
        editors=tuple((user.pk, user.get_full_name() or user.get_username()) for user in editors),
    )


def _in_languages(record: Record) -> dict[str, str]:
    found = {}
    for language in LANGUAGES:
        with translation.override(language):
            found[language] = str(record)
    return found


def _kept(records: Iterable[models.Model]) -> list:
    """Saved as by `save()`: first version, in the history."""
    records = list(records)
    for record in records:
        record.version = 1
    if not records:
        return []
    model = type(records[0])
    model.objects.bulk_create(records, batch_size=500)
    model.history.bulk_history_create(records, batch_size=500)
    return records


def _laboratory(plan: Plan, number: int, images: list[Image]) -> Laboratory:
    chance = plan.chance("laboratory", number)
    said = institute.phrases(chance, 3, 6)
    study = {code: institute.paragraph(chance, code, 25) for code in LANGUAGES}
    science = {code: institute.paragraph(chance, code, 80) for code in LANGUAGES}
    return Laboratory(
        **{f"name_{code}": text for code, text in said.items()},
        **{f"slug_{code}": f"{address_from(text)}-{number}" for code, text in said.items()},
        **{f"we_study_{code}": text for code, text in study.items()},
        **{f"description_{code}": text for code, text in science.items()},
        image=images[number % len(images)] if images else None,
        opened=str(plan.until.year - plan.years + number % plan.years),
    )


def _people(plan: Plan, images: list[Image]) -> Iterator[Researcher]:
    taken: Counter[str] = Counter()
    for number, (given, family) in enumerate(institute.names(plan)):
        chance = plan.chance("person", number)
        address = address_from(f"{given} {family}")
        taken[address] += 1
        if taken[address] > 1:
            address = f"{address}-{taken[address]}"
        said = chance.random() < 0.3
        yield Researcher(
            given_name=given,
            family_name=family,
            slug=address,
            biography_en=institute.paragraph(chance, "en", 50) if said else "",
            biography_fr=institute.paragraph(chance, "fr", 50) if said else "",
            photo=chance.choice(images) if images and chance.random() < 0.2 else None,
        )


def _startup(plan: Plan, number: int) -> StartUp:
    chance = plan.chance("startup", number)
    name, field_of, said = (institute.phrases(chance, 1, most) for most in (1, 3, 40))
    return StartUp(
        name=f"{name['en']} {number}",
        slug=f"{address_from(name['en'])}-{number}",
        origin=StartUp.Origin.SPIN_OFF,
        founded=plan.until.year - chance.randrange(plan.years),
        **{f"field_{code}": text for code, text in field_of.items()},
        **{f"description_{code}": text for code, text in said.items()},
    )


def _beside(plan: Plan, themes: list, laboratories: list, people: list, startups: list) -> None:
    """Who is what, and where, since when; which subjects; who founded what."""
    chance = plan.chance("beside")
    positions, memberships = [], []
    for person in people:
        since = plan.until.year - chance.randrange(plan.years)
        english, french = institute.titles(chance)
        until = str(min(plan.until.year - 1, since + 4)) if chance.random() < 0.4 else ""
        until = until if until > str(since) else ""
        positions.append(
            Position(
                researcher=person, title_en=english, title_fr=french, since=str(since), until=until
            )
        )
        if laboratories:
            memberships.append(
                Membership(
                    researcher=person,
                    laboratory=chance.choice(laboratories),
                    role=Membership.Role.MEMBER,
                    since=str(since),
                    until=until,
                )
            )
    for laboratory, head in zip(laboratories, people, strict=False):
        memberships.append(
            Membership(
                researcher=head, laboratory=laboratory, role=Membership.Role.HEAD, since="2010"
            )
        )
    Position.objects.bulk_create(positions, batch_size=500)
    Membership.objects.bulk_create(memberships, batch_size=500)
    for laboratory in laboratories:
        laboratory.themes.set(chance.sample(themes, 2))
    for startup in startups:
        if laboratories:
            startup.laboratories.add(chance.choice(laboratories))
        if people:
            startup.founders.add(chance.choice(people[: len(people) // 10 + 1]))
    FundingRound.objects.bulk_create(
        FundingRound(
            startup=startup,
            label="Series A",
            date=str(startup.founded),
            amount=chance.randint(1, 40) * 500_000,
        )
        for startup in startups
    )


def _pages(plan: Plan) -> None:
    """A few institutional pages, through the verbs: they are few."""
    for number, menu in enumerate(("main", "main", "main", "footer", "footer")):
        chance = plan.chance("page", number)
        title = institute.phrases(chance, 1, 3)
        page = Page(
            menu=menu,
            menu_order=number,
            **{f"title_{code}": text for code, text in title.items()},
            **{
                f"{name}_{code}": wrapped.format(institute.paragraph(chance, code, length))
                for code in LANGUAGES
                for name, wrapped, length in (("summary", "{}", 20), ("body", "<p>{}</p>", 200))
            },
        )
        page.save()
        for code in LANGUAGES:
            publish(page, language=code, by=None)


# -- Articles -----------------------------------------------------------------------------------


class _Table:
    """A model's columns and how its values are written to them."""

    def __init__(self, model: type[models.Model], *, without: tuple[str, ...] = ()):
        self.model = model
        self.fields = [
            field for field in model._meta.concrete_fields if field.attname not in without
        ]
        self._values = [
            (field.get_db_prep_save, attrgetter(field.attname)) for field in self.fields
        ]

    def row(self, instance: Any) -> tuple:
        return tuple(prepare(value(instance), connection) for prepare, value in self._values)

    def write(self, rows: list[tuple]) -> None:
        quote = connection.ops.quote_name
        table = quote(self.model._meta.db_table)
        columns = ", ".join(quote(field.column) for field in self.fields)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
                return
            places = ", ".join(["%s"] * len(self.fields))
            cursor.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608 - our own names
                rows,
            )


@lru_cache(maxsize=1)
def _tables() -> dict[str, _Table]:
    """In the order in which they are written: what is pointed to first."""
    tables = {
        "post": _Table(Post),
        "history": _Table(Post.history.model, without=("history_id",)),
        "visit": _Table(Visit, without=("id",)),
        "guest": _Table(Guest, without=("id",)),
        "edition": _Table(PostEdition),
        "event": _Table(Event, without=("id",)),
        "search": _Table(SearchEntry, without=("id",)),
    }
    for model in (Post, PostEdition):
        for relation in model._meta.local_many_to_many:
            through = relation.remote_field.through
            tables[f"{model._meta.model_name}.{relation.name}"] = _Table(through, without=("id",))
    return tables


@dataclass
class _Rows:
    """A batch: finished rows by table, and in how many entries of the search each word stands."""

    rows: dict[str, list[tuple]] = field(default_factory=dict)
    words: Counter[tuple[str, str]] = field(default_factory=Counter)
    articles: int = 0
    editions: int = 0

    def add(self, table: str, *instances: models.Model) -> None:
        row = _tables()[table].row
        self.rows.setdefault(table, []).extend(row(instance) for instance in instances)

    def relate(self, instance: models.Model, name: str, keys: Iterable[int]) -> None:
        relation = instance._meta.get_field(name)
        own, other = relation.m2m_column_name(), relation.m2m_reverse_name()
        through = relation.remote_field.through
        table = f"{instance._meta.model_name}.{name}"
        self.add(table, *(through(**{own: instance.pk, other: key}) for key in keys))

    def write(self) -> None:
        for name, table in _tables().items():
            if rows := self.rows.get(name):
                table.write(rows)


def _made(plan: Plan, names: Names, processes: int | None) -> Iterator[_Rows]:
    """Batches in the order of their articles, a few ahead of whoever writes them."""
    processes = os.cpu_count() or 1 if processes is None else processes
    numbers = range(plan.articles + plan.drafts)
    batches = (numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH))
    maker = _Maker(plan, names, _Library.of(names))
    if not processes:
        with _at_full_speed():
            yield from map(maker.batch, batches)
        return
    # Children look nothing up. They inherit what is known, and no open connection.
    connections.close_all()
    with ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("fork"),
        initializer=_begin,
        initargs=(maker,),
    ) as pool:
        waiting = [pool.submit(_batch, batch) for batch in itertools.islice(batches, 2 * processes)]
        with _at_full_speed():
            while waiting:
                yield waiting.pop(0).result()
                waiting += [pool.submit(_batch, batch) for batch in itertools.islice(batches, 1)]


_maker: _Maker


def _begin(maker: _Maker) -> None:
    global _maker
    _maker = maker


def _batch(numbers: range) -> _Rows:
    return _maker.batch(numbers)


class _Library:
    """Answers the renderer as `publishing.rendering.LibraryResolver` does, from what is known."""

    def __init__(self, images: dict[int, Image], links: dict[str, dict[str, RecordLink]]):
        self.images, self.links, self.language = images, links, LANGUAGES[0]

    @classmethod
    def of(cls, names: Names) -> _Library:
        links: dict[str, dict[str, RecordLink]] = {}
        for language in LANGUAGES:
            with translation.override(language):
                links[language] = {
                    record.reference: RecordLink(str(record), record.get_absolute_url())
                    for model in (Researcher, Laboratory)
                    for record in model.objects.public()
                }
        return cls(Image.objects.in_bulk(names.images), links)

    def image(self, pk: int) -> Image | None:
        return shown(self.images.get(pk))

    def record(self, reference: str) -> RecordLink | None:
        return self.links[self.language].get(reference)

    def file(self, pk: int) -> None:
        return None


#: Which relation of an article a reference in its text adds to.
_MENTIONED = {"researcher": "people", "laboratory": "laboratories"}


class _Maker:
    """Makes the rows of articles."""

    def __init__(self, plan: Plan, names: Names, library: _Library):
        self.plan, self.names, self.library = plan, names, library
        self.story_type = ContentType.objects.get_for_model(Post).pk

    def batch(self, numbers: range) -> _Rows:
        rows = _Rows()
        for number in numbers:
            self._article(Invented(number, self.plan, self.names), rows)
        return rows

    def _article(self, invented: Invented, rows: _Rows) -> None:
        editor, editor_name = invented.editor
        is_public = invented.number < self.plan.articles
        texts = {language: invented.texts(language) for language in LANGUAGES}
        post = Post(
            id=invented.number + 1,
            version=1,
            created_at=invented.at,
            updated_at=invented.at,
            edited_by_id=editor,
            **{key: value for key, value in invented.values.items() if key != "lead_image_id"},
        )
        post.lead_image = self.library.images.get(invented.values["lead_image_id"])
        for language, (title, summary, _document) in texts.items():
            setattr(post, f"title_{language}", title)
            setattr(post, f"summary_{language}", summary)
            if is_public:
                address = address_from(title, at_most=120)
                setattr(post, f"slug_{language}", f"{address}-{invented.number}")
        visit, guests = self._visit(post, invented)
        # The bodies come after it: to read them again takes as long as all the rest.
        snapshots = {language: post.snapshot(language) for language in LANGUAGES}
        for language, (_title, _summary, document) in texts.items():
            setattr(post, f"body_{language}", serialise(document))
        if is_public:
            post.companions = {
                **{name: sorted(keys) for name, keys in invented.relations.items()},
                "visit": [inner_row(visit, "post")] if visit else [],
                "guests": [inner_row(guest, "post") for guest in guests],
            }
        rows.add("post", post)
        for name, keys in invented.relations.items():
            rows.relate(post, name, keys)
        rows.add("history", self._version(post))
        if visit:
            rows.add("visit", visit)
            rows.add("guest", *guests)
        rows.articles += 1
        if not is_public:
            return
        for place, language in enumerate(LANGUAGES):
            _title, _summary, document = texts[language]
            edition = self._edition(post, language, document, snapshots[language])
            edition.id = 2 * invented.number + place + 1
            rows.add("edition", edition)
            for name, keys in self._relations(invented, document).items():
                rows.relate(edition, name, keys)
            rows.add("event", self._event(post, edition, editor_name))
            found, known = search.rows_of(SOURCE, [entry_of(edition)])
            rows.add("search", *found)
            rows.words.update(known)
            rows.editions += 1

    @staticmethod
    def _visit(post: Post, invented: Invented) -> tuple[Visit | None, list[Guest]]:
        if (said := invented.visit) is None:
            return None, []
        visit = Visit(post=post, starts_on=post.date)
        for name in ("place", "announced"):
            for language, text in said[name].items():
                setattr(visit, f"{name}_{language}", text)
        guests = [
            Guest(
                post=post,
                name=name,
                order=order,
                **{f"role_{language}": text for language, text in role.items()},
            )
            for order, (name, role) in enumerate(said["guests"], 1)
        ]
        post._prefetched_objects_cache = {"guests": guests}
        return visit, guests

    @staticmethod
    def _version(post: Post) -> models.Model:
        model = Post.history.model
        kept = {field.attname: getattr(post, field.attname) for field in model.tracked_fields}
        return model(
            **kept,
            history_date=post.updated_at,
            history_type="+",
            history_user_id=post.edited_by_id,
        )

    def _edition(
        self, post: Post, language: str, document: Document, snapshot: dict[str, Any]
    ) -> PostEdition:
        text = plain_text(document)
        self.library.language = language
        # Pictures describe themselves in the language in force.
        with translation.override(language):
            html = render(document, resolver=self.library, language=language).html
        snapshot["quotes"] = [quote.as_json() for quote in quotes(document)]
        return PostEdition(
            story=post,
            language=language,
            number=1,
            story_version=post.version,
            live_from=post.created_at,
            published_at=post.created_at,
            published_by_id=post.edited_by_id,
            title=post.text("title", language),
            summary=post.text("summary", language),
            slug=post.text("slug", language),
            body=post.text("body", language),
            html=html,
            text=text,
            words=len(words(text)),
            **snapshot,
        )

    @staticmethod
    def _relations(invented: Invented, document: Document) -> dict[str, list[int]]:
        """What the editor chose and what the text names, as `Post.relations` says."""
        named = references(document)
        found = {name: list(keys) for name, keys in invented.relations.items()}
        for reference in named.records:
            kind, key = split(reference)
            found[_MENTIONED[kind]].append(key)
        quoted = [split(quote.record)[1] for quote in quotes(document) if quote.record]
        found |= {"images": named.images, "speakers": quoted}
        return {name: list(dict.fromkeys(keys)) for name, keys in found.items()}

    def _event(self, post: Post, edition: PostEdition, editor_name: str) -> Event:
        return Event(
            story_type_id=self.story_type,
            story_id=post.pk,
            kind=Event.Kind.PUBLISHED,
            language=edition.language,
            at=edition.published_at,
            by_id=post.edited_by_id,
            by_name=editor_name,
            story_title=str(post)[:250],
            edition_number=edition.number,
            story_version=post.version,
            data={"live_from": edition.live_from.isoformat()},
        )
