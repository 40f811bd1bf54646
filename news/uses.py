"""Where news shows a picture of the library."""

from collections.abc import Iterator

from django.db.models import Q

from imagine_site.images.models import Image
from imagine_site.images.uses import Use
from imagine_site.publishing.uses import in_stories
from news.models import Post


def in_news(image: Image) -> Iterator[Use]:
    lead = Q(lead_image=image) | Q(editions__lead_image=image)
    yield from in_stories(Post, image, lead)
