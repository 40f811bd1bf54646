"""Visitors while an editor publishes: what they see, and when.

An editor in a process of its own publishes the page that is being driven, once a second, by the
verb behind the button. Somebody asks for the page every ten milliseconds, over a new connection
each time so that every worker is asked, and notes which publication the answer shows.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.driving import get

#: Seconds between two looks of the prober.
EVERY = 0.01
#: Seconds after a publication from which on nobody may be answered with the former text any more.
FRESH_WITHIN = 0.25
_NUMBER = re.compile(rb"Publication number (-?\d+) of the benchmark")


@dataclass(frozen=True, slots=True)
class Publication:
    """When it held, by the monotonic clock: its commit, or the moment it was planned for."""

    number: int
    live_from: float
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """Asked, answered, and the number of the publication seen; None where there was no answer."""

    asked: float
    answered: float
    number: int | None


@dataclass(slots=True)
class Freshness:
    """What the looks say of the publications; seconds."""

    looks: int = 0
    failed: int = 0
    #: Former texts in answers that were asked for `FRESH_WITHIN` after a publication, or later.
    stale: int = 0
    #: Planned texts in answers that were there before their moment.
    early: int = 0
    #: For each publication: until it was first seen, and until the former text was last seen (by
    #: when that was asked for).
    visible: list[float] = field(default_factory=list)
    settled: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, looks: Sequence[Look], publications: Sequence[Publication]) -> Freshness:
        found = cls(looks=len(looks))
        seen = [look for look in looks if look.number is not None]
        found.failed = len(looks) - len(seen)
        ordered = sorted(publications, key=lambda each: each.number)
        for look in seen:
            newer = (each.live_from for each in ordered if each.number > look.number)
            if (since := next(newer, None)) is not None and look.asked - since > FRESH_WITHIN:
                found.stale += 1
        for each in ordered:
            with_it = [look.answered for look in seen if look.number >= each.number]
            if not with_it:
                continue
            if each.planned:
                found.early += sum(
                    look.answered < each.live_from for look in seen if look.number >= each.number
                )
            # The verb tells after its commit: a visitor may have been quicker.
            found.visible.append(max(0.0, min(with_it) - each.live_from))
            former = [look.asked for look in seen if look.number < each.number]
            found.settled.append(max(0.0, max(former, default=0.0) - each.live_from))
        return found


class Prober:
    """Looks at one page until it is stopped: `with Prober(port, path) as prober`."""

    def __init__(self, port: int, path: str):
        self.port, self.path = port, path
        self.looks: list[Look] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Prober:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _look_on(self) -> None:
        due = time.monotonic()
        while not self._stopped.is_set():
            asked = time.monotonic()
            number = self._number_seen()
            self.looks.append(Look(asked, time.monotonic(), number))
            # What could not be looked at in time is not looked at later in a heap.
            due = max(due + EVERY, time.monotonic())
            self._stopped.wait(due - time.monotonic())

    def _number_seen(self) -> int | None:
        try:
            answer = get(self.port, self.path, {"Accept-Encoding": "identity"})
        except (OSError, http.client.HTTPException):
            return None
        if answer.status != 200:
            return None
        found = _NUMBER.search(answer.body)
        return int(found[1]) if found else -1_000_000


def publications_of(lines: Sequence[str]) -> list[Publication]:
    """From what `benchmarks.inside editor` tells."""
    told = [json.loads(line) for line in lines]
    return [
        Publication(each["number"], each["live_from"], each["planned"])
        for each in told
        if "number" in each
    ]
