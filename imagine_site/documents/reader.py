"""Reads any HTML, from left to right and once, into a raw tree.

Not lxml and not html5ever, because both do work that a hostile source can multiply: html5ever
(inside nh3) needs minutes for 1 MB of nested `div`, and reopens every unclosed formatting element
in every paragraph. This reader never reopens, never backtracks and stops at the bounds of the
schema, so its time is linear in the source. It need not agree with a browser about broken markup:
nothing of the source reaches a browser, only what we write ourselves from the tree.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

from .errors import DocumentTooDeep, DocumentTooLarge
from .schema import (
    ELEMENTS,
    FOREIGN,
    MARKS,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_TAGS,
    PARAGRAPH_LIKE,
    RAW_TEXT,
    RENAMED,
    VOID,
    VOID_ELSEWHERE,
)


class Raw:
    """An element as found: any name, any attributes, children in any order."""

    __slots__ = ("attributes", "children", "name")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[str | Raw] = []


# Controls, lone surrogates and noncharacters (Unicode §23.7), and the byte order mark; the
# controls that are white space in some program become a space with the rest of the white space.
_BAD_CHARACTERS = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(
        f"{chr(plane * 0x10000 + 0xFFFE)}-{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17)
    )
    + "]"
)
_REFERENCE = re.compile(r"&(?:#[0-9]++|#[xX][0-9a-fA-F]++|[A-Za-z][A-Za-z0-9]{1,31});?")
# In an attribute a reference without its semicolon is text: `?a=1&copy=2` has no © in it
# (HTML Standard §13.2.5.73).
_ATTRIBUTE_REFERENCE = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});"
)

# A `<` that begins no tag and no comment is a character like any other.
_TEXT = re.compile(r"[^<]*+(?:<(?![A-Za-z/!?])[^<]*+)*+")
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*+)((?:[^\"'>]++|\"[^\"]*+\"|'[^']*+')*+)>")
# For a source with a quotation mark that is never closed: the tag ends at the first `>`.
_LENIENT_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*+)([^>]*+)>")
_ATTRIBUTE = re.compile(
    r"([^\s/>=\"'][^\s/>=]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"']?[^\s>]*+)))?"
)
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in RAW_TEXT}

BLOCKS = (frozenset(ELEMENTS) | PARAGRAPH_LIKE) - set(MARKS) - {"br", "cite"}
_CELLS = frozenset({"td", "th"})
_SECTIONS = frozenset({"thead", "tbody", "caption"})
_TABLE_PARTS = _CELLS | _SECTIONS | {"tr"}
_LISTS = frozenset({"ul", "ol"})
_HEADINGS = frozenset({"h2", "h3"})
# An end tag does not reach out of these to close something outside.
_WALLS = _CELLS | {"caption", "table"}
_TABLE_WALL = frozenset({"table"})
_ITEM_WALLS = _LISTS | _WALLS
_P_WALLS = BLOCKS - {"p"}
_INLINE_WALLS = BLOCKS
_SPAN_WALLS = BLOCKS | {"span"}

# start tag -> (what it closes, how far up it looks)
_CLOSES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    **{name: (frozenset({"p"}), _P_WALLS) for name in BLOCKS},
    "li": (frozenset({"li"}), _ITEM_WALLS),
    "td": (_CELLS, _TABLE_WALL | {"tr"}),
    "th": (_CELLS, _TABLE_WALL | {"tr"}),
    "tr": (_CELLS | {"tr", "caption"}, _TABLE_WALL),
    **dict.fromkeys(_SECTIONS, (_TABLE_PARTS, _TABLE_WALL)),
    # a link inside a link is a forgotten end tag, but a footnote may hold links of its own
    "a": (frozenset({"a"}), _SPAN_WALLS),
}
# these close all of the kind they find, not only the nearest: a row closes the cell and the row
_CLOSES_ALL = _SECTIONS | {"tr"}


# what nearly all texts are made of, looked through ten times as fast
_GOOD_CHARACTERS = re.compile("[\t-\r -~\x85\xa0-\u218f]*+")


def drop_bad_characters(text: str) -> str:
    return text if _GOOD_CHARACTERS.fullmatch(text) else _BAD_CHARACTERS.sub("", text)


def read(source: str) -> Raw:
    """Returns a root without a name.

    Raises DocumentTooLarge or DocumentTooDeep as soon as the source passes a bound.
    """
    if len(source) > MAX_BYTES or len(source.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise DocumentTooLarge(f"A document is at most {MAX_BYTES:,} bytes long.")
    if source.count("<") > MAX_TAGS and len(re.findall(r"</?[A-Za-z!?]", source)) > MAX_TAGS:
        raise DocumentTooLarge(f"A document has at most {MAX_TAGS:,} tags.")
    return _Reader(drop_bad_characters(source)).run()


@lru_cache(maxsize=2048)
def _character(reference: str) -> str:
    # html.unescape() gives a number to int(), which refuses more than 4,300 digits.
    if reference[1] == "#" and len(reference) > 12:
        return "\ufffd"
    return drop_bad_characters(html.unescape(reference))


def _unescape(text: str) -> str:
    return _REFERENCE.sub(lambda match: _character(match[0]), text) if "&" in text else text


def _attributes(source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(source):
        value = double or single or bare
        if "&" in value:
            value = _ATTRIBUTE_REFERENCE.sub(lambda match: _character(match[0]), value)
        # the first of two attributes of one name counts (HTML Standard §13.2.5.33)
        found.setdefault(name.lower(), value)
    return found


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.root = Raw("", {})
        self.stack = [self.root]
        self.pending: list[str] = []

    def run(self) -> Raw:
        source, length = self.source, len(self.source)
        tag = _TAG
        position = 0
        while position < length:
            start = _TEXT.match(source, position).end()
            if start > position:
                self.text(source[position:start])
                if start == length:
                    break
            match = tag.match(source, start)
            if match is not None:
                position = match.end()
                name = match[2].lower()
                name = RENAMED.get(name, name)
                self.end_text()
                if match[1]:
                    self.close(name)
                elif name in RAW_TEXT:
                    end = _RAW_END[name].search(source, position)
                    if end is None:
                        break
                    position = end.start()
                else:
                    self.open(name, match[3])
                continue
            following = source[start + 1 : start + 2]
            if following.isascii() and (
                following.isalpha()
                or (following == "/" and source[start + 2 : start + 3].isalpha())
            ):
                if tag is _TAG:
                    # Once only: what fails here has a quotation mark that never closes.
                    tag = _LENIENT_TAG
                    position = start
                    continue
                # No `>` in all the rest: it was never a tag.
                self.text(source[start:])
                break
            if following in ("!", "?") or (following == "/" and start + 2 < length):
                comment = source.startswith("<!--", start)
                mark = "-->" if comment else ">"
                end = source.find(mark, start + 2)
                if end < 0:
                    break
                position = end + len(mark)
                continue
            self.text("<")
            position = start + 1
        self.end_text()
        return self.root

    def text(self, text: str) -> None:
        self.pending.append(text)

    def end_text(self) -> None:
        """Adds all the text since the last tag as one piece."""
        if self.pending:
            self.stack[-1].children.append(_unescape("".join(self.pending)))
            self.pending.clear()

    def open(self, name: str, attributes: str) -> None:
        stack = self.stack
        if name in BLOCKS:
            self.leave_foreign()
            self.close_until(*_CLOSES[name], every=name in _CLOSES_ALL)
        elif name == "a":
            self.close_until(*_CLOSES["a"], every=False)
        element = Raw(name, _attributes(attributes) if attributes else {})
        stack[-1].children.append(element)
        if name in VOID or name in VOID_ELSEWHERE:
            return
        if attributes.endswith("/") and (name in FOREIGN or self.in_foreign()):
            return
        stack.append(element)
        if len(stack) > MAX_DEPTH + 1:
            raise DocumentTooDeep(f"A document is at most {MAX_DEPTH} elements deep.")

    def in_foreign(self) -> bool:
        return any(element.name in FOREIGN for element in self.stack)

    def leave_foreign(self) -> None:
        """A block inside a drawing is a forgotten end tag (HTML Standard §13.2.6.5)."""
        for index, element in enumerate(self.stack):
            if element.name in FOREIGN:
                del self.stack[index:]
                return

    def close_until(self, closed: frozenset[str], walls: frozenset[str], *, every: bool) -> None:
        stack = self.stack
        cut = 0
        for index in range(len(stack) - 1, 0, -1):
            name = stack[index].name
            if name in closed:
                cut = index
                if not every:
                    break
            elif name in walls:
                break
        if cut:
            del stack[cut:]

    def close(self, name: str) -> None:
        if name in _HEADINGS:
            names, walls = _HEADINGS, _WALLS
        elif name == "table":
            names, walls = _TABLE_WALL, frozenset()
        elif name in _TABLE_PARTS:
            names, walls = frozenset({name}), _TABLE_WALL
        elif name == "li":
            names, walls = frozenset({name}), _ITEM_WALLS
        elif name in BLOCKS:
            names, walls = frozenset({name}), _WALLS
        else:
            # a forgotten inline end tag must not end the paragraph it is found in
            names, walls = frozenset({name}), _INLINE_WALLS
        stack = self.stack
        for index in range(len(stack) - 1, 0, -1):
            found = stack[index].name
            if found in names:
                del stack[index:]
                return
            if found in walls:
                return
