"""The larger and costlier renditions, made after the editor had the answer.

Which pictures wait stands in the database (`models.Unmade`), so that nothing is lost with a process
and several machines share the work. Here is who does it: one process of its own on each machine,
`manage.py make_renditions --waiting`, begun by an upload, gone when nothing waits. It is not a
thread of the server: it steps back for whoever answers visitors, its memory goes with it, and a
picture that brings a codec down takes no visitor along.

A thread of each server process sees to it that there is one: it begins with the first request (what
a former process left is found then) and with each upload, waits for the machine's one place, and
ends when nothing is left. A claim on a picture is good for some minutes; a process that is stopped
gives it back, one that dies is overtaken.
"""

import contextlib
import fcntl
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.core.signals import request_started
from django.db import DatabaseError, connection
from django.db.models import F, Min
from django.utils import timezone

from imagine_site.images.library import Report, complete
from imagine_site.images.models import CLAIMED_FOR, MOST_TRIES, Unmade

#: After a picture could not be made: a storage that does not answer may by then.
NEXT_TRY = timedelta(seconds=30)
#: After a process failed as a whole, before another one is begun.
PAUSE = 30  # seconds
#: Behind everybody who answers a visitor (of 0 to 19).
NICENESS = 15

logger = logging.getLogger(__name__)


# -- The work ---------------------------------------------------------------------------------


def make_waiting(*, threads: int | None = None) -> Report:
    """Make what waits until nobody's is left; what another process is at is left to it."""
    report = Report()
    while (row := _claimed()) is not None:
        report.looked_at += 1
        try:
            complete(row.pk, threads=threads)
        except Exception as error:
            logger.exception(
                "The renditions of image %s could not be made (%d of %d tries; after that, "
                "manage.py make_renditions does it).",
                *(row.pk, row.tries, MOST_TRIES),
            )
            _mine(row).update(claimed_until=timezone.now() + NEXT_TRY)
            report.problems.append(f"{row.pk}: {error}")
        except BaseException:
            # Stopped from outside: the next process begins at once.
            _mine(row).update(claimed_until=None, tries=F("tries") - 1)
            raise
        else:
            report.made += 1
            # Still there where the focal point moved meanwhile: once more, then.
            _mine(row).update(claimed_until=None)
    return report


def _claimed() -> Unmade | None:
    """The next picture, ours for a while; None where none is free."""
    while True:
        now = timezone.now()
        row = Unmade.objects.free(now).first()
        if row is None:
            return None
        # Asked again within the statement: of two processes that saw it free, one has it.
        until = now + CLAIMED_FOR
        if _mine(row).update(claimed_until=until, tries=F("tries") + 1):
            row.claimed_until, row.tries = until, row.tries + 1
            return row


def _mine(row: Unmade):
    """The row as this process last knew it."""
    return Unmade.objects.filter(
        pk=row.pk, wanted=row.wanted, tries=row.tries, claimed_until=row.claimed_until
    )


# -- Who does it ------------------------------------------------------------------------------


class Tender:
    """The thread of a server process that has the work done while there is any."""

    def __init__(self):
        self._lock = threading.Lock()
        self._asked = threading.Event()
        self._thread: threading.Thread | None = None

    def ask(self) -> None:
        """See to it that what waits is made; returns at once."""
        with self._lock:
            self._asked.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._tend, name="renditions", daemon=True)
                self._thread.start()

    def _tend(self) -> None:
        while True:
            self._asked.clear()
            seconds = self._seconds_until_free()
            if seconds is None:
                with self._lock:
                    if self._asked.is_set():
                        continue
                    self._thread = None
                    return
            if seconds > 0:
                self._asked.wait(seconds)
                continue
            with place() as held:
                # Whoever had the place before may have done it all.
                code = run(held) if self._seconds_until_free() == 0 else 0
            if code:
                self._asked.wait(PAUSE)

    @staticmethod
    def _seconds_until_free() -> float | None:
        """0 where a picture waits for somebody, None where none waits at all."""
        try:
            if Unmade.objects.free().exists():
                return 0
            ends = Unmade.objects.waiting().aggregate(first=Min("claimed_until"))["first"]
        except DatabaseError:
            # Not migrated yet, or gone: the next upload asks again.
            logger.warning("Which renditions wait could not be read.", exc_info=True)
            return None
        finally:
            connection.close()
        return max(0.1, (ends - timezone.now()).total_seconds()) if ends else None


@contextlib.contextmanager
def place() -> Iterator[int]:
    """The machine's one place for such a process, waited for: the descriptor of a locked file.

    The lock is held by whoever has the descriptor, so it stays with the process that it is handed
    to, should this one die.
    """
    descriptor = os.open(settings.VAR_DIR / "renditions.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def run(held: int) -> int:
    """The process, to its end; its exit code."""
    manage = str(settings.BASE_DIR / "manage.py")
    return subprocess.run(  # noqa: S603 - our own command, without an argument from outside
        [sys.executable, manage, "make_renditions", "--waiting"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[held],
        check=False,
    ).returncode


_tender = Tender()


def ask(**_about) -> None:
    """Connected to `renditions_wait`. Nothing where uploads wait for all of their renditions."""
    if settings.RENDITION_THREADS:
        _tender.ask()


def first_request(**_about) -> None:
    """Connected to `request_started`: once in each process, what a former one left is found."""
    request_started.disconnect(dispatch_uid="images: what was left")
    ask()
