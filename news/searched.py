"""How news is found: every edition that is live or will be, with its own beginning and end."""

from collections.abc import Collection, Iterator, Sequence

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from imagine_site.publishing.models import Story
from imagine_site.search import actions
from imagine_site.search.sources import Entry, Source
from news.models import Post, PostEdition

READ = (
    *("story", "language", "title", "slug", "summary", "text", "live_from", "live_until"),
    *("kind", "section", "date", "lead_image", "lead_caption", "visit"),
)


def entries(pks: Collection[int] | None) -> Iterator[Entry]:
    editions = PostEdition.objects.not_over(at=timezone.now()).only(*READ)
    if pks is not None:
        editions = editions.filter(story__in=pks)
    for edition in editions.order_by("date", "pk").iterator(chunk_size=500):
        yield entry_of(edition)


def entry_of(edition: PostEdition) -> Entry:
    with translation.override(edition.language):
        label = str(edition.label)
    visit = edition.visit or {}
    guests = (f"{guest['name']}, {guest['role']}" for guest in visit.get("guests", ()))
    more = (edition.lead_caption, visit.get("place"), visit.get("announced"), *guests)
    return Entry(
        object_id=edition.story_id,
        language=edition.language,
        title=edition.title,
        url=edition.get_absolute_url(),
        summary=edition.summary,
        text="\n".join(part for part in (edition.text, *more) if part),
        label=label,
        date=edition.date,
        live_from=edition.live_from,
        live_until=edition.live_until,
        picture_id=edition.lead_image_id,
    )


SOURCE = Source(kind="news", plural=_("News"), model=Post, entries=entries, order=3)


def refresh(sender: type[Story], stories: Sequence[Story], **_kwargs) -> None:
    """Connected to `editions_changed`, within the transaction of the change."""
    actions.refresh(SOURCE, [story.pk for story in stories])
