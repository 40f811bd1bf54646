"""What stands below the text of a page that has a role, told by the rooms that know it.

The press room lists press releases, and this room does not know the news: whoever does registers
a template and what it needs, in its own `ready()`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: Called with the language of the page; what it returns is in the template's context.
Matter = Callable[[str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class More:
    template: str
    matter: Matter


_more: dict[str, More] = {}


def register(role: str, *, template: str, matter: Matter) -> None:
    _more[role] = More(template, matter)


def below(role: str, language: str) -> dict[str, Any]:
    """The template below the text of a page with this role, and its context; or nothing."""
    more = _more.get(role)
    return {"below": more.template, **more.matter(language)} if more else {}
