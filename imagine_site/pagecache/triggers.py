"""Every commit that changes what visitors may see moves the generation: the database sees to it.

Triggers and not signals: they fire for `update()`, for bulk writes, for a console and for another
machine alike, within the transaction of the change, so that nobody can see the one without the
other. Which tables matter is told by the rooms that own them (`watch`), in their `ready()`.

On PostgreSQL the row of the generation is touched once for each transaction, when it commits: two
publications never wait for each other there, and cannot lock each other out.
"""

from __future__ import annotations

import time

from django.db import DEFAULT_DB_ALIAS, connections, models

_watched: list[type[models.Model]] = []

_MOVE = "BEGIN UPDATE pagecache_generation SET number = number + 1; END"
SQLITE = [
    statement
    for event in ("INSERT", "UPDATE", "DELETE")
    for statement in (
        f"DROP TRIGGER IF EXISTS {{table}}_generation_{event.lower()}",
        f"CREATE TRIGGER {{table}}_generation_{event.lower()} AFTER {event} ON {{table}} {_MOVE}",
    )
]
_FUNCTION = """
CREATE OR REPLACE FUNCTION pagecache_generation_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('pagecache.moved', true) IS DISTINCT FROM txid_current()::text THEN
        PERFORM set_config('pagecache.moved', txid_current()::text, true);
        UPDATE pagecache_generation SET number = number + 1;
    END IF;
    RETURN NULL;
END $$
"""
POSTGRESQL = [
    "DROP TRIGGER IF EXISTS {table}_generation ON {table}",
    "CREATE CONSTRAINT TRIGGER {table}_generation AFTER INSERT OR UPDATE OR DELETE ON {table} "
    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pagecache_generation_moves()",
]


def watch(*found: type[models.Model]) -> None:
    """Have the tables of these models, and of their many-to-many relations, move the generation.

    The history library's tables, which an app lists among its own, change nothing public.
    """
    for model in found:
        if model not in _watched and not hasattr(model, "history_id"):
            _watched.append(model)


def tables() -> list[str]:
    """Every table that is watched."""
    names = []
    for model in _watched:
        names.append(model._meta.db_table)
        names += [field.m2m_db_table() for field in model._meta.local_many_to_many]
    return list(dict.fromkeys(names))


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Put the triggers on all watched tables that exist, in the place of former ones."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    if "pagecache_generation" not in existing:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO pagecache_generation (number) SELECT 0 "
            "WHERE NOT EXISTS (SELECT 1 FROM pagecache_generation)"
        )
        leap(cursor)
        statements = SQLITE
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
            statements = POSTGRESQL
        for table in tables():
            if table in existing:
                for statement in statements:
                    cursor.execute(statement.format(table=table))


def leap(cursor) -> None:
    """Move the generation to a number it cannot have had before, even in a database that was put
    back from a backup: it is taken from the clock, in microseconds, and no change takes less."""
    now = time.time_ns() // 1000
    cursor.execute(
        "UPDATE pagecache_generation "
        "SET number = CASE WHEN number < %s THEN %s ELSE number + 1 END",
        [now, now],
    )


def install_after_migrate(using: str = DEFAULT_DB_ALIAS, **_kwargs) -> None:
    """Once, after the last app: SQLite drops the triggers of a table that a migration rebuilds."""
    install(using)
