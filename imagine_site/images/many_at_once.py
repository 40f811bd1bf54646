"""Many pictures at once: taken one by one from a drop or all from one form, then given their words.

A part of the library's admin. A picture that arrives without what it needs is kept as incomplete;
a table completes as many as a person can look through.
"""

from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from imagine_site.editing.versions import in_silence, make_version
from imagine_site.images import uses
from imagine_site.images.forms import ACCEPTED, ForAllForm, RowForm
from imagine_site.images.models import DuplicateImage, Image
from imagine_site.images.normalise import Busy
from imagine_site.images.uploads import Upload

#: Files of one sending without a script.
AT_ONCE = 40
#: Pictures in the table where none are chosen.
ROWS = 24


class ManyAtOnce:
    """For the admin of pictures: the page that takes many, the door for each, the table."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("several/", wrap(self.several), name="images_image_several"),
            path("several/one/", wrap(require_POST(self.take)), name="images_image_take"),
            path("complete/", wrap(self.complete), name="images_image_complete"),
            *super().get_urls(),
        ]

    def completing(self, keys: Iterable[int]) -> str:
        address = reverse("admin:images_image_complete", current_app=self.admin_site.name)
        return f"{address}?ids={','.join(map(str, keys))}"

    def change_address(self, image: Image) -> str:
        return reverse(
            "admin:images_image_change", args=[image.pk], current_app=self.admin_site.name
        )

    def words_of_the_drop_zone(self, request: HttpRequest) -> dict:
        """What the page that takes many pictures, and the list, need for it."""
        words = {
            "waiting": _("waiting"),
            "sending": _("sending, {percent} %"),
            "working": _("being cut to size"),
            "added": _("added"),
            "incomplete": _("added; to complete: {fields}"),
            "known": _("in the library already"),
            "failed": _("The server did not answer. Drop the file again."),
            "progress": _("{done} of {total} done"),
            "finished": _("All {total} done: {added} added, {known} known, {failed} refused."),
        }
        return {
            "may_add": self.has_add_permission(request),
            "accepted": ACCEPTED,
            "most": AT_ONCE,
            "words": {name: str(word) for name, word in words.items()},
            "take_url": reverse("admin:images_image_take", current_app=self.admin_site.name),
            "several_url": reverse("admin:images_image_several", current_app=self.admin_site.name),
            "complete_url": reverse(
                "admin:images_image_complete", current_app=self.admin_site.name
            ),
        }

    def several(self, request: HttpRequest) -> HttpResponse:
        """A page to send many files on: with a script one by one, without it all at once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        results = []
        if request.method == "POST":
            # A file more than this is said, not dropped.
            files = request.FILES.getlist("files")
            results = [self._take(request, file) for file in files[:AT_ONCE]]
            too_many = gettext("Not sent: at most %(count)d at once.") % {"count": AT_ONCE}
            results += [{"name": file.name, "error": too_many} for file in files[AT_ONCE:]]
            if not files:
                messages.error(request, gettext("Choose a picture."))
        added = [result["id"] for result in results if result.get("state") == "added"]
        context = {
            **self.admin_site.each_context(request),
            **self.words_of_the_drop_zone(request),
            "title": gettext("Add several pictures"),
            "opts": self.opts,
            "media": self.media,
            "results": results,
            "completing": self.completing(added) if added else "",
        }
        return TemplateResponse(request, "images/several.html", context)

    def take(self, request: HttpRequest) -> JsonResponse:
        """One file of many: its entry, or the entry that is there already, or what is wrong."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        result = self._take(request, request.FILES.get("file"))
        if result.get("busy"):
            return JsonResponse(result, status=503, headers={"Retry-After": "2"})
        if "error" in result:
            return JsonResponse(result, status=400)
        return JsonResponse(result, status=201 if result["state"] == "added" else 200)

    def _take(self, request: HttpRequest, file) -> dict:
        """Verify, normalise and keep a file, with what it says of itself as its first words."""
        if file is None:
            return {"name": "", "error": gettext("Choose a picture.")}
        upload, name = Upload(file=file, by=request.user), file.name
        try:
            if existing := Image.objects.matching(upload.normalised).first():
                return self._known(name, existing)
            said = upload.said
            image = Image(
                **{**vars(said), "title": said.title or upload.name}, created_by=request.user
            )
            image.incomplete = not image.complete
            image.full_clean(exclude=["original", "width", "height", "digest"])
            made = upload.renditions(image.focal)
            with transaction.atomic():
                image.receive(upload.normalised, made)
                with in_silence(image):
                    image.save_new()
                make_version(image, by=request.user)
                self.log_addition(request, image, [{"added": {}}])
        except DuplicateImage as error:
            return self._known(name, error.existing)
        except Busy as error:
            return {"name": name, "error": error.messages[0], "busy": True}
        except ValidationError as error:
            return {"name": name, "error": " ".join(error.messages)}
        return {
            "name": name,
            "state": "added",
            "id": image.pk,
            "title": str(image),
            "url": self.change_address(image),
            "thumb": image.file_url(shape="card", at_least=1),
            "missing": lacking(image),
        }

    def _known(self, name: str, image: Image) -> dict:
        known = {"state": "known", "id": image.pk, "url": self.change_address(image)}
        return {"name": name, "title": str(image), **known}

    def complete(self, request: HttpRequest) -> HttpResponse:
        """A table of the words of many pictures: `?ids=1,2`, else those that are incomplete.

        Each row is saved by itself: one that is not right stays on the page, the others are done.
        """
        if not self.has_change_permission(request):
            raise PermissionDenied
        images = self._to_complete(request)
        for_all = ForAllForm(request.POST or None, prefix="all")
        rows, saved = [], 0
        if request.method == "POST":
            said = {name: request.POST.get(f"all-{name}", "") for name in for_all.fields}
            for image in images:
                row = self._row(image, _filled_in(request.POST, image, said))
                if self._saved_row(request, row):
                    saved += 1
                    row = self._row(row.instance)
                rows.append(row)
            if saved:
                messages.success(
                    request,
                    ngettext("%(count)d picture saved.", "%(count)d pictures saved.", saved)
                    % {"count": saved},
                )
            if not any(row.errors for row in rows):
                return HttpResponseRedirect(request.get_full_path())
        else:
            rows = [self._row(image) for image in images]
        known = {
            name: Image.objects.exclude(**{name: ""})
            .order_by(name)
            .values_list(name, flat=True)
            .distinct()[:200]
            for name in for_all.fields
        }
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Complete pictures"),
            "opts": self.opts,
            "media": self.media,
            "rows": rows,
            "for_all": for_all,
            "known": known,
            "incomplete": Image.objects.filter(incomplete=True).count(),
        }
        status = 409 if any(row.conflict for row in rows) else 200
        return TemplateResponse(request, "images/complete.html", context, status=status)

    def _to_complete(self, request: HttpRequest) -> list[Image]:
        images = self.get_queryset(request)
        if "ids" not in request.GET:
            return list(images.filter(incomplete=True)[:ROWS])
        asked = [int(pk) for pk in request.GET["ids"].split(",")[: uses.TOGETHER] if is_key(pk)]
        found = images.in_bulk(asked)
        return [found[pk] for pk in dict.fromkeys(asked) if pk in found]

    def _row(self, image: Image, data=None) -> RowForm:
        prefix = f"image-{image.pk}"
        row = RowForm(data, instance=image, prefix=prefix)
        if data is not None:
            row.sent_version = data.get(f"{prefix}-version", "")
        return row

    def _saved_row(self, request: HttpRequest, row: RowForm) -> bool:
        with transaction.atomic():
            if not (row.is_valid() and row.has_changed()):
                return False
            image = row.save(commit=False)
            self.save_model(request, image, row, change=True)
            make_version(image, by=request.user)
            self.log_change(
                request, image, self.construct_change_message(request, row, [], add=False)
            )
        return True


def _filled_in(data, image: Image, said: dict[str, str]):
    """What was sent, with what is said of all pictures where a row says nothing itself."""
    data = data.copy()
    for name, value in said.items():
        key = f"image-{image.pk}-{name}"
        if value.strip() and key in data and not data[key].strip():
            data[key] = value
    return data


def lacking(image: Image) -> list[str]:
    """The names of the fields that an incomplete entry still needs."""
    return [str(Image._meta.get_field(name).verbose_name) for name in image.missing]


def is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
