"""What every story must have before visitors read it, and what its pictures must have."""

from collections.abc import Iterator

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from imagine_site.documents import parse, plain_text, references
from imagine_site.images.models import Image
from imagine_site.publishing.findings import Finding
from imagine_site.publishing.models import Story


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
    library = Image.objects.in_bulk(wanted)
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
    if not image.decorative and not getattr(image, f"alt_{language}"):
        yield Finding(
            _("Picture “%(title)s”: the alternative text is missing.") % {"title": image}, field
        )
