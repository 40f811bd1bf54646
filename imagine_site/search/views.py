"""The page of results, and the suggestions for a question that is still being typed."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from imagine_site.components.answers import page
from imagine_site.components.head import Head, address, current_language, other_language
from imagine_site.components.pager import Pager
from imagine_site.search import sources
from imagine_site.search.finding import MOST, Found, count, find, suggestions
from imagine_site.search.marking import Marker
from imagine_site.search.models import SearchEntry
from imagine_site.search.query import Query

PAGE_SIZE = 10


def said_of(entry: SearchEntry) -> tuple[str, str]:
    """What stands above the title: the kind of thing, and what is known of it beside its name."""
    source = sources.of_kind(entry.kind)
    kind = capfirst(str(source.model._meta.verbose_name)) if source else ""
    if source and source.named:
        return kind, entry.label
    return entry.label or kind, ""


@dataclass(frozen=True, slots=True)
class Result:
    """An entry as the page shows it: what was found is marked."""

    entry: SearchEntry
    label: str
    detail: str
    title: SafeString
    passage: SafeString

    @classmethod
    def of(cls, entry: SearchEntry, marker: Marker) -> Result:
        # The summary where it answers; else the text, where the words are.
        answers = bool(entry.summary) and (marker.found(entry.summary) or not entry.text)
        return cls(
            entry,
            *said_of(entry),
            marker.marked(entry.title),
            marker.passage(entry.summary if answers else entry.text),
        )


@dataclass(frozen=True, slots=True)
class Facet:
    """One kind of thing, how many answers are of that kind, and where to see only them."""

    label: str
    count: str
    href: str
    current: bool


def counted(number: int) -> str:
    return f"{MOST}+" if number >= MOST else str(number)


def _facets(query: Query, found: Found) -> list[Facet]:
    if not found.counts:
        return []
    total = sum(found.counts.values())
    here = address("search:search")
    facets = [
        Facet(_("Everything"), counted(total), here + query.with_(kind="").query, not query.kind)
    ]
    for source in sources.everything():
        if number := found.counts.get(source.kind, 0):
            href = here + query.with_(kind=source.kind).query
            current = query.kind == source.kind
            facets.append(Facet(str(source.plural), counted(number), href, current))
    return facets


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Five queries at most where something is found: the answers, their number by kind, the
    entries shown, the number in the other language, the frame."""
    language, query = current_language(), Query.from_query(request.GET)
    elsewhere = other_language(language)
    found = find(query.terms(language), language=language, kind=query.kind)
    pager = Pager.of(len(found.ids), size=PAGE_SIZE, asked=query.page)
    marker = Marker.of(found.terms, language)
    here = address("search:search")
    there = address("search:search", language=elsewhere) + query.with_(kind="").query
    in_other = count(query.terms(elsewhere), language=elsewhere) if query else 0
    head = Head(
        title=_("Search: %(text)s") % {"text": query.text} if query else _("Search"),
        description=_("Search the news, the people, the laboratories and the pages of the site."),
        path=here if not query else here + query.with_(page=pager.number).query,
        other=there,
        indexed=not query,
    )
    # What visitors look for is without end: only the page to begin at is kept.
    answer = render if query else page
    return answer(
        request,
        "search/search.html",
        {
            "head": head,
            "query": query,
            "found": found,
            "heading": _heading(query, found),
            "results": [Result.of(entry, marker) for entry in found.page(pager.slice)],
            "facets": _facets(query, found),
            "pager": pager,
            "page_links": pager.links(lambda number: here + query.with_(page=number).query),
            "first": pager.slice.start + 1,
            "all_url": here + query.with_(kind="").query,
            "other_count": in_other and counted(in_other),
            "other_url": there,
            "other_name": _name_of(elsewhere),
        },
    )


def _name_of(code: str) -> str:
    """A language's name within a sentence: capital in English, small in French."""
    name = translation.get_language_info(code)["name_translated"]
    return name.lower() if current_language() == "fr" else name


def _heading(query: Query, found: Found) -> str:
    number = found.counts.get(query.kind, 0) if query.kind else len(found.ids)
    if number >= MOST:
        return _("More than %(count)d results") % {"count": MOST}
    return ngettext("%(count)d result", "%(count)d results", number) % {"count": number}


@require_safe
def suggest(request: HttpRequest) -> JsonResponse:
    """`{"suggestions": [{"title", "label", "url"}]}`: three queries at most, nothing private."""
    language, query = current_language(), Query.from_query(request.GET)
    response = JsonResponse(
        {
            "suggestions": [
                {"title": entry.title, "label": said_of(entry)[0], "url": entry.url}
                for entry in suggestions(query.terms(language), language=language)
            ]
        }
    )
    response["X-Robots-Tag"] = "noindex"
    return response
