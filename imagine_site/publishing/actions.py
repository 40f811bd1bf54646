"""The verbs of publishing: publish, withdraw, keep, unschedule, move, restore.

Each runs in one transaction that first locks the story's row, so that two editors who publish at
the same moment come one after the other (SQLite takes its one write lock when the transaction
begins, PostgreSQL the row's).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from imagine_site.documents import parse, plain_text, words
from imagine_site.editing.versions import in_silence, make_version, restore_companions
from imagine_site.publishing import findings, signals
from imagine_site.publishing.models import LANGUAGES, Edition, Event, Review, Story
from imagine_site.publishing.newsroom import note_event
from imagine_site.publishing.rendering import renderings
from imagine_site.register.names import address_from

#: A change is called a revision when it comes later than this after the first edition.
REVISED_AFTER = datetime.timedelta(days=1)


def _locked(story: Story) -> Story:
    return type(story).objects.select_for_update().get(pk=story.pk)


def _key(story: Story) -> tuple[str, int]:
    return story._meta.label_lower, story.pk


def lock(stories: Iterable[Story]) -> dict[tuple[str, int], Story]:
    """Read and lock several stories, always in one order, so that nobody waits in a circle.

    By model label and key. A story that is gone meanwhile raises its `DoesNotExist`.
    """
    by_key = {_key(story): story for story in stories}
    return {key: _locked(by_key[key]) for key in sorted(by_key)}


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


#: For `until`: the withdrawal that is planned for a text already, if one is.
AS_PLANNED = object()


class NothingPublished(findings.NotPublishable):
    """Some of several texts cannot be published, so none was; `blocking` says which and why."""

    def __init__(self, blocking: list[tuple[Story, str, list[findings.Finding]]]):
        self.blocking = blocking
        super().__init__([finding for _story, _language, found in blocking for finding in found])


def publish(
    story: Story,
    *,
    language: str,
    by: AbstractBaseUser | None,
    at: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
    note: str = "",
) -> Edition:
    """Cut an edition of the story as saved, live from `at` (now unless a later moment is given),
    and withdrawn at `until`, if that is given.

    The edition that is live until then ends at that moment; one that was scheduled and not yet
    live is cancelled: the newest decision holds. Nobody waits for its review any longer.

    Raises `NotPublishable` with the findings that block, and `ValueError` for an unknown language
    or an end that comes before the beginning; nothing is written then.
    """
    (edition,) = publish_together([(story, language)], by=by, at=at, until=until, note=note)
    return edition


@transaction.atomic
def publish_together(
    texts: Sequence[tuple[Story, str]],
    *,
    by: AbstractBaseUser | None,
    at: datetime.datetime | None = None,
    until: datetime.datetime | object | None = None,
    note: str = "",
    **data,
) -> list[Edition]:
    """`publish` for several languages or stories: all of them at the same moment, or none.

    `until` may be `AS_PLANNED`. `data` is kept in the journal beside what the checks warned of.
    Raises `NothingPublished`.
    """
    for _story, language in texts:
        _known_language(language)
    now = timezone.now()
    at = max(at, now) if at else now
    if isinstance(until, datetime.datetime) and until <= at:
        raise ValueError("a text cannot be withdrawn before it is published")
    stories = lock([story for story, _language in texts])
    locked = [(stories[_key(story)], language) for story, language in texts]
    ends = {
        (story, language): planned_end(story, language, at=now) if until is AS_PLANNED else until
        for story, language in locked
    }
    found = [
        (
            story,
            language,
            [*too_late(ends[story, language], at), *findings.inspect(story, language)],
        )
        for story, language in locked
    ]
    blocking = [
        (story, language, errors)
        for story, language, all_of_it in found
        if (errors := [finding for finding in all_of_it if finding.blocks])
    ]
    if blocking:
        raise NothingPublished(blocking)
    for story in stories.values():
        _get_ready(story, [language for each, language in locked if each is story], by)
    return [
        _publish(
            story,
            language,
            by=by,
            now=now,
            at=at,
            until=ends[story, language],
            note=note,
            data=data | _warnings(all_of_it),
        )
        for story, language, all_of_it in found
    ]


def planned_end(
    story: Story, language: str, *, at: datetime.datetime | None = None
) -> datetime.datetime | None:
    """When a text is to be withdrawn, as planned."""
    editions = story.editions.in_language(language).defer("html", "text", "body")
    last = last_to_come(editions, at=at or timezone.now())
    return last.live_until if last else None


def too_late(until: datetime.datetime | None, at: datetime.datetime) -> Iterator[findings.Finding]:
    """A text cannot go live once it is to be withdrawn."""
    if until and until <= at:
        local = date_format(timezone.localtime(until), "DATETIME_FORMAT")
        yield findings.Finding(
            _("It is to be withdrawn on %(moment)s, before that moment.") % {"moment": local}
        )


def _warnings(found: Sequence[findings.Finding]) -> dict[str, list[str]]:
    messages = [str(finding.message) for finding in found if not finding.blocks]
    return {"warnings": messages} if messages else {}


def _get_ready(story: Story, languages: Sequence[str], by: AbstractBaseUser | None) -> None:
    """Addresses, and a version of the working copy, before editions of it are cut."""
    before = [story.text("slug", language) for language in languages]
    if before != [give_address(story, language) for language in languages]:
        with in_silence(story):
            story.save(update_fields=[f"slug_{language}" for language in languages])
    # What autosave brought is theirs who wrote it, also where a colleague publishes it.
    make_version(story, by=story.edited_by or by)


def _publish(
    story: Story,
    language: str,
    *,
    by: AbstractBaseUser | None,
    now: datetime.datetime,
    at: datetime.datetime,
    until: datetime.datetime | None,
    note: str,
    data: dict,
) -> Edition:
    edition = cut(story, language=language, by=by, at=at)
    if until:
        edition.live_until = until
        edition.save(update_fields=["live_until"])
        data = data | {"live_until": until.isoformat()}
    Review.objects.of(story).open().update(closed_at=now)
    _tell(
        story,
        Event.Kind.SCHEDULED if at > now else Event.Kind.PUBLISHED,
        edition,
        by=by,
        now=now,
        note=note,
        data=data,
    )
    return edition


def _tell(story: Story, kind: str, edition: Edition, *, by, now, note: str, data: dict) -> None:
    """The journal, the search, and after the commit everybody else."""
    note_event(
        story,
        kind,
        by=by,
        language=edition.language,
        at=now,
        note=note,
        edition_number=edition.number,
        live_from=edition.live_from.isoformat(),
        **data,
    )
    about = {"sender": type(story), "story": story, "language": edition.language}
    signals.editions_changed.send(**about)
    transaction.on_commit(partial(signals.published.send, **about, edition=edition))


def cut(
    story: Story, *, language: str, by: AbstractBaseUser | None, at: datetime.datetime
) -> Edition:
    """The edition that publishing makes of the story as it stands, and the end of the one before.

    No more than that: nothing is checked, kept as a version, noted or announced. For `publish`, and
    for showing what it would give, within the transaction of whoever asks.
    """
    editions = story.editions.in_language(language)
    first = editions.ever_live(at=at).order_by("live_from", "pk").first()
    last_number = editions.order_by("-number").values_list("number", flat=True).first() or 0
    _cancel(editions, now=timezone.now())
    _end(editions, at=at)

    body = story.text("body", language)
    document = parse(body)
    text = plain_text(document)
    rendered = renderings(body, language)
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
        slug=story.text("slug", language),
        body=body,
        html=rendered.html,
        html_later=rendered.later,
        text=text,
        words=len(words(text)),
        **story.snapshot(language),
    )
    edition.save(force_insert=True)
    for name, records in story.relations(language).items():
        getattr(edition, name).add(*records)
    return edition


def _cancel(editions, *, now: datetime.datetime) -> list[Edition]:
    """Cancel all that is scheduled, earliest first; what is live goes on, until the withdrawal that
    was planned, if one was."""
    scheduled = list(editions.scheduled(at=now).order_by("live_from", "pk"))
    if not scheduled:
        return []
    planned, starts = scheduled[-1].live_until, {edition.live_from for edition in scheduled}
    for edition in scheduled:
        edition.live_until = edition.live_from
        edition.save(update_fields=["live_until"])
    live = editions.live(at=now).first()
    if live and live.live_until in starts:
        live.live_until = planned
        live.save(update_fields=["live_until"])
    return scheduled


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
    scheduled = _cancel(story.editions.in_language(language), now=now)
    if scheduled:
        note_event(
            story,
            Event.Kind.UNSCHEDULED,
            by=by,
            language=language,
            at=now,
            live_from=scheduled[0].live_from.isoformat(),
        )
        signals.editions_changed.send(sender=type(story), story=story, language=language)
        transaction.on_commit(
            partial(signals.withdrawn.send, sender=type(story), story=story, language=language)
        )
    return len(scheduled)


@transaction.atomic
def keep(story: Story, *, language: str, by: AbstractBaseUser | None) -> bool:
    """Cancel a withdrawal that is planned; returns whether there was one."""
    _known_language(language)
    story = _locked(story)
    now = timezone.now()
    editions = list(story.editions.in_language(language))
    last = last_to_come(editions, at=now)
    if last is None or last.live_until is None:
        return False
    until, last.live_until = last.live_until, None
    last.save(update_fields=["live_until"])
    note_event(
        story,
        Event.Kind.UNSCHEDULED,
        by=by,
        language=language,
        at=now,
        edition_number=last.number,
        live_until=until.isoformat(),
    )
    signals.editions_changed.send(sender=type(story), story=story, language=language)
    return True


def last_to_come(editions: Iterable[Edition], *, at: datetime.datetime) -> Edition | None:
    """Of one language's editions, the one after which nothing is planned: its end, if it has one,
    is the withdrawal that is planned."""
    return max(
        (each for each in editions if each.is_live(at=at) or each.is_scheduled(at=at)),
        key=lambda edition: edition.live_from,
        default=None,
    )


@transaction.atomic
def move(
    edition: Edition, *, by: AbstractBaseUser | None, at: datetime.datetime | None = None, **data
) -> Edition:
    """Let a scheduled edition go live at another moment (now unless given), with the same words.

    Editions never change, so that another one is cut from it; the working copy, which may have gone
    on, has no part in this. A day that was the day of going live moves along.
    """
    story = _locked(edition.story)
    now = timezone.now()
    at = max(at, now) if at else now
    editions = story.editions.in_language(edition.language)
    before = editions.get(pk=edition.pk)
    if not before.is_scheduled(at=now):
        raise ValueError("only what is scheduled can be moved")
    if before.live_until and before.live_until <= at:
        raise ValueError("a text cannot be withdrawn before it is published")
    values = {
        field.attname: getattr(before, field.attname)
        for field in before._meta.concrete_fields
        if not field.primary_key
    }
    was, will = timezone.localdate(before.live_from), timezone.localdate(at)
    for field in before._meta.concrete_fields:
        if field.get_internal_type() == "DateField" and values[field.attname] == was:
            values[field.attname] = will
    relations = {
        field.name: list(getattr(before, field.name).all()) for field in before._meta.many_to_many
    }
    _cancel(editions, now=now)
    _end(editions, at=at)
    twin = type(before)(
        **values
        | {
            "number": editions.order_by("-number").values_list("number", flat=True)[0] + 1,
            "live_from": at,
            "revised_at": at if before.revised_at else None,
            "published_by_id": by.pk if by else None,
        }
    )
    twin.save(force_insert=True)
    for name, records in relations.items():
        getattr(twin, name).set(records)
    kind = Event.Kind.SCHEDULED if at > now else Event.Kind.PUBLISHED
    _tell(story, kind, twin, by=by, now=now, note="", data=data)
    return twin


@transaction.atomic
def restore(edition: Edition, *, by: AbstractBaseUser | None) -> Story:
    """Bring an edition's texts back into the working copy; what is public does not change.

    The working copy as it was stays in the story's history. What stands beside the texts comes back
    as the story had it when the edition was cut, in both languages: a guest is one guest.
    """
    story = _locked(edition.story)
    make_version(story, by=story.edited_by or by)
    for field in ("title", "summary", "body"):
        setattr(story, f"{field}_{edition.language}", getattr(edition, field))
    story.restore_snapshot(edition)
    story.edited_by = by
    with in_silence(story):
        story.save()
    cut_from = story.history.filter(version=edition.story_version).exclude(companions={}).first()
    if cut_from:
        restore_companions(story, cut_from.companions)
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
        rendered = renderings(edition.body, edition.language, as_of=edition.published_at)
        now = {
            "html": rendered.html,
            "html_later": rendered.later,
            "text": plain_text(parse(edition.body)),
        }
        if any(getattr(edition, name) != value for name, value in now.items()):
            for name, value in now.items():
                setattr(edition, name, value)
            edition.save(update_fields=list(now))
            changed += 1
    return changed
