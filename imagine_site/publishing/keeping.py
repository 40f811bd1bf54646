"""No keystroke is lost: autosave into the working copy, a copy in the browser, who else is here."""

from __future__ import annotations

from imagine_site.publishing.parts import StoryPart


class Keeping(StoryPart):
    pass
