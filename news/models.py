"""News as colleagues write it (Post, its visit and guests) and as the public reads it."""

from __future__ import annotations

import datetime
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from imagine_site.components.head import address
from imagine_site.documents import Quote, quotes, references
from imagine_site.editing.fields import bilingual
from imagine_site.files.models import File
from imagine_site.images.models import Image, shown
from imagine_site.publishing.models import Edition, EditionQuerySet, Story
from labs.models import Laboratory, StartUp, Theme
from people.models import FoundingMember, Researcher


class Kind(models.TextChoices):
    NEWS = "news", _("News")
    PRESS = "press", _("Press release")
    VISIT = "visit", _("Visit")
    AWARD = "award", _("Award")
    PORTRAIT = "portrait", _("Portrait")
    PUBLICATION = "publication", _("Publication")


#: ISO 26324, as Crossref advises to recognise one; what comes before it in an address is no part.
_DOI = re.compile(r"10\.[0-9]{4,9}/[!-~]{1,200}")
_DOI_PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)


def read_dois(text: str) -> tuple[list[str], list[str]]:
    """DOIs typed one a line, each once, and the lines that are none."""
    lines = (_DOI_PREFIX.sub("", line.strip(), count=1) for line in text.splitlines())
    typed = dict.fromkeys(line for line in lines if line)
    found = [line for line in typed if _DOI.fullmatch(line)]
    return found, [line for line in typed if line not in found]


def only_dois(text: str) -> None:
    """Validator of a field with one DOI a line."""
    if wrong := read_dois(text)[1]:
        raise ValidationError(
            _("No DOI: %(lines)s. One a line, such as 10.1038/s41586-020-2649-2."),
            code="doi",
            params={"lines": ", ".join(wrong)},
        )


class About(models.Model):
    """What a text is about; its page names them, and their pages show the text."""

    laboratories = models.ManyToManyField(Laboratory, verbose_name=_("laboratories"), blank=True)
    people = models.ManyToManyField(Researcher, verbose_name=_("people"), blank=True)
    startups = models.ManyToManyField(StartUp, verbose_name=_("start-ups"), blank=True)
    founding_members = models.ManyToManyField(
        FoundingMember, verbose_name=_("founding members"), blank=True
    )

    themes = models.ManyToManyField(
        Theme,
        verbose_name=_("topics"),
        blank=True,
        help_text=_("What visitors can narrow the list of news by."),
    )

    #: Those to records of the register, which a text can link to.
    RELATIONS = ("laboratories", "people", "startups", "founding_members")

    class Meta:
        abstract = True
        default_related_name = "%(class)ss"


