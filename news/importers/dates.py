"""The date line of an article, in the ways French and English web pages have written it.

Day first in numbers (`04.12.2020` is the fourth of December); a weekday in the same line settles a
doubt; a month without a day, a date that does not exist, or a weekday that contradicts the date
gives no date at all, and the reason is said. The line is always kept as it was written.
"""

import datetime
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

LONGEST_DATE_LINE = 160

_MONTHS = {
    1: ("january", "jan", "janvier", "janv"),
    2: ("february", "feb", "février", "fevrier", "févr", "fevr", "fév", "fev"),
    3: ("march", "mar", "mars"),
    4: ("april", "apr", "avril", "avr"),
    5: ("may", "mai"),
    6: ("june", "jun", "juin"),
    7: ("july", "jul", "juillet", "juil"),
    8: ("august", "aug", "août", "aout"),
    9: ("september", "sept", "sep", "septembre"),
    10: ("october", "oct", "octobre"),
    11: ("november", "nov", "novembre"),
    12: ("december", "dec", "décembre", "decembre", "déc"),
}
_WEEKDAYS = (
    ("monday", "mon", "lundi", "lun"),
    ("tuesday", "tues", "tue", "mardi", "mar"),
    ("wednesday", "wed", "mercredi", "mer"),
    ("thursday", "thurs", "thur", "thu", "jeudi", "jeu"),
    ("friday", "fri", "vendredi", "ven"),
    ("saturday", "sat", "samedi", "sam"),
    ("sunday", "sun", "dimanche", "dim"),
)
_MONTH_OF = {name: number for number, names in _MONTHS.items() for name in names}
_WEEKDAY_OF = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}


def _alternatives(names) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


_MONTH = rf"(?:{_alternatives(_MONTH_OF)})\.?"
_DAY = r"\d{1,2}(?:\s?(?:er|st|nd|rd|th)\b)?"
_WEEKDAY = rf"(?:{_alternatives(_WEEKDAY_OF)})\b\.?\s*,?"

_PUBLISHED = (
    r"(?:first\s+)?(?:published|posted|released|publication\s+date|date\s+of\s+publication"
    r"|publié(?:e|s|es)?|publie|mise?\s+en\s+ligne|parue?|postée?|date\s+de\s+publication"
    r"|date|online\s+since|en\s+ligne\s+depuis)"
)
_UPDATED = r"(?:last\s+)?(?:updated|modified|mise?\s+à\s+jour|modifiée?|dernière\s+mise\s+à\s+jour)"
_LINK = r"(?:\s*(?::|\bon\b|\ble\b|\bthe\b|\bdu\b|\bdepuis\s+le\b))*"

