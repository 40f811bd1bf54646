"""Story (the working copy) and Edition (what the public reads); made concrete upstairs."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from imagine_site.documents import Document, parse, references
from imagine_site.editing.fields import DocumentField, bilingual
from imagine_site.editing.models import Versioned
from imagine_site.publishing.newsroom import (
    Comment,
    DraftLink,
    Event,
    Release,
    ReleaseItem,
    Review,
)
from imagine_site.publishing.rendering import Library

__all__ = [
    "LANGUAGES",
    "Comment",
    "DraftLink",
    "Edition",
    "EditionIsImmutable",
    "EditionQuerySet",
    "Event",
    "Release",
    "ReleaseItem",
    "Review",
    "Story",
    "concrete_editions",
]

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


@dataclass(frozen=True, slots=True)
class AtHand:
    """What the checks and the cut of a story need, fetched before for all its languages."""

    library: Library
    #: The story's own, without their long texts, in no order.
    editions: list[Edition]
    #: Others that stand, or are going to, where this story would, by language and address.
    addresses: dict[tuple[str, str], list[Edition]]


class Story(Versioned):
    """A text in both languages as colleagues work on it. No public view ever reads this table."""

    #: The reverse accessor of the concrete edition's `story`.
    editions: models.Manager
    #: What was fetched for several checks, or several stories, at once.
    at_hand: AtHand | None = None

    title = bilingual(models.CharField(_("title"), max_length=250, blank=True), fallback=False)
    summary = bilingual(
        models.TextField(
            _("summary"),
            blank=True,
            help_text=_("Two or three sentences: shown under the title, in lists and in searches."),
        ),
        fallback=False,
    )
    body = bilingual(DocumentField(_("text"), blank=True), fallback=False)
    slug = bilingual(
        models.SlugField(
            _("address"),
            max_length=140,
            blank=True,
            help_text=_("Empty: from the title. Changing it later leaves a redirect."),
        ),
        fallback=False,
    )
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("last saved by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    review_by = models.DateField(
        _("review by"),
        null=True,
        blank=True,
        help_text=_("When somebody should check that it still holds. Only colleagues see it."),
    )

    reviews = GenericRelation(Review, "story_id", "story_type")
    comments = GenericRelation(Comment, "story_id", "story_type")
    draft_links = GenericRelation(DraftLink, "story_id", "story_type")
    release_items = GenericRelation(ReleaseItem, "story_id", "story_type")

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["-updated_at"]), models.Index(fields=["review_by"])]
        constraints = [
            models.UniqueConstraint(
                fields=["slug_en"],
                condition=~Q(slug_en=""),
                name="one_%(class)s_per_english_address",
                violation_error_message=_("Another text has this English address already."),
            ),
            models.UniqueConstraint(
                fields=["slug_fr"],
                condition=~Q(slug_fr=""),
                name="one_%(class)s_per_french_address",
                violation_error_message=_("Another text has this French address already."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.title_en or self.title_fr or str(_("Untitled"))

    def text(self, field: str, language: str) -> str:
        """`story.text("title", "fr")`: one bilingual field in one language, without fallback."""
        return getattr(self, f"{field}_{language}")

    def document(self, language: str) -> Document:
        """The text of a language, read: once, however many ask."""
        body = self.text("body", language)
        known, document = self.__dict__.get(f"_document_{language}", (None, None))
        if document is None or known != body:
            document = parse(body)
            self.__dict__[f"_document_{language}"] = (body, document)
        return document

    def has_read(self, language: str, document: Document) -> None:
        """Whoever has read the text as it stands says so, and spares `document` the reading."""
        self.__dict__[f"_document_{language}"] = (self.text("body", language), document)

    def knows_from(self, other: Story) -> None:
        """What another instance of the same story has read is known to this one, as long as they
        say the same."""
        for language in LANGUAGES:
            name = f"_document_{language}"
            if name in other.__dict__:
                self.__dict__.setdefault(name, other.__dict__[name])

    def library(self, language: str) -> Library:
        """What the text of a language refers to: fetched with that of other stories, if it was
        (`publishing.checks.have_all_at_hand`)."""
        if self.at_hand:
            return self.at_hand.library
        return Library([references(self.document(language))])

    def is_written(self, language: str) -> bool:
        """Whether anything at all stands in a language."""
        return any(self.text(field, language).strip() for field in ("title", "summary", "body"))

    def snapshot(self, language: str) -> dict[str, Any]:
        """What the concrete edition keeps beside the texts: kind, date, lead image…"""
        return {}

    def relations(self, language: str) -> dict[str, list[models.Model]]:
        """What the concrete edition points to: `{"laboratories": [...], …}`."""
        return {}

    def differs_from(self, edition: Edition) -> bool:
        """Whether publishing this language now would change what the edition says."""
        texts = any(
            self.text(field, edition.language) != getattr(edition, field)
            for field in ("title", "summary", "body", "slug")
        )
        return texts or any(
            edition.says_otherwise(name, value)
            for name, value in self.snapshot(edition.language).items()
        )

    def restore_snapshot(self, edition: Edition) -> None:
        """Take back what `snapshot` gave, from an old edition; the texts are already back."""


class EditionQuerySet(models.QuerySet):
    def live(self, *, at: datetime.datetime | None = None) -> EditionQuerySet:
        """Those a visitor may read at a moment (now unless said); the same rule as `is_live`."""
        at = at or timezone.now()
        return self.filter(Q(live_until__isnull=True) | Q(live_until__gt=at), live_from__lte=at)

    def scheduled(self, *, at: datetime.datetime | None = None) -> EditionQuerySet:
        """Those that will become live later."""
        at = at or timezone.now()
        return self.filter(live_from__gt=at).exclude(live_until=F("live_from"))

    def ever_live(self, *, at: datetime.datetime | None = None) -> EditionQuerySet:
        """Those that were live at some moment up to now."""
        at = at or timezone.now()
        return self.filter(live_from__lte=at).exclude(live_until=F("live_from"))

    def not_over(self, *, at: datetime.datetime | None = None) -> EditionQuerySet:
        """Those that are live at a moment or will become so."""
        at = at or timezone.now()
        return self.filter(Q(live_until__isnull=True) | Q(live_until__gt=at)).exclude(
            live_until=F("live_from")
        )

    def in_language(self, language: str) -> EditionQuerySet:
        return self.filter(language=language)

    def update(self, **values):
        """Refused for what a snapshot keeps (`Edition.CHANGEABLE` says what may change)."""
        if fixed := set(values) - self.model.CHANGEABLE:
            raise EditionIsImmutable(", ".join(sorted(fixed)))
        return super().update(**values)


class EditionIsImmutable(TypeError):
    """Somebody tried to change what was published; publish a new edition instead."""


class Edition(models.Model):
    """What the public reads: a snapshot of a story in one language, for an interval of time.

    It never changes, except its end and, when templates or the pictures of the library change, its
    rendered form, which is made again from the snapshot.
    """

    #: What may change after the cut.
    CHANGEABLE: ClassVar[frozenset[str]] = frozenset({"live_until", "html", "html_later", "text"})

    #: Concrete editions define `story`, with `related_name="editions"`.
    story: models.ForeignKey

    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    number = models.PositiveIntegerField(_("number"))
    story_version = models.PositiveIntegerField(default=0, editable=False)
    live_from = models.DateTimeField(_("live from"))
    live_until = models.DateTimeField(_("live until"), null=True, blank=True)
    revised_at = models.DateTimeField(_("revised"), null=True, blank=True)
    published_at = models.DateTimeField(_("cut at"), auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("published by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )

    title = models.CharField(_("title"), max_length=250)
    summary = models.TextField(_("summary"), blank=True)
    slug = models.SlugField(_("address"), max_length=140)
    body = models.TextField(_("document"), blank=True)
    html = models.TextField(_("rendered text"), blank=True, editable=False)
    #: Pairs of a day and the rendered text from that day on: one for each day on which a picture
    #: in the text may no longer be shown, in their order. `shown_html` chooses.
    html_later = models.JSONField(default=list, blank=True, editable=False)
    text = models.TextField(_("plain text"), blank=True, editable=False)
    words = models.PositiveIntegerField(_("words"), default=0, editable=False)

    objects = EditionQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-live_from", "-pk"]
        indexes = [
            models.Index(fields=["language", "slug", "-live_from"]),
            models.Index(fields=["story", "language", "-live_from"]),
            # What changes by itself next: the desk asks, and whoever keeps pages.
            models.Index(fields=["live_from"]),
            models.Index(fields=["live_until"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["story", "language"],
                condition=Q(live_until__isnull=True),
                name="%(class)s_one_open_per_language",
            ),
            models.UniqueConstraint(
                fields=["language", "slug"],
                condition=Q(live_until__isnull=True),
                name="%(class)s_one_open_per_address",
            ),
            models.UniqueConstraint(
                fields=["story", "language", "number"], name="%(class)s_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(live_until__isnull=True) | Q(live_until__gte=F("live_from")),
                name="%(class)s_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language}, {self.number})"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            kept = getattr(self, "_kept", {})
            changed = {
                name
                for name, value in kept.items()
                if name not in self.CHANGEABLE and getattr(self, name, value) != value
            }
            if changed:
                raise EditionIsImmutable(", ".join(sorted(changed)))
        self.complete()
        super().save(*args, **kwargs)

    def complete(self) -> None:
        """Fill in what follows from the rest, before it is stored; concrete editions say what."""

    @classmethod
    def from_db(cls, db, field_names, values):
        instance = super().from_db(db, field_names, values)
        instance._kept = dict(zip(field_names, values, strict=False))
        return instance

    def delete(self, *args, **kwargs):
        """Refused once it was public; deleting a story that never was takes its editions along."""
        if self.was_ever_live():
            raise EditionIsImmutable(str(self))
        return super().delete(*args, **kwargs)

    def says_otherwise(self, name: str, value: Any) -> bool:
        """Whether a snapshot's value differs from the one kept here; no value where the edition
        fills one in by itself (the day it went live) is no difference."""
        field = self._meta.get_field(name)
        if field.is_relation:
            return getattr(self, field.attname) != (value.pk if value else None)
        return value is not None and getattr(self, name) != value

    def is_live(self, *, at: datetime.datetime | None = None) -> bool:
        """Whether a visitor may read it at a moment; the same rule as `EditionQuerySet.live`."""
        at = at or timezone.now()
        return self.live_from <= at and (self.live_until is None or at < self.live_until)

    def is_scheduled(self, *, at: datetime.datetime | None = None) -> bool:
        return self.live_from > (at or timezone.now()) and self.live_until != self.live_from

    def was_ever_live(self, *, at: datetime.datetime | None = None) -> bool:
        return self.live_from <= (at or timezone.now()) and self.live_until != self.live_from

    def html_on(self, day: datetime.date) -> str:
        """The rendered text of a day, without the pictures whose rights are over by then."""
        html = self.html
        for since, later in self.html_later:
            if datetime.date.fromisoformat(since) <= day:
                html = later
        return html

    @property
    def shown_html(self) -> str:
        """The rendered text of today (in Paris): what every public page and feed shows."""
        return self.html_on(timezone.localdate())

    @property
    def reading_minutes(self) -> int:
        """At 200 words a minute, never less than one."""
        return max(1, round(self.words / 200))

    @property
    def image_ids(self) -> tuple[int, ...]:
        return references(self.body).images


def concrete_editions() -> list[type[Edition]]:
    """Every kind of edition there is, in the order in which apps are installed."""
    return [model for model in apps.get_models() if issubclass(model, Edition)]
