"""People and founding members: who the institute is made of, and since when.

A title holds as of a date: the director of 2020 may not be the director of 2025, so that positions
are rows with dates and never a line of text on the person.
"""

import datetime
import re

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from imagine_site.editing.fields import bilingual
from imagine_site.images.models import Image
from imagine_site.register.dates import Period, PeriodQuerySet
from imagine_site.register.models import Record, RecordQuerySet
from imagine_site.register.names import address_from


def validate_orcid(value: str) -> None:
    """An ORCID iD with its check character (ISO 7064 MOD 11-2, as ORCID's documentation says)."""
    digits = value.replace("-", "")
    shaped = len(value) == 19 and [i for i, c in enumerate(value) if c == "-"] == [4, 9, 14]
    typed = digits.isascii() and digits[:15].isdecimal() and digits[15:] in {*"0123456789X"}
    if not (shaped and typed):
        raise ValidationError(
            _("Write the ORCID iD as 0000-0002-1825-0097, without the address."), code="orcid_shape"
        )
    total = 0
    for digit in digits[:15]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    if digits[15] != ("X" if check == 10 else str(check)):
        raise ValidationError(
            _("This ORCID iD has a typing mistake: its last character does not fit the others."),
            code="orcid_checksum",
        )


def validate_ror(value: str) -> None:
    """A ROR id: 0, six characters of Crockford base 32, two check digits (ISO 7064 MOD 97-10)."""
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    if len(value) != 9 or value[0] != "0" or any(c not in alphabet for c in value[:7]):
        raise ValidationError(_("Write the ROR id as 02vjkv261, without the address."), "ror_shape")
    number = 0
    for character in value[1:7]:
        number = number * 32 + alphabet.index(character)
    if value[7:] != f"{98 - (number * 100) % 97:02d}":
        raise ValidationError(_("This ROR id has a typing mistake."), code="ror_checksum")


def validate_id_hal(value: str) -> None:
    """An idHAL, chosen by its author: small letters, digits and single hyphens."""
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", value, re.ASCII):
        raise ValidationError(
            _("Write the idHAL as marie-curie, without the address."), code="id_hal_shape"
        )


class ResearcherQuerySet(RecordQuerySet):
    def alphabetical(self) -> "ResearcherQuerySet":
        return self.order_by("family_name", "given_name", "pk")

    def with_positions(self) -> "ResearcherQuerySet":
        return self.prefetch_related("positions")


class Researcher(Record):
    """Someone of the institute: researcher, physician, engineer, director."""

    COMPANIONS = ("positions", "links")

    kind = "researcher"
    name_fields = ("full_name",)

    given_name = models.CharField(_("given name"), max_length=100)
    family_name = models.CharField(_("family name"), max_length=100)
    honorific = models.CharField(
        _("honorific"), max_length=20, blank=True, help_text=_("Pr, Dr… kept apart from the name.")
    )
    slug = models.SlugField(
        _("address"), max_length=120, unique=True, blank=True, help_text=_("Empty: from the name.")
    )
    photo = models.ForeignKey(
        Image,
        verbose_name=_("photograph"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    biography = bilingual(models.TextField(_("biography"), blank=True), fallback=False)
    orcid = models.CharField(_("ORCID iD"), max_length=19, blank=True, validators=[validate_orcid])
    id_hal = models.CharField(
        _("idHAL"),
        max_length=80,
        blank=True,
        validators=[validate_id_hal],
        help_text=_("Their identifier in the open archive HAL: marie-curie."),
    )

    history = HistoricalRecords()
    objects = ResearcherQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["family_name", "given_name"]
        indexes = [models.Index(fields=["is_public", "family_name", "given_name"])]
        constraints = [
            models.UniqueConstraint(
                fields=["orcid"], condition=~models.Q(orcid=""), name="one_researcher_per_orcid"
            ),
            models.UniqueConstraint(
                fields=["id_hal"], condition=~models.Q(id_hal=""), name="one_researcher_per_id_hal"
            ),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.honorific, self.full_name) if part)

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = free_slug(self, address_from(self.full_name))
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("people:person", args=[self.slug])

    def titles(self, *, at: datetime.date) -> list["Position"]:
        """The positions held on a day, latest first (reads a prefetch when there is one)."""
        held = [position for position in self.positions.all() if position.holds(at=at)]
        return sorted(held, key=lambda position: position.since, reverse=True)


def free_slug(record: Record, wanted: str) -> str:
    """`wanted`, or with the lowest number that makes it free among the record's own kind."""
    wanted = wanted or record.kind
    slug, number = wanted, 1
    while type(record).objects.filter(slug=slug).exclude(pk=record.pk).exists():
        number += 1
        slug = f"{wanted}-{number}"
    return slug


class ResearcherLink(models.Model):
    """Where else to find a person: HAL, a hospital page, a personal site."""

    researcher = models.ForeignKey(Researcher, on_delete=models.CASCADE, related_name="links")
    label = models.CharField(_("label"), max_length=100)
    url = models.URLField(_("address"), max_length=300)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.label


class Position(Period):
    """A title somebody held, from a date to a date."""

    researcher = models.ForeignKey(Researcher, on_delete=models.CASCADE, related_name="positions")
    title = bilingual(
        models.CharField(_("title"), max_length=200, blank=True), {"en": {"blank": False}}
    )

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["-since", "pk"]

    def __str__(self) -> str:
        return self.title


class FoundingMemberQuerySet(RecordQuerySet):
    def in_statutory_order(self) -> "FoundingMemberQuerySet":
        return self.order_by("order", "pk")


class FoundingMember(Period, Record):
    """An institution that founded the institute.

    The order is fixed by the statutes, so that it is typed by hand and not alphabetical; how many
    there are is counted, never typed.
    """

    kind = "foundingmember"
    name_fields = ("name_en", "name_fr", "short_name")

    class Sort(models.TextChoices):
        HOSPITAL = "hospital", _("public hospital")
        RESEARCH = "research", _("research body")
        UNIVERSITY = "university", _("university")
        ASSOCIATION = "association", _("association")
        FOUNDATION = "foundation", _("foundation")
        CITY = "city", _("city")

    name = bilingual(
        models.CharField(_("official name"), max_length=200, blank=True), {"en": {"blank": False}}
    )
    short_name = models.CharField(_("short name"), max_length=60, blank=True)
    slug = models.SlugField(
        _("address"), max_length=120, unique=True, blank=True, help_text=_("Empty: from the name.")
    )
    sort = models.CharField(_("kind of institution"), max_length=20, choices=Sort, blank=True)
    logo = models.ForeignKey(
        Image,
        verbose_name=_("logo"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    description = bilingual(models.TextField(_("description"), blank=True), fallback=False)
    former_names = bilingual(
        models.CharField(
            _("former names, with dates"),
            max_length=300,
            blank=True,
            help_text=_("Shown to visitors: “Université Paris Descartes until 2019”."),
        ),
        fallback=False,
    )
    website = models.URLField(_("website"), max_length=300, blank=True)
    ror = models.CharField(_("ROR id"), max_length=9, blank=True, validators=[validate_ror])
    order = models.PositiveSmallIntegerField(_("order in the statutes"), default=0)

    history = HistoricalRecords()
    objects = FoundingMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("founding member")
        verbose_name_plural = _("founding members")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = free_slug(
                self, address_from(self.short_name or self.name_en or self.name_fr)
            )
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("people:founding_member", args=[self.slug])
