"""Where this room shows a picture of the library."""

from collections.abc import Iterator

from imagine_site.images.models import Image
from imagine_site.images.uses import Use
from imagine_site.register.admin import change_address
from people.models import FoundingMember, Researcher


def in_people(image: Image) -> Iterator[Use]:
    for records in (
        Researcher.objects.filter(photo=image),
        FoundingMember.objects.filter(logo=image),
    ):
        for record in records.order_by("pk"):
            yield Use(str(record), change_address(record))
