"""A row that knows how often it was saved, so that a save over someone's newer save is noticed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VersionedQuerySet(models.QuerySet):
    """Nothing is hidden here; subclasses add the words that say what is public."""


class Versioned(models.Model):
    """`version` grows by one with every save; a form sends back the one it was opened with."""

    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last saved"), auto_now=True)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.version += 1
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "version", "updated_at"}
        super().save(*args, **kwargs)
