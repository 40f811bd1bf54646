"""How a text becomes words that can be looked up: the same in Python for both databases.

"Thérapies géniques", "THERAPIE GENIQUE" and a decomposed "thérapie" (NFD) give the same stems;
"œ" is "oe". Databases stem and fold each in their own way, and some only with an extension; so they
are handed finished words of plain letters and digits, and agree.
"""

import threading
from collections.abc import Iterator
from functools import lru_cache
from itertools import repeat

import snowballstemmer

from imagine_site.register.names import HONORIFICS, WORD, fold_word

#: Longer "words" are addresses and accidents; what is cut off is not looked for.
LONGEST = 40

_STEMMERS = {
    "en": snowballstemmer.stemmer("english"),
    "fr": snowballstemmer.stemmer("french"),
}
# A stemmer keeps the word it works on in itself; the server has many threads.
_lock = threading.Lock()

#: Said in every text; looked for only where nothing else is asked, and within phrases.
_EMPTY = {
    "en": "a an and are as at be but by can do does for from has have how i in is it its me my no "
    "not of on or our s that the their them they this to was we were what when where which who "
    "will with you your",
    "fr": "a à au aux avec c ce ces cette d dans de des du elle en est et eu il ils j je l la le "
    "les leur leurs m ma mais mes mon n ne nos notre nous on ou où par pas pour qu que qui s sa "
    "se ses son sont sur t un une vos votre vous y",
}
EMPTY = {
    language: frozenset(fold_word(word) for word in words.split()) | (HONORIFICS - {"miss"})
    for language, words in _EMPTY.items()
}


def _plain(folded: str) -> str:
    """Letters outside a-z (Greek, Cyrillic) as their number, so that no parser splits the word."""
    if folded.isascii() and folded.isalnum():
        return folded
    return "".join(c if c.isascii() and c.isalnum() else f"u{ord(c):x}" for c in folded)


@lru_cache(maxsize=65_536)
def folded(word: str) -> str:
    """A word without case and accents, in plain letters and digits."""
    return _plain(fold_word(word[:LONGEST]))[:LONGEST]


@lru_cache(maxsize=131_072)
def stem(word: str, language: str) -> str:
    """The stem of a folded word. Applied until it stays: "publiée" and "publié" then meet."""
    stemmer = _STEMMERS.get(language)
    if stemmer is None or not word.isalpha():
        return word
    with _lock:
        for _round in range(3):
            shorter = stemmer.stemWord(word)
            if shorter == word or len(shorter) < 3:
                break
            word = shorter
    return word


def words_of(text: str) -> Iterator[str]:
    """The folded words of a text, in order."""
    yield from map(folded, WORD.findall(text))


def stems_of(text: str, language: str) -> Iterator[str]:
    yield from map(_stem_as_written, WORD.findall(text), repeat(language))


@lru_cache(maxsize=131_072)
def _stem_as_written(word: str, language: str) -> str:
    return stem(folded(word), language)


_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def one_edit_away(word: str) -> set[str]:
    """Every word that one slip of the finger away: a letter more, less, other, or two exchanged.

    Some 54 candidates a letter, all asked for in one look-up of an index: no table of keys.
    """
    halves = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    return {
        *(a + b[1:] for a, b in halves if b),
        *(a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1),
        *(a + c + b[1:] for a, b in halves if b for c in _LETTERS),
        *(a + c + b for a, b in halves for c in _LETTERS),
    } - {word}
