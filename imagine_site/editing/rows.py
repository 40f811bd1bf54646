"""The inner rows of a form (guests, positions, links) as a browser sends them.

Django numbers them and expects those that are stored first. A row that autosave has stored in the
meantime has its key but stands where it was added; one that was removed from the page is named
apart; one whose answer was lost has no key yet. Here they are put in order before any formset reads
them, so that no row is written twice and none is dropped.
"""

from __future__ import annotations

import re
from typing import Any

from django.forms.formsets import DEFAULT_MAX_NUM
from django.http import QueryDict

#: The mark a window gives each row, so that it knows which one got which key.
MARK = "_row"
#: Put beside a row that is no longer stored: the key that it had.
GONE = "_gone"
#: `guests:17`, once for each stored row that was taken off the page.
REMOVED_INPUT = "_removed"

Row = dict[str, list[str]]


def _number(data: QueryDict, prefix: str) -> int:
    typed = data.get(f"{prefix}-TOTAL_FORMS", "")
    return min(int(typed), DEFAULT_MAX_NUM) if typed.isascii() and typed.isdigit() else 0


def read(data: QueryDict, prefix: str) -> list[Row]:
    """What was sent of each row, by the name of its field, in the order of the page."""
    rows: list[Row] = [{} for _index in range(_number(data, prefix))]
    pattern = re.compile(rf"{re.escape(prefix)}-(\d{{1,5}})-(.+)")
    for name in data:
        if (found := pattern.fullmatch(name)) and (index := int(found[1])) < len(rows):
            rows[index][found[2]] = data.getlist(name)
    return rows


def write(data: QueryDict, prefix: str, rows: list[Row], *, stored: int) -> None:
    """Put rows in the place of those that were sent; the first `stored` of them have a key."""
    pattern = re.compile(rf"{re.escape(prefix)}-\d+-.+")
    for name in [name for name in data if pattern.fullmatch(name)]:
        del data[name]
    for index, row in enumerate(rows):
        for field, values in row.items():
            data.setlist(f"{prefix}-{index}-{field}", values)
    data[f"{prefix}-TOTAL_FORMS"] = str(len(rows))
    data[f"{prefix}-INITIAL_FORMS"] = str(stored)


def in_order(
    data: QueryDict, prefix: str, *, known: set[str], written: dict[str, Any], key: str = "id"
) -> QueryDict:
    """The same form with stored rows first. `known` are the keys of the rows there are (a row that
    is no longer there becomes a new one), `written` those that the window has written, by mark."""
    if f"{prefix}-TOTAL_FORMS" not in data:
        return data
    rows = read(data, prefix)
    for row in rows:
        mark = row.get(MARK, [""])[0]
        if not row.get(key, [""])[0] and written.get(mark) is not None:
            row[key] = [str(written[mark])]
        if (pk := row.get(key, [""])[0]) not in known:
            row[key] = [""]
            if pk:
                row[GONE] = [pk]
    sent = {row[key][0] for row in rows}
    for removed in data.getlist(REMOVED_INPUT):
        of, _colon, pk = removed.partition(":")
        if of == prefix and pk in known and pk not in sent:
            rows.append({key: [pk], "DELETE": ["on"]})
    stored = [row for row in rows if row[key][0]]
    new = [row for row in rows if not row[key][0]]
    write(data, prefix, [*stored, *new], stored=len(stored))
    return data
