"""How many failures are too many, of whom, and what is said then.

django-axes counts, in the database, so that all processes count together; a wrong password and a
wrong second factor count alike. A passkey is no guess and opens a locked account: nobody who has
one can be shut out by a stranger who types wrong passwords.
"""

import math
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from imagine_site.accounts.journal import Kind, record
from imagine_site.accounts.visitors import is_shared


def account_meant(name: str):
    """The account a typed name or e-mail address means, or None."""
    accounts = get_user_model().objects
    return (
        accounts.filter(username__iexact=name).first()
        or accounts.filter(email__iexact=name).exclude(email="").first()
    )


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Under which name a failure counts: one account is one counter, however it was typed.

    What nobody is called is counted by its digest, as it may be a password in the wrong field.
    """
    given = credentials or {}
    typed = str(given.get("username") or given.get("email") or request.POST.get("login") or "")
    if known := account_meant(typed):
        return known.get_username()
    return salted_hmac("imagine_site.accounts.lockout", typed.strip().lower()).hexdigest()


def counters(request_or_attempt, credentials: dict[str, Any] | None) -> list[str]:
    """By name, and by address where an address means one visitor."""
    address = getattr(request_or_attempt, "axes_ip_address", None)
    return ["username"] if is_shared(address) else ["username", "ip_address"]


def refuse_while_locked(request: HttpRequest, user) -> bool:
    """Whether the account is locked; the answer to the request then says so."""
    if not settings.AXES_ENABLED:
        return False
    if AxesProxyHandler.is_allowed(request, {"username": user.get_username()}):
        return False
    request.axes_locked_out = True
    return True


def answer(request: HttpRequest, original: HttpResponse | None, credentials) -> HttpResponse:
    """The same page for every name, whether somebody has it or not (RFC 6585 §4)."""
    minutes = math.ceil(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
    context = {"title": _("Too many attempts"), "minutes": minutes}
    response = render(request, "accounts/locked.html", context, status=429)
    response["Retry-After"] = str(minutes * 60)
    response["Cache-Control"] = "no-store"
    return response


def locks():
    """The lock on an account, for a query over accounts: `Exists(locks())`."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    failures = (
        AccessAttempt.objects.filter(username=OuterRef("username"), attempt_time__gte=since)
        .order_by()
        .values("username")
        .annotate(failures=Sum("failures_since_start"))
    )
    return failures.filter(failures__gte=settings.AXES_FAILURE_LIMIT)


def unlock(user, *, by, request: HttpRequest) -> None:
    reset(username=user.get_username())
    record(Kind.UNLOCKED, user=user, request=request, by=by)
