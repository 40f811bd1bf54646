"""A save over somebody's newer one: refused, and both texts put side by side to choose from.

What only they changed is taken over, what only this form changed stays, and what both changed is
shown: columns, relations and inner rows alike. Nothing that was typed is dropped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from imagine_site.documents import plain_text, word_diff
from imagine_site.documents.merging import merge
from imagine_site.editing import presence, rows
from imagine_site.editing.fields import DocumentField
from imagine_site.editing.models import Versioned


@dataclass(frozen=True)
class Difference:
    """One field that two people changed: what they saved, what was typed here.

    `name` is that of the form's input, `choices` what either puts into it (and `both`, where the
    changes to a document do not meet); `marked` is HTML with both in one text, for documents.
    """

    label: str
    theirs: str
    yours: str
    name: str = ""
    choices: dict[str, list[str]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    marked: str = ""

    @property
    def words(self) -> list[tuple[str, str]]:
        return word_diff(self.theirs, self.yours)

    @property
    def anchor(self) -> str:
        """The id of the input, as Django writes it."""
        return f"id_{self.name}"

    @property
    def data(self) -> dict[str, Any]:
        """For the buttons that put one of both into the form."""
        return {"name": self.name, "titles": self.titles, **self.choices}


@dataclass
class Conflict:
    """A newer save than the one the form was opened with."""

    stored: Any
    by: str = ""
    opened: Any = None
    differences: list[Difference] = field(default_factory=list)
    taken_over: list[str] = field(default_factory=list)
    #: What they took away and stays in the form, because it was changed here.
    kept: list[str] = field(default_factory=list)

    @property
    def time(self) -> str:
        return presence.clock(self.stored.updated_at)

    @property
    def data(self) -> list[dict[str, Any]]:
        return [difference.data for difference in self.differences]


#: Shows two documents in one text: `(column, theirs, yours) -> HTML`.
Comparing = Callable[[str, str, str], str]


def same_text(value: Any) -> Any:
    """A value as it is compared: browsers send line breaks of their own."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def as_sent(form: forms.BaseForm, name: str) -> list[str]:
    """What a browser would send of a field of an untouched form."""
    form_field = form.fields[name]
    value = form[name].value()
    if isinstance(value, bool):
        return ["on"] if value else []
    if isinstance(value, list | tuple | models.QuerySet):
        return [str(getattr(each, "pk", each)) for each in value]
    shown = form_field.widget.format_value(value) if value is not None else ""
    if isinstance(shown, list | tuple):  # what selects are given
        return [str(each) for each in shown if each != ""]
    return ["" if shown is None else str(shown)]


def _titles(form_field: forms.Field, sent: Iterable[str]) -> dict[str, str]:
    """What the keys of a choice are called."""
    keys = [key for key in sent if key]
    if isinstance(form_field, forms.ModelChoiceField):
        try:
            found = form_field.queryset.model._base_manager.in_bulk(keys)
        except (ValueError, ValidationError):  # no keys at all: typed by hand
            return {}
        return {str(pk): form_field.label_from_instance(row) for pk, row in found.items()}
    choices = getattr(form_field, "choices", ())
    known = {str(value): str(title) for value, title in choices}
    return {key: known[key] for key in keys if key in known}


def _shown(form_field: forms.Field, sent: list[str], titles: dict[str, str]) -> str:
    """A value in words, as colleagues read it."""
    if isinstance(form_field, forms.BooleanField):
        return _("yes") if any(sent) else _("no")
    if isinstance(form_field, forms.ModelChoiceField | forms.ChoiceField):
        return "\n".join(titles.get(key, key) for key in sent)
    return "\n".join(sent)


def difference(
    form_field: forms.Field,
    name: str,
    theirs: list[str],
    yours: list[str],
    *,
    column: models.Field | None = None,
    label: str = "",
    comparing: Comparing | None = None,
) -> Difference:
    """Both values of one input, as they are sent, ready to be shown and chosen."""
    titles = _titles(form_field, {*theirs, *yours})
    marked = ""
    if isinstance(column, DocumentField):
        marked = comparing(column.name, theirs[0], yours[0]) if comparing else ""
        shown = [plain_text(sent[0]) for sent in (theirs, yours)]
    else:
        shown = [_shown(form_field, sent, titles) for sent in (theirs, yours)]
    return Difference(
        label=label or str(form_field.label),
        theirs=shown[0],
        yours=shown[1],
        name=name,
        choices={"theirs": theirs, "yours": yours},
        titles=titles,
        marked=marked,
    )


