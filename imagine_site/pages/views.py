"""An institutional page, read from its live edition."""

from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from imagine_site.components.answers import gone, moved
from imagine_site.components.head import Head, address, current_language, other_language
from imagine_site.pages.models import PageEdition
from imagine_site.publishing.lookup import Gone, Moved, find


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Two queries: the edition (with the address of its translation), and the frame of the site."""
    language = current_language()
    elsewhere = other_language(language)
    sibling = PageEdition.objects.live().filter(story=OuterRef("story"), language=elsewhere)
    editions = PageEdition.objects.defer("body", "text").annotate(
        other_slug=Subquery(sibling.values("slug")[:1])
    )
    found = find(editions, slug=slug, language=language)
    if isinstance(found, Moved):
        return moved(found.to.get_absolute_url())
    if isinstance(found, Gone):
        return gone(request)
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
    )
    return render(request, "pages/page.html", {"head": head, "page": found})
