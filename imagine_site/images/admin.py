"""The picture library for editors, and the small JSON doors behind the editor's picture dialog."""

import copy

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.forms import Script
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from imagine_site.editing.admin import VersionedAdmin
from imagine_site.editing.versions import in_silence, make_version
from imagine_site.images import uses
from imagine_site.images.expiry import ends_soon
from imagine_site.images.filters import (
    MineFilter,
    MissingFilter,
    RightsFilter,
    UsableFilter,
    UsedFilter,
    YearFilter,
)
from imagine_site.images.forms import ImageForm, ReplaceForm
from imagine_site.images.many_at_once import ManyAtOnce, is_key, lacking
from imagine_site.images.models import DuplicateImage, Image
from imagine_site.images.renditions import CROPPED
from imagine_site.images.uploads import Upload

PICKS_PER_PAGE = 24
#: What each crop is for, under its preview.
_CROPS = {"card": _("in lists"), "portrait": _("as a portrait")}


class PhotoList(ChangeList):
    """The change list, and where its pictures stand: asked once for the whole page."""

    def get_results(self, request):
        super().get_results(request)
        for image in self.result_list:
            image.listed_in = self

    @cached_property
    def places(self) -> dict[int, list[uses.Use]]:
        return uses.of_all(self.result_list)


