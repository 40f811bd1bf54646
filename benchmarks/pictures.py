"""What a picture costs on its way into the library: `python benchmarks/pictures.py`.

Takes a photograph of 24 megapixels (noise at several scales, as hard to encode as a real one, and
the same at every run; or the JPEG that is named) through each stage by itself, then through the
real view of the photo desk, in a site of its own in a temporary folder, and at last makes what the
answer did not wait for. Printed for each: processor time and time by the clock, the median of some
rounds; then renditions a second and the most memory this process ever held.

`--rounds N` (5); `--json` prints one object a figure.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FOLDER = tempfile.TemporaryDirectory(prefix="imagine-site-pictures-")
os.environ |= {
    **{"READ_DOT_ENV": "0", "HTTPS": "0", "DEBUG": "0", "LOG_LEVEL": "ERROR"},
    **{"REQUIRE_SECOND_FACTOR": "0", "ALLOWED_HOSTS": "testserver"},
    **{"DJANGO_SETTINGS_MODULE": "imagine_site.settings", "VAR_DIR": FOLDER.name},
}
os.environ.pop("DATABASE_URL", None)

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.signals import request_started  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from imagine_site.images import later, metadata, signals, verify  # noqa: E402
from imagine_site.images.models import Image, Unmade  # noqa: E402
from imagine_site.images.normalise import normalise  # noqa: E402
from imagine_site.images.renditions import at_once, make_renditions  # noqa: E402
from tests.factories.images import photograph  # noqa: E402

#: So many seconds and rounds: processor time, and time by the clock.
Figures = dict[str, list[tuple[float, float]]]


@contextmanager
def timed(found: Figures, name: str) -> Iterator[None]:
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    found.setdefault(name, []).append((time.process_time() - cpu, time.perf_counter() - wall))


def stages(found: Figures, data: bytes) -> None:
    """Each step of an upload, on one processor."""
    with timed(found, "verified from its header"), verify.open_picture(data):
        pass
    with timed(found, "its words read"):
        metadata.read(data)
    with timed(found, "normalised"):
        normalised = normalise(data)
    with timed(found, "digest"):
        _ = normalised.digest
    with timed(found, "renditions made at once"):
        make_renditions(normalised.data, only=at_once, threads=1)
    with timed(found, "renditions made later"):
        make_renditions(normalised.data, only=lambda plan: not at_once(plan), threads=1)


def prepare() -> Client:
    """An empty site with somebody who may send pictures, and no process beside this one."""
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    (settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    signals.renditions_wait.disconnect(dispatch_uid="images: later")
    request_started.disconnect(dispatch_uid="images: what was left")
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("editor"))
    return client


def upload(found: Figures, client: Client, data: bytes) -> tuple[int, int]:
    """Through the view, then the rest as the process beside the server does; how many of each."""
    Image.objects.all().delete()
    Unmade.objects.all().delete()
    address = reverse("admin:images_image_take")
    sent = {"file": SimpleUploadedFile("photograph.jpg", data, "image/jpeg")}
    with timed(found, "upload answered"):
        response = client.post(address, sent)
    assert response.status_code == 201, response.content
    first = len(Image.objects.get().renditions)
    with timed(found, "upload: the rest"):
        report = later.make_waiting(threads=settings.RENDITION_THREADS or 1)
    assert not report.problems, report.problems
    return first, len(Image.objects.get().renditions) - first


def tell(print_figure: Callable[[str, float, str], None], found: Figures, made: tuple) -> None:
    for name, rounds in found.items():
        cpu, wall = (statistics.median(each) for each in zip(*rounds, strict=True))
        print_figure(f"picture of 24 MP: {name}, processor", cpu, "s")
        print_figure(f"picture of 24 MP: {name}", wall, "s")
    for name, number in zip(("upload answered", "upload: the rest"), made, strict=True):
        print_figure(f"picture of 24 MP: {name}, files", number, "")
    (first, rest), both = made, ("upload answered", "upload: the rest")
    for what, index in (("processor", 0), ("clock", 1)):
        seconds = sum(statistics.median(each[index] for each in found[name]) for name in both)
        print_figure(f"renditions a second ({what})", (first + rest) / seconds, "1/s")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print_figure("pictures: most memory of the process", most, "MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("jpeg", nargs="?", type=Path, help="instead of the photograph of noise")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    data = asked.jpeg.read_bytes() if asked.jpeg else photograph(6000, 4000)

    def print_figure(figure: str, value: float, unit: str) -> None:
        if asked.json:
            row = {"figure": figure, "value": round(value, 4), "unit": unit}
            print(json.dumps({**row, "rounds": asked.rounds}))
        else:
            print(f"{figure:58} {value:9.3f} {unit}")

    found: Figures = {}
    client = prepare()
    made = (0, 0)
    for _round in range(asked.rounds):
        stages(found, data)
        made = upload(found, client, data)
    tell(print_figure, found, made)


if __name__ == "__main__":
    main()
