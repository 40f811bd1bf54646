"""From the lines of a file to its blocks: one paragraph, label or list item each.

Text arrives with a blank line between paragraphs, or one paragraph a line, or wrapped by hand at
about 72 columns. A line goes on in the next one when the next word would not have fitted: that is
how every wrapping program decides, so it can be read backwards.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from .dates import read_date_line
from .labels import is_boilerplate, looks_like_file_name

NARROWEST_WRAP = 50
WIDEST_WRAP = 100
"""In characters. Longer lines are whole paragraphs; shorter ones were broken on purpose."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ITEM = re.compile(r"(?:[-•·▪◦‣–—*]|\d{1,3}[.)])\s+\S")
_RULE = re.compile(r"\s*([-=_*~#·•]\s*){3,}")
_NOTE = re.compile(r"(?:\*{1,4}|†|‡|\(\*{1,3}\)|\[\d{1,3}\]|\(\d{1,3}\)|[¹²³⁰⁴-⁹]+)\s*[^\W_]")


@dataclass(frozen=True)
class Block:
    """A run of text that stands on its own; `line` counts from 1, as editors do."""

    text: str
    line: int
    follows_closely: bool = False
    """No blank line before it."""

    @property
    def is_rule(self) -> bool:
        return bool(_RULE.fullmatch(self.text))


def read_blocks(text: str) -> list[Block]:
    """Split a text into its blocks, hard wraps joined. No word is added or lost."""
    lines = [_CONTROL.sub(" ", line).strip(" \t\u00a0\u202f\ufeff") for line in text.splitlines()]
    width = wrap_width(lines)
    blocks: list[Block] = []
    parts: list[str] = []
    started = 0
    closely = False

    def close() -> None:
        if parts:
            blocks.append(Block(" ".join(parts), started, closely))
            parts.clear()

    blank_before = True
    for number, line in enumerate(lines, start=1):
        if not line:
            close()
            blank_before = True
            continue
        if parts and _goes_on(parts[-1], line, width):
            parts.append(line)
        else:
            close()
            started, closely = number, not blank_before
            parts.append(line)
        blank_before = False
    close()
    return blocks


def wrap_width(lines: list[str]) -> float | None:
    """Return the width a text was wrapped at, in characters, or None when it was not wrapped.

    The middle length of the lines that have a neighbour below: a title that is longer, or a short
    last line, does not move it.
    """
    broken = [len(line) for line, below in pairwise(lines) if line and below]
    long = sum(length > WIDEST_WRAP for length in broken)
    wrapped = [length for length in broken if NARROWEST_WRAP <= length <= WIDEST_WRAP]
    if not wrapped or long > len(wrapped) / 4:
        return None
    return median(wrapped)


def _goes_on(line: str, below: str, width: float | None) -> bool:
    if _RULE.fullmatch(line) or _RULE.fullmatch(below):
        return False
    if _ITEM.match(below) or _NOTE.match(below):
        return False
    date_line = read_date_line(below)
    if date_line and (date_line.is_marked or date_line.is_update):
        return False
    if date_line_above := read_date_line(line):
        return date_line_above.is_empty and bool(date_line)
    if width and len(line) <= WIDEST_WRAP and len(line) + 1 + len(below.split()[0]) > width - 2:
        return True
    if date_line or _stands_alone(line) or _stands_alone(below):
        return False
    if below[0].islower():
        return "@" not in below and "://" not in below
    return bool(width) and line.endswith(("-", ",")) and len(line) >= NARROWEST_WRAP


def _stands_alone(line: str) -> bool:
    return looks_like_file_name(line) or is_boilerplate(line)
