"""Texts cut, dated, counted and attributed to a language, for people."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import dates, formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF\u00a0"}
MILLION, CENT = Decimal(1_000_000), Decimal("0.01")


def shortened(text: str, length: int) -> str:
    """At most `length` characters, cut between words, on one line."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    return text[: length - 1].rpartition(" ")[0].rstrip(",;:.!?— \u00a0\u202f") + "…"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text and the language it is in; `foreign` when that is not the page's.

    A reader who hears the page needs the change of language said (WCAG 2.2 SC 3.1.2).
    """

    text: str
    language: str
    foreign: bool

    def __bool__(self) -> bool:
        return bool(self.text)

    def __str__(self) -> str:
        return self.text

    @property
    def lang(self) -> SafeString | str:
        """The attribute for the element that holds it: nothing in the page's own language."""
        return format_html(' lang="{}"', self.language) if self.foreign else ""


def spoken(record: Any, name: str) -> Spoken:
    """`record.<name>_<language>` in the page's language, else in another one it is written in."""
    here = translation.get_language() or LANGUAGES[0]
    for language in (here, *LANGUAGES):
        if text := getattr(record, f"{name}_{language}", ""):
            return Spoken(text, language, foreign=language != here)
    return Spoken("", here, foreign=False)


def long_date(value: Any) -> str:
    """ "4 December 2020", « 1er décembre 2020 »; as little of it as is known.

    Takes a date, a moment (in local time), or anything with a year and perhaps a month and a day.
    """
    if isinstance(value, datetime.datetime):
        value = datetime.date(*timezone.localtime(value).timetuple()[:3])
    month, day = getattr(value, "month", None), getattr(value, "day", None)
    if not month:
        return str(value.year)
    if not day:
        return f"{dates.MONTHS[month]} {value.year}"
    first = pgettext("first day of a month", "1") if day == 1 else str(day)
    return f"{first}\u00a0{dates.MONTHS[month]} {value.year}"


def money(amount: Decimal, currency: str) -> str:
    """ "€14.5 million", « 14,5 M€ »; below a million the whole sum."""
    symbol = SYMBOLS.get(currency, f"{currency}\u00a0")
    if amount >= MILLION:
        number = formats.number_format(f"{(amount / MILLION).quantize(CENT).normalize():f}")
        form = _("%(symbol)s%(number)s million")
    else:
        whole = amount.quantize(Decimal(1))
        number = formats.number_format(whole if whole == amount else amount, force_grouping=True)
        form = pgettext("a sum of money", "%(symbol)s%(number)s")
    return (form % {"symbol": symbol, "number": number}).strip()


def initials(name: str) -> str:
    """Two letters where there is no photograph: "Jean-Laurent Casanova" is JC."""
    parts = name.split()
    return "".join(part[0] for part in dict.fromkeys((parts[0], parts[-1])))[:2] if parts else ""
