"""What the library takes and refuses (checks S-10): by content, before anything is decoded."""

import io
import json
import struct
import subprocess
import sys
import zlib

import pytest
from PIL import Image as Pillow

from imagine_site.images import verify
from imagine_site.images.normalise import normalise
from imagine_site.images.verify import ImageRefused, read_header
from tests.factories.images import drawing, exif, image_bytes, image_file


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *between: bytes, rows: bytes | None = None) -> bytes:
    """A one-bit PNG written by hand, so that it may claim and carry what no encoder would."""
    if rows is None:
        rows = bytes((1 + (width + 7) // 8) * height)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
            *between,
            chunk(b"IDAT", zlib.compress(rows, 9)),
            chunk(b"IEND", b""),
        ]
    )


def refused(data: bytes) -> ImageRefused:
    with pytest.raises(ImageRefused) as caught:
        read_header(data)
    return caught.value


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_four_formats_are_taken_by_their_content(format):
    header = read_header(image_bytes(120, 80, format))
    assert (header.format, header.width, header.height) == (format, 120, 80)


def test_lossless_and_transparent_webp_have_a_size_too():
    for mode, lossless in [("RGB", True), ("RGBA", False), ("RGBA", True)]:
        header = read_header(image_bytes(121, 81, "WEBP", mode=mode, lossless=lossless))
        assert (header.width, header.height) == (121, 81)


def test_a_name_and_a_type_that_lie_change_nothing():
    lying = image_file(60, 40, "PNG", name="photo.jpg", content_type="image/svg+xml")
    assert read_header(lying).format == "PNG"
    svg = image_file(name="photo.jpg", content=b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert refused(svg.read()).code == "format"


def _saved(format: str, **options) -> bytes:
    out = io.BytesIO()
    drawing(40, 30).save(out, format, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("named", "data"),
    [
        ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("SVG", b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- hello -->\n<svg onload='alert(1)'/>"),
        ("HTML", b"<!doctype html><script>alert(1)</script>"),
        ("GIF", _saved("GIF")),
        ("GIF", b"GIF89a/*\x00\x00*/=1;alert(1);//"),
        ("TIFF", _saved("TIFF")),
        ("EPS", _saved("EPS")),
        ("EPS", b"%!PS-Adobe-3.0 EPSF-3.0\n(w) (file) .writefile\n"),
        ("FITS", b"SIMPLE  =                    T" + b" " * 3000),
        ("BMP", _saved("BMP")),
        ("PDF", _saved("PDF")),
        ("HEIC", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64),
    ],
)
def test_other_formats_are_refused_by_name(named, data):
    refusal = refused(data)
    assert refusal.code == "format"
    assert f"{named} file" in refusal.messages[0]


@pytest.mark.parametrize(
    "data", [b"hello", b"PK\x03\x04" + b"\0" * 100, b"\0" * 5000, b"\xff\xd8", b"RIFF1234WAVE"]
)
def test_what_is_no_picture_is_said_to_be_none(data):
    assert refused(data).code == "format"


def test_an_empty_file_is_said_to_be_empty():
    assert refused(b"").code == "empty"


def test_no_other_decoder_is_ever_reached():
    """Ghostscript behind EPS, libtiff, FITS: a picture is opened as what it is or not at all."""
    for data in (_saved("TIFF"), _saved("EPS"), _saved("GIF"), _saved("ICO"), _saved("TGA")):
        disguised = b"\xff\xd8\xff" + data
        assert refused(disguised).code == "damaged"


def test_thirty_megabytes_are_the_limit():
    head = image_bytes(40, 30)
    assert read_header(head + bytes(verify.MAX_BYTES - len(head))).width == 40
    refusal = refused(head + bytes(verify.MAX_BYTES - len(head) + 1))
    assert refusal.code == "too_heavy"
    assert "30 MB" in refusal.messages[0]


@pytest.mark.parametrize(
    ("width", "height", "taken"), [(8000, 8000, True), (8001, 8000, False), (64_000_001, 1, False)]
)
def test_sixty_four_megapixels_are_the_limit(width, height, taken):
    data = png(width, height, rows=b"")
    if taken:
        assert read_header(data).width == width
    else:
        refusal = refused(data)
        assert refusal.code == "too_large"
        assert "64 megapixels" in refusal.messages[0]


def test_the_limit_holds_for_the_canvas_of_a_webp():
    """Pillow makes two canvases of this size when it opens one."""
    data = bytearray(image_bytes(40, 30, "WEBP", exif=exif()))
    data[24:30] = (16383).to_bytes(3, "little") * 2
    assert refused(bytes(data)).code == "too_large"


def test_moving_pictures_are_refused():
    frames = [drawing(40, 30, seed=n) for n in range(3)]
    for format in ("PNG", "WEBP", "AVIF"):
        out = io.BytesIO()
        frames[0].save(out, format, save_all=True, append_images=frames[1:], duration=100)
        assert refused(out.getvalue()).code == "animated", format


def test_a_telephones_second_picture_does_not_make_it_a_film():
    """MPO: a JPEG with a depth or gain map behind it. The first picture is the picture."""
    out = io.BytesIO()
    drawing(80, 60).save(out, "MPO", save_all=True, append_images=[drawing(20, 10)])
    assert (read_header(out.getvalue()).width, normalise(out.getvalue()).width) == (80, 80)


def test_a_film_behind_a_photograph_is_not_counted_as_scans():
    """Motion photos carry a film of random-looking bytes after the end of the picture."""
    assert read_header(image_bytes(40, 30) + b"\xff\xda\x00\x02" * 500).width == 40


def test_a_jpeg_of_a_thousand_scans_is_refused():
    """Each scan may cost a pass over all the pixels."""
    data = image_bytes(64, 64, progressive=True)
    last = data.rindex(b"\xff\xda")
    scan = data[last:-2]
    assert read_header(data).width == 64
    assert refused(data[:-2] + scan * 1000 + b"\xff\xd9").code == "damaged"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.97])
