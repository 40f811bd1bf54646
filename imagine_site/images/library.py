"""Care for the library as a whole: files that are missing are made, from the originals alone.

Making takes seconds and is done outside any transaction; what was made is listed afterwards, in the
entry as it is by then: it may have been replaced, or its focal point moved.
"""

from dataclasses import dataclass, field

from django.core.files.storage import default_storage, storages
from django.db import transaction

from imagine_site.images import signals
from imagine_site.images.models import Image, Unmade, remove_files
from imagine_site.images.renditions import (
    Made,
    Plan,
    Rendition,
    every,
    make_renditions,
    write_renditions,
)


@dataclass
class Report:
    looked_at: int = 0
    made: int = 0
    problems: list[str] = field(default_factory=list)


def make_missing(*, everything: bool = False) -> Report:
    """Make the renditions that are not listed, or that the public storage does not hold; with
    `everything`, all anew.

    Renditions come from the original alone, so the same ones get the same names and pages that
    name them are whole again.
    """
    report = Report()
    for pk in Image.objects.order_by("pk").values_list("pk", flat=True).iterator():
        image = Image.objects.filter(pk=pk).first()
        if image is None:
            continue
        report.looked_at += 1
        report.made += _remake_former(image, everything=everything)
        if everything or not _all_there(image.paths_now()):
            wanted = None
        elif image.unmade() or image.unmade_of_former():
            wanted = image.unmade()
        else:
            continue
        try:
            _complete(image, wanted)
        except FileNotFoundError:
            report.problems.append(f"{image.pk} {image}: the original is missing too.")
            continue
        report.made += 1
    return report


def _all_there(paths: list[str]) -> bool:
    return bool(paths) and all(default_storage.exists(path) for path in paths)


def _remake_former(image: Image, *, everything: bool) -> int:
    """The files of pictures that were replaced, which older texts go on showing."""
    made = 0
    for former in image.former:
        paths = [row["path"] for row in former["renditions"]]
        if not everything and all(default_storage.exists(path) for path in paths):
            continue
        try:
            data = _read(former["original"])
        except FileNotFoundError:
            continue
        focal = (former["focal_x"], former["focal_y"])
        listed = {Rendition.from_json(row).plan for row in former["renditions"]}
        made_anew = make_renditions(data, focal=focal, only=listed.__contains__)
        write_renditions(made_anew, default_storage)
        made += 1
    return made


def complete(pk: int, *, threads: int | None = None) -> None:
    """Make what a picture has not yet. Raises `FileNotFoundError` for a lost original."""
    image = Image.objects.filter(pk=pk).first()
    if image is None:
        Unmade.objects.filter(pk=pk).delete()
    else:
        _complete(image, image.unmade(), threads=threads)


def _complete(image: Image, wanted: list[Plan] | None, *, threads: int | None = None) -> None:
    """Make some renditions of an entry (None: all), and those its former pictures have not yet."""
    made: Made = []
    if wanted is None or wanted:
        only = every if wanted is None else set(wanted).__contains__
        made = make_renditions(image.read_original(), focal=image.focal, only=only, threads=threads)
    for_former: dict[str, Made] = {}
    for number, plans in image.unmade_of_former().items():
        kept = image.former[number]
        for_former[kept["original"]] = make_renditions(
            _read(kept["original"]),
            focal=(kept["focal_x"], kept["focal_y"]),
            only=set(plans).__contains__,
            threads=threads,
        )
    for files in (made, *for_former.values()):
        write_renditions(files, default_storage)
    _list(image, made, for_former)


def _read(original: str) -> bytes:
    with storages["originals"].open(original) as file:
        return file.read()


@transaction.atomic
def _list(image: Image, made: Made, for_former: dict[str, Made]) -> None:
    """Name what was made, in the entry as it is now; the pages that show it are made again.

    No save: nobody changed the entry, and whoever has its form open has not been overtaken.
    """
    stored = Image.objects.select_for_update().filter(pk=image.pk).first()
    if stored is None:
        # Removed meanwhile, and its files with it.
        remove_files([], [each.path for files in (made, *for_former.values()) for each, _ in files])
        return
    before = (stored.renditions, stored.retired, stored.former)
    if made:
        if stored.digest == image.digest:
            stored.list_renditions(rendition for rendition, _content in made)
        else:
            # Another picture took its place meanwhile: it is a former one's.
            for_former = {**for_former, image.original: made}
    stored.former = [_with(kept, for_former.get(kept["original"], [])) for kept in stored.former]
    if (stored.renditions, stored.retired, stored.former) != before:
        Image.objects.filter(pk=stored.pk).update(
            renditions=stored.renditions, retired=stored.retired, former=stored.former
        )
        signals.renditions_made.send(sender=Image, instance=stored, created=False)
    if not (stored.unmade() or stored.unmade_of_former()):
        Unmade.objects.filter(pk=stored.pk).delete()


def _with(kept: dict, made: Made) -> dict:
    """A former picture with more renditions."""
    rows = {Rendition.from_json(row).plan: row for row in kept["renditions"]}
    focal = (kept["focal_x"], kept["focal_y"])
    for rendition, _content in made:
        if rendition.focal in {None, focal}:
            rows[rendition.plan] = rendition.as_json()
    return {**kept, "renditions": list(rows.values())}
