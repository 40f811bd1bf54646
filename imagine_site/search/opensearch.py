"""The index in OpenSearch, beside the database's own, where `OPENSEARCH_URL` names one.

It is asked the same questions in the same words as the databases (`imagine_site.search.terms`) and
gives the same answers in the same order: words are folded and stemmed before it sees them, so its
own analysers for French and English are not used, and a search that falls back to the database half
way from page one to page two shows no difference.

OpenSearch is a help and never a need. What changes is noted by triggers, in the transaction of the
change, and sent after it; as long as anything waits to be sent, or OpenSearch does not answer, the
database answers. So it is never older than the site, and whatever it missed it is told later.
"""

from __future__ import annotations

import datetime
import json
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import urllib3
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections, models, router, transaction

from imagine_site.search import engines
from imagine_site.search.engines import Engine, Hit
from imagine_site.search.models import SearchChange, SearchEntry
from imagine_site.search.terms import Lookup, Wanted

logger = logging.getLogger(__name__)

#: Seconds. A database answers in less: a slow OpenSearch is not worth waiting for.
ASKING = urllib3.Timeout(connect=0.5, read=1.0)
SENDING = urllib3.Timeout(connect=2.0, read=30.0)
#: Seconds without asking, after a failure.
PAUSE = 10.0
#: Changes that are sent at once, within somebody's request; the others wait for the next one.
MOST_CHANGES = 500
#: Bytes of one request that fills the index.
FILL_BYTES = 5_000_000

MAPPING = {
    "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
    "mappings": {
        "dynamic": "strict",
        # What is shown comes from the database.
        "_source": {"excludes": ["terms"]},
        "properties": {
            "id": {"type": "long"},
            "kind": {"type": "keyword"},
            "date": {"type": "date", "format": "strict_date", "index": False},
            "title": {"type": "keyword", "index": False, "doc_values": False},
            # Microseconds since the epoch: a date of OpenSearch knows thousandths, an embargo more.
            "live_from": {"type": "long"},
            "live_until": {"type": "long"},
            "terms": {
                "type": "text",
                "analyzer": "whitespace",
                "norms": False,
                "index_prefixes": {"min_chars": 5, "max_chars": 10},
            },
        },
    },
}
#: The end of what has none.
NEVER = 2**62

Query = dict[str, Any]


class Unreachable(Exception):
    """OpenSearch is away, or says something that is no answer."""


class Question(NamedTuple):
    """What `Engine.match` is told, kept until it is known who answers."""

    wanted: Wanted
    kinds: tuple[Lookup, ...]
    but: Wanted


