"""One clean picture from whatever was uploaded: upright, sRGB, of a sane size, and only pixels.

A telephone's photograph says where it was taken and when, and may hold a smaller picture of what
was cropped away. None of it is kept, not even in the private original; and because the file is
written anew, nothing that was hidden in the old one comes along.
"""

import contextlib
import hashlib
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import ExifTags, ImageCms
from PIL import Image as Pillow

from imagine_site.images.verify import DAMAGED, ImageRefused, open_picture, read_bytes

#: In pixels. Larger than any rendition, so that a crop of half the picture still fills a screen.
LONG_EDGE = 4000

#: A decoded picture takes 4 bytes a pixel and twice that while it changes colours: two of the
#: largest at once would be a gigabyte, so they take turns.
_one_at_a_time = threading.Lock()
#: So many may wait for their turn: each holds a thread of the server, and visitors need some too.
MOST_WAITING = 3
_places = threading.BoundedSemaphore(1 + MOST_WAITING)
# Of pieces this large the C library makes a mapping of its own each time, which goes back to the
# system when the picture goes; of Pillow's usual 16 MB it may keep a hundred megabytes for itself.
Pillow.core.set_block_size(128 * 1024 * 1024)
_srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@dataclass(frozen=True)
class Normalised:
    """A picture ready to be kept; width and height are those a reader sees."""

    data: bytes
    width: int
    height: int
    extension: str  # "jpg", or "png" where there is transparency

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class Busy(ImageRefused):
    """Too many pictures at once: this one is taken in a moment."""

    def __init__(self):
        super().__init__(
            _("Several pictures are being read at this moment. Please send it again."), code="busy"
        )


@contextlib.contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise Busy
    try:
        with _one_at_a_time:
            yield
    finally:
        _places.release()


def normalise(file) -> Normalised:
    """Verify a file and write it anew. Raises `ImageRefused` with a message for the editor."""
    data = read_bytes(file)
    with _place(), open_picture(data) as picture:
        try:
            upright = _decoded(picture)
        except MemoryError as error:
            raise ImageRefused(
                _("The picture is too large to be read here. Export it smaller."), code="too_large"
            ) from error
        except DAMAGED as error:
            raise ImageRefused(
                _("The file is damaged or incomplete. Please export the picture again."),
                code="damaged",
            ) from error
        return _written(upright)


def restore(data: bytes) -> Normalised:
    """The value for bytes that `normalise` wrote earlier and that were kept in private."""
    picture = Pillow.open(io.BytesIO(data), formats=["JPEG", "PNG"])
    return Normalised(data, *picture.size, "png" if picture.format == "PNG" else "jpg")


def _decoded(picture: Pillow.Image) -> Pillow.Image:
    """Pixels only, RGB or RGBA. Scaled first: everything after it has fewer pixels to change."""
    turn = _turn(picture)
    profile = picture.info.get("icc_profile")
    size = _within(picture.size)
    if picture.format in {"JPEG", "MPO"}:
        picture.draft(picture.mode, size)  # Lets the decoder itself leave out what is scaled away.
    picture.load()
    pixels = _plain_mode(picture)
    if pixels.size != size:
        # A third cheaper than Lanczos; nothing is shown before it is scaled once more.
        pixels = pixels.resize(size, Pillow.Resampling.BICUBIC, reducing_gap=2.0)
    pixels = _opaque_if_it_is(_to_srgb(pixels, profile))
    return pixels if turn is None else pixels.transpose(turn)


def _turn(picture: Pillow.Image) -> Pillow.Transpose | None:
    """What sets the picture upright. Metadata nobody can read is no reason to refuse a picture."""
    try:
        return _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation))
    except DAMAGED:
        return None


#: EXIF orientation (CIPA DC-008 §4.6.4) and what sets it right.
_TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}


def _within(size: tuple[int, int]) -> tuple[int, int]:
    """The size that fits, in proportion and never larger than it was."""
    longest = max(size)
    if longest <= LONG_EDGE:
        return size
    width, height = (max(1, round(edge * LONG_EDGE / longest)) for edge in size)
    return width, height


def _plain_mode(picture: Pillow.Image) -> Pillow.Image:
    """L, RGB, CMYK or RGBA with 8 bits a channel: what can be scaled and has a colour profile."""
    if picture.mode.startswith("I"):
        # 16-bit grey: plain conversion would cut everything above 255 off to white.
        return picture.convert("I").point(lambda value: value / 257).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode in {"L", "RGB", "CMYK"}:
        return picture
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _to_srgb(pixels: Pillow.Image, profile: bytes | None) -> Pillow.Image:
    """Colours as they were meant. A profile nobody can read is no reason to refuse a picture."""
    target = "RGBA" if pixels.mode == "RGBA" else "RGB"
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if pixels.mode == target and "sRGB" in ImageCms.getProfileDescription(source):
                return pixels
            return ImageCms.profileToProfile(
                pixels,
                source,
                _srgb,
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode=target,
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return pixels.convert(target)


def _opaque_if_it_is(pixels: Pillow.Image) -> Pillow.Image:
    """Many a PNG has an alpha channel that says nothing; a photograph is better off as JPEG."""
    if pixels.mode == "RGBA" and pixels.getchannel("A").getextrema() == (255, 255):
        return pixels.convert("RGB")
    return pixels


def _written(pixels: Pillow.Image) -> Normalised:
    out = io.BytesIO()
    pixels.info.clear()  # Encoders take comments, profiles and more from here unasked.
    if pixels.mode == "RGBA":
        pixels.save(out, "PNG", compress_level=6)
        extension = "png"
    else:
        # 4:4:4: red lettering and fine coloured lines stay sharp in what later sizes come from.
        # Not optimised: that takes twice the time for a file a twentieth smaller.
        pixels.save(out, "JPEG", quality=90, subsampling="4:4:4")
        extension = "jpg"
    return Normalised(out.getvalue(), *pixels.size, extension)
