"""A draft read by somebody without an account: one version, for a while, revocable."""

from __future__ import annotations

from imagine_site.publishing.parts import StoryPart


class DraftLinks(StoryPart):
    pass
