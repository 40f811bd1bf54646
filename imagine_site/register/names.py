"""When two spellings are the same name: case, accents, hyphens and spaces do not count.

"Frédéric RIEUX-LAUCAT", "Frederic Rieux Laucat" and a decomposed "é" (NFD, as macOS writes file
names) mean one person. Honorifics are no part of a name: "Pr", "Professor" and "Mme" come and go.
"""

import re
import unicodedata
from functools import lru_cache

from django.utils.text import slugify

#: A word: letters and digits, with the combining marks that follow them in decomposed text.
WORD = re.compile(r"[^\W_]++(?:[\u0300-\u036f]++[^\W_]*+)*+")

#: What stands before a name in French and English, folded; one letter counts as a capital only.
HONORIFICS = frozenset(
    {"pr", "prof", "professor", "professeur", "professeure", "dr", "doctor", "docteur", "docteure"}
    | {"m", "mr", "monsieur", "mme", "madame", "mlle", "mademoiselle", "mrs", "ms", "miss", "sir"}
)

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})


@lru_cache(maxsize=65_536)
def fold_word(word: str) -> str:
    """A word without case, accents and ligatures: "Morphogenèse" and "MORPHOGENESE" are one."""
    letters = unicodedata.normalize("NFKD", word.casefold()).translate(_LIGATURES)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def fold(name: str) -> str:
    """The words of a name, folded, with one space between."""
    return " ".join(fold_word(word) for word in WORD.findall(name))


def address_from(name: str, *, at_most: int = 100) -> str:
    """A name as part of an address: "Morphogenèse du cœur" gives `morphogenese-du-coeur`.

    (Django's own `slugify` drops the letters that have no accent to lose, and leaves "cur".)
    """
    return slugify(name.lower().translate(_LIGATURES))[:at_most].strip("-")


def is_honorific(word: str) -> bool:
    folded = fold_word(word)
    return folded in HONORIFICS and (len(folded) > 1 or word.isupper())


def without_honorifics(name: str) -> str:
    """Read "Pr. Stanislas Lyonnet" as "Stanislas Lyonnet"; a name that is all honorific stays."""
    for word in WORD.finditer(name):
        if not is_honorific(word.group()):
            return name[word.start() :].strip()
    return name.strip()
