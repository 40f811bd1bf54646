"""The form of an entry: in the admin, and behind the editor's file dialog."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from imagine_site.editing.admin import VersionedForm
from imagine_site.files.actions import DuplicateFile, refuse_duplicate
from imagine_site.files.formats import FORMATS
from imagine_site.files.incoming import Incoming
from imagine_site.files.models import Accessible, File
from imagine_site.files.verify import FileRefused

_ACCEPTED = ",".join(f".{each.ending}" for each in FORMATS)


class FileForm(VersionedForm):
    """A new entry needs a file; later another one may take its place. `incoming` is set by whoever
    makes the form, from the request, so that a file is looked at once."""

    incoming: Incoming | None = None
    #: The entry that has the very file that was sent, if there is one.
    existing: File | None = None

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,  # said in our words
        widget=forms.FileInput(attrs={"accept": _ACCEPTED}),
    )

    class Meta:
        model = File
        fields = ["title_en", "title_fr", "language", "accessible", "credit"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "accessible" in self.fields:
            self.fields["accessible"].required = False  # Not sent means as usual.
        if "file" in self.fields and not self.instance._state.adding:
            self.fields["file"].label = _("Replace the file")
            self.fields["file"].help_text = _(
                "The entry keeps its address, and every text that links to it gives the new file "
                "from then on. The present one stays in the list of former files."
            )
        elif "file" in self.fields:
            self.fields["file"].help_text = _("%(formats)s, at most %(limit)s MB.") % {
                "formats": ", ".join(each.name for each in FORMATS),
                "limit": settings.FILES_MAX_MB,
            }

    def clean_accessible(self) -> str:
        return self.cleaned_data["accessible"] or Accessible.UNKNOWN

    def clean(self):
        cleaned = super().clean()
        if "file" in self.errors:
            return cleaned
        try:
            self._check_file()
        except ValidationError as error:
            self.add_error("file" if "file" in self.fields else None, error)
        if self.incoming or self.instance._state.adding:
            self._give_title(cleaned)
        return cleaned

    def _give_title(self, cleaned: dict) -> None:
        """An empty one, from the name of the file. Where that is refused the form is, too, and a
        missing title is not to be complained of as well."""
        if not cleaned.get("title_en") and not cleaned.get("title_fr"):
            title = self.incoming.title if self.incoming and not self.errors else "–"
            cleaned["title_en"] = cleaned["title_fr"] = title

    def _check_file(self) -> None:
        if self.incoming:
            try:
                refuse_duplicate(self.incoming, of=self.instance)
            except DuplicateFile as error:
                self.existing = error.existing
                raise _here_already(error.existing) from error
        elif self.instance._state.adding:
            raise ValidationError(_("Choose a file."), code="required")


def _here_already(existing: File) -> FileRefused:
    return FileRefused(
        format_html(
            str(_("This file is already in the library, as {link}.")),
            link=format_html(
                '<a href="{}">{}</a>',
                reverse("admin:files_file_change", args=[existing.pk]),
                existing,
            ),
        ),
        code="duplicate",
    )