class Index:
    """The index behind a URL, and the few requests it is sent."""

    def __init__(self, url: str):
        parts = urlsplit(url)
        self.name = parts.path.strip("/") or "imagine-site"
        self._base = f"{parts.scheme}://{parts.hostname}:{parts.port or 9200}"
        self._headers = {"Content-Type": "application/json"}
        if parts.username:
            secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers |= urllib3.make_headers(basic_auth=secret)
        self._pool = urllib3.PoolManager(maxsize=8)
        self._asleep_until = float("-inf")
        #: Whether it was seen to hold as many entries as the database.
        self.filled = False

    def awake(self) -> bool:
        return time.monotonic() >= self._asleep_until

    def sleep(self, why: object) -> None:
        self._asleep_until = time.monotonic() + PAUSE
        logger.warning("OpenSearch: %s. The database is searched for a while.", why)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        lines: Iterable[object] | None = None,
        timeout: urllib3.Timeout = ASKING,
        allowed: tuple[int, ...] = (),
    ) -> dict[str, Any]:
        """One request: `body` as JSON, or `lines` of it (NDJSON). Raises `Unreachable`."""
        if lines is not None:
            data = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
        else:
            data = None if body is None else json.dumps(body).encode()
        headers = self._headers
        if lines is not None:
            headers = {**headers, "Content-Type": "application/x-ndjson"}
        try:
            answer = self._pool.request(
                method,
                self._base + path,
                body=data,
                headers=headers,
                timeout=timeout,
                retries=False,
            )
            said = json.loads(answer.data) if answer.data else {}
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise Unreachable(f"{method} {path}: {error}") from error
        if answer.status >= 400 and answer.status not in allowed:
            raise Unreachable(f"{method} {path} answers {answer.status}: {str(said)[:300]}")
        return said

    # -- Asking

    def search(self, bodies: Sequence[Query]) -> list[dict[str, Any]]:
        """The answers to several questions, in one request."""
        lines = chain.from_iterable(({"index": self.name}, body) for body in bodies)
        answers = self.ask("POST", "/_msearch", lines=lines).get("responses", [])
        whole = [a for a in answers if "hits" in a and not a["timed_out"] and not _broken(a)]
        if len(whole) != len(bodies):
            raise Unreachable(f"no whole answer: {str(answers)[:300]}")
        return whole

    def count(self) -> int:
        return self.ask("GET", f"/{self.name}/_count")["count"]

    # -- Filling

    def send(self, lines: Sequence[Query], *, index: str = "", refresh: bool = True) -> None:
        """Write and remove entries; with `refresh` they are found, or not, from now on.

        An older version of an entry than the one it has (409), or one to remove that is gone (404):
        that is what comes of two processes who send the same, and all right.
        """
        # A bulk to the alias must not make an index of that name where there is none yet.
        how = f"refresh={str(refresh).lower()}&require_alias={str(not index).lower()}"
        path = f"/{index or self.name}/_bulk?{how}"
        said = self.ask("POST", path, lines=lines, timeout=SENDING)
        if not said.get("errors"):
            return
        for item in said["items"]:
            ((action, outcome),) = item.items()
            right = (404, 409) if action == "delete" else (409,)
            if outcome["status"] >= 300 and outcome["status"] not in right:
                raise Unreachable(f"an entry is refused: {str(outcome)[:300]}")

    def begin(self) -> str:
        """A new and empty index, which nobody asks yet."""
        index = f"{self.name}-{time.time_ns() // 1000}"
        self.ask("PUT", f"/{index}", MAPPING, timeout=SENDING)
        return index

    def take(self, index: str) -> None:
        """From now on this one is asked; the former ones go, in the same step."""
        known = self.ask("GET", f"/_alias/{self.name}", timeout=SENDING, allowed=(404,))
        former = [name for name in known if name.startswith(f"{self.name}-")]
        actions: list[Query] = [{"remove_index": {"index": name}} for name in former]
        actions.append({"add": {"index": index, "alias": self.name}})
        self.ask("POST", f"/{index}/_refresh", timeout=SENDING)
        self.ask("POST", "/_aliases", {"actions": actions}, timeout=SENDING)


def _broken(answer: dict[str, Any]) -> bool:
    return bool(answer["_shards"]["failed"])


