"""The news list, an article, the chronicle of visits: editions only, never a working copy."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from itertools import groupby

from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat, Substr
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from imagine_site.components import answers
from imagine_site.components.head import Head, address, current_language, other_language
from imagine_site.components.pager import Pager
from imagine_site.components.words import shortened
from imagine_site.publishing.lookup import Gone, Moved, find
from labs.models import Laboratory, StartUp, Theme
from news import sharing
from news.filters import NewsFilter
from news.models import Kind, PostEdition, PostEditionQuerySet
from news.names import PERSON_NAME, bilingual_name
from news.press_kit import PressKit
from people.models import FoundingMember, Researcher

#: Articles on a page of the list.
PAGE_SIZE = 12
#: Articles offered where a page is gone.
OFFERED = 3
#: Articles that an article leads to.
RELATED = 3


def live_in(language: str) -> PostEditionQuerySet:
    return PostEdition.objects.in_language(language).live()


# -- The list -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """The laboratory or the person a list is about; `other` is its slug in the other language."""

    kind: str
    label: str
    slug: str
    other: str


def find_subjects(asked: NewsFilter, language: str) -> dict[str, Subject]:
    """The laboratory and the person asked for, if they are public, by parameter; one query."""
    wanted = []
    if asked.lab:
        wanted.append(
            Laboratory.objects.public()
            .filter(**{f"slug_{language}": asked.lab})
            .order_by()
            .annotate(what=Value("lab", CharField()), label=bilingual_name("name", language))
            .values_list("what", "label", f"slug_{language}", f"slug_{other_language(language)}")
        )
    if asked.person:
        wanted.append(
            Researcher.objects.public()
            .filter(slug=asked.person)
            .order_by()
            .annotate(what=Value("person", CharField()), label=PERSON_NAME, other=F("slug"))
            .values_list("what", "label", "slug", "other")
        )
    if not wanted:
        return {}
    rows = wanted[0].union(*wanted[1:], all=True)
    return {what: Subject(what, label.strip(), slug, other) for what, label, slug, other in rows}


def topics_in(language: str, asked: NewsFilter) -> dict[str, str]:
    """Names of the topics that have articles, and of the one asked for, by address."""
    has_articles = Exists(live_in(language).filter(themes=OuterRef("pk")))
    found = Theme.objects.filter(Q(has_articles) | Q(slug=asked.topic))
    named = found.annotate(label=bilingual_name("name", language)).values_list("slug", "label")
    return dict(named.order_by("label", "slug"))


@dataclass(frozen=True, slots=True)
class Facets:
    """How many articles there are by kind and year: what the filter form can offer, and totals."""

    counts: dict[tuple[str, int], int]

    @classmethod
    def of(cls, editions: PostEditionQuerySet) -> Facets:
        # The year is cut from the ISO date: a Python function called for each of 100,000 rows
        # (as SQLite's EXTRACT is) would be the slowest part of the page.
        rows = (
            editions.order_by()
            .annotate(year=Substr(Cast("date", CharField()), 1, 4))
            .values_list("kind", "year")
            .annotate(number=Count("pk", distinct=True))
        )
        return cls({(kind, int(year)): number for kind, year, number in rows})

    def kinds(self, asked: NewsFilter) -> list[tuple[str, str]]:
        """Those that exist, and the one asked for: the form must show what was asked."""
        present = {asked.kind, *(kind for kind, _year in self.counts)}
        return [(value, label) for value, label in Kind.choices if value in present]

    def years(self, asked: NewsFilter) -> list[int]:
        """Likewise, the latest first."""
        present = {asked.year, *(year for _kind, year in self.counts)} - {None}
        return sorted(present, reverse=True)

    def links(self, asked: NewsFilter) -> list[tuple[int, str, bool]]:
        """Years of what is asked for, the latest first: year, address, whether it is this one."""
        years = {year for kind, year in self.counts if asked.kind in ("", kind)}
        return [
            (year, asked.with_(year=year).query, year == asked.year)
            for year in sorted(years, reverse=True)
        ]

    def total(self, asked: NewsFilter) -> int:
        return sum(
            number
            for (kind, year), number in self.counts.items()
            if asked.kind in ("", kind) and asked.year in (None, year)
        )


@require_safe
def news_list(request: HttpRequest) -> HttpResponse:
    """Five queries: the subject if one is asked for, the topics, what exists, the page's rows, the
    frame."""
    language = current_language()
    asked = NewsFilter.from_query(request.GET)
    subjects = find_subjects(asked, language)
    topics = topics_in(language, asked)
    asked = asked.with_(
        page=asked.page,
        topic=asked.topic if asked.topic in topics else "",
        lab=asked.lab if "lab" in subjects else "",
        person=asked.person if "person" in subjects else "",
    )
    editions = asked.about(live_in(language), language)
    facets = Facets.of(editions)
    pager = Pager.of(facets.total(asked), size=PAGE_SIZE, asked=asked.page)
    asked = asked.with_(page=pager.number)
    rows = asked.when_and_what(editions).newest_first().for_cards().distinct()[pager.slice]

    elsewhere = asked.with_(
        page=1,
        lab=subjects["lab"].other if asked.lab else "",
        person=subjects["person"].other if asked.person else "",
    )
    head = Head(
        title=list_title(asked, [subject.label for subject in subjects.values()], topics),
        description=_("News, press releases, visits, awards and portraits from the institute."),
        path=address("news:list") + asked.query,
        other=address("news:list", language=other_language(language)) + elsewhere.query,
        # The second page of a list holds other articles than the second page of its translation.
        translated=pager.number == 1,
        feed=asked.with_(page=1).query,
    )
    return answers.page(
        request,
        "news/list.html",
        {
            "head": head,
            "asked": asked,
            "articles": rows if pager.total else (),
            "kinds": facets.kinds(asked),
            "years": facets.years(asked),
            "year_links": facets.links(asked),
            "topics": list(topics.items()),
            "pager": pager,
            "page_links": pager.links(lambda number: asked.with_(page=number).query or "?"),
            "chips": [
                (subject.label, asked.with_(**{name: ""}).query or "?")
                for name, subject in subjects.items()
            ],
        },
    )


def list_title(asked: NewsFilter, subjects: list[str], topics: dict[str, str]) -> str:
    """The list says what is in it: “Press release, 2020: Heart morphogenesis (page 2)”."""
    title = str(Kind(asked.kind).label) if asked.kind else _("News")
    if asked.year:
        title = f"{title}, {asked.year}"
    if about := ", ".join([*([topics[asked.topic]] if asked.topic else []), *subjects]):
        title = _("%(title)s: %(about)s") % {"title": title, "about": about}
    if asked.page > 1:
        title = _("%(title)s (page %(page)s)") % {"title": title, "page": asked.page}
    return title


# -- An article -----------------------------------------------------------------------------------


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


def named_in(edition: PostEdition) -> dict[str, list[Named]]:
    """The public records an edition is about and its topics, by kind; one query for all tables."""
    language = edition.language
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
        query.filter(posteditions=edition.pk)
        .order_by()
        .values_list("what", "label", "address", "rank", "sort_key")
        for query in (*(row.public() for row in rows), topics)
    ]
    groups: dict[str, list[Named]] = {kind: [] for kind in (*_GROUPS, "topic")}
    found = queries[0].union(*queries[1:], all=True)
    for what, label, slug, _rank, _key in sorted(
        found, key=lambda row: (row[3], row[4].casefold())
    ):
        if what == "topic":
            url = address("news:list") + NewsFilter(topic=slug).query
        else:
            url = address(_GROUPS[what], slug)
        groups[what].append(Named(label.strip(), url))
    return groups


def related_to(edition: PostEdition) -> PostEditionQuerySet:
    """Live articles of its language that share most with it, in one query: people count more than
    laboratories and start-ups, those more than topics; then the newest. Where nothing is shared,
    the newest of its kind."""
    shared = [
        ("people", "researcher", 3),
        ("laboratories", "laboratory", 2),
        ("startups", "startup", 2),
        ("themes", "theme", 1),
    ]
    others = live_in(edition.language).exclude(story=edition.story_id)
    same_kind = others.filter(kind=edition.kind).order_by("-date", "-pk").values("pk")[:RELATED]
    candidates, score = [], Value(0, IntegerField())
    for relation, column, weight in shared:
        through = getattr(PostEdition, relation).through.objects
        mine = through.filter(postedition=edition.pk)
        if relation != "themes":
            # What is not public must not be guessed from what it joins.
            mine = mine.filter(**{f"{column}__is_public": True})
        common = through.filter(**{f"{column}__in": mine.values(column)})
        candidates.append(common.values("postedition"))
        number = (
            common.filter(postedition=OuterRef("pk"))
            .order_by()
            .values("postedition")
            .annotate(number=Count("pk"))
            .values("number")
        )
        score += Coalesce(Subquery(number), 0) * weight
    wanted = Q(pk__in=candidates[0].union(*candidates[1:])) | Q(pk__in=same_kind)
    ranked = others.filter(wanted).annotate(shared=score)
    return ranked.order_by("-shared", "-date", "-pk").for_cards()[:RELATED]


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """When, where, who, and what was announced; from the edition's snapshot."""

    starts_on: datetime.date
    ends_on: datetime.date | None
    place: str
    announced: str
    guests: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, edition: PostEdition) -> VisitFacts | None:
        kept = edition.visit
        if not kept:
            return None
        ends_on = kept.get("ends_on")
        return cls(
            starts_on=datetime.date.fromisoformat(kept["starts_on"]),
            ends_on=datetime.date.fromisoformat(ends_on) if ends_on else None,
            place=kept.get("place") or "",
            announced=kept.get("announced") or "",
            guests=tuple(
                (guest["name"], guest.get("role") or "") for guest in kept.get("guests", ())
            ),
        )


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """Four queries: the edition with its picture and the address of its translation, the records
    and topics it is about, the articles it leads to, and the frame of the site."""
    language = current_language()
    elsewhere = other_language(language)
    sibling = PostEdition.objects.live().filter(story=OuterRef("story"), language=elsewhere)
    editions = (
        PostEdition.objects.select_related("lead_image")
        .defer("body", "text", "quotes")
        .annotate(other_slug=Subquery(sibling.values("slug")[:1]))
    )
    found = find(editions, slug=slug, language=language)
    if isinstance(found, Moved):
        return answers.moved(found.to.get_absolute_url())
    if isinstance(found, Gone):
        return answers.gone(request, latest=live_in(language).newest_first().for_cards()[:OFFERED])
    if found is None:
        raise Http404(slug)
    if found.other_slug:
        other = address("news:article", found.other_slug, language=elsewhere)
    else:
        other = address("news:list", language=elsewhere)
    about, visit = named_in(found), VisitFacts.of(found)
    card = sharing.card_of(found)
    head = Head(
        title=found.title,
        description=found.summary,
        path=found.get_absolute_url(),
        other=other,
        translated=bool(found.other_slug),
        kind="article",
        published=found.date,
        revised=found.revised_at,
        card=card,
        data=sharing.data_of(found, about=about, visit=visit, card=card.url()),
        trail=((_("News"), address("news:list")),),
    )
    return answers.page(
        request,
        "news/article.html",
        {
            "head": head,
            "article": found,
            "about": about,
            "visit": visit,
            "related": list(related_to(found)),
            "is_for_press": found.kind in (Kind.PRESS, Kind.VISIT),
            "mail_subject": shortened(found.title, 120),
        },
    )


