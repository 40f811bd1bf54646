"""A document with its images, records and files looked up, a few queries for a whole text."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone, translation

from imagine_site.documents import Document, References, Rendered, parse, references
from imagine_site.documents import render as render_document
from imagine_site.files.models import File
from imagine_site.images.models import Image, shown
from imagine_site.register.models import Record
from imagine_site.register.references import RecordLink, links_to, records

#: Ends of rights that one text keeps renderings for. Beyond them, every picture with a limit is
#: left out until the text is rendered again: a picture too few is better than one too many.
MOST_ENDS = 12
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FileLink:
    """What a link to a file of the library says: `size` is for people ("PDF, 2.3 MB")."""

    label: str
    url: str
    size: str
    language: str


class Library:
    """What some texts refer to, fetched for all of them together and only when it is asked for."""

    def __init__(self, named: Iterable[References], *, images: Iterable[int] = ()):
        named = list(named)
        self._image_keys = {pk for each in named for pk in each.images}.union(images)
        self._file_keys = {pk for each in named for pk in each.files}
        self._record_names = sorted({name for each in named for name in each.records})
        self._links: dict[str, dict[str, RecordLink]] = {}

    @cached_property
    def images(self) -> dict[int, Image]:
        return Image.objects.in_bulk(self._image_keys)

    @cached_property
    def files(self) -> dict[int, File]:
        return File.objects.in_bulk(self._file_keys)

    @cached_property
    def records(self) -> dict[str, Record]:
        """Public or not, by how texts name them."""
        return records(self._record_names)

    def links(self, language: str) -> dict[str, RecordLink]:
        """Names and addresses of the public records, in a language."""
        if language not in self._links:
            self._links[language] = links_to(self.records, language)
        return self._links[language]


class LibraryResolver:
    """Answers the renderer's questions about one document, in one language, as of a day.

    A picture that may not be shown on that day is not there. `as_of` is when the text was
    published: a picture that was replaced since is shown as it was.
    """

    def __init__(
        self,
        document: Document,
        language: str,
        *,
        on: datetime.date | None = None,
        as_of: datetime.datetime | None = None,
        library: Library | None = None,
    ):
        named = references(document)
        library = library or Library([named])
        self.on = on or timezone.localdate()
        self._as_of = as_of
        self._images = {pk: library.images[pk] for pk in named.images if pk in library.images}
        self._records = library.links(language) if named.records else {}
        self._files = library.files if named.files else {}
        self._language = language

    def image(self, pk: int) -> Image | None:
        return shown(self._images.get(pk), on=self.on, as_of=self._as_of)

    def record(self, reference: str) -> RecordLink | None:
        return self._records.get(reference)

    def file(self, pk: int) -> FileLink | None:
        file = self._files.get(pk)
        if file is None:
            return None
        return FileLink(
            label=str(file),
            url=file.get_absolute_url(),
            size=file.details(beside=self._language),
            language=file.language,
        )

    def ends(self) -> list[datetime.date]:
        """The days on which fewer pictures may be shown than on the day before."""
        last_days = (image.last_day for image in self._images.values() if image.usable(self.on))
        return sorted({day + DAY for day in last_days if day})


def render(
    body: str,
    language: str,
    *,
    on: datetime.date | None = None,
    as_of: datetime.datetime | None = None,
) -> Rendered:
    """The public HTML of a stored body on a day, today when not given."""
    document = parse(body)
    resolver = LibraryResolver(document, language, on=on, as_of=as_of)
    # Pictures describe themselves in the language in force.
    with translation.override(language):
        return render_document(document, resolver=resolver, language=language)


@dataclass(frozen=True, slots=True)
class Renderings:
    """What an edition keeps: the HTML of today, and that from each later day on."""

    html: str
    later: list[list[str]]


def renderings(
    body: Document | str,
    language: str,
    *,
    as_of: datetime.datetime | None = None,
    library: Library | None = None,
) -> Renderings:
    """All that a text will look like, as far as is known today.

    The whole text is made anew for each end, because a picture that goes takes along its caption,
    the notes in it, and its place in the count of a gallery. `library` is what was fetched for
    several texts, this one among them.
    """
    document = parse(body) if isinstance(body, str) else body
    resolver = LibraryResolver(document, language, as_of=as_of, library=library)
    ends = resolver.ends()
    with translation.override(language):
        html = render_document(document, resolver=resolver, language=language).html
        later = []
        for number, day in enumerate(ends[:MOST_ENDS], 1):
            resolver.on = datetime.date.max if number == MOST_ENDS < len(ends) else day
            rendered = render_document(document, resolver=resolver, language=language)
            later.append([day.isoformat(), rendered.html])
    return Renderings(html, later)
