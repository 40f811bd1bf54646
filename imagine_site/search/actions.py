"""Keep the index true: make the entries of a thing again, forget it, or rebuild everything."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import islice, repeat

from django.db import DEFAULT_DB_ALIAS, connections, models, router, transaction
from django.utils import timezone

from imagine_site.search import opensearch, sources, terms
from imagine_site.search.engines import engine
from imagine_site.search.models import SearchEntry, SearchWord
from imagine_site.search.sources import Entry, Source

#: Rows written at once.
BATCH = 500


@transaction.atomic
def refresh(source: Source, pks: Iterable[int]) -> int:
    """Make the entries of these things again; returns how many there are now.

    Called within the transaction that publishes or withdraws, so that a page and the search never
    disagree, whatever fails. Entries whose end has passed go at the same time.
    """
    pks = list(pks)
    ended = models.Q(live_until__lte=timezone.now())
    SearchEntry.objects.filter(models.Q(kind=source.kind, object_id__in=pks) | ended).delete()
    rows, words = rows_of(source, source.entries(pks))
    SearchEntry.objects.bulk_create(rows, batch_size=BATCH)
    _add_words(words)
    opensearch.tell_after_commit()
    return len(rows)


def refresh_object(thing: models.Model) -> int:
    """The same for one object of a model that is searched; others have no entries."""
    source = sources.of_model(type(thing))
    return refresh(source, [thing.pk]) if source and thing.pk else 0


def forget(thing: models.Model) -> None:
    """Take out what is about to be, or was, deleted."""
    if source := sources.of_model(type(thing)):
        SearchEntry.objects.filter(kind=source.kind, object_id=thing.pk).delete()
        opensearch.tell_after_commit()


@transaction.atomic
def rebuild() -> dict[str, int]:
    """Make the whole index again from what is public; returns the number of entries by kind."""
    SearchEntry.objects.all().delete()
    SearchWord.objects.all().delete()
    words: Counter[tuple[str, str]] = Counter()
    made: dict[str, int] = {}
    for source in sources.everything():
        made[source.kind] = 0
        entries = iter(source.entries(None))
        while batch := list(islice(entries, BATCH)):
            rows, new = rows_of(source, batch)
            SearchEntry.objects.bulk_create(rows)
            words.update(new)
            made[source.kind] += len(rows)
    write_words(words)
    return made


#: One statement a language: the texts of one article have three hundred words, those of a batch
#: fifteen thousand, and most of them are known.
_NEW_WORDS = {
    "postgresql": "SELECT %s, unnest(%s::text[]), 1 ON CONFLICT DO NOTHING",
    "sqlite": "SELECT %s, value, 1 FROM json_each(%s) WHERE true ON CONFLICT DO NOTHING",
}


def _add_words(words: Iterable[tuple[str, str]]) -> None:
    """Those that are not known yet, in the one order in which nobody waits in a circle."""
    by_language: dict[str, list[str]] = defaultdict(list)
    for language, word in sorted(words):
        by_language[language].append(word)
    connection = connections[router.db_for_write(SearchWord)]
    table = SearchWord._meta.db_table
    with connection.cursor() as cursor:
        for language, known in by_language.items():
            given = known if connection.vendor == "postgresql" else json.dumps(known)
            # Two constants of this file; the words are parameters.
            cursor.execute(
                f"INSERT INTO {table} (language, word, entries) {_NEW_WORDS[connection.vendor]}",
                [language, given],
            )


def write_words(words: Counter[tuple[str, str]]) -> None:
    rows = (
        SearchWord(language=language, word=word, entries=times)
        for (language, word), times in sorted(words.items())
    )
    while batch := list(islice(rows, BATCH)):
        SearchWord.objects.bulk_create(batch)


def rows_of(
    source: Source, entries: Iterable[Entry]
) -> tuple[list[SearchEntry], Counter[tuple[str, str]]]:
    """The rows of entries that are not over, not saved, and in how many each word stands."""
    now = timezone.now()
    rows: list[SearchEntry] = []
    words: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        if entry.live_until and entry.live_until <= now:
            continue
        written, known = terms.written(entry, kind=source.kind, named=source.named)
        words.update(zip(repeat(entry.language), known))
        rows.append(
            SearchEntry(
                kind=source.kind,
                object_id=entry.object_id,
                language=entry.language,
                live_from=entry.live_from or now,
                live_until=entry.live_until,
                date=entry.date,
                title=entry.title[:250],
                label=entry.label[:250],
                url=entry.url,
                picture_id=entry.picture_id,
                summary=entry.summary,
                text=entry.text,
                terms=written,
            )
        )
    return rows, words


def install_after_migrate(app_config, using, **_kwargs) -> None:
    """Connected to `post_migrate`: SQLite drops triggers whenever a migration rebuilds a table.

    An index without any entry is filled: the site may be older than its search.
    """
    tables = set(connections[using].introspection.table_names())
    if using != DEFAULT_DB_ALIAS or SearchEntry._meta.db_table not in tables:
        return
    engine(using).set_up()
    opensearch.set_up(using)
    searched = {source.model._meta.db_table for source in sources.everything()}
    if searched <= tables and not SearchEntry.objects.exists():
        rebuild()
