"""Where a file stands, and whether the public may have it.

The library lies below the rooms that link to its files, so it cannot look up at them. They tell it,
in their `ready()`, how to find their uses and which of them are public:

    uses.register(in_texts)          # (keys of files) -> pairs of a key and a Use
    uses.public_where(live)          # (moment) -> conditions on the table of files
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import Exists, Q
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from imagine_site.files.models import File


@dataclass(frozen=True)
class Use:
    """One place that links to a file, as an editor would name it, and where to change it."""

    label: str
    url: str = ""

    def __str__(self) -> str:
        return self.label


Finder = Callable[[Collection[int]], Iterable[tuple[int, Use]]]
Condition = Callable[[datetime.datetime], Iterable[Exists | Q]]
_finders: list[Finder] = []
_conditions: list[Condition] = []


class FileInUse(ValidationError):
    """A file that still stands somewhere cannot be removed: the link would lead nowhere."""

    def __init__(self, uses: list[Use]):
        self.uses = uses
        super().__init__(
            _("This file is still used: %(places)s.")
            % {"places": ", ".join(use.label for use in uses)},
            code="in_use",
        )


def register(finder: Finder) -> Finder:
    """Have `finder` asked from now on; registering it twice asks it once."""
    if finder not in _finders:
        _finders.append(finder)
    return finder


def unregister(finder: Finder) -> None:
    _finders.remove(finder)


def public_where(condition: Condition) -> Condition:
    """A file is public where any of these conditions holds, and nowhere else."""
    if condition not in _conditions:
        _conditions.append(condition)
    return condition


def of_all(keys: Collection[int]) -> dict[int, list[Use]]:
    """Every use of these files, by key; what is used nowhere is left out."""
    found: dict[int, list[Use]] = defaultdict(list)
    for finder in _finders:
        for key, use in finder(keys):
            found[key].append(use)
    return dict(found)


def of(file: "File") -> list[Use]:
    """Every use of one file."""
    return of_all([file.pk]).get(file.pk, [])


def is_public(at: datetime.datetime) -> Q:
    """What a row of the table of files must fulfil for visitors to get it at a moment."""
    whole = Q(pk__in=[])  # without any condition nothing is public
    for condition in _conditions:
        for each in condition(at):
            whole |= Q(each)
    return whole
