"""What a check says about a story before it is published."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagine_site.publishing.models import Story


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence to the editor. An error blocks publishing, a warning does not."""

    message: str
    field: str = ""
    blocks: bool = True


Check = Callable[["Story", str], Iterable[Finding]]
_checks: list[Check] = []


def check(function: Check) -> Check:
    """Register a check: called with the story and a language, it yields findings."""
    if function not in _checks:
        _checks.append(function)
    return function


def inspect(story: Story, language: str) -> list[Finding]:
    """All findings about one language of a story, errors first."""
    findings = [finding for function in _checks for finding in function(story, language)]
    return sorted(findings, key=lambda finding: not finding.blocks)


class NotPublishable(Exception):
    """Raised by `publish()`; `findings` says why, nothing was written."""

    def __init__(self, findings: list[Finding]):
        self.findings = findings
        super().__init__(" ".join(str(finding.message) for finding in findings))
