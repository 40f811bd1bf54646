"""Where somebody is signed in, and how that ends.

The list is the library's (`UserSession`, a row for each sign-in). When a session was last used is
noted a few times an hour and not at every request, so that reading an admin page writes nothing.
"""

import datetime
import time

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils import timezone

from imagine_site.accounts.visitors import client_address

_SEEN = "seen"
NOTED_EVERY = datetime.timedelta(minutes=10)


def sessions_of(user) -> list[UserSession]:
    """The living ones, last used first; rows of dead ones are removed on the way."""
    found = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda session: session.last_seen_at, reverse=True)


def begin(request: HttpRequest) -> None:
    """Remember in the session that its row exists, and since when."""
    request.session[_SEEN] = [request.session.session_key, time.time()]


def note_use(request: HttpRequest) -> None:
    """Bring the session's row up to date, when that is due or the session's key has changed.

    (A change of password gives the session a new key.)
    """
    key, noted = request.session.get(_SEEN) or (None, 0)
    same = key == request.session.session_key
    if key is None or (same and time.time() - noted < NOTED_EVERY.total_seconds()):
        return
    changes = {"session_key": request.session.session_key, "last_seen_at": timezone.now()}
    if address := client_address(request):
        changes["ip"] = address
    UserSession.objects.filter(session_key=key, user=request.user).update(**changes)
    begin(request)


def end_sessions(user, *, but: str | None = None) -> int:
    """End all sessions of an account, but the one with this key; returns how many ended."""
    ended = 0
    for session in UserSession.objects.filter(user=user).exclude(session_key=but or ""):
        session.end()
        ended += 1
    return ended
