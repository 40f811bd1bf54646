"""The picture that stands for a page where somebody shares its address: 1200 × 630 pixels.

Title and label in the site's own fonts, the photograph if there is one, and the page's banding. A
card is drawn when a public page first names it, and kept beside the renditions under the digest of
what is drawn: so it is drawn once, changes its name with the title, and never exists for a draft.
"""

import hashlib
import io
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import astuple, dataclass
from functools import cache
from weakref import WeakKeyDictionary

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage, storages
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont, ImageOps

from imagine_site.components import bands

#: What Open Graph readers ask for (1.91 : 1).
WIDTH, HEIGHT = 1200, 630
#: Goes into the names: another drawing makes other names.
DRAWING = 1

NIGHT, PAPER, QUIET = "#0d1b3e", "#ffffff", "#c9d3ea"
TONES = {0: "#ff5c3d", 1: "#e3e9f7", 2: "#7a8cbd", 3: "#35466f"}
EDGE, STRIP, PHOTO_WIDTH = 72, 54, 460
SIZES = (78, 70, 62, 54, 48, 42)
SIGNATURE = "Institut Imagine"

#: FreeType reads the same files that browsers are sent.
FONTS = settings.BASE_DIR / "static" / "fonts"

logger = logging.getLogger(__name__)

#: For so many seconds a card that was there is not looked for again: in an S3 store each look is a
#: request over the network, and every page that is made takes one.
SEEN_FOR, MOST_SEEN = 600.0, 20_000
_seen: WeakKeyDictionary[Storage, dict[str, float]] = WeakKeyDictionary()

_drawing: ContextVar[bool] = ContextVar("cards are drawn", default=True)


@contextmanager
def none_drawn() -> Iterator[None]:
    """Pages made within name no card and write no file: a draft is shown, or what would be."""
    before = _drawing.set(False)
    try:
        yield
    finally:
        _drawing.reset(before)


@dataclass(frozen=True, slots=True)
class Card:
    """What is drawn. `photo` is the path of a JPEG in the public storage, `focal` the point of it
    that must stay in view (parts of width and height)."""

    title: str
    label: str = ""
    photo: str = ""
    focal: tuple[float, float] = (0.5, 0.5)

    @property
    def path(self) -> str:
        drawn = json.dumps([DRAWING, *astuple(self)])
        return f"r/{hashlib.sha256(drawn.encode()).hexdigest()[:32]}.jpg"

    def url(self) -> str:
        """Its public address; the file is there when this returns. Empty when it cannot be
        written: a page without a picture is better than no page."""
        if not _drawing.get():
            return ""
        path, seen = self.path, _seen.setdefault(storages["default"], {})
        if time.monotonic() - seen.get(path, float("-inf")) < SEEN_FOR:
            return settings.MEDIA_URL + path
        try:
            if not default_storage.exists(path):
                written = default_storage.save(path, ContentFile(self.draw()))
                if written != path:  # another process drew the same meanwhile
                    default_storage.delete(written)
        except OSError:
            logger.exception("The card of %r cannot be kept", self.title)
            return ""
        if len(seen) >= MOST_SEEN:
            seen.clear()
        seen[path] = time.monotonic()
        return settings.MEDIA_URL + path

    def draw(self) -> bytes:
        """A JPEG."""
        sheet = Pillow.new("RGB", (WIDTH, HEIGHT), NIGHT)
        pen = ImageDraw.Draw(sheet)
        width = WIDTH - 2 * EDGE
        if photo := self._photograph():
            sheet.paste(photo, (WIDTH - PHOTO_WIDTH, 0))
            width -= PHOTO_WIDTH - EDGE // 2
        top = EDGE
        if self.label:
            label = fitting(self.label, width, 32, lines=1)
            write(pen, (EDGE, top), label, 32, QUIET)
            top += 62
        size, lines = set_title(self.title, width, HEIGHT - STRIP - 96 - top)
        for line in lines:
            write(pen, (EDGE, top), [line], size, PAPER, weight=640)
            top += round(size * 1.14)
        write(pen, (EDGE, HEIGHT - STRIP - 74), [SIGNATURE], 30, PAPER, weight=640)
        draw_bands(pen, self.title)
        out = io.BytesIO()
        sheet.save(out, "JPEG", quality=86, optimize=True, progressive=True)
        return out.getvalue()

    def _photograph(self) -> Pillow.Image | None:
        """The photograph's crop, or nothing where its file has gone."""
        if not self.photo:
            return None
        try:
            with default_storage.open(self.photo) as file, Pillow.open(file) as picture:
                picture.draft("RGB", (PHOTO_WIDTH, HEIGHT))
                size = (PHOTO_WIDTH, HEIGHT - STRIP)
                return ImageOps.fit(picture.convert("RGB"), size, centering=self.focal)
        except OSError:
            logger.warning("The photograph %s of a card is missing", self.photo)
            return None


