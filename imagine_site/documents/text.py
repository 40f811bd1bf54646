"""A document as plain text, and the one way the project counts words.

The search index, the mentions, the importer's account of words and the editor's counter must all
see the same words; they do when they all ask here.
"""

import re
import unicodedata
from collections.abc import Iterable

from .canonical import parse
from .tree import Document, Element, Node, Text

# Letters and digits of any script with their combining marks. An apostrophe or a hyphen inside
# does not end a word: "aujourd'hui", "l’Institut", "porte-parole" and "COVID-19" are one each;
# "10,000" and "15.5" are two, as no rule would hold in both languages.
# What was taken is never given back (`++`): the parts of a word share no character.
_LETTERS = r"[^\W_]++(?:[\u0300-\u036f]++[^\W_]*+)*+"
WORD = re.compile(rf"{_LETTERS}(?:['’‘ʼ\-‐‑]{_LETTERS})*+")


def words(text: str) -> list[str]:
    """The words of a plain text, in order, as they are written (Unicode normal form C)."""
    return WORD.findall(unicodedata.normalize("NFC", text))


def plain_text(document: Document | str) -> str:
    """Every word of the document and no other: blocks are separated by an empty line, items and
    rows by a line break, cells by a tab; captions and attributions stand where they are shown;
    footnotes follow at the end, each once, in the order of their first calls."""
    if isinstance(document, str):
        document = parse(document)
    notes: list[str] = []
    blocks = [block_text(block, notes) for block in document.blocks]
    index = 0
    while index < len(notes):
        blocks.append(notes[index])
        index += 1
    return "\n\n".join(block for block in blocks if block)


def block_text(block: Element, notes: list[str]) -> str:
    """The text of one block; the texts of its footnotes are appended to `notes`."""
    match block.name:
        case "blockquote" | "aside" | "figure":
            return _lines(block.children, notes, "\n\n")
        case "ul" | "ol" | "table" | "thead" | "tbody":
            return _lines(block.children, notes, "\n")
        case "footer":
            return _lines(block.children, notes, ", ")
        case "tr":
            return _lines(block.children, notes, "\t")
        case "li" | "td" | "th":
            return _mixed(block.children, notes)
        case "hr":
            return ""
        case _:
            return inline_text(block.children, notes)


def _lines(children: Iterable[Node], notes: list[str], separator: str) -> str:
    found = [block_text(child, notes) for child in children if isinstance(child, Element)]
    return separator.join(text for text in found if text)


_INNER_BLOCKS = frozenset({"p", "ul", "ol"})


def _mixed(children: Iterable[Node], notes: list[str]) -> str:
    lines: list[str] = []
    inline: list[Node] = []
    for child in children:
        if isinstance(child, Element) and child.name in _INNER_BLOCKS:
            lines.append(inline_text(inline, notes))
            inline = []
            lines.append(block_text(child, notes))
        else:
            inline.append(child)
    lines.append(inline_text(inline, notes))
    return "\n".join(line for line in lines if line)


def inline_text(children: Iterable[Node], notes: list[str]) -> str:
    """Inline content in one line (or more, with line breaks), its footnotes apart.

    A call between two letters separates them, as the number shown there does.
    """
    parts: list[str] = []
    _inline(children, parts, notes)
    text = "".join(parts)
    if _CALL not in text:
        return text
    return _CALL_BETWEEN_LETTERS.sub(" ", text).replace(_CALL, "")


# A noncharacter: no document has it, `clean` drops it.
_CALL = "\ufdd0"
_CALL_BETWEEN_LETTERS = re.compile(rf"(?<=\w){_CALL}+(?=\w)")


def _inline(children: Iterable[Node], parts: list[str], notes: list[str]) -> None:
    for child in children:
        if isinstance(child, Text):
            parts.append(child.value)
        elif child.name == "br":
            parts.append("\n")
        elif child.is_footnote:
            parts.append(_CALL)
            if child.children:
                notes.append(inline_text(child.children, notes))
        else:
            _inline(child.children, parts, notes)
