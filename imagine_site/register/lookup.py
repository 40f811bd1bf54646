"""From an address to a record: the page there now, where it went, or that it was taken away.

An address that was ever public keeps leading somewhere. Former addresses are not kept in a table of
their own: the history of a record already says which address it had, and whether it was public
then. What was never public is never admitted to exist.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.utils import translation

from imagine_site.register.models import Record


@dataclass(frozen=True, slots=True)
class MovedRecord:
    """The record has another address now: answer 301 to `to`, a path on this site."""

    to: str


@dataclass(frozen=True, slots=True)
class GoneRecord:
    """A public page stood here, and its record is hidden or deleted: answer 410."""


def slug_field(model: type[Record], language: str) -> str:
    """The column of the address: `slug`, or `slug_fr` where each language has its own."""
    try:
        return model._meta.get_field("slug").name
    except FieldDoesNotExist:
        return model._meta.get_field(f"slug_{language}").name


def find_record(
    records: type[Record] | QuerySet, *, slug: str, language: str
) -> Record | MovedRecord | GoneRecord | None:
    """What stands at an address: a public record, `MovedRecord`, `GoneRecord`, or None (404).

    `records` is a model, or a queryset with the prefetches the page needs; a record outside the
    queryset does not answer. A present address wins over a former one; among those that once had
    the address, the last to have it *while public* wins, and the answer leads to its present
    address, so that there are no chains. One query for a page that stands, three at most.
    """
    queryset = records.objects.all() if isinstance(records, type) else records
    model = queryset.model
    field = slug_field(model, language)
    if record := queryset.filter(**{field: slug, "is_public": True}).first():
        return record
    last = (
        model.history.filter(**{field: slug, "is_public": True})
        .order_by("-history_date", "-history_id")
        .values_list(model._meta.pk.name, flat=True)
        .first()
    )
    if last is None:
        return None
    if holder := queryset.filter(pk=last, is_public=True).first():
        with translation.override(language):
            return MovedRecord(to=holder.get_absolute_url())
    return GoneRecord()
