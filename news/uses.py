"""Where news shows pictures of the library."""

from collections.abc import Iterator, Sequence

from imagine_site.images.models import Image
from imagine_site.images.uses import Use
from imagine_site.publishing.uses import in_stories, pictures_of
from news.models import Post


def in_news(images: Sequence[Image]) -> Iterator[tuple[int, Use]]:
    return in_stories(Post, images, "lead_image")


def pictures_of_news() -> Iterator[int | None]:
    return pictures_of(Post, "lead_image")
