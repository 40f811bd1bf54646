"""Where stories and their editions show a picture: asked by each concrete room's finder."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from imagine_site.documents import references
from imagine_site.images.models import Image
from imagine_site.images.uses import Use
from imagine_site.publishing.models import LANGUAGES, Story


def in_stories(model: type[Story], image: Image, *also: Q) -> Iterator[Use]:
    """Working copies whose text holds the picture (or that match `also`), then editions."""
    opts = model._meta
    address = f"admin:{opts.app_label}_{opts.model_name}_change"
    # The number alone may be part of another; the text search only narrows what is then read.
    maybe = Q()
    for language in LANGUAGES:
        maybe |= Q(**{f"body_{language}__contains": str(image.pk)})
    seen = set()
    for story in model.objects.filter(maybe).iterator():
        bodies = (story.text("body", language) for language in LANGUAGES)
        if any(image.pk in references(body).images for body in bodies):
            seen.add(story.pk)
            yield Use(str(story), reverse(address, args=[story.pk]))
    for condition in also:
        for story in model.objects.filter(condition).exclude(pk__in=list(seen)).distinct():
            seen.add(story.pk)
            yield Use(str(story), reverse(address, args=[story.pk]))
    editions = opts.get_field("editions").related_model.objects
    for edition in (
        editions.filter(images=image).exclude(story__in=list(seen)).select_related("story")
    ):
        yield Use(
            _("%(title)s (published version %(number)s)")
            % {"title": edition.title, "number": edition.number},
            reverse(address, args=[edition.story_id]),
        )
