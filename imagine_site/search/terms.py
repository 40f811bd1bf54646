"""An entry as the database's index reads it, and a question in the same words.

A database is asked only whether a word stands in an entry. Where it stands is part of the word:
`frtcoeur` is the stem "coeur" in a French title. So names, titles and texts each have their own
lists in the index, no list is read that the question does not need, and the order of the answers
is the same on every database.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice

from imagine_site.search.sources import Entry
from imagine_site.search.words import EMPTY, stem, stems_of, words_of

#: Where a word stands. MAIN: in the summary, or so often that the text is about it.
NAME, TITLE, MAIN, TEXT, SPELT, KIND = "n", "t", "y", "x", "w", "k"

#: Said this often in a text, a word is one of its subjects.
OFTEN = 3
#: Words of a text that are indexed; PostgreSQL bounds a row's index at 1 MB.
MOST_WORDS = 20_000
#: Keeps phrases from running out of one part into the next.
_GAP = "zz"


def term(language: str, where: str, word: str) -> str:
    return f"{language}{where}{word}"


def written(entry: Entry, *, kind: str, named: bool) -> tuple[str, set[str]]:
    """All terms of an entry as one text, and the words that a misspelt one may have meant.

    Aliases are found and never suggested: visitors do not see them.
    """
    language = entry.language
    title = list(stems_of(entry.title, language))
    aliases = [list(stems_of(alias, language)) for alias in entry.aliases.splitlines()]
    lead = list(stems_of(entry.summary, language))
    text = list(islice(stems_of(entry.text, language), MOST_WORDS))
    counts = Counter(text)
    main = {*title, *lead, *(word for word, times in counts.items() if times >= OFTEN)}
    parts: list[tuple[str, list[str]]] = [(KIND, [kind]), (TITLE, title)]
    if named:
        parts += [(NAME, title), *((NAME, alias) for alias in aliases)]
    spelt = {*words_of(entry.title), *words_of(entry.aliases)}
    parts += [(SPELT, sorted(spelt)), (MAIN, sorted(main - EMPTY.get(language, frozenset())))]
    parts += [(TEXT, part) for part in (title, *aliases, lead, text)]
    # `term` for many words: what stands before each is put between them.
    starts = {where: term(language, where, "") for where, _words in parts}
    terms = f" {language}{_GAP} ".join(
        starts[where] + f" {starts[where]}".join(words) for where, words in parts if words
    )
    shown = f"{entry.title}\n{entry.summary}\n{entry.text}"
    known = set(islice(words_of(shown), MOST_WORDS))
    return terms, {word for word in known if 3 < len(word) < 31 and word.isalpha()}


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase as it is asked for: what was typed, folded, and its stems."""

    spelt: tuple[str, ...]
    stems: tuple[str, ...]

    @classmethod
    def of(cls, spelt: list[str], language: str) -> Term:
        return cls(tuple(spelt), tuple(stem(word, language) for word in spelt))

    @property
    def is_phrase(self) -> bool:
        return len(self.stems) > 1


@dataclass(frozen=True, slots=True)
class Lookup:
    """One question to the index: terms that follow each other; `begins` for the start of a word."""

    terms: tuple[str, ...]
    begins: bool = False


#: Alternatives, each of them a number of look-ups that must all hold.
Wanted = tuple[tuple[Lookup, ...], ...]


def placed(terms: tuple[Term, ...], where: str, language: str) -> tuple[Lookup, ...]:
    """All of these terms in one place."""
    return tuple(
        Lookup(
            tuple(
                term(language, TEXT if where == MAIN and each.is_phrase else where, word)
                for word in each.stems
            )
        )
        for each in terms
    )


def begun(terms: tuple[Term, ...], language: str) -> tuple[Lookup, ...]:
    """The last word is only begun and stands in a title or a name; the others anywhere."""
    last = Lookup((term(language, SPELT, terms[-1].spelt[0]),), begins=True)
    return (*placed(terms[:-1], TEXT, language), last)


def of_kind(kind: str, language: str) -> Lookup:
    return Lookup((term(language, KIND, kind),))