class Post(About, Story):
    """The working copy of a piece of news."""

    COMPANIONS = (*About.RELATIONS, "themes", "visit", "guests")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.NEWS)
    date = models.DateField(
        _("date"),
        null=True,
        blank=True,
        help_text=_("Shown to visitors, and the order of the lists. Empty: the day it goes live."),
    )
    section = models.CharField(
        _("section label"),
        max_length=80,
        blank=True,
        help_text=_("A label above the title in place of the kind: “Imagine Institute”."),
    )
    lead_image = models.ForeignKey(
        Image,
        verbose_name=_("lead image"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    lead_caption = bilingual(
        models.CharField(_("caption of the lead image"), max_length=300, blank=True),
        fallback=False,
    )
    dois = models.TextField(
        _("DOIs"),
        blank=True,
        validators=[only_dois],
        help_text=_("Of the publications it is about, one a line: 10.1038/s41586-020-2649-2."),
    )
    correction = bilingual(
        models.TextField(
            _("correction"),
            blank=True,
            help_text=_(
                "What was wrong and what is right, in a sentence. Shown under the summary once "
                "published, and never taken away silently."
            ),
        ),
        fallback=False,
    )
    corrected_on = models.DateField(
        _("day of the correction"),
        null=True,
        blank=True,
        help_text=_("Empty: the day on which the correction is published."),
    )
    import_ref = models.CharField(
        _("imported from"), max_length=300, unique=True, null=True, blank=True, editable=False
    )
    #: What the file said when it was last read, in short; a file that moved is known by it.
    import_digest = bilingual(
        models.CharField(max_length=64, blank=True, editable=False), fallback=False
    )
    edited_since_import = models.BooleanField(default=False, editable=False)

    history = HistoricalRecords()

    class Meta(About.Meta, Story.Meta):
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["-date", "-pk"]
        abstract = False
        permissions = [("publish_post", _("Can publish and withdraw articles"))]
        indexes = [
            *Story.Meta.indexes,
            models.Index(fields=["-date", "-id"], name="post_newest"),
            models.Index(fields=["import_digest_en"], name="post_by_english_digest"),
            models.Index(fields=["import_digest_fr"], name="post_by_french_digest"),
        ]

    def get_absolute_url(self) -> str:
        """Where it is, or will be, public in the current language (empty before it has a slug)."""
        return reverse("news:article", args=[self.slug]) if self.slug else ""

    def snapshot(self, language: str) -> dict[str, Any]:
        visit = getattr(self, "visit", None) if self.kind == Kind.VISIT else None
        return {
            "kind": self.kind,
            "date": self.date,
            "section": self.section,
            "lead_image": self.lead_image,
            "lead_caption": self.text("lead_caption", language),
            "visit": visit.snapshot(language) if visit else None,
            "dois": read_dois(self.dois)[0],
            "correction": self.text("correction", language),
            "corrected_on": self._corrected_on(language),
            "quotes": [quote.as_json() for quote in self._quotes(language)],
        }

    def _corrected_on(self, language: str) -> datetime.date | None:
        """The day typed, else the one an earlier edition gave the same correction."""
        correction = self.text("correction", language)
        if not correction or self.corrected_on:
            return self.corrected_on if correction else None
        before = self.editions.in_language(language).filter(correction=correction)
        return before.order_by("number").values_list("corrected_on", flat=True).first()

    def _quotes(self, language: str) -> list[Quote]:
        return quotes(self.document(language))

    def relations(self, language: str) -> dict[str, list[models.Model]]:
        """What the editor chose, and what the text itself links to."""
        related = {name: list(getattr(self, name).all()) for name in self.RELATIONS}
        named, library = references(self.document(language)), self.library(language)
        mentioned = [library.records[key] for key in named.records if key in library.records]
        for name in self.RELATIONS:
            model = Post._meta.get_field(name).related_model
            more = [record for record in mentioned if isinstance(record, model)]
            related[name] = list(dict.fromkeys([*related[name], *more]))
        quoted = {quote.record for quote in self._quotes(language)}
        return {
            **related,
            "themes": list(self.themes.all()),
            "images": [library.images[pk] for pk in named.images if pk in library.images],
            "files": [library.files[pk] for pk in named.files if pk in library.files],
            "speakers": [person for person in related["people"] if person.reference in quoted],
        }

    def restore_snapshot(self, edition: PostEdition) -> None:
        self.kind, self.date, self.section = edition.kind, edition.date, edition.section
        self.lead_image = edition.lead_image
        self.dois = "\n".join(edition.dois)
        setattr(self, f"lead_caption_{edition.language}", edition.lead_caption)
        setattr(self, f"correction_{edition.language}", edition.correction)
        self.corrected_on = edition.corrected_on or self.corrected_on
        for name in (*self.RELATIONS, "themes"):
            getattr(self, name).set(getattr(edition, name).all())


class Visit(models.Model):
    """When and where a visit took place; its article is the post, its laboratories the post's."""

    post = models.OneToOneField(
        Post, verbose_name=_("article"), on_delete=models.CASCADE, related_name="visit"
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Empty: one day only.")
    )
    place = bilingual(models.CharField(_("place"), max_length=200, blank=True))
    announced = bilingual(models.TextField(_("what was announced"), blank=True), fallback=False)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="a_visit_ends_after_it_begins",
                violation_error_message=_("The last day comes before the first."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}"

    def snapshot(self, language: str) -> dict[str, Any]:
        """For the edition: JSON, in one language."""
        with translation.override(language):
            return {
                "starts_on": self.starts_on.isoformat(),
                "ends_on": self.ends_on.isoformat() if self.ends_on else None,
                "place": self.place,
                "announced": self.announced,
                "guests": [
                    {"name": guest.name, "role": guest.role} for guest in self.post.guests.all()
                ],
            }


class Guest(models.Model):
    """Who came, in what role on that day (a president of 2020 may not be one today)."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="guests")
    name = models.CharField(_("name"), max_length=150)
    role = bilingual(models.CharField(_("role on that day"), max_length=200, blank=True))
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("guest")
        verbose_name_plural = _("guests")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class PostEditionQuerySet(EditionQuerySet):
    def newest_first(self) -> PostEditionQuerySet:
        return self.order_by("-date", "-pk")

    def about(self, reference: str, language: str) -> PostEditionQuerySet:
        """Those in the list of a record (`laboratory:4`), the newest first, from the list itself:
        however many there are, no more are read than are asked for."""
        listed = self.filter(listed__subject=reference, listed__language=language)
        return listed.order_by("-listed__date", "-listed__edition_id")

    def for_cards(self) -> PostEditionQuerySet:
        """Without the long texts, with the picture: what a list shows, in one query."""
        rows = self.select_related("lead_image")
        return rows.defer("body", "html", "html_later", "text", "quotes")


class PostEdition(About, Edition):
    """A piece of news as the public reads it."""

    story = models.ForeignKey(
        Post, verbose_name=_("article"), on_delete=models.PROTECT, related_name="editions"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    date = models.DateField(_("date"))
    section = models.CharField(_("section label"), max_length=80, blank=True)
    lead_image = models.ForeignKey(
        Image, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lead_caption = models.CharField(max_length=300, blank=True)
    visit = models.JSONField(null=True, blank=True)
    images = models.ManyToManyField(Image, blank=True, related_name="posteditions")
    files = models.ManyToManyField(File, blank=True, related_name="posteditions")
    dois = models.JSONField(default=list, blank=True)
    correction = models.TextField(blank=True)
    corrected_on = models.DateField(null=True, blank=True)
    #: What was said and by whom, as `imagine_site.documents.Quote` writes it, in the text's order.
    quotes = models.JSONField(default=list, blank=True)
    #: The people of the register who are quoted: `person.quoted_in`.
    speakers = models.ManyToManyField(Researcher, blank=True, related_name="quoted_in")

    objects = PostEditionQuerySet.as_manager()

    class Meta(About.Meta, Edition.Meta):
        abstract = False
        verbose_name = _("published article")
        verbose_name_plural = _("published articles")
        indexes = [
            *Edition.Meta.indexes,
            # With the times, so that whether a row is live is known without reading it.
            models.Index(
                fields=["language", "-date", "-id", "live_from", "live_until"], name="news_list"
            ),
            models.Index(
                fields=["language", "kind", "-date", "-id", "live_from", "live_until"],
                name="news_list_by_kind",
            ),
        ]

    def complete(self) -> None:
        if self.date is None:
            self.date = timezone.localdate(self.live_from)
        if self.correction and self.corrected_on is None:
            self.corrected_on = timezone.localdate(self.live_from)

    def get_absolute_url(self) -> str:
        """Its public address, in its own language whatever the current one."""
        return address("news:article", self.slug, language=self.language)

    def get_press_kit_url(self) -> str:
        return address("news:press_kit", self.slug, language=self.language)

    @property
    def lead_picture(self) -> Image | None:
        """Its lead image as it was when this was published, if it may be shown today. The one that
        public pages ask for."""
        return shown(self.lead_image, as_of=self.published_at)

    @property
    def label(self) -> str:
        """The line above the title: the section as typed, else the kind."""
        return self.section or str(Kind(self.kind).label)


class Listed(models.Model):
    """An edition in the list of one thing it is about, so that the newest about a laboratory are
    found without sorting all there ever were.

    `subject` is the reference of a record (`laboratory:4`), a topic (`theme:2`), or whoever is
    quoted (`speaker:7`). Written by the database itself (`news.triggers`), never by hand.
    """

    subject = models.CharField(max_length=40)
    edition = models.ForeignKey(PostEdition, on_delete=models.CASCADE, related_name="listed")
    language = models.CharField(max_length=5)
    kind = models.CharField(max_length=20)
    date = models.DateField()
    live_from = models.DateTimeField()
    live_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["subject", "language", "-date", "-edition", "live_from", "live_until"],
                name="news_listed_newest",
            ),
            models.Index(
                fields=[
                    *("subject", "language", "kind", "-date", "-edition"),
                    *("live_from", "live_until"),
                ],
                name="news_listed_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.edition_id}"
