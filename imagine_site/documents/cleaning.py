"""From any HTML to the HTML we store. There is no other way into a body field."""

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
    return SANITISER.clean("".join(parts))
