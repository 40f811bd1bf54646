"""What the register knows of all start-ups together: counts, sums, and both by year for a chart.

Computed from what is public, as of a day, never typed. A chart is a value: bars with their places
in a drawing of fixed size, so that the template writes the SVG and nothing is drawn by a script.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import formats

from imagine_site.components.words import MILLION
from imagine_site.register.dates import PartialDate
from labs.models import StartUpQuerySet

#: The drawing, in its own units: the tallest bar, and the room of a year on the axis.
HEIGHT, STEP, BAR = 120, 48, 34


@dataclass(frozen=True, slots=True)
class Bar:
    year: int
    value: Decimal | int
    #: The value as it stands over the bar: short, in the language of the page.
    label: str
    x: int
    height: int

    @property
    def y(self) -> int:
        return HEIGHT - self.height

    @property
    def middle(self) -> int:
        return self.x + BAR // 2

    @property
    def above(self) -> int:
        """Where the number stands, just over its bar."""
        return self.y - 6


@dataclass(frozen=True, slots=True)
class Chart:
    """One bar a year; years with nothing keep their place."""

    bars: tuple[Bar, ...]

    @classmethod
    def of(
        cls,
        values: dict[int, Decimal | int],
        years: range | None = None,
        label: Callable[..., str] = str,
    ) -> Chart:
        """Over the years given, else from the first to the last that has a value."""
        if not values:
            return cls(())
        years = years or range(min(values), max(values) + 1)
        tallest = max(values.values())
        return cls(
            tuple(
                Bar(
                    year,
                    values.get(year, 0),
                    label(values.get(year, 0)),
                    x=index * STEP,
                    height=_height(values.get(year, 0), tallest),
                )
                for index, year in enumerate(years)
            )
        )

    @property
    def width(self) -> int:
        return max(0, len(self.bars) * STEP - (STEP - BAR))

    @property
    def said(self) -> str:
        """The bars in words, for those who do not see them."""
        return "; ".join(f"{bar.year}: {bar.label}" for bar in self.bars if bar.value)

    def __bool__(self) -> bool:
        return bool(self.bars)


def in_millions(amount: Decimal) -> str:
    """ "14.5": short enough to stand over a bar whose caption says the unit."""
    number = (amount / MILLION).quantize(Decimal("0.1"))
    return formats.number_format(number.normalize() if number % 1 else number.quantize(Decimal(1)))


def _height(value: Decimal | int, tallest: Decimal | int) -> int:
    """Never nothing for something."""
    return max(2, round(HEIGHT * value / tallest)) if value else 0


@dataclass(frozen=True, slots=True)
class Company:
    """A start-up in a row: what a link to it needs."""

    name: str
    slug: str
    origin: str
    founded: int | None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All public start-ups, and what they raised by currency and year up to a day."""

    companies: tuple[Company, ...]
    by_year: dict[str, dict[int, Decimal]] = field(default_factory=dict)

    @classmethod
    def of(cls, startups: StartUpQuerySet, *, at: datetime.date) -> Portfolio:
        """One query: every start-up, beside each of its rounds."""
        rows = startups.order_by("name", "pk", "rounds__pk").values_list(
            "pk", "name", "slug", "origin", "founded",
            "rounds__date", "rounds__amount", "rounds__currency",
        )  # fmt: skip
        companies: dict[int, Company] = {}
        by_year: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for pk, name, slug, origin, founded, date, amount, currency in rows:
            companies.setdefault(pk, Company(name, slug, origin, founded))
            if date and (on := PartialDate.parse(date)).first_day <= at:
                by_year[currency][on.year] += amount
        return cls(tuple(companies.values()), {key: dict(sums) for key, sums in by_year.items()})

    def __len__(self) -> int:
        return len(self.companies)

    @property
    def raised(self) -> list[tuple[str, Decimal]]:
        """Currency and sum, the greatest first."""
        sums = [(currency, sum(years.values())) for currency, years in self.by_year.items()]
        return sorted(sums, key=lambda row: (-row[1], row[0]))

    @property
    def years(self) -> range:
        """The axis all charts share, so that one can be read above the other."""
        known = {*self._founded, *(year for sums in self.by_year.values() for year in sums)}
        return range(min(known), max(known) + 1) if known else range(0)

    @property
    def money(self) -> list[tuple[str, Chart]]:
        """One chart a currency: sums of different ones cannot stand on one axis."""
        return [
            (currency, Chart.of(self.by_year[currency], self.years, in_millions))
            for currency, _sum in self.raised
        ]

    @property
    def founded(self) -> Chart:
        """How many companies were founded in which year."""
        return Chart.of(self._founded, self.years)

    @property
    def _founded(self) -> Counter[int]:
        return Counter(company.founded for company in self.companies if company.founded)

    @property
    def table(self) -> list[tuple[int, int, list[tuple[str, Decimal]]]]:
        """What the charts show, in numbers: year, companies founded, sums by currency."""
        founded = self._founded
        rows = [
            (
                year,
                founded[year],
                [
                    (currency, self.by_year[currency][year])
                    for currency, _sum in self.raised
                    if year in self.by_year[currency]
                ],
            )
            for year in self.years
        ]
        return [row for row in rows if row[1] or row[2]]
