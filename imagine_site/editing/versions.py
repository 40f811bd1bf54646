"""What a version is: the row as it is, with the relations and inner rows beside it, kept whole.

The history library keeps the row's own columns, at every save. A person thinks of one version where
a form saves a row, then its relations, then its inner rows; and autosave writes the row many times
between two of them. So the admin saves in silence and then makes one version, by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Max

from imagine_site.editing.models import Versioned

#: By which a form sends back the version of the row it was opened with.
VERSION_INPUT = "_version"


@contextmanager
def in_silence(instance: Versioned) -> Iterator[None]:
    """Saves within leave no history row: a version is made afterwards, or later."""
    instance.skip_history_when_saving = True
    try:
        yield
    finally:
        del instance.skip_history_when_saving


def _inner_fields(model: type[models.Model], link: str) -> list[models.Field]:
    return [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key and field.name != link
    ]


def companions_of(instance: Versioned) -> dict[str, Any]:
    """The keys of related rows, and the inner rows as JSON, by the names in `COMPANIONS`."""
    return companions_of_all([instance])[instance.pk]


def companions_of_all(instances: Sequence[Versioned]) -> dict[Any, dict[str, Any]]:
    """The same for several rows of one model, by their keys; one query a name."""
    pks = [instance.pk for instance in instances]
    found: dict[Any, dict[str, Any]] = {pk: {} for pk in pks}
    for name in type(instances[0]).COMPANIONS if instances else ():
        for companions in found.values():
            companions[name] = []
        relation = instances[0]._meta.get_field(name)
        if relation.many_to_many:
            here, there = _ends(relation)
            rows = relation.remote_field.through if relation.concrete else relation.through
            pairs = rows._base_manager.filter(**{f"{here}__in": pks}).order_by(there)
            for pk, related in pairs.values_list(here, there):
                found[pk][name].append(related)
            continue
        model, link = relation.related_model, relation.field
        for row in model._base_manager.filter(**{f"{link.name}__in": pks}).order_by("pk"):
            found[getattr(row, link.attname)][name].append(inner_row(row, link.name))
    return found


def _ends(relation) -> tuple[str, str]:
    """The columns of a many-to-many table: this row's and that of what it is related to."""
    field = relation if relation.concrete else relation.field
    ends = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
    return ends if relation.concrete else ends[::-1]


def inner_row(row: models.Model, link: str) -> dict[str, Any]:
    """An inner row as a version keeps it; `link` is its field that leads to the outer one."""
    return {
        field.attname: _as_json(field.value_from_object(row))
        for field in _inner_fields(type(row), link)
    }


def _as_json(value: Any) -> Any:
    """As it will be read back: dates and decimals as text (ISO 8601)."""
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return DjangoJSONEncoder().default(value)


def restore_companions(instance: Versioned, data: dict[str, Any]) -> list[str]:
    """Put relations and inner rows back as a version kept them; names what could not come back.

    What `data` does not name stays as it is: versions from before something was recorded say
    nothing about it. Related rows that were deleted since cannot come back.
    """
    lost: list[str] = []
    for name in instance.COMPANIONS:
        if name not in data:
            continue
        relation = instance._meta.get_field(name)
        model = relation.related_model
        if relation.many_to_many:
            there = model._base_manager.in_bulk(data[name])
            lost += [str(model._meta.verbose_name) for pk in data[name] if pk not in there]
            getattr(instance, name).set(there.values())
            continue
        link = relation.field
        fields = {field.attname: field for field in _inner_fields(model, link.name)}
        model._base_manager.filter(**{link.name: instance.pk}).delete()
        for kept in data[name]:
            values = {
                attname: fields[attname].to_python(value)
                for attname, value in kept.items()
                if attname in fields
            }
            gone = [
                field
                for attname, field in fields.items()
                if field.is_relation
                and values.get(attname) is not None
                and not field.related_model._base_manager.filter(pk=values[attname]).exists()
            ]
            if gone:
                lost.append(str(model._meta.verbose_name))
                continue
            model._base_manager.create(**{link.attname: instance.pk}, **values)
    return lost


def newest_version(instance: Versioned) -> models.Model | None:
    """The newest row of its history."""
    return instance.history.order_by("-history_id").first()


def _newest_versions(instances: Sequence[Versioned]) -> dict[Any, models.Model]:
    """By key, as far as there is one: what `make_version` asks of it."""
    history = type(instances[0]).history.model
    newest = (
        history.objects.filter(id__in=[instance.pk for instance in instances])
        .order_by()
        .values("id")
        .annotate(newest=Max("history_id"))
        .values("newest")
    )
    rows = history.objects.filter(history_id__in=newest).order_by()
    return {row.id: row for row in rows.only("id", "version", "companions")}


def is_versioned(instance: Versioned) -> bool:
    """Whether the row as stored is kept as a version already (after an autosave it is not)."""
    newest = newest_version(instance)
    return newest is not None and newest.version == instance.version


def make_version(
    instance: Versioned, *, by: AbstractBaseUser | None, reason: str = ""
) -> models.Model | None:
    """Keep the row as it is now, with its companions; None where the newest version says the same,
    or said nothing of companions and now does.

    Within the transaction of whoever saved it. `by` is whose words they are.
    """
    made = make_versions([instance], by=by, reason=reason)
    return made[0] if made else None


def make_versions(
    instances: Sequence[Versioned], *, by: AbstractBaseUser | None, reason: str = ""
) -> list[models.Model]:
    """The same for several rows of one model; returns the versions that were made."""
    if not instances:
        return []
    model = type(instances[0])
    companions = companions_of_all(instances)
    newest = _newest_versions(instances)
    unlike: dict[str, list[Versioned]] = {}
    for instance in instances:
        now = companions[instance.pk]
        if now != instance.companions:
            instance.companions = now
            unlike.setdefault(json.dumps(now, cls=DjangoJSONEncoder), []).append(instance)
    for alike in unlike.values():
        pks = [instance.pk for instance in alike]
        model._base_manager.filter(pk__in=pks).update(companions=alike[0].companions)
    first, later = [], []
    for instance in instances:
        last = newest.get(instance.pk)
        if last is None:
            first.append(instance)
        elif last.version != instance.version or last.companions not in ({}, instance.companions):
            later.append(instance)
        elif last.companions != instance.companions:  # a plain save, which knew nothing of them
            last.companions = instance.companions
            last.save(update_fields=["companions"])
    made = []
    for some, update in ((first, False), (later, True)):
        if some:
            made += model.history.bulk_history_create(
                some, update=update, default_user=by, default_change_reason=reason or None
            )
    return made


def create_all(instances: Sequence[Versioned]) -> None:
    """Insert new rows of one model in a few statements, as `save()` within `in_silence` would:
    a version is made afterwards, or later."""
    for instance in instances:
        instance.version += 1
    if instances:
        type(instances[0])._base_manager.bulk_create(instances)
