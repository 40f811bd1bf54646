"""What changed between two texts, word by word, for the person who compares two versions."""

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, TypeVar

Operation = Literal["=", "-", "+"]
Token = TypeVar("Token")

# A word with the white space behind it, a run of punctuation with the same, or leading space.
_TOKEN = re.compile(r"\w+(?:['’‘ʼ\-‐‑]\w+)*\s*|[^\w\s]+\s*|\s+")
_PARAGRAPH = re.compile(r".+?(?:\n\s*\n|\Z)", re.DOTALL)
# Above this many tokens in one changed passage difflib may skip frequent words: its time grows
# with the square of the repetitions, and a passage as long as that was rewritten anyway.
_EXACT = 1500


def word_diff(old: str, new: str) -> list[tuple[Operation, str]]:
    """Pieces in reading order: kept "=", removed "-", added "+"; no two neighbours have the same
    operation. The kept and the removed pieces make up `old`, the kept and the added ones `new`.
    """
    pieces: list[tuple[Operation, str]] = []
    for operation, text in _paragraphs(old, new):
        if not text:
            continue
        if pieces and pieces[-1][0] == operation:
            pieces[-1] = (operation, pieces[-1][1] + text)
        else:
            pieces.append((operation, text))
    return pieces


def _paragraphs(old: str, new: str) -> Iterator[tuple[Operation, str]]:
    """Paragraphs first, so that the words of two long texts are compared where they differ."""
    before, after = _PARAGRAPH.findall(old), _PARAGRAPH.findall(new)
    for tag, a1, a2, b1, b2 in _compare(before, after):
        removed, added = "".join(before[a1:a2]), "".join(after[b1:b2])
        if tag == "equal":
            yield "=", removed
        elif tag == "replace":
            yield from _words(removed, added)
        else:
            yield "-", removed
            yield "+", added


def _words(old: str, new: str) -> Iterator[tuple[Operation, str]]:
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    for tag, a1, a2, b1, b2 in _compare(before, after):
        if tag == "equal":
            yield "=", "".join(before[a1:a2])
        else:
            yield "-", "".join(before[a1:a2])
            yield "+", "".join(after[b1:b2])


def _compare(
    before: Sequence[Hashable], after: Sequence[Hashable]
) -> list[tuple[str, int, int, int, int]]:
    long = max(len(before), len(after)) > _EXACT
    return SequenceMatcher(None, before, after, autojunk=long).get_opcodes()


def token_diff(
    before: Sequence[Hashable], after: Sequence[Hashable]
) -> list[tuple[Operation, Sequence[Hashable]]]:
    """Runs of tokens in reading order: kept "=", removed "-", added "+"."""
    runs: list[tuple[Operation, Sequence[Hashable]]] = []
    for tag, a1, a2, b1, b2 in _compare(before, after):
        if tag == "equal":
            runs.append(("=", before[a1:a2]))
            continue
        if a2 > a1:
            runs.append(("-", before[a1:a2]))
        if b2 > b1:
            runs.append(("+", after[b1:b2]))
    return runs


def line_diff(old: str, new: str) -> list[tuple[Operation, str]]:
    """Like `word_diff`, for people: white space is no difference, and a word at the end of a line
    is the same word when another follows it."""
    runs = same_words(tokens(old), tokens(new), key=str.strip, size=len)
    return [(operation, "".join(run)) for operation, run in runs]


def same_words(
    before: Sequence[Token],
    after: Sequence[Token],
    *,
    key: Callable[[Token], Hashable],
    size: Callable[[Token], int],
) -> Iterator[tuple[Operation, Sequence[Token]]]:
    """Runs like those of `token_diff`, compared by a key; of two that are the same, the longer one
    is kept: the one with white space behind it."""
    i = j = 0
    for operation, run in token_diff([key(each) for each in before], [key(each) for each in after]):
        old, new = before[i : i + len(run)], after[j : j + len(run)]
        if operation == "=":
            yield "=", [max(pair, key=size) for pair in zip(old, new, strict=True)]
        else:
            yield operation, old if operation == "-" else new
        i += len(run) if operation != "+" else 0
        j += len(run) if operation != "-" else 0


def tokens(text: str) -> list[str]:
    """The text in pieces that are compared as one: a word or punctuation, the space behind it."""
    return _TOKEN.findall(text)
