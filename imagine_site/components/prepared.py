"""Queries put into SQL once: what a page asks every time, without composing it every time.

Composing one of our longer queries takes Django some milliseconds, ten times as long as the
database needs to answer it. A prepared query is composed when it is first asked, with stand-ins for
what is not yet known; afterwards only the values are put in.

    LIVE = Prepared(
        lambda language, at: Edition.objects.in_language(language).live(at=at), at=datetime
    )
    LIVE(language="en", at=timezone.now())

What has a type is filled in; what has none (`language`) shapes the query, and each of its values
gives a query of its own: only what has few values may be left without a type.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any

from django.db import connections, models, router
from django.db.models.query import ModelIterable, get_related_populators

#: No page, key or moment of ours is ever one of these.
_STAND_INS = {
    str: lambda number: f"\ue000{number}\ue000",
    int: lambda number: 8_000_000_000_000_000_000 + number,
    datetime.datetime: lambda number: datetime.datetime(
        9000 + number, 1, 2, 3, 4, 5, 678_901, tzinfo=datetime.UTC
    ),
}


class NotPreparable(TypeError):
    """A query that cannot be put into SQL beforehand: a mistake in our own wiring."""


class Prepared:
    """`build(**values)` gives a queryset; calling the prepared query gives its rows as a list.

    `beginning(vendor)` may give what stands before the statement in the database's own SQL, for
    what Django cannot compose (`WITH …`), and the names of the values put in there.
    """

    def __init__(
        self,
        build: Callable[..., models.QuerySet],
        *,
        beginning: Callable[[str], tuple[str, tuple[str, ...]]] | None = None,
        **unknown: type,
    ):
        self._build, self._beginning = build, beginning
        self._stand_ins = {
            name: _STAND_INS[kind](number) for number, (name, kind) in enumerate(unknown.items())
        }
        self._composed: dict[tuple, _Composed] = {}
        self._model: type[models.Model] | None = None

    def __call__(self, **values: Any) -> list:
        if self._model is None:
            self._model = self.queryset(**values).model
        alias = router.db_for_read(self._model)
        shape = tuple(
            value for name, value in sorted(values.items()) if name not in self._stand_ins
        )
        composed = self._composed.get((alias, shape))
        if composed is None:
            queryset = self.queryset(**{**values, **self._stand_ins}).using(alias)
            composed = _Composed.of(queryset, self._stand_ins, self._beginning, values)
            self._composed[alias, shape] = composed
        return composed.rows(connections[alias], values)

    def queryset(self, **values: Any) -> models.QuerySet:
        """The same as Django composes it; `build` takes what it knows of the values."""
        known = signature(self._build).parameters
        if not any(each.kind == each.VAR_KEYWORD for each in known.values()):
            values = {name: value for name, value in values.items() if name in known}
        return self._build(**values)


@dataclass(frozen=True, slots=True)
class _Composed:
    sql: str
    #: For each parameter of the statement its value, or the name of the one to put there, with
    #: the type in which the database's driver wants a number.
    parameters: tuple[tuple[str, Any], ...]
    converters: tuple
    read: Callable[[Any, list], Any]

    @classmethod
    def of(
        cls,
        queryset: models.QuerySet,
        stand_ins: dict[str, Any],
        beginning: Callable[[str], tuple[str, tuple[str, ...]]] | None,
        values: dict[str, Any],
    ) -> _Composed:
        # A connection of its own: what is composed is shared by threads, and theirs come and go.
        connection = connections[queryset.db].copy()
        try:
            compiler = queryset.query.get_compiler(connection=connection)
            sql, parameters = compiler.as_sql()
            if beginning:
                start, names = beginning(connection.vendor)
                sql = start + sql
                known = {**values, **stand_ins}
                adapt = connection.ops.adapt_datetimefield_value
                first = [known[name] for name in names]
                first = [
                    adapt(value) if isinstance(value, datetime.datetime) else value
                    for value in first
                ]
                parameters = (*first, *parameters)
            select = compiler.select[: compiler.col_count]
            return cls(
                sql,
                _marked(parameters, stand_ins, connection),
                tuple(compiler.get_converters([column[0] for column in select]).items()),
                _reader(queryset, compiler),
            )
        finally:
            connection.close()

    def rows(self, connection, values: dict[str, Any]) -> list:
        parameters = [
            kind if not name else _adapted(values[name], kind, connection)
            for name, kind in self.parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            found = cursor.fetchall()
        read, alias = self.read, connection.alias
        if not self.converters:
            return [read(alias, row) for row in found]
        rows = []
        for row in map(list, found):
            for place, (converters, expression) in self.converters:
                value = row[place]
                for convert in converters:
                    value = convert(value, expression, connection)
                row[place] = value
            rows.append(read(alias, row))
        return rows


def _adapted(value: Any, kind: Any, connection) -> Any:
    if isinstance(value, datetime.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return kind(value)


def _marked(
    parameters: tuple, stand_ins: dict[str, Any], connection
) -> tuple[tuple[str, Any], ...]:
    adapted = {name: _adapted(value, type(value), connection) for name, value in stand_ins.items()}
    marked, seen = [], set()
    for parameter in parameters:
        name = next((name for name, value in adapted.items() if parameter == value), "")
        seen.add(name)
        marked.append((name, type(parameter) if name else parameter))
    if missing := set(stand_ins) - seen:
        raise NotPreparable(f"not a parameter of the statement: {', '.join(sorted(missing))}")
    return tuple(marked)


def _reader(queryset: models.QuerySet, compiler) -> Callable[[str, list], Any]:
    """What becomes of a row: an instance with its related ones, or a tuple."""
    if not issubclass(queryset._iterable_class, ModelIterable):
        return lambda _alias, row: tuple(row)
    if queryset._prefetch_related_lookups or queryset._known_related_objects:
        raise NotPreparable("a prepared query reads its own rows only")
    info = compiler.klass_info
    first, last = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column[0].target.attname for column in compiler.select[first:last]]
    populators = get_related_populators(info, compiler.select, queryset.db)
    annotations = tuple(compiler.annotation_col_map.items())
    model = info["model"]

    def instance(alias: str, row: list) -> models.Model:
        found = model.from_db(alias, names, row[first:last])
        for populator in populators:
            populator.populate(row, found)
        for name, place in annotations:
            setattr(found, name, row[place])
        return found

    return instance
