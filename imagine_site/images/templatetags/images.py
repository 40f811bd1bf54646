"""`{% picture image shape="card" sizes="…" %}` and, in the head, `{% preload_picture … %}`.

Both write nothing for a picture that may not be shown; `image|shown` asks before a frame, a credit
or a caption is drawn around it.
"""

from django import template
from django.utils.safestring import SafeString

from imagine_site.images import models

register = template.Library()


@register.filter
def shown(image: models.Image | None) -> models.Image | None:
    """`{% if person.photo|shown %}`: the picture if there is one that may be shown today."""
    return models.shown(image)


@register.simple_tag
def picture(
    image,
    *,
    shape: str = "full",
    sizes: str = "100vw",
    alt: str | None = None,
    loading: str = "lazy",
    css_class: str = "",
) -> SafeString | str:
    """See `Image.picture`. An image that is missing (an optional lead picture) writes nothing."""
    if not image:
        return ""
    return image.picture(shape=shape, sizes=sizes, alt=alt, loading=loading, css_class=css_class)


@register.simple_tag
def preload_picture(image, *, shape: str = "full", sizes: str = "100vw") -> SafeString | str:
    """See `Image.preload`; nothing for a picture that is missing."""
    return image.preload(shape=shape, sizes=sizes) if image else ""
