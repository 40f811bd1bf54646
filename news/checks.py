"""What a piece of news must have before visitors read it, beyond what every story must."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from imagine_site.publishing.checks import about_picture
from imagine_site.publishing.findings import Finding
from imagine_site.publishing.models import Story
from news.models import Kind, Post


def news(story: Story, language: str) -> Iterator[Finding]:
    if not isinstance(story, Post):
        return
    if story.lead_image:
        yield from about_picture(story.lead_image, language, "lead_image")
    if story.kind == Kind.VISIT and getattr(story, "visit", None) is None:
        yield Finding(_("A visit needs its day: fill in “Visit” below."), "visit", blocks=False)
