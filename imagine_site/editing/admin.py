"""The base of every admin page on which two people may work: no save is ever silently overwritten.

The form carries the version it was opened with. When the row has a newer one, nothing is saved: the
page comes back with status 409 (RFC 9110 §15.5.10), with what was typed still in the form, what
the other person saved beside it, and the fields only they touched already taken over.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import TabularInline
from django.contrib.admin.helpers import AdminErrorList
from django.core.exceptions import PermissionDenied
from django.forms import Script
from django.forms.models import BaseInlineFormSet, _get_foreign_key
from django.http import HttpRequest, HttpResponseNotAllowed, JsonResponse
from django.middleware.csrf import get_token
from django.urls import path, reverse
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from imagine_site.documents.comparison import compare
from imagine_site.editing import conflicts, presence, rows, versions
from imagine_site.editing.comparing import Version, words_of_comparison
from imagine_site.editing.conflicts import VersionedForm
from imagine_site.editing.history import HistoryPages
from imagine_site.editing.languages import language_name

VERSION_INPUT = "_version"

#: What the script that keeps a copy in the browser says; `{…}` is filled in there.
KEEP_WORDS = {
    "found": _("There is text from {time} in this browser that was not saved."),
    "found_older": _(
        "There is text from {time} in this browser that was not saved. "
        "What is stored here was changed since."
    ),
    "restored": _("Text from {time} that had not reached the server was put back into the form."),
    "in_the_form": _("Now in the form"),
    "in_the_copy": _("Not saved"),
    "newer_untouched": _("Reload the page to see it."),
    "signed_out": _(
        "You are signed out. What you type is kept in this browser; sign in again in another tab "
        "before you save."
    ),
    "newer_typed": _("When you save, you will see both and choose."),
}


def in_its_language(formfield, db_field):
    """Name the language of one half of a bilingual field in its label and its `lang` attribute."""
    code = getattr(db_field, "_translated_field_language_code", None)
    if formfield is not None and code:
        formfield.label = f"{capfirst(db_field.verbose_name)} ({language_name(code)})"
        formfield.widget.attrs["lang"] = code
    return formfield


class NamedRows(BaseInlineFormSet):
    """Inner rows whose box for deletion says which row it deletes."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            name = (
                _("Delete “%(row)s”") % {"row": form.instance} if form.instance.pk else _("Delete")
            )
            form.fields["DELETE"].widget.attrs["aria-label"] = name


class Bilingual:
    """For any admin or inline with fields in two languages."""

    formset = NamedRows

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        formfield = in_its_language(formfield, db_field)
        if formfield is not None and isinstance(self, TabularInline):
            # A column has one heading and each of its fields none of its own (WCAG 2.2, 4.1.2).
            formfield.widget.attrs.setdefault("aria-label", formfield.label)
        return formfield


