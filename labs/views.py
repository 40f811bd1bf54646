"""Laboratories and start-ups, as the register says today."""

import datetime
from collections import Counter

from django.db.models import CharField, F, Q, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from imagine_site.components import answers
from imagine_site.components.head import Head, address, current_language, other_language, page
from imagine_site.components.words import spoken
from imagine_site.register.dates import partial
from imagine_site.register.lookup import GoneRecord, MovedRecord, find_record
from labs import sharing
from labs.chart import Portfolio
from labs.models import Laboratory, LaboratoryQuerySet, Membership, StartUp
from people.sharing import card_with

#: Articles on a record's page; the rest is one link away.
ARTICLES = 6


def open_on(day: datetime.date, laboratories: LaboratoryQuerySet) -> LaboratoryQuerySet:
    """Those open on a day; the same rule as `Laboratory.is_open`."""
    text = day.isoformat()
    return laboratories.filter(
        Q(closed="") | Q(closed__gte=text) | Q(closed__in=[text[:7], text[:4]])
    )


@require_safe
def laboratories(request: HttpRequest) -> HttpResponse:
    """Four queries: laboratories, their members, their themes, the frame."""
    today = timezone.localdate()
    everything = list(
        open_on(today, Laboratory.objects.public())
        .alphabetical()
        .with_memberships()
        .prefetch_related("themes")
    )
    themes = {theme.slug: theme for lab in everything for theme in lab.themes.all()}
    theme = themes.get(request.GET.get("theme", ""))
    shown = [lab for lab in everything if theme is None or theme in lab.themes.all()]
    query = f"?theme={theme.slug}" if theme else ""
    head = Head(
        title=_("Laboratories: %(theme)s") % {"theme": theme} if theme else _("Laboratories"),
        description=_("The institute's laboratories, who leads them and what they study."),
        path=address("labs:laboratories") + query,
        other=address("labs:laboratories", language=other_language()) + query,
    )
    return answers.page(
        request,
        "labs/laboratories.html",
        {
            "head": head,
            "laboratories": [
                (
                    lab,
                    [member.researcher for member in heads_of(lab, at=today)],
                    lab.themes.all(),
                )
                for lab in shown
            ],
            "themes": sorted(themes.values(), key=lambda theme: theme.name.casefold()),
            "theme": theme,
        },
    )


def heads_of(laboratory: Laboratory, *, at: datetime.date) -> list[Membership]:
    """Who leads it on a day, from the prefetched memberships."""
    return [member for member in laboratory.memberships.all() if member.leads(at=at)]


def _themes_and_startups(laboratory: Laboratory, language: str) -> dict[str, list[tuple[str, str]]]:
    """Name and address of its themes and of the public start-ups born there; one query."""
    text = CharField()
    here, there = f"name_{language}", f"name_{other_language(language)}"
    themes = (
        laboratory.themes.order_by()
        .annotate(what=Value("theme", text), label=F(here), fallback=F(there), address=F("slug"))
        .values_list("what", "label", "fallback", "address")
    )
    startups = (
        laboratory.startups.public()
        .order_by()
        .annotate(what=Value("startup", text), fallback=F("name"), address=F("slug"))
        .values_list("what", "name", "fallback", "address")
    )
    found: dict[str, list[tuple[str, str]]] = {"theme": [], "startup": []}
    for what, label, fallback, slug in themes.union(startups, all=True):
        found[what].append((label or fallback, slug))
    return {what: sorted(rows, key=lambda row: row[0].casefold()) for what, rows in found.items()}


