"""From `laboratory:4` in a document to a name and an address, a few queries for a whole text."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import translation

from imagine_site.register import kinds
from imagine_site.register.models import Record


@dataclass(frozen=True, slots=True)
class RecordLink:
    """What a document needs to know of a record."""

    label: str
    url: str


def split(reference: str) -> tuple[str, int] | None:
    """`"laboratory:4"` as `("laboratory", 4)`; None for anything else."""
    kind, _colon, pk = reference.partition(":")
    return (kind, int(pk)) if kind and pk.isascii() and pk.isdecimal() else None


def records(references: Iterable[str]) -> dict[str, Record]:
    """The records named, public or not, one query a kind; unknown references are left out."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for reference in references:
        if parts := split(reference):
            wanted[parts[0]].add(parts[1])
    found = {}
    for kind, pks in wanted.items():
        if model := kinds.get(kind):
            for record in model.objects.filter(pk__in=pks):
                found[record.reference] = record
    return found


def resolve(references: Iterable[str], language: str) -> dict[str, RecordLink]:
    """Names and addresses of the *public* records among these, in a language."""
    return links_to(records(references), language)


def links_to(found: Mapping[str, Record], language: str) -> dict[str, RecordLink]:
    """The same for records that were fetched before, as `records` gives them."""
    with translation.override(language):
        return {
            reference: RecordLink(label=str(record), url=record.get_absolute_url())
            for reference, record in found.items()
            if record.is_public
        }
