"""The front page, the way to it, and the answers to addresses that do not exist."""

import datetime

from django.db import connection
from django.db.models import prefetch_related_objects
from django.db.utils import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template import loader
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from imagine_site.components import answers
from imagine_site.components.head import (
    LANGUAGES,
    Head,
    address,
    current_language,
    other_language,
    page,
)
from imagine_site.home import sharing
from imagine_site.images.models import shown
from imagine_site.pages.models import KeyFigure, Milestone
from labs.chart import Portfolio
from labs.models import Laboratory, LaboratoryQuerySet, StartUp, Theme
from labs.views import heads_of, open_on
from news.models import Kind
from news.views import VisitFacts, live_in

#: The lead story and those listed below it.
LATEST = 6
#: Key figures and steps of the history on the front page; each has a page with all of them.
FIGURES, STEPS = 5, 3


def preferred_language(accept: str) -> str:
    """The best of our languages for an Accept-Language header (RFC 9110 §12.5.4).

    Cookies have no say: the answer is the same for everyone who sends the same header.
    """
    for code, _quality in parse_accept_lang_header(accept):
        if code == "*":
            break
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return LANGUAGES[0]


@require_safe
def to_the_visitors_language(request: HttpRequest) -> HttpResponse:
    language = preferred_language(request.headers.get("Accept-Language", ""))
    response = HttpResponseRedirect(address("home:home", language=language))
    patch_vary_headers(response, ["Accept-Language"])
    return response


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Eight queries: latest news, latest visit, figures, milestones, laboratories, the heads of
    the one in focus, start-ups with what they raised, the frame."""
    language, today = current_language(), timezone.localdate()
    description = _(
        "Research, care and teaching on the genetic diseases of children and adults, in one place, "
        "in Paris."
    )
    latest = list(live_in(language).newest_first().for_cards()[: LATEST + 1])
    lead, more = (latest[0], latest[1:]) if latest else (None, [])
    visit = live_in(language).filter(kind=Kind.VISIT).newest_first().for_cards().first()
    laboratories = list(
        open_on(today, Laboratory.objects.public()).alphabetical().select_related("image")
    )
    focus = in_focus(laboratories, at=today)
    steps = Milestone.objects.filter(is_public=True).select_related("image")
    return answers.page(
        request,
        "home/home.html",
        {
            "head": page(
                _("Institut Imagine, institute of genetic diseases"),
                "home:home",
                description=description,
                data=sharing.data_of_home(description),
            ),
            "lead": lead,
            "latest": more,
            "visit": visit,
            "visit_facts": VisitFacts.of(visit) if visit else None,
            "figures": KeyFigure.objects.filter(is_public=True)[:FIGURES],
            "milestones": list(steps.order_by("-date", "-pk")[:STEPS])[::-1],
            "laboratories": laboratories,
            "focus": focus,
            "focus_heads": heads_of(focus, at=today) if focus else [],
            "portfolio": Portfolio.of(StartUp.objects.public(), at=today),
            "today": today,
        },
    )


def in_focus(laboratories: list[Laboratory], *, at: datetime.date) -> Laboratory | None:
    """The laboratory of the week, the same for everyone: each has its turn (ISO 8601 weeks).

    Those with a picture or a word to families come first, where there are any.
    """
    presented = [
        one for one in laboratories if shown(one.image) or one.we_study_en or one.we_study_fr
    ]
    if not (chosen_from := presented or laboratories):
        return None
    monday = at - datetime.timedelta(days=at.weekday())
    focus = chosen_from[monday.toordinal() // 7 % len(chosen_from)]
    prefetch_related_objects([focus], LaboratoryQuerySet.memberships_of())
    return focus


@require_safe
def site_map(request: HttpRequest) -> HttpResponse:
    """Four queries: laboratories, themes, start-ups, the frame (pages and founding members)."""
    today = timezone.localdate()
    return answers.page(
        request,
        "home/site_map.html",
        {
            "head": page(
                _("Site map"),
                "home:site_map",
                description=_("Every part of the site, every laboratory and every page."),
            ),
            "laboratories": open_on(today, Laboratory.objects.public()).alphabetical(),
            "themes": Theme.objects.filter(laboratories__is_public=True).distinct(),
            "startups": StartUp.objects.public().alphabetical(),
            "kinds": Kind.choices,
        },
    )


# -- Addresses that do not exist, and failures ------------------------------------------------


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 with ways on: the latest news and every list."""
    language = current_language()
    head = Head(
        title=_("There is no page at this address"),
        other=address("home:home", language=other_language(language)),
        translated=False,
        indexed=False,
    )
    latest = live_in(language).newest_first().for_cards()[:3]
    return render(request, "404.html", {"head": head, "latest": latest}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 without database, context or translation in the way: one static page, both languages."""
    return HttpResponse(loader.get_template("500.html").template.source, status=500)


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """For whoever watches the site: 200 when the database answers, 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database\n", status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
