"""Where a picture stands: asked before it is removed, and shown to whoever looks after it.

The library lies below the rooms that use its pictures, so it cannot look up at them. Each of them
tells it, in its `ready()`, how to find its own uses:

    uses.register(uses_in_posts)        # (image) -> a list of Use
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from imagine_site.images.models import Image


@dataclass(frozen=True)
class Use:
    """One place that shows a picture, as an editor would name it, and where to change it."""

    label: str
    url: str = ""

    def __str__(self) -> str:
        return self.label


Finder = Callable[["Image"], Iterable[Use]]
_finders: list[Finder] = []


class ImageInUse(ValidationError):
    """A picture that still stands somewhere cannot be removed: the page would lose it."""

    def __init__(self, uses: list[Use]):
        self.uses = uses
        super().__init__(
            _("This picture is still used: %(places)s.")
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


def of(image: "Image") -> list[Use]:
    """Every use of `image`, room by room in the order of registration."""
    return [use for finder in _finders for use in finder(image)]
