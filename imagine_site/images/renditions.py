"""The public files made from a picture: every shape, width and format.

A rendition is named after its own bytes, so a browser may keep it for ever and making it twice
changes nothing. Nothing is ever enlarged: a narrow picture has fewer renditions.

Each comes from the original alone, whatever is made beside it: some are made while an editor waits
and the others later (`AT_ONCE`), and all of them again when files are lost, under the same names.
"""

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
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


#: What a page is built with at once: small files in the formats that take little time. AVIF costs
#: more than all the others together, and so do the two largest widths.
AT_ONCE_FORMATS, AT_ONCE_WIDTH = ("webp", "jpg"), 960


@dataclass(frozen=True, slots=True)
class Plan:
    """A rendition that a picture should have."""

    shape: str
    format: str
    width: int
    height: int
    #: Where a crop is placed; None for the whole picture.
    focal: tuple[float, float] | None

    @property
    def place(self) -> tuple[str, str, int, int]:
        """What it is the newest of: a new focal point gives new files for the same places."""
        return self.shape, self.format, self.width, self.height


def at_once(plan: Plan) -> bool:
    """Whether a rendition is made while the editor waits."""
    return plan.format in AT_ONCE_FORMATS and plan.width <= AT_ONCE_WIDTH


def every(plan: Plan) -> bool:
    return True


def plans(
    width: int,
    height: int,
    focal: tuple[float, float] = (0.5, 0.5),
    *,
    shapes: Iterable[Shape] = SHAPES,
    formats: tuple[str, ...] = FORMATS,
) -> list[Plan]:
    """Every rendition that a picture of `width` × `height` should have, in the order of listing."""
    found = []
    for shape in shapes:
        box = shape.crop_box(width, height, focal)
        placed = None if shape.ratio is None else (float(focal[0]), float(focal[1]))
        sizes = shape.sizes(box.width, box.height)
        found += [Plan(shape.name, format, *size, placed) for format in formats for size in sizes]
    return found


@dataclass(frozen=True)
class Rendition:
    """One derived file: where it is in the public storage, and what it is."""

    shape: str
    format: str
    width: int
    height: int
    path: str
    bytes: int
    #: Of a crop, the focal point it was made for.
    focal: tuple[float, float] | None = None

    @property
    def plan(self) -> Plan:
        return Plan(self.shape, self.format, self.width, self.height, self.focal)

    def as_json(self) -> dict:
        row = dict(vars(self))
        if self.focal is None:
            del row["focal"]
        else:
            row["focal"] = list(self.focal)
        return row

    @classmethod
    def from_json(cls, row: dict) -> "Rendition":
        focal = row.get("focal")
        return cls(**{**row, "focal": tuple(focal) if focal else None})


def missing(listed: Iterable[Rendition], wanted: Iterable[Plan]) -> list[Plan]:
    """What is wanted and not listed."""
    there = {rendition.plan for rendition in listed}
    return [plan for plan in wanted if plan not in there]


#: A picture with its content.
Made = list[tuple[Rendition, bytes]]


def make_renditions(
    data: bytes,
    *,
    focal: tuple[float, float] = (0.5, 0.5),
    shapes: Sequence[Shape] = SHAPES,
    formats: tuple[str, ...] = FORMATS,
    only: Callable[[Plan], bool] = every,
    threads: int | None = None,
) -> Made:
    """Encode what is asked for of one of our own normalised pictures.

    Pillow lets go of the interpreter lock while it encodes, so the encoders share the processors:
    as many as there are, up to four, unless `threads` says otherwise.
    """
    sheet = _Sheet(data)
    wanted = plans(*sheet.size, focal, shapes=shapes, formats=formats)
    wanted = [plan for plan in wanted if only(plan)]
    pictures = {plan: sheet.scaled(plan, focal) for plan in wanted}
    # A card of a picture that is 3:2 already is the picture itself: the same pixels are encoded
    # once. The largest AVIFs take longest: begun first, nobody waits for a last one alone.
    jobs = {(id(picture), plan.format): picture for plan, picture in pictures.items()}
    order = sorted(jobs, key=lambda job: (FORMATS.index(job[1]), -_area(jobs[job])))
    with ThreadPoolExecutor(max_workers=threads or min(4, os.cpu_count() or 1)) as pool:
        contents = pool.map(lambda job: _encode(jobs[job], job[1]), order)
        encoded = dict(zip(order, contents, strict=True))
    made = []
    for plan in wanted:
        content = encoded[id(pictures[plan]), plan.format]
        path = f"r/{hashlib.sha256(content).hexdigest()[:32]}.{plan.format}"
        made.append((Rendition(*plan.place, path, len(content), plan.focal), content))
    return made


def _area(picture: Pillow.Image) -> int:
    return picture.width * picture.height


class _Sheet:
    """One picture, decoded as seldom and as small as what is asked of it allows.

    What is narrower than a quarter of its region is scaled from a half-size decode (the decoder
    itself leaves out what is scaled away), the rest from the whole picture; within both, each
    width from the next wider one. Which way a width goes depends on the picture alone and not on
    what else is asked for, so that it always gives the same pixels.
    """

    def __init__(self, data: bytes):
        self._data = data
        with open_own(data) as picture:
            self.size = picture.size
        self._scaled: dict[tuple, Pillow.Image] = {}

    @cached_property
    def whole(self) -> Pillow.Image:
        with open_own(self._data) as picture:
            picture.load()
        return picture

    @cached_property
    def half(self) -> Pillow.Image:
        with open_own(self._data) as picture:
            if picture.format != "JPEG":
                return self.whole.reduce(2)
            width, height = picture.size
            picture.draft(None, (max(1, width // 2), max(1, height // 2)))
            picture.load()
        return picture

    def scaled(self, plan: Plan, focal: tuple[float, float]) -> Pillow.Image:
        shape = next(shape for shape in SHAPES if shape.name == plan.shape)
        box = shape.crop_box(*self.size, focal)
        sizes = shape.sizes(box.width, box.height)
        small = self._is_small(plan.width, box)
        chain = [
            size
            for size in reversed(sizes)
            if size[0] >= plan.width and self._is_small(size[0], box) == small
        ]
        return self._from(box, tuple(chain))

    @staticmethod
    def _is_small(width: int, box: Box) -> bool:
        return box.width >= 4 * width

    def _from(self, box: Box, chain: tuple[tuple[int, int], ...]) -> Pillow.Image:
        """The last of some sizes, each made from the one before; once."""
        if (box, chain) in self._scaled:
            return self._scaled[box, chain]
        *wider, size = chain
        region: tuple[float, ...] | None = None
        if wider:
            source = self._from(box, tuple(wider))
        elif self._is_small(size[0], box):
            source = self.half
            across, down = source.width / self.size[0], source.height / self.size[1]
            region = (box.left * across, box.top * down, box.right * across, box.bottom * down)
        else:
            source, region = self.whole, box
        made = source.resize(size, Pillow.Resampling.LANCZOS, box=region, reducing_gap=3.0)
        self._scaled[box, chain] = made
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