class VersionedForm(forms.ModelForm):
    """Refuses a save over a newer one; what is set here is set by the admin for each request."""

    sent_version: str | None = None
    request: HttpRequest | None = None
    comparing: Comparing | None = None
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
        elif str(stored.version) != self.sent_version and not (
            self.request and presence.wrote(self.request, stored)
        ):
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

    def _conflict_with(self, stored: Versioned) -> Conflict:
        history = stored.history.order_by("-history_id")
        opened = None
        if (self.sent_version or "").isdecimal():
            opened = history.filter(version=self.sent_version).first()
        conflict = Conflict(stored=stored, by=_who_saved(stored), opened=opened)
        self.data = self.data.copy()
        theirs_form = type(self)(instance=stored)
        theirs_form.sent_version = None
        columns = {column.name: column for column in stored._meta.concrete_fields}
        relations = {relation.name for relation in stored._meta.many_to_many}
        for name, form_field in self.fields.items():
            if name in columns:
                before, theirs, yours = self._column(conflict, columns[name])
            elif name in relations:
                before, theirs, yours = self._relation(conflict, name)
            else:
                continue
            if theirs == yours or before == theirs:  # the same, or only changed here
                continue
            theirs_sent = as_sent(theirs_form, name)
            if before is not None and before == yours:
                self.data.setlist(self.add_prefix(name), theirs_sent)
                conflict.taken_over.append(str(form_field.label))
                continue
            yours_sent = self.data.getlist(self.add_prefix(name))
            if isinstance(columns.get(name), DocumentField) and name in self.cleaned_data:
                yours_sent = [yours]
            found = difference(
                form_field,
                self.add_prefix(name),
                theirs_sent,
                yours_sent or [""],
                column=columns.get(name),
                comparing=self.comparing,
            )
            if found.marked and before is not None and (both := merge(before, theirs, yours)):
                found.choices["both"] = [both]
            conflict.differences.append(found)
        return conflict

    def _column(self, conflict: Conflict, column: models.Field) -> tuple[Any, Any, Any]:
        """A value when the form was opened (None: not known), as they saved it, as typed here."""

        def read(instance) -> str:
            value = getattr(instance, column.attname)
            return "" if value is None else same_text(str(value))

        if column.name in self.cleaned_data:
            yours = read(self.instance)
        else:  # did not validate: what was typed is what counts
            yours = same_text(str(self.data.get(self.add_prefix(column.name), "")))
        return (read(conflict.opened) if conflict.opened else None, read(conflict.stored), yours)

    def _relation(self, conflict: Conflict, name: str) -> tuple[Any, Any, Any]:
        kept = (conflict.opened.companions or {}) if conflict.opened else {}
        theirs = getattr(conflict.stored, name).order_by().values_list("pk", flat=True)
        if name in self.cleaned_data:
            yours = {str(row.pk) for row in self.cleaned_data[name]}
        else:
            yours = set(self.data.getlist(self.add_prefix(name)))
        before = {str(pk) for pk in kept[name]} if name in kept else None
        return before, {str(pk) for pk in theirs}, yours


def _who_saved(stored: Versioned) -> str:
    """Whose words the row now has: an autosave leaves no history, but its author."""
    author = getattr(stored, "edited_by", None)
    if author is None:
        latest = stored.history.order_by("-history_id").select_related("history_user").first()
        author = latest.history_user if latest else None
    return presence.name_of(author) if author else ""


def who_saved_when(stored: Versioned) -> str:
    """A sentence for whoever has an older version in view."""
    name, time = _who_saved(stored), presence.clock(stored.updated_at)
    if name:
        return _("%(name)s saved this at %(time)s.") % {"name": name, "time": time}
    return _("This was saved at %(time)s.") % {"time": time}


# inner rows -------------------------------------------------------------------------------------


