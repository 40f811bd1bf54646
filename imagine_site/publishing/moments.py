"""Moments as editors type them: the institute's own time, the zone said, clock changes refused or
told. A field of type `datetime-local` sends `2026-03-29T02:30`, without a zone (HTML §2.3.5.5).
"""

from __future__ import annotations

import datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _


class NoSuchMoment(ValueError):
    """What was typed is no moment; the message is a sentence for the editor."""


def read_moment(typed: str, *, to_appear: bool = True) -> tuple[datetime.datetime | None, str]:
    """The moment that was typed (None for nothing), and a remark for the editor, or nothing.

    An hour that the clocks skip in spring is refused. One that they give twice in autumn is the
    second where something is to appear and the first where it is to go: never public too early,
    and never for too long.

    Raises `NoSuchMoment`.
    """
    typed = typed.strip()
    if not typed:
        return None, ""
    try:
        read = parse_datetime(typed)
    except ValueError:
        read = None
    if read is None:
        raise NoSuchMoment(_("“%(typed)s” is no date and time.") % {"typed": typed})
    if timezone.is_aware(read):
        return read, ""
    zone = timezone.get_current_timezone()
    first, second = (read.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    said = {"moment": date_format(read, "DATETIME_FORMAT"), "zone": zone}
    if first.utcoffset() == second.utcoffset():
        return first, ""
    if first.astimezone(datetime.UTC).astimezone(zone).replace(tzinfo=None) != read:
        raise NoSuchMoment(
            _("%(moment)s does not exist in %(zone)s: the clocks skip that hour. Choose another.")
            % said
        )
    if to_appear:
        remark = _(
            "%(moment)s comes twice in %(zone)s, as the clocks go back: the second is meant."
        )
        return second, remark % said
    remark = _("%(moment)s comes twice in %(zone)s, as the clocks go back: the first is meant.")
    return first, remark % said


def as_typed(at: datetime.datetime | None) -> str:
    """How a field of type `datetime-local` shows a moment."""
    if at is None:
        return ""
    return (
        timezone.localtime(at)
        .replace(tzinfo=None, fold=0)
        .isoformat(timespec="minutes" if not at.second and not at.microsecond else "seconds")
    )
