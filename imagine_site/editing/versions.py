"""What a version is: the row as it is, with the relations and inner rows beside it, kept whole.

The history library keeps the row's own columns, at every save. A person thinks of one version where
a form saves a row, then its relations, then its inner rows; and autosave writes the row many times
between two of them. So the admin saves in silence and then makes one version, by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

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
    found: dict[str, Any] = {}
    for name in instance.COMPANIONS:
        relation = instance._meta.get_field(name)
        if relation.many_to_many:
            manager = getattr(instance, name)
            found[name] = sorted(manager.order_by().values_list("pk", flat=True))
            continue
        model, link = relation.related_model, relation.field.name
        rows = model._base_manager.filter(**{link: instance.pk}).order_by("pk")
        found[name] = [
            {
                field.attname: _as_json(field.value_from_object(row))
                for field in _inner_fields(model, link)
            }
            for row in rows
        ]
    return found


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
    companions = companions_of(instance)
    if companions != instance.companions:
        instance.companions = companions
        type(instance)._base_manager.filter(pk=instance.pk).update(companions=companions)
    newest = newest_version(instance)
    if newest and newest.version == instance.version and newest.companions in ({}, companions):
        if newest.companions != companions:  # a plain save, which knew nothing of them
            newest.companions = companions
            newest.save(update_fields=["companions"])
        return None
    (made,) = type(instance).history.bulk_history_create(
        [instance],
        update=newest is not None,
        default_user=by,
        default_change_reason=reason or None,
    )
    return made
