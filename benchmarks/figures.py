"""A figure that was measured, what must hold of it, and how a run is kept and compared.

Times depend on the machine and on who else works on it: they are told and never judged. What is
judged are ratios to something measured in the same round, counts, and memory.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Shares of the former value within which a figure counts as the same.
SAME = 0.1


@dataclass(frozen=True, slots=True)
class Figure:
    """`rounds` says how often it was measured; `value` is the median of them."""

    figure: str
    value: float
    unit: str
    ratio_to_nginx: float | None = None
    rounds: int = 1
    lowest: float | None = None
    highest: float | None = None

    @classmethod
    def of(
        cls,
        figure: str,
        values: Sequence[float],
        unit: str,
        *,
        beside: Sequence[float] | None = None,
    ) -> Figure:
        """The median of all rounds; `beside` is what nginx reached in each of them.

        The ratio is the median of the rounds' ratios: what disturbs the machine for a round
        disturbs both alike.
        """
        ratio = median_ratio(values, beside) if beside else None
        return cls(
            figure,
            rounded(statistics.median(values)),
            unit,
            None if ratio is None else rounded(ratio),
            len(values),
            rounded(min(values)),
            rounded(max(values)),
        )

    def to_json(self) -> str:
        return json.dumps(
            {
                name: getattr(self, name)
                for name in self.__dataclass_fields__
                if name not in ("lowest", "highest") or getattr(self, name) is not None
            },
            ensure_ascii=False,
        )


def median_ratio(values: Sequence[float], beside: Sequence[float]) -> float:
    return statistics.median(value / other for value, other in zip(values, beside, strict=True))


def rounded(value: float) -> float:
    """Four digits that say something."""
    return float(f"{value:.4g}") if abs(value) < 1_000 else float(round(value))


# -- What must hold -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bound:
    """At least or at most so much of a figure, or of its ratio to nginx."""

    figure: str
    at_least: float | None = None
    at_most: float | None = None
    of_ratio: bool = False
    #: It may not have been measured: the machine has not what it takes, or a quick run leaves it.
    optional: bool = False

    def says(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}" + (" × nginx" if self.of_ratio else "")
        return f"≤ {self.at_most:g}"

    def missed_by(self, figures: dict[str, Figure]) -> str:
        """What is wrong, in a line; empty where it holds."""
        found = figures.get(self.figure)
        if found is None:
            return "" if self.optional else f"{self.figure}: not measured ({self.says()} is asked)"
        value = found.ratio_to_nginx if self.of_ratio else found.value
        if value is None:
            return f"{self.figure}: without its ratio to nginx"
        # Written so that what is no number holds nothing.
        if self.at_least is not None and not value >= self.at_least:
            return f"{self.figure}: {value:g}, {self.says()} is asked"
        if self.at_most is not None and not value <= self.at_most:
            return f"{self.figure}: {value:g}, {self.says()} is asked"
        return ""


def missed(bounds: Iterable[Bound], figures: Iterable[Figure]) -> list[str]:
    by_name = {figure.figure: figure for figure in figures}
    return [said for bound in bounds if (said := bound.missed_by(by_name))]


# -- Kept, read, compared -------------------------------------------------------------------------


def write(figures: Iterable[Figure], path: Path) -> None:
    """One object a line. A former run's file is put beside it, as `….before.jsonl`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.replace(path.with_suffix(".before.jsonl"))
    path.write_text("".join(f"{figure.to_json()}\n" for figure in figures), encoding="utf-8")


def read(path: Path) -> list[Figure]:
    """Raises `ValueError` for a line that is no figure."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(Figure(**json.loads(line)))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}, line {number}: {error}") from None
    return found


def compared(before: Iterable[Figure], now: Iterable[Figure]) -> list[str]:
    """What is not as it was, a line each: by more than a tenth, or there on one side only.

    Where a ratio to nginx is known on both sides it is compared, and not what it is a ratio of:
    the former run may have been on another machine.
    """
    former, lines = {figure.figure: figure for figure in before}, []
    for figure in now:
        was = former.pop(figure.figure, None)
        if was is None:
            lines.append(f"new      {figure.figure}: {figure.value:g} {figure.unit}")
            continue
        if was.ratio_to_nginx is not None and figure.ratio_to_nginx is not None:
            old, new, unit = was.ratio_to_nginx, figure.ratio_to_nginx, "× nginx"
        else:
            old, new, unit = was.value, figure.value, figure.unit
        if old == new or (old and abs(new - old) <= SAME * abs(old)):
            continue
        share = f" ({(new - old) / old:+.0%})" if old else ""
        lines.append(f"changed  {figure.figure}: {old:g} → {new:g} {unit}{share}")
    lines += [f"missing  {name}" for name in former]
    return lines


def table(figures: Sequence[Figure], bounds: Iterable[Bound]) -> str:
    """Every figure on a line, with what is asked of it."""
    asked: dict[str, list[str]] = {}
    for bound in bounds:
        asked.setdefault(bound.figure, []).append(bound.says())
    rows = [("figure", "value", "unit", "× nginx", "lowest … highest", "asked")]
    for each in figures:
        several = each.rounds > 1 and each.lowest is not None
        rows.append(
            (
                each.figure,
                f"{each.value:,g}" if abs(each.value) < 1_000 else f"{each.value:,.0f}",
                each.unit,
                "" if each.ratio_to_nginx is None else f"{each.ratio_to_nginx:.3f}",
                f"{each.lowest:,g} … {each.highest:,g}" if several else "",
                ", ".join(asked.get(each.figure, ())),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in (1, 3) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
