"""What publishing does when a picture of the library changes."""

from imagine_site.images.models import Image
from imagine_site.publishing.actions import rerender
from imagine_site.publishing.models import concrete_editions


def image_saved(
    sender: type[Image], instance: Image, created: bool, raw: bool = False, **_kwargs
) -> None:
    """Connected to `post_save` and `renditions_made`: what is public, or will be, shows the picture
    as it is now.

    Its words and credit, the day its rights end, that it may no longer be shown at all, the sizes
    that were made since. Within the
    transaction of the save, so that no page ever says otherwise than the library.
    """
    if created or raw:
        return
    for model in concrete_editions():
        rerender(model.objects.not_over().filter(images=instance.pk))
