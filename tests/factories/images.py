"""Pictures for tests: files as people send them, and valid entries of the library."""

import io
import itertools
import random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags
from PIL import Image as Pillow

from imagine_site.images.models import Image

_numbers = itertools.count(1)
_ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "AVIF": "avif"}
#: What must never be found in anything we keep.
GPS_CANARY = "48.8449-N-canary"


def drawing(width: int, height: int, *, mode: str = "RGB", seed: int = 0) -> Pillow.Image:
    """A picture whose left half is red and whose top is dark, so that turning it shows."""
    down = Pillow.linear_gradient("L").resize((width, height))
    tint = Pillow.new("L", (width, height), (seed * 37) % 256)
    left = Pillow.new("L", (width, height), 0)
    left.paste(255, (0, 0, max(1, width // 2), height))
    picture = Pillow.merge("RGB", (left, down, tint))
    return picture if mode == "RGB" else picture.convert(mode)


def exif(*, orientation: int = 1, gps: bool = True, camera: str = "Canary 3000") -> Pillow.Exif:
    """Metadata as a telephone writes it: which way up, which camera, and where."""
    data = Pillow.Exif()
    data[ExifTags.Base.Orientation] = orientation
    data[ExifTags.Base.Model] = camera
    if gps:
        data.get_ifd(ExifTags.IFD.GPSInfo).update(
            {1: "N", 2: (48.0, 50.0, 41.0), 3: "E", 4: (2.0, 18.0, 41.0), 29: GPS_CANARY}
        )
    return data


def photograph(width: int, height: int) -> bytes:
    """Noise at several scales: as hard to encode as a real photograph, and always the same."""
    noise = random.Random(24)
    picture = None
    for grain, weight in ((8, 1.0), (64, 0.25), (512, 0.15), (2048, 0.075)):
        rows = grain * height // width
        layer = Pillow.frombytes("RGB", (grain, rows), noise.randbytes(grain * rows * 3))
        layer = layer.resize((width, height), Pillow.Resampling.BICUBIC)
        picture = layer if picture is None else Pillow.blend(picture, layer, weight)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()


def image_bytes(
    width: int = 240, height: int = 800, format: str = "JPEG", *, mode="RGB", seed=None, **save
) -> bytes:
    seed = next(_numbers) if seed is None else seed
    out = io.BytesIO()
    drawing(width, height, mode=mode, seed=seed).save(out, format, **save)
    return out.getvalue()


def image_file(
    width: int = 240,
    height: int = 160,
    format: str = "JPEG",
    *,
    name: str = "",
    content: bytes | None = None,
    content_type: str = "image/jpeg",
    **more,
) -> SimpleUploadedFile:
    """An upload; `content` gives its bytes, otherwise `more` goes to `image_bytes`."""
    if content is None:
        content = image_bytes(width, height, format, **more)
    return SimpleUploadedFile(
        name or f"picture.{_ENDINGS.get(format, 'jpg')}", content, content_type
    )


def make_image(*, file=None, width: int = 96, height: int = 64, **overrides) -> Image:
    """A library entry that may be shown: described, credited, with real (small) renditions."""
    number = next(_numbers)
    values = {
        "title": f"Picture {number}",
        "alt_en": f"A red half, number {number}",
        "alt_fr": f"Une moitié rouge, numéro {number}",
        "credit": "Institut Imagine",
        **overrides,
    }
    file = file or image_file(width, height, "PNG", seed=number, name=f"picture-{number}.png")
    return Image.add(file, **values)
