"""Two rules of editions that no constraint can say, held by the database itself.

An edition never changes what it says, and no two editions of a story are live at once in a language
(a range exclusion would say the latter, on PostgreSQL only and with an extension). Whatever code or
console writes to the table, the database refuses.

Installed after every `migrate` and not by a migration: SQLite drops a table's triggers whenever a
migration rebuilds the table, and a new column must be covered from its first day.
"""

from django.db import DEFAULT_DB_ALIAS, connections

from imagine_site.publishing.models import Edition, concrete_editions

#: Besides what an edition may change: the right to be forgotten outlives the record of who pressed.
FREE = {"published_by_id"}

NEVER_CHANGES = "an edition never changes what it says"
ONE_AT_A_TIME = "no two editions of a story are live at once in a language"

# Cancelled editions (an empty interval) were never live and overlap nothing.
_OVERLAP = """
    NEW.live_until IS NOT NEW.live_from AND EXISTS (
        SELECT 1 FROM {table} AS other
        WHERE other.story_id = NEW.story_id AND other.language = NEW.language
          AND other.id <> NEW.id
          AND (other.live_until IS NULL OR other.live_until > NEW.live_from)
          AND (NEW.live_until IS NULL OR other.live_from < NEW.live_until)
          AND other.live_until IS NOT other.live_from
    )
"""

SQLITE = [
    "DROP TRIGGER IF EXISTS {table}_never_changes",
    "CREATE TRIGGER {table}_never_changes BEFORE UPDATE ON {table} WHEN {changed} "
    f"BEGIN SELECT RAISE(ABORT, '{NEVER_CHANGES}'); END",
    *(
        statement
        for event, name in (("INSERT", "cut"), ("UPDATE OF live_until", "ended"))
        for statement in (
            f"DROP TRIGGER IF EXISTS {{table}}_one_at_a_time_{name}",
            f"CREATE TRIGGER {{table}}_one_at_a_time_{name} AFTER {event} ON {{table}} "
            f"WHEN {_OVERLAP} BEGIN SELECT RAISE(ABORT, '{ONE_AT_A_TIME}'); END",
        )
    ),
]
POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION {table}_never_changes() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE integrity_constraint_violation USING MESSAGE = '{NEVER_CHANGES}'; END $$",
    "DROP TRIGGER IF EXISTS {table}_never_changes ON {table}",
    "CREATE TRIGGER {table}_never_changes BEFORE UPDATE ON {table} FOR EACH ROW "
    "WHEN ({changed}) EXECUTE FUNCTION {table}_never_changes()",
    "CREATE OR REPLACE FUNCTION {table}_one_at_a_time() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN IF {_OVERLAP} THEN RAISE integrity_constraint_violation "
    f"USING MESSAGE = '{ONE_AT_A_TIME}'; END IF; RETURN NULL; END $$",
    "DROP TRIGGER IF EXISTS {table}_one_at_a_time ON {table}",
    "CREATE TRIGGER {table}_one_at_a_time AFTER INSERT OR UPDATE OF live_until ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION {table}_one_at_a_time()",
]


def install(model: type[Edition], using: str = DEFAULT_DB_ALIAS) -> None:
    """Put both rules on a table of editions, in the place of what was there before."""
    connection = connections[using]
    columns = [
        field.column
        for field in model._meta.concrete_fields
        if field.name not in model.CHANGEABLE and field.column not in FREE
    ]
    if connection.vendor == "postgresql":
        differs, statements = "OLD.{0} IS DISTINCT FROM NEW.{0}", POSTGRESQL
    else:
        differs, statements = "OLD.{0} IS NOT NEW.{0}", SQLITE
    changed = " OR ".join(differs.format(connection.ops.quote_name(name)) for name in columns)
    with connection.cursor() as cursor:
        for statement in statements:
            sql = statement.format(table=model._meta.db_table, changed=changed)
            if connection.vendor == "postgresql":
                sql = sql.replace(" IS NOT NEW.live_from", " IS DISTINCT FROM NEW.live_from")
                sql = sql.replace(" IS NOT other.live_from", " IS DISTINCT FROM other.live_from")
            cursor.execute(sql)


def install_after_migrate(app_config, using, **_kwargs) -> None:
    """Connected to `post_migrate`."""
    for model in concrete_editions():
        if model._meta.app_label == app_config.label:
            tables = connections[using].introspection.table_names()
            if model._meta.db_table in tables:
                install(model, using)
