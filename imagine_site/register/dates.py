"""Dates as the register knows them: a year, a month or a day, never more precise than the source.

Stored as ISO 8601 of reduced precision ("2007", "2016-07", "2014-06-18"), which sorts as text.
"""

import calendar
import datetime
import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import formats
from django.utils.translation import gettext_lazy as _

_SHAPE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A year, perhaps with a month, perhaps with a day."""

    year: int
    month: int | None = None
    day: int | None = None

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read "2007", "2016-07" or "2014-06-18".

        Raises `ValueError` for any other shape and for days that do not exist.
        """
        match = _SHAPE.fullmatch(text)
        if not match:
            raise ValueError(text)
        year, month, day = (int(part) if part else None for part in match.groups())
        datetime.date(year, month or 1, day or 1)
        return cls(year, month, day)

    @property
    def first_day(self) -> datetime.date:
        return datetime.date(self.year, self.month or 1, self.day or 1)

    @property
    def last_day(self) -> datetime.date:
        month = self.month or 12
        return datetime.date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def __str__(self) -> str:
        """In the current language: "2007", "July 2016", "18 June 2014"."""
        if self.day:
            return formats.date_format(self.first_day, "DATE_FORMAT")
        if self.month:
            return formats.date_format(self.first_day, "YEAR_MONTH_FORMAT")
        return str(self.year)


def validate_partial_date(text: str) -> None:
    try:
        PartialDate.parse(text)
    except ValueError as error:
        raise ValidationError(
            _("“%(value)s” is no date: write 2007, 2016-07 or 2014-06-18."),
            code="partial_date",
            params={"value": text},
        ) from error


class PartialDateField(models.CharField):
    """A text column holding a `PartialDate`; empty means not known."""

    default_validators = [validate_partial_date]

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 10)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        kwargs.setdefault("help_text", _("As precise as you know: 2007, 2016-07 or 2014-06-18."))
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("help_text", None)
        return name, "imagine_site.register.dates.PartialDateField", args, kwargs


def partial(text: str) -> PartialDate | None:
    """The stored text as a value, or None where nothing is known."""
    return PartialDate.parse(text) if text else None


class PeriodQuerySet(models.QuerySet):
    """For rows with `since` and `until` (both partial dates, both may be unknown)."""

    def held(self, *, at: datetime.date) -> "PeriodQuerySet":
        """Those that hold on a day; an end known to the month or year includes all of it."""
        day = at.isoformat()
        return self.filter(
            models.Q(since__lte=day),
            models.Q(until="") | models.Q(until__gte=day) | models.Q(until__in=[day[:7], day[:4]]),
        )

    def ended(self, *, at: datetime.date) -> "PeriodQuerySet":
        day = at.isoformat()
        return self.exclude(until="").filter(until__lt=day).exclude(until__in=[day[:7], day[:4]])


class Period(models.Model):
    """Something that holds from a date to a date; the same rule as `PeriodQuerySet.held`."""

    since = PartialDateField(_("since"))
    until = PartialDateField(_("until"))

    class Meta:
        abstract = True

    def holds(self, *, at: datetime.date) -> bool:
        since, until = partial(self.since), partial(self.until)
        return (since is None or since.first_day <= at) and (until is None or at <= until.last_day)

    @property
    def since_date(self) -> PartialDate | None:
        return partial(self.since)

    @property
    def until_date(self) -> PartialDate | None:
        return partial(self.until)

    def clean(self):
        super().clean()
        try:
            since, until = partial(self.since), partial(self.until)
        except ValueError:
            return  # the field's own validator says so
        if since and until and until.last_day < since.first_day:
            raise ValidationError({"until": _("The end comes before the beginning.")})