class VersionedAdmin(Bilingual, HistoryPages):
    """For models built on `Versioned` with a history."""

    form = VersionedForm
    change_form_template = "editing/change_form.html"
    save_on_top = False

    class Media:
        css = {"all": ["editing/admin.css", "editing/history.css", "editing/keep.css"]}
        js = [
            Script("editing/keep.js", type="module"),
            Script("editing/conflict.js", type="module"),
            Script("editing/select2.js", type="module"),
        ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if request.method == "POST" and obj is not None:
            form.sent_version = request.POST.get(VERSION_INPUT, "")
            form.request = request
            form.comparing = self.both_in_one
        return form

    def both_in_one(self, column: str, theirs: str, yours: str) -> str:
        """Two documents in one text, as HTML; struck through is theirs, underlined is yours."""
        sides = [Version(key="", title="", values={column: text}) for text in (theirs, yours)]
        names, words = self.names_of(sides), words_of_comparison()
        return mark_safe(compare(theirs, yours, names=names, words=words).html)  # noqa: S308

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if "data" in kwargs:
            stored = _rows_of(inline, kwargs["queryset"], obj)
            rows.in_order(
                kwargs["data"],
                prefix,
                known=stored,
                written=presence.rows_written(request, self.model, obj.pk),
                key=inline.model._meta.pk.name,
            )
        return kwargs

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form = context["adminform"].form
        conflict = getattr(form, "conflict", None)
        if conflict:
            self._merge_rows(request, context, form, obj)
        context["conflict"] = conflict
        context["version"] = self._version_to_send(request, obj, conflict)
        context["keep"] = self.keep_settings(request, obj)
        response = super().render_change_form(request, context, add, change, form_url, obj)
        if conflict:
            response.status_code = 409
        return response

    def _merge_rows(self, request, context, form: VersionedForm, obj) -> None:
        """The inner rows of the page that tells of a conflict: theirs and those typed, together."""
        formsets, inlines = self._create_formsets(request, form.instance, change=True)
        for formset in formsets:
            conflicts.merge_rows(form.conflict, formset)
        merged = [
            type(formset)(
                formset.data,
                request.FILES,
                instance=formset.instance,
                prefix=formset.prefix,
                queryset=inline.get_queryset(request),
            )
            for formset, inline in zip(formsets, inlines, strict=True)
        ]
        context["inline_admin_formsets"] = self.get_inline_formsets(request, merged, inlines, obj)
        context["errors"] = AdminErrorList(form, merged)

    # -- Keeping what is typed ------------------------------------------------------------------

    def keep_settings(self, request: HttpRequest, obj) -> dict[str, Any]:
        """What the script that keeps a copy in the browser has to know (`static/editing/keep.js`);
        empty where nothing can be typed."""
        may_write = (
            self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        )
        if not may_write:
            return {}
        return {
            "user": request.user.pk,
            "object": obj.pk if obj else None,
            "keep": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_keep"),
            # What a POST brought back stands nowhere but in the page, and is the same window's.
            "unsaved": request.method == "POST",
            "window": presence.Sender.of(request).window,
            "words": KEEP_WORDS,
        }

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_keep"
        return [
            path("keep/", self.admin_site.admin_view(self.keep_view), name=name),
            *super().get_urls(),
        ]

    def keep_view(self, request: HttpRequest):
        """GET: a fresh token for forms, for whoever signed in again in another window.

        POST: a window says that it is open on a row (`object`, `_window`, `writing`, `left`) and
        is told who else is; of each of `windows` (of this account) what it wrote last.
        """
        if not (self.has_view_or_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        if request.method == "GET":
            return JsonResponse({"token": get_token(request), "user": request.user.pk})
        if request.method != "POST":
            return HttpResponseNotAllowed(["GET", "POST"])
        windows = request.POST.get("windows", "")
        answer: dict[str, Any] = {
            "arrived": presence.arrived(request, windows.split(",")) if windows else {}
        }
        pk = request.POST.get("object", "")
        if pk.isascii() and pk.isdigit() and len(pk) < 19:
            row = self.model._base_manager.filter(pk=pk).first()
            if row is not None and self.has_change_permission(request, row):
                presence.beat(request, row)
                answer["version"] = row.version
                answer["others"] = presence.others(request, row)
                answer["saved"] = conflicts.who_saved_when(row)
        return JsonResponse(answer)

    @staticmethod
    def _version_to_send(request, obj, conflict) -> int | str:
        if conflict:  # saving again is then a decision, taken with both texts in view
            return conflict.stored.version
        if request.method == "POST" and VERSION_INPUT in request.POST:
            return request.POST[VERSION_INPUT]
        return obj.version if obj else ""

    def changes_something(self, request, form, change) -> bool:
        """Whether saving makes a new version: an unchanged form does not, a restored one does."""
        return not change or form.has_changed() or hasattr(request, "restores_version")

    def save_model(self, request, obj, form, change):
        """The row; its version is made once its relations and inner rows are saved, too."""
        if not self.changes_something(request, form, change):
            return
        obj._history_user = request.user
        with versions.in_silence(obj):
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        row, beside = form.instance, any(formset.has_changed() for formset in formsets)
        changes = self.changes_something(request, form, change)
        if beside and not changes:
            with versions.in_silence(row):
                row.save()
        if beside or changes:
            versions.make_version(row, by=request.user)
        presence.note_write(request, row, {})


def _rows_of(inline, queryset, obj) -> set[str]:
    """The keys of the inner rows that are stored."""
    if obj is None or obj.pk is None:
        return set()
    link = _get_foreign_key(inline.parent_model, inline.model, fk_name=inline.fk_name).name
    return {str(pk) for pk in queryset.filter(**{link: obj.pk}).values_list("pk", flat=True)}
