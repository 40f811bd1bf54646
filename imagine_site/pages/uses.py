"""Where this room shows a picture of the library."""

from collections.abc import Iterator

from django.urls import reverse

from imagine_site.images.models import Image
from imagine_site.images.uses import Use
from imagine_site.pages.models import Milestone, Page
from imagine_site.publishing.uses import in_stories


def in_pages(image: Image) -> Iterator[Use]:
    yield from in_stories(Page, image)
    for milestone in Milestone.objects.filter(image=image):
        yield Use(str(milestone), reverse("admin:pages_milestone_change", args=[milestone.pk]))
