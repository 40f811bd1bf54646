"""The public files made from a picture: every shape, width and format, from one decode.

A rendition is named after its own bytes, so a browser may keep it for ever and making it twice
changes nothing. Nothing is ever enlarged: a narrow picture has fewer renditions.
"""

import hashlib
import io
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import NamedTuple

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from PIL import Image as Pillow

from imagine_site.images.verify import open_own

#: A picture's own width is worth a rendition only when it adds this much to the step below.
WORTH_ADDING = 1.2


class Box(NamedTuple):
    """A rectangle in pixels, as Pillow's `crop` takes it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True)
class Shape:
    """A way of cutting a picture, and the widths in pixels it is offered in."""

    name: str
    widths: tuple[int, ...]
    ratio: Fraction | None = None  # width to height; None keeps the picture's own

    def crop_box(self, width: int, height: int, focal: tuple[float, float] = (0.5, 0.5)) -> Box:
        """The largest rectangle of this shape, placed by the focal point.

        The point keeps its relative place: what lies at 80 % of the picture lies at 80 % of the
        crop. So it is always inside, nothing needs clamping, and CSS `object-position` with the
        same percentages shows the same cut.
        """
        if self.ratio is None:
            return Box(0, 0, width, height)
        if Fraction(width, height) > self.ratio:
            box_width, box_height = max(1, round(height * self.ratio)), height
        else:
            box_width, box_height = width, max(1, round(width / self.ratio))
        left = round((width - box_width) * focal[0])
        top = round((height - box_height) * focal[1])
        return Box(left, top, left + box_width, top + box_height)

    def sizes(self, width: int, height: int) -> list[tuple[int, int]]:
        """What a crop of `width` × `height` is offered in, narrow to wide, never enlarged."""
        steps = [step for step in self.widths if step <= width]
        if not steps or (width < self.widths[-1] and width >= steps[-1] * WORTH_ADDING):
            steps.append(width)
        return [(step, max(1, round(step * height / width))) for step in steps]


FULL = Shape("full", (480, 960, 1600, 2400))
CARD = Shape("card", (480, 960), Fraction(3, 2))
PORTRAIT = Shape("portrait", (240, 480), Fraction(4, 5))
SHAPES = (FULL, CARD, PORTRAIT)
CROPPED = tuple(shape for shape in SHAPES if shape.ratio is not None)
FORMATS = ("avif", "webp", "jpg")


@dataclass(frozen=True)
class Rendition:
    """One derived file: where it is in the public storage, and what it is."""

    shape: str
    format: str
    width: int
    height: int
    path: str
    bytes: int

    def as_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, row: dict) -> "Rendition":
        return cls(**row)


def make_renditions(
    data: bytes,
    *,
    focal: tuple[float, float] = (0.5, 0.5),
    shapes: Iterable[Shape] = SHAPES,
    formats: tuple[str, ...] = FORMATS,
) -> list[tuple[Rendition, bytes]]:
    """Decode one of our own normalised pictures once, and encode all that is asked for.

    Each width is scaled from the next wider one, so only the widest reads all the pixels; Pillow
    lets go of the interpreter lock while it encodes, so the encoders share the processors.
    """
    with open_own(data) as whole:
        whole.load()
    jobs = []
    for shape in shapes:
        box = shape.crop_box(*whole.size, focal)
        wider, region = whole, box
        for width, height in reversed(shape.sizes(box.width, box.height)):
            scaled = wider.resize(
                (width, height), Pillow.Resampling.LANCZOS, box=region, reducing_gap=3.0
            )
            jobs += [(shape.name, format, scaled) for format in formats]
            wider, region = scaled, None
    # The largest AVIFs take longest: begun first, nobody waits for a last one alone.
    jobs.sort(key=lambda job: (FORMATS.index(job[1]), -job[2].width * job[2].height))
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        encoded = list(pool.map(lambda job: _encode(job[2], job[1]), jobs))
    made = [
        (
            Rendition(
                shape=shape,
                format=format,
                width=scaled.width,
                height=scaled.height,
                path=f"r/{hashlib.sha256(content).hexdigest()[:32]}.{format}",
                bytes=len(content),
            ),
            content,
        )
        for (shape, format, scaled), content in zip(jobs, encoded, strict=True)
    ]
    order = [shape.name for shape in SHAPES]
    made.sort(key=lambda m: (order.index(m[0].shape), FORMATS.index(m[0].format), m[0].width))
    return made


def write_renditions(made: Iterable[tuple[Rendition, bytes]], storage: Storage) -> None:
    """Put the files where they belong; one that stands there whole is left alone.

    The length is compared because a process killed while writing leaves a short file under a name
    that will never be written again.
    """
    for rendition, content in made:
        if storage.exists(rendition.path):
            if storage.size(rendition.path) == len(content):
                continue
            storage.delete(rendition.path)
        written = storage.save(rendition.path, ContentFile(content))
        if written != rendition.path:
            # Another process wrote the same bytes between our question and our answer.
            storage.delete(written)


def _encode(picture: Pillow.Image, format: str) -> bytes:
    """Qualities that look alike; no metadata, no colour profile (all is sRGB by now).

    A copy, because Pillow notes on the picture itself how it is being saved, and three threads may
    be saving this one.
    """
    picture = picture.copy()
    out = io.BytesIO()
    if format == "avif":
        # Speed 8: a fifth of the time of the default 6 for a few percent of the size.
        picture.save(out, "AVIF", quality=62, speed=8, max_threads=1)
    elif format == "webp":
        picture.save(out, "WEBP", quality=78, method=4)
    else:
        _on_white(picture).save(
            out, "JPEG", quality=80, progressive=True, optimize=True, subsampling="4:2:0"
        )
    return out.getvalue()


def _on_white(picture: Pillow.Image) -> Pillow.Image:
    """JPEG knows no transparency; a logo drawn for paper looks as on paper."""
    if picture.mode != "RGBA":
        return picture
    paper = Pillow.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper
