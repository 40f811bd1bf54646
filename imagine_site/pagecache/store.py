"""Entries in the memory of one process, never more than so many bytes of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from imagine_site.pagecache.entries import Entry


class Store:
    """Looking up takes no lock; what was not asked for since the last look is dropped first
    (the second-chance algorithm: nearly the least recently used, without writing at every hit)."""

    def __init__(self, most_bytes: int):
        self.most_bytes = most_bytes
        self.bytes = 0
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Entry | None:
        entry = self._entries.get(key)
        if entry is not None:
            entry.used = True
        return entry

    def put(self, key: Hashable, entry: Entry) -> None:
        if entry.size > self.most_bytes:
            return
        with self._lock:
            if before := self._entries.pop(key, None):
                self.bytes -= before.size
            self._entries[key] = entry
            self.bytes += entry.size
            while self.bytes > self.most_bytes:
                oldest, candidate = next(iter(self._entries.items()))
                if candidate.used and oldest != key:
                    candidate.used = False
                    self._entries.move_to_end(oldest)
                    continue
                if oldest == key and len(self._entries) > 1:
                    self._entries.move_to_end(oldest)
                    continue
                del self._entries[oldest]
                self.bytes -= candidate.size

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self.bytes = 0
