"""Finished pages, driven in turns: nginx from files, a bare answer from memory, the site, and the
site behind nginx.

Each round drives all of them, one after another, and begins with another one; before it, each has
to give the very bytes that are compared. What wrk has read afterwards has to be as much as so many
of these answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.driving import Answer, Driven, drive, get
from benchmarks.figures import Figure

#: As a browser says it.
BROWSER = "gzip, deflate, br, zstd"
NGINX, BARE, SITE, BEHIND = "nginx", "bare", "site", "behind nginx"
#: Headers of which each server has its own.
_THEIR_OWN = frozenset({"date", "server", "connection", "keep-alive", "transfer-encoding"})
_THEIR_OWN |= {"etag", "last-modified", "accept-ranges"}


class HasWorked(Protocol):
    """A server, or several that answer together."""

    def cpu_seconds(self) -> float: ...


class NotTheSame(Exception):
    """Something else is answered than what is to be compared."""


@dataclass(frozen=True, slots=True)
class Target:
    """One who answers: where, and under which path and with which request headers."""

    name: str
    port: int
    path: str
    headers: Mapping[str, str]
    process: HasWorked | None = None


@dataclass(slots=True)
class Scenario:
    """A question and all those who are asked it; `expected` is what the site answered."""

    name: str
    expected: Answer
    targets: Sequence[Target]
    found: dict[str, list[Driven]] = field(default_factory=dict)
    #: Processor time of a server for a request, in microseconds.
    cpu: dict[str, list[float]] = field(default_factory=dict)

    def is_the_same_everywhere(self) -> None:
        """Raises `NotTheSame` where a target gives another status, body or header."""
        for target in self.targets:
            for _connection in range(4):  # whichever worker answers
                answer = get(target.port, target.path, target.headers)
                more = target.name == BEHIND
                if difference := differs(answer, self.expected, more=more):
                    raise NotTheSame(f"{self.name}, {target.name}: {difference}")

    def round(self, number: int, seconds: int) -> None:
        self.is_the_same_everywhere()
        turn = number % len(self.targets)
        for target in (*self.targets[turn:], *self.targets[:turn]):
            before = target.process.cpu_seconds() if target.process else 0.0
            driven = drive(f"http://127.0.0.1:{target.port}{target.path}", seconds, target.headers)
            if lacks := too_little(driven, self.expected):
                raise NotTheSame(f"{self.name}, {target.name}: {lacks}")
            self.found.setdefault(target.name, []).append(driven)
            if target.process:
                spent = target.process.cpu_seconds() - before
                self.cpu.setdefault(target.name, []).append(spent / driven.requests * 1e6)

    def figures(self) -> list[Figure]:
        yardstick = [driven.rate for driven in self.found[NGINX]]
        found = []
        for name, rounds in self.found.items():
            rates = [driven.rate for driven in rounds]
            found += [
                Figure.of(f"{self.name}: {name}", rates, "requests/s", beside=yardstick),
                Figure.of(f"{self.name}: {name}, p50", [each.p50 * 1e3 for each in rounds], "ms"),
                Figure.of(f"{self.name}: {name}, p99", [each.p99 * 1e3 for each in rounds], "ms"),
            ]
            if name in self.cpu:
                found.append(
                    Figure.of(f"{self.name}: {name}, processor", self.cpu[name], "µs/request")
                )
            if name == SITE and BARE in self.found:
                bare = [driven.rate for driven in self.found[BARE]]
                ratios = [rate / other for rate, other in zip(rates, bare, strict=True)]
                found.append(Figure.of(f"{self.name}: site to bare", ratios, "ratio"))
        failed = sum(driven.failed for rounds in self.found.values() for driven in rounds)
        return [*found, Figure(f"{self.name}: failed requests", failed, "requests")]


def differs(answer: Answer, expected: Answer, *, more: bool = False) -> str:
    """In what; empty where it is the same but for what every server says of itself. `more`: it may
    have other headers besides."""
    if answer.status != expected.status:
        return f"status {answer.status} instead of {expected.status}"
    if answer.body != expected.body:
        return f"another body ({len(answer.body)} bytes instead of {len(expected.body)})"
    ours, theirs = _comparable(expected.headers), _comparable(answer.headers)
    # RFC 9110 §15.4.5 leaves it to a server which fields it repeats with a 304.
    if answer.status == 304:
        return ""
    compared = {*ours} if more else {*ours, *theirs}
    names = sorted(name for name in compared if ours.get(name) != theirs.get(name))
    return f"other headers: {', '.join(names)}" if names else ""


def _comparable(headers: Mapping[str, str]) -> dict[str, str | set[str]]:
    # Directives of a content policy may stand in any order (CSP 3 §2.2), and do.
    return {
        name: {part.strip() for part in value.split(";")}
        if name == "content-security-policy"
        else value
        for name, value in headers.items()
        if name not in _THEIR_OWN
    }


def too_little(driven: Driven, expected: Answer) -> str:
    """Whether wrk read less or more than so many of these answers, headers allowed for."""
    if driven.failed:
        return ""  # told as a figure of its own
    least, most = len(expected.body), len(expected.body) + 2_500
    # What was on its way at the end is counted as read and not as a request, and the other way.
    if not least * 0.97 <= driven.bytes_each <= most * 1.03:
        return f"{driven.bytes_each:.0f} bytes an answer, where {least} to {most} are expected"
    return ""


def measure(
    scenarios: Sequence[Scenario], *, rounds: int, seconds: int, say: Callable[[str], None]
) -> list[Figure]:
    for number in range(rounds):
        for scenario in scenarios:
            say(f"round {number + 1} of {rounds}: {scenario.name}")
            scenario.round(number, seconds)
    return [figure for scenario in scenarios for figure in scenario.figures()]
