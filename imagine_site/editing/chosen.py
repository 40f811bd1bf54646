"""Names of chosen rows that are known already, in the place of a query for each field.

The admin asks the database twice for every field with a list of names: which are chosen, and what
they are called. A form with six such fields has both from one query of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.forms import ModelForm


@dataclass(frozen=True, slots=True)
class Chosen:
    """A row as the widget needs it."""

    pk: int
    label: str

    @property
    def id(self) -> int:
        return self.pk

    def __str__(self) -> str:
        return self.label


class _Known:
    """Stands for the choices of an autocomplete widget, which asks for those that are chosen by
    `choices.queryset.using(…).filter(…)` and for no other."""

    def __init__(self, field, rows: list[Chosen]):
        self.field, self.queryset, self._rows = field, self, rows

    def using(self, _alias) -> _Known:
        return self

    def filter(self, **_these) -> list[Chosen]:
        return self._rows


def remember(instance: models.Model, name: str, rows: Iterable[Chosen]) -> None:
    """Have a many-to-many relation of one instance hold these rows, without asking for them.

    Their keys are all that a form reads of them; whoever wants the rows themselves chains a query.
    """
    related = instance._meta.get_field(name).related_model
    rows = list(rows)
    known = related._base_manager.filter(pk__in=[row.pk for row in rows])
    known._result_cache = [related(pk=row.pk) for row in rows]
    known._prefetch_done = True
    held: dict[str, Any] = getattr(instance, "_prefetched_objects_cache", None) or {}
    instance._prefetched_objects_cache = {**held, name: known}


def name_in(form: ModelForm, name: str, rows: Iterable[Chosen]) -> None:
    """Have the field's widget show these rows as chosen, without asking what they are called."""
    field = form.fields.get(name)
    if field is None or not isinstance(field.widget, RelatedFieldWidgetWrapper):
        return
    # The wrapper hands its choices to the widget whenever it is drawn.
    field.widget.choices = _Known(field, list(rows))
