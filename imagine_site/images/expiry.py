"""When pictures leave the public pages by themselves: rights and consents end with a day.

Whether a picture may be shown is a comparison of dates, made when a page is made
(`models.shown`); nothing runs at midnight. This module says when the next such midnight is.
"""

import datetime

from django.db.models import Min
from django.utils import timezone

from imagine_site.images.models import Image

DAY = datetime.timedelta(days=1)
#: Within these days an end of rights is worth a look.
SOON = datetime.timedelta(days=30)


def midnight_after(day: datetime.date) -> datetime.datetime:
    """The moment at which a day is over, where the institute is (Europe/Paris)."""
    return timezone.make_aware(datetime.datetime.combine(day + DAY, datetime.time()))


def ends_soon(image: Image) -> bool:
    """Whether a picture that may be shown today will leave the pages within the next days."""
    today = timezone.localdate()
    return image.last_day is not None and today <= image.last_day <= today + SOON


def next_boundary(at: datetime.datetime | None = None) -> datetime.datetime | None:
    """The next moment at which some picture may no longer be shown; None where no end is known.

    Whoever keeps finished pages must not keep one beyond it. One query; it counts every picture
    with a limit, used or not.
    """
    today = timezone.localdate(at)
    ends = Image.objects.usable(today).aggregate(
        rights=Min("rights_until"), consent=Min("consent_until")
    )
    days = [day for day in ends.values() if day is not None]
    return midnight_after(min(days)) if days else None