class OpenSearch(Engine):
    """Asks OpenSearch and, where that is not possible, the database it stands beside."""

    def __init__(self, index: Index, database: Engine):
        self.index, self.database = index, database
        self._up_to_date = False

    def match(self, wanted: Wanted, *, kinds: Sequence[Lookup] = (), but: Wanted = ()) -> Question:
        return Question(wanted, tuple(kinds), but)

    def look(self, lookup: Lookup) -> Query:
        if len(lookup.terms) > 1:
            return {"match_phrase": {"terms": " ".join(lookup.terms)}}
        return {"prefix" if lookup.begins else "term": {"terms": lookup.terms[0]}}

    def set_up(self) -> None:
        self.database.set_up()

    def hits(
        self, questions: Sequence[Question], *, at: datetime.datetime, limit: int
    ) -> list[Hit]:
        more = {
            "size": limit,
            "sort": [{"id": "desc"}],
            "_source": ["id", "kind", "date", "title"],
            "track_total_hits": False,
        }
        answers = self._ask(questions, at, more)
        if answers is None:
            return self.database.hits(self._for_database(questions), at=at, limit=limit)
        found = (
            Hit(probe, row["id"], row["kind"], _date(row["date"]), row["title"])
            for probe, answer in enumerate(answers)
            for row in (hit["_source"] for hit in answer["hits"]["hits"])
        )
        return list(found)[:limit]

    def counts(
        self, questions: Sequence[Question], *, at: datetime.datetime, limit: int
    ) -> list[int]:
        more = {"size": 0, "track_total_hits": limit}
        answers = self._ask(questions, at, more)
        if answers is None:
            return self.database.counts(self._for_database(questions), at=at, limit=limit)
        return [min(answer["hits"]["total"]["value"], limit) for answer in answers]

    def _for_database(self, questions: Sequence[Question]) -> list[str]:
        return [
            self.database.match(each.wanted, kinds=each.kinds, but=each.but) for each in questions
        ]

    def _ask(
        self, questions: Sequence[Question], at: datetime.datetime, more: Query
    ) -> list[dict[str, Any]] | None:
        """The answers to all of the questions, or None: the database has to give them."""
        if not questions:
            return []
        if not self.index.awake():
            return None
        try:
            self._up_to_date = self._up_to_date or up_to_date(self.index)
            if not self._up_to_date:
                return None
            moment = _microseconds(at)
            return self.index.search(
                [{"query": self._query(question, moment), **more} for question in questions]
            )
        except (Unreachable, KeyError) as error:
            self.index.sleep(error)
            return None

    def _query(self, question: Question, moment: int) -> Query:
        wanted = [
            self._any(question.wanted),
            {"range": {"live_from": {"lte": moment}}},
            {"range": {"live_until": {"gt": moment}}},
        ]
        if question.kinds:
            wanted.append(self._any(tuple((kind,) for kind in question.kinds)))
        without = [self._any(question.but)] if question.but else []
        return {"bool": {"filter": wanted, "must_not": without}}

    def _any(self, wanted: Wanted) -> Query:
        alternatives = [
            {"bool": {"filter": [self.look(lookup) for lookup in each]}} for each in wanted
        ]
        return {"bool": {"should": alternatives, "minimum_should_match": 1}}


