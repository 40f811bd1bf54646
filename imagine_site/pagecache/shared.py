"""Pages that several processes share: whoever makes a page makes it for all.

Sharing is a help and never a need: see `redis_pages`, which is imported only where a Redis is
configured, since its client costs every process six megabytes of memory.
"""

from __future__ import annotations

from typing import Protocol

from imagine_site.pagecache.entries import Finished


class Sharing(Protocol):
    """A store beyond this process. It never raises: what is not there is made."""

    def get(self, key: str, generation: int) -> Finished | None: ...

    def put(self, key: str, finished: Finished) -> None: ...


class NotShared:
    def get(self, key: str, generation: int) -> None:
        return None

    def put(self, key: str, finished: Finished) -> None:
        return None
