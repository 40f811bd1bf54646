"""Where this room shows pictures of the library."""

from collections.abc import Iterator, Sequence

from imagine_site.images.models import Image
from imagine_site.images.uses import Use
from imagine_site.register.uses import in_records, pictures_of
from labs.models import Laboratory, StartUp

_SHOWN = ((Laboratory, "image"), (StartUp, "logo"))


def in_labs(images: Sequence[Image]) -> Iterator[tuple[int, Use]]:
    return in_records(_SHOWN, images)


def pictures_of_labs() -> Iterator[int | None]:
    return pictures_of(_SHOWN)
