"""Footnotes as typewritten text has them: a sign at a word, and the same sign before the note.

A `*` joins the two; so do `**`, `†`, `[1]`, `(1)`, `¹` and, when the file ends with numbered notes,
a number glued to a word. A sign that finds no partner is left as it is written and reported: it
may be a multiplication, a list or a forgotten note, and we do not know which.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from .article import NoteCall, Runs

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_DEFINITION = re.compile(
    r"(?P<marker>\*{1,4}|†{1,2}|‡|\(\*{1,4}\)|\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}\s?[.):]|[⁰¹²³⁴-⁹]{1,3}"
    r"|\d{1,3}(?=\s))(?![*.)\d])\s*(?P<text>\S.*)",
    re.DOTALL,
)
_SIGN_CALL = re.compile(
    r"(?<=[^\s*(\[])(?P<near>\(\*{1,4}\)|\*{1,4}|†{1,2}|‡)(?![\w*])"
    r"|(?P<far>[ \u00a0\u202f](?:\(\*{1,4}\)|\*{1,4}|†{1,2}|‡))(?=[.,;:!?)»”]|\s*\Z)"
)
_NUMBER_CALL = re.compile(
    r"(?P<bracketed>(?<=\S)[ \u00a0\u202f]?(?:\[\d{1,3}\]|\(\d{1,3}\)))(?!\w)"
    r"|(?P<raised>(?<!\b[mM])(?<!\b[kcdm]m)(?<=\S)[⁰¹²³⁴-⁹]{1,3})(?!\w)"  # m² and km² are units
)
_GLUED_CALL = re.compile(r"(?<![\w’'-])[a-zà-öø-ÿœ]{3,}(?P<glued>\d{1,2})(?![\w-])")
_EMPHASIS = re.compile(r"(?<![\w*])\*{1,3}(?=\w)")
# Most blocks have none of these signs, and are asked for each of them once.
_SIGNS = re.compile(r"[*†‡]")
_NUMBER_SIGNS = re.compile(r"[\[(⁰¹²³⁴-⁹]")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Definition:
    """A block that reads as a note: its sign as written, the sign's key, and the text."""

    marker: str
    key: str
    text: str


@dataclass(frozen=True)
class Call:
    start: int
    end: int
    key: str


@dataclass
class NoteBook:
    """Which definition each call of a text belongs to."""

    definitions: dict[int, Definition] = field(default_factory=dict)
    """By the number of the block that is the note."""
    order: list[int] = field(default_factory=list)
    """Blocks of the notes in the order of `Article.notes`."""
    paired: dict[tuple[int, int], int] = field(default_factory=dict)
    """(block, start of a call) -> index of its note."""
    calls: dict[int, list[Call]] = field(default_factory=dict)
    dangling: list[tuple[int, str]] = field(default_factory=list)
    """(block, sign) of calls without a note."""

    def runs(self, block: int, text: str, start: int = 0) -> Runs:
        """Cut a piece of a block, which begins at `start` in it, at the calls of its notes."""
        runs: list[str | NoteCall] = []
        at = 0
        for call in self.calls.get(block, ()):
            index = self.paired.get((block, call.start))
            begin, end = call.start - start, call.end - start
            if index is None or begin < at or end > len(text):
                continue
            if begin > at:
                runs.append(text[at:begin])
            runs.append(NoteCall(text[begin:end], index))
            at = end
        if at < len(text) or not runs:
            runs.append(text[at:])
        return tuple(runs)


def key_of(sign: str) -> str:
    """Return what a call and its note have in common: "*", "**", "†", "1"."""
    bare = sign.strip(" \u00a0\u202f()[].:").translate(_SUPERSCRIPTS)
    return str(int(bare)) if bare.isdecimal() else bare


def read_definition(text: str) -> Definition | None:
    """Return the note a block would be, if something calls it."""
    found = _DEFINITION.fullmatch(text)
    if found is None or not any(character.isalnum() for character in found["text"]):
        return None
    return Definition(found["marker"], key_of(found["marker"]), found["text"].strip())


def find_calls(text: str) -> list[Call]:
    """Find every sign in a block that may call a note, glued numbers included."""
    calls = []
    if _SIGNS.search(text) and not _EMPHASIS.search(text, 1):
        calls = [
            Call(found.start(), found.end(), key_of(found.group()))
            for found in _SIGN_CALL.finditer(text)
        ]
    if _NUMBER_SIGNS.search(text):
        calls += [
            Call(found.start(), found.end(), key_of(found.group()))
            for found in _NUMBER_CALL.finditer(text)
        ]
    if _DIGIT.search(text):
        calls += [
            Call(found.start("glued"), found.end("glued"), str(int(found["glued"])))
            for found in _GLUED_CALL.finditer(text)
        ]
    return sorted(calls, key=lambda call: call.start)


def pair(blocks: list[str], *, callers: Iterable[int], possible: Iterable[int]) -> NoteBook:
    """Join the calls in the blocks `callers` with the notes among the blocks `possible`.

    One note may be called several times; several notes with one sign need as many calls, and are
    joined in order. A note stands behind its call.
    """
    book = NoteBook()
    definitions = {n: found for n in possible if (found := read_definition(blocks[n]))}
    by_key: dict[str, list[int]] = defaultdict(list)
    for number, definition in definitions.items():
        by_key[definition.key].append(number)
    calls_by_key: dict[str, list[tuple[int, Call]]] = defaultdict(list)
    for number in callers:
        calls = find_calls(blocks[number])
        if number in definitions:
            # the sign a note begins with is no call of it
            calls = [call for call in calls if call.start > len(definitions[number].marker)]
        for call in calls:
            calls_by_key[call.key].append((number, call))
    chosen: dict[tuple[int, int], int] = {}
    for key, calls in calls_by_key.items():
        notes = by_key.get(key, [])
        usable = [(number, call) for number, call in calls if not notes or number < notes[-1]]
        if len(notes) == 1:
            chosen.update({(number, call.start): notes[0] for number, call in usable})
        elif notes and len(notes) == len(usable):
            chosen.update(
                {
                    (number, call.start): note
                    for (number, call), note in zip(usable, notes, strict=True)
                    if number < note
                }
            )
    notes_in_use = set(chosen.values())
    # a note is not itself a place of calls: a document has no notes in notes
    chosen = {place: note for place, note in chosen.items() if place[0] not in notes_in_use}
    notes_in_use = set(chosen.values())
    book.order = sorted(notes_in_use)
    book.definitions = {number: definitions[number] for number in book.order}
    index_of = {number: index for index, number in enumerate(book.order)}
    for key, calls in calls_by_key.items():
        for number, call in calls:
            book.calls.setdefault(number, []).append(call)
            note = chosen.get((number, call.start))
            if note is not None:
                book.paired[number, call.start] = index_of[note]
            elif not key.isdecimal() and number not in notes_in_use:
                book.dangling.append((number, key))
    for calls_here in book.calls.values():
        calls_here.sort(key=lambda call: call.start)
    return book


def loose_markers(blocks: list[str], book: NoteBook, possible: Iterable[int]) -> list[int]:
    """Return the last blocks that look like a `*` note and that nothing calls."""
    stars = [
        number
        for number in possible
        if number not in book.definitions
        and (found := read_definition(blocks[number]))
        and not found.key.isdecimal()
    ]
    counts = Counter(read_definition(blocks[number]).key for number in stars)
    return [n for n in stars if counts[read_definition(blocks[n]).key] == 1]
