"""What stands at a public address: an edition, a way to where it went, or the news that it is gone.

Former addresses need no table of their own: the editions that were live there remember them, and
each leads to where its story is *now*, so that there are no chains.
"""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from imagine_site.publishing.models import Edition, EditionQuerySet


@dataclass(frozen=True, slots=True)
class Moved:
    """The text is live at another address (RFC 9110 §15.4.2)."""

    to: Edition


@dataclass(frozen=True, slots=True)
class Gone:
    """A text was public here and was withdrawn (RFC 9110 §15.5.11)."""


def find(
    editions: EditionQuerySet, *, slug: str, language: str, at: datetime.datetime | None = None
) -> Edition | Moved | Gone | None:
    """The live edition at an address, or `Moved`, `Gone`, or None where nothing ever was public."""
    at = at or timezone.now()
    here = editions.in_language(language).filter(slug=slug)
    if edition := here.live(at=at).order_by("-live_from", "-pk").first():
        return edition
    was_here = here.ever_live(at=at).order_by("-live_from", "-pk").first()
    if was_here is None:
        return None
    now_at = editions.in_language(language).live(at=at).filter(story_id=was_here.story_id).first()
    return Moved(now_at) if now_at else Gone()
