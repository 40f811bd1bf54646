"""From any HTML to the HTML we store. There is no other way into a body field."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b

from .canonical import parse
from .errors import DocumentTooLarge
from .sanitiser import SANITISER
from .schema import MAX_BYTES, MAX_TAGS
from .tree import serialise_blocks


def clean(html: str) -> str:
    """The source as a canonical document, sanitised last. An empty document is "".

    `clean(clean(x)) == clean(x)`. Raises DocumentTooLarge or DocumentTooDeep, for the source as
    for the result, which can be longer: what is refused once is refused, what is accepted once is
    accepted ever after.
    """
    mark = _mark(html)
    if mark in _cleaned:
        return html
    parts: list[str] = []
    size = tags = 0
    for block in serialise_blocks(parse(html).blocks):
        size += len(block.encode())
        tags += block.count("<")
        if size > MAX_BYTES:
            raise DocumentTooLarge(f"A document is at most {MAX_BYTES:,} bytes long.")
        if tags > MAX_TAGS:
            raise DocumentTooLarge(f"A document has at most {MAX_TAGS:,} tags.")
        parts.append(block)
    cleaned = SANITISER.clean("".join(parts))
    _remember(cleaned)
    return cleaned


#: Digests of the documents that came out last. A text is cleaned when it is read, when it is
#: checked and when it is stored; it is the same text, and cleaning it again gives the same.
_cleaned: OrderedDict[bytes, None] = OrderedDict()
_MOST = 4096


def _mark(html: str) -> bytes:
    return blake2b(html.encode("utf-8", "surrogatepass"), digest_size=32).digest()


def _remember(html: str) -> None:
    _cleaned[_mark(html)] = None
    while len(_cleaned) > _MOST:
        try:
            _cleaned.popitem(last=False)
        except KeyError:  # another thread was faster
            break