@admin.register(Image)
class ImageAdmin(ManyAtOnce, VersionedAdmin):
    form = ImageForm
    change_list_template = "images/change_list.html"
    change_form_template = "images/change_form.html"
    #: Its files are gone.
    deleted_come_back = False
    list_display = ["thumbnail", "name", "by", "state", "used_in_short", "added"]
    list_display_links = ["thumbnail", "name"]
    list_filter = [
        MissingFilter,
        RightsFilter,
        UsableFilter,
        "consent",
        UsedFilter,
        MineFilter,
        YearFilter,
    ]
    list_per_page = PICKS_PER_PAGE
    list_max_show_all = 4 * PICKS_PER_PAGE
    search_fields = ["title", "alt_en", "alt_fr", "credit", "description"]
    search_help_text = _("Name, alternative text, credit or the caption that came with the file")
    actions = ["complete_these"]
    readonly_fields = ["focal_picker", "used_in", "facts"]

    class Media:
        css = {"all": ["images/library.css"]}
        js = [
            Script("images/focal.js", type="module"),
            Script("images/drop.js", type="module"),
        ]

    # -- The list -----------------------------------------------------------------------------

    @admin.display(description=_("picture"))
    def thumbnail(self, image: Image) -> str:
        return format_html(
            '<img class="library-thumbnail" src="{}" alt="{}" loading="lazy">',
            image.file_url(shape="card", at_least=1),
            image,
        )

    @admin.display(description=_("name"), ordering="title")
    def name(self, image: Image) -> str:
        return str(image)

    @admin.display(description=_("credit"), ordering="credit")
    def by(self, image: Image) -> str:
        if image.credit:
            return f"© {image.credit}"
        return format_html('<span class="library-lack">{}</span>', gettext("no credit"))

    @admin.display(description=_("may be shown"))
    def state(self, image: Image) -> str:
        """One badge for each thing that keeps the picture from being shown, or will."""
        today = timezone.localdate()
        obstacles = image.obstacles(today)
        if image.incomplete:
            fields = ", ".join(lacking(image))
            obstacles[0] = gettext("to complete: %(fields)s") % {"fields": fields}
        if obstacles:
            return format_html_join(
                " ", '<strong class="library-badge library-badge--no">{}</strong>', zip(obstacles)
            )
        if (day := image.last_day) is None:
            return format_html('<span class="library-badge">{}</span>', gettext("may be shown"))
        return format_html(
            '<span class="library-badge{}">{}</span>',
            " library-badge--soon" if ends_soon(image) else "",
            gettext("until %(day)s") % {"day": date_format(day)},
        )

    @admin.display(description=_("used in"))
    def used_in_short(self, image: Image) -> str:
        found = image.listed_in.places[image.pk]
        if len(found) > 1:
            return gettext("%(place)s and %(count)d more") % {
                "place": found[0].label,
                "count": len(found) - 1,
            }
        if found:
            return found[0].label
        return format_html('<span class="library-lack">{}</span>', gettext("nowhere yet"))

    @admin.display(description=_("added"), ordering="created_at")
    def added(self, image: Image) -> str:
        return date_format(timezone.localtime(image.created_at).date())

    def get_changelist(self, request, **kwargs):
        return PhotoList

    @admin.action(description=_("Complete the selected pictures"), permissions=["change"])
    def complete_these(self, request, queryset):
        keys = list(queryset.values_list("pk", flat=True)[: uses.TOGETHER])
        return HttpResponseRedirect(self.completing(keys))

    def changelist_view(self, request, extra_context=None):
        incomplete = Image.objects.filter(incomplete=True).count()
        desk = {"incomplete": incomplete, **self.words_of_the_drop_zone(request)}
        return super().changelist_view(request, {**desk, **(extra_context or {})})

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
            (
                _("In words"),
                {"fields": ["alt_en", "alt_fr", "decorative", "title", "taken_on", "description"]},
            ),
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
                "src": image.file_url() if exists else "",
                "width": image.width if exists else 3,
                "height": image.height if exists else 2,
                "crops": [(shape.name, _CROPS[shape.name]) for shape in CROPPED]
                + [("shared", _("where the page is shared"))],
            },
        )

    @admin.display(description=_("used in"))
    def used_in(self, image: Image) -> str:
        return _as_list(uses.of(image)) or gettext("nowhere yet")

    @admin.display(description=_("file"))
    def facts(self, image: Image) -> str:
        weight = sum(rendition.bytes for rendition in image.all_renditions())
        said = gettext("%(width)d × %(height)d pixels; %(count)d files, %(weight)d kB in all") % {
            "width": image.width,
            "height": image.height,
            "count": len(image.renditions),
            "weight": round(weight / 1000),
        }
        if unmade := len(image.unmade()):
            more = ngettext("%(count)d more to be made", "%(count)d more to be made", unmade)
            said = f"{said}; {more % {'count': unmade}}"
        return said

    #: Keys of a list that are looked through for the neighbours of an entry.
    NEAR = 5_000

    def has_change_permission(self, request, obj=None):
        """Whoever brought a picture may also complete it, as long as it is shown nowhere."""
        return super().has_change_permission(request, obj) or (
            obj is not None
            and obj.incomplete
            and obj.created_by_id == request.user.pk
            and self.has_add_permission(request)
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method == "GET" and is_key(object_id):
            before, after = self._neighbours(request, int(object_id))
            extra_context = {"before": before, "after": after, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra_context)

    def _neighbours(self, request, pk: int) -> tuple[int | None, int | None]:
        """The pictures before and after one in the list from which it was opened."""
        look = copy.copy(request)
        look.GET = QueryDict(request.GET.get("_changelist_filters", ""))
        try:
            queryset = self.get_changelist_instance(look).queryset
        except (IncorrectLookupParameters, PermissionDenied):
            return None, None
        keys = list(queryset.values_list("pk", flat=True)[: self.NEAR])
        if pk not in keys:
            return None, keys[0] if keys else None
        at = keys.index(pk)
        return (keys[at - 1] if at else None), (keys[at + 1] if at + 1 < len(keys) else None)

    def response_change(self, request, obj):
        after = request.POST.get("_after", "")
        if "_save_after" in request.POST and is_key(after):
            messages.success(request, gettext("“%(title)s” was saved.") % {"title": obj})
            address = reverse(
                "admin:images_image_change", args=[after], current_app=self.admin_site.name
            )
            filters = self.get_preserved_filters(request)
            return HttpResponseRedirect(f"{address}?{filters}" if filters else address)
        return super().response_change(request, obj)

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
            return HttpResponseRedirect(self.change_address(error.existing))

    def save_model(self, request, obj, form, change):
        if not change:
            self._save_new(request, obj, form)
            return
        # Asked of the database, because a restored version is shown as if it were saved already.
        before = Image.objects.filter(pk=obj.pk).values_list("focal_x", "focal_y").first()
        # Else the former crops are shown until the new ones are made, a moment later: the admin
        # saves in a transaction, and on SQLite nobody else writes meanwhile.
        if before != obj.focal and not settings.RENDITION_THREADS:
            obj.refocus()
        super().save_model(request, obj, form, change)

    def _save_new(self, request, image: Image, form: ImageForm) -> None:
        image.created_by = request.user
        image.receive(form.upload.normalised, form.renditions())
        with in_silence(image):
            image.save_new()
        make_version(image, by=request.user)
        form.upload.settled()

    # -- Removing -----------------------------------------------------------------------------

    def get_deleted_objects(self, objs, request):
        """The admin's own "protected" page, for pictures that stand in a text: no key says so."""
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        images = list(objs)
        places = uses.of_all(images)
        for image in images:
            protected += [format_html("{}: {}", image, _as_link(use)) for use in places[image.pk]]
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
            path("<int:pk>/replace/", wrap(self.replace), name="images_image_replace"),
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
        asked = [int(pk) for pk in request.GET.get("ids", "").split(",")[:100] if is_key(pk)]
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
        existing = None
        if form.has_error("file", code="duplicate"):
            existing = Image.objects.matching(form.upload.normalised).first()
        return JsonResponse(
            {
                # The entry that holds this very picture: it serves as well.
                **({"existing": _as_pick(existing)} if existing else {}),
                "errors": errors,
                "note": form.data.get("note", ""),
                "proposed": form.proposed,
            },
            status=400,
        )

    def _may_look(self, request: HttpRequest) -> None:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied

    # -- Replacing ----------------------------------------------------------------------------

    def replace(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another file for the same entry; its words, rights and places stay."""
        image = self.get_object(request, str(pk))
        if image is None:
            raise Http404
        if not self.has_change_permission(request, image):
            raise PermissionDenied
        form = ReplaceForm()
        if request.method == "POST":
            form = ReplaceForm(request.POST, request.FILES)
            form.upload, form.image = _upload_of(request), image
            if form.is_valid() and self._replaced(request, image.pk, form):
                messages.success(request, gettext("The picture was replaced."))
                if not form.cleaned_data["everywhere"] and (places := uses.of(image)):
                    message = gettext(
                        "What is published shows the former picture until it is published again: "
                        "{places}"
                    )
                    links = format_html_join(", ", "{}", ((_as_link(use),) for use in places))
                    messages.info(request, format_html(message, places=links))
                return HttpResponseRedirect(self.change_address(image))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Replace the picture"),
            "opts": self.opts,
            "media": self.media,
            "original": image,
            "thumb": image.file_url(),
            "form": form,
            "places": uses.of(image),
        }
        return TemplateResponse(request, "images/replace.html", context)

    def _replaced(self, request: HttpRequest, pk: int, form: ReplaceForm) -> bool:
        focal = form.focal()
        made = form.upload.renditions(focal)  # before the transaction: it takes a second or two
        try:
            with transaction.atomic():
                image = Image.objects.select_for_update().get(pk=pk)
                image.replace(
                    form.upload.normalised,
                    made,
                    focal=focal,
                    everywhere=form.cleaned_data["everywhere"],
                )
                with in_silence(image):
                    image.save_new()
                make_version(image, by=request.user, reason=gettext("The picture was replaced."))
                self.log_change(request, image, gettext("The picture was replaced."))
        except DuplicateImage as error:
            form.add_error("file", error)
            return False
        return True


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
        "thumb": image.file_url(shape="card", at_least=1),
        "preview": image.file_url(),
        "obstacles": image.obstacles(),
    }


def _as_link(use: uses.Use) -> str:
    return format_html('<a href="{}">{}</a>', use.url, use.label) if use.url else use.label


def _as_list(found: list[uses.Use]) -> str:
    items = format_html_join("", "<li>{}</li>", ((_as_link(use),) for use in found))
    return format_html("<ul>{}</ul>", items) if items else ""
