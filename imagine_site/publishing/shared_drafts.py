"""A draft that somebody without an account can read: one version, one language, for a while.

The address is signed, so that none can be guessed and none is looked up that we did not make; its
row can be revoked, expires, and says how often it was opened. What it shows is put in from the
row of the history that it names, and published in rehearsal like any preview.
"""

from __future__ import annotations

import datetime

from csp.constants import NONE
from django.contrib.auth.models import AbstractBaseUser
from django.core.signing import BadSignature, Signer
from django.db import DatabaseError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from imagine_site.components.head import Head, current_language, other_language
from imagine_site.editing.versions import make_version, newest_version, restore_companions
from imagine_site.publishing.models import LANGUAGES, DraftLink, Event, Story
from imagine_site.publishing.newsroom import LINK_DAYS, note_event
from imagine_site.publishing.rehearsal import Draft, NotShowable, put_aside_and_save, rehearse

#: How many days a draft can be shared for.
MOST_DAYS = 30
_signer = Signer(salt="imagine_site.publishing.shared_drafts", sep=".")


def token_of(link: DraftLink) -> str:
    """The part of the address that opens it."""
    return _signer.sign(link.key)


class NothingToShare(Exception):
    """Not a word is written in that language."""


@transaction.atomic
def share(
    story: Story,
    *,
    language: str,
    by: AbstractBaseUser | None,
    label: str = "",
    days: int = LINK_DAYS,
) -> DraftLink:
    """Open one language of a story, as it is saved now, to whoever has the address.

    A version is made of what is saved, and the link shows that version whatever comes later.
    Raises `NothingToShare`, and `ValueError` for an unknown language or a number of days that is
    not from 1 to `MOST_DAYS`.
    """
    if language not in LANGUAGES or not 1 <= days <= MOST_DAYS:
        raise ValueError(f"{language!r}, {days!r} days")
    story = type(story)._base_manager.select_for_update().get(pk=story.pk)
    if not story.is_written(language):
        raise NothingToShare
    make_version(story, by=story.edited_by or by)
    version = newest_version(story)
    now = timezone.now()
    link = DraftLink.objects.create(
        story=story,
        language=language,
        history_id=version.history_id,
        story_version=version.version,
        label=label,
        made_by=by,
        made_at=now,
        expires_at=now + datetime.timedelta(days=days),
    )
    note_event(
        story,
        Event.Kind.LINK_MADE,
        by=by,
        language=language,
        note=label,
        at=now,
        link=link.pk,
        expires_at=link.expires_at.isoformat(),
    )
    return link


@transaction.atomic
def revoke(link: DraftLink, *, by: AbstractBaseUser | None) -> bool:
    """Close an address for good; returns whether it was open until now."""
    now = timezone.now()
    open_until_now = DraftLink.objects.filter(pk=link.pk, revoked_at=None, expires_at__gt=now)
    if not open_until_now.update(revoked_at=now):
        return False
    link.revoked_at = now
    note_event(
        link.story,
        Event.Kind.LINK_REVOKED,
        by=by,
        language=link.language,
        note=link.label,
        at=now,
        link=link.pk,
    )
    return True


def as_in(story: Story, version) -> Story:
    """The story as a row of its history says, saved; within a transaction that is taken back."""
    for column in story._meta.concrete_fields:
        if column.primary_key or not hasattr(version, column.attname):
            continue
        value = getattr(version, column.attname)
        if column.is_relation and value is not None:
            there = column.related_model._base_manager.filter(pk=value)
            value = value if there.exists() else None
        setattr(story, column.attname, value)
    put_aside_and_save(story)
    restore_companions(story, version.companions or {})
    return story


#: Browsers that fetch ahead of a click say so; nobody has read anything yet.
_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def _is_a_reader(request: HttpRequest) -> bool:
    ahead = ("prefetch", "preview", "prerender")
    return request.method == "GET" and not any(
        word in request.headers.get(name, "").lower() for name in _AHEAD for word in ahead
    )


@csrf_exempt  # so that whatever is no GET is answered 405; there is nothing to forge
@require_safe
def shared_draft(request: HttpRequest, token: str) -> HttpResponse:
    """The draft, for whoever has its address; a polite page where it leads nowhere any more."""
    try:
        key = _signer.unsign(token)
    except BadSignature:
        return _closed(request, status=404)
    link = DraftLink.objects.filter(key=key).first()
    if link is None or not link.opens():
        return _closed(request, status=410)
    story = link.story
    version = story and story.history.filter(history_id=link.history_id).first()
    if version is None:
        return _closed(request, status=410)
    try:
        shown = rehearse(
            lambda: as_in(story, version),
            language=link.language,
            asked=request,
            draft=lambda _found: Draft(until=link.expires_at),
        )
    except (DatabaseError, NotShowable):
        return _closed(request, status=410)
    if _is_a_reader(request):
        now = timezone.now()
        DraftLink.objects.filter(pk=link.pk).update(
            opened=F("opened") + 1,
            first_opened_at=Coalesce("first_opened_at", now),
            last_opened_at=now,
        )
    return _to_nobody_else(HttpResponse(shown.html), language=link.language)


def _closed(request: HttpRequest, *, status: int) -> HttpResponse:
    """Says that nothing can be read here, in both languages, and nothing of what it was."""
    here = current_language()
    head = Head(title=_("This draft cannot be read here"), indexed=False)
    context = {"head": head, "texts": [here, other_language(here)]}
    answer = render(request, "publishing/draft/closed.html", context, status=status)
    return _to_nobody_else(answer, language=here)


def _to_nobody_else(answer: HttpResponse, *, language: str) -> HttpResponse:
    """Kept by no cache, listed by no search engine, told to no other site."""
    answer["Content-Language"] = language
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "no-referrer"
    answer._csp_replace = {"script-src": [NONE], "connect-src": [NONE]}
    return answer
