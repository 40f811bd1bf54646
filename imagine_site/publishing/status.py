"""Where a story stands in a language, in the words editors use."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from imagine_site.publishing.models import Edition, Story

NONE, DRAFT, SCHEDULED, LIVE, CHANGED, WITHDRAWN = (
    "none",
    "draft",
    "scheduled",
    "live",
    "changed",
    "withdrawn",
)
LABELS = {
    NONE: _("not written"),
    DRAFT: _("draft"),
    SCHEDULED: _("scheduled"),
    LIVE: _("live"),
    CHANGED: _("live, with unpublished changes"),
    WITHDRAWN: _("withdrawn"),
}


@dataclass(frozen=True)
class Status:
    """One language of one story: its live edition, the next one, and the word for it."""

    language: str
    live: Edition | None
    scheduled: Edition | None
    state: str

    @property
    def label(self):
        return LABELS[self.state]


def status(
    story: Story,
    language: str,
    editions: list[Edition],
    *,
    at: datetime.datetime | None = None,
) -> Status:
    """The status from a story's editions (already fetched, any language, any order)."""
    at = at or timezone.now()
    mine = [edition for edition in editions if edition.language == language]
    live = next((edition for edition in mine if edition.is_live(at=at)), None)
    scheduled = min(
        (edition for edition in mine if edition.is_scheduled(at=at)),
        key=lambda edition: edition.live_from,
        default=None,
    )
    if live:
        state = (
            CHANGED if live.story_version != story.version and story.differs_from(live) else LIVE
        )
    elif scheduled:
        state = SCHEDULED
    elif any(edition.was_ever_live(at=at) for edition in mine):
        state = WITHDRAWN
    else:
        state = DRAFT if story.is_written(language) else NONE
    return Status(language, live, scheduled, state)
