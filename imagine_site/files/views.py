"""The one public door of this room: a file while a live text links to it."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from imagine_site.files.models import File
from imagine_site.files.sending import PUBLIC, send


@require_safe
def file(request: HttpRequest, pk: int, file_name: str) -> HttpResponse:
    """404 for what is in no live text, as for what is not there. One query.

    Another name than the present one leads there (the file was replaced by one of another format).
    Caches must ask each time, so that a withdrawn text takes its files along at once.
    """
    found = File.objects.public().filter(pk=pk).first()
    if found is None:
        raise Http404
    if file_name != found.file_name:
        answer = HttpResponseRedirect(found.get_absolute_url())
        answer["Cache-Control"] = PUBLIC
        return answer
    return send(request, found, cache=PUBLIC)
