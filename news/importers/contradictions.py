"""Where a text says two different numbers about one thing.

Copied pages keep the old sentence beside the new one ("has given birth to 6 start-ups", "… 10
start-ups"), and announce six members to name five. Both are reported and neither is repaired: only
the institute knows which is right. Few and certain reports are worth more than many.
"""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

_SMALL = {
    word: number
    for number, words in enumerate(
        (
            "two deux", "three trois", "four quatre", "five cinq", "six", "seven sept",
            "eight huit", "nine neuf", "ten dix", "eleven onze", "twelve douze",
        ),
        start=2,
    )
    for word in words.split()
}  # fmt: skip
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:[-’'][^\W\d_]+)*|[.!?…]")
_COUNTED_LIST = re.compile(
    rf"(?<![\w-])(?P<number>\d{{1,2}}|{'|'.join(_SMALL)})\s+(?P<noun>(?:[^\W\d_]+\s+){{0,2}}?"
    rf"[^\W\d_]+(?:[-’'][^\W\d_]+)*[sx])(?![\w’'-])(?P<between>[^.!?:;]{{0,110}}):"
    rf"\s*(?P<list>[^.!?:;]{{3,600}})(?:[.!?]|\Z)",
    re.IGNORECASE,
)
_UNITS = re.compile(
    r"(?i)\b(?:years|ans|months|mois|days|jours|weeks|semaines|hours|heures|minutes|euros|dollars"
    r"|millions|pages|times|fois|points)\Z"
)
_AND = re.compile(r"\s(?:and|et|&|or|ou)\s")
_BEFORE, _AFTER = 3, 2


def number_contradictions(texts: Iterable[str]) -> list[str]:
    """Return sentences for a person about numbers that differ within the same words."""
    found: dict[tuple, dict[str, None]] = {}
    shown: dict[tuple, str] = {}
    for text in texts:
        tokens = _TOKEN.findall(text)
        numbers = [
            (at, number)
            for at, token in enumerate(tokens)
            if (token[0].isdigit() or token.lower() in _SMALL) and (number := _number(token))
        ]
        for at, number in numbers:
            if at < _BEFORE or at + _AFTER >= len(tokens):
                continue
            around = tokens[at - _BEFORE : at] + tokens[at + 1 : at + 1 + _AFTER]
            if any(word in ".!?…" or _number(word) is not None for word in around):
                continue
            key = tuple(word.lower() for word in around)
            found.setdefault(key, {})[number] = None
            shown[key] = " ".join([*tokens[at - _BEFORE : at], "…", *around[_BEFORE:]])
    return [
        _("The text says both %(numbers)s in “%(words)s”.")
        % {"numbers": " / ".join(numbers), "words": shown[key]}
        for key, numbers in found.items()
        if len(numbers) > 1
    ]


def list_contradictions(texts: Iterable[str]) -> list[str]:
    """Return sentences about lists that do not name as many as they announce."""
    reports = []
    for text in texts:
        if ":" not in text:
            continue
        for found in _COUNTED_LIST.finditer(text):
            if _UNITS.search(found["noun"]):
                continue
            announced = int(_number(found["number"]) or 0)
            pieces = [piece for piece in found["list"].split(",") if piece.strip()]
            joints = sum(len(_AND.findall(piece.strip())) for piece in pieces)
            if announced < 2 or len(pieces) < 2:
                continue
            # more than announced is no sign: "A, led by X, B, led by Y" names two
            if len(pieces) + joints < announced:
                reports.append(
                    _("The text announces “%(announced)s” and names %(named)d.")
                    % {
                        "announced": f"{found['number']} {found['noun']}",
                        "named": len(pieces) + joints,
                    }
                )
    return reports


def _number(token: str) -> str | None:
    if token[0].isdigit():
        return token
    small = _SMALL.get(token.lower())
    return str(small) if small else None
