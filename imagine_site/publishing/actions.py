"""The verbs of publishing: publish, withdraw, unschedule, restore.

Each runs in one transaction that first locks the story's row, so that two editors who publish at
the same moment come one after the other (SQLite takes its one write lock when the transaction
begins, PostgreSQL the row's).
"""

from __future__ import annotations

import datetime
from functools import partial

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from imagine_site.documents import parse, plain_text, words
from imagine_site.editing.versions import in_silence, make_version
from imagine_site.publishing import findings, signals
from imagine_site.publishing.models import LANGUAGES, Edition, Event, Story
from imagine_site.publishing.newsroom import note_event
from imagine_site.publishing.rendering import render
from imagine_site.register.names import address_from

#: A change is called a revision when it comes later than this after the first edition.
REVISED_AFTER = datetime.timedelta(days=1)


def _locked(story: Story) -> Story:
    return type(story).objects.select_for_update().get(pk=story.pk)


def _known_language(language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}")
    return language


def give_address(story: Story, language: str) -> str:
    """Fill an empty slug from the title, with a number where another story has it; not saved."""
    field = f"slug_{language}"
    if not getattr(story, field):
        wanted = address_from(story.text("title", language), at_most=130) or "story"
        slug, number = wanted, 1
        others = type(story).objects.exclude(pk=story.pk)
        editions = story.editions.model.objects.in_language(language).exclude(story=story.pk)
        while others.filter(**{field: slug}).exists() or editions.filter(slug=slug).exists():
            number += 1
            slug = f"{wanted}-{number}"
        setattr(story, field, slug)
    return getattr(story, field)


@transaction.atomic
def publish(
    story: Story,
    *,
    language: str,
    by: AbstractBaseUser | None,
    at: datetime.datetime | None = None,
) -> Edition:
    """Cut an edition of the story as saved, live from `at` (now unless a later moment is given).

    The edition that is live until then ends at that moment; one that was scheduled and not yet
    live is cancelled: the newest decision holds.

    Raises `NotPublishable` with the findings that block, and `ValueError` for an unknown language;
    nothing is written then.
    """
    _known_language(language)
    story = _locked(story)
    now = timezone.now()
    at = max(at, now) if at else now
    blocking = [finding for finding in findings.inspect(story, language) if finding.blocks]
    if blocking:
        raise findings.NotPublishable(blocking)

    had_address = story.text("slug", language)
    slug = give_address(story, language)
    if had_address != slug:
        with in_silence(story):
            story.save(update_fields=[f"slug_{language}"])
    # What autosave brought is theirs who wrote it, also where a colleague publishes it.
    make_version(story, by=story.edited_by or by)

    editions = story.editions.in_language(language)
    first = editions.ever_live(at=at).order_by("live_from", "pk").first()
    last_number = editions.order_by("-number").values_list("number", flat=True).first() or 0
    _end(editions, at=at)

    body = story.text("body", language)
    document = parse(body)
    text = plain_text(document)
    edition = story.editions.model(
        story=story,
        language=language,
        number=last_number + 1,
        story_version=story.version,
        live_from=at,
        revised_at=at if first and at - first.live_from > REVISED_AFTER else None,
        published_by=by,
        title=story.text("title", language),
        summary=story.text("summary", language),
        slug=slug,
        body=body,
        html=render(body, language).html,
        text=text,
        words=len(words(text)),
        **story.snapshot(language),
    )
    edition.save(force_insert=True)
    for name, records in story.relations(language).items():
        getattr(edition, name).set(records)
    note_event(
        story,
        Event.Kind.SCHEDULED if at > now else Event.Kind.PUBLISHED,
        by=by,
        language=language,
        at=now,
        edition_number=edition.number,
        live_from=at.isoformat(),
    )
    signals.editions_changed.send(sender=type(story), story=story, language=language)
    transaction.on_commit(
        partial(
            signals.published.send,
            sender=type(story),
            story=story,
            language=language,
            edition=edition,
        )
    )
    return edition


def _end(editions, *, at: datetime.datetime) -> int:
    """Close every edition that would be live at `at` or later; returns how many there were."""
    still = Q(live_until__isnull=True) | Q(live_until__gt=at)
    # Latest first: cancelling what is still to come must not leave two open intervals meanwhile.
    ending = editions.filter(still).exclude(live_until=F("live_from")).order_by("-live_from", "-pk")
    for edition in ending:
        edition.live_until = max(edition.live_from, at)
        edition.save(update_fields=["live_until"])
    return len(ending)


@transaction.atomic
def withdraw(
    story: Story,
    *,
    language: str,
    by: AbstractBaseUser | None,
    at: datetime.datetime | None = None,
) -> int:
    """End what is public in a language, now or at a later moment; its address then answers 410.

    Scheduled editions are cancelled. Returns how many editions were ended.
    """
    _known_language(language)
    story = _locked(story)
    now = timezone.now()
    until = max(at, now) if at else now
    ended = _end(story.editions.in_language(language), at=until)
    if ended:
        note_event(
            story,
            Event.Kind.WITHDRAWAL_SCHEDULED if until > now else Event.Kind.WITHDRAWN,
            by=by,
            language=language,
            at=now,
            live_until=until.isoformat(),
        )
        signals.editions_changed.send(sender=type(story), story=story, language=language)
        transaction.on_commit(
            partial(signals.withdrawn.send, sender=type(story), story=story, language=language)
        )
    return ended


@transaction.atomic
def unschedule(story: Story, *, language: str, by: AbstractBaseUser | None) -> int:
    """Cancel what is scheduled; what is live now stays live. Returns how many were cancelled."""
    _known_language(language)
    story = _locked(story)
    now = timezone.now()
    editions = story.editions.in_language(language)
    scheduled = list(editions.scheduled(at=now))
    starts = {edition.live_from for edition in scheduled}
    for edition in scheduled:
        edition.live_until = edition.live_from
        edition.save(update_fields=["live_until"])
    live = editions.live(at=now).first()
    if live and live.live_until in starts:
        live.live_until = None
        live.save(update_fields=["live_until"])
    if scheduled:
        note_event(
            story,
            Event.Kind.UNSCHEDULED,
            by=by,
            language=language,
            at=now,
            live_from=min(starts).isoformat(),
        )
        signals.editions_changed.send(sender=type(story), story=story, language=language)
        transaction.on_commit(
            partial(signals.withdrawn.send, sender=type(story), story=story, language=language)
        )
    return len(scheduled)


@transaction.atomic
def restore(edition: Edition, *, by: AbstractBaseUser | None) -> Story:
    """Bring an edition's texts back into the working copy; what is public does not change.

    The working copy as it was stays in the story's history.
    """
    story = _locked(edition.story)
    for field in ("title", "summary", "body"):
        setattr(story, f"{field}_{edition.language}", getattr(edition, field))
    story.restore_snapshot(edition)
    story.edited_by = by
    with in_silence(story):
        story.save()
    make_version(story, by=by, reason=_("Restored edition %(number)s") % {"number": edition.number})
    note_event(
        story,
        Event.Kind.RESTORED,
        by=by,
        language=edition.language,
        edition_number=edition.number,
    )
    return story


def rerender(editions) -> int:
    """Make the HTML and text of editions again from their snapshots; returns how many changed."""
    changed = 0
    for edition in editions.iterator(chunk_size=200):
        html = render(edition.body, edition.language).html
        text = plain_text(parse(edition.body))
        if (html, text) != (edition.html, edition.text):
            edition.html, edition.text = html, text
            edition.save(update_fields=["html", "text"])
            changed += 1
    return changed
