"""A row that knows how often it was saved, so that a save over someone's newer save is noticed."""

from typing import ClassVar

from django.db import models
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
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "version", "updated_at"}
        super().save(*args, **kwargs)
