"""Files that browsers, crawlers and researchers look for at fixed addresses."""

import datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.http import require_safe

from imagine_site.pagecache.keeping import keep

#: How long `security.txt` holds from the day it is asked for; RFC 9116 §2.5.5 advises less than
#: a year.
HOLDS_FOR = datetime.timedelta(days=180)

PLAIN = "text/plain; charset=utf-8"
ICONS = Path(settings.BASE_DIR, "static", "icons")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """RFC 9309. The admin refuses strangers anyway; crawlers need not try."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
        f"Sitemap: {settings.SITE_URL}/sitemap-news.xml",
    ]
    return keep(HttpResponse("\n".join(lines) + "\n", content_type=PLAIN), request.path)


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """RFC 9116: whom to tell of a weakness. Without a contact there is no such file: an address
    that nobody reads would be worse."""
    if not settings.SECURITY_CONTACT:
        raise Http404("SECURITY_CONTACT")
    lines = [f"Contact: {contact}" for contact in map(as_uri, settings.SECURITY_CONTACT)]
    lines.append(f"Expires: {expires():%Y-%m-%dT%H:%M:%SZ}")
    lines.append("Preferred-Languages: en, fr")
    lines.append(f"Canonical: {settings.SITE_URL}/.well-known/security.txt")
    if settings.SECURITY_POLICY:
        lines.append(f"Policy: {settings.SECURITY_POLICY}")
    return keep(HttpResponse("\n".join(lines) + "\n", content_type=PLAIN), request.path)


def as_uri(contact: str) -> str:
    """`security@example.org` is written as `mailto:security@example.org` (RFC 9116 §2.5.3)."""
    return contact if ":" in contact else f"mailto:{contact}"


def expires() -> datetime.datetime:
    """The day set, else half a year from now; midnight, so that the file changes once a day."""
    if settings.SECURITY_EXPIRES:
        day = datetime.date.fromisoformat(settings.SECURITY_EXPIRES)
    else:
        day = timezone.now().date() + HOLDS_FOR
    return datetime.datetime.combine(day, datetime.time(), tzinfo=datetime.UTC)


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """W3C Web App Manifest: the name and the icon of the site on a telephone's first screen."""
    found = {
        "name": "Institut Imagine",
        "short_name": "Imagine",
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "browser",
        "background_color": "#ffffff",
        "theme_color": "#0d1b3e",
        "icons": [
            {"src": static(f"icons/{name}"), "sizes": sizes, "type": kind, "purpose": purpose}
            for name, sizes, kind, purpose in (
                ("icon.svg", "any", "image/svg+xml", "any"),
                ("icon-192.png", "192x192", "image/png", "any"),
                ("icon-512.png", "512x512", "image/png", "any"),
                ("icon-maskable.png", "512x512", "image/png", "maskable"),
            )
        ],
    }
    return keep(JsonResponse(found, content_type="application/manifest+json"), request.path)


@cache
def _favicon() -> bytes:
    return (ICONS / "favicon.ico").read_bytes()


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For whoever asks without having read a page."""
    headers = {"Cache-Control": "public, max-age=86400"}
    answer = HttpResponse(_favicon(), content_type="image/x-icon", headers=headers)
    return keep(answer, request.path)
