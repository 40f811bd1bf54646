"""The kinds of records a text can name, as told by the rooms upstairs in their `ready()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagine_site.register.models import Record

_kinds: dict[str, type[Record]] = {}


def register(model: type[Record]) -> type[Record]:
    """Make a model's records referable as `<model.kind>:<pk>`.

    Raises `ValueError` when two models claim the same kind.
    """
    known = _kinds.setdefault(model.kind, model)
    if known is not model:
        raise ValueError(f"{model.kind!r} is already the kind of {known.__name__}")
    return model


def get(kind: str) -> type[Record] | None:
    return _kinds.get(kind)


def everything() -> list[type[Record]]:
    """All registered models, in order of kind."""
    return [_kinds[kind] for kind in sorted(_kinds)]
