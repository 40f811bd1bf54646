"""What a version of a row says, field by field in an editor's words, and how two of them differ.

A version is a value: it may come from the history, from the row itself, or from what a room
upstairs keeps of it (an edition). Two versions are compared in what both of them recorded.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import timezone, translation
from django.utils.formats import date_format, localize
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imagine_site.documents import references
from imagine_site.documents.comparison import Comparison, Names, Words, compare
from imagine_site.documents.diff import line_diff
from imagine_site.editing.fields import DocumentField
from imagine_site.editing.languages import language_name
from imagine_site.editing.models import Versioned

#: As wide as a small picture is shown, in pixels.
THUMBNAIL = 320


@dataclass(frozen=True)
class Version:
    """One state of a row: columns by name (keys for related rows), and what stands beside it."""

    #: What addresses call it: `now`, `h12` (a row of the history).
    key: str
    #: As a line of the page calls it.
    title: str
    values: Mapping[str, Any]
    companions: Mapping[str, Any] = field(default_factory=dict)
    at: datetime.datetime | None = None
    by: str = ""
    reason: str = ""
    #: Set where it says one language only.
    language: str = ""


def kept_fields(model: type[Versioned]) -> list[models.Field]:
    """The columns that a person fills in: those that are compared and come back."""
    tracked = {each.name for each in model.history.model.tracked_fields}
    return [
        each
        for each in model._meta.concrete_fields
        if each.editable and not each.primary_key and each.name in tracked
    ]


def values_of(row: models.Model, model: type[Versioned]) -> dict[str, Any]:
    """The columns of a row, or of a row of its history."""
    return {each.name: getattr(row, each.attname) for each in kept_fields(model)}


def documents_of(model: type[Versioned], version: Version) -> list[str]:
    columns = [each for each in kept_fields(model) if isinstance(each, DocumentField)]
    return [version.values[each.name] for each in columns if version.values.get(each.name)]


def field_language(column: models.Field) -> str:
    return getattr(column, "_translated_field_language_code", "")


def field_label(column: models.Field) -> str:
    """As the form calls it: "Title (English)"."""
    name, code = capfirst(str(column.verbose_name)), field_language(column)
    if not code or language_name(code).lower() in name.lower():
        return name
    return f"{name} ({language_name(code)})"


def companion_label(model: type[Versioned], name: str) -> str:
    relation = model._meta.get_field(name)
    if relation.many_to_many and not relation.auto_created:
        return capfirst(str(relation.verbose_name))
    meta = relation.related_model._meta
    return capfirst(str(meta.verbose_name if relation.one_to_one else meta.verbose_name_plural))


def person(user) -> str:
    """Whoever it was, as colleagues know them; "" where nobody was."""
    return (user.get_full_name() or user.get_username()) if user else ""


def moment(at: datetime.datetime) -> str:
    """A date and time with its zone: times are the institute's, not the editor's machine's."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'DATETIME_FORMAT')} ({timezone.get_current_timezone_name()})"


