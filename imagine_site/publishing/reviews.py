"""Sent for review, changes asked for, approved: the way of a story between colleagues."""

from __future__ import annotations

from imagine_site.publishing.parts import StoryPart


class Reviews(StoryPart):
    pass
