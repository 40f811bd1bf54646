"""The file library: one entry per file that visitors may be given, in the words of its links.

An entry keeps its content in the private storage "originals", which has no address, under the
digest of the content. What it held before stays there too, as its history names it, so that a
version can be looked at and brought back. Whether the public may have a file is decided by the
texts that are live, and by nothing in this table.
"""

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File as OpenFile
from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from imagine_site.editing.fields import bilingual
from imagine_site.editing.languages import language_name
from imagine_site.editing.models import Versioned, VersionedQuerySet
from imagine_site.files import naming, uses
from imagine_site.files.formats import BY_MEDIA_TYPE, Format, size_in_words


class Accessible(models.TextChoices):
    """RGAA 4.1 criterion 13.3: an office document is accessible or has a version that is."""

    UNKNOWN = "unknown", _("nobody has checked yet")
    YES = "yes", _("yes")
    NO = "no", _("no")


class FileQuerySet(VersionedQuerySet):
    def public(self, *, at: datetime.datetime | None = None) -> "FileQuerySet":
        """Those a text links to that is live at a moment (now unless said), in any language."""
        return self.filter(uses.is_public(at or timezone.now()))


class File(Versioned):
    title = bilingual(
        models.CharField(
            _("title"),
            max_length=200,
            blank=True,
            help_text=_(
                "For colleagues who look for it, and the name under which readers keep it. "
                "Empty: from the name of the file."
            ),
        )
    )
    language = models.CharField(
        _("language of the file"),
        max_length=5,
        choices=[("", _("several languages, or none")), *settings.LANGUAGES],
        blank=True,
        default="",
        help_text=_("Links on pages in another language say it."),
    )
    accessible = models.CharField(
        _("accessible"),
        max_length=10,
        choices=Accessible,
        default=Accessible.UNKNOWN,
        help_text=_(
            "Whether people who cannot see it can read it: real text, headings, descriptions of "
            "pictures, a language. The law asks for it (RGAA 13.3)."
        ),
    )
    credit = models.CharField(
        _("author or source"),
        max_length=200,
        blank=True,
        help_text=_("Whose document it is, where it is not the institute's own."),
    )

    #: In its address, as the first file was called; it stays when the file is replaced.
    name = models.SlugField(_("name in the address"), max_length=80, editable=False)
    #: A name in the storage "originals" and not a FileField: a FileField has a `url`, and what is
    #: in no live text has no address.
    original = models.CharField(_("original"), max_length=100, editable=False)
    media_type = models.CharField(_("media type"), max_length=100, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    digest = models.CharField(
        _("digest"),
        max_length=64,
        unique=True,
        editable=False,
        error_messages={"unique": _("This file is already in the library.")},
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("added by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = FileQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="file_has_content"),
            models.CheckConstraint(
                condition=~Q(title_en="") | ~Q(title_fr=""),
                name="file_has_a_title",
                violation_error_message=_("Give the file a title."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.name

    def clean(self):
        super().clean()
        for text in ("title_en", "title_fr", "credit"):
            setattr(self, text, naming.visible(getattr(self, text) or ""))
        if not self.title_en and not self.title_fr:
            raise ValidationError({"title_en": _("Give the file a title.")})

    def get_absolute_url(self) -> str:
        """Its one address in both languages; it answers while the file is public."""
        return reverse("files:file", args=[self.pk, self.file_name])

    def is_public(self, *, at: datetime.datetime | None = None) -> bool:
        """Whether visitors may have it at a moment; the same rule as `FileQuerySet.public`."""
        return File.objects.filter(pk=self.pk).public(at=at).exists()

    # -- What it is ---------------------------------------------------------------------------

    @property
    def format(self) -> Format:
        return BY_MEDIA_TYPE[self.media_type]

    @property
    def file_name(self) -> str:
        """In its address: "rapport-annuel.pdf"."""
        return f"{self.name}.{self.format.ending}"

    @property
    def download_name(self) -> str:
        """On the disk of who downloads it: its title, in its own language."""
        title = (self.language and getattr(self, f"title_{self.language}")) or self.title
        return f"{naming.on_disk(title) or self.name}.{self.format.ending}"

    def details(self, *, beside: str = "") -> str:
        """What a link says of it, in the current language: "PDF, 2.3 MB".

        `beside` is the language of the page; another one is named: "PDF, 2.3 MB, in French".
        """
        said = [self.format.name, size_in_words(self.size)]
        if beside and self.language and self.language != beside:
            said.append(gettext("in %(language)s") % {"language": language_name(self.language)})
        return ", ".join(said)

    # -- Its content --------------------------------------------------------------------------

    def open(self) -> OpenFile:
        """The content, as it is stored. Raises `FileNotFoundError`."""
        return storages["originals"].open(self.original)

    def former(self) -> list:
        """Rows of its history with other contents than now, the newest of each content."""
        seen, found = {self.original}, []
        for row in self.history.select_related("history_user").order_by("-history_id"):
            if row.original not in seen:
                seen.add(row.original)
                found.append(row)
        return found
