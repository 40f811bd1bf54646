"""Where texts link to files of the library, and which of these links are public.

Asked of every kind of story at once: the file library knows none of them.
"""

import datetime
from collections.abc import Collection, Iterable, Iterator

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from imagine_site.documents import references
from imagine_site.files.models import File
from imagine_site.files.uses import Use
from imagine_site.publishing.actions import rerender
from imagine_site.publishing.models import LANGUAGES, Edition, Story, concrete_editions


def in_texts(keys: Collection[int]) -> Iterator[tuple[int, Use]]:
    """Working copies whose text links to one of these files, then editions of other stories."""
    wanted = set(keys)
    for editions in concrete_editions():
        stories: type[Story] = editions._meta.get_field("story").related_model
        address = f"admin:{stories._meta.app_label}_{stories._meta.model_name}_change"
        seen = set()
        for story in _with_files(stories):
            bodies = (story.text("body", language) for language in LANGUAGES)
            named = {key for body in bodies for key in references(body).files}
            for key in sorted(named & wanted):
                seen.add((key, story.pk))
                yield key, Use(str(story), reverse(address, args=[story.pk]))
        for edition in _naming(editions, wanted):
            for key in edition.named:
                if key in wanted and (key, edition.story_id) not in seen:
                    label = _("%(title)s (published version %(number)s)") % {
                        "title": edition.title,
                        "number": edition.number,
                    }
                    yield key, Use(label, reverse(address, args=[edition.story_id]))


def _with_files(stories: type[Story]) -> Iterable[Story]:
    """Few texts link to files; only their titles and texts are read."""
    holds = Q()
    for language in LANGUAGES:
        holds |= Q(**{f"body_{language}__contains": "data-file"})
    texts = [f"{name}_{language}" for name in ("title", "body") for language in LANGUAGES]
    return stories.objects.filter(holds).only(*texts)


def _naming(editions: type[Edition], keys: set[int]) -> Iterator[Edition]:
    """Editions that name one of these files, each with the keys it names."""
    rows = editions.files.through.objects.filter(file__in=keys)
    link = editions._meta.model_name
    named: dict[int, list[int]] = {}
    for edition, file in rows.order_by("pk").values_list(f"{link}_id", "file_id"):
        named.setdefault(edition, []).append(file)
    found = editions.objects.only("title", "number", "story_id").in_bulk(named)
    for pk, edition in found.items():
        edition.named = named[pk]
        yield edition


def live(at: datetime.datetime) -> Iterator[Exists]:
    """Conditions on a file: an edition that is live at a moment links to it."""
    for editions in concrete_editions():
        yield Exists(editions.objects.live(at=at).filter(files=OuterRef("pk")))


def refresh_links(sender: type[File], file: File, **_kwargs) -> None:
    """Make the texts that link to a file again: links say its format, its size, its language."""
    for editions in concrete_editions():
        rerender(editions.objects.filter(files=file))