def changed_labels(
    model: type[Versioned],
    before: tuple[Mapping[str, Any], Mapping[str, Any]],
    after: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> list[str]:
    """What differs between two versions (columns, companions): "Title (English)", "People"."""
    columns = [
        field_label(each)
        for each in kept_fields(model)
        if before[0].get(each.name) != after[0].get(each.name)
    ]
    beside = [
        companion_label(model, name)
        for name in model.COMPANIONS
        if name in before[1] and name in after[1] and before[1][name] != after[1][name]
    ]
    return columns + beside


# what a value says -------------------------------------------------------------------------------


class RelatedRows:
    """The rows that versions name by key, fetched once a model."""

    def __init__(self, model: type[Versioned], versions: Iterable[Version]):
        wanted: dict[type[models.Model], set] = defaultdict(set)
        for version in versions:
            for related, key in _references(model, version):
                wanted[related].add(key)
        self._found = {
            related: related._base_manager.in_bulk(keys) for related, keys in wanted.items()
        }

    def get(self, related: type[models.Model], key: Any) -> models.Model | None:
        return self._found.get(related, {}).get(key)

    def name(self, related: type[models.Model], key: Any) -> str:
        row = self.get(related, key)
        if row is not None:
            return str(row)
        return _("%(what)s %(number)s, deleted since") % {
            "what": related._meta.verbose_name,
            "number": key,
        }


def _references(model: type[Versioned], version: Version) -> Iterable[tuple[type, Any]]:
    for each in kept_fields(model):
        if each.is_relation and (key := version.values.get(each.name)) is not None:
            yield each.related_model, key
    for name, kept in version.companions.items():
        relation = model._meta.get_field(name)
        if relation.many_to_many:
            yield from ((relation.related_model, key) for key in kept)
            continue
        inner = {each.attname: each for each in _row_fields(relation) if each.is_relation}
        for row in kept:
            for attname, each in inner.items():
                if row.get(attname) is not None:
                    yield each.related_model, row[attname]


def _row_fields(relation) -> list[models.Field]:
    """The columns of an inner row that say something."""
    link = relation.field.name
    return [
        each
        for each in relation.related_model._meta.concrete_fields
        if each.editable and not each.primary_key and each.name != link
    ]


def display(column: models.Field, value: Any, related: RelatedRows) -> str:
    """A value as the form would show it, in one line."""
    if value is None or value == "":
        return ""
    if column.is_relation:
        return related.name(column.related_model, value)
    value = column.to_python(value)
    if column.flatchoices:
        return str(dict(column.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime.datetime):
        return moment(value)
    if isinstance(value, datetime.date):
        return date_format(value, "DATE_FORMAT")
    return str(localize(value))


# differences -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thumbnail:
    url: str
    label: str
    alt: str = ""


@dataclass(frozen=True)
class RowDifference:
    """An inner row: "+" new, "-" gone, "~" changed. Cells: label, before, after."""

    operation: str
    cells: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Difference:
    """One field that differs; which of the parts below is filled depends on `kind`."""

    label: str
    kind: str
    language: str = ""
    words: list[tuple[str, str]] = field(default_factory=list)
    document: Comparison | None = None
    before: str = ""
    after: str = ""
    pictures: tuple[Thumbnail | None, Thumbnail | None] = (None, None)
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    rows: list[RowDifference] = field(default_factory=list)


def differences(
    model: type[Versioned],
    old: Version,
    new: Version,
    *,
    names: Names,
    related: RelatedRows | None = None,
) -> list[Difference]:
    """What `new` says otherwise than `old`, among what both recorded, in the order of the model."""
    related = related or RelatedRows(model, (old, new))
    found = []
    for each in kept_fields(model):
        if each.name in old.values and each.name in new.values:
            before, after = old.values[each.name], new.values[each.name]
            if before != after and (difference := _of_column(each, before, after, names, related)):
                found.append(difference)
    for name in model.COMPANIONS:
        if name in old.companions and name in new.companions:
            before, after = old.companions[name], new.companions[name]
            if before != after and (
                difference := _of_companion(model, name, before, after, related)
            ):
                found.append(difference)
    return found


def _of_column(column, before, after, names: Names, related: RelatedRows) -> Difference | None:
    label, language = field_label(column), field_language(column)
    if isinstance(column, DocumentField):
        words = words_of_comparison()
        with translation.override(language or None):  # pictures describe themselves in it
            compared = compare(before or "", after or "", names=names, words=words)
        if compared.is_same:
            return None
        return Difference(label, "document", language, document=compared)
    if column.is_relation:
        rows = [
            related.get(column.related_model, key) if key is not None else None
            for key in (before, after)
        ]
        pictures = tuple(thumbnail(row) for row in rows)
        if any(pictures):
            return Difference(label, "picture", language, pictures=pictures)
    elif isinstance(column, models.TextField | models.CharField) and not column.flatchoices:
        return Difference(label, "words", language, words=line_diff(before or "", after or ""))
    return Difference(
        label,
        "value",
        language,
        before=display(column, before, related),
        after=display(column, after, related),
    )


def _of_companion(model, name: str, before, after, related: RelatedRows) -> Difference | None:
    relation, label = model._meta.get_field(name), companion_label(model, name)
    if relation.many_to_many:
        gone, come = (
            [related.name(relation.related_model, key) for key in one if key not in other]
            for one, other in ((before, after), (after, before))
        )
        if not gone and not come:
            return None
        return Difference(label, "names", removed=gone, added=come)
    rows = _row_differences(relation, before, after, related)
    return Difference(label, "rows", rows=rows) if rows else None


def _row_differences(relation, before, after, related: RelatedRows) -> list[RowDifference]:
    columns = [
        each
        for each in _row_fields(relation)
        if all(each.attname in row for row in [*before, *after])
    ]

    def shown(row) -> dict[str, str]:
        return {each.attname: display(each, row[each.attname], related) for each in columns}

    gone, come = [shown(row) for row in before], [shown(row) for row in after]
    for row in list(gone):
        if row in come:
            come.remove(row)
            gone.remove(row)
    labels = {each.attname: field_label(each) for each in columns}
    found = []
    for row in gone:
        like = max(come, key=lambda other, row=row: _in_common(row, other), default=None)
        if like is not None and _in_common(row, like):
            come.remove(like)
            cells = [(labels[name], row[name], like[name]) for name in row]
            found.append(RowDifference("~", cells))
        else:
            found.append(
                RowDifference("-", [(labels[name], text, "") for name, text in row.items() if text])
            )
    found += [
        RowDifference("+", [(labels[name], "", text) for name, text in row.items() if text])
        for row in come
    ]
    return found


def _in_common(one: Mapping[str, str], other: Mapping[str, str]) -> int:
    return sum(1 for name, text in one.items() if text and text == other.get(name))


def thumbnail(row: models.Model | None) -> Thumbnail | None:
    """A picture of the library, which is a row that has files to show (`file_url`)."""
    if row is None or not hasattr(row, "file_url"):
        return None
    return Thumbnail(
        url=row.file_url(at_least=THUMBNAIL), label=str(row), alt=getattr(row, "alt", "")
    )


def words_of_comparison() -> Words:
    """What a comparison says itself, in the language of whoever reads it."""
    reader = translation.get_language()

    def unchanged(count: int) -> str:
        with translation.override(reader):
            return ngettext("%(count)d block as before", "%(count)d blocks as before", count) % {
                "count": count
            }

    return Words(
        added=_("added:"),
        removed=_("removed:"),
        end=_("end of the change."),
        moved=_("Moved here"),
        moved_away=_("Stood here before:"),
        note=_("note:"),
        picture=_("Picture"),
        missing_picture=_("A picture that is no longer in the library"),
        alternative=_("Alternative text:"),
        caption=_("Caption:"),
        wide=_("wide"),
        video=_("Video"),
        heading=_("Heading"),
        subheading=_("Subheading"),
        paragraph=_("Paragraph"),
        list=_("List"),
        rule=_("A line across"),
        unchanged=unchanged,
    )


class NoNames:
    """For rows without documents: there is nothing to name."""

    def picture(self, pk: int) -> None:
        return None

    def record(self, reference: str) -> None:
        return None

    def file(self, pk: int) -> None:
        return None


# what cannot come back ---------------------------------------------------------------------------


def lost(
    model: type[Versioned], version: Version, *, names: Names, related: RelatedRows
) -> list[str]:
    """What a version names that was deleted since, in words; each once, counted."""
    found: Counter[str] = Counter()
    for kind, key in _references(model, version):
        if related.get(kind, key) is None:
            found[str(kind._meta.verbose_name)] += 1
    pictures = {pk for body in documents_of(model, version) for pk in references(body).images}
    if missing := sum(1 for pk in pictures if names.picture(pk) is None):
        found[_("picture in the text")] += missing
    return [f"{what} ({count})" if count > 1 else what for what, count in found.items()]
