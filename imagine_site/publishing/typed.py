"""What is typed in a story's form, written to its working copy as far as it is valid.

A form that is saved is valid as a whole or refused. What is being written is neither: the address
of the French text is taken, a guest has no name yet, and everything else must be kept all the same.
So each field, relation and inner row is judged alone; what cannot be written is named, with the
reason, and stays in the form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from imagine_site.editing.conflicts import same_text
from imagine_site.editing.rows import MARK
from imagine_site.publishing.models import LANGUAGES, Story

if TYPE_CHECKING:
    from imagine_site.publishing.parts import StoryPart


@dataclass
class Applied:
    """What became of a form: `fields` are the names of what was written, `errors` the reasons by
    the name of the input, `rows` the keys of the inner rows by the marks their window gave them
    (None: none is stored)."""

    fields: list[str] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, int | None] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return bool(self.fields)


def apply_typed(admin: StoryPart, request: HttpRequest, story: Story) -> Applied:
    """Write what the request's form says to the story's row, its relations and its inner rows.

    Within the caller's transaction, without making a version, and only if anything differs. A story
    that is not stored yet is stored as soon as it has a title or a text.
    """
    request.autosaves = True
    change = story.pk is not None
    obj = story if change else None
    fieldsets = admin.get_fieldsets(request, obj)
    form_class = admin.get_form(request, obj, change=change, fields=flatten_fieldsets(fieldsets))
    form_class.sent_version = None  # whoever calls has compared versions
    before = _columns(story)
    form = form_class(request.POST, request.FILES, instance=story)
    _leave_out_what_says_nothing_new(form, before)
    applied = Applied()
    changed = _settle(form, before, applied.errors)
    relations = {relation.name for relation in story._meta.many_to_many}
    formsets, _inlines = admin._create_formsets(request, story, change)
    places = _places(request.POST)
    writes = [write for formset in formsets for write in _rows(formset, applied, places)]
    if not changed and not writes:
        return applied
    if not change and not any(story.is_written(language) for language in LANGUAGES):
        return applied
    admin.save_model(request, story, form, change)
    for name in changed:
        if name in relations:
            story._meta.get_field(name).save_form_data(story, form.cleaned_data[name])
    for write in writes:
        write()
    applied.fields = [*changed, *(formset.prefix for formset in formsets if writes)]
    return applied


def _leave_out_what_says_nothing_new(form: forms.ModelForm, before: dict[str, Any]) -> None:
    """A form that leaves out a field says nothing about it, and does not empty it; and a long text
    that came back letter by letter need not be cleaned to know that it is the same."""
    for name, form_field in list(form.fields.items()):
        sent = form.add_prefix(name)
        omitted = form_field.widget.value_omitted_from_data(form.data, form.files, sent)
        typed, stored = form.data.get(sent), before.get(name)
        if omitted or (typed and stored and same_text(typed) == same_text(stored)):
            del form.fields[name]


def _columns(instance: models.Model) -> dict[str, Any]:
    return {
        column.attname: getattr(instance, column.attname)
        for column in instance._meta.concrete_fields
    }


def _settle(
    form: forms.ModelForm, before: dict[str, Any], errors: dict[str, list[str]]
) -> list[str]:
    """Leave in the form's instance what is valid and new; what is not goes back to `before` and
    into `errors`. Returns the names of the fields that changed."""
    form.is_valid()
    instance = form.instance
    columns = {column.name: column for column in instance._meta.concrete_fields}
    relations = {relation.name for relation in instance._meta.many_to_many}
    for name, found in form.errors.items():
        if name != NON_FIELD_ERRORS:
            errors[form.add_prefix(name)] = [str(message) for message in found]
            if name in columns:
                attname = columns[name].attname
                setattr(instance, attname, before[attname])
    changed = [
        name
        for name in form.changed_data
        if name in form.cleaned_data
        and name not in form.errors
        and name in columns | dict.fromkeys(relations)
    ]
    for name in list(changed):
        if name in columns:
            attname = columns[name].attname
            if same_text(getattr(instance, attname)) == same_text(before[attname]):
                setattr(instance, attname, before[attname])
                changed.remove(name)
    if form.errors.get(NON_FIELD_ERRORS) and _objection(instance):
        held = _hold_back(instance, before, [columns[name] for name in changed if name in columns])
        for name, messages in held.items():
            errors[form.add_prefix(name)] = messages
            changed.remove(name)
    return changed


def _objection(instance: models.Model) -> list[str]:
    """What the model itself has against the row as it is, said of no field in particular."""
    try:
        instance.clean()
        instance.validate_unique()
        instance.validate_constraints()
    except ValidationError as error:
        return error.messages
    return []


def _hold_back(
    instance: models.Model, before: dict[str, Any], columns: Iterable[models.Field]
) -> dict[str, list[str]]:
    """Take values back until the model agrees: one after the other is put in, and again those that
    were refused, as long as any is accepted (two days may be right only together)."""
    wanted = {column: getattr(instance, column.attname) for column in columns}
    for column in wanted:
        setattr(instance, column.attname, before[column.attname])
    refused: dict[models.Field, list[str]] = {column: [] for column in wanted}
    accepted = True
    while refused and accepted:
        accepted = False
        for column in list(refused):
            setattr(instance, column.attname, wanted[column])
            if messages := _objection(instance):
                refused[column] = messages
                setattr(instance, column.attname, before[column.attname])
            else:
                del refused[column]
                accepted = True
    return {column.name: messages for column, messages in refused.items()}


def _places(data: QueryDict) -> dict[str, str]:
    """Where each marked row stands on the page: `{mark: "guests-2"}`."""
    end = f"-{MARK}"
    return {data[name]: name.removesuffix(end) for name in data if name.endswith(end)}


def _rows(
    formset: forms.BaseInlineFormSet, applied: Applied, places: dict[str, str]
) -> list[Callable[[], None]]:
    """What there is to write of inner rows; run after the story itself is stored."""
    if (
        f"{formset.prefix}-TOTAL_FORMS" not in formset.data
        or not formset.management_form.is_valid()
    ):
        return []
    writes: list[Callable[[], None]] = []
    for index, form in enumerate(formset.forms):
        mark = formset.data.get(f"{form.prefix}-{MARK}", "")
        stored = index < formset.initial_form_count() and form.instance.pk is not None
        before = _columns(form.instance)
        errors: dict[str, list[str]] = {}
        changed = _settle(form, before, errors)
        if formset.can_delete and formset._should_delete_form(form):
            if mark:
                applied.rows[mark] = None
            if stored:
                writes.append(form.instance.delete)
            continue
        if mark:
            applied.rows[mark] = form.instance.pk if stored else None
        if not stored and not form.has_changed():
            continue
        place = places.get(mark, form.prefix)
        applied.errors |= {
            name.replace(form.prefix, place, 1): found for name, found in errors.items()
        }
        if NON_FIELD_ERRORS in form.errors and not errors:
            applied.errors[place] = [str(each) for each in form.errors[NON_FIELD_ERRORS]]
        if stored and changed and form.has_changed():  # not without the right to
            writes.append(form.instance.save)
        if not stored and form.is_valid():
            writes.append(_adding(formset, form, place, mark, applied))
    return writes


def _adding(formset, form, place: str, mark: str, applied: Applied) -> Callable[[], None]:
    def add() -> None:
        try:
            with transaction.atomic():
                row = formset.save_new(form)
        except IntegrityError:
            applied.errors[place] = [_("There is one already.")]
        else:
            if mark:
                applied.rows[mark] = row.pk

    return add
