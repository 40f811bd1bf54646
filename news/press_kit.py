"""What a newsroom needs of an article, in one zip: the text, its photographs at full size, credits.

Made from a live edition and from the pictures that this edition shows, never from a working copy.
The same edition gives the same bytes (until a right to a picture ends), written while they are
sent: no more than one picture is in memory, and nothing on disk.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.storage import storages
from django.template.loader import render_to_string
from django.utils import timezone, translation

from imagine_site.documents import Document, parse, plain_text, references
from imagine_site.documents import render as render_document
from imagine_site.images.models import Image, shown
from imagine_site.publishing.rendering import LibraryResolver
from imagine_site.register.references import RecordLink
from news.models import PostEdition

#: Bytes of pictures in one kit; the credits say which are left out. Some forty at their largest.
MOST_BYTES = 200_000_000

_LOCAL = re.compile(r'(<a (?:[^>]* )?href=")(?=/(?!/))')
#: The fields of a local header, of an entry of the directory, and of its end (APPNOTE §4.3).
_HEADER, _ENTRY, _END = 30, 46, 22


@dataclass(frozen=True, slots=True)
class KitPicture:
    """A picture under its name in the kit."""

    image: Image
    name: str
    caption: str
    size: int

    @property
    def alt(self) -> str:
        return self.image.alt

    @property
    def credit(self) -> str:
        return self.image.credit

    @property
    def width(self) -> int:
        return self.image.width

    @property
    def height(self) -> int:
        return self.image.height

    def url(self, *, at_least: int) -> str:
        return f"pictures/{self.name}"

    def picture(self, *, alt: str, sizes: str) -> str:
        return (
            f'<img src="pictures/{self.name}" alt="{escape(alt)}" '
            f'width="{self.width}" height="{self.height}">'
        )


class _KitResolver(LibraryResolver):
    """Pictures lie beside the text; records are where they are: on the site."""

    def __init__(self, document: Document, language: str, pictures: dict[int, KitPicture]):
        super().__init__(document, language)
        self._pictures = pictures

    def image(self, pk: int) -> KitPicture | None:
        return self._pictures.get(pk)

    def record(self, reference: str) -> RecordLink | None:
        found = super().record(reference)
        return RecordLink(found.label, settings.SITE_URL + found.url) if found else None


@dataclass(frozen=True, slots=True)
class PressKit:
    """Its texts by name, and its pictures in the order of the article."""

    folder: str
    texts: dict[str, bytes]
    pictures: tuple[KitPicture, ...]

    @classmethod
    def of(cls, edition: PostEdition, *, on: datetime.date | None = None) -> PressKit:
        """The kit of an edition on a day (today unless said): only pictures that may be used."""
        document = parse(edition.body)
        pictures, left_out = _pictures(edition, document, on or timezone.localdate())
        with translation.override(edition.language):
            resolver = _KitResolver(document, edition.language, pictures)
            body = render_document(document, resolver=resolver, language=edition.language).html
            said = {
                "article": edition,
                "address": settings.SITE_URL + edition.get_absolute_url(),
                "html": _LOCAL.sub(rf"\g<1>{settings.SITE_URL}", body),
                "text": plain_text(document),
                "lead": pictures.get(edition.lead_image_id),
                "pictures": list(pictures.values()),
                "left_out": left_out,
            }
            texts = {
                "article.txt": render_to_string("news/press_kit/article.txt", said),
                "article.html": render_to_string("news/press_kit/article.html", said),
                "credits.txt": render_to_string("news/press_kit/credits.txt", said),
            }
        return cls(
            folder=f"institut-imagine-{edition.slug}",
            texts={name: text.strip().encode() + b"\n" for name, text in texts.items()},
            pictures=tuple(pictures.values()),
        )

    @property
    def etag(self) -> str:
        """Of the content (RFC 9110 §8.8.3): texts, and pictures by the digests of their pixels."""
        digest = hashlib.sha256(self.folder.encode())
        for name, text in self.texts.items():
            digest.update(b"%s %d " % (name.encode(), len(text)) + text)
        for picture in self.pictures:
            digest.update(f"{picture.name} {picture.image.digest} ".encode())
        return f'"{digest.hexdigest()[:32]}"'

    @property
    def length(self) -> int:
        """In bytes: nothing is compressed, as photographs are already."""
        sizes = {name: len(text) for name, text in self.texts.items()}
        sizes |= {f"pictures/{picture.name}": picture.size for picture in self.pictures}
        names = [len(self._path(name)) for name in sizes]
        return sum(sizes.values()) + sum(_HEADER + _ENTRY + 2 * length for length in names) + _END

    def stream(self) -> Iterator[bytes]:
        """The zip, file by file."""
        window = _Window()
        originals = storages["originals"]
        with zipfile.ZipFile(window, "w") as archive:
            for name, text in self.texts.items():
                archive.writestr(self._entry(name), text)
                yield window.drain()
            for picture in self.pictures:
                with originals.open(picture.image.original) as file:
                    archive.writestr(self._entry(f"pictures/{picture.name}"), file.read())
                yield window.drain()
        yield window.drain()

    def _path(self, name: str) -> str:
        return f"{self.folder}/{name}"

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(self._path(name))  # of 1980: the kit depends on no clock
        entry.external_attr = 0o644 << 16
        entry.create_system = 3  # Unix, whatever makes it
        return entry


class _Window(io.RawIOBase):
    """A file of which only the end is kept: enough for `zipfile` to go back to the header of the
    entry it is writing and fill in its size, so that no reader has to look for it."""

    def __init__(self) -> None:
        self._before = 0
        self._buffer = io.BytesIO()

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._before + self._buffer.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET:
            offset -= self._before
        return self._before + self._buffer.seek(offset, whence)

    def write(self, data) -> int:
        return self._buffer.write(data)

    def drain(self) -> bytes:
        """What was written since the last time."""
        data = self._buffer.getvalue()
        self._before += len(data)
        self._buffer = io.BytesIO()
        return data


def _pictures(
    edition: PostEdition, document: Document, on: datetime.date
) -> tuple[dict[int, KitPicture], int]:
    """Those that may be used on a day, by number, the lead first; how many did not fit."""
    lead = [edition.lead_image_id] if edition.lead_image_id else []
    wanted = dict.fromkeys([*lead, *references(document).images])
    usable = Image.objects.usable(on).in_bulk(list(wanted))
    captions = _captions(document)
    if lead and edition.lead_caption:
        captions[lead[0]] = edition.lead_caption
    originals = storages["originals"]
    found: dict[int, KitPicture] = {}
    total = left_out = 0
    for pk in wanted:
        if (image := shown(usable.get(pk), on=on, as_of=edition.published_at)) is None:
            continue
        try:
            size = originals.size(image.original)
        except FileNotFoundError:
            continue
        if total + size > MOST_BYTES:
            left_out += 1
            continue
        total += size
        # Named after the article: the name in the library is for colleagues only.
        suffix = PurePosixPath(image.original).suffix
        name = f"{edition.slug[:60].rstrip('-')}-{len(found) + 1:02}{suffix}"
        found[pk] = KitPicture(image, name, captions.get(pk, ""), size)
    return found, left_out


def _captions(document: Document) -> dict[int, str]:
    """What the text says under each picture; under a gallery, of all of them."""
    found: dict[int, str] = {}
    for element in document.walk():
        caption = element.child("figcaption") if element.name == "figure" else None
        if caption is None:
            continue
        shown = element.get("data-image") or element.get("data-gallery") or ""
        for key in shown.split():
            found.setdefault(int(key), " ".join(plain_text(Document((caption,))).split()))
    return found
