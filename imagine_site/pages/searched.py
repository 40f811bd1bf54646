"""How institutional pages are found: as their editions, each with its beginning and end."""

from collections.abc import Collection, Iterator, Sequence

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from imagine_site.pages.models import Page, PageEdition
from imagine_site.publishing.models import Story
from imagine_site.search import actions
from imagine_site.search.sources import Entry, Source

READ = ("story", "language", "title", "slug", "summary", "text", "live_from", "live_until")


def entries(pks: Collection[int] | None) -> Iterator[Entry]:
    editions = PageEdition.objects.not_over(at=timezone.now()).only(*READ)
    if pks is not None:
        editions = editions.filter(story__in=pks)
    for edition in editions.order_by("pk").iterator(chunk_size=500):
        yield Entry(
            object_id=edition.story_id,
            language=edition.language,
            title=edition.title,
            url=edition.get_absolute_url(),
            summary=edition.summary,
            text=edition.text,
            live_from=edition.live_from,
            live_until=edition.live_until,
        )


SOURCE = Source(kind="page", plural=_("Pages"), model=Page, entries=entries, order=4)


def refresh(sender: type[Story], stories: Sequence[Story], **_kwargs) -> None:
    """Connected to `editions_changed`, within the transaction of the change."""
    actions.refresh(SOURCE, [story.pk for story in stories])
