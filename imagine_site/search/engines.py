"""The two databases behind one interface: SQLite's FTS5 and PostgreSQL's GIN over tsvector.

Both only look up words that `imagine_site.search.terms` has prepared; neither stems, folds or
ranks. Every question is bounded by `limit`, newest entries first, so that a word of every text
costs no more than a hundred others.
"""

# What is put together below are constants of this file; whatever a visitor typed is a parameter.
# ruff: noqa: S608

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connections

from imagine_site.search.models import SearchEntry
from imagine_site.search.terms import Lookup, Wanted

TABLE = SearchEntry._meta.db_table
INDEX = "search_index"


class Hit(NamedTuple):
    """An entry that answers the `probe`-th question."""

    probe: int
    id: int
    kind: str
    date: datetime.date | None
    title: str


class Engine(ABC):
    """What a database must do. `wanted` is put into its own language by `match`."""

    both: str
    either: str
    without: str

    #: The rows that answer one question, newest first; and how many there are.
    rows: str
    numbers: str
    install: tuple[str, ...]

    def __init__(self, using: str):
        self.connection = connections[using]

    def match(self, wanted: Wanted, *, kinds: Sequence[Lookup] = (), but: Wanted = ()) -> str:
        """What is wanted, of one of these kinds, without what `but` finds."""
        found = self._any(wanted)
        if kinds:
            found = f"({found}{self.both}({self.either.join(map(self.look, kinds))}))"
        return f"{found}{self.without}{self._any(but)}" if but else found

    def _any(self, wanted: Wanted) -> str:
        each = [f"({self.both.join(map(self.look, alternative))})" for alternative in wanted]
        return f"({self.either.join(each)})"

    def values(self, question: str, moment: object, limit: int) -> list:
        """What `rows` and `numbers` are given."""
        return [question, moment, moment, limit]

    @abstractmethod
    def look(self, lookup: Lookup) -> str:
        """One place of one word, in the database's own query language."""

    def set_up(self) -> None:
        with self.connection.cursor() as cursor:
            for statement in self.install:
                cursor.execute(statement)

    def hits(self, questions: Sequence[str], *, at: datetime.datetime, limit: int) -> list[Hit]:
        """The rows that answer the first of these questions, then the next, `limit` in all.

        One query, and no more is read than is returned: neither database asks the next question
        before the rows of the one before are used up.
        """
        moment = self.connection.ops.adapt_datetimefield_value(at)
        parts, values = [], []
        for probe, question in enumerate(questions):
            columns = f"{probe} AS probe, e.id, e.kind, e.date, e.title"
            rows = self.rows.format(columns=columns)
            parts.append(f"SELECT * FROM ({rows}) AS probe_{probe}")
            values += self.values(question, moment, limit)
        with self.connection.cursor() as cursor:
            cursor.execute(f"{' UNION ALL '.join(parts)} LIMIT {int(limit)}", values)
            return [Hit(*row) for row in cursor.fetchall()]

    def counts(self, questions: Sequence[str], *, at: datetime.datetime, limit: int) -> list[int]:
        """How many rows answer each question, counted up to `limit`; one query."""
        if not questions:
            return []
        moment = self.connection.ops.adapt_datetimefield_value(at)
        parts, values = [], []
        for number, question in enumerate(questions):
            parts.append(f"SELECT {number} AS number, ({self.numbers})")
            values += self.values(question, moment, limit)
        with self.connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), values)
            found = dict(cursor.fetchall())
        return [found[number] for number in range(len(questions))]


