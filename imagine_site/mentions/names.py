"""Find the register's names in a text, in one pass over its words.

All names stand in one trie of folded words, so that the time depends on the text alone: 300 kB
against five thousand names take well under a second. Three rules keep it honest. The longest name
wins ("Fondation des Hôpitaux" is not the city's hospitals). A name two records share names neither:
we never guess. And a short sigle must be written as the register writes it: "AP-HP", not "aphp" and
not a stray "ap hp".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from unicodedata import normalize

from django.db import models

from imagine_site.register import kinds
from imagine_site.register.models import Record
from imagine_site.register.names import WORD, fold_word, is_honorific

#: Between the words of a name: spaces, hyphens and dashes, apostrophes; they do not count.
_JOINS = re.compile(r"[\s\u00ad\-‐‑‒–—−'’ʼ]+")
_BLANK_LINE = re.compile(r"\n\s*\n")
#: Up to this many letters, a word with two capitals or more is a sigle.
_SIGLE_LETTERS = 6


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text where a record is named: `text[start:end] == matched`."""

    reference: str
    label: str
    start: int
    end: int
    matched: str
    is_public: bool = True


@dataclass(frozen=True, slots=True)
class _Entry:
    reference: str
    label: str
    is_public: bool
    #: A sigle as it must be written (NFC), or "" where case and accents do not count.
    exactly: str


@dataclass(slots=True)
class _Node:
    next: dict[tuple[str, str], _Node] = field(default_factory=dict)
    entries: list[_Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Word:
    folded: str
    start: int
    end: int
    #: What stands between this word and the one before, when it could be inside a name: "" for
    #: spaces and hyphens, else the punctuation. None where no name goes on (a blank line).
    join: str | None


class _Words:
    """The words of a text: all of them folded, and the rest of what is known when it is asked."""

    def __init__(self, text: str):
        self._text = text
        self._matches = list(WORD.finditer(text))
        self.folded = [fold_word(match[0]) for match in self._matches]

    def __len__(self) -> int:
        return len(self.folded)

    def __getitem__(self, number: int) -> _Word:
        match = self._matches[number]
        gap = self._text[self._matches[number - 1].end() if number else 0 : match.start()]
        join = None if _BLANK_LINE.search(gap) else _JOINS.sub("", gap)
        return _Word(self.folded[number], match.start(), match.end(), join)

    def __iter__(self) -> Iterator[_Word]:
        return (self[number] for number in range(len(self)))


def _is_sigle(name: str) -> bool:
    letters = [character for character in name if character.isalpha()]
    return (
        not any(character.isspace() for character in name)
        and len(letters) <= _SIGLE_LETTERS
        and sum(character.isupper() for character in letters) >= 2
    )


class Names:
    """The names of the register, compiled once and good for any number of texts."""

    def __init__(self, records: Iterable[Record] = ()):
        self._root = _Node()
        for record in records:
            self._add(record)

    @classmethod
    def load(cls) -> Names:
        """The whole register, public or not, in one query a kind."""
        return cls(record for model in kinds.everything() for record in _with_names(model))

    def _add(self, record: Record) -> None:
        label = str(record)
        for name in record.all_names():
            words = _Words(name)
            if not len(words):
                continue
            node = self._root
            for position, word in enumerate(words):
                step = (word.join or "" if position else "", word.folded)
                node = node.next.setdefault(step, _Node())
            exactly = normalize("NFC", name) if _is_sigle(name) else ""
            entry = _Entry(record.reference, label, record.is_public, exactly)
            if entry not in node.entries:
                node.entries.append(entry)

    def recognise(self, text: str) -> list[Mention]:
        """Every mention, in the order of the text, none inside another.

        A person's honorifics belong to the mention: "Pr Stanislas Lyonnet".
        """
        words = _Words(text)
        mentions = []
        position = free_from = 0
        while (position := self._next_start(words, position)) < len(words):
            length, entries = self._longest(text, words, position)
            if not length:
                position += 1
                continue
            if len({entry.reference for entry in entries}) == 1:
                first = position
                if entries[0].reference.startswith("researcher:"):
                    first = self._with_honorifics(text, words, position, free_from)
                start, end = words[first].start, words[position + length - 1].end
                found = entries[0]
                mentions.append(
                    Mention(
                        found.reference,
                        found.label,
                        start,
                        end,
                        text[start:end],
                        found.is_public,
                    )
                )
            position += length
            free_from = position
        return mentions

    def find(self, name: str, *kinds: str) -> str | None:
        """The record an attribution names, such as "Professor Stanislas LYONNET"; else None.

        The text must be that name and nothing else, but for honorifics and punctuation around.
        With `kinds`, only records of these count.
        """
        mentions = self.recognise(name)
        if len(mentions) != 1:
            return None
        [mention] = mentions
        if WORD.search(name[: mention.start] + " " + name[mention.end :]):
            return None
        kind = mention.reference.partition(":")[0]
        return mention.reference if not kinds or kind in kinds else None

    def _next_start(self, words: _Words, position: int) -> int:
        """The next word with which some name begins: few do, and the others are only looked at."""
        starts, folded = self._root.next, words.folded
        for number in range(position, len(folded)):
            if ("", folded[number]) in starts:
                return number
        return len(folded)

    def _longest(self, text: str, words: _Words, position: int) -> tuple[int, list[_Entry]]:
        node = self._root
        best, found = 0, []
        for index in range(position, len(words)):
            word = words[index]
            join = "" if index == position else word.join
            if join is None:
                break
            following = node.next.get((join, word.folded))
            if following is None:
                break
            node = following
            if node.entries:
                written = normalize("NFC", text[words[position].start : word.end])
                fitting = [e for e in node.entries if not e.exactly or e.exactly == written]
                if fitting:
                    best, found = index - position + 1, fitting
        return best, found

    @staticmethod
    def _with_honorifics(text: str, words: _Words, position: int, free_from: int) -> int:
        """The first word of a name with the honorifics before it: "Mme la Pr" stops at "la"."""
        while position > free_from:
            before, here = words[position - 1], words[position]
            gap = text[before.end : here.start]
            if not is_honorific(text[before.start : before.end]) or gap.strip() not in {"", "."}:
                break
            if here.join is None or not gap:
                break
            position -= 1
        return position


def _with_names(model: type[Record]) -> Iterator[Record]:
    """All records without their long texts."""
    long = [
        f.name
        for f in model._meta.concrete_fields
        if isinstance(f, models.TextField) and f.name != "aliases"
    ]
    return model.objects.order_by("pk").defer(*long).iterator()
