"""Numbered pages: which numbers to offer, and what to answer to a number that does not exist."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PagerLink:
    """A page to go to, by its number or by words; without an address it stands for the pages left
    out."""

    number: int = 0
    href: str = ""
    current: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Pager:
    """`number` of `count` pages (never none), as near as possible to the one asked for."""

    number: int
    count: int
    size: int
    total: int

    @classmethod
    def of(cls, total: int, *, size: int, asked: int) -> "Pager":
        count = max(1, -(-total // size))
        return cls(number=min(max(1, asked), count), count=count, size=size, total=total)

    @property
    def slice(self) -> slice:
        return slice((self.number - 1) * self.size, self.number * self.size)

    def links(self, href: Callable[[int], str]) -> tuple[PagerLink, ...]:
        """First, last and the neighbours, with one gap where pages are left out."""
        offered = [
            number
            for number in range(1, self.count + 1)
            if number in (1, self.count) or abs(number - self.number) <= 2
        ]
        links, before = [], 0
        for number in offered:
            if number - before == 2:
                links.append(PagerLink(number - 1, href(number - 1)))
            elif number - before > 2:
                links.append(PagerLink())
            links.append(PagerLink(number, href(number), current=number == self.number))
            before = number
        return tuple(links)
