"""What colleagues do around a story, before and after it is public. None of it is ever public.

Stories are of several kinds, so that these rows name theirs by content type. They go with their
story when it is deleted, except the journal of events, which says who published what for good.
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Sequence

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: How long a shared draft can be opened, unless said otherwise.
LINK_DAYS = 7


class OfStoryQuerySet(models.QuerySet):
    def of(self, story: models.Model) -> OfStoryQuerySet:
        kind = ContentType.objects.get_for_model(story, for_concrete_model=True)
        return self.filter(story_type=kind, story_id=story.pk)

    def of_all(self, stories: Sequence[models.Model]) -> OfStoryQuerySet:
        """Of any of these stories, which are of one kind."""
        kind = ContentType.objects.get_for_model(stories[0], for_concrete_model=True)
        return self.filter(story_type=kind, story_id__in=[story.pk for story in stories])


class OfStory(models.Model):
    """A row about one story of whatever kind."""

    story_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    story_id = models.PositiveBigIntegerField()
    story = GenericForeignKey("story_type", "story_id")

    objects = OfStoryQuerySet.as_manager()

    class Meta:
        abstract = True


def _person(verbose_name, **more) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=verbose_name,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        **more,
    )


class EventQuerySet(OfStoryQuerySet):
    def update(self, **values):
        """Refused, but for the account that a deletion takes out."""
        if set(values) != {"by"}:
            raise JournalIsAppendOnly(", ".join(sorted(values)))
        return super().update(**values)


class JournalIsAppendOnly(TypeError):
    """Somebody tried to change what was noted; note something new instead."""


class Event(OfStory):
    """One line of the journal: who did what to a story, and when. Written once, never changed."""

    class Kind(models.TextChoices):
        PUBLISHED = "published", _("published")
        SCHEDULED = "scheduled", _("scheduled")
        UNSCHEDULED = "unscheduled", _("schedule cancelled")
        WITHDRAWN = "withdrawn", _("withdrawn")
        WITHDRAWAL_SCHEDULED = "withdrawal-scheduled", _("withdrawal scheduled")
        RESTORED = "restored", _("version restored")
        REVIEW_REQUESTED = "review-requested", _("sent for review")
        REVIEW_CANCELLED = "review-cancelled", _("taken back from review")
        CHANGES_REQUESTED = "changes-requested", _("changes requested")
        APPROVED = "approved", _("approved")
        LINK_MADE = "link-made", _("draft shared")
        LINK_REVOKED = "link-revoked", _("shared draft revoked")
        RELEASE_JOINED = "release-joined", _("put into a release")
        RELEASE_LEFT = "release-left", _("taken out of a release")

    kind = models.CharField(_("what"), max_length=30, choices=Kind)
    language = models.CharField(_("language"), max_length=5, blank=True, choices=settings.LANGUAGES)
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    by = _person(_("who"))
    #: What the account and the story were called, for the day on which they are gone.
    by_name = models.CharField(_("who"), max_length=150, blank=True)
    story_title = models.CharField(_("text"), max_length=250, blank=True)
    note = models.TextField(_("note"), blank=True)
    edition_number = models.PositiveIntegerField(_("published version"), null=True, blank=True)
    story_version = models.PositiveIntegerField(default=0)
    #: What else is worth keeping, as JSON: `{"live_from": …}`, `{"warnings": […]}`.
    data = models.JSONField(default=dict, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["story_type", "story_id", "-at"], name="event_of_story"),
            models.Index(fields=["-at", "-id"], name="event_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.story_title}: {self.get_kind_display()}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise JournalIsAppendOnly(str(self))
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise JournalIsAppendOnly(str(self))


def event(
    story: models.Model,
    kind: str,
    *,
    by,
    language: str = "",
    note: str = "",
    at: datetime.datetime | None = None,
    edition_number: int | None = None,
    **data,
) -> Event:
    """A line of the journal that is still to be written, with `note_events`."""
    return Event(
        story=story,
        kind=kind,
        language=language,
        at=at or timezone.now(),
        by=by,
        by_name=(by.get_full_name() or by.get_username()) if by else "",
        story_title=str(story)[:250],
        note=note,
        edition_number=edition_number,
        story_version=story.version,
        data=data,
    )


def note_event(story: models.Model, kind: str, *, by, **told) -> Event:
    """Write a line of the journal (see `event`), within the transaction of what it tells."""
    (noted,) = note_events([event(story, kind, by=by, **told)])
    return noted


def note_events(events: list[Event]) -> list[Event]:
    """Write several lines of the journal, in their order."""
    return Event.objects.bulk_create(events)


class ReviewQuerySet(OfStoryQuerySet):
    def open(self) -> ReviewQuerySet:
        """Those that somebody still waits for; the same rule as `Review.is_open`."""
        return self.filter(closed_at=None)


class Review(OfStory):
    """A story sent to a colleague with the right to publish. One is open for a story at most.

    Waiting → changes requested → waiting again … → approved; closed when it is published, taken
    back or superseded.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("in review")
        CHANGES = "changes", _("changes requested")
        APPROVED = "approved", _("approved")

    state = models.CharField(_("state"), max_length=20, choices=State, default=State.WAITING)
    #: The version of the working copy it was sent with, and the one that was judged.
    story_version = models.PositiveIntegerField(default=0)
    judged_version = models.PositiveIntegerField(null=True, blank=True)
    requested_by = _person(_("sent by"))
    requested_at = models.DateTimeField(_("sent"), default=timezone.now)
    note = models.TextField(_("note"), blank=True)
    #: Whom it is meant for; empty: whoever may publish.
    reviewer = _person(_("for"))
    judged_by = _person(_("judged by"))
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)
    judgement = models.TextField(_("answer"), blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["story_type", "story_id"],
                condition=Q(closed_at=None),
                name="one_open_review_per_story",
            )
        ]

    def __str__(self) -> str:
        return f"{self.story}: {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class CommentQuerySet(OfStoryQuerySet):
    def open(self) -> CommentQuerySet:
        return self.filter(parent=None, resolved_at=None)