def test_a_cut_file_says_that_it_is_damaged(format, part):
    data = image_bytes(400, 300, format)
    with pytest.raises(ImageRefused) as caught:
        normalise(data[: int(len(data) * part)])
    assert caught.value.code in {"damaged", "format"}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_flipped_bytes_are_taken_or_refused_but_never_a_crash(format):
    whole = image_bytes(64, 48, format)
    for at in range(0, len(whole), max(1, len(whole) // 120)):
        data = bytearray(whole)
        data[at] ^= 0xFF
        try:
            normalise(bytes(data))
        except ImageRefused as refusal:
            assert refusal.messages


def test_text_and_profiles_that_unpack_to_gigabytes_are_never_unpacked():
    """zTXt, iTXt and repeated iCCP: 1 MB each of Pillow's patience, so thousands cost minutes."""
    bomb = zlib.compress(bytes(1_000_000), 9)
    texts = [chunk(b"zTXt", b"k\0\0" + bomb) for _ in range(300)]
    more = [chunk(b"iTXt", b"k\0\1\0\0\0" + bomb) for _ in range(300)]
    profiles = [chunk(b"iCCP", b"p\0\0" + bomb) for _ in range(300)]
    assert normalise(png(64, 48, *texts, *more, *profiles)).width == 64


def test_a_profile_of_a_gigabyte_is_refused():
    data = png(64, 48, chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(20_000_000), 9)))
    assert refused(data).code == "damaged"


def test_a_png_of_a_million_empty_chunks_is_refused():
    assert refused(png(64, 48, chunk(b"xxXx", b"") * 1_000_000)).code == "damaged"


BOMB = """
import io, json, resource, sys, time
import django
from django.conf import settings
settings.configure(USE_I18N=False)
from imagine_site.images.verify import ImageRefused, read_header
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
try:
    read_header(data)
    code = "taken"
except ImageRefused as refusal:
    code = refusal.code
seconds = time.perf_counter() - began
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
print(json.dumps({"code": code, "seconds": seconds, "megabytes": grown}))
"""


def measured(data: bytes) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", BOMB], input=data, capture_output=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def test_seventeen_kilobytes_of_144_megapixels_cost_nothing():
    """S-10: refused in under 0.2 s, with less than 50 MB of memory."""
    out = io.BytesIO()
    Pillow.new("1", (12_000, 12_000)).save(out, "PNG", optimize=True)
    bomb = out.getvalue()
    assert len(bomb) < 20_000
    seen = measured(bomb)
    assert seen["code"] == "too_large"
    assert seen["seconds"] < 0.2
    assert seen["megabytes"] < 50


def test_a_text_bomb_costs_nothing_either():
    bomb = zlib.compress(bytes(1_000_000), 9)
    seen = measured(png(64, 48, *[chunk(b"zTXt", b"k\0\0" + bomb) for _ in range(60)]))
    assert seen["code"] == "taken"
    assert seen["seconds"] < 0.2
    assert seen["megabytes"] < 50
