"""What the site says of its own accessibility, computed from one file and never typed.

`rgaa.yaml` holds the 106 criteria of RGAA 4.1.2 with a status and what it rests on, and the audit
that a person made, if any. French law (decree 2019-768) asks for the state of conformity on the
front page and for a statement in a fixed order; without a valid audit the state is "non conforme",
whatever machines found.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core import checks
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imagine_site.components.head import LANGUAGES, current_language

GRID = Path(__file__).with_name("rgaa.yaml")
#: Decree 2019-768, article 5: a statement is made again after three years at the latest.
VALID_YEARS = 3


class Status(StrEnum):
    COMPLIANT = "compliant"
    NOT_COMPLIANT = "not compliant"
    NOT_APPLICABLE = "not applicable"
    NOT_TESTED = "not tested"

    @property
    def label(self) -> str:
        return str(STATUSES[self])


STATUSES = {
    Status.COMPLIANT: gettext_lazy("compliant"),
    Status.NOT_COMPLIANT: gettext_lazy("not compliant"),
    Status.NOT_APPLICABLE: gettext_lazy("not applicable"),
    Status.NOT_TESTED: gettext_lazy("not tested"),
}


class State(StrEnum):
    """The three words of the law."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"

    @property
    def label(self) -> str:
        return {
            State.FULL: _("fully compliant"),
            State.PARTIAL: _("partially compliant"),
            State.NONE: _("not compliant"),
        }[self]

    @property
    def mention(self) -> str:
        """As the foot of every page says it."""
        return {
            State.FULL: _("Accessibility: fully compliant"),
            State.PARTIAL: _("Accessibility: partially compliant"),
            State.NONE: _("Accessibility: not compliant"),
        }[self]


@dataclass(frozen=True)
class Bilingual:
    """A text of the file in both languages; as a string it is in the page's language."""

    texts: Mapping[str, str]

    def __str__(self) -> str:
        return self.texts[current_language()]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Bilingual:
        return cls({language: str(data[language]) for language in LANGUAGES})


@dataclass(frozen=True)
class Criterion:
    number: str
    wording: Bilingual
    status: Status
    evidence: str = ""


@dataclass(frozen=True)
class Theme:
    name: Bilingual
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Statement:
    """The file as read. A mistake in it raises `KeyError` or `ValueError`: see `grid_is_sound`."""

    themes: tuple[Theme, ...]
    audited_by: str
    audited_on: datetime.date | None
    audited_pages: tuple[str, ...]
    burden: tuple[Bilingual, ...]
    exempt: tuple[Bilingual, ...]
    established: datetime.date
    technologies: tuple[str, ...]
    environment: tuple[str, ...]
    tools: tuple[str, ...]
    plan: tuple[Bilingual, ...]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Statement:
        audit, about = data["audit"], data["statement"]
        themes = tuple(
            Theme(
                Bilingual.read(theme),
                tuple(
                    Criterion(
                        number=row["number"],
                        wording=Bilingual.read(row),
                        status=Status(row["status"]),
                        evidence=row.get("evidence", ""),
                    )
                    for row in theme["criteria"]
                ),
            )
            for theme in data["themes"]
        )
        return cls(
            themes=themes,
            audited_by=audit["by"] or "",
            audited_on=audit["date"],
            audited_pages=tuple(audit["pages"]),
            burden=tuple(Bilingual.read(each) for each in data["disproportionate_burden"]),
            exempt=tuple(Bilingual.read(each) for each in data["exempt"]),
            established=about["established"],
            technologies=tuple(about["technologies"]),
            environment=tuple(about["environment"]),
            tools=tuple(about["tools"]),
            plan=tuple(Bilingual.read(each) for each in about["plan"]),
        )

    @property
    def website(self) -> str:
        return settings.SITE_URL

    @property
    def criteria(self) -> Iterator[Criterion]:
        for theme in self.themes:
            yield from theme.criteria

    @cached_property
    def counts(self) -> Counter[Status]:
        return Counter(row.status for row in self.criteria)

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def compliant(self) -> int:
        return self.counts[Status.COMPLIANT]

    @property
    def not_tested(self) -> int:
        return self.counts[Status.NOT_TESTED]

    @property
    def not_applicable(self) -> int:
        return self.counts[Status.NOT_APPLICABLE]

    @property
    def applicable(self) -> int:
        return self.total - self.counts[Status.NOT_APPLICABLE]

    @property
    def percent(self) -> int:
        """Of the applicable criteria, those that are met; what nobody tested is not met."""
        return self.compliant * 100 // self.applicable if self.applicable else 0

    @property
    def failing(self) -> tuple[Criterion, ...]:
        return tuple(row for row in self.criteria if row.status == Status.NOT_COMPLIANT)

    @property
    def is_audited(self) -> bool:
        return bool(self.audited_by and self.audited_on)

    @property
    def expires_on(self) -> datetime.date | None:
        if not self.is_audited:
            return None
        last = self.audited_on.year + VALID_YEARS
        day = min(self.audited_on.day, 28) if self.audited_on.month == 2 else self.audited_on.day
        return self.audited_on.replace(year=last, day=day)

    def is_expired(self, *, on: datetime.date | None = None) -> bool:
        return bool(self.expires_on and self.expires_on <= (on or timezone.localdate()))

    def state(self, *, on: datetime.date | None = None) -> State:
        """Nothing but a valid audit of every applicable criterion makes the site compliant."""
        if not self.is_audited or self.is_expired(on=on) or self.not_tested:
            return State.NONE
        if self.compliant == self.applicable:
            return State.FULL
        return State.PARTIAL if self.compliant * 2 >= self.applicable else State.NONE

    def warning(self, *, on: datetime.date | None = None) -> str:
        """What editors are told of the audit's age, or nothing."""
        if self.is_expired(on=on):
            return _(
                "The accessibility audit is three years old: it is no longer valid, and the site "
                "says “not compliant” until a new one is entered in rgaa.yaml."
            )
        return ""


@cache
def statement() -> Statement:
    """Read once a process: the file is part of the code."""
    return Statement.read(yaml.safe_load(GRID.read_text("utf-8")))


def grid_is_sound(app_configs: object, **_kwargs: object) -> list[checks.CheckMessage]:
    """`manage.py check` says what is wrong with the file, and when the audit is too old."""
    try:
        found = statement()
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        hint = "Each criterion has a number, both wordings and one of the four states."
        return [checks.Error(f"rgaa.yaml cannot be read: {error!r}", hint=hint, id="pages.E001")]
    if warning := found.warning():
        return [checks.Warning(warning, id="pages.W001")]
    return []
