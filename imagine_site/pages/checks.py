"""What an institutional page must have before visitors read it, beyond what every story must."""

from collections.abc import Iterator

from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from imagine_site.pages.models import Page
from imagine_site.publishing.findings import Finding
from imagine_site.publishing.models import Story


def own_address(story: Story, language: str) -> Iterator[Finding]:
    """Pages stand beside the lists of the site: one called "news" could never be reached."""
    slug = story.text("slug", language) if isinstance(story, Page) else ""
    if not slug:
        return
    with translation.override(language):
        address = reverse("pages:page", args=[slug])
        try:
            answers = resolve(address).view_name
        except Resolver404:
            answers = ""
    if answers != "pages:page":
        yield Finding(
            _("The address %(address)s belongs to another part of the site.")
            % {"address": address},
            f"slug_{language}",
        )
