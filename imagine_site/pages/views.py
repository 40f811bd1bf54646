"""Institutional pages, read from their live editions; history and key figures, each dated."""

from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from imagine_site.components import answers
from imagine_site.components.cards import Card
from imagine_site.components.head import Head, address, current_language, other_language
from imagine_site.components.head import page as page_head
from imagine_site.pages import roles
from imagine_site.pages.models import KeyFigure, Milestone, PageEdition
from imagine_site.publishing.lookup import Gone, Moved, find


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Two queries: the edition (with the address of its translation), and the frame of the site;
    what a role adds below the text has its own."""
    language = current_language()
    elsewhere = other_language(language)
    sibling = PageEdition.objects.live().filter(story=OuterRef("story"), language=elsewhere)
    editions = PageEdition.objects.defer("body", "text").annotate(
        other_slug=Subquery(sibling.values("slug")[:1])
    )
    found = find(editions, slug=slug, language=language)
    if isinstance(found, Moved):
        return answers.moved(found.to.get_absolute_url())
    if isinstance(found, Gone):
        return answers.gone(request)
    if found is None:
        raise Http404(slug)
    if found.other_slug:
        other = address("pages:page", found.other_slug, language=elsewhere)
    else:
        other = address("home:home", language=elsewhere)
    head = Head(
        title=found.title,
        description=found.summary,
        path=found.get_absolute_url(),
        other=other,
        translated=bool(found.other_slug),
        revised=found.revised_at,
        card=Card(found.title),
    )
    more = roles.below(found.role, language)
    return answers.page(request, "pages/page.html", {"head": head, "page": found, **more})


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Two queries: the milestones with their pictures, and the frame."""
    head = page_head(
        _("Our history"),
        "pages:history",
        description=_("The institute since its foundation: each step with its date."),
    )
    milestones = Milestone.objects.filter(is_public=True).select_related("image")
    return answers.page(request, "pages/history.html", {"head": head, "milestones": milestones})


@require_safe
def key_figures(request: HttpRequest) -> HttpResponse:
    """Two queries: the figures, and the frame."""
    head = page_head(
        _("Key figures"),
        "pages:key_figures",
        description=_("The institute in figures, each with the day it holds for and its source."),
    )
    figures = KeyFigure.objects.filter(is_public=True)
    return answers.page(request, "pages/key_figures.html", {"head": head, "figures": figures})
