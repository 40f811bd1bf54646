"""The file library for editors, and the small JSON doors behind the editor's file dialog."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from imagine_site.editing.admin import VersionedAdmin
from imagine_site.files import uses
from imagine_site.files.actions import DuplicateFile, announce, receive, remove, save
from imagine_site.files.formats import FORMATS, size_in_words
from imagine_site.files.forms import FileForm
from imagine_site.files.incoming import Incoming
from imagine_site.files.models import Accessible, File
from imagine_site.files.sending import send
from imagine_site.files.verify import FileRefused

PICKS_PER_PAGE = 24


class UseFilter(admin.SimpleListFilter):
    title = _("use")
    parameter_name = "used"

    def lookups(self, request, model_admin):
        return [("public", _("public now")), ("yes", _("used")), ("no", _("used nowhere"))]

    def queryset(self, request, queryset):
        if self.value() == "public":
            return queryset.public()
        if self.value() in {"yes", "no"}:
            used = uses.of_all(File.objects.values_list("pk", flat=True))
            if self.value() == "yes":
                return queryset.filter(pk__in=list(used))
            return queryset.exclude(pk__in=list(used))
        return queryset


class FormatFilter(admin.SimpleListFilter):
    title = _("format")
    parameter_name = "format"

    def lookups(self, request, model_admin):
        here = set(File.objects.order_by().values_list("media_type", flat=True).distinct())
        return [(each.ending, each.name) for each in FORMATS if each.media_type in here]

    def queryset(self, request, queryset):
        for each in FORMATS:
            if each.ending == self.value():
                return queryset.filter(media_type=each.media_type)
        return queryset


@admin.register(File)
class FileAdmin(VersionedAdmin):
    form = FileForm
    list_display = [
        "title_here",
        "format_name",
        "size_said",
        "language_said",
        "accessible_said",
        "used_in_short",
        "added_on",
    ]
    list_filter = [UseFilter, FormatFilter, "language", "accessible", "created_at"]
    list_per_page = 50
    search_fields = ["title_en", "title_fr", "name", "credit"]
    search_help_text = _("Title, name or author")
    readonly_fields = ["present", "used_in", "former_files"]
    #: Contents go when an entry does.
    deleted_come_back = False

    class Media:
        css = {"all": ["files/library.css"]}

    # -- The list -----------------------------------------------------------------------------

    def get_changelist_instance(self, request):
        """Where the files of one page stand is looked up once, not once a file."""
        changes = super().get_changelist_instance(request)
        found = uses.of_all([file.pk for file in changes.result_list])
        for file in changes.result_list:
            file.uses = found.get(file.pk, [])
        return changes

    @admin.display(description=_("title"), ordering="title_en")
    def title_here(self, file: File) -> str:
        return str(file)

    @admin.display(description=_("format"), ordering="media_type")
    def format_name(self, file: File) -> str:
        return file.format.name

    @admin.display(description=_("size"), ordering="size")
    def size_said(self, file: File) -> str:
        return size_in_words(file.size)

    @admin.display(description=_("language"), ordering="language")
    def language_said(self, file: File) -> str:
        return file.get_language_display() if file.language else "–"

    @admin.display(description=_("accessible"), ordering="accessible")
    def accessible_said(self, file: File) -> str:
        unknown = file.accessible == Accessible.UNKNOWN
        return gettext("not checked") if unknown else file.get_accessible_display()

    @admin.display(description=_("added on"), ordering="created_at")
    def added_on(self, file: File) -> str:
        return date_format(localtime(file.created_at), "SHORT_DATE_FORMAT")

    @admin.display(description=_("linked from"))
    def used_in_short(self, file: File) -> str:
        found = file.uses
        if len(found) > 1:
            return gettext("%(place)s and %(count)d more") % {
                "place": found[0].label,
                "count": len(found) - 1,
            }
        return found[0].label if found else "–"

    # -- The form -----------------------------------------------------------------------------

    def get_fieldsets(self, request, obj=None):
        file, about = ["file"], []
        if obj is not None:
            file = ["present", "file"]
            about = [(_("About this file"), {"fields": ["used_in", "former_files"]})]
        words = ["title_en", "title_fr", "language", "accessible", "credit"]
        return [
            (_("File"), {"fields": file}),
            (_("In words"), {"fields": words}),
            *about,
        ]

    @admin.display(description=_("present file"))
    def present(self, file: File) -> str:
        return format_html(
            '<a href="{}">{}</a> ({})<span class="file-state">{}</span>',
            _download_address(file),
            file.file_name,
            file.details(),
            gettext("Public: %(address)s") % {"address": file.get_absolute_url()}
            if file.is_public()
            else gettext("Not public: no text that is live links to it."),
        )

    @admin.display(description=_("linked from"))
    def used_in(self, file: File) -> str:
        return _as_list(uses.of(file)) or gettext("nowhere yet")

    @admin.display(description=_("former files"))
    def former_files(self, file: File) -> str:
        former = [
            (
                f"{_download_address(file)}?version={row.history_id}",
                row.instance.file_name,
                row.instance.details(),
                date_format(localtime(row.history_date), "SHORT_DATETIME_FORMAT"),
                row.history_user or "–",
            )
            for row in file.former()
        ]
        items = format_html_join("", '<li><a href="{}">{}</a> ({}), {}, {}</li>', former)
        return format_html("<ul>{}</ul>", items) if items else gettext("none")

    def view_on_site(self, file: File) -> str | None:
        """Only where there is something to see."""
        return file.get_absolute_url() if file.is_public() else None

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.incoming = _incoming_of(request)
        return form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method == "POST" and self._may_save(request, object_id):
            # The admin opens its transaction before it validates, and on SQLite nobody else writes
            # meanwhile. A large file takes its time, so it is written here.
            _store_what_may_come_in(_incoming_of(request))
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DuplicateFile as error:
            # A second click on "Save", or a colleague with the same file at the same moment.
            messages.warning(request, error.messages[0])
            return HttpResponseRedirect(
                reverse(
                    "admin:files_file_change",
                    args=[error.existing.pk],
                    current_app=self.admin_site.name,
                )
            )

    def _may_save(self, request, object_id) -> bool:
        if object_id is None:
            return self.has_add_permission(request)
        file = self.get_object(request, unquote(object_id))
        return file is not None and self.has_change_permission(request, file)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        if form.incoming:
            receive(obj, form.incoming)
        try:
            with transaction.atomic():
                super().save_model(request, obj, form, change)
        except IntegrityError:
            if existing := File.objects.filter(digest=obj.digest).exclude(pk=obj.pk).first():
                raise DuplicateFile(existing) from None
            raise
        announce(obj)

    # -- Former versions ----------------------------------------------------------------------

    def restoring_explained(self, row, version):
        kept = _kept(row, version)
        if kept is None or kept.digest == row.digest:
            return super().restoring_explained(row, version)
        return gettext(
            "Its file of then comes back as well (%(file)s): every text that links to it gives "
            "that one from then on."
        ) % {"file": f"{kept.file_name}, {kept.details()}"}

    def bring_back(self, request, row, version):
        """A version of an entry is its file, too. Raises `DuplicateFile` where another has it."""
        if kept := _kept(row, version):
            existing = File.objects.filter(digest=kept.digest).exclude(pk=row.pk).first()
            if existing:
                raise DuplicateFile(existing)
            for name in ("original", "media_type", "size", "digest"):
                setattr(row, name, getattr(kept, name))
        return super().bring_back(request, row, version)

    # -- Removing -----------------------------------------------------------------------------

    def get_deleted_objects(self, objs, request):
        """The admin's own "protected" page, for files that stand in a text: no key says so."""
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        for file in objs:
            protected += [format_html("{}: {}", file, _as_link(use)) for use in uses.of(file)]
        return to_delete, counts, perms_needed, protected

    def delete_model(self, request, obj):
        remove(obj)

    def delete_queryset(self, request, queryset):
        for file in queryset:
            remove(file)

    # -- Doors --------------------------------------------------------------------------------

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("pick/", wrap(require_GET(self.pick)), name="files_file_pick"),
            path("pick/these/", wrap(require_GET(self.pick_one)), name="files_file_pick_one"),
            path("upload/", wrap(require_POST(self.upload)), name="files_file_upload"),
            path(
                "<path:object_id>/download/",
                wrap(require_safe(self.download)),
                name="files_file_download",
            ),
            *super().get_urls(),
        ]

    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The content, public or not, for who may see the entry; `?version=`: a former one."""
        file = self.get_object(request, unquote(object_id))
        if file is None:
            if not self.has_view_or_change_permission(request):
                raise PermissionDenied
            raise Http404
        if not self.has_view_or_change_permission(request, file):
            raise PermissionDenied
        if version := request.GET.get("version"):
            row = file.history.filter(history_id=version).first() if _is_key(version) else None
            if row is None:
                raise Http404
            file = row.instance
        return send(request, file, cache="private, no-cache")

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
                "results": [_as_pick(file) for file in page],
                "next": page.next_page_number() if page.has_next() else None,
            }
        )

    def pick_one(self, request: HttpRequest) -> JsonResponse:
        """`?ids=1,2`: these files in this order; what is no file is left out."""
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
        """A new file from the dialog: its JSON, or `errors` by field; where the very file is here
        already, `existing` is its JSON."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.get_form(request)(request.POST, request.FILES)
        if form.is_valid():
            file = form.save(commit=False)
            file.created_by = request.user
            try:
                receive(file, form.incoming)
                save(file)
            except DuplicateFile as error:
                form.existing = error.existing
                form.add_error("file", error)
            else:
                self.log_addition(request, file, [{"added": {}}])
                return JsonResponse(_as_pick(file), status=201)
        errors = {field: [str(error) for error in found] for field, found in form.errors.items()}
        answer = {"errors": errors}
        if form.existing:
            answer["existing"] = _as_pick(form.existing)
        return JsonResponse(answer, status=400)

    def _may_look(self, request: HttpRequest) -> None:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied


