"""Put the sample institute into the database: register, pictures, statements, articles, pages.

Loading twice changes nothing, and what a person changed since the first time stays as it is: each
thing is known by its key, made where it is missing, and otherwise left alone.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from imagine_site.images.models import DuplicateImage, Image
from imagine_site.pages.models import KeyFigure, Milestone, Page
from imagine_site.publishing.actions import publish
from imagine_site.register.models import Record
from imagine_site.sample import content, draw
from imagine_site.sample.content import PREFIX, Picture, SampleArticle, in_languages
from imagine_site.sample.report import Report
from labs import register_file
from labs.models import Laboratory, StartUp, Theme
from news.importers.saving import ERROR, NEW, UPDATED, Import
from news.models import Guest, Kind, Post, Visit
from people.models import FoundingMember, Researcher

RECORDS: tuple[type[Record], ...] = (Laboratory, Researcher, FoundingMember, StartUp)

Say = Callable[[str], object]


class SampleError(Exception):
    """The sample's own content does not fit the code: a mistake of ours, said in words."""


def load_sample(
    *, by: AbstractBaseUser | None = None, say: Say = lambda _line: None, scale: float = 1
) -> Report:
    """Load what is missing of the sample institute and publish its stories in both languages.

    `say` is told what takes a while. `scale` makes smaller pictures (tests: 0.05).

    Pictures come first and one by one, each with its files; everything else is written in one
    transaction, or not at all.
    """
    report = Report()
    library = _Library(load_pictures(report, by=by, say=say, scale=scale))
    with transaction.atomic():
        load_register(library, report)
        load_statements(library, report)
        load_articles(library, report, by=by)
        load_pages(library, report, by=by)
    return report


@dataclass
class _Library:
    """Which entry of the library each motif is."""

    entries: dict[str, Image]

    def image(self, motif: str) -> Image:
        if motif not in self.entries:
            raise SampleError(f"no picture {motif!r} in images.yaml")
        return self.entries[motif]


# -- Pictures -----------------------------------------------------------------------------------


def load_pictures(
    report: Report, *, by: AbstractBaseUser | None, say: Say, scale: float
) -> dict[str, Image]:
    """The library's entries by motif; those that are missing are drawn."""
    wanted = content.pictures()
    known = Image.objects.filter(import_ref__startswith=PREFIX).in_bulk(field_name="import_ref")
    missing = [picture for picture in wanted if picture.ref not in known]
    found: dict[str, Image] = {}
    drawn = 0
    for picture in wanted:
        if picture.ref in known:
            found[picture.motif] = known[picture.ref]
            report.unchanged["images"] += 1
            continue
        drawn += 1
        say(f"Drawing picture {drawn} of {len(missing)}: {picture.title}")
        found[picture.motif] = _drawn(picture, by=by, scale=scale)
        report.made["images"] += 1
    return found


def _drawn(picture: Picture, *, by: AbstractBaseUser | None, scale: float) -> Image:
    file = io.BytesIO()
    drawing = draw.draw(picture.motif, width=max(96, round(picture.width * scale)))
    # Lossless on its way into the library, and quick: the library encodes it anyway.
    drawing.save(file, "PNG", compress_level=1)
    file.name = f"{picture.motif}.png"
    try:
        return Image.add(file, by=by, **picture.said)
    except DuplicateImage as known:
        # A person uploaded the very same drawing: it serves, and remains theirs.
        return known.existing


# -- Register -----------------------------------------------------------------------------------


def load_register(library: _Library, report: Report) -> None:
    """The records, by the register file's own rules; new laboratories get their pictures."""
    before = set(_records())
    loaded = register_file.load(content.REGISTER)
    for counts, records in (
        (report.made, loaded.created),
        (report.changed, loaded.updated),
        (report.unchanged, [*loaded.unchanged, *loaded.kept]),
    ):
        if records:
            counts["records"] += len(records)
    now = _records()
    for picture in content.pictures():
        laboratory = now.get(picture.laboratory)
        if laboratory and laboratory.import_key not in before and not laboratory.image_id:
            laboratory.image = library.image(picture.motif)
            laboratory.save()


def _records() -> dict[str, Record]:
    return {
        record.import_key: record
        for model in RECORDS
        for record in model.objects.filter(import_key__startswith=content.REGISTER_PREFIX)
    }


def _by_key(model: type[Record], keys: list[str]) -> list[Record]:
    found = model.objects.in_bulk(keys, field_name="import_key")
    if lost := set(keys) - set(found):
        raise SampleError(f"no {model._meta.verbose_name} {', '.join(sorted(lost))}")
    return [found[key] for key in keys]


# -- Key figures and milestones -----------------------------------------------------------------


