"""What is searched, as told by the rooms upstairs in their `ready()`.

A source says how the entries of one kind of thing are made; it knows the models, this room does
not. Only what a visitor may read becomes an entry, now or (with its dates) later.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing in one language, as a visitor finds it.

    `aliases` are searched and never shown. `label` stands above the title ("Press release").
    """

    object_id: int
    language: str
    title: str
    url: str
    summary: str = ""
    text: str = ""
    aliases: str = ""
    label: str = ""
    date: datetime.date | None = None
    live_from: datetime.datetime | None = None
    live_until: datetime.datetime | None = None
    picture_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A kind of thing that can be found.

    `entries(pks)` makes the entries of these objects, or of all (None), the oldest first.
    `named`: its title is a name, found before any text. `order` is that of the filters.
    """

    kind: str
    plural: str | Promise
    model: type[models.Model]
    entries: Callable[[Collection[int] | None], Iterator[Entry]]
    named: bool = False
    order: int = 0


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Make a kind of thing findable. Raises `ValueError` when two sources claim the same kind."""
    known = _sources.setdefault(source.kind, source)
    if known.model is not source.model:
        raise ValueError(f"{source.kind!r} is already searched as {known.model.__name__}")
    _sources[source.kind] = source


def everything() -> list[Source]:
    return sorted(_sources.values(), key=lambda source: (source.order, source.kind))


def of_kind(kind: str) -> Source | None:
    return _sources.get(kind)


def of_model(model: type[models.Model]) -> Source | None:
    return next((source for source in _sources.values() if source.model is model), None)


def named_kinds() -> tuple[str, ...]:
    return tuple(source.kind for source in everything() if source.named)
