"""From a question to an ordered list of entries.

The order is the same on every database, for a reason that can be told to a visitor: first what has
this *name*, then what has it in the title, then texts that are about it, then texts that mention
it; within each the newest first. Where no text has all the words, one slip of the finger a word is
forgiven; where there is still none, texts with some of the words are shown, and the page says so.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from django.utils import timezone

from imagine_site.components.prepared import Prepared
from imagine_site.images.reading import with_picture
from imagine_site.search import sources, terms
from imagine_site.search.engines import Engine, Hit
from imagine_site.search.models import SearchEntry, SearchWord
from imagine_site.search.opensearch import engine
from imagine_site.search.terms import MAIN, NAME, TEXT, TITLE, Lookup, Term, Wanted, begun, placed
from imagine_site.search.words import one_edit_away

#: Answers are counted, and can be looked through, up to here: "more than 500".
MOST = 500
#: A shorter word has too many neighbours to guess from, or to be only begun.
SHORTEST = 4
SUGGESTED = 8


#: Entries read in one query: those of a page of results.
AT_ONCE = 10
_PLACES = tuple(f"place_{number}" for number in range(AT_ONCE))
_ENTRIES = Prepared(
    lambda **places: with_picture(
        SearchEntry.objects.filter(pk__in=places.values()).defer("terms"), "picture"
    ),
    **dict.fromkeys(_PLACES, int),
)


@dataclass(frozen=True, slots=True)
class Found:
    """Which entries answer, in their order; `counts` by kind, up to `MOST`.

    `terms` are those that were found: corrected when `corrected` (their text, as words), with
    `partly` where no entry has all of them.
    """

    ids: tuple[int, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    terms: tuple[Term, ...] = ()
    corrected: str = ""
    partly: bool = False

    @property
    def many(self) -> bool:
        """Whether there are more than were counted."""
        return len(self.ids) >= MOST

    def page(self, window: slice) -> list[SearchEntry]:
        """The entries of a page with their pictures, in their order; one query for ten."""
        wanted = self.ids[window]
        entries = []
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            entries += _ENTRIES(**dict(zip_longest(_PLACES, some, fillvalue=0)))
        return sorted(entries, key=lambda entry: wanted.index(entry.pk))


def find(
    asked: Sequence[Term], *, language: str, kind: str = "", at: datetime.datetime | None = None
) -> Found:
    """One query; one or two more for the counts where a kind is asked for or there are too many
    answers; some more where no entry has all the words."""
    asked, at = tuple(asked), at or timezone.now()
    if not asked:
        return Found()
    database = engine()
    found = _all_of(database, asked, language, kind, at)
    if found.ids or found.counts:
        return found
    likely = _corrected(database, asked, language, at)
    if likely != asked:
        found = _all_of(database, likely, language, kind, at)
    if not found.ids and len(likely) > 1:
        found = _some_of(database, likely, language, kind, at)
    if likely == asked or not found.ids:
        return found
    words = " ".join(
        f'"{" ".join(each.spelt)}"' if each.is_phrase else each.spelt[0] for each in likely
    )
    return Found(found.ids, found.counts, found.terms, words, found.partly)


def count(asked: Sequence[Term], *, language: str, at: datetime.datetime | None = None) -> int:
    """How many entries answer in a language, up to `MOST`; one query."""
    if not asked:
        return 0
    database = engine()
    question = database.match((placed(tuple(asked), TEXT, language),))
    return database.counts([question], at=at or timezone.now(), limit=MOST)[0]


def suggestions(
    asked: Sequence[Term], *, language: str, at: datetime.datetime | None = None
) -> list[SearchEntry]:
    """Names and titles that hold these words, the last of them perhaps only begun; two queries."""
    asked = tuple(asked)
    if not asked or asked[-1].is_phrase or len(asked[-1].spelt[0]) < 2:
        return []
    words = tuple(Term(each.spelt, each.spelt) for each in asked)
    wanted = (*placed(words[:-1], terms.SPELT, language), begun(words, language)[-1])
    kinds = [terms.of_kind(kind, language) for kind in sources.named_kinds()]
    database = engine()
    questions = [database.match((wanted,), kinds=kinds), database.match((wanted,))]
    hits = database.hits(questions, at=at or timezone.now(), limit=SUGGESTED * 4)
    hits.sort(key=lambda hit: str(hit.date or "9999"), reverse=True)
    hits.sort(key=lambda hit: (hit.probe, not _starts(hit.title, words[-1])))
    ids = tuple(dict.fromkeys(hit.id for hit in hits))[:SUGGESTED]
    return Found(ids).page(slice(None))


def _starts(title: str, term: Term) -> bool:
    return any(word.startswith(term.spelt[0]) for word in list(terms.words_of(title))[:1])


def _all_of(
    database: Engine, asked: tuple[Term, ...], language: str, kind: str, at: datetime.datetime
) -> Found:
    tiers = [placed(asked, where, language) for where in (NAME, TITLE, MAIN, TEXT)]
    last = asked[-1]
    if not last.is_phrase and len(last.spelt[0]) >= SHORTEST:
        tiers.append(begun(asked, language))
    kinds = _kinds(kind, language)
    questions = [
        database.match((tier,), kinds=kinds, but=tuple(tiers[:place]))
        for place, tier in enumerate(tiers)
    ]
    hits = database.hits(questions, at=at, limit=MOST)
    tier = {hit.id: hit.probe for hit in hits}
    return _ordered(database, hits, tier, (tiers[3],), tuple(tiers[4:]), asked, language, kind, at)


def _some_of(
    database: Engine, asked: tuple[Term, ...], language: str, kind: str, at: datetime.datetime
) -> Found:
    """Those with the most of the words first; a name counts for two."""
    places = [placed((each,), where, language) for each in asked for where in (NAME, TITLE, TEXT)]
    kinds = _kinds(kind, language)
    questions = [database.match((place,), kinds=kinds) for place in places]
    hits = database.hits(questions, at=at, limit=MOST * 2)
    points: Counter[int] = Counter()
    for hit in hits:
        points[hit.id] -= (3, 2, 4)[hit.probe % 3]
    some = tuple(places[2::3])
    found = _ordered(database, hits, points, some, (), asked, language, kind, at)
    return Found(found.ids, found.counts, found.terms, partly=True)


def _kinds(kind: str, language: str) -> list[Lookup]:
    return [terms.of_kind(kind, language)] if kind else []


def _ordered(
    database: Engine,
    hits: list[Hit],
    rank: dict[int, int],
    anywhere: Wanted,
    beginning: Wanted,
    asked: tuple[Term, ...],
    language: str,
    kind: str,
    at: datetime.datetime,
) -> Found:
    rows = {hit.id: hit for hit in hits}
    # What has no date (a laboratory, a person) stands before the news of its rank, by its title.
    newest = sorted(rows.values(), key=lambda hit: hit.title)
    newest.sort(key=lambda hit: str(hit.date or "9999"), reverse=True)
    ids = [hit.id for hit in sorted(newest, key=lambda hit: rank[hit.id])]
    if len(ids) >= MOST:
        counts = _counted(database, anywhere, language, at)
        few = [source.kind for source in sources.everything() if counts[source.kind] < MOST]
        if beginning and few:
            # The words that one begins are many: looked up once, and only where it matters.
            kinds = [terms.of_kind(each, language) for each in few]
            question = database.match(beginning, kinds=kinds, but=anywhere)
            counts.update(hit.kind for hit in database.hits([question], at=at, limit=MOST))
    elif kind:
        counts = _counted(database, (*anywhere, *beginning), language, at)
    else:
        counts = Counter(rows[pk].kind for pk in ids)
    counts = {each: min(number, MOST) for each, number in counts.items() if number}
    return Found(tuple(ids[:MOST]), counts, asked)


def _counted(
    database: Engine, wanted: Wanted, language: str, at: datetime.datetime
) -> Counter[str]:
    """How many there are of each kind, up to `MOST` of each."""
    kinds = [source.kind for source in sources.everything()]
    questions = [database.match(wanted, kinds=_kinds(each, language)) for each in kinds]
    return Counter(dict(zip(kinds, database.counts(questions, at=at, limit=MOST), strict=True)))


def _corrected(
    database: Engine, asked: tuple[Term, ...], language: str, at: datetime.datetime
) -> tuple[Term, ...]:
    """Each word that stands nowhere, replaced by a word one slip away that a visitor can read.

    Whether a word is known is asked of what is public at this moment: a word of tomorrow's news
    is no suggestion today.
    """
    spelt = {word for each in asked for word in each.spelt if len(word) >= SHORTEST}
    wrong = {word for word in spelt if not _stands(database, word, language, at)}
    right = {word: _nearest(database, word, language, at) for word in wrong}
    if not any(right.values()):
        return asked
    return tuple(
        Term.of([right.get(word) or word for word in each.spelt], language) for each in asked
    )


def _stands(database: Engine, word: str, language: str, at: datetime.datetime) -> bool:
    question = database.match((placed((Term.of([word], language),), TEXT, language),))
    return bool(database.counts([question], at=at, limit=1)[0])


def _nearest(database: Engine, word: str, language: str, at: datetime.datetime) -> str:
    """The most frequent known word one slip away, or nothing; most people get the first letter
    and the number of letters right."""
    near = SearchWord.objects.among(language, one_edit_away(word))
    candidates = sorted(
        near,
        key=lambda row: (row.word[0] != word[0], sorted(row.word) != sorted(word), -row.entries),
    )
    for row in candidates[:3]:
        if _stands(database, row.word, language, at):
            return row.word
    return ""
