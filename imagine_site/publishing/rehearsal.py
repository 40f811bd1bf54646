"""Publishing that is taken back: the page that it would give, and no trace of it.

A preview made by code of its own sooner or later says something else than the page. So the story is
put in as it would be, its edition is cut by the verb that publishing uses, the public view is asked
for the page, and then the transaction is rolled back. Nothing is announced, noted, indexed, drawn
or kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import UniqueConstraint
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from imagine_site.components import cards
from imagine_site.editing.versions import in_silence
from imagine_site.publishing import findings
from imagine_site.publishing.actions import cut
from imagine_site.publishing.findings import Finding
from imagine_site.publishing.models import Edition, Story
from imagine_site.register.names import address_from

#: A page without any script is whole; what a draft gives away it gives to nobody's script.
_SCRIPT = re.compile(r"<script\b[^>]*>.*?</script>\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read of what was typed, and where."""

    message: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a page that is none yet says above itself; templates find it as `request.draft`.

    `framed`: beside the form, which says it all. `until`: for a reader without an account, when
    the page closes.
    """

    framed: bool = False
    until: datetime | None = None
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def shared(self) -> bool:
        return self.until is not None

    @property
    def blocking(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.blocks]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.blocks]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The page as visitors would get it, and what would have kept it from being published."""

    html: str
    findings: tuple[Finding, ...]


class NotShowable(Exception):
    """The public view gave no page."""


def rehearse(
    put_in: Callable[[], Story],
    *,
    language: str,
    asked: HttpRequest,
    draft: Callable[[tuple[Finding, ...]], Draft],
) -> Rehearsal:
    """The page that publishing would give once `put_in` has saved the story; nothing remains.

    `draft` is told the findings, so that the page can name them. Findings speak the language in
    force, the page speaks `language`.
    """
    with transaction.atomic(), cards.none_drawn():
        story = put_in()
        found = tuple(findings.inspect(story, language))
        with translation.override(language):
            fill_gaps(story, language)
            setattr(story, f"slug_{language}", free_address(story, language))
            edition = cut(story, language=language, by=None, at=timezone.now())
            answer = _asked_of_the_public_view(edition, asked, draft(found))
        transaction.set_rollback(True)
    return Rehearsal(_SCRIPT.sub("", answer.content.decode()), found)


def put_aside_and_save(story: Story) -> None:
    """Save a story within a rehearsal, whoever else holds its address or its role.

    What is typed may clash with another story. Publishing would refuse it; the page is still worth
    seeing, so the other one steps aside until the transaction is taken back.
    """
    others = type(story)._base_manager.exclude(pk=story.pk)
    for constraint in story._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and len(constraint.fields) == 1:
            (name,) = constraint.fields
            if value := getattr(story, name):
                others.filter(**{name: value}).update(**{name: ""})
    with in_silence(story):
        story.save()


def fill_gaps(story: Story, language: str) -> None:
    """Say on the page itself what it still lacks, in its own language."""
    if not story.text("title", language).strip():
        setattr(story, f"title_{language}", _("The title is missing."))
    if not story.text("body", language):
        setattr(story, f"body_{language}", f"<p>{_('The text is empty.')}</p>")


def free_address(story: Story, language: str) -> str:
    """An address at which the public view finds this story and no other page."""
    title = story.text("title", language)
    wanted = story.text("slug", language) or address_from(title, at_most=130) or "story"
    editions = story.editions.model
    others = editions.objects.in_language(language).not_over().exclude(story=story.pk)
    slug, number = wanted, 1
    while others.filter(slug=slug).exists() or not _leads_to_stories(
        editions(language=language, slug=slug)
    ):
        number += 1
        slug = f"{wanted[:130]}-{number}"
    return slug


def _leads_to_stories(edition: Edition) -> bool:
    """Institutional pages stand beside other parts of the site, which come first."""
    try:
        return resolve(edition.get_absolute_url()).kwargs.get("slug") == edition.slug
    except Resolver404:
        return False


def _asked_of_the_public_view(edition: Edition, asked: HttpRequest, draft: Draft) -> HttpResponse:
    """As a visitor without a cookie would ask."""
    path = edition.get_absolute_url()
    match = resolve(path)
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = path
    host = ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT")
    request.META = {name: asked.META[name] for name in host if name in asked.META}
    request.user = AnonymousUser()
    request.resolver_match = match
    request.draft = draft
    answer = match.func(request, *match.args, **match.kwargs)
    if answer.status_code != 200:
        raise NotShowable(path)
    return answer
