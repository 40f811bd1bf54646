"""When pages change by themselves: an edition goes live or ends, a day begins."""

from __future__ import annotations

import datetime

from django.db.models import Min
from django.utils import timezone

from imagine_site.publishing.models import concrete_editions


def next_edition(at: datetime.datetime) -> datetime.datetime | None:
    """The next moment at which an edition becomes live or ceases to be."""
    moments = [
        moment
        for model in concrete_editions()
        for field in ("live_from", "live_until")
        if (moment := model.objects.filter(**{f"{field}__gt": at}).aggregate(m=Min(field))["m"])
    ]
    return min(moments, default=None)


def next_day(at: datetime.datetime) -> datetime.datetime:
    """Titles, memberships and rights hold from a day to a day, in the institute's time zone."""
    tomorrow = timezone.localdate(at) + datetime.timedelta(days=1)
    return timezone.make_aware(datetime.datetime.combine(tomorrow, datetime.time()))
