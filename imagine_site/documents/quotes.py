"""What is quoted in a document, by whom: a person's page shows what that person said."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from .canonical import parse
from .text import block_text, inline_text
from .tree import Document, Element


@dataclass(frozen=True, slots=True)
class Quote:
    """One pull quote: plain text (an empty line between paragraphs), the speaker and the role as
    written on that day, and the reference of the record where the speaker is one (else "")."""

    text: str
    speaker: str = ""
    role: str = ""
    record: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def quotes(document: Document | str) -> list[Quote]:
    """Every quote that says something, in the order of the text."""
    if isinstance(document, str):
        document = parse(document)
    found = [_quote(element) for element in document.walk() if element.name == "blockquote"]
    return [quote for quote in found if quote.text]


def _quote(element: Element) -> Quote:
    said = [
        block_text(child, [])
        for child in element.children
        if isinstance(child, Element) and child.name != "footer"
    ]
    footer = element.child("footer")
    cite, role = (footer.child("cite"), footer.child("span")) if footer else (None, None)
    return Quote(
        text="\n\n".join(text for text in said if text),
        speaker=_line(cite),
        role=_line(role),
        record=(cite.get("data-record") or "") if cite else "",
    )


def _line(element: Element | None) -> str:
    return " ".join(inline_text(element.children, []).split()) if element else ""