@require_safe
def laboratory(request: HttpRequest, slug: str) -> HttpResponse:
    """Five queries: the laboratory, its members, themes and start-ups, articles, the frame."""
    language, today = current_language(), timezone.localdate()
    found = find_record(
        Laboratory.objects.select_related("image").with_memberships(), slug=slug, language=language
    )
    if isinstance(found, MovedRecord):
        return answers.moved(found.to)
    if isinstance(found, GoneRecord):
        return answers.gone(request)
    if found is None:
        raise Http404(slug)
    members = list(found.memberships.all())
    heads = heads_of(found, at=today)
    alumni = [member for member in members if member.is_alumni(at=today)]
    near = _themes_and_startups(found, language)
    articles = list(_articles(found, language)[: ARTICLES + 1])
    head = page(
        found.name,
        "labs:laboratory",
        found.slug,
        other_args=(getattr(found, f"slug_{other_language(language)}"),),
        description=str(spoken(found, "we_study")),
        card=card_with(found.image, found.name, _("Laboratory")),
        data=(
            sharing.data_of_laboratory(
                found, heads=heads, themes=[label for label, _address in near["theme"]]
            ),
        ),
        trail=((_("Laboratories"), address("labs:laboratories")),),
        feed=f"?lab={found.slug}",
    )
    return answers.page(
        request,
        "labs/laboratory.html",
        {
            "head": head,
            "laboratory": found,
            "is_open": found.is_open(at=today),
            "opened": partial(found.opened),
            "closed": partial(found.closed),
            "heads": heads,
            "members": [m for m in members if m not in heads and m not in alumni],
            "alumni": alumni,
            "themes": near["theme"],
            "startups": near["startup"],
            "articles": articles[:ARTICLES],
            "more_articles": len(articles) > ARTICLES,
        },
    )


def _articles(record, language: str):
    """The live articles about a record, for cards (the news room is told to us by its accessor)."""
    return record.posteditions.in_language(language).live().newest_first().for_cards()


@require_safe
def startups(request: HttpRequest) -> HttpResponse:
    """Five queries; counts and sums are computed from what is shown, as of today."""
    today = timezone.localdate()
    everything = StartUp.objects.public().with_rounds().prefetch_related("laboratories")
    found = sorted(everything, key=lambda startup: startup.name.casefold())
    by_origin = Counter(startup.origin for startup in found)
    return answers.page(
        request,
        "labs/startups.html",
        {
            "head": page(
                _("Start-ups"),
                "labs:startups",
                description=_(
                    "Companies born in the institute's laboratories, hosted here or partners."
                ),
            ),
            "startups": [
                (
                    startup,
                    startup.raised(at=today).items(),
                    [lab for lab in startup.laboratories.all() if lab.is_public],
                )
                for startup in found
            ],
            "origins": [
                (label, by_origin[origin])
                for origin, label in StartUp.Origin.choices
                if by_origin[origin]
            ],
            "portfolio": Portfolio.of(StartUp.objects.public(), at=today),
            "today": today,
        },
    )


@require_safe
def startup(request: HttpRequest, slug: str) -> HttpResponse:
    """Six queries: the start-up, rounds, founders, laboratories, articles, the frame."""
    language, today = current_language(), timezone.localdate()
    found = find_record(
        StartUp.objects.select_related("logo").prefetch_related(
            "rounds", "founders", "laboratories"
        ),
        slug=slug,
        language=language,
    )
    if isinstance(found, MovedRecord):
        return answers.moved(found.to)
    if isinstance(found, GoneRecord):
        return answers.gone(request)
    if found is None:
        raise Http404(slug)
    founders = [person for person in found.founders.all() if person.is_public]
    return answers.page(
        request,
        "labs/startup.html",
        {
            "head": page(
                found.name,
                "labs:startup",
                found.slug,
                description=str(spoken(found, "description") or spoken(found, "field")),
                card=card_with(None, found.name, str(found.field)),
                data=(sharing.data_of_startup(found, founders=founders),),
                trail=((_("Start-ups"), address("labs:startups")),),
            ),
            "startup": found,
            "founders": founders,
            "other_founders": [
                name.strip() for name in found.other_founders.splitlines() if name.strip()
            ],
            "laboratories": [lab for lab in found.laboratories.all() if lab.is_public],
            "rounds": found.rounds.all(),
            "raised": found.raised(at=today).items(),
            "today": today,
            "articles": _articles(found, language)[:ARTICLES],
        },
    )
