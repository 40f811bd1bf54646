"""The form of a library entry: in the admin, and behind the editor's picture dialog."""

import base64
import io

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from PIL import Image as Pillow

from imagine_site.editing.admin import VersionedForm
from imagine_site.images.models import Consent, Image
from imagine_site.images.renditions import Made
from imagine_site.images.uploads import Upload
from imagine_site.images.verify import ImageRefused, open_own

#: What a browser's file dialog offers; `verify` decides.
ACCEPTED = "image/jpeg,image/png,image/webp,image/avif"
TAKEN = _(
    "JPEG, PNG, WebP or AVIF, at most 30 MB and 64 megapixels. Turned upright and freed of "
    "hidden data such as the place where it was taken."
)
_FOCAL = forms.NumberInput(attrs={"min": 0, "max": 1, "step": 0.01, "class": "focal-number"})


class ImageForm(VersionedForm):
    """On a new entry the file is asked for; later it stays what it is, because editions that are
    public show it. `upload` is set by whoever makes the form, from the request."""

    upload: Upload | None = None
    #: What the file says for fields that were empty, filled in for the editor to look at; only of a
    #: form that goes back.
    proposed: dict[str, str] = {}

    file = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=TAKEN,
    )
    note = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Image
        fields = [
            "title",
            "alt_en",
            "alt_fr",
            "decorative",
            "credit",
            "licence",
            "rights_until",
            "consent",
            "consent_reference",
            "consent_until",
            "taken_on",
            "description",
            "focal_x",
            "focal_y",
        ]
        widgets = {
            "focal_x": _FOCAL,
            "focal_y": _FOCAL,
            "description": forms.Textarea({"rows": 3, "cols": 60}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("consent", "focal_x", "focal_y"):
            if name in self.fields:
                self.fields[name].required = False  # Not sent means as usual.
        if not self.instance._state.adding:
            for name in ("file", "note"):
                self.fields.pop(name, None)

    def clean_focal_x(self) -> float:
        value = self.cleaned_data["focal_x"]
        return 0.5 if value is None else value

    def clean_focal_y(self) -> float:
        value = self.cleaned_data["focal_y"]
        return 0.5 if value is None else value

    def clean_consent(self) -> str:
        return self.cleaned_data["consent"] or Consent.NOT_NEEDED

    def clean(self):
        cleaned = super().clean()
        if self.instance._state.adding and "file" not in self.errors:
            try:
                self._check_picture()
            except ValidationError as error:
                self.add_error("file", error)
            else:
                said = self.upload.said
                cleaned["title"] = cleaned.get("title") or said.title or self.upload.name
                # For colleagues only; what is published of a picture is always typed or seen.
                for name in ("taken_on", "description"):
                    cleaned[name] = cleaned.get(name) or getattr(said, name)
        return cleaned

    def _check_picture(self) -> None:
        if not self.upload:
            raise ValidationError(_("Choose a picture."), code="required")
        if existing := Image.objects.matching(self.upload.normalised).first():
            raise already_here(existing)

    def full_clean(self):
        super().full_clean()
        if self.is_bound and self.errors and self.instance._state.adding and self.upload:
            self._keep_picture()

    def _keep_picture(self) -> None:
        """The form goes back to the editor: a picture that passed need not be chosen again."""
        if "file" in self.errors or "file" not in self.fields:
            return
        self.data = self.data.copy()
        self.data[self.add_prefix("note")] = self.upload.note
        self.proposed = self._proposals()
        for name, value in self.proposed.items():
            self.data[self.add_prefix(name)] = value
        self["file"].help_text = format_html(
            '<span class="kept-picture"><img src="{}" alt=""> {}</span>',
            _thumbnail(self.upload.normalised.data),
            _("Your picture is kept. Choose another one only to replace it."),
        )

    def _proposals(self) -> dict[str, str]:
        said = self.upload.said.as_json()
        return {
            name: value
            for name, value in said.items()
            if value and not (self.data.get(self.add_prefix(name)) or "").strip()
        }

    def renditions(self) -> Made:
        """Of a valid new entry, cut for the focal point it was given."""
        return self.upload.renditions(self.instance.focal)


class ReplaceForm(forms.Form):
    """Another picture for an entry. `upload` and `image` are set by whoever makes the form."""

    upload: Upload
    image: Image

    file = forms.FileField(
        label=_("New picture"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=TAKEN,
    )
    keep_focal = forms.BooleanField(
        label=_("Keep the focal point"),
        required=False,
        help_text=_("Otherwise it is set to the middle."),
    )
    everywhere = forms.BooleanField(
        label=_("Also in what is published already"),
        required=False,
        help_text=_(
            "Tick when it is the same picture, made better. Otherwise what is published goes on "
            "showing the picture it was published with, until it is published again."
        ),
    )

    def clean_file(self):
        normalised = self.upload.normalised
        if normalised.digest == self.image.digest:
            raise ImageRefused(_("This is the picture that is there already."), code="duplicate")
        if existing := Image.objects.matching(normalised).first():
            raise already_here(existing)
        return self.cleaned_data["file"]

    def focal(self) -> tuple[float, float]:
        return self.image.focal if self.cleaned_data["keep_focal"] else (0.5, 0.5)


class RowForm(VersionedForm):
    """The words of one picture in the table where many are completed."""

    class Meta:
        model = Image
        fields = ["title", "credit", "licence", "alt_en", "alt_fr", "decorative", "taken_on"]
        widgets = {
            name: forms.Textarea({"rows": 3, "cols": 24, "lang": name[-2:]})
            for name in ("alt_en", "alt_fr")
        } | {
            name: forms.TextInput({"size": 18, "list": f"known-{name}"})
            for name in ("credit", "licence")
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.help_text = ""
            # Each column has one heading; every field still needs a name of its own.
            field.widget.attrs["aria-label"] = f"{field.label}: {self.instance}"

    @property
    def version(self) -> int | str:
        """To send along: saving again over a newer save is then a decision."""
        if self.conflict:
            return self.conflict.stored.version
        return self.instance.version if self.sent_version is None else self.sent_version


class ForAllForm(forms.Form):
    """What is said of a whole selection at once: it fills the fields that are empty."""

    credit = forms.CharField(label=_("Credit"), max_length=200, required=False)
    licence = forms.CharField(label=_("Licence"), max_length=200, required=False)


def already_here(existing: Image) -> ImageRefused:
    """The refusal of a picture that the library holds, with the way to its entry."""
    return ImageRefused(
        format_html(
            str(_("This picture is already in the library, as {link}.")),
            link=format_html(
                '<a href="{}">{}</a>',
                reverse("admin:images_image_change", args=[existing.pk]),
                existing,
            ),
        ),
        code="duplicate",
    )


def _thumbnail(data: bytes) -> str:
    """A small picture inside the page: what is only kept has no address it could be fetched at."""
    with open_own(data) as picture:
        small = picture.convert("RGBA")
    small.thumbnail((240, 240), reducing_gap=2.0)
    paper = Pillow.new("RGB", small.size, "white")
    paper.paste(small, mask=small.getchannel("A"))
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=75)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode("ascii")
