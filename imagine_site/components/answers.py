"""The answers that are no page: moved, and gone."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from imagine_site.components.head import Head, address, other_language
from imagine_site.pagecache.keeping import keep


def page(request: HttpRequest, template: str, context: dict) -> HttpResponse:
    """A public page with its `head`, the same for everybody: it may be kept until it changes."""
    answer = render(request, template, context)
    head: Head = context["head"]
    return keep(answer, head.path) if head.path else answer


def moved(to: str) -> HttpResponsePermanentRedirect:
    """301: the same thing stands at another address now."""
    return HttpResponsePermanentRedirect(to)


def gone(request: HttpRequest, *, latest: Iterable = ()) -> HttpResponse:
    """410: it was public here and no longer is. The page says so and offers ways on, among them
    the `latest` articles where the caller knows any."""
    head = Head(
        title=_("This page is no longer here"),
        other=address("home:home", language=other_language()),
        translated=False,
        indexed=False,
    )
    answer = render(request, "410.html", {"head": head, "latest": latest}, status=410)
    return keep(answer, request.path)
