"""Renditions, and nothing else that may lie in the public storage.

What is served was written by our own encoders; the headers hold even if that were ever not so: no
guessing of types, no script, no frame, nothing to load (`sandbox` alone takes the origin away).
"""

import re

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from imagine_site.images.picture import MEDIA_TYPES

RENDITION = re.compile(r"r/(?P<name>[0-9a-f]{32})\.(?P<format>avif|webp|jpg)")


@require_safe
def media(request: HttpRequest, path: str) -> FileResponse:
    """A rendition by its name. The name is that of the content, so it may be kept for ever."""
    match = RENDITION.fullmatch(path)
    if match is None:
        raise Http404
    try:
        file = default_storage.open(path)
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(
        file,
        content_type=MEDIA_TYPES[match["format"]],
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
