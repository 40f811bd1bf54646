"""Care for the library as a whole."""

from dataclasses import dataclass, field

from django.core.files.storage import default_storage, storages

from imagine_site.images.models import Image
from imagine_site.images.renditions import make_renditions, write_renditions


@dataclass
class Report:
    looked_at: int = 0
    made: int = 0
    problems: list[str] = field(default_factory=list)


def make_missing(*, everything: bool = False) -> Report:
    """Make the renditions that the public storage does not hold; with `everything`, all anew.

    Renditions come from the original alone, so the same ones get the same names and pages that
    name them are whole again.
    """
    report = Report()
    for image in Image.objects.order_by("pk").iterator():
        report.looked_at += 1
        report.made += _make_former(image, everything=everything)
        paths = [rendition.path for rendition in image.all_renditions()]
        if not everything and paths and all(default_storage.exists(path) for path in paths):
            continue
        try:
            image.render()
        except FileNotFoundError:
            report.problems.append(f"{image.pk} {image}: the original is missing too.")
            continue
        image.save(update_fields=["renditions", "retired"])
        report.made += 1
    return report


def _make_former(image: Image, *, everything: bool) -> int:
    """The same for pictures that were replaced, which older texts go on showing."""
    made = 0
    for former in image.former:
        paths = [row["path"] for row in former["renditions"]]
        if not everything and all(default_storage.exists(path) for path in paths):
            continue
        try:
            with storages["originals"].open(former["original"]) as file:
                data = file.read()
        except FileNotFoundError:
            continue
        focal = (former["focal_x"], former["focal_y"])
        write_renditions(make_renditions(data, focal=focal), default_storage)
        made += 1
    return made
