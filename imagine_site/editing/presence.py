"""Who has a form open, and what each of its windows wrote last.

A window tells the server that it is there; others are shown who else is. What it wrote last is kept
with it, because an answer may be lost on the way back: the window then asks again under the same
key, and is neither refused as if somebody else had written nor does it write anything twice.
"""

from __future__ import annotations

import datetime
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from imagine_site.editing.models import Presence, Versioned

#: For so long a window can ask whether what it sent has arrived.
KEPT_FOR = datetime.timedelta(days=60)

WINDOW_INPUT = "_window"
KEY_INPUT = "_key"
UNANSWERED_INPUT = "_unanswered"

_KEY = re.compile(r"[A-Za-z0-9_-]{8,40}")


def name_of(user) -> str:
    return user.get_full_name() or user.get_username()


def clock(at: datetime.datetime, *, seconds: bool = False) -> str:
    """A time of day as people say it, in the site's zone; with the date where it is another day."""
    local = timezone.localtime(at)
    shown = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    if local.date() == timezone.localdate():
        return shown
    return f"{local.date().isoformat()} {shown}"


def _key(typed: str | None) -> str:
    return typed if typed and _KEY.fullmatch(typed) else ""


@dataclass(frozen=True)
class Sender:
    """The window that sent a form: its own key, that of this request, and those of its former ones
    to which it got no answer."""

    window: str = ""
    key: str = ""
    unanswered: frozenset[str] = frozenset()

    @classmethod
    def of(cls, request: HttpRequest) -> Sender:
        data = request.POST
        unanswered = (_key(key) for key in data.get(UNANSWERED_INPUT, "")[:2000].split(","))
        return cls(
            window=_key(data.get(WINDOW_INPUT)),
            key=_key(data.get(KEY_INPUT)),
            unanswered=frozenset(key for key in unanswered if key),
        )


def _of_window(request: HttpRequest) -> models.QuerySet[Presence]:
    return Presence.objects.filter(user=request.user, window=Sender.of(request).window)


def last_write(request: HttpRequest, model: type[Versioned], pk: int | None) -> Presence | None:
    """What the window of a request wrote last to a row (to any of the model, when `pk` is None)."""
    if not Sender.of(request).window:
        return None
    kind = ContentType.objects.get_for_model(model)
    found = _of_window(request).filter(content_type=kind).exclude(key="")
    if pk is not None:
        found = found.filter(object_id=pk)
    return found.exclude(object_id=0).first()


def claim(request: HttpRequest, model: type[Versioned]) -> Presence | None:
    """The window's own line, locked, before it stores a new row (`object_id` is 0 until it has):
    of two requests of one window the second waits, and finds what the first has made."""
    sender = Sender.of(request)
    if not sender.window:
        return None
    now = timezone.now()
    Presence.objects.get_or_create(
        user=request.user,
        window=sender.window,
        defaults={
            "content_type": ContentType.objects.get_for_model(model),
            "object_id": 0,
            "since": now,
            "seen_at": now,
        },
    )
    return _of_window(request).select_for_update().get()


def wrote(request: HttpRequest, stored: Versioned) -> bool:
    """Whether the row is as this window itself left it, in a request whose answer was lost."""
    last = last_write(request, type(stored), stored.pk)
    return (
        last is not None
        and last.version == stored.version
        and last.key in Sender.of(request).unanswered
    )


def rows_written(request: HttpRequest, model: type[Versioned], pk: int | None) -> dict[str, Any]:
    """The keys of inner rows this window has written, by the mark that the window gave each."""
    last = last_write(request, model, pk) if pk is not None else None
    return last.rows if last else {}


def note_write(request: HttpRequest, instance: Versioned, rows: dict[str, Any]) -> None:
    """Keep that the request's form has been written, within the transaction that wrote it."""
    sender = Sender.of(request)
    if not sender.window or not sender.key:
        return
    _note(
        request,
        instance,
        key=sender.key,
        version=instance.version,
        rows={mark: pk for mark, pk in rows.items() if _key(mark)},
        is_writing=True,
        left_at=None,
    )


def _note(request: HttpRequest, instance: models.Model, **values) -> None:
    now = timezone.now()
    kind = ContentType.objects.get_for_model(instance)
    _window, made = Presence.objects.update_or_create(
        user=request.user,
        window=Sender.of(request).window,
        defaults={"content_type": kind, "object_id": instance.pk, "seen_at": now, **values},
        create_defaults={
            "content_type": kind,
            "object_id": instance.pk,
            "since": now,
            "seen_at": now,
            **values,
        },
    )
    if made:
        Presence.objects.filter(seen_at__lt=now - KEPT_FOR).delete()


def beat(request: HttpRequest, instance: models.Model) -> None:
    """Note that a window is open on a row, as its `writing` and `left` say."""
    if not Sender.of(request).window:
        return
    # Deleted at this moment, the row or the account: then nobody is there to be told of.
    with suppress(IntegrityError):
        _note(
            request,
            instance,
            is_writing=request.POST.get("writing") == "1",
            left_at=timezone.now() if request.POST.get("left") else None,
        )


def others(request: HttpRequest, instance: models.Model) -> list[str]:
    """A sentence for each person (or other window of one's own) that has the row open now."""
    here = Presence.objects.here(instance).exclude(
        user=request.user, window=Sender.of(request).window
    )
    sentences: dict[int, str] = {}
    for presence in here.select_related("user").order_by("-is_writing", "since"):
        if presence.user_id not in sentences:
            sentences[presence.user_id] = _sentence(presence, own=presence.user == request.user)
    return list(sentences.values())


def _sentence(presence: Presence, *, own: bool) -> str:
    since = clock(presence.since)
    if own:
        return _("You have this open in another window, since %(time)s.") % {"time": since}
    if presence.is_writing:
        sentence = _("%(name)s is writing here, since %(time)s.")
    else:
        sentence = _("%(name)s has this open, since %(time)s.")
    return sentence % {"name": name_of(presence.user), "time": since}


def arrived(request: HttpRequest, windows: list[str]) -> dict[str, str]:
    """The key of what each of the account's windows wrote last, for those that wrote anything."""
    asked = [window for window in windows[:200] if _key(window)]
    found = Presence.objects.filter(user=request.user, window__in=asked).exclude(key="")
    return dict(found.values_list("window", "key"))
