"""What is kept of an upload: upright pixels in sRGB, and nothing else."""

import io

import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from imagine_site.images.normalise import LONG_EDGE, normalise, restore
from imagine_site.images.renditions import make_renditions
from imagine_site.images.verify import ImageRefused, read_header
from tests.factories.images import GPS_CANARY, drawing, exif, image_bytes, image_file

PRIVATE = [GPS_CANARY.encode(), b"Canary 3000", b"Exif", b"http://ns.adobe.com", b"8BIM", b"EXIF"]


def pixels(data: bytes) -> Pillow.Image:
    with Pillow.open(io.BytesIO(data)) as picture:
        picture.load()
        return picture


def saved(picture: Pillow.Image, format: str, **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def with_app13(jpeg: bytes) -> bytes:
    """Photoshop's block with an IPTC caption, as press agencies write it."""
    caption = b"\x1c\x02\x78\x00\x0bsecret name"
    body = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x10" + caption
    return jpeg[:2] + b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body + jpeg[2:]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_place_camera_and_every_other_hidden_word_are_gone_from_all_we_keep(format):
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>http://ns.adobe.com Canary 3000</x:xmpmeta>"
    options = {"exif": exif()} if format == "PNG" else {"exif": exif(), "xmp": xmp}
    data = image_bytes(300, 200, format, **options)
    if format == "JPEG":
        data = with_app13(data)
    assert GPS_CANARY.encode() in data
    normalised = normalise(data)
    kept = [normalised.data, *(content for _r, content in make_renditions(normalised.data))]
    for content in kept:
        for secret in [*PRIVATE, b"secret name"]:
            assert secret not in content
        picture = pixels(content)
        assert not picture.getexif()
        assert not {"exif", "xmp", "comment", "icc_profile", "photoshop"} & set(picture.info)


def test_a_comment_in_the_file_does_not_come_along():
    data = saved(drawing(60, 40), "JPEG", comment=b"<script>alert(1)</script>")
    assert b"<script>" in data
    assert b"<script>" not in normalise(data).data


def test_an_archive_or_a_page_behind_the_picture_does_not_come_along():
    for hidden in (b"PK\x03\x04archive.class", b"<html><script>alert(1)</script></html>"):
        for format in ("JPEG", "PNG", "WEBP"):
            data = image_bytes(60, 40, format) + hidden
            assert hidden not in normalise(data).data


@pytest.mark.parametrize("orientation", list(range(1, 9)))
@pytest.mark.parametrize("format", ["JPEG", "AVIF"])
def test_a_picture_is_turned_upright_whatever_way_the_camera_was_held(orientation, format):
    upright = drawing(120, 80)  # red on the left, dark at the top
    undo = {
        1: None,
        2: Pillow.Transpose.FLIP_LEFT_RIGHT,
        3: Pillow.Transpose.ROTATE_180,
        4: Pillow.Transpose.FLIP_TOP_BOTTOM,
        5: Pillow.Transpose.TRANSPOSE,
        6: Pillow.Transpose.ROTATE_90,
        7: Pillow.Transpose.TRANSVERSE,
        8: Pillow.Transpose.ROTATE_270,
    }[orientation]
    held = upright if undo is None else upright.transpose(undo)
    data = saved(held, format, exif=exif(orientation=orientation), quality=95)
    normalised = normalise(data)
    assert (normalised.width, normalised.height) == (120, 80)
    seen = pixels(normalised.data)
    assert seen.size == (120, 80)
    assert seen.getpixel((5, 40))[0] > 200 > 60 > seen.getpixel((114, 40))[0]
    assert seen.getpixel((60, 74))[1] > seen.getpixel((60, 5))[1] + 100


@pytest.mark.filterwarnings("ignore:.*EXIF data")
def test_unreadable_metadata_is_no_reason_to_refuse_a_picture():
    body = b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 20
    jpeg = image_bytes(60, 40)
    broken = jpeg[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + jpeg[2:]
    assert normalise(broken).width == 60


def test_the_long_edge_is_at_most_four_thousand_pixels():
    wide = normalise(saved(Pillow.new("RGB", (8100, 2025)), "JPEG"))
    assert (wide.width, wide.height) == (LONG_EDGE, 1000)
    line = normalise(saved(Pillow.new("RGB", (9000, 1)), "PNG"))
    assert (line.width, line.height) == (LONG_EDGE, 1)
    small = normalise(image_bytes(300, 200))
    assert (small.width, small.height) == (300, 200)


def wide_gamut() -> bytes:
    """sRGB's own profile with its primaries of red and green exchanged, so that a change shows."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {}
    for at in range(int.from_bytes(profile[128:132], "big")):
        entry = 132 + 12 * at
        tags[bytes(profile[entry : entry + 4])] = entry
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "wide".encode("utf-16-be"))


def test_colours_are_taken_through_their_profile_to_srgb():
    red = Pillow.new("RGB", (40, 30), (200, 10, 10))
    normalised = normalise(saved(red, "PNG", icc_profile=wide_gamut()))
    seen = pixels(normalised.data).getpixel((20, 15))
    assert seen[1] > 190 > 60 > seen[0]  # In that profile, "red" means green.


def test_transparency_survives_a_change_of_colours():
    glass = Pillow.new("RGBA", (40, 30), (200, 10, 10, 100))
    normalised = normalise(saved(glass, "PNG", icc_profile=wide_gamut()))
    seen = pixels(normalised.data).getpixel((20, 15))
    assert seen[3] == 100
    assert seen[1] > 190


@pytest.mark.parametrize("profile", [b"nonsense", bytes(128), b"\0" * 4000])
def test_a_broken_profile_is_left_aside(profile):
    red = Pillow.new("RGB", (40, 30), (200, 10, 10))
    normalised = normalise(saved(red, "JPEG", icc_profile=profile, quality=95))
    assert pixels(normalised.data).getpixel((20, 15))[0] > 190


def test_a_profile_for_other_channels_than_the_pictures_is_left_aside():
    other = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    red = Pillow.new("RGB", (40, 30), (200, 10, 10))
    normalised = normalise(saved(red, "PNG", icc_profile=other))
    assert pixels(normalised.data).getpixel((20, 15))[0] > 190


def test_a_picture_for_the_printer_becomes_one_for_the_screen():
    cmyk = Pillow.new("RGB", (40, 30), (200, 30, 30)).convert("CMYK")
    normalised = normalise(saved(cmyk, "JPEG", quality=95))
    seen = pixels(normalised.data)
    assert seen.mode == "RGB"
    assert seen.getpixel((20, 15))[0] > 150 > 90 > seen.getpixel((20, 15))[1]


def test_sixteen_bit_grey_keeps_its_tones():
    deep = Pillow.frombytes("I;16", (40, 30), (32_768).to_bytes(2, "little") * 1200)
    seen = pixels(normalise(saved(deep, "PNG")).data)
    assert seen.mode == "RGB"
    assert abs(seen.getpixel((20, 15))[0] - 127) <= 2


def test_a_palette_with_a_transparent_colour_stays_transparent():
    picture = Pillow.new("P", (40, 30), 1)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    picture.paste(0, (0, 0, 20, 30))
    normalised = normalise(saved(picture, "PNG", transparency=0))
    seen = pixels(normalised.data)
    assert (normalised.extension, seen.mode) == ("png", "RGBA")
    assert seen.getpixel((5, 5))[3] == 0
    assert seen.getpixel((35, 5)) == (255, 0, 0, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_png_becomes_three_or_four_channels(mode):
    normalised = normalise(saved(drawing(40, 30).convert(mode), "PNG"))
    assert pixels(normalised.data).mode in {"RGB", "RGBA"}
    assert (normalised.width, normalised.height) == (40, 30)


def test_an_alpha_channel_that_says_nothing_is_dropped():
    assert normalise(image_bytes(40, 30, "PNG", mode="RGBA")).extension == "jpg"


def test_the_same_file_gives_the_same_bytes_and_normalising_twice_is_harmless():
    file = image_file(200, 100, exif=exif(orientation=6))
    once, again = normalise(file), normalise(file)
    assert once == again
    assert once.digest == again.digest
    assert restore(once.data) == once
    assert read_header(once.data).height == 200


def test_a_picture_cut_short_is_refused_with_advice():
    data = image_bytes(600, 400)
    with pytest.raises(ImageRefused, match="damaged or incomplete"):
        normalise(data[: len(data) // 2])
