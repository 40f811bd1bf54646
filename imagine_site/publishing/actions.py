"""The verbs of publishing: publish, withdraw, keep, unschedule, move, restore.

Publishing one text and publishing hundreds is the same code, which takes several at a time: what
it needs is fetched for all of them, and what it makes is written for all of them.

Each verb runs in one transaction that first locks the stories' rows, so that two editors who
publish at the same moment come one after the other (SQLite takes its one write lock when the
transaction begins, PostgreSQL the rows').
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from imagine_site.documents import parse, plain_text, words
from imagine_site.editing.versions import (
    in_silence,
    make_version,
    make_versions,
    restore_companions,
)
from imagine_site.publishing import findings, signals
from imagine_site.publishing.checks import have_all_at_hand
from imagine_site.publishing.models import LANGUAGES, Edition, Event, Review, Story
from imagine_site.publishing.newsroom import event, note_event, note_events
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
    by_model: dict[str, dict[int, type[Story]]] = defaultdict(dict)
    for story in stories:
        by_model[story._meta.label_lower][story.pk] = type(story)
    found: dict[tuple[str, int], Story] = {}
    for label, wanted in sorted(by_model.items()):
        model = next(iter(wanted.values()))
        rows = model.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
        found |= {(label, story.pk): story for story in rows}
        if gone := [pk for pk in wanted if (label, pk) not in found]:
            raise model.DoesNotExist(f"{label} {gone[0]} is gone")
    return found


def _known_language(language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}")
    return language


def give_address(story: Story, language: str) -> str:
    """Fill an empty slug from the title, with a number where another story has it; not saved."""
    give_addresses([(story, language)])
    return story.text("slug", language)


def give_addresses(texts: Sequence[tuple[Story, str]]) -> list[tuple[Story, str]]:
    """The same for several texts of one kind of story, stored or not; returns which got one."""
    given = []
    for language in LANGUAGES:
        field = f"slug_{language}"
        stories = [story for story, each in texts if each == language and not getattr(story, field)]
        wanted = {
            id(story): address_from(story.text("title", language), at_most=130) or "story"
            for story in stories
        }
        holders = _holders(stories[0], language, wanted.values()) if stories else {}
        for story in stories:
            name = slug = wanted[id(story)]
            number = 1
            while holders.get(slug, set()) - {story.pk}:
                if number % NUMBERS == 1:
                    more = [f"{name}-{number + step}" for step in range(1, NUMBERS + 1)]
                    for each, pks in _holders(story, language, more).items():
                        holders.setdefault(each, set()).update(pks)
                number += 1
                slug = f"{name}-{number}"
            # A story that is not stored yet holds its address, too.
            holders.setdefault(slug, set()).add(story.pk or -id(story))
            setattr(story, field, slug)
            given.append((story, language))
    return given


#: Numbered addresses that are looked for at once.
NUMBERS = 50


def _holders(story: Story, language: str, slugs: Collection[str]) -> dict[str, set[int]]:
    """The stories that have one of these addresses, or had it when they were published."""
    field = f"slug_{language}"
    holders: dict[str, set[int]] = defaultdict(set)
    stories = type(story).objects.filter(**{f"{field}__in": slugs}).order_by()
    editions = story.editions.model.objects.in_language(language).filter(slug__in=slugs).order_by()
    for slug, pk in [*stories.values_list(field, "pk"), *editions.values_list("slug", "story")]:
        holders[slug].add(pk)
    return holders


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
    texts, moment = _looked_at(texts, at=at, until=until)
    if blocking := [(text.story, text.language, text.errors) for text in texts if text.errors]:
        raise NothingPublished(blocking)
    return _publish(texts, moment, by=by, note=note, data=data)


@transaction.atomic
def publish_many(
    texts: Sequence[tuple[Story, str]],
    *,
    by: AbstractBaseUser | None,
    at: datetime.datetime | None = None,
    note: str = "",
) -> list[Edition | findings.NotPublishable]:
    """`publish` for hundreds of languages and stories, each on its own: what may not be published
    is answered with the `NotPublishable` that says why, and the others are published.

    The same work as for one, in a number of queries that hardly grows with the texts.
    """
    looked_at, moment = _looked_at(texts, at=at, until=None)
    editions = _publish(
        [text for text in looked_at if not text.errors], moment, by=by, note=note, data={}
    )
    cut_of = {(edition.story, edition.language): edition for edition in editions}
    return [
        findings.NotPublishable(text.errors) if text.errors else cut_of[text.story, text.language]
        for text in looked_at
    ]


@dataclass(frozen=True, slots=True)
class _Moment:
    now: datetime.datetime
    #: When it is to go live: now or later.
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class _Text:
    """One language of a story that is locked, and what the checks found."""

    story: Story
    language: str
    until: datetime.datetime | None
    found: list[findings.Finding]

    @property
    def errors(self) -> list[findings.Finding]:
        return [finding for finding in self.found if finding.blocks]

    @property
    def warnings(self) -> dict[str, list[str]]:
        messages = [str(finding.message) for finding in self.found if not finding.blocks]
        return {"warnings": messages} if messages else {}


def _looked_at(
    texts: Sequence[tuple[Story, str]],
    *,
    at: datetime.datetime | None,
    until: datetime.datetime | object | None,
) -> tuple[list[_Text], _Moment]:
    """Lock what is to be published, fetch what that needs, and check it."""
    for _story, language in texts:
        _known_language(language)
    now = timezone.now()
    moment = _Moment(now, max(at, now) if at else now)
    if isinstance(until, datetime.datetime) and until <= moment.at:
        raise ValueError("a text cannot be withdrawn before it is published")
    stories = lock([story for story, _language in texts])
    for story, _language in texts:
        stories[_key(story)].knows_from(story)
    for alike in _by_model(stories.values()):
        _fetch(alike)
    looked_at = []
    for each, language in texts:
        story = stories[_key(each)]
        end = _planned_end(story, language, at=now) if until is AS_PLANNED else until
        found = [*too_late(end, moment.at), *findings.inspect(story, language)]
        looked_at.append(_Text(story, language, end, found))
    return looked_at, moment


def _by_model(stories: Iterable[Story]) -> list[list[Story]]:
    """Each story once, in their order."""
    by_model: dict[type[Story], dict[int, Story]] = defaultdict(dict)
    for story in stories:
        by_model[type(story)][story.pk] = story
    return [list(alike.values()) for alike in by_model.values()]


def _fetch(stories: list[Story]) -> None:
    """Have at hand what checks and cut ask of these stories of one kind."""
    model = type(stories[0])
    editions: dict[int, list[Edition]] = {story.pk: [] for story in stories}
    rows = stories[0].editions.model.objects.filter(story__in=editions)
    for edition in rows.defer("body", "html", "html_later", "text"):
        editions[edition.story_id].append(edition)
    related = [name for name in model.COMPANIONS if model._meta.get_field(name).many_to_many]
    prefetch_related_objects(stories, *related)
    have_all_at_hand({story: editions[story.pk] for story in stories})


def _publish(
    texts: Sequence[_Text],
    moment: _Moment,
    *,
    by: AbstractBaseUser | None,
    note: str,
    data: dict,
) -> list[Edition]:
    """Cut the editions of texts that were looked at, and tell whoever must know."""
    if not texts:
        return []
    alike = _by_model(text.story for text in texts)
    for stories in alike:
        model = type(stories[0])
        theirs = [(text.story, text.language) for text in texts if type(text.story) is model]
        _get_ready(stories, theirs, by)
    editions = _cut([(text.story, text.language) for text in texts], by=by, moment=moment)
    kind = Event.Kind.SCHEDULED if moment.at > moment.now else Event.Kind.PUBLISHED
    told = []
    for text, edition in zip(texts, editions, strict=True):
        more = data | text.warnings
        if text.until:
            edition.live_until = text.until
            edition.save(update_fields=["live_until"])
            more |= {"live_until": text.until.isoformat()}
        told.append(_event(text.story, kind, edition, by=by, now=moment.now, note=note, data=more))
    for stories in alike:
        Review.objects.of_all(stories).open().update(closed_at=moment.now)
    note_events(told)
    _tell(editions)
    return editions


def _planned_end(story: Story, language: str, *, at: datetime.datetime) -> datetime.datetime | None:
    """When a text is to be withdrawn, as planned."""
    last = last_to_come(_in_language(story, language), at=at)
    return last.live_until if last else None


def _in_language(story: Story, language: str) -> list[Edition]:
    return [edition for edition in story.at_hand.editions if edition.language == language]


def too_late(until: datetime.datetime | None, at: datetime.datetime) -> Iterator[findings.Finding]:
    """A text cannot go live once it is to be withdrawn."""
    if until and until <= at:
        local = date_format(timezone.localtime(until), "DATETIME_FORMAT")
        yield findings.Finding(
            _("It is to be withdrawn on %(moment)s, before that moment.") % {"moment": local}
        )


def _get_ready(
    stories: Sequence[Story], texts: Sequence[tuple[Story, str]], by: AbstractBaseUser | None
) -> None:
    """Addresses, and a version of the working copy, before editions of it are cut."""
    given: dict[Story, list[str]] = defaultdict(list)
    for story, language in give_addresses(texts):
        given[story].append(f"slug_{language}")
    for story, fields in given.items():
        with in_silence(story):
            story.save(update_fields=fields)
    # What autosave brought is theirs who wrote it, also where a colleague publishes it.
    writers: dict[int | None, list[Story]] = defaultdict(list)
    for story in stories:
        writers[story.edited_by_id].append(story)
    for theirs in writers.values():
        make_versions(theirs, by=theirs[0].edited_by or by)


def _event(
    story: Story, kind: str, edition: Edition, *, by, now: datetime.datetime, note: str, data: dict
) -> Event:
    return event(
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


def _tell(editions: Sequence[Edition]) -> None:
    """The search, and after the commit everybody else."""
    for stories in _by_model(edition.story for edition in editions):
        signals.editions_changed.send(sender=type(stories[0]), stories=stories)
    for edition in editions:
        story = edition.story
        about = {"sender": type(story), "story": story, "language": edition.language}
        transaction.on_commit(partial(signals.published.send, **about, edition=edition))


def cut(
    story: Story, *, language: str, by: AbstractBaseUser | None, at: datetime.datetime
) -> Edition:
    """The edition that publishing makes of the story as it stands, and the end of the one before.

    No more than that: nothing is checked, kept as a version, noted or announced. For `publish`, and
    for showing what it would give, within the transaction of whoever asks.
    """
    _fetch([story])
    (edition,) = _cut([(story, language)], by=by, moment=_Moment(timezone.now(), at))
    return edition


def _cut(
    texts: Sequence[tuple[Story, str]], *, by: AbstractBaseUser | None, moment: _Moment
) -> list[Edition]:
    """`cut` for stories that have at hand what it needs."""
    cut_now = []
    for story, language in texts:
        before = _in_language(story, language)
        first = min(
            (each for each in before if each.was_ever_live(at=moment.at)),
            key=lambda each: (each.live_from, each.pk),
            default=None,
        )
        last_number = max((each.number for each in before), default=0)
        _cancel(before, now=moment.now)
        _end(before, at=moment.at)
        cut_now.append(_edition(story, language, by, moment.at, first, last_number + 1))
    by_model: dict[type[Edition], list[Edition]] = defaultdict(list)
    for edition in cut_now:
        by_model[type(edition)].append(edition)
    for model, editions in by_model.items():
        model.objects.bulk_create(editions)
        _relate(model, editions)
    return cut_now


def _edition(
    story: Story,
    language: str,
    by: AbstractBaseUser | None,
    at: datetime.datetime,
    first: Edition | None,
    number: int,
) -> Edition:
    document = story.document(language)
    text = plain_text(document)
    rendered = renderings(document, language, library=story.library(language))
    edition = story.editions.model(
        story=story,
        language=language,
        number=number,
        story_version=story.version,
        live_from=at,
        revised_at=at if first and at - first.live_from > REVISED_AFTER else None,
        published_by=by,
        title=story.text("title", language),
        summary=story.text("summary", language),
        slug=story.text("slug", language),
        body=story.text("body", language),
        html=rendered.html,
        html_later=rendered.later,
        text=text,
        words=len(words(text)),
        **story.snapshot(language),
    )
    edition.complete()
    return edition


def _relate(model: type[Edition], editions: Sequence[Edition]) -> None:
    """Keep what new editions point to, one statement a relation."""
    rows: dict[str, list[models.Model]] = defaultdict(list)
    for edition in editions:
        for name, records in edition.story.relations(edition.language).items():
            field = model._meta.get_field(name)
            here, there = field.m2m_field_name(), field.m2m_reverse_field_name()
            rows[name] += [
                field.remote_field.through(**{f"{here}_id": edition.pk, f"{there}_id": record.pk})
                for record in records
            ]
    for name, pairs in rows.items():
        if pairs:
            model._meta.get_field(name).remote_field.through.objects.bulk_create(pairs)


def _cancel(editions: Sequence[Edition], *, now: datetime.datetime) -> list[Edition]:
    """Cancel all that is scheduled, earliest first; what is live goes on, until the withdrawal that
    was planned, if one was."""
    in_order = sorted(editions, key=lambda each: (each.live_from, each.pk))
    scheduled = [edition for edition in in_order if edition.is_scheduled(at=now)]
    if not scheduled:
        return []
    planned, starts = scheduled[-1].live_until, {edition.live_from for edition in scheduled}
    for edition in scheduled:
        edition.live_until = edition.live_from
        edition.save(update_fields=["live_until"])
    live = next((edition for edition in reversed(in_order) if edition.is_live(at=now)), None)
    if live and live.live_until in starts:
        live.live_until = planned
        live.save(update_fields=["live_until"])
    return scheduled


def _end(editions: Sequence[Edition], *, at: datetime.datetime) -> int:
    """Close every edition that would be live at `at` or later; returns how many there were."""
    ending = [
        edition
        for edition in editions
        if (edition.live_until is None or edition.live_until > at)
        and edition.live_until != edition.live_from
    ]
    # Latest first: cancelling what is still to come must not leave two open intervals meanwhile.
    for edition in sorted(ending, key=lambda each: (each.live_from, each.pk), reverse=True):
        edition.live_until = max(edition.live_from, at)
        edition.save(update_fields=["live_until"])
    return len(ending)


def _short(editions) -> list[Edition]:
    """Without their long texts."""
    return list(editions.defer("body", "html", "html_later", "text"))


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
    ended = _end(_short(story.editions.in_language(language)), at=until)
    if ended:
        note_event(
            story,
            Event.Kind.WITHDRAWAL_SCHEDULED if until > now else Event.Kind.WITHDRAWN,
            by=by,
            language=language,
            at=now,
            live_until=until.isoformat(),
        )
        signals.editions_changed.send(sender=type(story), stories=[story])
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
    scheduled = _cancel(_short(story.editions.in_language(language)), now=now)
    if scheduled:
        note_event(
            story,
            Event.Kind.UNSCHEDULED,
            by=by,
            language=language,
            at=now,
            live_from=scheduled[0].live_from.isoformat(),
        )
        signals.editions_changed.send(sender=type(story), stories=[story])
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
    signals.editions_changed.send(sender=type(story), stories=[story])
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
    others = _short(editions)
    _cancel(others, now=now)
    _end(others, at=at)
    twin = type(before)(
        **values
        | {
            "number": max(each.number for each in others) + 1,
            "live_from": at,
            "revised_at": at if before.revised_at else None,
            "published_by_id": by.pk if by else None,
        }
    )
    twin.save(force_insert=True)
    for name, records in relations.items():
        getattr(twin, name).set(records)
    kind = Event.Kind.SCHEDULED if at > now else Event.Kind.PUBLISHED
    note_events([_event(story, kind, twin, by=by, now=now, note="", data=data)])
    _tell([twin])
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
