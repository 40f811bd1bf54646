"""In which language a text is written, by its file name or by its smallest words.

The file name is a person's word and goes first; counting small words is certain enough for
anything longer than a paragraph, and says nothing rather than something doubtful.
"""

import re
from collections import Counter
from pathlib import Path

LANGUAGES = ("en", "fr")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SMALL_WORDS = {
    "en": _words(
        "the of and to in that is was for it with as on by are this from at has have been which "
        "his her its their not but an were will who"
    ),
    "fr": _words(
        "le la les de des du et à en un une est que qui dans pour par sur au aux avec ce cette "
        "son sa ses leur leurs ne pas plus mais été ont sont il elle"
    ),
}
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 50_000


def language_of_name(path: Path) -> str | None:
    """Return "fr" for `visit.fr.txt`, "en" for `visit.en.txt`, else None."""
    suffixes = path.suffixes
    said = suffixes[-2][1:].lower() if len(suffixes) > 1 else ""
    return said if said in LANGUAGES else None


def translation_key(path: Path) -> str:
    """Return what the translations of one article share: the name without language and format."""
    stem = path.stem
    if language_of_name(path):
        stem = stem[: stem.rindex(".")]
    return stem


def language_of_text(text: str) -> str | None:
    """Return the language whose small words are clearly the most frequent, else None."""
    read = Counter(_WORD.findall(text[:_SAMPLE].lower()))
    counts = {
        language: sum(read[word] for word in small) for language, small in _SMALL_WORDS.items()
    }
    first, second = sorted(LANGUAGES, key=lambda language: -counts[language])
    if counts[first] >= 3 and counts[first] >= 2 * counts[second]:
        return first
    return None
