"""A row that knows how often it was saved, so that a save over someone's newer save is noticed."""

from __future__ import annotations

import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class VersionedQuerySet(models.QuerySet):
    """Nothing is hidden here; subclasses add the words that say what is public."""


class Versioned(models.Model):
    """`version` grows by one with every save; a form sends back the one it was opened with.

    `companions` holds what stands beside the row when a version of it is kept (see
    `imagine_site.editing.versions`): without it, an old version would have no laboratories and no
    guests.
    """

    #: Accessors of many-to-many relations and of inner rows that belong to a version of this row.
    COMPANIONS: ClassVar[tuple[str, ...]] = ()

    version = models.PositiveIntegerField(default=0, editable=False)
    companions = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last saved"), auto_now=True)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.version += 1
        if not getattr(self, "skip_history_when_saving", False):
            # It becomes a version here and now, and its relations may be saved after it.
            self.companions = {}
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "version", "companions", "updated_at"}
        super().save(*args, **kwargs)


#: A window that has said nothing for so long is taken to be closed; it says something every 20 s.
GONE_AFTER = datetime.timedelta(seconds=60)


class PresenceQuerySet(models.QuerySet):
    def here(self, instance: models.Model, *, at: datetime.datetime | None = None):
        """Windows in which a row is open at a moment: heard of within the last minute."""
        at = at or timezone.now()
        return self.filter(
            content_type=ContentType.objects.get_for_model(instance),
            object_id=instance.pk,
            left_at=None,
            seen_at__gt=at - GONE_AFTER,
        )


class Presence(models.Model):
    """A window of an account in which a form is, or was, open (`imagine_site.editing.presence`).

    `key`, `version` and `rows` say what it wrote last: under which key, which version that made,
    and the keys of inner rows by the mark the window gave them.
    """

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    window = models.CharField(max_length=40)
    since = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    left_at = models.DateTimeField(null=True, blank=True)
    is_writing = models.BooleanField(default=False)
    key = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(default=0)
    rows = models.JSONField(default=dict, blank=True)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("open form")
        verbose_name_plural = _("open forms")
        indexes = [models.Index(fields=["content_type", "object_id"], name="presence_of_row")]
        constraints = [
            models.UniqueConstraint(fields=["user", "window"], name="one_presence_per_window")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.content_type} {self.object_id}"
