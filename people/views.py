"""People and founding members, as the register says today."""

from __future__ import annotations

import datetime
import unicodedata
from dataclasses import dataclass
from itertools import groupby

from django.db.models import CharField, F, Prefetch, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from imagine_site.components import answers
from imagine_site.components.head import current_language, page
from imagine_site.components.words import spoken
from imagine_site.register.dates import PartialDate, partial
from imagine_site.register.lookup import GoneRecord, MovedRecord, find_record
from people.models import FoundingMember, Position, Researcher

#: Articles on a record's page; the rest is one link away.
ARTICLES = 6


@dataclass(frozen=True, slots=True)
class Listed:
    """A person in the list: with what she is today, and whether she has left."""

    person: Researcher
    titles: list[Position]
    memberships: list
    left: bool

    @classmethod
    def of(cls, person: Researcher, *, at: datetime.date) -> Listed:
        titles = person.titles(at=at)
        memberships = list(person.memberships.all())
        current = [member for member in memberships if not member.is_alumni(at=at)]
        ever = bool(memberships) or bool(person.positions.all())
        return cls(person, titles, current, left=ever and not titles and not current)

    @property
    def roles(self) -> list[str]:
        """Titles first, then what she is in which laboratory."""
        return [
            *(position.title for position in self.titles),
            *(
                _("%(role)s, %(laboratory)s")
                % {"role": member.get_role_display(), "laboratory": member.laboratory}
                for member in self.memberships
            ),
        ]

    @property
    def letter(self) -> str:
        """The first letter without its accent: É stands with E."""
        first = unicodedata.normalize("NFKD", self.person.family_name[:1]).upper()[:1]
        return first if first.isascii() and first.isalpha() else "#"


def _with_roles(people):
    """Positions, and memberships in public laboratories; two queries for any number of people."""
    memberships = Researcher._meta.get_field("memberships").related_model.objects
    return people.with_positions().prefetch_related(
        Prefetch("memberships", queryset=memberships.public().select_related("laboratory"))
    )


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Four queries: people with their photographs, positions, memberships, the frame."""
    today = timezone.localdate()
    everyone = _with_roles(Researcher.objects.public().alphabetical().select_related("photo"))
    rows = sorted(
        (Listed.of(person, at=today) for person in everyone),
        key=lambda row: (row.letter, _folded(row.person)),
    )
    present = [row for row in rows if not row.left]
    return render(
        request,
        "people/people.html",
        {
            "head": page(
                _("People"),
                "people:people",
                description=_("Researchers, physicians and all those who work at the institute."),
            ),
            "letters": [
                (letter, list(group)) for letter, group in groupby(present, lambda row: row.letter)
            ],
            "count": len(present),
            "left": [row for row in rows if row.left],
        },
    )


def _folded(person: Researcher) -> str:
    """For sorting: without accents and capitals, as a reader looks for a name."""
    name = unicodedata.normalize("NFKD", f"{person.family_name} {person.given_name}")
    return "".join(c for c in name if not unicodedata.combining(c)).casefold()


def _links_and_startups(person: Researcher) -> dict[str, list[tuple[str, str]]]:
    """Where else to find the person, and the public start-ups founded; one query."""
    text = CharField()
    links = (
        person.links.order_by()
        .annotate(what=Value("link", text))
        .values_list("what", "label", "url")
    )
    startups = (
        person.startups.public()
        .order_by()
        .annotate(what=Value("startup", text), target=F("slug"))
        .values_list("what", "name", "target")
    )
    found: dict[str, list[tuple[str, str]]] = {"link": [], "startup": []}
    for what, label, target in links.union(startups, all=True):
        found[what].append((label, target))
    return {what: sorted(rows) for what, rows in found.items()}


@require_safe
def person(request: HttpRequest, slug: str) -> HttpResponse:
    """Six queries: the person, positions, memberships, links and start-ups, articles, the frame."""
    language, today = current_language(), timezone.localdate()
    found = find_record(
        _with_roles(Researcher.objects.select_related("photo")), slug=slug, language=language
    )
    if isinstance(found, MovedRecord):
        return answers.moved(found.to)
    if isinstance(found, GoneRecord):
        return answers.gone(request)
    if found is None:
        raise Http404(slug)
    listed = Listed.of(found, at=today)
    near = _links_and_startups(found)
    articles = list(_articles(found, language)[: ARTICLES + 1])
    head = page(
        found.full_name,
        "people:person",
        found.slug,
        description=str(
            spoken(found, "biography") or ", ".join(str(title) for title in listed.titles)
        ),
        kind="profile",
    )
    return render(
        request,
        "people/person.html",
        {
            "head": head,
            "person": found,
            "titles": listed.titles,
            "former_titles": [p for p in found.positions.all() if p not in listed.titles],
            "memberships": listed.memberships,
            "former_memberships": [
                member for member in found.memberships.all() if member not in listed.memberships
            ],
            "left": listed.left,
            "links": near["link"],
            "startups": near["startup"],
            "articles": articles[:ARTICLES],
            "more_articles": len(articles) > ARTICLES,
        },
    )


def _articles(record, language: str):
    """The live articles about a record, for cards (the news room is told to us by its accessor)."""
    return record.posteditions.in_language(language).live().newest_first().for_cards()


@dataclass(frozen=True, slots=True)
class Founder:
    """A founding member in the list, and whether it still is one."""

    member: FoundingMember
    is_member: bool

    @property
    def until(self) -> PartialDate | None:
        return partial(self.member.until)


@require_safe
def founding_members(request: HttpRequest) -> HttpResponse:
    """Two queries. How many there are is counted: those who are members today."""
    today = timezone.localdate()
    founders = [
        Founder(member, is_member=member.holds(at=today))
        for member in FoundingMember.objects.public().in_statutory_order()
    ]
    count = sum(founder.is_member for founder in founders)
    title = (
        ngettext("%(count)s founding member", "%(count)s founding members", count)
        % {"count": count}
        if count
        else _("Founding members")
    )
    return render(
        request,
        "people/founding_members.html",
        {
            "head": page(
                title,
                "people:founding_members",
                description=_("The institutions that founded the institute and govern it."),
            ),
            "founders": founders,
        },
    )


@require_safe
def founding_member(request: HttpRequest, slug: str) -> HttpResponse:
    """Three queries: the member, its articles, the frame."""
    language = current_language()
    found = find_record(FoundingMember.objects.select_related("logo"), slug=slug, language=language)
    if isinstance(found, MovedRecord):
        return answers.moved(found.to)
    if isinstance(found, GoneRecord):
        return answers.gone(request)
    if found is None:
        raise Http404(slug)
    return render(
        request,
        "people/founding_member.html",
        {
            "head": page(
                found.name,
                "people:founding_member",
                found.slug,
                description=str(spoken(found, "description")),
            ),
            "member": found,
            "articles": _articles(found, language)[:ARTICLES],
        },
    )
