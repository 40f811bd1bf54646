"""People and founding members, as the register says today."""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.db.models import CharField, F, Model, Prefetch, Q, Value
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from imagine_site.components import answers
from imagine_site.components.head import Head, address, current_language, other_language, page
from imagine_site.components.words import spoken
from imagine_site.register.dates import PartialDate, partial
from imagine_site.register.lookup import GoneRecord, MovedRecord, find_record
from people import sharing
from people.models import FoundingMember, Position, Researcher

#: Articles on a record's page; the rest is one link away.
ARTICLES = 6
#: Quotes on a person's page, the latest.
QUOTES = 4
#: More people than these do not stand on one page.
ONE_PAGE = 120
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ#")


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
    def words(self) -> list[str]:
        """What the name can be found by: "Jean-Laurent Casanova" by jean, laurent and casanova."""
        return re.split(r"[\s'’-]+", _plain(self.person.full_name))

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


@dataclass(frozen=True, slots=True)
class Asked:
    """A letter, or part of a name; what is no letter and no name falls away here."""

    letter: str = ""
    name: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> Asked:
        letter = query.get("letter", "").upper()
        name = " ".join(query.get("name", "")[:80].replace("\0", "").split())
        return cls(letter="" if name or letter not in LETTERS else letter, name=name)

    @property
    def query(self) -> str:
        """The normal form, so that the same list has one address."""
        asked = {"letter": self.letter, "name": self.name}
        written = urlencode({name: value for name, value in asked.items() if value})
        return f"?{written}" if written else ""

    def shown(self, rows: list[Listed]) -> list[Listed]:
        """Every word typed begins a word of the name, in any order and without its accents."""
        if self.letter:
            return [row for row in rows if row.letter == self.letter]
        wanted = _plain(self.name).split()
        return [
            row
            for row in rows
            if all(any(part.startswith(word) for part in row.words) for word in wanted)
        ]


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Four queries: people with their photographs, positions, memberships, the frame.

    A small house stands on one page. From `ONE_PAGE` people on, each letter has its own.
    """
    today, asked = timezone.localdate(), Asked.from_query(request.GET)
    everyone = _with_roles(Researcher.objects.public().alphabetical().select_related("photo"))
    rows = sorted(
        (Listed.of(person, at=today) for person in everyone),
        key=lambda row: (row.letter, _folded(row.person)),
    )
    present = [row for row in rows if not row.left]
    by_letter = len(rows) > ONE_PAGE
    letters = list(dict.fromkeys(row.letter for row in (rows if by_letter else present)))
    if by_letter and letters and not asked.name and asked.letter not in letters:
        asked = Asked(letter=letters[0]) if asked.letter or not asked.query else asked
    elif not by_letter and asked.letter:
        asked = Asked()
    found = asked.shown(rows)
    working = [row for row in found if not row.left]
    first = by_letter and letters and asked == Asked(letter=letters[0])
    query = "" if first else asked.query
    title = _("People: %(letter)s") % {"letter": asked.letter} if asked.letter else _("People")
    return answers.page(
        request,
        "people/people.html",
        {
            "head": Head(
                title=title,
                path=address("people:people") + query,
                other=address("people:people", language=other_language()) + query,
                description=_("Researchers, physicians and all those who work at the institute."),
                indexed=not asked.name,
            ),
            "asked": asked,
            "by_letter": by_letter,
            "every_letter": letters,
            "letters": [
                (letter, list(group)) for letter, group in groupby(working, lambda row: row.letter)
            ],
            "count": len(present),
            "found": len(found),
            "left": [row for row in found if row.left],
        },
    )


def _plain(text: str) -> str:
    """Without accents and capitals, as a reader types a name."""
    split = unicodedata.normalize("NFKD", text)
    return "".join(c for c in split if not unicodedata.combining(c)).casefold()


def _folded(person: Researcher) -> str:
    """For sorting, as a reader looks for a name."""
    return _plain(f"{person.family_name} {person.given_name}")


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
    """Six queries: the person, positions, memberships, links and start-ups, articles and those
    that quote the person, the frame."""
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
    articles, said = _articles_and_quotes(found, language)
    head = page(
        found.full_name,
        "people:person",
        found.slug,
        description=str(
            spoken(found, "biography")
            or ", ".join(str(title) for title in listed.titles)
            or _("%(name)s at Institut Imagine: laboratories, articles and quotes.")
            % {"name": found.full_name}
        ),
        kind="profile",
        card=sharing.card_of_person(found, listed.roles),
        data=(
            sharing.data_of_person(
                found,
                titles=[str(position.title) for position in listed.titles],
                laboratories=[
                    (str(member.laboratory), member.laboratory.get_absolute_url())
                    for member in listed.memberships
                ],
                links=near["link"],
                left=listed.left,
            ),
        ),
        trail=((_("People"), address("people:people")),),
        feed=f"?person={found.slug}",
    )
    return answers.page(
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
            "quotes": said,
            "articles": articles[:ARTICLES],
            "more_articles": len(articles) > ARTICLES,
        },
    )


def _articles(record, language: str):
    """The live articles about a record, for cards (the news room is told to us by its accessor)."""
    return record.posteditions.in_language(language).live().newest_first().for_cards()


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said in an article, and in what role on that day."""

    paragraphs: tuple[str, ...]
    role: str
    article: Model


def _articles_and_quotes(person: Researcher, language: str) -> tuple[list, list[Said]]:
    """The latest articles about a person, and what the latest that quote the person say.

    One query: whoever is quoted in an article is among those it is about.
    """
    latest = _articles(person, language)
    quoted = person.quoted_in.in_language(language).live().newest_first()
    wanted = Q(pk__in=latest.values("pk")[: ARTICLES + 1]) | Q(pk__in=quoted.values("pk")[:QUOTES])
    editions = type(person).posteditions.field.model.objects
    rows = editions.filter(wanted).newest_first().for_cards().defer(None)
    rows = list(rows.defer("body", "html", "html_later", "text"))
    said = [
        Said(tuple(quote["text"].split("\n\n")), quote.get("role", ""), edition)
        for edition in rows
        for quote in edition.quotes
        if quote.get("record") == person.reference
    ]
    return rows[: ARTICLES + 1], said[:QUOTES]


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
    return answers.page(
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
    return answers.page(
        request,
        "people/founding_member.html",
        {
            "head": page(
                found.name,
                "people:founding_member",
                found.slug,
                description=str(
                    spoken(found, "description")
                    or _("%(name)s, founding member of Institut Imagine.") % {"name": found.name}
                ),
                card=sharing.card_with(None, found.name),
                data=(sharing.data_of_member(found),),
                trail=((_("Founding members"), address("people:founding_members")),),
            ),
            "member": found,
            "articles": _articles(found, language)[:ARTICLES],
        },
    )
