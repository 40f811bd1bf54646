"""A document with its images, records and files looked up, a few queries for a whole text."""

from django.utils import translation

from imagine_site.documents import Document, Rendered, parse, references
from imagine_site.documents import render as render_document
from imagine_site.images.models import Image
from imagine_site.register.references import RecordLink, resolve


class LibraryResolver:
    """Answers the renderer's questions about one document, in one language."""

    def __init__(self, document: Document, language: str):
        named = references(document)
        self._images = Image.objects.in_bulk(named.images)
        self._records = resolve(named.records, language)

    def image(self, pk: int) -> "Image | None":
        return self._images.get(pk)

    def record(self, reference: str) -> RecordLink | None:
        return self._records.get(reference)

    def file(self, pk: int) -> None:
        """There is no file library: a file mark reads as its text."""


def render(body: str, language: str) -> Rendered:
    """The public HTML of a stored body."""
    document = parse(body)
    resolver = LibraryResolver(document, language)
    # Pictures describe themselves in the language in force.
    with translation.override(language):
        return render_document(document, resolver=resolver, language=language)
