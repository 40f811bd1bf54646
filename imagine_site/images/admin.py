"""The picture library for editors, and the small JSON doors behind the editor's picture dialog."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Script
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from imagine_site.editing.admin import VersionedAdmin
from imagine_site.images import uses
from imagine_site.images.forms import ImageForm
from imagine_site.images.models import DuplicateImage, Image
from imagine_site.images.renditions import CROPPED
from imagine_site.images.uploads import Upload

PICKS_PER_PAGE = 24


class UsableFilter(admin.SimpleListFilter):
    title = _("may be shown")
    parameter_name = "usable"

    def lookups(self, request, model_admin):
        return [("yes", _("yes")), ("no", _("no: rights or consent"))]

    def queryset(self, request, queryset):
        if self.value() == "yes":
            return queryset.usable()
        if self.value() == "no":
            return queryset.exclude(pk__in=Image.objects.usable().values("pk"))
        return queryset


@admin.register(Image)
class ImageAdmin(VersionedAdmin):
    form = ImageForm
    list_display = ["thumbnail", "title", "credit", "rights", "used_in_short", "created_at"]
    list_display_links = ["thumbnail", "title"]
    list_filter = [UsableFilter, "consent", "decorative", "created_at"]
    list_per_page = PICKS_PER_PAGE
    search_fields = ["title", "alt_en", "alt_fr", "credit"]
    search_help_text = _("Name, alternative text or credit")
    readonly_fields = ["focal_picker", "used_in", "facts"]

    class Media:
        css = {"all": ["images/library.css"]}
        js = [Script("images/focal.js", type="module")]

    # -- The list -----------------------------------------------------------------------------

    @admin.display(description=_("picture"))
    def thumbnail(self, image: Image) -> str:
        return format_html(
            '<img class="library-thumbnail" src="{}" alt="{}" loading="lazy">',
            image.url(at_least=1),
            image,
        )

    @admin.display(description=_("may be shown"), boolean=False)
    def rights(self, image: Image) -> str:
        today = timezone.localdate()
        if obstacles := image.obstacles(today):
            return format_html('<strong class="library-obstacle">{}</strong>', " ".join(obstacles))
        ends = [day for day in (image.rights_until, image.consent_until) if day]
        if ends:
            return gettext("until %(day)s") % {"day": min(ends).isoformat()}
        return gettext("yes")

    @admin.display(description=_("used in"))
    def used_in_short(self, image: Image) -> str:
        found = uses.of(image)
        if len(found) > 1:
            return gettext("%(place)s and %(count)d more") % {
                "place": found[0].label,
                "count": len(found) - 1,
            }
        return found[0].label if found else "–"

    # -- The form -----------------------------------------------------------------------------

    def get_fieldsets(self, request, obj=None):
        picture = ["focal_picker", ("focal_x", "focal_y")]
        about = []
        if obj is None:
            picture = ["file", "note", *picture]
        else:
            about = [(_("About this picture"), {"fields": ["used_in", "facts"]})]
        return [
            (_("Picture"), {"fields": picture}),
            (_("In words"), {"fields": ["alt_en", "alt_fr", "decorative", "title"]}),
            (
                _("Rights"),
                {
                    "fields": [
                        "credit",
                        "licence",
                        "rights_until",
                        "consent",
                        "consent_reference",
                        "consent_until",
                    ]
                },
            ),
            *about,
        ]

    @admin.display(description=_("crops"))
    def focal_picker(self, image: Image | None) -> str:
        exists = image is not None and image.pk is not None
        return render_to_string(
            "images/focal.html",
            {
                "src": image.url() if exists else "",
                "width": image.width if exists else 3,
                "height": image.height if exists else 2,
                "shapes": [shape.name for shape in CROPPED],
            },
        )

    @admin.display(description=_("used in"))
    def used_in(self, image: Image) -> str:
        return _as_list(uses.of(image)) or gettext("nowhere yet")

    @admin.display(description=_("file"))
    def facts(self, image: Image) -> str:
        weight = sum(rendition.bytes for rendition in image.all_renditions())
        return gettext("%(width)d × %(height)d pixels; %(count)d files, %(weight)d kB in all") % {
            "width": image.width,
            "height": image.height,
            "count": len(image.renditions),
            "weight": round(weight / 1000),
        }

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.upload = _upload_of(request)
        return form

    def add_view(self, request, form_url="", extra_context=None):
        if request.method == "POST" and self.has_add_permission(request):
            # The admin opens its transaction before it validates, and on SQLite nobody else writes
            # meanwhile. Decoding and encoding take a second or two, so they are done here.
            form = self.get_form(request)(request.POST, request.FILES)
            if form.is_valid():
                form.renditions()
        try:
            return super().add_view(request, form_url, extra_context)
        except DuplicateImage as error:
            # A second click on "Save", or a colleague with the same picture at the same moment.
            messages.warning(request, error.messages[0])
            return HttpResponseRedirect(
                reverse(
                    "admin:images_image_change",
                    args=[error.existing.pk],
                    current_app=self.admin_site.name,
                )
            )

    def save_model(self, request, obj, form, change):
        if not change:
            self._save_new(request, obj, form)
            return
        # Asked of the database, because a restored version is shown as if it were saved already.
        before = Image.objects.filter(pk=obj.pk).values_list("focal_x", "focal_y").first()
        if before != obj.focal:
            obj.refocus()
        super().save_model(request, obj, form, change)

    def _save_new(self, request, image: Image, form: ImageForm) -> None:
        image.created_by = request.user
        image.receive(form.upload.normalised, form.renditions())
        image.save_new()
        form.upload.settled()

    # -- Removing -----------------------------------------------------------------------------

    def get_deleted_objects(self, objs, request):
        """The admin's own "protected" page, for pictures that stand in a text: no key says so."""
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        for image in objs:
            protected += [format_html("{}: {}", image, _as_link(use)) for use in uses.of(image)]
        return to_delete, counts, perms_needed, protected

    def delete_model(self, request, obj):
        obj.remove()

    def delete_queryset(self, request, queryset):
        for image in queryset:
            image.remove()

    # -- The editor's dialog ------------------------------------------------------------------

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("pick/", wrap(require_GET(self.pick)), name="images_image_pick"),
            path("pick/these/", wrap(require_GET(self.pick_one)), name="images_image_pick_one"),
            path("upload/", wrap(require_POST(self.upload)), name="images_image_upload"),
            *super().get_urls(),
        ]

    def pick(self, request: HttpRequest) -> JsonResponse:
        """`?q=&page=`: a page of the library. Odd pages are read as the nearest there is."""
        self._may_look(request)
        found, distinct = self.get_search_results(
            request, self.get_queryset(request), request.GET.get("q", "")[:200]
        )
        pages = Paginator(found.distinct() if distinct else found, PICKS_PER_PAGE)
        page = pages.get_page(request.GET.get("page"))
        return JsonResponse(
            {
                "results": [_as_pick(image) for image in page],
                "next": page.next_page_number() if page.has_next() else None,
            }
        )

    def pick_one(self, request: HttpRequest) -> JsonResponse:
        """`?ids=1,2`: these pictures in this order; what is no picture is left out."""
        self._may_look(request)
        asked = [int(pk) for pk in request.GET.get("ids", "").split(",")[:100] if _is_key(pk)]
        found = self.get_queryset(request).in_bulk(asked)
        return JsonResponse(
            {
                "results": [_as_pick(found[pk]) for pk in dict.fromkeys(asked) if pk in found],
                "next": None,
            }
        )

    def upload(self, request: HttpRequest) -> JsonResponse:
        """A new picture from the dialog: its JSON, or `errors` by field and a `note` of the kept
        file, which the next try sends instead of the file."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.get_form(request)(request.POST, request.FILES)
        if form.is_valid():
            image = form.save(commit=False)
            try:
                self._save_new(request, image, form)
            except DuplicateImage as error:
                form.add_error("file", error)
            else:
                self.log_addition(request, image, [{"added": {}}])
                return JsonResponse(_as_pick(image), status=201)
        errors = {field: [str(error) for error in found] for field, found in form.errors.items()}
        return JsonResponse({"errors": errors, "note": form.data.get("note", "")}, status=400)

    def _may_look(self, request: HttpRequest) -> None:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied


def _upload_of(request: HttpRequest) -> Upload:
    """One `Upload` a request, so that nothing costly is done twice in it."""
    if not hasattr(request, "_image_upload"):
        request._image_upload = Upload(
            file=request.FILES.get("file"), note=request.POST.get("note", ""), by=request.user
        )
    return request._image_upload


def _as_pick(image: Image) -> dict:
    return {
        "id": image.pk,
        "title": str(image),
        "alt": image.alt,
        "alt_en": image.alt_en,
        "alt_fr": image.alt_fr,
        "decorative": image.decorative,
        "credit": image.credit,
        "width": image.width,
        "height": image.height,
        "thumb": image.url(shape="card", at_least=1),
        "preview": image.url(),
        "obstacles": image.obstacles(),
    }


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _as_link(use: uses.Use) -> str:
    return format_html('<a href="{}">{}</a>', use.url, use.label) if use.url else use.label


def _as_list(found: list[uses.Use]) -> str:
    items = format_html_join("", "<li>{}</li>", ((_as_link(use),) for use in found))
    return format_html("<ul>{}</ul>", items) if items else ""
