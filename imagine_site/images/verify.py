"""What may enter the library, decided by content and before anything is decoded.

A name and a declared type are claims of whoever sends the file; the first bytes are what a decoder
will act on. Only four decoders can ever be reached, and only for a picture whose header promises a
size we can hold: a 17 kB PNG of 144 megapixels passes Pillow's own defaults and costs 722 MB.

What hides behind the end of a picture (an archive, a page of HTML) is not looked for: the
normaliser writes a new file, and nothing but pixels reaches it.
"""

import io
import re
import struct
import warnings
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image as Pillow

MAX_BYTES = 30 * 1024 * 1024
MAX_PIXELS = 64_000_000
#: Scans of a progressive JPEG: ten are usual, and each one may cost a pass over all the pixels.
MAX_SCANS = 100
#: Chunks of a PNG: encoders write 8 kB or more at a time, so 30 MB make some four thousand.
MAX_CHUNKS = 20_000

# Our own check comes first and explains itself; should a decoder ever be reached another way,
# Pillow's limit is the same, and its warning is an error.
Pillow.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Pillow.DecompressionBombWarning)

#: What a damaged file makes Pillow raise, seen by cutting and flipping bytes.
DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    RuntimeError,
    TypeError,
    struct.error,
    Pillow.DecompressionBombError,
    Pillow.DecompressionBombWarning,
)


class ImageRefused(ValidationError):
    """A file that does not enter the library. The message is for the editor, `code` for us."""


@dataclass(frozen=True)
class Header:
    """What a file says of itself, before its pixels are read; the size is as stored, unturned."""

    format: str  # "JPEG", "PNG", "WEBP" or "AVIF"
    width: int
    height: int


def read_bytes(file) -> bytes:
    """The whole content of a file or upload, from its beginning, unless it is too much."""
    if isinstance(file, bytes):
        data = file
    else:
        file.seek(0)
        data = file.read(MAX_BYTES + 1)
        file.seek(0)
    if len(data) > MAX_BYTES:
        raise ImageRefused(
            _("The file is larger than %(limit)s MB. Export it a little smaller.")
            % {"limit": MAX_BYTES // (1024 * 1024)},
            code="too_heavy",
        )
    if not data:
        raise ImageRefused(_("The file is empty."), code="empty")
    return data


def read_header(file) -> Header:
    """Format and size of a picture we take; raises `ImageRefused` for everything else.

    Nothing is decoded: this costs milliseconds, whatever the file claims to be.
    """
    data = read_bytes(file)
    with open_picture(data) as picture:
        return Header(_format(data), picture.width, picture.height)


def open_picture(data: bytes) -> Pillow.Image:
    """Pillow's still undecoded picture of a file that passed every check of its header."""
    name = _format(data)
    if name in {"PNG", "WEBP"}:
        # Pillow reads more than the size when it opens these, so the size is looked at before.
        _check_size(*(_png_size(data) if name == "PNG" else _webp_size(data)))
    if name == "PNG":
        data = _png_without_text(data)
    if name == "JPEG" and _jpeg_scans(data) > MAX_SCANS:
        raise ImageRefused(_damaged(), code="damaged")
    try:
        picture = Pillow.open(io.BytesIO(data), formats=[name])
    except DAMAGED as error:
        raise ImageRefused(_damaged(), code="damaged") from error
    _check_size(*picture.size)
    # A JPEG with a second picture behind it (depth, gain map: most telephones) is a still picture.
    if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:
        raise ImageRefused(
            _("This picture moves. Please choose a single still picture."), code="animated"
        )
    return picture


def open_own(data: bytes) -> Pillow.Image:
    """A picture of our own making: JPEG or PNG, as the normaliser wrote it."""
    return Pillow.open(io.BytesIO(data), formats=["JPEG", "PNG"])


# -- By content -------------------------------------------------------------------------------

#: Formats we know and do not take, to be able to say so instead of "unknown".
_REFUSED = (
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"SIMPLE  =", "FITS"),
    (b"BM", "BMP"),
    (b"8BPS", "Photoshop"),
    (b"%PDF", "PDF"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x0a", "JPEG XL"),
)
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}


