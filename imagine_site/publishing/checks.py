"""What every story must have before visitors read it, and what its pictures must have."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from imagine_site.documents import plain_text, references
from imagine_site.files.models import Accessible
from imagine_site.images.expiry import ends_soon
from imagine_site.images.models import Image
from imagine_site.publishing.findings import Finding
from imagine_site.publishing.models import LANGUAGES, AtHand, Edition, Story
from imagine_site.publishing.rendering import Library


def have_at_hand(story: Story, editions: list[Edition]) -> None:
    """Fetch what a story refers to once, for every check of every language after it."""
    have_all_at_hand({story: editions})


def have_all_at_hand(stories: Mapping[Story, list[Edition]]) -> None:
    """The same for several stories of one model, with all their editions."""
    if not stories:
        return
    beside = [f for f in next(iter(stories))._meta.concrete_fields if f.related_model is Image]
    library = Library(
        (references(story.document(language)) for story in stories for language in LANGUAGES),
        images={pk for story in stories for f in beside if (pk := getattr(story, f.attname))},
    )
    addresses = _others_at(stories)
    for story, editions in stories.items():
        for field in beside:
            if image := library.images.get(getattr(story, field.attname)):
                setattr(story, field.name, image)
        story.at_hand = AtHand(library, editions, addresses)


def _others_at(stories: Mapping[Story, list[Edition]]) -> dict[tuple[str, str], list[Edition]]:
    """What is public, or going to be, at addresses that these stories want and do not have."""
    wanted = {
        (language, slug)
        for story, editions in stories.items()
        for language in LANGUAGES
        if (slug := story.text("slug", language)) and not _stands_there(editions, language, slug)
    }
    found: dict[tuple[str, str], list[Edition]] = {}
    if wanted:
        rows = _taking(next(iter(stories)), {slug for _language, slug in wanted})
        for edition in rows:
            found.setdefault((edition.language, edition.slug), []).append(edition)
    return found


def _stands_there(editions: Iterable[Edition], language: str, slug: str) -> bool:
    """Its own open edition does, and the database lets only one."""
    return any(
        (each.language, each.slug, each.live_until) == (language, slug, None) for each in editions
    )


def _taking(story: Story, slugs: Collection[str]):
    still = Q(live_until__isnull=True) | Q(live_until__gt=timezone.now())
    rows = story.editions.model.objects.filter(still, slug__in=slugs)
    return rows.exclude(live_until=F("live_from")).only("story", "language", "slug", "title")


def texts(story: Story, language: str) -> Iterator[Finding]:
    if not story.text("title", language).strip():
        yield Finding(_("The title is missing."), f"title_{language}")
    if not plain_text(story.document(language)).strip():
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
    at_hand = story.at_hand
    if at_hand and _stands_there(at_hand.editions, language, slug):
        return
    found = (
        at_hand.addresses.get((language, slug), ())
        if at_hand
        else _taking(story, [slug]).filter(language=language)
    )
    taken = next((each for each in found if each.story_id != story.pk), None)
    if taken:
        yield Finding(
            _("“%(title)s” is public at this address. Choose another, or withdraw it first.")
            % {"title": taken.title},
            f"slug_{language}",
        )


def pictures(story: Story, language: str) -> Iterator[Finding]:
    """Rights, consent and a description: a picture without them must not become public."""
    field = f"body_{language}"
    wanted = references(story.document(language)).images
    library = story.library(language).images if wanted else {}
    for pk in wanted:
        if pk not in library:
            yield Finding(
                _("A picture in the text is no longer in the library. Take it out."), field
            )
    for pk in wanted:
        if pk in library:
            yield from about_picture(library[pk], language, field)


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
    wanted = references(story.document(language)).files
    library = story.library(language).files if wanted else {}
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