_START = re.compile(
    rf"\s*(?:(?P<published>{_PUBLISHED}\b{_LINK})|(?P<updated>{_UPDATED}\b{_LINK})"
    rf"|(?P<place>(?-i:[A-ZÀ-ÖØ-Þ])[\w’'-]*(?:[ -][\w’'-]+){{0,3}}\s*,\s*(?:le\b|on\b|the\b)?)"
    rf"|(?P<bare>(?:le|on|the)\b)?)\s*",
    re.IGNORECASE,
)
_DATE = re.compile(
    rf"(?:(?P<weekday>{_WEEKDAY})\s*(?:le\s+|the\s+)?)?"
    rf"(?:(?P<year>\d{{4}})\s?[-./]\s?(?P<iso_month>\d{{1,2}})\s?[-./]\s?(?P<iso_day>\d{{1,2}})"
    rf"(?!\d)"
    rf"|(?P<d>\d{{1,2}})\s?(?P<sep>[./-])\s?(?P<m>\d{{1,2}})\s?(?P=sep)\s?(?P<y>\d{{4}}|\d{{2}})"
    rf"(?!\d)"
    rf"|(?P<day>{_DAY})\s*(?:of\s+)?(?P<month>{_MONTH})(?:\s*,?\s*(?P<named_year>\d{{4}})\b)?"
    rf"|(?P<us_month>{_MONTH})\s*(?P<us_day>{_DAY})(?!\d)(?:\s*,?\s*(?P<us_year>\d{{4}})\b)?"
    rf"|(?P<only_month>{_MONTH})\s*,?\s*(?P<only_year>\d{{4}})\b"
    rf"|(?P<lone_year>(?:19|20)\d{{2}})\b(?!\s?[-./]\s?\d))",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?:T|\s*[,–-]?\s*(?:\bà|\bat|@)?\s*)\d{1,2}\s?(?:[:h]\s?\d{2}(?::\d{2}(?:\.\d+)?)?|h\b|[ap]m\b)"
    r"(?:\s?[ap]\.?m\.?)?(?:\s?(?:Z|UTC|GMT|CET|CEST|[+-]\d{2}:?\d{2}))?",
    re.IGNORECASE,
)
_LABEL_AFTER = re.compile(r"\s*(?:[|•·/–—]|\s-\s|,)\s*(?P<label>\S.*)")
_UPDATE_AFTER = re.compile(rf"\s*[,;(|•·–—-]*\s*(?:{_UPDATED})\b.*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class DateLine:
    """A line that says when; `raw` is the line's own words without the `label` after it."""

    raw: str
    date: datetime.date | None = None
    label: str = ""
    is_marked: bool = False
    """It says "Published on", so it is the article's date wherever it stands."""
    is_update: bool = False
    is_empty: bool = False
    """ "Publié le" and nothing behind it."""
    doubt: str = ""
    """Why there is no date, for a person; empty when there is one."""


def read_date_line(line: str) -> DateLine | None:
    """Return what a line says as a date line, or None when it is anything else.

    The whole line has to be a date: "Le 4 juillet 2016, l'institut ouvre" is a sentence.
    """
    text = line.strip()
    if not text or len(text) > LONGEST_DATE_LINE:
        return None
    # "Paris, le 4 décembre": a place may stand first, but "June 27, 2019" is no place
    starts = _START.match(text)
    found = _DATE.match(text, starts.end()) if starts else None
    if found is None or (starts and starts["place"] and _DATE.match(text)):
        at_start = _DATE.match(text)
        if at_start:
            starts, found = None, at_start
    marked = bool(starts and starts["published"])
    updated = bool(starts and starts["updated"])
    if found is None:
        if starts and (marked or updated) and not text[starts.end() :].strip(" .:-–—"):
            is_prose_word = not re.search(r"(?:\ble|\bon|:|\bdu|\bthe)\s*$", text, re.IGNORECASE)
            if is_prose_word:
                return None
            return DateLine(
                raw=text,
                is_marked=marked,
                is_update=updated,
                is_empty=True,
                doubt=_("The date line is empty: “%s”.") % text,
            )
        return None
    if found["lone_year"] and not (marked or updated):
        return None
    end = found.end()
    if time := _TIME.match(text, end):
        end = time.end()
    rest = text[end:].strip(" .\t\u00a0\u202f)")
    raw, label = text, ""
    if rest:
        if _UPDATE_AFTER.fullmatch(text[end:]):
            pass
        elif (after := _LABEL_AFTER.fullmatch(text[end:])) and _is_label(after["label"], marked):
            raw, label = text[:end].rstrip(), after["label"].strip()
        else:
            return None
    day, doubt = _value(found, raw)
    return DateLine(
        raw=raw, date=day, label=label, is_marked=marked, is_update=updated, doubt=doubt
    )


def _is_label(text: str, marked: bool) -> bool:
    return len(text.split()) <= (6 if marked else 3) and not re.search(r"[.;:!?]", text)


def _value(found: re.Match, raw: str) -> tuple[datetime.date | None, str]:
    """Return the day that was written, or None and the reason why it cannot be known."""
    if found["only_month"] or found["lone_year"]:
        return None, _("The date “%s” names no day.") % raw
    if found["year"]:
        year, month, day = (int(found[name]) for name in ("year", "iso_month", "iso_day"))
    elif found["d"]:
        if len(found["y"]) == 2:
            return None, _("The date “%s” has a year of two digits.") % raw
        year, month, day = int(found["y"]), int(found["m"]), int(found["d"])
    else:
        named = found["month"] or found["us_month"]
        month = _MONTH_OF[named.rstrip(".").lower()]
        digits = re.match(r"\d+", found["day"] or found["us_day"])
        day = int(digits.group()) if digits else 0
        written_year = found["named_year"] or found["us_year"]
        if not written_year:
            return None, _("The date “%s” names no year.") % raw
        year = int(written_year)
    readings = [(year, month, day)]
    weekday = None
    if found["weekday"]:
        weekday = _WEEKDAY_OF[found["weekday"].strip(" ,.\t\u00a0\u202f").lower()]
        if found["d"]:
            readings.append((year, day, month))
    for reading in readings:
        value = _day(*reading)
        if value and (weekday is None or value.weekday() == weekday):
            return value, ""
    if _day(*readings[0]) is None:
        return None, _("The date “%s” does not exist.") % raw
    return None, _("The date “%s” contradicts its own weekday.") % raw


def _day(year: int, month: int, day: int) -> datetime.date | None:
    if not 1900 <= year <= 2100:
        return None
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None
