"""A picture read beside what shows it, as far as a public page shows it."""

from __future__ import annotations

from django.db.models import QuerySet

#: What no public page says or shows of a picture; reading it costs as much as all the rest.
OF_THE_LIBRARY = (
    *("title", "licence", "consent_reference", "taken_on", "description", "retired"),
    *("import_ref", "created_by", "created_at", "updated_at", "version"),
)


def with_picture(rows: QuerySet, relation: str) -> QuerySet:
    """With the picture of a foreign key, in the same query."""
    return rows.select_related(relation).defer(*(f"{relation}__{name}" for name in OF_THE_LIBRARY))
