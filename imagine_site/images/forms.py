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
from imagine_site.images.renditions import Rendition
from imagine_site.images.uploads import Upload
from imagine_site.images.verify import ImageRefused, open_own

_FOCAL = forms.NumberInput(attrs={"min": 0, "max": 1, "step": 0.01, "class": "focal-number"})


class ImageForm(VersionedForm):
    """On a new entry the file is asked for; later it stays what it is, because editions that are
    public show it. `upload` is set by whoever makes the form, from the request."""

    upload: Upload | None = None

    file = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif"}),
        help_text=_(
            "JPEG, PNG, WebP or AVIF, at most 30 MB and 64 megapixels. Turned upright and freed of "
            "hidden data such as the place where it was taken."
        ),
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
            "focal_x",
            "focal_y",
        ]
        widgets = {"focal_x": _FOCAL, "focal_y": _FOCAL}

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
                cleaned["title"] = cleaned.get("title") or self.upload.name
        return cleaned

    def _check_picture(self) -> None:
        if not self.upload:
            raise ValidationError(_("Choose a picture."), code="required")
        if existing := Image.objects.matching(self.upload.normalised).first():
            raise ImageRefused(
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
        self["file"].help_text = format_html(
            '<span class="kept-picture"><img src="{}" alt=""> {}</span>',
            _thumbnail(self.upload.normalised.data),
            _("Your picture is kept. Choose another one only to replace it."),
        )

    def renditions(self) -> list[tuple[Rendition, bytes]]:
        """Of a valid new entry, cut for the focal point it was given."""
        return self.upload.renditions(self.instance.focal)


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