def merge_rows(conflict: Conflict, formset: forms.BaseInlineFormSet) -> None:
    """Bring the inner rows as they are stored and as they were typed together, into `formset.data`
    (a copy of what was sent); what both changed becomes a difference of the conflict.

    A kept version knows its inner rows by what they say, not by their keys.
    """
    prefix, key = formset.prefix, formset.model._meta.pk.name
    if f"{prefix}-TOTAL_FORMS" not in formset.data:
        return
    title = capfirst(str(formset.model._meta.verbose_name))
    # Not those of the formset: its forms have filled them with what was typed.
    rows_stored = formset.model._base_manager.filter(**{formset.fk.name: formset.instance.pk})
    stored = {str(row.pk): row for row in rows_stored.order_by("pk")}
    kept = (conflict.opened.companions or {}) if conflict.opened else {}
    accessor = formset.fk.remote_field.get_accessor_name()
    names = [name for name in formset.empty_form.fields if name not in _MACHINERY | {key}]
    names = [name for name in names if name != formset.fk.name]
    attnames = [formset.model._meta.get_field(name).attname for name in names]
    before = None
    if accessor in kept:
        before = [_said(row.get, attnames) for row in kept[accessor]]

    sent = rows.read(formset.data, prefix)
    result: list[rows.Row] = []
    differences: list[tuple[rows.Row, list[Difference]]] = []
    seen = set()
    for index, form in enumerate(formset.forms):
        row, pk = sent[index], sent[index].get(key, [""])[0]
        form.is_valid()
        yours = _said_by(form.instance, attnames) if not form.errors else None
        if not pk:
            name = f"{title}: {form.instance}"
            if rows.GONE in row and before is not None and yours in before:
                conflict.taken_over.append(_("%(row)s (removed by them)") % {"row": name})
                continue
            if rows.GONE in row and "DELETE" not in row:
                conflict.kept.append(name)
            result.append(row)
            continue
        seen.add(pk)
        theirs = _said_by(stored[pk], attnames)
        if "DELETE" in row:
            if before is not None and theirs not in before:
                conflict.taken_over.append(
                    _("%(row)s (changed by them, so no longer to be deleted)") % {"row": stored[pk]}
                )
                del row["DELETE"]
                result.append(_row_of(formset, stored[pk], row))
            else:
                result.append(row)
            continue
        if yours == theirs or (before is not None and theirs in before):
            result.append(row)
        elif before is not None and yours in before:
            conflict.taken_over.append(f"{title}: {stored[pk]}")
            result.append(_row_of(formset, stored[pk], row))
        else:
            result.append(row)
            theirs_row = _row_of(formset, stored[pk], row)
            differences.append(
                (
                    row,
                    [
                        difference(
                            form.fields[name],
                            name,
                            theirs_row.get(name, [""]),
                            row.get(name, [""]),
                            column=formset.model._meta.get_field(name),
                            label=f"{title} “{stored[pk]}”: {form.fields[name].label}",
                        )
                        for name in names
                        if [same_text(each) for each in theirs_row.get(name, [])]
                        != [same_text(each) for each in row.get(name, [])]
                    ],
                )
            )
    for pk, added in stored.items():
        if pk not in seen:
            conflict.taken_over.append(
                _("%(kind)s: %(row)s (added by them)") % {"kind": title, "row": added}
            )
            result.append(_row_of(formset, added, {}))
    ordered = [row for row in result if row.get(key, [""])[0]]
    ordered += [row for row in result if not row.get(key, [""])[0]]
    rows.write(formset.data, prefix, ordered, stored=sum(bool(r.get(key, [""])[0]) for r in result))
    for row, found in differences:
        index = next(i for i, each in enumerate(ordered) if each is row)
        conflict.differences += [
            Difference(
                each.label,
                each.theirs,
                each.yours,
                f"{prefix}-{index}-{each.name}",
                each.choices,
                each.titles,
            )
            for each in found
        ]


_MACHINERY = frozenset({"DELETE", "ORDER"})


def _said(read: Callable[[str], Any], attnames: list[str]) -> tuple:
    values = [read(name) for name in attnames]
    return tuple("" if value is None else str(same_text(value)) for value in values)


def _said_by(instance: models.Model, attnames: list[str]) -> tuple:
    """As a kept version would say it, which is JSON."""

    def read(name: str) -> Any:
        return json.loads(json.dumps(getattr(instance, name), cls=DjangoJSONEncoder))

    return _said(read, attnames)


def _row_of(formset: forms.BaseInlineFormSet, stored: models.Model, row: rows.Row) -> rows.Row:
    """What a browser would send of a stored row, with the marks of the row it replaces."""
    form = formset.form(instance=stored, prefix="x", **formset.get_form_kwargs(0))
    sent = {name: values for name in form.fields if (values := as_sent(form, name))}
    kept = {name: values for name, values in row.items() if name in {rows.MARK, formset.fk.name}}
    return {**sent, **kept, formset.model._meta.pk.name: [str(stored.pk)]}
