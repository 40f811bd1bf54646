"""The register file: all of the register as one YAML file, loaded as often as one likes.

`docs/register-file.md` describes the format. Three promises hold:

- All mistakes are reported at once, each with its line, and then nothing is written.
- Loading the same file again changes nothing: no row, no version, no line of history.
- What a person changed in the admin since the last load is kept, and said, unless `force` is given.

`register_plans` reads the sections into plans and checks them against each other and against the
register; here the plans are applied, in one transaction.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from imagine_site.register.models import Record
from imagine_site.register.reading import Problem, Problems, Section, UnreadableFile, read
from labs.models import FundingRound, Membership
from labs.register_plans import Plan, Reader, Row
from people.models import Position, ResearcherLink

#: The reason in a record's history by which its last load is found again.
LOADED = "register file"


class RegisterFileError(ValueError):
    """The file holds mistakes, all of them in `problems`; nothing was written."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that differs from the file because a person changed it since the last load."""

    name: str
    by: str
    on: datetime.datetime


@dataclass
class Report:
    """What a load did, or would do: names by what became of them."""

    dry_run: bool = False
    created: list[str] = field(default_factory=list)
    #: Each with what changed: ("Pr Jeanne Amiel", ["positions"]).
    updated: list[tuple[str, list[str]]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)


def load(path: str | Path, *, force: bool = False, dry_run: bool = False) -> Report:
    """Create and update the records a register file names; others are left alone.

    With `force`, the file also wins over what people changed since the last load. With `dry_run`,
    everything is tried and nothing is kept. Raises `RegisterFileError` with every problem found.
    """
    try:
        root = read(Path(path))
    except UnreadableFile as error:
        raise RegisterFileError([error.problem]) from error
    problems = Problems(str(path))
    with transaction.atomic():
        plans = Reader(Section(root, "", problems)).plans()
        if problems:
            raise RegisterFileError(problems.in_order())
        report = Report(dry_run=dry_run)
        edits = _Edits()
        reason = f"{LOADED}: {Path(path).name}"[:100]
        for plan in plans:
            try:
                _apply(plan, report, edits, force=force, reason=reason)
            except (IntegrityError, ValidationError) as error:
                problems.add(*plan.place, _("cannot be saved: %(reason)s") % {"reason": error})
                raise RegisterFileError(problems) from error
        if dry_run:
            transaction.set_rollback(True)
    return report


class _Edits:
    """Who changed which record in the admin after its last load; one query a kind, when asked."""

    def __init__(self):
        self._by_model: dict[type, dict[Any, tuple[str, datetime.datetime]]] = {}

    def of(self, record: Record) -> tuple[str, datetime.datetime] | None:
        model = type(record)
        if model not in self._by_model:
            self._by_model[model] = self._read(model)
        return self._by_model[model].get(record.pk)

    @staticmethod
    def _read(model: type[Record]) -> dict[Any, tuple[str, datetime.datetime]]:
        username = f"history_user__{get_user_model().USERNAME_FIELD}"
        edits: dict[Any, tuple[str, datetime.datetime]] = {}
        rows = model.history.order_by("history_id").values_list(
            model._meta.pk.name, "history_change_reason", username, "history_date"
        )
        for pk, reason, user, date in rows.iterator():
            if user:
                edits[pk] = (user, date)
            elif (reason or "").startswith(LOADED):
                edits.pop(pk, None)
        return edits


def _apply(plan: Plan, report: Report, edits: _Edits, *, force: bool, reason: str) -> None:
    record = plan.record
    new = record is None or record.pk is None
    if new:
        record = plan.record = plan.model(**plan.values)
        _save(record, reason)
        for accessor, rows in plan.rows.items():
            _write_rows(record, accessor, _row_changes(record, accessor, rows))
        for name, wanted in plan.many.items():
            getattr(record, name).set(_records(wanted))
        report.created.append(str(record))
        return

    changed = [name for name, value in plan.values.items() if getattr(record, name) != value]
    row_changes = {
        accessor: changes
        for accessor, rows in plan.rows.items()
        if any(changes := _row_changes(record, accessor, rows))
    }
    many_changes = {
        name: records
        for name, records in ((name, _records(wanted)) for name, wanted in plan.many.items())
        if {each.pk for each in records} != set(getattr(record, name).values_list("pk", flat=True))
    }
    if not (changed or row_changes or many_changes):
        report.unchanged.append(str(record))
        return
    edit = edits.of(record) if isinstance(record, Record) and not force else None
    if edit:
        report.kept.append(Kept(str(record), *edit))
        return
    for name in changed:
        setattr(record, name, plan.values[name])
    for accessor, changes in row_changes.items():
        _write_rows(record, accessor, changes)
    for name, records in many_changes.items():
        getattr(record, name).set(records)
    _save(record, reason)
    report.updated.append((str(record), [*changed, *row_changes, *many_changes]))


def _save(record: models.Model, reason: str) -> None:
    record._history_user = None
    record._change_reason = reason
    record.save()


def _records(wanted: Iterable[Plan | models.Model]) -> list[models.Model]:
    return [item.record if isinstance(item, Plan) else item for item in wanted]


#: What makes two rows the same row, changed; tried where no row is equal in all the file says.
_SAME_ROW = {
    Position: ("title_en",),
    ResearcherLink: ("url",),
    Membership: ("laboratory", "role"),
    FundingRound: ("label",),
}


@dataclass
class _RowChanges:
    create: list[dict[str, Any]] = field(default_factory=list)
    update: list[tuple[models.Model, dict[str, Any]]] = field(default_factory=list)
    delete: list[models.Model] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.create or self.update or self.delete)

    def __iter__(self):
        return iter((self.create, self.update, self.delete))


def _row_changes(record: models.Model, accessor: str, rows: list[Row]) -> _RowChanges:
    """The fewest changes to the rows below a record; what the file does not name in a row stays."""
    manager = getattr(record, accessor)
    standing = list(manager.all())
    wanted = [
        {
            name: value.record if isinstance(value, Plan) else value
            for name, value in row.values.items()
        }
        for row in rows
    ]

    def claim(values: dict[str, Any], names: Iterable[str]) -> models.Model | None:
        for row in standing:
            if all(getattr(row, name) == values[name] for name in names if name in values):
                standing.remove(row)
                return row
        return None

    changes = _RowChanges()
    # The row of which most is said chooses first, or a vaguer one would take its place.
    wanted.sort(key=len, reverse=True)
    rest = [values for values in wanted if claim(values, values) is None]
    for values in rest:
        if row := claim(values, _SAME_ROW[manager.model]):
            changes.update.append((row, values))
        else:
            changes.create.append(values)
    changes.delete = standing
    return changes


def _write_rows(record: models.Model, accessor: str, changes: _RowChanges) -> None:
    for row in changes.delete:
        row.delete()
    for row, values in changes.update:
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    for values in changes.create:
        getattr(record, accessor).create(**values)
