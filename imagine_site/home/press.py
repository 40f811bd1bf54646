"""What the press room shows below its text: releases with their press kits, and visits."""

from typing import Any

from news.models import Kind
from news.views import live_in

#: Releases and visits shown; the rest is one link away.
RELEASES, VISITS = 8, 4


def press_room(language: str) -> dict[str, Any]:
    """Two queries."""
    live = live_in(language).newest_first().for_cards()
    return {
        "releases": live.filter(kind=Kind.PRESS)[:RELEASES],
        "visits": live.filter(kind=Kind.VISIT)[:VISITS],
    }
