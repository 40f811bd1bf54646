"""Two changed versions of one document in one, where they do not touch the same blocks."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import pairwise

from .canonical import parse
from .tree import serialise_blocks

#: From, to (blocks of the document before the changes), and what stands there now.
_Hunk = tuple[int, int, tuple[str, ...]]


def merge(before: str, one: str, other: str) -> str | None:
    """Both changes in one document; None where they meet, and somebody has to choose.

    Blocks next to each other do not meet: two people may write on in neighbouring paragraphs.
    """
    base, first, second = (
        list(serialise_blocks(parse(html).blocks)) for html in (before, one, other)
    )
    hunks = sorted({*_hunks(base, first), *_hunks(base, second)})
    for (start, end, _new), (next_start, _end, _next_new) in pairwise(hunks):
        if next_start < end or next_start == start:
            return None
    merged = list(base)
    for start, end, new in reversed(hunks):
        merged[start:end] = new
    return "".join(merged)


def _hunks(before: list[str], after: list[str]) -> list[_Hunk]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    hunks: list[_Hunk] = []
    for operation, i1, i2, j1, j2 in matcher.get_opcodes():
        if operation == "replace" and i2 - i1 == j2 - j1:  # as many blocks: each its own change
            hunks += [(i1 + k, i1 + k + 1, (after[j1 + k],)) for k in range(i2 - i1)]
        elif operation != "equal":
            hunks.append((i1, i2, tuple(after[j1:j2])))
    return hunks
