"""The desk: what a colleague who signs in should see first, and nothing they may not.

What waits for them, what is on its way, what just became public, and what is about to go wrong.
Everything is read in a bounded number of queries, whatever the number of texts.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone

from imagine_site.images.models import Image
from imagine_site.publishing.findings import Finding, inspect
from imagine_site.publishing.models import (
    LANGUAGES,
    Edition,
    Event,
    Release,
    Review,
    Story,
    concrete_editions,
)
from imagine_site.publishing.status import Status, status

#: Rows of a section; what is more is one click away, in the lists.
SHOWN = 8
#: The newest working copies that are looked through for what is not public yet.
LOOKED_AT = 40
#: How early the desk says that a picture will have to leave the site.
RIGHTS_NOTICE = datetime.timedelta(days=30)


@dataclass(frozen=True)
class Row:
    """One text in a section, with what the section says of it."""

    story: Story
    url: str
    #: The languages it is about; empty: both.
    language: str = ""
    when: datetime.datetime | datetime.date | None = None
    who: str = ""
    note: str = ""
    state: str = ""
    label: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Moment:
    """What happens to the public site by itself, and when."""

    at: datetime.datetime
    what: str  # "publish", "withdraw" or "release"
    title: str
    url: str
    languages: tuple[str, ...] = ()
    count: int = 0


@dataclass
class Desk:
    """The sections of one person's desk."""

    may_publish: bool = False
    #: Addresses of new things this person may make, by name: `article`, `page`, `image`.
    new: dict[str, str] = field(default_factory=dict)
    waiting: list[Row] = field(default_factory=list)
    in_review: list[Row] = field(default_factory=list)
    scheduled: list[Moment] = field(default_factory=list)
    published: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    to_fix: list[Row] = field(default_factory=list)
    overdue: list[Row] = field(default_factory=list)
    mine: list[Row] = field(default_factory=list)
    #: Pictures whose rights or consent ended, or will within the notice.
    pictures: list[Image] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Nothing was ever written: the desk then says how to begin."""
        return not (self.mine or self.published or self.scheduled or self.in_review)


def change_url(story: models.Model) -> str:
    opts = story._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[story.pk])


def _may(user: AbstractBaseUser, verb: str, model: type[models.Model]) -> bool:
    return user.has_perm(f"{model._meta.app_label}.{verb}_{model._meta.model_name}")


def _sees(user: AbstractBaseUser, model: type[models.Model]) -> bool:
    return _may(user, "view", model) or _may(user, "change", model)


def _without_texts(model: type[Story]) -> models.QuerySet:
    return model.objects.defer(*(f"body_{code}" for code in LANGUAGES))


class _Reading:
    """One reading of the desk for one person, at one moment."""

    def __init__(self, user: AbstractBaseUser, at: datetime.datetime):
        self.user, self.at = user, at
        #: Each costs a query or two: only the newest unfinished texts are looked into.
        self.inspections = SHOWN
        self.editions = [
            edition
            for edition in concrete_editions()
            if _sees(user, edition._meta.get_field("story").related_model)
        ]
        self.stories = [edition._meta.get_field("story").related_model for edition in self.editions]
        self.publishes = [model for model in self.stories if _may(user, "publish", model)]
        self.types = ContentType.objects.get_for_models(*self.stories) if self.stories else {}

    def desk(self) -> Desk:
        if not self.stories:
            return Desk(new=self.new(), pictures=self.pictures())
        desk = Desk(may_publish=bool(self.publishes), new=self.new())
        self.reviews(desk)
        desk.scheduled = self.scheduled()
        desk.published = self.published()
        self.working_copies(desk)
        desk.overdue = self.overdue()
        desk.pictures = self.pictures()
        return desk

    def new(self) -> dict[str, str]:
        kinds = {model._meta.model_name: model for model in (*self.stories, Image)}
        return {
            name: reverse(f"admin:{model._meta.app_label}_{name}_add")
            for name, model in kinds.items()
            if _may(self.user, "add", model)
        }

    # -- reviews

    def reviews(self, desk: Desk) -> None:
        found = (
            Review.objects.open()
            .filter(story_type__in=self.types.values())
            .select_related("requested_by", "reviewer", "judged_by")
            .prefetch_related(
                GenericPrefetch("story", [_without_texts(model) for model in self.stories])
            )
            .order_by("requested_at", "pk")[: 10 * SHOWN]
        )
        for review in found:
            if review.story is None:
                continue
            row = self.review_row(review)
            section = desk.waiting if self.waits(review) else desk.in_review
            if len(section) < SHOWN:
                section.append(row)

    def waits(self, review: Review) -> bool:
        """Whether the next step is this person's."""
        if review.state == Review.State.WAITING:
            meant = review.reviewer_id in (None, self.user.pk)
            mine = review.requested_by_id == self.user.pk and review.reviewer_id is None
            return type(review.story) in self.publishes and meant and not mine
        if review.state == Review.State.CHANGES:
            return review.requested_by_id == self.user.pk
        return type(review.story) in self.publishes

    def review_row(self, review: Review) -> Row:
        sent = review.state == Review.State.WAITING
        return Row(
            story=review.story,
            url=change_url(review.story),
            when=review.requested_at if sent else review.judged_at,
            who=_name(review.requested_by if sent else review.judged_by),
            note=review.note if sent else review.judgement,
            state=review.state,
            label=str(review.get_state_display()),
        )

    # -- what happens by itself

    def scheduled(self) -> list[Moment]:
        moments = [*self.releases()]
        taken = {(each.at, title) for each, title in self._released}
        for model in self.editions:
            short = model.objects.only("title", "language", "live_from", "live_until", "story")
            coming = short.scheduled(at=self.at).order_by("live_from", "pk")[: 3 * SHOWN]
            moments += [
                self.moment(edition, "publish", edition.live_from)
                for edition in coming
                if (edition.live_from, edition.title) not in taken
            ]
            next_one = model.objects.filter(
                story=OuterRef("story"),
                language=OuterRef("language"),
                live_from=OuterRef("live_until"),
            ).exclude(live_until=F("live_from"))
            ending = short.not_over(at=self.at).filter(~Exists(next_one), live_until__gt=self.at)
            moments += [
                self.moment(edition, "withdraw", edition.live_until)
                for edition in ending.order_by("live_until", "pk")[:SHOWN]
            ]
        return _together(sorted(moments, key=lambda each: (each.at, each.title)))[: 2 * SHOWN]

    def moment(self, edition: Edition, what: str, at: datetime.datetime) -> Moment:
        opts = edition._meta.get_field("story").related_model._meta
        url = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[edition.story_id])
        return Moment(at, what, edition.title, url, (edition.language,))

    def releases(self) -> Iterator[Moment]:
        self._released: list[tuple[Moment, str]] = []
        found = Release.objects.filter(at__gt=self.at).prefetch_related("items__story")
        for release in found.order_by("at")[:SHOWN]:
            items = [item for item in release.items.all() if type(item.story) in self.stories]
            if not items:
                continue
            url = ""
            if _sees(self.user, Release):
                url = reverse("admin:publishing_release_change", args=[release.pk])
            moment = Moment(
                release.at,
                "release",
                release.name,
                url,
                count=len(items),
            )
            self._released += [(moment, item.story.text("title", item.language)) for item in items]
            yield moment

    # -- what just became public

    def published(self) -> list[Row]:
        # Expressions, not columns: SQLite would sort all events of a type to find the last ones.
        found = (
            Event.objects.alias(of=F("story_type_id") + 0, what=Concat("kind", Value("")))
            .filter(
                of__in=[content_type.pk for content_type in self.types.values()],
                what__in=(Event.Kind.PUBLISHED, Event.Kind.SCHEDULED),
            )
            .order_by("-at", "-pk")
            .prefetch_related(
                GenericPrefetch("story", [_without_texts(model) for model in self.stories])
            )[: 4 * SHOWN]
        )
        rows: dict[tuple, Row] = {}
        for event in found:
            since = event.data.get("live_from")
            live_from = datetime.datetime.fromisoformat(since) if since else event.at
            key = (event.story_type_id, event.story_id)
            if event.story is None or live_from > self.at:
                continue
            if before := rows.get(key):
                both = before.language and before.language != event.language
                rows[key] = replace(before, language="") if both else before
                continue
            rows[key] = Row(
                story=event.story,
                url=change_url(event.story),
                language=event.language,
                when=live_from,
                who=event.by_name,
            )
        newest = sorted(rows.values(), key=lambda row: row.when, reverse=True)
        return newest[:SHOWN]

    # -- working copies

    def working_copies(self, desk: Desk) -> None:
        """The newest: those this person saved last, what is live but changed, what blocks."""
        for model, edition in zip(self.stories, self.editions, strict=True):
            recent = model.objects.select_related("edited_by").order_by("-updated_at", "-pk")
            related = [
                field.name
                for field in model._meta.related_objects
                if field.one_to_one and not field.related_model._meta.model_name.startswith("hist")
            ]
            stories = list(recent.select_related("edited_by", *related)[:LOOKED_AT])
            of_story: dict[int, list[Edition]] = {story.pk: [] for story in stories}
            for cut in edition.objects.filter(story__in=of_story).defer("html", "text"):
                of_story[cut.story_id].append(cut)
            for story in stories:
                self.look_at(desk, story, of_story[story.pk])
        for section in (desk.mine, desk.changed):
            section.sort(key=lambda row: row.when, reverse=True)
            del section[SHOWN:]

    def look_at(self, desk: Desk, story: Story, editions: list[Edition]) -> None:
        states = {code: status(story, code, editions, at=self.at) for code in LANGUAGES}
        row = Row(story=story, url=change_url(story), when=story.updated_at)
        changed = [code for code, now in states.items() if now.state == "changed"]
        if changed:
            language = changed[0] if len(changed) == 1 else ""
            desk.changed.append(replace(row, language=language, who=_name(story.edited_by)))
        if story.edited_by_id == self.user.pk:
            best = max(states.values(), key=_weight)
            desk.mine.append(replace(row, state=best.state, label=str(best.label)))
        unfinished = any(now.state in ("draft", "changed", "scheduled") for now in states.values())
        if unfinished and self.inspections:
            self.inspections -= 1
            found = tuple(
                finding
                for code in LANGUAGES
                if story.is_written(code)
                for finding in inspect(story, code)
                if finding.blocks
            )
            if found:
                desk.to_fix.append(replace(row, findings=found))

    def overdue(self) -> list[Row]:
        today = timezone.localdate(self.at)
        rows = [
            Row(story=story, url=change_url(story), when=story.review_by)
            for model in self.stories
            for story in _without_texts(model)
            .filter(review_by__lte=today)
            .order_by("review_by", "pk")[:SHOWN]
        ]
        return sorted(rows, key=lambda row: row.when)[:SHOWN]

    def pictures(self) -> list[Image]:
        if not _sees(self.user, Image):
            return []
        soon = timezone.localdate(self.at) + RIGHTS_NOTICE
        ending = Image.objects.filter(Q(rights_until__lte=soon) | Q(consent_until__lte=soon))
        return list(ending.order_by("rights_until", "consent_until", "pk")[:SHOWN])


def _name(user: AbstractBaseUser | None) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""


def _weight(now: Status) -> int:
    order = ("none", "withdrawn", "live", "draft", "scheduled", "changed")
    return order.index(now.state)


def _together(moments: list[Moment]) -> list[Moment]:
    """One line for both languages of a text that come at one moment."""
    found: dict[tuple, Moment] = {}
    for each in moments:
        key = (each.at, each.what, each.url)
        if before := found.get(key):
            found[key] = Moment(
                each.at, each.what, before.title, each.url, (*before.languages, *each.languages)
            )
        else:
            found[key] = each
    return list(found.values())


def desk_of(user: AbstractBaseUser, *, at: datetime.datetime | None = None) -> Desk:
    """What lies on somebody's desk at a moment (now unless said)."""
    return _Reading(user, at or timezone.now()).desk()
