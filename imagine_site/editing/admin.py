"""The base of every admin page on which two people may work: no save is ever silently overwritten.

The form carries the version it was opened with. When the row has a newer one, nothing is saved: the
page comes back with status 409 (RFC 9110 §15.5.10), with what was typed still in the form, what
the other person saved beside it, and the fields only they touched already taken over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Media as DjangoMedia
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin

from imagine_site.documents import plain_text, word_diff
from imagine_site.editing import versions
from imagine_site.editing.fields import DocumentField
from imagine_site.editing.languages import language_name
from imagine_site.editing.middleware import with_nonce

VERSION_INPUT = "_version"


@dataclass(frozen=True)
class Difference:
    """One field that two people changed: what they saved, what was typed here."""

    label: str
    theirs: str
    yours: str

    @property
    def words(self) -> list[tuple[str, str]]:
        return word_diff(self.theirs, self.yours)


@dataclass
class Conflict:
    """A newer save than the one the form was opened with."""

    stored: Any
    by: str = ""
    differences: list[Difference] = field(default_factory=list)
    taken_over: list[str] = field(default_factory=list)


class VersionedForm(forms.ModelForm):
    """Refuses a save over a newer one; `sent_version` is set by the admin for each request."""

    sent_version: str | None = None
    conflict: Conflict | None = None

    def _post_clean(self):
        """After the form has filled the instance, so that both rows can be compared."""
        super()._post_clean()
        if self.instance.pk and self.sent_version is not None:
            self._refuse_over_a_newer_save()

    def _refuse_over_a_newer_save(self) -> None:
        model = type(self.instance)
        stored = model._base_manager.select_for_update().filter(pk=self.instance.pk).first()
        if stored is None:
            self.add_error(None, _("Somebody has deleted this meanwhile; copy what you typed."))
        elif str(stored.version) != self.sent_version:
            self.conflict = self._conflict_with(stored)
            self.add_error(
                None,
                ValidationError(
                    _(
                        "Not saved: this was changed by someone else since you opened it. "
                        "Everything you typed is still here. Compare both versions, then save "
                        "again."
                    ),
                    code="conflict",
                ),
            )

    def _conflict_with(self, stored) -> Conflict:
        history = stored.history.order_by("-history_id")
        opened = history.filter(version=self.sent_version or -1).first()
        latest = history.select_related("history_user").first()
        conflict = Conflict(stored=stored, by=str(latest.history_user or "") if latest else "")
        self.data = self.data.copy()
        for name, form_field in self.fields.items():
            if name not in {f.name for f in stored._meta.concrete_fields}:
                continue
            theirs = self._shown(stored, name)
            yours = self._shown(self.instance, name) if name in self.cleaned_data else None
            if yours is None:  # did not validate: what was typed is what counts
                yours = str(self.data.get(self.add_prefix(name), ""))
            if theirs == yours:
                continue
            opened_with = self._shown(opened, name) if opened else None
            label = str(form_field.label)
            if opened_with == theirs:
                continue  # only changed here
            if opened_with == yours:
                value = form_field.prepare_value(
                    stored._meta.get_field(name).value_from_object(stored)
                )
                self.data[self.add_prefix(name)] = "" if value is None else value
                conflict.taken_over.append(label)
            else:
                column = stored._meta.get_field(name)
                read = plain_text if isinstance(column, DocumentField) else str
                conflict.differences.append(Difference(label, read(theirs), read(yours)))
        return conflict

    @staticmethod
    def _shown(instance, name: str) -> str:
        value = getattr(instance, instance._meta.get_field(name).attname)
        return "" if value is None else str(value)


def in_its_language(formfield, db_field):
    """Name the language of one half of a bilingual field in its label and its `lang` attribute."""
    code = getattr(db_field, "_translated_field_language_code", None)
    if formfield is not None and code:
        formfield.label = f"{capfirst(db_field.verbose_name)} ({language_name(code)})"
        formfield.widget.attrs["lang"] = code
    return formfield


class Bilingual:
    """For any admin or inline with fields in two languages."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        return in_its_language(formfield, db_field)


class VersionedAdmin(Bilingual, SimpleHistoryAdmin):
    """For models built on `Versioned` with a history."""

    form = VersionedForm
    change_form_template = "editing/change_form.html"
    history_list_display = ["version"]
    object_history_form_template = "editing/history_form.html"
    save_on_top = False

    class Media:
        css = {"all": ["editing/admin.css"]}

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if request.method == "POST" and obj is not None:
            form.sent_version = request.POST.get(VERSION_INPUT, "")
        return form

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form = context["adminform"].form
        conflict = getattr(form, "conflict", None)
        context["conflict"] = conflict
        context["version"] = self._version_to_send(request, obj, conflict)
        response = super().render_change_form(request, context, add, change, form_url, obj)
        if conflict:
            response.status_code = 409
        return response

    @staticmethod
    def _version_to_send(request, obj, conflict) -> int | str:
        if conflict:  # saving again is then a decision, taken with both texts in view
            return conflict.stored.version
        if request.method == "POST" and VERSION_INPUT in request.POST:
            return request.POST[VERSION_INPUT]
        return obj.version if obj else ""

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """Restoring an old version is a save like any other: over the newest one, and seen.

        Its form is untouched by nature and carries the old version's number; taken as it comes
        from the history library, it would pass for a save without changes.
        """
        request.restores_version = True
        newest = self.model._base_manager.filter(pk=object_id)
        version = newest.values_list("version", flat=True).first()
        with transaction.atomic():  # the form locks the row while it compares versions
            return super().history_form_view(
                request, object_id, version_id, {"version": version, **(extra_context or {})}
            )

    def changes_something(self, request, form, change) -> bool:
        """Whether saving makes a new version: an unchanged form does not, a restored one does."""
        return not change or form.has_changed() or hasattr(request, "restores_version")

    def save_model(self, request, obj, form, change):
        """The row; its version is made once its relations and inner rows are saved, too."""
        if not self.changes_something(request, form, change):
            return
        obj._history_user = request.user
        if hasattr(request, "restores_version"):
            obj.version = self.model._base_manager.values_list("version", flat=True).get(pk=obj.pk)
            obj._change_reason = _("an old version, restored")
            super().save_model(request, obj, form, change)
            return
        with versions.in_silence(obj):
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        row, beside = form.instance, any(formset.has_changed() for formset in formsets)
        if not self.changes_something(request, form, change):
            if not beside:
                return
            with versions.in_silence(row):
                row.save()
        versions.make_version(row, by=request.user)

    def render_history_view(self, request, template, context, **kwargs):
        if isinstance(context.get("media"), DjangoMedia):
            context["media"] = with_nonce(context["media"], request)
        return super().render_history_view(request, template, context, **kwargs)
