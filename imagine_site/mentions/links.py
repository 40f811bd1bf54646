"""Turn the names in a document into links to their records."""

from __future__ import annotations

from dataclasses import replace

from imagine_site.documents import Document, Element, Node, Text, clean, parse, serialise
from imagine_site.mentions.names import Names

#: Blocks of running text. A heading, a caption or a table's header is no place for a link.
_RUNNING = frozenset({"p", "li"})
#: What may stand around a linked name inside running text.
_INLINE = frozenset({"strong", "em", "span", "ul", "ol", "li", "p"})


def link_mentions(document_html: str, names: Names) -> str:
    """The document with the first mention of each record in running text made a link.

    Headings, captions, links, attributions and footnotes stay as they are, and a record that the
    document links to already is not linked again. No word changes.
    """
    document = parse(document_html)
    seen = set(_linked(document))
    blocks = tuple(_linked_in(block, names, seen, running=False) for block in document.blocks)
    return clean(serialise(Document(blocks)))


def _linked(document: Document) -> set[str]:
    return {
        record
        for element in document.walk()
        if element.name == "a" and (record := element.get("data-record"))
    }


def _linked_in(element: Element, names: Names, seen: set[str], *, running: bool) -> Element:
    if element.is_footnote:
        return element
    running = running or element.name in _RUNNING
    children: list[Node] = []
    for child in element.children:
        if isinstance(child, Text):
            children += _split(child, names, seen) if running else [child]
        elif child.name == "footer" or (running and child.name not in _INLINE):
            children.append(child)
        else:
            children.append(_linked_in(child, names, seen, running=running))
    return replace(element, children=tuple(children))


def _split(text: Text, names: Names, seen: set[str]) -> list[Node]:
    parts: list[Node] = []
    done = 0
    for mention in names.recognise(text.value):
        if mention.reference in seen:
            continue
        seen.add(mention.reference)
        if mention.start > done:
            parts.append(Text(text.value[done : mention.start]))
        parts.append(Element("a", (("data-record", mention.reference),), (Text(mention.matched),)))
        done = mention.end
    if done < len(text.value):
        parts.append(Text(text.value[done:]))
    return parts
