"""The tree every reader of a document walks: two kinds of node, both immutable values.

Our own, and not lxml's, because a value can be compared, hashed, kept in a cache and given to a
thread, and because a checker should not need to know about tails and parsers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .schema import VOID


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Element:
    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Node, ...] = ()

    def get(self, attribute: str) -> str | None:
        for name, value in self.attributes:
            if name == attribute:
                return value
        return None

    def child(self, name: str) -> Element | None:
        """The first child of that name."""
        for node in self.children:
            if isinstance(node, Element) and node.name == name:
                return node
        return None

    def walk(self) -> Iterator[Element]:
        """This element and all elements within, in the order of the source."""
        yield self
        for node in self.children:
            if isinstance(node, Element):
                yield from node.walk()

    @property
    def is_footnote(self) -> bool:
        return self.name == "span" and self.get("data-footnote") is not None


Node = Text | Element


@dataclass(frozen=True, slots=True)
class Document:
    blocks: tuple[Element, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.blocks)

    def walk(self) -> Iterator[Element]:
        for block in self.blocks:
            yield from block.walk()


_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\xa0": "&nbsp;"})
_ATTRIBUTE = _TEXT | str.maketrans({'"': "&quot;"})


def escape_text(value: str) -> str:
    return value.translate(_TEXT)


def escape_attribute(value: str) -> str:
    return value.translate(_ATTRIBUTE)


def serialise(document: Document) -> str:
    """The tree as HTML, written as HTML Standard §13.3 says and as nh3 writes it.

    It writes what it is given and judges nothing: who made the tree by hand passes the result
    through `clean`.
    """
    return "".join(serialise_blocks(document.blocks))


def serialise_blocks(blocks: Iterable[Element]) -> Iterator[str]:
    for block in blocks:
        parts: list[str] = []
        _write(block, parts)
        yield "".join(parts)


def _write(node: Node, parts: list[str]) -> None:
    if isinstance(node, Text):
        parts.append(node.value.translate(_TEXT))
        return
    if node.attributes:
        written = "".join(
            f' {name}="{value.translate(_ATTRIBUTE)}"' for name, value in node.attributes
        )
        parts.append(f"<{node.name}{written}>")
    else:
        parts.append(f"<{node.name}>")
    if node.name in VOID:
        return
    for child in node.children:
        _write(child, parts)
    parts.append(f"</{node.name}>")
