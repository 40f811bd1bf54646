"""Institutional pages and the facts the institute says of itself, each with its date."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from imagine_site.documents import references
from imagine_site.editing.fields import bilingual
from imagine_site.editing.models import Versioned
from imagine_site.files.models import File
from imagine_site.images.models import Image
from imagine_site.pages.redirects import Redirect
from imagine_site.publishing.models import Edition, EditionQuerySet, Story
from imagine_site.register.dates import PartialDate, PartialDateField

__all__ = ["KeyFigure", "Menu", "Milestone", "Page", "PageEdition", "Redirect", "Role"]


class Menu(models.TextChoices):
    NONE = "", _("in no menu")
    HEADER = "header", _("header")
    FOOTER = "footer", _("footer")


class Role(models.TextChoices):
    """What a page is to the site, whatever its title and its address."""

    ORDINARY = "", _("ordinary page")
    ABOUT = "about", _("about the institute")
    GOVERNANCE = "governance", _("governance")
    SUPPORT = "support", _("support us")
    PRESS = "press", _("press room")
    CONTACT = "contact", _("contact")
    LEGAL = "legal", _("legal notice")
    PRIVACY = "privacy", _("privacy")
    ACCESSIBILITY = "accessibility", _("accessibility statement")


class Page(Story):
    """The working copy of an institutional page: about, governance, legal notice…"""

    role = models.CharField(
        _("role"),
        max_length=20,
        choices=Role,
        default=Role.ORDINARY,
        blank=True,
        help_text=_(
            "What visitors find through it. Every page of the site links to those that have a "
            "role: the gift button to “support us”, articles to the press room, the footer to "
            "the legal notice. One page for each role."
        ),
    )
    menu = models.CharField(_("menu"), max_length=10, choices=Menu, default=Menu.NONE, blank=True)
    menu_order = models.PositiveSmallIntegerField(_("order in the menu"), default=0)
    menu_label = bilingual(
        models.CharField(
            _("label in the menu"), max_length=60, blank=True, help_text=_("Empty: the title.")
        ),
        fallback=False,
    )
    import_ref = models.CharField(
        max_length=300, unique=True, null=True, blank=True, editable=False
    )

    history = HistoricalRecords()

    class Meta(Story.Meta):
        abstract = False
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["menu", "menu_order", "pk"]
        permissions = [("publish_page", _("Can publish and withdraw pages"))]
        constraints = [
            *Story.Meta.constraints,
            models.UniqueConstraint(
                fields=["role"],
                condition=~models.Q(role=""),
                name="one_page_for_each_role",
                violation_error_message=_("Another page has this role already."),
            ),
        ]

    def get_absolute_url(self) -> str:
        """Where it is, or will be, public in the current language (empty before it has a slug)."""
        return reverse("pages:page", args=[self.slug]) if self.slug else ""

    def snapshot(self, language: str) -> dict[str, Any]:
        return {
            "role": self.role,
            "menu": self.menu,
            "menu_order": self.menu_order,
            "menu_label": self.text("menu_label", language) or self.text("title", language),
        }

    def relations(self, language: str) -> dict[str, list[models.Model]]:
        named, library = references(self.document(language)), self.library(language)
        return {
            "images": [library.images[pk] for pk in named.images if pk in library.images],
            "files": [library.files[pk] for pk in named.files if pk in library.files],
        }

    def restore_snapshot(self, edition: PageEdition) -> None:
        """Its role stays as it is: another page may have the former one by now."""
        self.menu, self.menu_order = edition.menu, edition.menu_order
        setattr(self, f"menu_label_{edition.language}", edition.menu_label)


class PageEdition(Edition):
    """An institutional page as the public reads it."""

    story = models.ForeignKey(
        Page, verbose_name=_("page"), on_delete=models.PROTECT, related_name="editions"
    )
    role = models.CharField(max_length=20, choices=Role, default=Role.ORDINARY, blank=True)
    menu = models.CharField(max_length=10, choices=Menu, default=Menu.NONE, blank=True)
    menu_order = models.PositiveSmallIntegerField(default=0)
    menu_label = models.CharField(max_length=250, blank=True)
    images = models.ManyToManyField(Image, blank=True, related_name="pageeditions")
    files = models.ManyToManyField(File, blank=True, related_name="pageeditions")

    objects = EditionQuerySet.as_manager()

    class Meta(Edition.Meta):
        abstract = False
        verbose_name = _("published page")
        verbose_name_plural = _("published pages")

    def get_absolute_url(self) -> str:
        """Its public address, in its own language whatever the current one."""
        with translation.override(self.language):
            return reverse("pages:page", args=[self.slug])


class KeyFigure(Versioned):
    """A number the institute says of itself. It drifts, so that its date is always shown."""

    value = models.CharField(_("value"), max_length=30, help_text=_("As shown: “1,000+”, “38”."))
    value_fr = models.CharField(
        _("value in French"),
        max_length=30,
        blank=True,
        help_text=_("Where it is written otherwise."),
    )
    label = bilingual(
        models.CharField(_("what is counted"), max_length=120, blank=True), {"en": {"blank": False}}
    )
    as_of = PartialDateField(_("as of"))
    source = bilingual(models.CharField(_("source"), max_length=200, blank=True))
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_public = models.BooleanField(_("public"), default=True)
    import_key = models.CharField(
        max_length=100, unique=True, null=True, blank=True, editable=False
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("key figure")
        verbose_name_plural = _("key figures")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return f"{self.value} {self.label}"

    @property
    def shown(self) -> str:
        return self.value_fr if translation.get_language() == "fr" and self.value_fr else self.value

    @property
    def as_of_date(self) -> PartialDate | None:
        return PartialDate.parse(self.as_of) if self.as_of else None


class Milestone(Versioned):
    """A dated step in the institute's history."""

    date = PartialDateField(_("date"), blank=False)
    text = bilingual(
        models.CharField(_("what happened"), max_length=250, blank=True), {"en": {"blank": False}}
    )
    image = models.ForeignKey(
        Image,
        verbose_name=_("picture"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    is_public = models.BooleanField(_("public"), default=True)
    import_key = models.CharField(
        max_length=100, unique=True, null=True, blank=True, editable=False
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["date", "pk"]

    def __str__(self) -> str:
        return self.text

    @property
    def when(self) -> PartialDate:
        return PartialDate.parse(self.date)
