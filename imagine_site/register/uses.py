"""Where records show pictures of the library: asked by each room that keeps records."""

from collections.abc import Iterator, Sequence

from django.db import models

from imagine_site.images.models import Image
from imagine_site.images.uses import Use
from imagine_site.register.admin import change_address

#: A kind of record and its field that holds a picture.
Shown = tuple[type[models.Model], str]


def in_records(shown: Sequence[Shown], images: Sequence[Image]) -> Iterator[tuple[int, Use]]:
    """One query a kind."""
    wanted = [image.pk for image in images]
    for model, field in shown:
        for record in model.objects.filter(**{f"{field}__in": wanted}).order_by("pk"):
            yield getattr(record, f"{field}_id"), Use(str(record), change_address(record))


def pictures_of(shown: Sequence[Shown]) -> Iterator[int | None]:
    for model, field in shown:
        yield from model.objects.order_by().values_list(field, flat=True).distinct()
