"""From the raw tree to a document: every structure that HTML allows, and that people paste, brought
into the one form the schema has for it.

Two ideas make this short and stable. Inline content is taken apart into *leaves* (a piece of text,
a line break, a footnote), each with the marks that apply to it, and put together again in the fixed
order of the marks; and a block that may not stand where it is found moves behind the block that
holds it. The result is canonical: read again, it gives the same tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from .addresses import safe_address
from .reader import Raw, read
from .schema import (
    DROPPED,
    FIGURE_WIDTHS,
    HEADER_SCOPES,
    KEY,
    LANGUAGE,
    MARKS,
    MAX_LIST_LEVELS,
    MAX_SPAN,
    NOTE_NAME,
    PARAGRAPH_LIKE,
    RECORD,
    VIDEO,
)
from .tree import Document, Element, Node, Text

# White space is what separates words and nothing more. The no-break space U+00A0 and the narrow
# one U+202F are not in it: French typography needs them where they are.
_SPACE = re.compile("[ \t\n\r\f\v\x85\u2028\u2029]+")

Attributes = tuple[tuple[str, str], ...]
Marks = tuple[tuple[int, Attributes], ...]  # (place in MARKS, attributes), ascending

_LINK = MARKS.index("a")
_LANGUAGE = MARKS.index("span")
_SIMPLE_MARKS = {name: (MARKS.index(name), ()) for name in ("strong", "em", "sub", "sup")}


@dataclass(slots=True)
class Leaf:
    """A piece of text, a line break (no text) or a footnote (an element)."""

    text: str
    marks: Marks
    note: Element | None = None

    @property
    def is_break(self) -> bool:
        return self.note is None and not self.text


Leaves = list[Leaf]


@lru_cache(maxsize=16)
def parse(html: str) -> Document:
    """Reads any HTML as a document; what is already canonical comes back unchanged.

    The last few are kept: publishing checks, renders, indexes and compares the same text.

    Raises DocumentTooLarge or DocumentTooDeep where the source passes a bound of the schema.
    """
    root = read(html)
    notes = _note_names(root)
    flow = _Flow(notes, escaped=[], rich=True)
    flow.walk(root.children, ())
    blocks = tuple(_blocks(flow.finish()))
    return Document(_share_notes(blocks) if notes else blocks)


# --- leaves -----------------------------------------------------------------------------------


def _tidy(leaves: Leaves) -> Leaves:
    """The leaves of one block: white space collapsed, neighbours merged, nothing empty left."""
    tidy: Leaves = []
    run: list[str] = []  # the pieces of the last leaf, joined once: `+=` would be quadratic

    def end_run() -> None:
        if len(run) > 1:
            tidy[-1].text = "".join(run)
        run.clear()

    for leaf in leaves:
        if leaf.note is not None:
            end_run()
            tidy.append(leaf)
            continue
        text = leaf.text
        if not text:
            end_run()
            _strip_end(tidy)
            if tidy and not tidy[-1].is_break:
                tidy.append(Leaf("", leaf.marks))
            continue
        if "  " in text or not text.isprintable():
            text = _SPACE.sub(" ", text)
        if text[0] == " " and (run[-1][-1] == " " if run else not tidy or tidy[-1].note is None):
            text = text[1:]
            if not text:
                continue
        if run and tidy[-1].marks == leaf.marks:
            run.append(text)
        else:
            end_run()
            tidy.append(Leaf(text, leaf.marks))
            run.append(text)
    end_run()
    _strip_end(tidy)
    if tidy and tidy[-1].is_break:
        tidy.pop()
    if not any(leaf.note is not None or leaf.text.strip() for leaf in tidy):
        return []
    if len(tidy) > 1 or tidy[0].marks:
        tidy = _tidy_marks(tidy)
    return tidy


def _strip_end(leaves: Leaves) -> None:
    if leaves and leaves[-1].note is None and leaves[-1].text.endswith(" "):
        leaves[-1].text = leaves[-1].text[:-1]
        if not leaves[-1].text:
            leaves.pop()


def _tidy_marks(leaves: Leaves) -> Leaves:
    """A line break has the marks its neighbours share; a link without a word is no link."""
    for before, leaf, after in zip(leaves, leaves[1:], leaves[2:], strict=False):
        if leaf.is_break:
            leaf.marks = tuple(mark for mark in before.marks if mark in after.marks)
    merged: Leaves = []
    for link, group in groupby(leaves, _link_of):
        members = list(group)
        if link is not None and not any(leaf.text.strip() for leaf in members):
            for leaf in members:
                leaf.marks = tuple(mark for mark in leaf.marks if mark[0] != _LINK)
        for leaf in members:
            last = merged[-1] if merged else None
            if last is not None and last.text and leaf.text and last.marks == leaf.marks:
                last.text += leaf.text
            else:
                merged.append(leaf)
    return merged


def _link_of(leaf: Leaf) -> Attributes | None:
    return leaf.marks[0][1] if leaf.marks and leaf.marks[0][0] == _LINK else None


def _build(leaves: Sequence[Leaf], level: int = 0) -> tuple[Node, ...]:
    """The leaves as nodes: what neighbours share, outermost mark first, is written once."""
    nodes: list[Node] = []
    index, end = 0, len(leaves)
    while index < end:
        leaf = leaves[index]
        if len(leaf.marks) <= level:
            if leaf.note is not None:
                nodes.append(leaf.note)
            elif leaf.text:
                nodes.append(Text(leaf.text))
            else:
                nodes.append(Element("br"))
            index += 1
            continue
        mark = leaf.marks[level]
        stop = index + 1
        while stop < end and len(leaves[stop].marks) > level and leaves[stop].marks[level] == mark:
            stop += 1
        nodes.append(Element(MARKS[mark[0]], mark[1], _build(leaves[index:stop], level + 1)))
        index = stop
    return tuple(nodes)


def _add(marks: Marks, place: int, attributes: Attributes) -> Marks:
    """The inner of two marks of one kind counts."""
    kept = [mark for mark in marks if mark[0] != place]
    kept.append((place, attributes))
    kept.sort()
    return tuple(kept)


def _join(paragraphs: Iterable[Leaves]) -> Leaves:
    """Several paragraphs where only a line may stand: one line, broken where they ended."""
    joined: Leaves = []
    for leaves in paragraphs:
        if joined:
            joined.append(Leaf("", ()))
        joined.extend(leaves)
    return _tidy(joined)


def _plain(leaves: Iterable[Leaf]) -> str:
    text = "".join(" " if leaf.is_break else leaf.text for leaf in leaves if leaf.note is None)
    return _SPACE.sub(" ", text).strip()


# --- attributes -------------------------------------------------------------------------------


def _link(raw: Raw) -> Attributes | None:
    record = raw.attributes.get("data-record", "").strip()
    if RECORD.fullmatch(record):
        return (("data-record", record),)
    file = raw.attributes.get("data-file", "").strip()
    if KEY.fullmatch(file):
        return (("data-file", file),)
    address = safe_address(raw.attributes.get("href"))
    return (("href", address),) if address else None


def _language(raw: Raw) -> str | None:
    """The tag in the case RFC 5646 §2.1.1 recommends."""
    tag = raw.attributes.get("lang", "").strip()
    if not LANGUAGE.fullmatch(tag):
        return None
    first, *rest = tag.split("-")
    parts = [first.lower()]
    for part in rest:
        if len(part) == 2:
            parts.append(part.upper())
        elif len(part) == 4 and part.isalpha():
            parts.append(part.title())
        else:
            parts.append(part.lower())
    return "-".join(parts)


def _figure(raw: Raw) -> Attributes:
    """Empty where the figure shows nothing we have."""
    given = raw.attributes
    image = given.get("data-image", "").strip()
    if KEY.fullmatch(image):
        attributes = [("data-image", image)]
        width = given.get("data-width", "").strip()
        if width in FIGURE_WIDTHS[1:]:
            attributes.append(("data-width", width))
        alt = _SPACE.sub(" ", given.get("data-alt", "")).strip()
        if alt:
            attributes.append(("data-alt", alt))
        return tuple(attributes)
    gallery = [key for key in given.get("data-gallery", "").split() if KEY.fullmatch(key)]
    if gallery:
        return (("data-gallery", " ".join(dict.fromkeys(gallery))),)
    video = given.get("data-video", "").strip()
    if VIDEO.fullmatch(video):
        poster = given.get("data-poster", "").strip()
        if KEY.fullmatch(poster):
            return (("data-video", video), ("data-poster", poster))
        return (("data-video", video),)
    return ()


def _cell_attributes(raw: Raw) -> Attributes:
    attributes = []
    scope = raw.attributes.get("scope", "").strip().lower()
    if raw.name == "th" and scope in HEADER_SCOPES:
        attributes.append(("scope", scope))
    for name in ("colspan", "rowspan"):
        span = raw.attributes.get(name, "").strip()
        if re.fullmatch(r"[1-9][0-9]{0,3}", span) and int(span) > 1:
            attributes.append((name, str(min(int(span), MAX_SPAN))))
    return tuple(attributes)


# --- blocks -----------------------------------------------------------------------------------


class _Flow:
    """Walks raw children and collects what they come to in one place of the document.

    `rich`: every block may stand here (only the top is). `lists`: how many levels of lists may.
    `escaped`: where blocks go that may not stand here; the top puts them behind.
    """

    def __init__(
        self,
        notes: frozenset[str],
        *,
        escaped: list[Element],
        rich: bool = False,
        lists: int = MAX_LIST_LEVELS,
        in_note: bool = False,
        quote: _Quote | None = None,
    ) -> None:
        self.notes = notes
        self.escaped = escaped
        self.rich = rich
        self.lists = lists
        self.in_note = in_note
        self.quote = quote
        self.items: list[Leaves | Element] = []
        self.leaves: Leaves = []
        self.stray: list[Element] = []

    def within(
        self, *, lists: int = 0, in_note: bool = False, quote: _Quote | None = None
    ) -> _Flow:
        return _Flow(
            self.notes,
            escaped=self.escaped,
            lists=lists,
            in_note=in_note or self.in_note,
            quote=quote,
        )

    def walk(self, children: Iterable[str | Raw], marks: Marks) -> None:
        for child in children:
            if isinstance(child, str):
                if child:
                    self.leaves.append(Leaf(child, marks))
                continue
            name = child.name
            if name in _SIMPLE_MARKS:
                place, attributes = _SIMPLE_MARKS[name]
                self.walk(child.children, _add(marks, place, attributes))
            elif name == "br":
                self.leaves.append(Leaf("", marks))
            elif name in _PARAGRAPHS:
                self.flush()
                self.walk(child.children, marks)
                self.flush()
            elif name == "a":
                link = _link(child)
                self.walk(child.children, _add(marks, _LINK, link) if link else marks)
            elif name == "span":
                self.span(child, marks)
            elif name in _HANDLERS:
                self.flush()
                _HANDLERS[name](self, child, marks)
            elif name in DROPPED:
                continue
            elif name == "cite":
                self.walk(child.children, _add(marks, *_SIMPLE_MARKS["em"]))
            elif name == "q":
                self.leaves.append(Leaf("“", marks))
                self.walk(child.children, marks)
                self.leaves.append(Leaf("”", marks))
            else:
                self.walk(child.children, marks)

    def span(self, raw: Raw, marks: Marks) -> None:
        if "data-footnote" in raw.attributes:
            if self.in_note:
                self.leaves.append(Leaf(" ", marks))
                self.walk(raw.children, marks)
                return
            note = self.note(raw, marks)
            if note is not None:
                self.leaves.append(Leaf("", (), note))
            return
        language = _language(raw)
        self.walk(
            raw.children, _add(marks, _LANGUAGE, (("lang", language),)) if language else marks
        )

    def note(self, raw: Raw, marks: Marks) -> Element | None:
        name = raw.attributes["data-footnote"].strip()
        if not NOTE_NAME.fullmatch(name):
            name = ""
        inner = self.within(in_note=True)
        inner.walk(raw.children, tuple(mark for mark in marks if mark[0] == _LANGUAGE))
        leaves = inner.line()
        if not leaves and name not in self.notes:
            return None
        return Element("span", (("data-footnote", name),), _build(leaves))

    def flush(self) -> None:
        """Ends the paragraph; two line breaks in a row end one too."""
        if not self.leaves:
            return
        leaves, self.leaves = self.leaves, []
        paragraph: Leaves = []
        broken = False
        for leaf in leaves:
            if leaf.is_break:
                if broken:
                    self.paragraph(paragraph)
                    paragraph = []
                    continue
                broken = True
            elif leaf.note is not None or not _SPACE.fullmatch(leaf.text):
                broken = False
            paragraph.append(leaf)
        self.paragraph(paragraph)

    def paragraph(self, leaves: Leaves) -> None:
        leaves = _tidy(leaves)
        if leaves:
            self.end_stray()
            self.items.append(leaves)

    def add(self, element: Element) -> None:
        self.end_stray()
        self.items.append(element)

    def end_stray(self) -> None:
        if self.stray:
            stray, self.stray = self.stray, []
            self.items.append(Element("ul", (), tuple(stray)))

    def place(self, element: Element) -> None:
        """A block for the top of the document, found here."""
        if self.rich:
            self.add(element)
            self.release()
        else:
            self.escaped.append(element)

    def release(self) -> None:
        if self.rich and self.escaped:
            escaped = list(self.escaped)
            self.escaped.clear()
            self.end_stray()
            self.items.extend(escaped)

    def finish(self) -> list[Leaves | Element]:
        self.flush()
        self.end_stray()
        self.release()
        return self.items

    def line(self) -> Leaves:
        """All that was found, as one line of inline content."""
        return _join(item for item in self.finish() if not isinstance(item, Element))

    # one method per kind of block ---------------------------------------------------------------

    def heading(self, raw: Raw, marks: Marks) -> None:
        if not self.rich:
            self.walk(raw.children, marks)
            self.flush()
            return
        inner = self.within()
        inner.walk(raw.children, marks)
        leaves = inner.line()
        if leaves:
            self.add(Element(raw.name, (), _build(leaves)))
        self.release()

    def rule(self, raw: Raw, marks: Marks) -> None:
        self.place(Element("hr"))

    def whole_list(self, raw: Raw, marks: Marks) -> None:
        if not self.lists:
            self.walk(raw.children, marks)
            self.flush()
            return
        items: list[Element] = []
        loose: list[str | Raw] = []

        def end_loose() -> None:
            if loose:
                self.item(loose, marks, items)
                loose.clear()

        for child in raw.children:
            if isinstance(child, Raw) and child.name == "li":
                end_loose()
                self.item(child.children, marks, items)
            elif (
                isinstance(child, Raw)
                and child.name in ("ul", "ol")
                and items
                and not any(not isinstance(part, str) or part.strip() for part in loose)
            ):
                # a list in a list belongs to the item before it
                loose.clear()
                self.nested(child, marks, items)
            else:
                loose.append(child)
        end_loose()
        if items:
            self.add(Element(raw.name, (), tuple(items)))
        self.release()

    def item(self, children: Iterable[str | Raw], marks: Marks, items: list[Element]) -> None:
        inner = self.within(lists=self.lists - 1)
        inner.walk(children, marks)
        content = inner.finish()
        if content:
            items.append(Element("li", (), _tight(content)))

    def nested(self, raw: Raw, marks: Marks, items: list[Element]) -> None:
        inner = self.within(lists=self.lists - 1)
        inner.walk([raw], marks)
        content = inner.finish()
        if not content:
            return
        last = items[-1]
        if all(isinstance(item, Element) for item in content):
            items[-1] = replace(last, children=last.children + tuple(_blocks(content)))
        else:
            items.append(Element("li", (), _tight(content)))

    def stray_item(self, raw: Raw, marks: Marks) -> None:
        if not self.lists:
            self.walk(raw.children, marks)
            self.flush()
            return
        self.item(raw.children, marks, self.stray)
        self.release()

    def aside(self, raw: Raw, marks: Marks) -> None:
        inner = self.within(lists=MAX_LIST_LEVELS)
        inner.walk(raw.children, marks)
        content = inner.finish()
        attributes = (("data-figure", ""),) if "data-figure" in raw.attributes else ()
        if content:
            self.place(Element("aside", attributes, tuple(_blocks(content))))
        self.release()

    def blockquote(self, raw: Raw, marks: Marks) -> None:
        self.quotation(raw.children, (), marks)

    def quotation(
        self, children: Iterable[str | Raw], attribution: Iterable[Raw], marks: Marks
    ) -> None:
        quote = _Quote()
        inner = self.within(quote=quote)
        for child in children:
            if isinstance(child, Raw) and child.name == "cite":
                quote.add(inner, child)
            else:
                inner.walk([child], marks)
        for raw in attribution:
            quote.add(inner, raw)
        paragraphs = [item for item in inner.finish() if not isinstance(item, Element)]
        footer = quote.footer()
        if paragraphs:
            paragraphs[-1] = _tidy([*paragraphs[-1], *quote.notes])
            parts = _blocks(paragraphs)
            if footer is not None:
                parts.append(footer)
            self.place(Element("blockquote", (), tuple(parts)))
        else:
            # An attribution without a quotation: words, but nobody's speech.
            if footer is not None:
                self.leaves.append(Leaf(", ".join(filter(None, (quote.name, quote.role))), marks))
            self.leaves.extend(quote.notes)
            self.flush()
        self.release()

    def footer(self, raw: Raw, marks: Marks) -> None:
        if self.quote is not None:
            self.quote.add(self, raw)
        else:
            self.walk(raw.children, marks)
            self.flush()

    def figure(self, raw: Raw, marks: Marks) -> None:
        attributes = _figure(raw)
        captions: list[Raw] = []
        rest: list[str | Raw] = []
        for child in raw.children:
            if isinstance(child, Raw) and child.name == "figcaption":
                captions.append(child)
            else:
                rest.append(child)
        if attributes:
            inner = self.within()
            for caption in captions:
                inner.walk(caption.children, ())
                inner.flush()
            leaves = inner.line()
            shown = (Element("figcaption", (), _build(leaves)),) if leaves else ()
            self.place(Element("figure", attributes, shown))
            self.walk(rest, marks)
            self.flush()
            return
        quotes = [child for child in rest if isinstance(child, Raw) and child.name == "blockquote"]
        if len(quotes) == 1 and captions:
            # the pull quote as others write it (and as we render it)
            self.quotation(quotes[0].children, captions, marks)
            rest.remove(quotes[0])
            self.walk(rest, marks)
        else:
            self.walk(raw.children, marks)
        self.flush()

    def table(self, raw: Raw, marks: Marks) -> None:
        table = _Table()
        self.table_parts(raw.children, marks, table, "tbody")
        caption = _join(table.caption)
        filled = any(
            cell.children
            for rows in table.rows.values()
            for row in rows
            for cell in row.children
            if isinstance(cell, Element)
        )
        if filled:
            children: list[Element] = []
            if caption:
                children.append(Element("caption", (), _build(caption)))
            children.extend(
                Element(part, (), tuple(rows)) for part, rows in table.rows.items() if rows
            )
            self.place(Element("table", (), tuple(children)))
        elif caption:
            self.leaves.extend(caption)
            self.flush()
        for child in table.loose:
            self.walk([child], marks)
            self.flush()
        self.release()

    def table_parts(
        self, children: Iterable[str | Raw], marks: Marks, table: _Table, part: str
    ) -> None:
        for child in children:
            if isinstance(child, str):
                if child.strip():
                    table.loose.append(child)
            elif child.name in ("thead", "tbody"):
                self.table_parts(child.children, marks, table, child.name)
            elif child.name == "tr":
                self.row(child.children, marks, table, part)
            elif child.name in ("td", "th"):
                self.row([child], marks, table, part)
            elif child.name == "caption":
                inner = self.within()
                inner.walk(child.children, marks)
                leaves = inner.line()
                if leaves:
                    table.caption.append(leaves)
            elif child.name not in DROPPED:
                table.loose.append(child)

    def row(self, children: Iterable[str | Raw], marks: Marks, table: _Table, part: str) -> None:
        cells: list[Element] = []
        for child in children:
            if isinstance(child, Raw) and child.name in ("td", "th"):
                inner = self.within(lists=MAX_LIST_LEVELS)
                inner.walk(child.children, marks)
                cells.append(Element(child.name, _cell_attributes(child), _tight(inner.finish())))
            elif not isinstance(child, str) or child.strip():
                table.loose.append(child)
        if cells:
            table.rows[part].append(Element("tr", (), tuple(cells)))


class _Table:
    def __init__(self) -> None:
        self.caption: list[Leaves] = []
        self.rows: dict[str, list[Element]] = {"thead": [], "tbody": []}
        self.loose: list[str | Raw] = []


class _Quote:
    """Who speaks, gathered from all that looks like the attribution of one quotation."""

    def __init__(self) -> None:
        self.record = ""
        self.name = ""
        self.roles: list[str] = []
        self.notes: Leaves = []

    def add(self, flow: _Flow, raw: Raw) -> None:
        """Reads a footer, a cite or a caption. Text only: its footnotes go to the quotation."""
        speaker = raw if raw.name == "cite" else _take_speaker(raw)
        rest = "" if speaker is raw else self.text_of(flow, raw)
        if speaker is not None:
            name = self.text_of(flow, speaker)
        elif any(_is_role(child) for child in raw.children):
            name = ""
        else:
            name, rest = rest, ""
        if name and not self.name:
            self.name = name
            self.record = _record_of(speaker)
        elif name:
            self.roles.append(name)
        if rest:
            self.roles.append(rest)

    def text_of(self, flow: _Flow, raw: Raw) -> str:
        inner = flow.within()
        inner.walk(raw.children, ())
        leaves = inner.line()
        self.notes.extend(leaf for leaf in leaves if leaf.note is not None)
        return _plain(leaves).strip(_AROUND_NAMES)

    @property
    def role(self) -> str:
        return ", ".join(self.roles)

    def footer(self) -> Element | None:
        children: list[Element] = []
        if self.name:
            record = (("data-record", self.record),) if self.record else ()
            children.append(Element("cite", record, (Text(self.name),)))
        if self.roles:
            children.append(Element("span", (), (Text(self.role),)))
        return Element("footer", (), tuple(children)) if children else None


_AROUND_NAMES = " \xa0\u202f,;:–—-"


def _is_role(child: str | Raw) -> bool:
    return (
        isinstance(child, Raw) and child.name == "span" and "data-footnote" not in child.attributes
    )


def _take_speaker(raw: Raw) -> Raw | None:
    """The first cite, or link to a record, taken out of where it stands."""
    for index, child in enumerate(raw.children):
        if isinstance(child, str) or child.name in DROPPED:
            continue
        if child.name == "cite" or (child.name == "a" and "data-record" in child.attributes):
            raw.children[index] = " "
            return child
        if "data-footnote" not in child.attributes and (found := _take_speaker(child)):
            return found
    return None


def _record_of(speaker: Raw | None) -> str:
    if speaker is None:
        return ""
    record = speaker.attributes.get("data-record", "").strip()
    if RECORD.fullmatch(record):
        return record
    for child in speaker.children:
        if isinstance(child, Raw) and (found := _record_of(child)):
            return found
    return ""


_HANDLERS = {
    "h2": _Flow.heading,
    "h3": _Flow.heading,
    "hr": _Flow.rule,
    "ul": _Flow.whole_list,
    "ol": _Flow.whole_list,
    "li": _Flow.stray_item,
    "aside": _Flow.aside,
    "blockquote": _Flow.blockquote,
    "footer": _Flow.footer,
    "figure": _Flow.figure,
    "table": _Flow.table,
}
# Parts without their whole are paragraphs, as are all blocks that we have no word for.
_PARAGRAPHS = PARAGRAPH_LIKE - set(_HANDLERS) | {
    "p",
    "figcaption",
    "caption",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
}


def _blocks(items: Iterable[Leaves | Element]) -> list[Element]:
    return [item if isinstance(item, Element) else Element("p", (), _build(item)) for item in items]


def _tight(items: list[Leaves | Element]) -> tuple[Node, ...]:
    """The content of an item or a cell: one paragraph that comes first needs no `p`."""
    if (
        items
        and not isinstance(items[0], Element)
        and all(isinstance(item, Element) for item in items[1:])
    ):
        return _build(items[0]) + tuple(_blocks(items[1:]))
    return tuple(_blocks(items))


# --- footnotes with several calls ---------------------------------------------------------------


def _note_names(root: Raw) -> frozenset[str]:
    """The names under which some footnote has a text: a call of any other leads nowhere."""
    names: set[str] = set()

    def look(raw: Raw) -> None:
        for child in raw.children:
            if isinstance(child, str) or child.name in DROPPED:
                continue
            if child.name == "span" and "data-footnote" in child.attributes:
                name = child.attributes["data-footnote"].strip()
                if name not in names and NOTE_NAME.fullmatch(name):
                    inner = _Flow(frozenset(), escaped=[], lists=0, in_note=True)
                    inner.walk(child.children, ())
                    if inner.line():
                        names.add(name)
            else:
                look(child)

    look(root)
    return frozenset(names)


def _share_notes(blocks: tuple[Element, ...]) -> tuple[Element, ...]:
    """The text of a shared footnote stands at its first call; a text that differs is a note of
    its own, so that no word is lost."""
    texts: dict[str, tuple[Node, ...]] = {}
    for block in blocks:
        for element in block.walk():
            if element.is_footnote and element.children:
                texts.setdefault(element.get("data-footnote") or "", element.children)
    called: set[str] = set()

    def shared(element: Element) -> Element:
        name = element.get("data-footnote") if element.name == "span" else None
        if not name:
            children = tuple(
                shared(child) if isinstance(child, Element) else child for child in element.children
            )
            return element if children == element.children else replace(element, children=children)
        if name not in called:
            called.add(name)
            return replace(element, children=texts[name])
        if not element.children or element.children == texts[name]:
            return replace(element, children=())
        return replace(element, attributes=(("data-footnote", ""),))

    return tuple(shared(block) for block in blocks)
