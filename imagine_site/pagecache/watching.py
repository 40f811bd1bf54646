"""What a process knows of the generation, and of the next moment at which pages change by
themselves."""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, connection
from django.utils import timezone

from imagine_site.pagecache.boundaries import next_boundary
from imagine_site.pagecache.models import Generation

logger = logging.getLogger(__name__)

#: Seconds between two looks: a change is seen everywhere within twice that.
LOOK_EVERY = 0.1


class Watch:
    """The generation, read anew when the last look is old enough, by whoever asks first."""

    def __init__(self, look_every: float = LOOK_EVERY):
        self.look_every = look_every
        self.generation = -1
        #: Seconds since the epoch; a page made now holds until then.
        self.until = float("inf")
        self._looked = float("-inf")
        self._lock = threading.Lock()

    def current(self) -> int:
        """The generation, as old as `look_every` at most; the last known one where the database
        does not answer: an old page is better than none."""
        if time.monotonic() - self._looked < self.look_every:
            return self.generation
        # Others go on with what is known; on the very first look they wait.
        if not self._lock.acquire(blocking=self.generation < 0):
            return self.generation
        try:
            if time.monotonic() - self._looked >= self.look_every:
                self._look()
                self._looked = time.monotonic()
        finally:
            self._lock.release()
        return self.generation

    def _look(self) -> None:
        try:
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            number = Generation.objects.values_list("number", flat=True).first() or 0
            if number != self.generation or time.time() >= self.until:
                # Read after the number: what is planned since is seen at the next look.
                moment = next_boundary(timezone.now())
                self.until = moment.timestamp() if moment else float("inf")
                self.generation = number
        except DatabaseError:
            logger.warning("The generation cannot be read; pages stay as they are.", exc_info=True)


_in_use: Watch | None = None


def use(watch: Watch) -> None:
    """Have whoever else keeps something in this process look at the generation with the same eyes
    as the page cache: what is put into a page must never be older than the page says it is."""
    global _in_use
    _in_use = watch


def in_use() -> Watch:
    """The page cache's; one of its own where no pages are kept."""
    if _in_use is None:
        use(Watch())
    return _in_use
