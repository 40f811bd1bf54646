"""Care for the library as a whole."""

from dataclasses import dataclass, field

from django.core.files.storage import default_storage

from imagine_site.images.models import Image


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
