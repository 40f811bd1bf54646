"""What the page of an article reads: the edition, what it is about, where it leads.

Three queries, each of which costs the same among a hundred articles and among a hundred thousand.
They are put into SQL once (`components.prepared`), because composing them costs more than asking.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import CharField, F, IntegerField, OuterRef, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from imagine_site.components.head import address, other_language
from imagine_site.components.prepared import Prepared
from imagine_site.images import reading
from labs.models import Laboratory, StartUp, Theme
from news.filters import NewsFilter
from news.models import Listed, PostEdition, PostEditionQuerySet
from news.names import PERSON_NAME, bilingual_name
from news.triggers import SUBJECTS
from people.models import FoundingMember, Researcher

#: Articles that an article leads to.
RELATED = 3
#: Of the editions about a record, how many are weighed: the latest.
LATEST = 60


def with_picture(editions: PostEditionQuerySet) -> PostEditionQuerySet:
    """With the lead image, as far as a page shows it."""
    return reading.with_picture(editions, "lead_image")


# -- The edition ----------------------------------------------------------------------------------


def for_its_page(language: str, at: datetime.datetime) -> PostEditionQuerySet:
    """Editions with what their page needs beside them: picture, and the address of the translation
    that is live at a moment (`other_slug`)."""
    sibling = PostEdition.objects.live(at=at).filter(
        story=OuterRef("story"), language=other_language(language)
    )
    editions = with_picture(PostEdition.objects.all()).annotate(
        other_slug=Subquery(sibling.values("slug")[:1])
    )
    return editions.defer("body", "text", "quotes", "story_version", "published_by", "number")


_LIVE_AT_ADDRESS = Prepared(
    lambda language, slug, at: (
        for_its_page(language, at)
        .in_language(language)
        .live(at=at)
        .filter(slug=slug)
        .order_by("-live_from", "-pk")[:1]
    ),
    slug=str,
    at=datetime.datetime,
)


def live_at_address(slug: str, *, language: str) -> PostEdition | None:
    """The edition that a visitor finds at an address now."""
    found = _LIVE_AT_ADDRESS(language=language, slug=slug, at=timezone.now())
    return found[0] if found else None


# -- What it is about -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """A record an article is about: what the page needs of it."""

    label: str
    url: str


#: URL name, in the order shown; the key is the first column of the union below.
_GROUPS = {
    "laboratory": "labs:laboratory",
    "person": "people:person",
    "startup": "labs:startup",
    "member": "people:founding_member",
}


def _records(language: str, edition: int):
    text, number = CharField(), IntegerField()
    rows = [
        Laboratory.objects.annotate(
            what=Value("laboratory", text),
            label=bilingual_name("name", language),
            address=F(f"slug_{language}"),
            rank=Value(0, number),
            sort_key=bilingual_name("name", language),
        ),
        Researcher.objects.annotate(
            what=Value("person", text),
            label=PERSON_NAME,
            address=F("slug"),
            rank=Value(0, number),
            sort_key=Concat("family_name", Value(" "), "given_name", output_field=text),
        ),
        StartUp.objects.annotate(
            what=Value("startup", text),
            label=F("name"),
            address=F("slug"),
            rank=Value(0, number),
            sort_key=F("name"),
        ),
        FoundingMember.objects.annotate(
            what=Value("member", text),
            label=bilingual_name("name", language),
            address=F("slug"),
            rank=Cast("order", number),
            sort_key=F("short_name"),
        ),
    ]
    topics = Theme.objects.annotate(
        what=Value("topic", text),
        label=bilingual_name("name", language),
        address=F("slug"),
        rank=Value(0, number),
        sort_key=bilingual_name("name", language),
    )
    queries = [
        query.filter(posteditions=edition)
        .order_by()
        .values_list("what", "label", "address", "rank", "sort_key")
        for query in (*(row.public() for row in rows), topics)
    ]
    return queries[0].union(*queries[1:], all=True)


_RECORDS = Prepared(_records, edition=int)


def named_in(edition: PostEdition) -> dict[str, list[Named]]:
    """The public records an edition is about and its topics, by kind; one query for all tables."""
    groups: dict[str, list[Named]] = {kind: [] for kind in (*_GROUPS, "topic")}
    found = _RECORDS(language=edition.language, edition=edition.pk)
    found.sort(key=lambda row: (row[3], row[4].casefold()))
    for what, label, slug, _rank, _key in found:
        if what == "topic":
            url = address("news:list") + NewsFilter(topic=slug).query
        else:
            url = address(_GROUPS[what], slug)
        groups[what].append(Named(label.strip(), url))
    return groups


# -- Where it leads -------------------------------------------------------------------------------

#: What sharing one of its records weighs, by relation: people count more than laboratories and
#: start-ups, those more than topics.
_WEIGHTS = {"people": 3, "laboratories": 2, "startups": 2, "themes": 1}

#: The latest articles about each record of one edition, from the lists by subject: only an index is
#: read, whose rows are in their order.
_LATEST = {
    "sqlite": """
        SELECT json_extract(other.value, '$[0]') AS edition_id,
            json_extract(other.value, '$[1]') AS date, {weight} AS weight
        FROM {table} AS own {public} CROSS JOIN json_each((
            SELECT json_group_array(json_array(edition_id, date)) FROM ({newest}))) AS other
        WHERE own.{edition} = %s""",
    "postgresql": """
        SELECT other.edition_id, other.date, {weight} AS weight
        FROM {table} AS own {public} CROSS JOIN LATERAL ({newest}) AS other
        WHERE own.{edition} = %s""",
}
_NEWEST = """
            SELECT edition_id, date FROM {listed}
            WHERE subject = '{subject}:' || own.{record} AND language = %s
            AND live_from <= %s AND (live_until IS NULL OR live_until > %s)
            ORDER BY date DESC, edition_id DESC LIMIT {latest}"""
_OF_ITS_KIND = """
        SELECT * FROM (
            SELECT id AS edition_id, date, 0 AS weight FROM {editions}
            WHERE language = %s AND kind = %s AND live_from <= %s
            AND (live_until IS NULL OR live_until > %s)
            ORDER BY date DESC, id DESC LIMIT {number}) AS of_its_kind"""
_WEIGHED = """
    WITH weighed AS (
        SELECT edition_id, SUM(weight) AS shared FROM ({every}) AS e
        GROUP BY edition_id ORDER BY 2 DESC, MAX(date) DESC, 1 DESC LIMIT {number}) """


def _weighed(vendor: str) -> tuple[str, tuple[str, ...]]:
    """`weighed`: which editions share most with one, in SQL, and the values it needs."""
    parts, values = [], []
    for relation, weight in _WEIGHTS.items():
        field = PostEdition._meta.get_field(relation)
        record, public = field.m2m_reverse_name(), ""
        if relation != "themes":
            # What is not public must not be guessed from what it joins.
            table = field.related_model._meta.db_table
            public = f"JOIN {table} AS record ON record.id = own.{record} AND record.is_public"
        newest = _NEWEST.format(
            listed=Listed._meta.db_table,
            subject=SUBJECTS[relation],
            record=record,
            latest=LATEST,
        )
        parts.append(
            _LATEST[vendor].format(
                table=field.m2m_db_table(),
                edition=field.m2m_column_name(),
                public=public,
                weight=weight,
                newest=newest,
            )
        )
        values += ["language", "at", "at", "edition"]
    # One more: the edition itself may be among them.
    editions, number = PostEdition._meta.db_table, RELATED + 1
    parts.append(_OF_ITS_KIND.format(editions=editions, number=number))
    values += ["language", "kind", "at", "at"]
    return _WEIGHED.format(every=" UNION ALL ".join(parts), number=number), tuple(values)


def _cards(language: str, story: int, at: datetime.datetime) -> PostEditionQuerySet:
    # An expression, not the column: SQLite would read all of a language to find a few keys in it.
    in_language = PostEdition.objects.alias(its_language=Concat("language", Value("")))
    editions = in_language.filter(its_language=language).live(at=at).exclude(story=story)
    number = IntegerField()
    shared = "(SELECT shared FROM weighed WHERE edition_id = news_postedition.id)"
    return (
        with_picture(editions)
        .defer("body", "html", "html_later", "text", "quotes")
        .filter(pk__in=RawSQL("SELECT edition_id FROM weighed", ()))
        .annotate(shared=RawSQL(shared, (), output_field=number))  # noqa: S611 - a constant
        .order_by("-shared", "-date", "-pk")[:RELATED]
    )


_RELATED = Prepared(
    _cards, beginning=_weighed, story=int, at=datetime.datetime, edition=int, kind=str
)


def related_to(edition: PostEdition) -> list[PostEdition]:
    """Live articles of its language that share most with it, in one query, then the newest; where
    nothing is shared, the newest of its kind. Of what was ever written about a record, the latest
    is weighed."""
    return _RELATED(
        language=edition.language,
        story=edition.story_id,
        at=timezone.now(),
        edition=edition.pk,
        kind=edition.kind,
    )
