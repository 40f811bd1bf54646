"""An editor waits for an upload, so its cost is a promise: no worker makes renditions later."""

import io
import random
import time

import pytest
from PIL import Image as Pillow

from tests.factories.images import image_file, make_image


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


@pytest.mark.slow
@pytest.mark.django_db
def test_a_photograph_of_24_megapixels_is_ready_while_one_waits():
    file = image_file(content=photograph(6000, 4000))
    began = time.perf_counter()
    image = make_image(file=file)
    seconds = time.perf_counter() - began
    assert (image.width, len(image.renditions)) == (4000, 24)
    # Two or three seconds on a machine of its own; encoding at the codecs' usual care takes twenty.
    assert seconds < 12, f"{seconds:.2f} s"
