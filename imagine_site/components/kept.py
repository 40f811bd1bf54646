"""Parts of a page that are the same on many pages, made once for each state of the site.

    {% load components %}
    {% kept "footer" %}…{% endkept %}
    {% kept "menu" head.place %}…{% endkept %}

What stands within may depend on the language, on what is public, and on the values given; on
nothing else, and on nobody who asks. It is made again whenever the page cache would make a page
again: as soon as anything public has changed, and at the moments at which pages change by
themselves. Within a transaction nothing is kept, nor taken from what is kept: a preview shows what
may never be public, and a test what was not committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from django.db import connection

from imagine_site.pagecache import watching

#: There are a few dozen; more means that a value of too many kinds is given somewhere.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    generation: int
    until: float


_parts: dict[Hashable, _Part] = {}


def part(key: Hashable, make: Callable[[], str]) -> str:
    """The text under a key, or what `make` gives."""
    if connection.in_atomic_block:
        return make()
    watch = watching.in_use()
    generation, until = watch.current(), watch.until
    if generation <= 0:
        # Nothing has been counted yet, or nothing can be read.
        return make()
    found = _parts.get(key)
    if found and found.generation == generation and time.time() < found.until:
        return found.text
    # The generation was read before anything that stands in the text.
    found = _Part(make(), generation, until)
    if len(_parts) >= MOST:
        _parts.clear()
    _parts[key] = found
    return found.text


def forget_after_migrate(**_kwargs) -> None:
    """A migration may have emptied or changed any table, and begun to count anew."""
    _parts.clear()
