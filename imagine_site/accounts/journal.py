"""Write the journal of the door, and forget what is too old."""

import datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from imagine_site.accounts.models import AccountEvent
from imagine_site.accounts.visitors import client_address

Kind = AccountEvent.Kind


def record(kind: Kind, *, user, request: HttpRequest | None = None, by=None, note="", name=""):
    """One line more; `by` is who did it where that is somebody else than the account's owner."""
    AccountEvent.objects.create(
        kind=kind,
        user=user,
        name=name or (user.get_username() if user else ""),
        by=by if by != user else None,
        address=client_address(request) if request else None,
        device=request.META.get("HTTP_USER_AGENT", "")[:200] if request else "",
        note=str(note)[:250],
    )


def forget(*, at: datetime.datetime | None = None) -> int:
    """Delete what is older than `ACCESS_LOG_DAYS`; returns how many lines went."""
    limit = (at or timezone.now()) - datetime.timedelta(days=settings.ACCESS_LOG_DAYS)
    gone, _by_model = AccountEvent.objects.filter(at__lt=limit).delete()
    return gone
