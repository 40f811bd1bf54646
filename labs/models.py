"""Laboratories, the start-ups born near them, and who belongs to them since when."""

import datetime
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from imagine_site.editing.fields import bilingual
from imagine_site.editing.models import Versioned
from imagine_site.images.models import Image
from imagine_site.register.dates import (
    PartialDate,
    PartialDateField,
    Period,
    PeriodQuerySet,
    partial,
)
from imagine_site.register.models import Record, RecordQuerySet
from imagine_site.register.names import address_from
from people.models import Researcher, free_slug


class Theme(Versioned):
    """A field of research, as visitors look for it."""

    name = bilingual(
        models.CharField(_("name"), max_length=120, blank=True), {"en": {"blank": False}}
    )
    slug = models.SlugField(_("address"), max_length=120, unique=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class LaboratoryQuerySet(RecordQuerySet):
    def alphabetical(self) -> "LaboratoryQuerySet":
        return self.order_by(f"name_{get_language() or 'en'}", "pk")

    @staticmethod
    def memberships_of() -> models.Prefetch:
        """Members with their photographs, public people only; one query."""
        members = (
            Membership.objects.filter(researcher__is_public=True)
            .select_related("researcher__photo")
            .order_by("researcher__family_name", "researcher__given_name", "pk")
        )
        return models.Prefetch("memberships", queryset=members)

    def with_memberships(self) -> "LaboratoryQuerySet":
        return self.prefetch_related(self.memberships_of())


class Laboratory(Record):
    """A research team with its head or heads. A closed one keeps its page and leaves the list."""

    COMPANIONS = ("themes", "memberships")

    kind = "laboratory"
    name_fields = ("name_en", "name_fr", "short_name_en", "short_name_fr")

    name = bilingual(
        models.CharField(_("formal name"), max_length=200, blank=True), {"en": {"blank": False}}
    )
    short_name = bilingual(models.CharField(_("short name"), max_length=80, blank=True))
    slug = bilingual(
        models.SlugField(
            _("address"), max_length=140, blank=True, help_text=_("Empty: from the name.")
        )
    )
    we_study = bilingual(
        models.TextField(
            _("“We study…”"),
            blank=True,
            help_text=_("One or two sentences a family understands, before any science."),
        ),
        fallback=False,
    )
    description = bilingual(
        models.TextField(
            _("the science"), blank=True, help_text=_("For researchers and partners.")
        ),
        fallback=False,
    )
    note = bilingual(
        models.CharField(
            _("sites and partners"),
            max_length=200,
            blank=True,
            help_text=_("“Joint unit with…”, a second site."),
        ),
        fallback=False,
    )
    unit_code = models.CharField(_("unit code"), max_length=60, blank=True)
    image = models.ForeignKey(
        Image,
        verbose_name=_("picture"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    themes = models.ManyToManyField(
        Theme, verbose_name=_("themes"), blank=True, related_name="laboratories"
    )
    website = models.URLField(_("website"), max_length=300, blank=True)
    opened = PartialDateField(_("opened"))
    closed = PartialDateField(_("closed"))

    history = HistoricalRecords()
    objects = LaboratoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("laboratory")
        verbose_name_plural = _("laboratories")
        ordering = ["name_en"]
        constraints = [
            models.UniqueConstraint(fields=["slug_en"], name="one_laboratory_per_english_address"),
            models.UniqueConstraint(fields=["slug_fr"], name="one_laboratory_per_french_address"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        for language in ("en", "fr"):
            field = f"slug_{language}"
            if not getattr(self, field):
                name = getattr(self, f"name_{language}") or self.name_en or self.name_fr
                setattr(self, field, self._free_slug(field, address_from(name)))
        super().save(*args, **kwargs)

    def _free_slug(self, field: str, wanted: str) -> str:
        wanted = wanted or self.kind
        slug, number = wanted, 1
        while Laboratory.objects.filter(**{field: slug}).exclude(pk=self.pk).exists():
            number += 1
            slug = f"{wanted}-{number}"
        return slug

    def get_absolute_url(self) -> str:
        return reverse("labs:laboratory", args=[self.slug])

    def is_open(self, *, at: datetime.date) -> bool:
        closed = partial(self.closed)
        return closed is None or at <= closed.last_day


class MembershipQuerySet(PeriodQuerySet):
    def public(self) -> "MembershipQuerySet":
        return self.filter(researcher__is_public=True, laboratory__is_public=True)


class Membership(Period):
    """Who belongs to a laboratory, in what role, from when to when."""

    class Role(models.TextChoices):
        HEAD = "head", _("head")
        CO_HEAD = "co-head", _("co-head")
        MEMBER = "member", _("member")
        ALUMNI = "alumni", _("alumni")

    HEADS = (Role.HEAD, Role.CO_HEAD)

    laboratory = models.ForeignKey(Laboratory, on_delete=models.CASCADE, related_name="memberships")
    researcher = models.ForeignKey(Researcher, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.MEMBER)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "researcher", "role", "since"],
                name="a_membership_is_said_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.researcher}, {self.get_role_display()}"

    def is_alumni(self, *, at: datetime.date) -> bool:
        return self.role == self.Role.ALUMNI or not self.holds(at=at)

    def leads(self, *, at: datetime.date) -> bool:
        return self.role in self.HEADS and self.holds(at=at)


class StartUpQuerySet(RecordQuerySet):
    def alphabetical(self) -> "StartUpQuerySet":
        return self.order_by("name", "pk")

    def with_rounds(self) -> "StartUpQuerySet":
        return self.prefetch_related("rounds")


class StartUp(Record):
    """A company near the institute; where it comes from is said, for it is not always the same."""

    COMPANIONS = ("laboratories", "founders", "rounds")

    kind = "startup"
    name_fields = ("name",)

    class Origin(models.TextChoices):
        SPIN_OFF = "spin-off", _("spin-off")
        HOSTED = "hosted", _("hosted")
        PARTNER = "partner", _("partner")

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        ACQUIRED = "acquired", _("acquired")
        CLOSED = "closed", _("closed")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(
        _("address"), max_length=120, unique=True, blank=True, help_text=_("Empty: from the name.")
    )
    origin = models.CharField(_("origin"), max_length=20, choices=Origin)
    founded = models.PositiveSmallIntegerField(
        _("year founded"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1900), MaxValueValidator(2100)],
    )
    field = bilingual(models.CharField(_("field"), max_length=200, blank=True))
    description = bilingual(models.TextField(_("description"), blank=True), fallback=False)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.ACTIVE)
    laboratories = models.ManyToManyField(
        Laboratory, verbose_name=_("laboratories it came from"), blank=True, related_name="startups"
    )
    founders = models.ManyToManyField(
        Researcher, verbose_name=_("founders in the register"), blank=True, related_name="startups"
    )
    other_founders = models.TextField(
        _("other founders"),
        blank=True,
        help_text=_("One a line: people and organisations that are not in the register."),
    )
    logo = models.ForeignKey(
        Image,
        verbose_name=_("logo"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    website = models.URLField(_("website"), max_length=300, blank=True)

    history = HistoricalRecords()
    objects = StartUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("start-up")
        verbose_name_plural = _("start-ups")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(origin__in=["spin-off", "hosted", "partner"]),
                name="a_startup_says_where_it_comes_from",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = free_slug(self, address_from(self.name))
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("labs:startup", args=[self.slug])

    def raised(self, *, at: datetime.date) -> dict[str, Decimal]:
        """What it had raised by a day, by currency; computed from its rounds, never typed."""
        return total_raised(self.rounds.all(), at=at)


class FundingRound(models.Model):
    """One raise of money, with where the figure comes from."""

    startup = models.ForeignKey(StartUp, on_delete=models.CASCADE, related_name="rounds")
    label = models.CharField(_("round"), max_length=100, help_text=_("“Series A”, “EIC grant”."))
    date = PartialDateField(_("date"), blank=False)
    amount = models.DecimalField(
        _("amount"),
        max_digits=14,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text=_("In whole units of the currency: 14500000."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="EUR",
        choices=[("EUR", "EUR"), ("USD", "USD"), ("GBP", "GBP"), ("CHF", "CHF")],
    )
    source = models.CharField(
        _("source"), max_length=300, blank=True, help_text=_("A press release, an address.")
    )
    note = bilingual(models.CharField(_("note"), max_length=300, blank=True), fallback=False)

    class Meta:
        verbose_name = _("funding round")
        verbose_name_plural = _("funding rounds")
        ordering = ["date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="a_round_raises_something"
            ),
            models.UniqueConstraint(
                fields=["startup", "label", "date"], name="a_round_is_said_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.date})"

    @property
    def on(self) -> PartialDate:
        return PartialDate.parse(self.date)


def total_raised(rounds, *, at: datetime.date) -> dict[str, Decimal]:
    """Sums by currency of the rounds begun by a day; a year counts from 1 January."""
    totals: dict[str, Decimal] = {}
    for funding_round in rounds:
        if funding_round.on.first_day <= at:
            already = totals.get(funding_round.currency, Decimal(0))
            totals[funding_round.currency] = already + funding_round.amount
    return totals