def _incoming_of(request: HttpRequest) -> Incoming | None:
    """One `Incoming` a request, so that a file is read once in it."""
    if not hasattr(request, "_incoming_file"):
        file = request.FILES.get("file")
        request._incoming_file = Incoming(file) if file is not None else None
    return request._incoming_file


def _store_what_may_come_in(incoming: Incoming | None) -> None:
    """What is refused, and what is here already, is left to the form to say."""
    if incoming is None:
        return
    try:
        if not File.objects.filter(digest=incoming.checked.digest).exists():
            incoming.store()
    except FileRefused:
        return


def _kept(file: File, version) -> File | None:
    """The entry as a version of it kept it, which names its content of then."""
    key = version.key.removeprefix("h")
    kept = file.history.filter(history_id=key).first() if _is_key(key) else None
    return kept.instance if kept else None


def _download_address(file: File) -> str:
    return reverse("admin:files_file_download", args=[file.pk])


def _as_pick(file: File) -> dict:
    """`url` is the address for colleagues: the public one answers for live texts only."""
    return {
        "id": file.pk,
        "title": str(file),
        "name": file.file_name,
        "format": file.format.name,
        "size": size_in_words(file.size),
        "url": _download_address(file),
    }


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _as_link(use: uses.Use) -> str:
    return format_html('<a href="{}">{}</a>', use.url, use.label) if use.url else use.label


def _as_list(found: list[uses.Use]) -> str:
    items = format_html_join("", "<li>{}</li>", ((_as_link(use),) for use in found))
    return format_html("<ul>{}</ul>", items) if items else ""