class SQLite(Engine):
    both, either, without = " AND ", " OR ", " NOT "
    # CROSS JOIN: SQLite then reads the index first, in the order in which it lies.
    rows = (
        f"SELECT {{columns}} FROM {INDEX} CROSS JOIN {TABLE} AS e ON e.id = {INDEX}.rowid "
        f"WHERE {INDEX} MATCH %s AND e.live_from <= %s "
        f"AND (e.live_until IS NULL OR e.live_until > %s) ORDER BY {INDEX}.rowid DESC LIMIT %s"
    )
    numbers = f"SELECT count(*) FROM ({rows.format(columns='e.id')})"
    # The prefix index begins after the language and the place, which are three letters.
    install = (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {INDEX} USING fts5(terms, content='{TABLE}', "
        "content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='5 6 7')",
        *(
            statement
            for event, body in (
                ("INSERT", "VALUES (NEW.id, NEW.terms)"),
                ("DELETE", "VALUES ('delete', OLD.id, OLD.terms)"),
            )
            for statement in (
                f"DROP TRIGGER IF EXISTS {INDEX}_{event.lower()}",
                f"CREATE TRIGGER {INDEX}_{event.lower()} AFTER {event} ON {TABLE} BEGIN "
                f"INSERT INTO {INDEX}({f'{INDEX}, ' if event == 'DELETE' else ''}rowid, terms) "
                f"{body}; END",
            )
        ),
    )

    def look(self, lookup: Lookup) -> str:
        return f'"{" ".join(lookup.terms)}"{"*" if lookup.begins else ""}'


#: PostgreSQL's index knows no order: it is asked for the newest entries, slice by slice. How many
#: entries are a slice, and how many slices are asked first, and after that; then all the others.
SLICE, FIRST, THEN = 2_048, 2, 16

_LIVE = (
    "e.vector @@ wanted AND e.live_from <= moment "
    "AND (e.live_until IS NULL OR e.live_until > moment)"
)
_PLAN = "SET enable_seqscan = off SET plan_cache_mode = force_generic_plan"


class PostgreSQL(Engine):
    """Two functions of the database ask its index, and nothing but its index.

    Left to itself, PostgreSQL walks through the entries from the newest, or through all of them, as
    soon as a word is frequent: it does not count what it costs to unpack the words of each (600 ms
    instead of 10). Which slice an entry lies in is one of its terms, so that the index itself tells
    the newest: what is found among them is often enough, and a word of every second text costs no
    more than a rare one.
    """

    both, either, without = " & ", " | ", " & !"
    rows = f"SELECT {{columns}} FROM {INDEX}_found(%s::tsquery, %s, %s) AS e"
    numbers = f"SELECT {INDEX}_count(%s::tsquery, %s, %s)"
    install = (
        f"ALTER TABLE {TABLE} ADD COLUMN IF NOT EXISTS vector tsvector GENERATED ALWAYS AS "
        f"(to_tsvector('pg_catalog.simple', terms || ' slice' || (id / {SLICE}))) STORED",
        f"CREATE INDEX IF NOT EXISTS {INDEX} ON {TABLE} USING gin (vector) WITH (fastupdate = off)",
        f"""
        CREATE OR REPLACE FUNCTION {INDEX}_found(
            question tsquery, moment timestamptz, most integer
        ) RETURNS TABLE (id bigint, kind varchar, date date, title varchar)
        LANGUAGE plpgsql STABLE {_PLAN} AS $$
        #variable_conflict use_column
        DECLARE
            newest bigint := coalesce((SELECT max(e.id) FROM {TABLE} AS e), 0) / {SLICE};
            slices tsquery;
            wanted tsquery;
            found integer;
            left_over integer := most;
        BEGIN
            FOR step IN 1..3 LOOP
                SELECT string_agg('slice' || number, ' | ')::tsquery INTO slices
                    FROM generate_series(
                        newest - CASE step WHEN 1 THEN {FIRST - 1} ELSE {FIRST + THEN - 1} END,
                        newest - CASE step WHEN 2 THEN {FIRST} ELSE 0 END
                    ) AS number WHERE number >= 0;
                EXIT WHEN slices IS NULL;
                wanted := question && CASE step WHEN 3 THEN !!slices ELSE slices END;
                -- Ordered by an expression, or the order of the keys would be the plan.
                RETURN QUERY SELECT e.id, e.kind, e.date, e.title FROM {TABLE} AS e
                    WHERE {_LIVE} ORDER BY e.id + 0 DESC LIMIT left_over;
                GET DIAGNOSTICS found = ROW_COUNT;
                left_over := left_over - found;
                EXIT WHEN left_over = 0 OR newest < CASE step
                    WHEN 1 THEN {FIRST} WHEN 2 THEN {FIRST + THEN} ELSE 0 END;
            END LOOP;
        END $$""",
        f"""
        CREATE OR REPLACE FUNCTION {INDEX}_count(
            wanted tsquery, moment timestamptz, most integer
        ) RETURNS bigint LANGUAGE plpgsql STABLE {_PLAN} AS $$
        BEGIN
            RETURN (SELECT count(*) FROM (
                SELECT FROM {TABLE} AS e WHERE {_LIVE} LIMIT most) AS counted);
        END $$""",
    )

    def values(self, question: str, moment: object, limit: int) -> list:
        return [question, moment, limit]

    def look(self, lookup: Lookup) -> str:
        words = " <-> ".join(f"'{word}'" for word in lookup.terms)
        return f"({words})" if len(lookup.terms) > 1 else words + (":*" if lookup.begins else "")


def engine(using: str = "default") -> Engine:
    return (PostgreSQL if connections[using].vendor == "postgresql" else SQLite)(using)
