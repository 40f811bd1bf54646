"""What a visitor asks of the news list: the request, read once, into a value.

Bad values fall away here and nowhere else; what is left has one normal form, so that the same list
has one address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from news.models import Kind

_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,140}", re.ASCII)
#: Years outside are typing mistakes or probes.
_YEARS = range(1900, 2101)
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class NewsFilter:
    """Kind, year, topic, laboratory and person (these by address), and the page of the list: its
    number or, far down, the key of the article `after` which it begins."""

    kind: str = ""
    year: int | None = None
    topic: str = ""
    lab: str = ""
    person: str = ""
    page: int = 1
    after: int | None = None

    @classmethod
    def from_query(cls, query: QueryDict) -> NewsFilter:
        kind, topic, lab, person = (
            query.get(name, "") for name in ("kind", "topic", "lab", "person")
        )
        year = _number(query.get("year", ""))
        after = _number(query.get("after", "")) or None
        return cls(
            kind=kind if kind in Kind.values else "",
            year=year if year in _YEARS else None,
            topic=topic if _SLUG.fullmatch(topic) else "",
            lab=lab if _SLUG.fullmatch(lab) else "",
            person=person if _SLUG.fullmatch(person) else "",
            page=1 if after else max(1, _number(query.get("page", "")) or 1),
            after=after,
        )

    def with_(self, **changes: Any) -> NewsFilter:
        """The same question, changed; another question begins on its first page."""
        return replace(self, **{"page": 1, "after": None} | changes)

    @property
    def query(self) -> str:
        """The normal form: names in a fixed order, nothing empty, no `page=1`."""
        asked = {
            "kind": self.kind,
            "year": self.year,
            "topic": self.topic,
            "lab": self.lab,
            "person": self.person,
            "page": self.page if self.page > 1 else None,
            "after": self.after,
        }
        written = urlencode({name: value for name, value in asked.items() if value})
        return f"?{written}" if written else ""

    def __bool__(self) -> bool:
        """Whether anything is asked beyond the whole list."""
        return bool(self.kind or self.year or self.topic or self.lab or self.person)
