"""What a record of the register is: maintained, not published; public or for colleagues only."""

from functools import partial
from typing import ClassVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from imagine_site.editing.models import Versioned, VersionedQuerySet
from imagine_site.register import signals


class RecordQuerySet(VersionedQuerySet):
    def public(self) -> "RecordQuerySet":
        """Those a visitor may see; the same rule as `Record.is_public`."""
        return self.filter(is_public=True)


class Record(Versioned):
    """A row of the register. Saved means visible, when public; every save is kept as history."""

    #: How documents refer to records of this model: `<kind>:<pk>`.
    kind: ClassVar[str]
    #: The attributes that hold its official names, in every language.
    name_fields: ClassVar[tuple[str, ...]]

    is_public = models.BooleanField(
        _("public"),
        default=True,
        help_text=_("Unticked: only colleagues see it, here. Its page and its links disappear."),
    )
    aliases = models.TextField(
        _("other names"),
        blank=True,
        help_text=_(
            "One a line: former names, short forms, usual misspellings. "
            "Texts that use them are recognised; visitors do not see them."
        ),
    )
    import_key = models.CharField(
        _("key in the register file"), max_length=100, unique=True, null=True, blank=True
    )

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        record = super().from_db(db, field_names, values)
        record._face = record._public_face(set(field_names))
        return record

    def _public_face(self, loaded: set[str] | None = None) -> dict[str, object]:
        """What decides whether and where visitors find it."""
        names = {f.attname for f in self._meta.concrete_fields if f.name.startswith("slug")}
        names.add("is_public")
        return {name: getattr(self, name) for name in names if loaded is None or name in loaded}

    def save(self, *args, **kwargs):
        before = getattr(self, "_face", None)
        if before is None and self.pk:  # made by hand from an old version: see what it replaces
            stored = type(self)._base_manager.filter(pk=self.pk).first()
            before = stored._face if stored else None
        super().save(*args, **kwargs)
        now = self._public_face()
        if before is not None and before != now:
            transaction.on_commit(partial(signals.readdressed.send, sender=type(self), record=self))
        if not self.is_public:
            signals.changed.send(sender=type(self), record=self)
        transaction.on_commit(partial(signals.changed.send, sender=type(self), record=self))
        self._face = now

    @property
    def reference(self) -> str:
        """How a document names this record: `laboratory:4`."""
        return f"{self.kind}:{self.pk}"

    def all_names(self) -> list[str]:
        """Every name by which a text may mean this record, without repetition."""
        names = [*(getattr(self, name) for name in self.name_fields), *self.aliases.splitlines()]
        return list(dict.fromkeys(name.strip() for name in names if name.strip()))
