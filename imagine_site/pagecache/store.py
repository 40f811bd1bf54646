"""Finished answers of one process: the bodies in a file, what is asked for of late in memory.

Thousands of pages would make each process large for the few of them that are read all day. A body
read from the file costs a few microseconds (the system keeps the file in its own memory), a worker
stays small, and the file has no name: it is gone with its process, however that ends.
"""

from __future__ import annotations

import errno
import logging
import os
import tempfile
import threading
from collections import OrderedDict, deque
from collections.abc import Hashable
from pathlib import Path

from imagine_site.pagecache.entries import Entry, Finished, Ready, uncompressed

logger = logging.getLogger(__name__)

#: Bytes of bodies held in memory, at most.
WARM_BYTES = 4_000_000
#: Entries, at most: each costs half a kilobyte of memory, however short its body.
MOST_ENTRIES = 20_000


class Store:
    """The file is written round and round: the oldest entry makes way for the newest. Looking up
    and reading take no lock."""

    def __init__(
        self,
        most_bytes: int,
        *,
        warm_bytes: int = WARM_BYTES,
        most_entries: int = MOST_ENTRIES,
        folder: Path | str | None = None,
    ):
        self.most_bytes, self.warm_bytes, self.most_entries = most_bytes, warm_bytes, most_entries
        self.warm = 0
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._warm: deque[tuple[Entry, str]] = deque()
        self._lock = threading.Lock()
        self._folder = folder
        self._file: int | None = None
        #: Bytes ever written or claimed; the place in the file is the rest of the division.
        self._claimed = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Entry | None:
        return self._entries.get(key)

    def put(self, key: Hashable, finished: Finished) -> Entry:
        """Keep an answer, where there is room for it."""
        entry = Entry.about(finished)
        with self._lock:
            before = self._entries.pop(key, None)
            if before is not None:
                before.used = False
            if self._write(entry, finished):
                self._entries[key] = entry
                while len(self._entries) > self.most_entries:
                    self._entries.popitem(last=False)
        return entry

    def ready(self, entry: Entry, encoding: str) -> Ready | None:
        """What to send of an entry; None where its place in the file was taken meanwhile."""
        entry.used = True
        found = entry.warm and entry.warm.get(encoding)
        if found:
            return found
        start, lengths = entry.start, entry.lengths
        if encoding == "br" or not entry.compressed:
            body = self._read(start, lengths[0])
        else:
            body = self._read(start + lengths[0], lengths[1])
            if body is not None and not encoding:
                body = uncompressed(body)
        if body is None:
            return None
        found = entry.ready(encoding, body)
        self.keep_warm(entry, encoding, found)
        return found

    def keep_warm(self, entry: Entry, encoding: str, ready: Ready) -> None:
        """Hold a body in memory; what was not asked for since the last look makes way (the
        second-chance algorithm: nearly the least recently used, without writing at every hit)."""
        with self._lock:
            warm = entry.warm or {}
            if encoding in warm:
                return
            # A new dictionary, and none where it would be empty: others read it without the lock.
            entry.warm = {**warm, encoding: ready}
            self._warm.append((entry, encoding))
            self.warm += len(ready[1])
            while self.warm > self.warm_bytes and self._warm:
                oldest, its_encoding = self._warm.popleft()
                if oldest.used and oldest is not entry:
                    oldest.used = False
                    self._warm.append((oldest, its_encoding))
                    continue
                rest = dict(oldest.warm)
                self.warm -= len(rest.pop(its_encoding)[1])
                oldest.warm = rest or None

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            for entry, _encoding in self._warm:
                entry.warm = None
            self._warm.clear()
            self.warm = 0

    def _write(self, entry: Entry, finished: Finished) -> bool:
        size = sum(len(body) for body in finished.bodies.values())
        # One answer must not sweep away all others.
        if size > self.most_bytes // 4:
            return False
        start = self._claimed
        if start % self.most_bytes + size > self.most_bytes:
            start += self.most_bytes - start % self.most_bytes
        # Claimed before a byte is written: who reads looks at this afterwards (`_read`).
        self._claimed = start + size
        while self._entries:
            oldest = next(iter(self._entries))
            if self._entries[oldest].start >= self._claimed - self.most_bytes:
                break
            del self._entries[oldest]
        try:
            if self._file is None:
                self._file = self._open()
            _write_whole(self._file, b"".join(finished.bodies.values()), start % self.most_bytes)
        except OSError:
            logger.warning("A finished page cannot be written down.", exc_info=True)
            return False
        entry.start = start
        entry.lengths = tuple(len(body) for body in finished.bodies.values())
        return True

    def _read(self, start: int, length: int) -> bytes | None:
        body = os.pread(self._file, length, start % self.most_bytes)
        overwritten = self._claimed - start > self.most_bytes
        return None if overwritten or len(body) != length else body

    def _open(self) -> int:
        with tempfile.TemporaryFile(prefix="pages-", dir=self._folder) as file:
            return os.dup(file.fileno())


def _write_whole(file: int, body: bytes, at: int) -> None:
    if os.pwrite(file, body, at) != len(body):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
