"""Where this room shows pictures of the library."""

from collections.abc import Iterator, Sequence

from django.urls import reverse

from imagine_site.images.models import Image
from imagine_site.images.uses import Use
from imagine_site.pages.models import Milestone, Page
from imagine_site.publishing.uses import in_stories, pictures_of


def in_pages(images: Sequence[Image]) -> Iterator[tuple[int, Use]]:
    yield from in_stories(Page, images)
    for milestone in Milestone.objects.filter(image__in=images).order_by("pk"):
        address = reverse("admin:pages_milestone_change", args=[milestone.pk])
        yield milestone.image_id, Use(str(milestone), address)


def pictures_of_pages() -> Iterator[int | None]:
    yield from pictures_of(Page)
    yield from Milestone.objects.order_by().values_list("image", flat=True).distinct()
