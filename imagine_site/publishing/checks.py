"""What every story must have before visitors read it, and what its pictures must have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from imagine_site.documents import parse, plain_text, references
from imagine_site.files.models import Accessible, File
from imagine_site.images.expiry import ends_soon
from imagine_site.images.models import Image
from imagine_site.publishing.findings import Finding
from imagine_site.publishing.models import LANGUAGES, Edition, Story


@dataclass(frozen=True, slots=True)
class AtHand:
    """What the checks of all languages of one story need, fetched for all of them together."""

    images: dict[int, Image]
    files: dict[int, File]
    editions: list[Edition]


def have_at_hand(story: Story, editions: list[Edition]) -> None:
    """Fetch pictures and files of a story once, for every check of every language after it."""
    named = [references(story.text("body", language)) for language in LANGUAGES]
    images = {pk for each in named for pk in each.images}
    files = {pk for each in named for pk in each.files}
    beside = [field for field in story._meta.concrete_fields if field.related_model is Image]
    images |= {pk for field in beside if (pk := getattr(story, field.attname))}
    found = Image.objects.in_bulk(images)
    for field in beside:
        if image := found.get(getattr(story, field.attname)):
            setattr(story, field.name, image)
    story.at_hand = AtHand(found, File.objects.in_bulk(files), editions)


def _library(story: Story, model: type[Image] | type[File], wanted: Sequence[int]) -> dict:
    at_hand: AtHand | None = getattr(story, "at_hand", None)
    if at_hand is None:
        return model.objects.in_bulk(wanted)
    known = at_hand.images if model is Image else at_hand.files
    return {pk: known[pk] for pk in wanted if pk in known}


def texts(story: Story, language: str) -> Iterator[Finding]:
    if not story.text("title", language).strip():
        yield Finding(_("The title is missing."), f"title_{language}")
    body = story.text("body", language)
    if not plain_text(parse(body)).strip():
        yield Finding(_("The text is empty."), f"body_{language}")
    if not story.text("summary", language).strip():
        yield Finding(
            _("The summary is missing: lists, searches and shared links show it."),
            f"summary_{language}",
            blocks=False,
        )


def address(story: Story, language: str) -> Iterator[Finding]:
    """A typed address must be free: of other texts that are public there, or are going to be."""
    slug = story.text("slug", language)
    if not slug or story.pk is None:
        return
    at_hand: AtHand | None = getattr(story, "at_hand", None)
    if at_hand and any(
        (each.language, each.slug, each.live_until) == (language, slug, None)
        for each in at_hand.editions
    ):
        return  # its own open edition stands there, and the database lets only one
    others = story.editions.model.objects.in_language(language).filter(slug=slug)
    still = Q(live_until__isnull=True) | Q(live_until__gt=timezone.now())
    taken = others.exclude(story=story.pk).exclude(live_until=F("live_from")).filter(still).first()
    if taken:
        yield Finding(
            _("“%(title)s” is public at this address. Choose another, or withdraw it first.")
            % {"title": taken.title},
            f"slug_{language}",
        )


def pictures(story: Story, language: str) -> Iterator[Finding]:
    """Rights, consent and a description: a picture without them must not become public."""
    field = f"body_{language}"
    wanted = references(story.text("body", language)).images
    library = _library(story, Image, wanted)
    for pk in wanted:
        if pk not in library:
            yield Finding(
                _("A picture in the text is no longer in the library. Take it out."), field
            )
    for image in library.values():
        yield from about_picture(image, language, field)


def about_picture(image: Image, language: str, field: str) -> Iterator[Finding]:
    """Why one picture must not be published, if so."""
    for obstacle in image.obstacles():
        yield Finding(
            _("Picture “%(title)s”: %(obstacle)s") % {"title": image, "obstacle": obstacle}, field
        )
    if image.usable() and ends_soon(image):
        yield Finding(
            _("Picture “%(title)s” may be shown until %(day)s; then it leaves the page by itself.")
            % {"title": image, "day": date_format(image.last_day)},
            field,
            blocks=False,
        )
    if not (image.incomplete or image.decorative or getattr(image, f"alt_{language}")):
        yield Finding(
            _("Picture “%(title)s”: the alternative text is missing.") % {"title": image}, field
        )


def files(story: Story, language: str) -> Iterator[Finding]:
    """A file that a text gives must be there, and should be one that everybody can read."""
    field = f"body_{language}"
    wanted = references(story.text("body", language)).files
    library = _library(story, File, wanted)
    for pk in wanted:
        file = library.get(pk)
        if file is None:
            yield Finding(
                _("A file in the text is no longer in the library. Take the link out."), field
            )
        elif file.accessible == Accessible.NO:
            yield Finding(
                _(
                    "File “%(title)s” is not accessible: give the same in the text, or an "
                    "accessible version beside it (RGAA 13.3)."
                )
                % {"title": file},
                field,
                blocks=False,
            )
        elif file.accessible == Accessible.UNKNOWN:
            yield Finding(
                _("File “%(title)s”: nobody has checked whether it is accessible (RGAA 13.3).")
                % {"title": file},
                field,
                blocks=False,
            )