def load_statements(library: _Library, report: Report) -> None:
    said = content.read("statements.yaml")
    for order, entry in enumerate(said["key_figures"], 1):
        value = entry["value"]
        _, made = KeyFigure.objects.get_or_create(
            import_key=f"{PREFIX}{entry['key']}",
            defaults={
                "value": value["en"],
                "value_fr": value["fr"],
                "as_of": str(entry["as_of"]),
                "order": order,
                **in_languages("label", entry["label"]),
                **in_languages("source", entry["source"]),
            },
        )
        (report.made if made else report.unchanged)["key figures"] += 1
    for entry in said["milestones"]:
        _, made = Milestone.objects.get_or_create(
            import_key=f"{PREFIX}{entry['key']}",
            defaults={
                "date": str(entry["date"]),
                "image": library.image(entry["image"]) if "image" in entry else None,
                **in_languages("text", entry["text"]),
            },
        )
        (report.made if made else report.unchanged)["milestones"] += 1


# -- Articles -----------------------------------------------------------------------------------


@dataclass
class _CaptionPictures:
    """Stands where the importer expects a folder of pictures: an article's own, in their order."""

    pks: list[int]
    reports: dict[str, str] = field(default_factory=dict)

    def ids(self, captions: tuple[str, ...], *, add: bool) -> dict[str, int]:
        return dict(zip(captions, self.pks, strict=True)) if add else {}


def load_articles(library: _Library, report: Report, *, by: AbstractBaseUser | None) -> None:
    """Through the importer, as any article from a file, then what the files do not say."""
    run = Import(by=by)
    for article in content.articles():
        run.kind = Kind(article.said["kind"])
        run.images = _CaptionPictures(
            [library.image(motif).pk for motif in article.said.get("pictures", [])]
        )
        is_new = not Post.objects.filter(import_ref=article.ref).exists()
        statuses = {language: _imported(run, article, language) for language in content.LANGUAGES}
        if NEW not in statuses.values() and UPDATED not in statuses.values():
            report.unchanged["articles"] += 1
            continue
        post = Post.objects.get(import_ref=article.ref)
        if is_new:
            _complete(post, article, library)
        for language, status in statuses.items():
            if status in (NEW, UPDATED):
                publish(post, language=language, by=by)
        (report.made if is_new else report.changed)["articles"] += 1


def _imported(run: Import, article: SampleArticle, language: str) -> str:
    (outcome,) = run.file(article.path(language), ref=article.ref)
    if outcome.status == ERROR:
        raise SampleError(f"{article.path(language).name}: {outcome.error}")
    return outcome.status


def _complete(post: Post, article: SampleArticle, library: _Library) -> None:
    """Kind, lead image, relations and visit of a story that was just made from its files."""
    said = article.said
    post.lead_image = library.image(said["lead_image"])
    for name, text in in_languages("lead_caption", said.get("lead_caption", _NOTHING)).items():
        setattr(post, name, text)
    post.save()
    for name in Post.RELATIONS:
        model = Post._meta.get_field(name).related_model
        getattr(post, name).add(*_by_key(model, said.get(name, [])))
    post.themes.set(Theme.objects.filter(slug__in=said.get("themes", [])))
    if visit := said.get("visit"):
        Visit.objects.create(
            post=post,
            starts_on=visit["starts_on"],
            **in_languages("place", visit["place"]),
            **in_languages("announced", visit["announced"]),
        )
        for order, guest in enumerate(visit["guests"], 1):
            Guest.objects.create(
                post=post, name=guest["name"], order=order, **in_languages("role", guest["role"])
            )


_NOTHING = dict.fromkeys(content.LANGUAGES, "")

# -- Pages --------------------------------------------------------------------------------------

_NAMED = re.compile(r'data-(image|record)="@([\w-]+)"')


def load_pages(library: _Library, report: Report, *, by: AbstractBaseUser | None) -> None:
    records = _records()

    def numbered(found: re.Match) -> str:
        attribute, name = found.groups()
        if attribute == "image":
            return f'data-image="{library.image(name).pk}"'
        if name not in records:
            raise SampleError(f"pages.yaml: no record {name!r}")
        return f'data-record="{records[name].reference}"'

    for key, said in content.read("pages.yaml").items():
        ref = f"{PREFIX}{key}"
        if Page.objects.filter(import_ref=ref).exists():
            report.unchanged["pages"] += 1
            continue
        page = Page(
            import_ref=ref,
            role=said["role"],
            menu=said["menu"],
            menu_order=said["menu_order"],
            edited_by=by,
            **in_languages("title", said["title"]),
            **in_languages("menu_label", said["menu_label"]),
            **in_languages("summary", said["summary"]),
        )
        for language in content.LANGUAGES:
            setattr(page, f"body_{language}", _NAMED.sub(numbered, said["body"][language]))
        page.full_clean(exclude=["edited_by"])
        page.save()
        for language in content.LANGUAGES:
            publish(page, language=language, by=by)
        report.made["pages"] += 1
