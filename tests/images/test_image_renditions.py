"""The public files: right sizes, right cuts, right names, and never enlarged."""

import hashlib
import io
from fractions import Fraction

import pytest
from django.core.files.storage import default_storage
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image as Pillow

from imagine_site.images.normalise import normalise
from imagine_site.images.picture import MEDIA_TYPES
from imagine_site.images.renditions import (
    CARD,
    FULL,
    PORTRAIT,
    SHAPES,
    Rendition,
    make_renditions,
    write_renditions,
)
from tests.factories.images import image_bytes

edges = st.integers(min_value=1, max_value=8000)
parts = st.floats(min_value=0, max_value=1)


@given(edges, edges, parts, parts, st.sampled_from(SHAPES))
@example(1, 4000, 1.0, 1.0, CARD)
@example(4000, 1, 0.0, 1.0, PORTRAIT)
def test_a_crop_lies_inside_has_its_shape_and_keeps_the_focal_point(width, height, x, y, shape):
    box = shape.crop_box(width, height, (x, y))
    assert 0 <= box.left < box.right <= width
    assert 0 <= box.top < box.bottom <= height
    if shape.ratio is not None:
        # One of the two edges is the picture's own; the other is right within a pixel.
        assert box.width == width or box.height == height
        exact = box.height * shape.ratio if box.height == height else box.width / shape.ratio
        other = box.width if box.height == height else box.height
        assert abs(other - exact) <= 1
    assert box.left - 1 <= x * width <= box.right + 1
    assert box.top - 1 <= y * height <= box.bottom + 1


@given(edges, edges, st.sampled_from(SHAPES))
def test_sizes_grow_are_never_enlarged_and_keep_the_proportions(width, height, shape):
    sizes = shape.sizes(width, height)
    widths = [step for step, _height in sizes]
    assert widths
    assert widths == sorted(set(widths))
    assert widths[-1] <= min(width, shape.widths[-1])
    for step, tall in sizes:
        assert tall <= height
        assert tall == 1 or abs(tall - step * height / width) <= 0.5


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (100, [100]),
        (480, [480]),
        (500, [480]),
        (700, [480, 700]),
        (1000, [480, 960]),
        (1300, [480, 960, 1300]),
        (2399, [480, 960, 1600, 2399]),
        (4000, [480, 960, 1600, 2400]),
    ],
)
def test_a_pictures_own_width_is_offered_when_it_is_worth_it(width, expected):
    assert [step for step, _height in FULL.sizes(width, 1000)] == expected


def test_a_card_and_a_portrait_have_round_sizes():
    assert CARD.sizes(1500, 1000) == [(480, 320), (960, 640)]
    assert PORTRAIT.sizes(800, 1000) == [(240, 300), (480, 600)]
    assert Fraction(960, 640) == CARD.ratio


def test_every_shape_and_format_is_made_and_each_file_is_what_it_says():
    data = normalise(image_bytes(1300, 900)).data
    made = make_renditions(data)
    assert {(r.shape, r.format) for r, _content in made} == {
        (shape.name, format) for shape in SHAPES for format in ("avif", "webp", "jpg")
    }
    for rendition, content in made:
        with Pillow.open(io.BytesIO(content)) as picture:
            assert picture.size == (rendition.width, rendition.height)
            assert MEDIA_TYPES[rendition.format] == f"image/{picture.format.lower()}"
            if rendition.format == "jpg":
                assert picture.info.get("progressive")
        assert rendition.bytes == len(content)
        assert rendition.path == f"r/{hashlib.sha256(content).hexdigest()[:32]}.{rendition.format}"


def test_a_crop_follows_the_focal_point():
    """The left half of the picture is red: a portrait of the left edge is, of the right is not."""
    data = normalise(image_bytes(600, 300)).data
    reds = {}
    for x in (0.0, 1.0):
        made = make_renditions(data, focal=(x, 0.5), shapes=[PORTRAIT], formats=("jpg",))
        with Pillow.open(io.BytesIO(made[0][1])) as picture:
            reds[x] = picture.getpixel((picture.width // 2, picture.height // 2))[0]
    assert reds[0.0] > 200 > 60 > reds[1.0]


def test_transparency_stays_in_two_formats_and_is_paper_in_jpeg():
    glass = io.BytesIO()
    Pillow.new("RGBA", (300, 200), (255, 0, 0, 0)).save(glass, "PNG")
    for rendition, content in make_renditions(normalise(glass.getvalue()).data):
        with Pillow.open(io.BytesIO(content)) as picture:
            if rendition.format == "jpg":
                assert min(picture.convert("RGB").getpixel((10, 10))) > 250
            else:
                assert picture.convert("RGBA").getpixel((10, 10))[3] == 0


def test_making_and_writing_twice_changes_nothing():
    data = normalise(image_bytes(300, 200)).data
    made = make_renditions(data)
    assert made == make_renditions(data)
    write_renditions(made, default_storage)
    before = default_storage.get_modified_time(made[0][0].path)
    write_renditions(made, default_storage)
    assert default_storage.get_modified_time(made[0][0].path) == before
    _folders, names = default_storage.listdir("r")
    assert sorted(names) == sorted({r.path.removeprefix("r/") for r, _content in made})


def test_a_file_that_was_cut_while_it_was_written_is_written_again():
    made = make_renditions(normalise(image_bytes(300, 200)).data, formats=("jpg",))
    write_renditions(made, default_storage)
    rendition, content = made[0]
    with default_storage.open(rendition.path, "wb") as file:
        file.write(content[:100])
    write_renditions(made, default_storage)
    assert default_storage.size(rendition.path) == len(content)


def test_a_rendition_survives_the_database():
    rendition = Rendition("card", "avif", 480, 320, "r/" + "0" * 32 + ".avif", 1234)
    assert Rendition.from_json(rendition.as_json()) == rendition
