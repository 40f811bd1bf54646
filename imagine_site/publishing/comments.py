"""Remarks of colleagues on passages of the text."""

from __future__ import annotations

from imagine_site.publishing.parts import StoryPart


class Comments(StoryPart):
    pass
