"""What a process knows of the generation where pages are made from a replica that lags.

A page is kept under the generation that was read before it was made. Read from the primary, it
would name a change that the replica does not have yet, and the page without it would be kept until
the next one. So each database has a watch of its own, and a request asks the one from which it
reads. A page may then be newer than the generation it is kept under, never older.
"""

from __future__ import annotations

import time

from django.db import Error, connections

from imagine_site.machines.reading import (
    PRIMARY,
    REPLICA,
    go_over_to_the_primary,
    reads_from_replica,
    replica,
)
from imagine_site.pagecache.models import Generation
from imagine_site.pagecache.watching import Watch

#: Seconds between two looks at how far the primary is.
COMPARE_EVERY = 1.0
#: Seconds that a replica may take to show what the primary showed; then it is not read any more.
MOST_BEHIND = 2.0


class ReplicaWatch(Watch):
    """The generation as the replica has it. One that cannot be read, or that stays behind the
    primary for long, is left alone (`Replica.leave_alone`)."""

    def __init__(self):
        super().__init__()
        #: A generation the primary has and the replica does not, and since when that is known.
        self._awaited: tuple[int, float] | None = None
        self._compare_at = float("-inf")

    def _look(self) -> None:
        try:
            connections[REPLICA].close_if_unusable_or_obsolete()
            number = _generation(REPLICA)
        except Error:
            replica.leave_alone("The replica does not answer.")
            return
        if self._is_behind(number):
            replica.leave_alone(f"The replica is more than {MOST_BEHIND:g} seconds behind.")
            return
        super()._look()

    def _is_behind(self, number: int) -> bool:
        """The primary is asked once a second, however often it changes; where it does not answer,
        a page of the replica is better than none."""
        now = time.monotonic()
        if self._awaited and number >= self._awaited[0]:
            self._awaited = None
        if self._awaited is None and now >= self._compare_at:
            self._compare_at = now + COMPARE_EVERY
            try:
                connections[PRIMARY].close_if_unusable_or_obsolete()
                primary = _generation(PRIMARY)
            except Error:
                return False
            if number < primary:
                self._awaited = primary, now
        return self._awaited is not None and now - self._awaited[1] > MOST_BEHIND


def _generation(using: str) -> int:
    return Generation.objects.using(using).values_list("number", flat=True).first() or 0


class EachDatabase:
    """The watch of the database from which the present request reads."""

    def __init__(self):
        self._primary, self._replica = Watch(), ReplicaWatch()

    def current(self) -> int:
        if reads_from_replica():
            number = self._replica.current()
            if replica.usable() and number >= 0:
                return number
            go_over_to_the_primary()
        return self._primary.current()

    @property
    def generation(self) -> int:
        return self._asked.generation

    @property
    def until(self) -> float:
        return self._asked.until

    @property
    def _asked(self) -> Watch:
        return self._replica if reads_from_replica() else self._primary