def draw_bands(pen: ImageDraw.ImageDraw, seed: str) -> None:
    """The banding along the foot; it is the same as on the page."""
    scale = WIDTH / bands.LENGTH
    for band in bands.banding(seed):
        left, right = band.start * scale, (band.start + band.length) * scale
        pen.rectangle((left, HEIGHT - STRIP, right - 1, HEIGHT), fill=TONES[band.tone])


@cache
def font(size: int, weight: int, name: str = "bricolage-grotesque") -> ImageFont.FreeTypeFont:
    face = ImageFont.truetype(str(FONTS / f"{name}.woff2"), size)
    face.set_variation_by_axes([weight])
    return face


def runs(text: str, size: int, weight: int) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    """The text cut where another file of the same family has the letters (ő, ş, ž)."""
    found: list[tuple[str, ImageFont.FreeTypeFont]] = []
    for letter in text:
        far = 0x100 <= ord(letter) < 0x2000 and letter not in "ıŒœŸ"
        face = font(size, weight, "bricolage-grotesque-ext" if far else "bricolage-grotesque")
        if found and found[-1][1] is face:
            found[-1] = (found[-1][0] + letter, face)
        else:
            found.append((letter, face))
    return found


def length(text: str, size: int, weight: int = 440) -> float:
    return sum(face.getlength(run) for run, face in runs(text, size, weight))


def write(pen, at: tuple[int, int], lines: list[str], size: int, ink: str, *, weight: int = 440):
    """Lines below one another; each stands on one baseline whatever its letters are taken from."""
    x, y = at
    for line in lines:
        left = float(x)
        for run, face in runs(line, size, weight):
            pen.text((left, y + size), run, fill=ink, font=face, anchor="ls")
            left += face.getlength(run)
        y += round(size * 1.14)


def set_title(title: str, width: int, height: int) -> tuple[int, list[str]]:
    """The largest size at which the title fits, and its lines."""
    for size in SIZES:
        room = height // round(size * 1.14)
        lines = wrapped(title, width, size, weight=640)
        if len(lines) <= room and all(length(line, size, 640) <= width for line in lines):
            return size, lines
    return SIZES[-1], fitting(title, width, SIZES[-1], lines=room, weight=640)


def wrapped(text: str, width: int, size: int, *, weight: int = 440) -> list[str]:
    """Broken between words; a space that must not break (U+00A0, U+202F) keeps its words."""
    lines = [""]
    for word in text.replace("\n", " ").split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and length(longer, size, weight) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def fitting(text: str, width: int, size: int, *, lines: int, weight: int = 440) -> list[str]:
    """At most so many lines, each within the width; what is left out ends in an ellipsis."""
    whole = wrapped(text[:600], width, size, weight=weight)
    shown = whole[:lines]
    for index, line in enumerate(shown):
        cut = index == lines - 1 and len(whole) > lines
        while line and length(line + "…" * cut, size, weight) > width:
            line, cut = line[:-1].rstrip(), True
        shown[index] = line + "…" * cut
    return shown
