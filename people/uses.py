"""Where this room shows pictures of the library."""

from collections.abc import Iterator, Sequence

from imagine_site.images.models import Image
from imagine_site.images.uses import Use
from imagine_site.register.uses import in_records, pictures_of
from people.models import FoundingMember, Researcher

_SHOWN = ((Researcher, "photo"), (FoundingMember, "logo"))


def in_people(images: Sequence[Image]) -> Iterator[tuple[int, Use]]:
    return in_records(_SHOWN, images)


def pictures_of_people() -> Iterator[int | None]:
    return pictures_of(_SHOWN)
