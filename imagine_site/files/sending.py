"""How a file leaves the house: as a download that no browser interprets in the site's name.

The type is the verified one and must not be guessed at (`nosniff`), the policy takes the origin
away (`sandbox`), and the disposition makes it a file of the reader's. Ranges are not served: they
would spare little, and an answer in parts is one more way to mix two contents.
"""

from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils.cache import get_conditional_response

from imagine_site.files.models import File

PUBLIC = "public, no-cache"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Accept-Ranges": "none",
}


def attachment(file: File) -> str:
    """RFC 6266: an ASCII name for old readers, and the title as RFC 8187 writes it."""
    return (
        f'attachment; filename="{file.file_name}"; '
        f"filename*=UTF-8''{quote(file.download_name, safe='')}"
    )


def send(request: HttpRequest, file: File, *, cache: str) -> HttpResponse:
    """The content of a file (a row, or a row of its history), or 304 where the reader has it.

    `cache` is the whole Cache-Control. 404 where the content is lost.
    """
    etag = f'"{file.digest[:32]}"'
    headers = {**HEADERS, "Cache-Control": cache, "ETag": etag}
    if file.language:
        headers["Content-Language"] = file.language
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        try:
            content = file.open()
        except FileNotFoundError:
            return HttpResponseNotFound()
        answer = FileResponse(content, content_type=file.format.content_type)
        answer["Content-Disposition"] = attachment(file)
        answer["Content-Length"] = str(file.size)
    for name, value in headers.items():
        answer[name] = value
    return answer
