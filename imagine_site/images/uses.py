"""Where pictures stand: asked before one is removed, and shown to whoever looks after them.

The library lies below the rooms that use its pictures, so it cannot look up at them. Each of them
tells it, in its `ready()`, how to find its own uses:

    uses.register(in_posts, pictures_of_posts)

The first is asked about a page of pictures at once, in a number of queries that does not grow with
them; the second tells the keys of all the pictures the room uses, for the list of the unused.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from imagine_site.images.models import Image

#: Pictures asked about in one question.
TOGETHER = 48


@dataclass(frozen=True)
class Use:
    """One place that shows a picture, as an editor would name it, and where to change it."""

    label: str
    url: str = ""

    def __str__(self) -> str:
        return self.label


#: Asked with pictures, answers with pairs of a picture's key and a place that shows it.
Finder = Callable[[Sequence["Image"]], Iterable[tuple[int, Use]]]
Keys = Callable[[], Iterable[int | None]]
_finders: dict[Finder, Keys] = {}


class ImageInUse(ValidationError):
    """A picture that still stands somewhere cannot be removed: the page would lose it."""

    def __init__(self, uses: list[Use]):
        self.uses = uses
        super().__init__(
            _("This picture is still used: %(places)s.")
            % {"places": ", ".join(use.label for use in uses)},
            code="in_use",
        )


def register(finder: Finder, keys: Keys = tuple) -> Finder:
    """Have `finder` asked from now on; registering it twice asks it once."""
    _finders.setdefault(finder, keys)
    return finder


def unregister(finder: Finder) -> None:
    del _finders[finder]


def of(image: "Image") -> list[Use]:
    """Every use of `image`, room by room in the order of registration."""
    return of_all([image])[image.pk]


def of_all(images: Collection["Image"]) -> dict[int, list[Use]]:
    """Every use of each picture, by its key."""
    found: dict[int, list[Use]] = {image.pk: [] for image in images}
    asked = list(images)
    for start in range(0, len(asked), TOGETHER):
        for finder in _finders:
            for pk, use in finder(asked[start : start + TOGETHER]):
                found[pk].append(use)
    return found


def used_keys() -> set[int]:
    """The keys of all pictures that stand anywhere."""
    return {pk for keys in _finders.values() for pk in keys() if pk is not None}
