"""The news list, an article, the chronicle of visits: editions only, never a working copy."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from imagine_site.components import answers
from imagine_site.components.head import Head, address, current_language, other_language
from imagine_site.components.pager import Pager, PagerLink
from imagine_site.components.words import shortened
from imagine_site.publishing.lookup import Gone, Moved, find
from news import lists, sharing
from news.filters import NewsFilter
from news.models import Kind, PostEdition, PostEditionQuerySet
from news.press_kit import PressKit
from news.reading import live_at_address, named_in, related_to

#: Articles on a page of the list.
PAGE_SIZE = 12
#: Said where there are more articles than are counted.
MORE_THAN = 1_000
#: Articles offered where a page is gone.
OFFERED = 3


def live_in(language: str) -> PostEditionQuerySet:
    return PostEdition.objects.in_language(language).live()


# -- The list -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListPage:
    """The rows of one page and the ways on: numbered up to a bound, beyond it from key to key."""

    rows: list[PostEdition]
    asked: NewsFilter
    total: int
    #: Whether there are more than `total`.
    is_more: bool
    links: tuple[PagerLink, ...]
    overview: lists.Overview
    #: Of the article that a page far down begins after.
    until: str = ""

    @property
    def is_first(self) -> bool:
        return self.asked.page == 1 and not self.asked.after


def read_page(
    asked: NewsFilter,
    choice: lists.Choice,
    *,
    size: int,
    href: Callable[[NewsFilter], str],
) -> ListPage:
    """Two queries, one more far down."""
    found = lists.overview(choice)
    total, is_more = min(found.total, lists.NUMBERED), found.total > lists.NUMBERED
    if choice.key:
        rows = lists.cards(choice, size=size + 1)
        links = _steps(asked, choice, found, rows, size=size, href=href)
        until = date_format(datetime.date.fromisoformat(choice.key[0]))
        return ListPage(rows[:size], asked, total, is_more, links, found, until)
    pager = Pager.of(total, size=size, asked=asked.page)
    asked = asked.with_(page=pager.number)
    rows = lists.cards(choice, size=size, offset=pager.slice.start) if total else []
    links = pager.links(lambda number: href(asked.with_(page=number)))
    if is_more and pager.number == pager.count and rows:
        older = href(asked.with_(after=rows[-1].pk))
        links = (*links, PagerLink(href=older, label=_("Older articles")))
    return ListPage(rows, asked, total, is_more, links, found)


def _steps(
    asked: NewsFilter,
    choice: lists.Choice,
    found: lists.Overview,
    rows: list[PostEdition],
    *,
    size: int,
    href: Callable[[NewsFilter], str],
) -> tuple[PagerLink, ...]:
    """To the newest, the newer and the older articles, where pages have no numbers."""
    if found.above <= lists.NUMBERED:
        newer = asked.with_(page=max(1, -(-found.above // size)))
    else:
        newer = asked.with_(after=lists.newer_key(choice, size=size))
    links = [
        PagerLink(href=href(asked.with_()), label=_("Newest articles")),
        PagerLink(href=href(newer), label=_("Newer articles")),
    ]
    if len(rows) > size:
        older = asked.with_(after=rows[size - 1].pk)
        links.append(PagerLink(href=href(older), label=_("Older articles")))
    return tuple(links)


@require_safe
def news_list(request: HttpRequest) -> HttpResponse:
    """Three queries: what there is, the page's rows, the frame; one more for a laboratory, person
    or topic, and one far down."""
    language = current_language()
    asked = NewsFilter.from_query(request.GET)
    subjects = lists.find_subjects(asked, language)
    asked = known(asked, subjects)
    choice = lists.Choice.of(asked, subjects, language)
    page = read_page(asked, choice, size=PAGE_SIZE, href=lambda asked: asked.query or "?")
    asked, found = page.asked, page.overview
    elsewhere = asked.with_(
        lab=subjects["lab"].other if asked.lab else "",
        person=subjects["person"].other if asked.person else "",
    )
    head = Head(
        title=list_title(asked, subjects, until=page.until),
        description=_("News, press releases, visits, awards and portraits from the institute."),
        path=address("news:list") + asked.query,
        other=address("news:list", language=other_language(language)) + elsewhere.query,
        # The second page of a list holds other articles than the second page of its translation.
        translated=page.is_first,
        feed=asked.with_().query,
    )
    topics = dict(found.topics)
    if asked.topic:
        topics[asked.topic] = subjects["topic"].label
    return answers.page(
        request,
        "news/list.html",
        {
            "head": head,
            "asked": asked,
            "articles": page.rows,
            # What is asked for is offered in any case: the form must show what was asked.
            "kinds": [
                (value, label)
                for value, label in Kind.choices
                if value in found.kinds or value == asked.kind
            ],
            "years": sorted({*found.years, *([asked.year] if asked.year else [])}, reverse=True),
            "year_links": [
                (year, asked.with_(year=year).query, year == asked.year)
                for year in found.years_of_kind
            ],
            "topics": sorted(topics.items(), key=lambda topic: (topic[1], topic[0])),
            "total": page.total,
            "more_than": number_format(MORE_THAN, force_grouping=True) if page.is_more else "",
            "page_links": page.links,
            "chips": [
                (subjects[name].label, asked.with_(**{name: ""}).query or "?")
                for name in ("lab", "person")
                if getattr(asked, name)
            ],
        },
    )


def known(asked: NewsFilter, subjects: dict[str, lists.Subject]) -> NewsFilter:
    """The question without a laboratory, person, topic or article that is not there."""
    return replace(
        asked,
        **{name: "" for name in ("lab", "person", "topic") if name not in subjects},
        after=asked.after if "after" in subjects else None,
    )


def list_title(asked: NewsFilter, subjects: dict[str, lists.Subject], *, until: str = "") -> str:
    """The list says what is in it: “Press release, 2020: Heart morphogenesis (page 2)”."""
    title = str(Kind(asked.kind).label) if asked.kind else _("News")
    if asked.year:
        title = f"{title}, {asked.year}"
    labels = [subjects[name].label for name in ("topic", "lab", "person") if name in subjects]
    if about := ", ".join(labels):
        title = _("%(title)s: %(about)s") % {"title": title, "about": about}
    return numbered_title(title, asked, until)


def numbered_title(title: str, asked: NewsFilter, until: str) -> str:
    """With the page, or the day that a page far down begins with."""
    if until:
        return _("%(title)s (until %(day)s)") % {"title": title, "day": until}
    if asked.page > 1:
        return _("%(title)s (page %(page)s)") % {"title": title, "page": asked.page}
    return title


# -- An article -----------------------------------------------------------------------------------


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
    if (edition := live_at_address(slug, language=language)) is None:
        return _elsewhere(request, slug, language)
    if edition.other_slug:
        other = address("news:article", edition.other_slug, language=elsewhere)
    else:
        other = address("news:list", language=elsewhere)
    about, visit = named_in(edition), VisitFacts.of(edition)
    card = sharing.card_of(edition)
    head = Head(
        title=edition.title,
        description=edition.summary,
        path=edition.get_absolute_url(),
        other=other,
        translated=bool(edition.other_slug),
        kind="article",
        published=edition.date,
        revised=edition.revised_at,
        card=card,
        data=sharing.data_of(edition, about=about, visit=visit, card=card.url()),
        trail=((_("News"), address("news:list")),),
    )
    return answers.page(
        request,
        "news/article.html",
        {
            "head": head,
            "article": edition,
            "about": about,
            "visit": visit,
            "related": related_to(edition),
            "is_for_press": edition.kind in (Kind.PRESS, Kind.VISIT),
            "mail_subject": shortened(edition.title, 120),
        },
    )


def _elsewhere(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Where nothing is live: to where the article is now, or that it is gone."""
    found = find(PostEdition.objects.all(), slug=slug, language=language)
    if isinstance(found, Moved):
        return answers.moved(found.to.get_absolute_url())
    if isinstance(found, Gone):
        return answers.gone(request, latest=live_in(language).newest_first().for_cards()[:OFFERED])
    raise Http404(slug)


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
    """Who came, year by year: a chronicle. Four queries: what there is, how many of each year,
    the page's rows, the frame; two more far down."""
    language, path = current_language(), address("news:visits")
    read = NewsFilter.from_query(request.GET)
    asked = NewsFilter(kind=Kind.VISIT, year=read.year, page=read.page, after=read.after)
    subjects = lists.find_subjects(asked, language)
    asked = known(asked, subjects)
    choice = lists.Choice.of(asked, subjects, language)

    def href(to: NewsFilter) -> str:
        return replace(to, kind="").query or "?"

    page = read_page(asked, choice, size=PAGE_SIZE * 2, href=href)
    asked = page.asked
    rows = [(visit, VisitFacts.of(visit)) for visit in page.rows]
    title = f"{_('Visits')}, {asked.year}" if asked.year else _("Visits")
    head = Head(
        title=numbered_title(title, asked, page.until),
        description=_("Who came to the institute, when, and what was said that day."),
        path=path + replace(asked, kind="").query,
        other=address("news:visits", language=other_language(language))
        + replace(asked.with_(), kind="").query,
        translated=page.is_first,
        trail=((_("News"), address("news:list")),),
        feed=asked.with_().query,
    )
    return answers.page(
        request,
        "news/visits.html",
        {
            "head": head,
            "years": list(lists.by_year(rows)),
            "year_links": _years_of_the_chronicle(asked, choice, page),
            "page_links": page.links,
        },
    )


def _years_of_the_chronicle(
    asked: NewsFilter, choice: lists.Choice, page: ListPage
) -> list[tuple[int, str, bool]]:
    """Each year with the address of its heading, on whatever numbered page it begins; those beyond
    have pages of their own."""
    numbers = lists.numbers_by_year(replace(choice, year=None, key=None))
    links, before, size = [], 0, PAGE_SIZE * 2
    for year in page.overview.years_of_kind:
        if before < lists.NUMBERED and not asked.year:
            number = before // size + 1
            href = f"{f'?page={number}' if number > 1 else '?'}#year-{year}"
        else:
            href = f"?year={year}"
        links.append((year, href, year == asked.year))
        before += numbers.get(year, lists.NUMBERED)
    return links
