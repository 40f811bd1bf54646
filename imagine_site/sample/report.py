"""What loading or removing the sample did, for whoever asked for it."""

from collections import Counter
from dataclasses import dataclass, field

from django.utils.translation import gettext as _


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
            _("%(what)s: %(counts)s.") % {"what": what, "counts": _listed(counts)}
            for what, counts in (
                (_("Made"), self.made),
                (_("Changed"), self.changed),
                (_("Removed"), self.removed),
                (_("Already there"), self.unchanged),
            )
            if counts
        ]
        return [*said, *(_("Kept: %s") % reason for reason in self.kept)] or [_("Nothing to do.")]


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in counts.items())
