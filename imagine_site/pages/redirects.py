"""Old addresses that lead on, or say that what they named is gone.

Kept for addresses of former sites and printed papers; a story that changes its address leaves a way
by itself. A redirect is looked for only where nothing else answers, so that it can never stand
before a page. It takes one step: chains and loops are refused when it is saved.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http import HttpResponsePermanentRedirect as PermanentRedirect
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from imagine_site.components.answers import gone
from imagine_site.editing.models import Versioned

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
#: What is below these is no page, and its answers are not ours to change.
CLOSED = ("admin", "static", "media", ".well-known")
#: Control characters, spaces and what else has no place in an address (RFC 3986 §2); the backslash,
#: because browsers read it as a slash.
_FOREIGN = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\\<>\"^`{|}]")
_NO_PATH = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\\]")
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z][-a-z0-9]{0,61}")
MAX_LENGTH = 500


def normal_path(path: str) -> str:
    """One form for one address: decoded, composed (NFC), without the slash at its end.

    Raises `ValidationError` for what is no path on this site.
    """
    path = re.split(r"[?#]", path.strip(), maxsplit=1)[0]
    path = unicodedata.normalize("NFC", unquote(path, errors="strict"))
    if not path.startswith("/") or "//" in path or _NO_PATH.search(path):
        raise ValidationError(
            _("Write the path as it stands after the site’s name: /old/page/."), code="path"
        )
    if {".", ".."} & set(path.split("/")):
        raise ValidationError(_("Write the path without dots: /old/page/."), code="path")
    return path.rstrip("/") or "/"


def safe_target(target: str) -> str:
    """A path on this site, or an https address elsewhere, ready for a Location header.

    Raises `ValidationError` for everything else: other schemes, `//host`, backslashes, line breaks,
    names and passwords (OWASP, Unvalidated Redirects and Forwards).
    """
    target = target.strip(" ")
    refused = ValidationError(
        _("Lead to a path on this site (/en/news/) or to an address that begins with https://."),
        code="target",
    )
    if not target or _FOREIGN.search(target) or _FOREIGN.search(_decoded(target)):
        raise refused
    try:
        parts = urlsplit(target)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise refused from error
    if target.startswith("/"):
        if parts.netloc or _decoded(target).startswith("//") or "//" in parts.path:
            raise refused
        return iri_to_uri(target)
    if parts.scheme != "https" or parts.username is not None or parts.password is not None:
        raise refused
    if not _HOST.fullmatch(host):
        raise refused
    own = urlsplit(settings.SITE_URL)
    if (host, port) == (own.hostname, own.port):
        return safe_target(target.partition(parts.netloc)[2] or "/")
    return iri_to_uri(target)


def _decoded(text: str) -> str:
    return unquote(text, errors="replace")


def _without_language(path: str) -> str:
    first, _slash, rest = path.removeprefix("/").partition("/")
    return f"/{rest}" if first in LANGUAGES else path


class Redirect(Versioned):
    """From an address that nothing answers any more to one that does."""

    class Kind(models.IntegerChoices):
        PERMANENT = 301, _("for ever (301)")
        TEMPORARY = 302, _("for now (302)")
        GONE = 410, _("gone, leads nowhere (410)")

    old = models.CharField(
        _("old address"),
        max_length=MAX_LENGTH,
        unique=True,
        help_text=_(
            "The path only, with its language if it had one: /en/old-page/. A slash at the end, "
            "and what follows a question mark, make no difference. If a page stands here, the page "
            "is shown and this is not used."
        ),
    )
    target = models.CharField(
        _("leads to"),
        max_length=MAX_LENGTH,
        blank=True,
        help_text=_("A path on this site, or an https address elsewhere. Empty for what is gone."),
    )
    kind = models.PositiveSmallIntegerField(_("kind"), choices=Kind, default=Kind.PERMANENT)
    note = models.CharField(
        _("note"), max_length=200, blank=True, help_text=_("For colleagues: why it is here.")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("redirect")
        verbose_name_plural = _("redirects")
        ordering = ["old"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind=410) & Q(target="")) | (Q(kind__in=[301, 302]) & ~Q(target="")),
                name="a_redirect_leads_somewhere_unless_gone",
                violation_error_message=_(
                    "Say where it leads, or choose “gone” and leave the target empty."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(target=models.F("old")), name="a_redirect_leads_elsewhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.target}" if self.target else self.old

    def clean_fields(self, exclude=None):
        """Normal form first, so that the same address cannot be entered twice."""
        errors = {}
        for name, normalise in (("old", self._normal_old), ("target", self._normal_target)):
            try:
                setattr(self, name, normalise())
            except ValidationError as error:
                errors[name] = error
            except UnicodeDecodeError:
                errors[name] = ValidationError(_("This is not the address of a page."))
        if errors:
            raise ValidationError(errors)
        super().clean_fields(exclude=exclude)

    def _normal_old(self) -> str:
        path = normal_path(self.old)
        if path == "/" or path.split("/")[1] in CLOSED or path.removeprefix("/") in LANGUAGES:
            raise ValidationError(_("This address always answers by itself."), code="closed")
        return path

    def _normal_target(self) -> str:
        return safe_target(self.target) if self.target.strip() else ""

    def clean(self):
        super().clean()
        if not self.target.startswith("/"):
            return
        there = normal_path(self.target)
        if there == self.old or _without_language(self.old) == there:
            raise ValidationError({"target": _("This leads back to where it starts.")}, code="loop")
        others = Redirect.objects.exclude(pk=self.pk)
        if further := others.filter(old=there).first():
            raise ValidationError(
                {
                    "target": _("%(there)s leads on to %(further)s: lead there directly.")
                    % {"there": there, "further": further.target or further.get_kind_display()}
                },
                code="chain",
            )
        self._refuse_if_others_lead_here(others)

    def _refuse_if_others_lead_here(self, others: models.QuerySet) -> None:
        """The same chain from its other end; targets keep their query and their slash."""
        for other in others.filter(target__startswith="/").iterator():
            if normal_path(other.target) == self.old:
                raise ValidationError(
                    {
                        "old": _("%(other)s leads here already: first lead it on to %(target)s.")
                        % {"other": other.old, "target": self.target}
                    },
                    code="chain",
                )

    def location(self, query: str) -> str:
        """Where a visitor goes who came with a query; the target's own comes first."""
        target, _hash, fragment = self.target.partition("#")
        if query:
            target += ("&" if "?" in target else "?") + iri_to_uri(query)
        return f"{target}#{fragment}" if fragment else target


def answer(request: HttpRequest) -> HttpResponse | None:
    """What stands for an address that nothing answers, if a colleague has said so; one query."""
    try:
        path = normal_path(quote(request.path))
    except (ValidationError, UnicodeDecodeError):
        return None
    if len(path) > MAX_LENGTH or path.split("/")[1] in CLOSED:
        return None
    found = Redirect.objects.filter(old=path).first()
    if found is None:
        return None
    if found.kind == Redirect.Kind.GONE:
        return gone(request)
    # Checked when it was saved; checked again, because a row may have come another way.
    try:
        safe_target(found.target)
    except ValidationError:
        return None
    shape = PermanentRedirect if found.kind == Redirect.Kind.PERMANENT else HttpResponseRedirect
    return shape(found.location(request.META.get("QUERY_STRING", "")))


class RedirectMiddleware:
    """Looks for a redirect where the site would answer 404, and nowhere else."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 404 and request.method in ("GET", "HEAD"):
            return answer(request) or response
        return response
