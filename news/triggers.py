"""The lists by subject (`Listed`), kept by the database with every change of what they list.

Triggers, because editions come by many ways (the verbs, an import, a console), and a list that
forgets one is worse than a slow one. Installed after every `migrate`, like those of editions:
SQLite drops a table's triggers whenever a migration rebuilds it.
"""

from django.db import connections

from news.models import Listed, PostEdition

TABLE = Listed._meta.db_table
EDITIONS = PostEdition._meta.db_table

#: Relations of an edition, and how its subjects are called in the lists.
SUBJECTS = {
    "laboratories": "laboratory",
    "people": "researcher",
    "startups": "startup",
    "founding_members": "foundingmember",
    "themes": "theme",
    "speakers": "speaker",
}

# What is put together below are names of our own tables.
# ruff: noqa: S608
_COLUMNS = "(subject, edition_id, language, kind, date, live_from, live_until)"
_ROW = (
    "'{subject}:' || {link}.{record}, e.id, e.language, e.kind, e.date, e.live_from, e.live_until"
)
#: By relation: what an insertion does, and what a deletion does.
_ADDED = (
    f"INSERT INTO {TABLE} {_COLUMNS} SELECT {_ROW.replace('{link}', 'NEW')} "
    f"FROM {EDITIONS} AS e WHERE e.id = NEW.postedition_id;"
)
_TAKEN = (
    f"DELETE FROM {TABLE} WHERE edition_id = OLD.postedition_id "
    "AND subject = '{subject}:' || OLD.{record};"
)
_ENDED = f"UPDATE {TABLE} SET live_until = NEW.live_until WHERE edition_id = NEW.id;"

_SQLITE = [
    "DROP TRIGGER IF EXISTS {name}",
    "CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {body} END",
]
_POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN {body} RETURN NULL; END $$",
    "DROP TRIGGER IF EXISTS {name} ON {table}",
    "CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
]


def _relations():
    for name, subject in SUBJECTS.items():
        field = PostEdition._meta.get_field(name)
        yield name, field.m2m_db_table(), {"subject": subject, "record": field.m2m_reverse_name()}


def install(using: str) -> None:
    """Put the triggers in place, and fill the lists where they are empty."""
    connection = connections[using]
    statements = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
    wanted = [("ended", "UPDATE OF live_until", EDITIONS, _ENDED)]
    for name, table, words in _relations():
        wanted.append((f"{name}_added", "INSERT", table, _ADDED.format(**words)))
        wanted.append((f"{name}_taken", "DELETE", table, _TAKEN.format(**words)))
    with connection.cursor() as cursor:
        for name, event, table, body in wanted:
            for statement in statements:
                cursor.execute(
                    statement.format(name=f"{TABLE}_{name}", event=event, table=table, body=body)
                )
    if not Listed.objects.using(using).exists():
        fill(using)


def fill(using: str = "default") -> None:
    """Make all lists again from what editions are about."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")
        for _name, table, words in _relations():
            row = _ROW.format(link="link", **words)
            cursor.execute(
                f"INSERT INTO {TABLE} {_COLUMNS} SELECT {row} FROM {table} AS link "
                f"JOIN {EDITIONS} AS e ON e.id = link.postedition_id"
            )


def install_after_migrate(using: str, **_kwargs) -> None:
    """Connected to `post_migrate`."""
    if TABLE in connections[using].introspection.table_names():
        install(using)
