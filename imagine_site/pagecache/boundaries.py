"""Who knows when pages change by themselves, without anybody saving anything."""

from __future__ import annotations

import datetime
from collections.abc import Callable

Boundary = Callable[[datetime.datetime], datetime.datetime | None]
_boundaries: list[Boundary] = []


def boundary(function: Boundary) -> Boundary:
    """Register one who knows when something changes by itself: called with a moment, it says the
    next one after it, or None."""
    if function not in _boundaries:
        _boundaries.append(function)
    return function


def next_boundary(at: datetime.datetime) -> datetime.datetime | None:
    """The first moment after `at` at which any page may look different without a commit."""
    return min((moment for ask in _boundaries if (moment := ask(at))), default=None)
