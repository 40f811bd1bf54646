"""What loading or removing the sample did, for whoever asked for it."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Report:
    """Counts by kind of thing ("images", "articles"), and sentences about what needs a word."""

    made: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)

    @property
    def is_idle(self) -> bool:
        """Nothing was made, changed or removed."""
        return not (self.made or self.changed or self.removed)

    def lines(self) -> list[str]:
        said = [
            f"{what}: {', '.join(f'{kind} ({number})' for kind, number in counts.items())}."
            for what, counts in (
                ("Made", self.made),
                ("Changed", self.changed),
                ("Removed", self.removed),
                ("Already there", self.unchanged),
            )
            if counts
        ]
        return [*said, *(f"Kept: {reason}." for reason in self.kept)] or ["Nothing to do."]