class Comment(OfStory):
    """A colleague's remark on a passage, kept beside the text and never in it.

    The passage is found again by its words and those around it (W3C Web Annotation Data Model,
    TextQuoteSelector), so that the text may change before and after it.
    """

    language = models.CharField(max_length=5, blank=True, choices=settings.LANGUAGES)
    #: The form's field, such as `body_en`; empty: the story as a whole.
    field = models.CharField(max_length=60, blank=True)
    quote = models.TextField(blank=True)
    prefix = models.CharField(max_length=200, blank=True)
    suffix = models.CharField(max_length=200, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies"
    )
    text = models.TextField(_("comment"))
    by = _person(_("by"))
    at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = _person(_("resolved by"))

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["story_type", "story_id", "at"], name="comment_of_story")]

    def __str__(self) -> str:
        return self.text[:80]


def _in_a_week() -> datetime.datetime:
    return timezone.now() + datetime.timedelta(days=LINK_DAYS)


def _new_key() -> str:
    return secrets.token_urlsafe(16)


class DraftLink(OfStory):
    """A signed address at which one version of one language can be read without an account."""

    #: Within the signed token, so that a token never outlives its row.
    key = models.CharField(max_length=40, unique=True, default=_new_key, editable=False)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    #: The row of the story's history that is shown, and its version.
    history_id = models.PositiveBigIntegerField()
    story_version = models.PositiveIntegerField(default=0)
    label = models.CharField(_("for whom"), max_length=150, blank=True)
    made_by = _person(_("made by"))
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(_("until"), default=_in_a_week)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    opened = models.PositiveIntegerField(_("times opened"), default=0)
    first_opened_at = models.DateTimeField(null=True, blank=True)
    last_opened_at = models.DateTimeField(_("last opened"), null=True, blank=True)

    class Meta:
        verbose_name = _("shared draft")
        verbose_name_plural = _("shared drafts")
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["story_type", "story_id"], name="link_of_story")]

    def __str__(self) -> str:
        return self.label or str(self.made_at)

    def opens(self, *, at: datetime.datetime | None = None) -> bool:
        """Whether the address still leads to the draft."""
        return self.revoked_at is None and (at or timezone.now()) < self.expires_at


class Release(models.Model):
    """Several stories that go live together, at one moment."""

    name = models.CharField(_("name"), max_length=150)
    #: Empty: not decided yet, nothing is scheduled.
    at = models.DateTimeField(_("moment"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    made_by = _person(_("made by"), editable=False)
    made_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.name


class ReleaseItem(OfStory):
    """One language of one story in a release; its edition is cut when the moment is set."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="items")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    #: The scheduled edition's number, once it is cut.
    edition_number = models.PositiveIntegerField(null=True, blank=True)
    added_by = _person(_("added by"))

    class Meta:
        verbose_name = _("text of a release")
        verbose_name_plural = _("texts of a release")
        constraints = [
            models.UniqueConstraint(
                fields=["release", "story_type", "story_id", "language"],
                name="a_text_is_once_in_a_release",
            )
        ]

    def __str__(self) -> str:
        return f"{self.story} ({self.language})"
