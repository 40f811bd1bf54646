"""What an institutional page must have before visitors read it, beyond what every story must."""

import re
from collections.abc import Iterator

from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from imagine_site.documents import parse, plain_text
from imagine_site.pages.models import Page, Role
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


#: What the text of a page leaves for the institute to say: «[à compléter : …]», “[to fill in: …]”.
_UNFILLED = re.compile(r"\[\s*(?:à compléter|a completer|to fill in|to complete)\b[^\]]*\]", re.I)


def unfilled(story: Story, language: str) -> Iterator[Finding]:
    """A page that still asks for a fact must not become public: in a legal notice least of all."""
    if not isinstance(story, Page):
        return
    fields = {
        f"title_{language}": story.text("title", language),
        f"summary_{language}": story.text("summary", language),
        f"body_{language}": plain_text(parse(story.text("body", language))),
    }
    for field, text in fields.items():
        for marker in dict.fromkeys(_UNFILLED.findall(text)):
            yield Finding(_("Still to be filled in: %(marker)s") % {"marker": marker}, field)


#: What the law asks of a legal notice and of a privacy notice, by words that name it. The words
#: are looked for in the text: their absence is worth a question, and cannot prove a fault.
_ASKED = {
    Role.LEGAL: (
        (_lazy("the telephone number (LCEN, article 1-1)"), r"\+33|\b0[1-9](?:[\s.]?\d\d){4}\b"),
        (_lazy("who directs the publication (LCEN, article 1-1)"), r"publication"),
        (_lazy("the host’s name, address and telephone number"), r"\bhost|héberg"),
    ),
    Role.PRIVACY: (
        (
            _lazy("how to reach the data protection officer (GDPR, article 13)"),
            r"\bDPO\b|\bDPD\b|@",
        ),
        (_lazy("the right to complain to the CNIL (GDPR, article 13)"), r"\bCNIL\b"),
    ),
}


def legally_asked(story: Story, language: str) -> Iterator[Finding]:
    """Say what a legal page seems to lack; only the institute knows the answers."""
    if not isinstance(story, Page) or story.role not in _ASKED:
        return
    text = plain_text(parse(story.text("body", language)))
    for what, words in _ASKED[story.role]:
        if not re.search(words, text, re.IGNORECASE):
            yield Finding(
                _("The law asks for it and the text does not seem to say it: %(what)s.")
                % {"what": what},
                f"body_{language}",
                blocks=False,
            )
