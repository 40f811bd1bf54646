"""Reading and preparing beside the process that saves, where there are thousands of files.

It is half of the work of an import and needs no database, so that it can be done on the processors
that would be idle otherwise. Fewer files are read before other processes would have begun.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import django
from django.utils import translation

from imagine_site.mentions.names import Names
from news.importers.preparing import Prepared, read_and_prepare
from news.importers.sources import SourceError

logger = logging.getLogger(__name__)

#: What became of one file.
Said = list[Prepared] | SourceError

#: From so many files on it is worth while: a process takes two seconds to begin.
WORTH_WHILE = 2000
#: More processes than this would wait for the one that saves.
MOST_PROCESSES = 2
#: Files that a process is given at a time.
PORTION = 25


def read_here(path: Path, language: str | None, names: Names) -> Said:
    try:
        return read_and_prepare(path, language, names)
    except SourceError as error:
        return error


class Here:
    """Reads a batch when it is asked for."""

    def __init__(self, language: str | None, names: Names):
        self._language, self._names = language, names

    def begin(self, paths: Sequence[Path]) -> Sequence[Path]:
        return paths

    def finish(self, begun: Sequence[Path]) -> Iterator[Said]:
        return (read_here(path, self._language, self._names) for path in begun)


class Beside:
    """Reads a batch while another one is saved."""

    def __init__(self, language: str | None, names: Names, pool: ProcessPoolExecutor):
        self._language, self._names, self._pool = language, names, pool
        self._packed = pickle.dumps(names)
        self._told = False

    def begin(self, paths: Sequence[Path]) -> list[tuple[Sequence[Path], Future[list[Said]]]]:
        portions = [paths[at : at + PORTION] for at in range(0, len(paths), PORTION)]
        more = self._language, self._packed, translation.get_language()
        try:
            return [(portion, self._pool.submit(_read, portion, *more)) for portion in portions]
        except BrokenProcessPool as error:
            failed: Future[list[Said]] = Future()
            failed.set_exception(error)
            return [(paths, failed)]

    def finish(self, begun: list[tuple[Sequence[Path], Future[list[Said]]]]) -> Iterator[Said]:
        for paths, future in begun:
            try:
                yield from future.result()
            except BrokenProcessPool:
                if not self._told:
                    self._told = True
                    logger.warning("A process that read files has ended; they are read here.")
                yield from (read_here(path, self._language, self._names) for path in paths)


@contextmanager
def reader(files: int, language: str | None, names: Names) -> Iterator[Here | Beside]:
    """Whatever reads so many files soonest; its processes are gone at the end."""
    processes = min((os.cpu_count() or 1) - 1, MOST_PROCESSES)
    if files < WORTH_WHILE or processes < 1:
        yield Here(language, names)
        return
    pool = ProcessPoolExecutor(
        processes,
        # A process of its own from the start: a forked one would have this one's connections.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=django.setup,
    )
    try:
        yield Beside(language, names, pool)
    finally:
        pool.shutdown(cancel_futures=True)


def _read(paths: Sequence[Path], language: str | None, names: bytes, spoken: str) -> list[Said]:
    """In a process beside."""
    with translation.override(spoken):
        return [read_here(path, language, _unpacked(names)) for path in paths]


@lru_cache(maxsize=1)
def _unpacked(names: bytes) -> Names:
    return pickle.loads(names)  # noqa: S301 - what the process that saves has packed