def _date(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def _microseconds(moment: datetime.datetime | None) -> int:
    """Whole ones, without the rounding of a float."""
    return NEVER if moment is None else (moment - _EPOCH) // datetime.timedelta(microseconds=1)


def _document(entry: SearchEntry) -> Query:
    return {
        "id": entry.pk,
        "kind": entry.kind,
        "date": entry.date.isoformat() if entry.date else None,
        "title": entry.title,
        "live_from": _microseconds(entry.live_from),
        "live_until": _microseconds(entry.live_until),
        "terms": entry.terms,
    }


# -- Which engine answers -------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _index(url: str) -> Index:
    return Index(url)


def index() -> Index | None:
    return _index(settings.OPENSEARCH_URL) if settings.OPENSEARCH_URL else None


def engine(using: str | None = None) -> Engine:
    """The engine that answers: the database from which is read, behind OpenSearch where there is
    one."""
    database = engines.engine(using or router.db_for_read(SearchEntry))
    found = index()
    return OpenSearch(found, database) if found else database


# -- Telling it what changes ----------------------------------------------------------------------

_TABLE, _CHANGES = SearchEntry._meta.db_table, SearchChange._meta.db_table
_NOTE = f"INSERT INTO {_CHANGES} (entry_id, gone) VALUES"
_SQLITE = {
    "insert": f"{_NOTE} (NEW.id, 0)",
    "update": f"{_NOTE} (NEW.id, 0)",
    "delete": f"{_NOTE} (OLD.id, 1)",
}
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION search_notes_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN {_NOTE} (OLD.id, true); ELSE {_NOTE} (NEW.id, false); END IF;
    RETURN NULL;
END $$
"""


def set_up(using: str = DEFAULT_DB_ALIAS) -> None:
    """Have the database note every change of an entry, or no longer."""
    connection = connections[using]
    wanted = index() is not None
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER IF EXISTS search_notes_change ON {_TABLE}")
            if wanted:
                cursor.execute(_FUNCTION)
                cursor.execute(
                    f"CREATE TRIGGER search_notes_change AFTER INSERT OR UPDATE OR DELETE "
                    f"ON {_TABLE} FOR EACH ROW EXECUTE FUNCTION search_notes_change()"
                )
        else:
            for event, statement in _SQLITE.items():
                cursor.execute(f"DROP TRIGGER IF EXISTS search_notes_{event}")
                if wanted:
                    cursor.execute(
                        f"CREATE TRIGGER search_notes_{event} AFTER {event.upper()} "
                        f"ON {_TABLE} BEGIN {statement}; END"
                    )
    if not wanted:
        _changes().delete()


def _changes() -> models.QuerySet[SearchChange]:
    return SearchChange.objects.using(DEFAULT_DB_ALIAS)


def up_to_date(found: Index) -> bool:
    """Whether OpenSearch knows all that the database knows; a few changes are told on the way.

    Raises `Unreachable`.
    """
    try:
        waiting = list(_changes().order_by("pk")[: MOST_CHANGES + 1])
        if waiting:
            _send(found, waiting[:MOST_CHANGES])
        if len(waiting) > MOST_CHANGES:
            return False
        if not found.filled:
            # Once in each process: whether it was ever filled, and under the present settings.
            entries = SearchEntry.objects.using(DEFAULT_DB_ALIAS).count()
            if found.count() != entries:
                raise Unreachable("it holds other entries than the database; run rebuild_search")
            found.filled = True
    except Error:
        return False  # without the primary nobody knows
    return True


def _send(found: Index, waiting: Sequence[SearchChange]) -> None:
    """The number of a change is the version of its entry: what is late changes nothing."""
    last = {change.entry_id: change for change in waiting}
    wanted = [pk for pk, change in last.items() if not change.gone]
    entries = SearchEntry.objects.using(DEFAULT_DB_ALIAS).in_bulk(wanted)
    lines: list[Query] = []
    for pk, change in last.items():
        about = {"_id": str(pk), "version": change.pk, "version_type": "external"}
        if entry := entries.get(pk):
            lines += [{"index": about}, _document(entry)]
        else:
            lines.append({"delete": about})
    found.send(lines)
    _changes().filter(pk__in=[change.pk for change in waiting]).delete()


def tell_after_commit() -> None:
    """Called where entries change. Where telling fails, the next question tries again."""
    if index():
        transaction.on_commit(_tell)


def _tell() -> None:
    found = index()
    if found is None or not found.awake():
        return
    try:
        up_to_date(found)
    except (Unreachable, KeyError) as error:
        found.sleep(error)


def refill() -> int:
    """Fill a new index from the database and put it in the place of the former one; returns the
    number of entries. Raises `Unreachable`; the former one, if any, then stays.
    """
    found = index()
    if found is None:
        return 0
    told = _changes().aggregate(last=models.Max("pk"))["last"] or 0
    new, number = found.begin(), 0
    for lines in _in_parts(
        SearchEntry.objects.using(DEFAULT_DB_ALIAS).order_by("pk").iterator(500)
    ):
        found.send(lines, index=new, refresh=False)
        number += len(lines) // 2
    found.take(new)
    _changes().filter(pk__lte=told).delete()
    found.filled = False
    return number


def _in_parts(entries: Iterable[SearchEntry]) -> Iterator[list[Query]]:
    """What one request sends. Their version is older than that of any change."""
    lines: list[Query] = []
    size = 0
    for entry in entries:
        lines.append({"index": {"_id": str(entry.pk), "version": 0, "version_type": "external"}})
        lines.append(_document(entry))
        size += len(entry.terms) + 400
        if size >= FILL_BYTES:
            yield lines
            lines, size = [], 0
    if lines:
        yield lines