@require_safe
def press_kit(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The kit of a live edition, and of nothing else; it goes where its article goes.

    Caches ask every time whether it still holds (RFC 9111 §5.2.2.4): a withdrawn article or an
    expired right to a picture takes effect at once.
    """
    language = current_language()
    found = find(PostEdition.objects.all(), slug=slug, language=language)
    if isinstance(found, Moved):
        return answers.moved(found.to.get_press_kit_url())
    if isinstance(found, Gone):
        return answers.gone(request, latest=live_in(language).newest_first().for_cards()[:OFFERED])
    if found is None:
        raise Http404(slug)
    kit = PressKit.of(found)
    if request.method == "HEAD":
        answer = HttpResponse(content_type="application/zip")
    else:
        answer = StreamingHttpResponse(kit.stream(), content_type="application/zip")
    answer["Content-Length"] = str(kit.length)
    answer["Content-Disposition"] = f'attachment; filename="{kit.folder}.zip"'
    answer["Cache-Control"] = "public, no-cache"
    answer["ETag"] = kit.etag
    answer["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag=kit.etag, response=answer)


# -- Visits ---------------------------------------------------------------------------------------


@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    """Who came, year by year: a chronicle. Two queries and a page's rows."""
    language = current_language()
    asked = NewsFilter(kind=Kind.VISIT, page=NewsFilter.from_query(request.GET).page)
    editions = asked.when_and_what(live_in(language))
    numbers = {year: number for (_kind, year), number in Facets.of(editions).counts.items()}
    pager = Pager.of(sum(numbers.values()), size=PAGE_SIZE * 2, asked=asked.page)
    rows = editions.newest_first().for_cards()[pager.slice] if pager.total else ()
    dated = [(visit, VisitFacts.of(visit)) for visit in rows]
    path = address("news:visits")
    head = Head(
        title=_("Visits"),
        description=_("Who came to the institute, when, and what was said that day."),
        path=path + (f"?page={pager.number}" if pager.number > 1 else ""),
        other=address("news:visits", language=other_language(language)),
        translated=pager.number == 1,
        trail=((_("News"), address("news:list")),),
        feed=asked.with_(page=1).query,
    )
    return answers.page(
        request,
        "news/visits.html",
        {
            "head": head,
            "years": [
                (year, list(group)) for year, group in groupby(dated, lambda row: row[0].date.year)
            ],
            "year_links": _years_of_the_chronicle(numbers, PAGE_SIZE * 2),
            "pager": pager,
            "page_links": pager.links(lambda number: f"?page={number}" if number > 1 else "?"),
        },
    )


def _years_of_the_chronicle(numbers: dict[int, int], size: int) -> list[tuple[int, str, bool]]:
    """Each year with the address of its heading, on whatever page it begins."""
    links, before = [], 0
    for year in sorted(numbers, reverse=True):
        page = before // size + 1
        links.append((year, f"?page={page}#year-{year}" if page > 1 else f"?#year-{year}", False))
        before += numbers[year]
    return links
