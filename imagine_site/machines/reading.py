"""Which database a request reads from, where the primary has a replica that only reads.

Public pages are made from the replica; everything else, and whatever has begun to write, reads from
the primary. A request decides once, before anything is read for it, and goes over to the primary at
most once, never back: what it shows is then never older than what it began with. That is what the
page cache stands on (`imagine_site.machines.lagging`).
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import DEFAULT_DB_ALIAS, Error, InterfaceError, OperationalError, connections

logger = logging.getLogger(__name__)

PRIMARY, REPLICA = DEFAULT_DB_ALIAS, "replica"

#: Seconds for which the replica is left alone after it failed or fell behind.
PAUSE = 5.0
#: Always from the primary: the admin, a draft shown to a colleague, and whether the site is well.
FROM_PRIMARY = ("/admin/", "/preview/", "/healthz")

Application = Callable[[dict, Callable], Iterable[bytes]]


class Replica:
    """How the replica does, as far as this process knows."""

    def __init__(self):
        self._left_alone_until = float("-inf")

    def usable(self) -> bool:
        return time.monotonic() >= self._left_alone_until

    def leave_alone(self, why: str) -> None:
        """Read from the primary for a while, and say so once."""
        if self.usable():
            logger.warning("%s Public pages are read from the primary for a while.", why)
        self._left_alone_until = time.monotonic() + PAUSE

    def trust(self) -> None:
        self._left_alone_until = float("-inf")


replica = Replica()


class Reading:
    """From where one request reads, and whether that went wrong."""

    __slots__ = ("alias", "failed")

    def __init__(self):
        self.alias = REPLICA
        self.failed = False


_reading: ContextVar[Reading | None] = ContextVar("reading", default=None)


def reads_from_replica() -> bool:
    reading = _reading.get()
    return reading is not None and reading.alias == REPLICA


def go_over_to_the_primary() -> None:
    """For the rest of this request."""
    if reading := _reading.get():
        reading.alias = PRIMARY


class Router:
    """A database router (Django, "Multiple databases"): both hold the same rows."""

    def db_for_read(self, model, **hints) -> str:
        # Within a transaction of the primary its own changes have to be seen.
        if not reads_from_replica() or connections[PRIMARY].in_atomic_block:
            return PRIMARY
        return REPLICA

    def db_for_write(self, model, **hints) -> str:
        go_over_to_the_primary()
        return PRIMARY

    def allow_relation(self, one, other, **hints) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints) -> bool | None:
        return False if db == REPLICA else None


class FromReplica:
    """A WSGI application (PEP 3333) in front of the page cache and of Django.

    A GET or HEAD of somebody without a session reads from the replica. Where that fails midway (it
    was stopped, or cancelled a query to follow the primary), the same request is answered from the
    primary: nobody sees the failure. The application must call `start_response` before it returns,
    as Django and the page cache do.
    """

    def __init__(self, application: Application):
        self.application = application
        self._session = settings.SESSION_COOKIE_NAME + "="
        self._past = (settings.STATIC_URL, settings.MEDIA_URL, *FROM_PRIMARY)
        got_request_exception.connect(_note_failure, dispatch_uid="replica failed")

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if not self.is_public(environ) or not replica.usable():
            return self.application(environ, start_response)
        started: list[tuple] = []

        def later(status, headers, exc_info=None):
            started[:] = [(status, headers, exc_info)]

        reading = Reading()
        token = _reading.set(reading)
        try:
            answer = self.application(environ, later)
        finally:
            _reading.reset(token)
        if reading.failed:
            if hasattr(answer, "close"):
                answer.close()
            return self.application(environ, start_response)
        start_response(*started[0])
        return answer

    def is_public(self, environ: dict) -> bool:
        return (
            environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and not environ.get("PATH_INFO", "").startswith(self._past)
            and self._session not in environ.get("HTTP_COOKIE", "")
        )


def _note_failure(**_kwargs) -> None:
    """Django is about to answer 500, because of a database or of something else."""
    reading, error = _reading.get(), sys.exc_info()[1]
    if reading is None or not isinstance(error, Error):
        return
    reading.failed = True
    if isinstance(error, OperationalError | InterfaceError):
        replica.leave_alone("The replica does not answer.")
