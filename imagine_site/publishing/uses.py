"""Where stories and their editions show pictures: asked by each concrete room's finder."""

import re
from collections.abc import Iterator, Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from imagine_site.images.models import Image
from imagine_site.images.uses import Use
from imagine_site.publishing.models import LANGUAGES, Story

#: Bodies are written by the sanitiser alone, attributes in the order of the schema, and what looks
#: like a tag in a text is escaped: nothing but a picture is ever written like this. (Parsing a page
#: of long texts would take a second.)
_PICTURES = re.compile(
    r'<figure (?:data-image="([0-9]+)"|data-gallery="([0-9 ]+)"'
    r'|data-video="[^"]*" data-poster="([0-9]+)")'
)
_HOLDERS = ("<figure data-image=", "<figure data-gallery=", " data-poster=")
#: So many pictures are looked for by their numbers; for more, every text that holds any is read.
_FEW = 2


def _editions_of(model: type[Story]):
    return model._meta.get_field("editions").related_model.objects


def _shown_in(body: str) -> set[int]:
    """The pictures a stored text holds."""
    return {int(pk) for found in _PICTURES.findall(body) for keys in found for pk in keys.split()}


def _holding(images: set[int] | None = None) -> Q:
    """Texts that may hold some pictures, or any."""
    marks = list(_HOLDERS)
    if images is not None and len(images) <= _FEW:
        marks = ["<figure data-gallery="]
        for pk in images:
            marks += [f'<figure data-image="{pk}"', f' data-poster="{pk}"']
    condition = Q()
    for language in LANGUAGES:
        for mark in marks:
            condition |= Q(**{f"body_{language}__contains": mark})
    return condition


def in_stories(
    model: type[Story], images: Sequence[Image], *foreign_keys: str
) -> Iterator[tuple[int, Use]]:
    """Working copies that hold a picture in their text or as `foreign_keys` of the story, then
    editions of others (a foreign key is the edition's, too). Two queries."""
    opts = model._meta
    address = f"admin:{opts.app_label}_{opts.model_name}_change"
    wanted = {image.pk for image in images}
    maybe = _holding(wanted)
    for name in foreign_keys:
        maybe |= Q(**{f"{name}__in": wanted})
    columns = [f"{field}_{language}" for field in ("title", "body") for language in LANGUAGES]
    seen: set[tuple[int, int]] = set()
    stories = model.objects.filter(maybe).order_by("pk").only(*columns, *foreign_keys)
    for story in stories.iterator(chunk_size=200):
        found = set()
        for language in LANGUAGES:
            found |= wanted & _shown_in(story.text("body", language))
        found |= wanted.intersection(getattr(story, f"{name}_id") for name in foreign_keys)
        if not found:
            continue
        use = Use(str(story), reverse(address, args=[story.pk]))
        for pk in sorted(found):
            seen.add((story.pk, pk))
            yield pk, use
    yield from _in_editions(model, wanted, foreign_keys, address, seen)


def _in_editions(
    model: type[Story],
    wanted: set[int],
    foreign_keys: Sequence[str],
    address: str,
    seen: set[tuple[int, int]],
) -> Iterator[tuple[int, Use]]:
    """The newest edition of a story that shows a picture, where its working copy does not."""
    editions = _editions_of(model)
    named = ("pk", "story", "title", "number")
    queries = [editions.filter(images__in=wanted).order_by().values_list(*named, "images")]
    queries += [
        editions.filter(**{f"{name}__in": wanted}).order_by().values_list(*named, name)
        for name in foreign_keys
    ]
    rows = queries[0].union(*queries[1:]) if len(queries) > 1 else queries[0]
    for _edition, story, title, number, pk in sorted(rows, reverse=True):
        if (story, pk) in seen:
            continue
        seen.add((story, pk))
        yield (
            pk,
            Use(
                _("%(title)s (published version %(number)s)") % {"title": title, "number": number},
                reverse(address, args=[story]),
            ),
        )


def pictures_of(model: type[Story], *foreign_keys: str) -> Iterator[int | None]:
    """The keys of all pictures that stories of a kind and their editions show."""
    columns = [f"body_{language}" for language in LANGUAGES]
    bodies = model.objects.filter(_holding()).order_by().values_list(*columns)
    for texts in bodies.iterator(chunk_size=200):
        for text in texts:
            yield from _shown_in(text)
    editions = _editions_of(model)
    yield from editions.filter(images__isnull=False).order_by().values_list("images", flat=True)
    for name in foreign_keys:
        for table in (model.objects, editions):
            yield from table.order_by().values_list(name, flat=True).distinct()
