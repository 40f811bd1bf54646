"""The page as publishing would show it, beside the form, from what is typed."""

from __future__ import annotations

from imagine_site.publishing.parts import StoryPart


class Preview(StoryPart):
    pass