def _format(data: bytes) -> str:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    brands = _brands(data)
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIC_BRANDS:
        name = "HEIC"
    else:
        name = next((name for magic, name in _REFUSED if data.startswith(magic)), "")
        start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if b"<svg" in start:
            name = "SVG"
        elif start.startswith((b"<!doctype html", b"<html", b"<script")):
            name = "HTML"
    if name:
        raise ImageRefused(
            _("%(format)s files are not taken. Please export it as JPEG, PNG, WebP or AVIF.")
            % {"format": name},
            code="format",
        )
    raise ImageRefused(
        _("This file is not a picture we can read. Please choose a JPEG, PNG, WebP or AVIF file."),
        code="format",
    )


def _brands(data: bytes) -> set[bytes]:
    """Major and compatible brands of an ISO base media file (ISO/IEC 14496-12 §4.3)."""
    if data[4:8] != b"ftyp":
        return set()
    length = min(int.from_bytes(data[:4], "big"), 256)
    return {data[8:12], *(data[at : at + 4] for at in range(16, length, 4))}


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise ImageRefused(_damaged(), code="damaged")
    if width * height > MAX_PIXELS:
        raise ImageRefused(
            _(
                "The picture has %(width)s × %(height)s pixels, more than %(limit)s megapixels. "
                "Export it smaller: the site never shows more than 2400 pixels in width."
            )
            % {"width": width, "height": height, "limit": MAX_PIXELS // 1_000_000},
            code="too_large",
        )


def _damaged() -> str:
    return _("The file is damaged or incomplete. Please export the picture again.")


# -- Before Pillow ----------------------------------------------------------------------------


def _png_size(data: bytes) -> tuple[int, int]:
    """Width and height of the IHDR chunk, which always comes first (PNG, W3C §11.2.1)."""
    if len(data) < 24 or data[12:16] != b"IHDR":
        raise ImageRefused(_damaged(), code="damaged")
    return struct.unpack(">II", data[16:24])


#: What a picture is made of. Text (tEXt, zTXt, iTXt) stays out: Pillow unpacks up to 64 MB of it.
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf", b"iCCP", b"sRGB"}


def _png_without_text(data: bytes) -> bytes:
    """The chunks that make the picture, one colour profile at most, nothing behind the end."""
    kept, at, profiles = [data[:8]], 8, 0
    for _chunk in range(MAX_CHUNKS):
        if at + 12 > len(data):
            break  # Cut short: the decoder will say so.
        length = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        if kind == b"acTL" and data[at + 8 : at + 12] not in {b"\0\0\0\0", b"\0\0\0\1"}:
            raise ImageRefused(
                _("This picture moves. Please choose a single still picture."), code="animated"
            )
        profiles += kind == b"iCCP"
        if kind in _PNG_KEPT and (kind != b"iCCP" or profiles == 1):
            kept.append(data[at : at + 12 + length])
        at += 12 + length
        if kind == b"IEND":
            break
    else:
        raise ImageRefused(_damaged(), code="damaged")
    return b"".join(kept)


def png_text(data: bytes, keyword: bytes, *, at_most: int) -> bytes:
    """The uncompressed international text (iTXt) of a name, if it is not too long; else nothing."""
    at = 8
    for _chunk in range(MAX_CHUNKS):
        if at + 12 > len(data):
            break
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"iTXt" and length <= at_most:
            name, _nul, rest = data[at + 8 : at + 8 + length].partition(b"\0")
            if name == keyword and rest[:1] == b"\0":
                # Method, then language and translated keyword, each ended by a zero.
                return rest[2:].split(b"\0", 2)[-1]
        at += 12 + length
    return b""


#: In the coded data of a scan, FF is followed by 00 or by a restart marker (ITU-T T.81 §B.1.1.5).
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


def _jpeg_scans(data: bytes) -> int:
    """How many scans the first picture has, up to its end: what follows is another's (a film)."""
    scans, at = 0, 2
    while scans <= MAX_SCANS and (marker := _NEXT_MARKER.search(data, at)):
        kind, at = data[marker.start() + 1], marker.end()
        if kind == 0xD9:
            break
        scans += kind == 0xDA
        at += int.from_bytes(data[at : at + 2], "big")
    return scans


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height of a WebP (RFC 9649 §2.5 to §2.7): Pillow makes two whole canvases."""
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise ImageRefused(_damaged(), code="damaged")
    if kind == b"VP8X":
        return (
            int.from_bytes(body[4:7], "little") + 1,
            int.from_bytes(body[7:10], "little") + 1,
        )
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return (
            int.from_bytes(body[6:8], "little") & 0x3FFF,
            int.from_bytes(body[8:10], "little") & 0x3FFF,
        )
    raise ImageRefused(_damaged(), code="damaged")
