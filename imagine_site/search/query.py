"""What a visitor asks: the request, read once, into a value. Nothing typed there is an error."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from imagine_site.search import sources
from imagine_site.search.terms import Term
from imagine_site.search.words import EMPTY, words_of

#: What is longer was not typed by a person; the rest falls away.
LONGEST = 200
MOST_TERMS = 10

_PHRASE = re.compile(r"\"([^\"]*)\"|“([^”]*)”|«([^»]*)»|([^\"“«]+|[\"“«])")
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


def read(text: str, language: str) -> tuple[Term, ...]:
    """The words and phrases of a question, those that say nothing left out (unless all are such).

    A phrase in quotation marks is found as it stands; whatever else is punctuation separates.
    """
    terms: list[Term] = []
    nothing = EMPTY.get(language, frozenset())
    for *quoted, loose in _PHRASE.findall(text):
        phrase = list(words_of(next(filter(None, quoted), "")))
        found = [phrase] if phrase else [[word] for word in words_of(loose)]
        terms += [Term.of(words, language) for words in found]
    said = [term for term in terms if term.is_phrase or term.spelt[0] not in nothing]
    return tuple(dict.fromkeys(said or terms))[:MOST_TERMS]


@dataclass(frozen=True)
class Query:
    """The text as typed (cleaned), the kind of thing wanted, and the page of the results."""

    text: str = ""
    kind: str = ""
    page: int = 1

    @classmethod
    def from_query(cls, query: QueryDict) -> Query:
        # Surrogates and control characters have no place in an address, a page or a database.
        typed = query.get("q", "")[: LONGEST * 4].encode("utf-8", "ignore").decode()
        text = " ".join("".join(c if c.isprintable() else " " for c in typed).split())[:LONGEST]
        kind, page = query.get("type", ""), query.get("page", "")
        return cls(
            text=text.strip(),
            kind=kind if sources.of_kind(kind) else "",
            page=max(1, int(page)) if _NUMBER.fullmatch(page) else 1,
        )

    def with_(self, **changes: Any) -> Query:
        """The same question, changed; another question begins on its first page."""
        return replace(self, **{"page": 1} | changes)

    def terms(self, language: str) -> tuple[Term, ...]:
        return read(self.text, language)

    @cached_property
    def query(self) -> str:
        """The normal form: names in a fixed order, nothing empty, no `page=1`."""
        asked = {"q": self.text, "type": self.kind, "page": self.page if self.page > 1 else None}
        written = urlencode({name: value for name, value in asked.items() if value})
        return f"?{written}" if written else ""

    def __bool__(self) -> bool:
        return bool(self.text)
