"""Two versions of a document in one readable text: what was added, removed, moved or said anew.

Blocks are matched first, then the items, rows and quotations within them, then words: a paragraph
that moved is one that moved, and a word corrected in it is one word. The result is HTML to be read
like the text itself, and never shows a tag; what it cannot know (the picture behind a number, the
name of a record, the words for "added" in a language) it is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from .canonical import parse
from .diff import Operation, same_words, token_diff, tokens
from .text import block_text
from .text import words as words_of
from .tree import Document, Element, Node, Text, escape_attribute, escape_text, serialise_blocks

#: Blocks with at least this part of their words in common are one block that was changed.
ALIKE: Final = 0.4
#: Two places far from each other need more in common to be one block that moved.
MOVED: Final = 0.8
#: Below this, old and new words are shown whole, one after the other: every second word struck
#: through is not readable.
INTERWOVEN: Final = 0.35
# Pairs are sought by comparing each with each: a region with more was written anew.
_MOST_PAIRS: Final = 40_000
# As many blocks without a change are folded away.
_FOLDED: Final = 3


class ComparedPicture(Protocol):
    """A picture of the library, small."""

    @property
    def url(self) -> str: ...
    @property
    def alt(self) -> str: ...
    @property
    def label(self) -> str: ...


class Names(Protocol):
    """What a comparison has to be told of what a document refers to; None: it is not there."""

    def picture(self, pk: int) -> ComparedPicture | None: ...
    def record(self, reference: str) -> str | None: ...
    def file(self, pk: int) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Words:
    """Said by the comparison itself, in the language of whoever reads it."""

    added: str = "added:"
    removed: str = "removed:"
    end: str = "end of the change."
    moved: str = "Moved here"
    moved_away: str = "Stood here before:"
    note: str = "note:"
    picture: str = "Picture"
    missing_picture: str = "A picture that is no longer in the library"
    alternative: str = "Alternative text:"
    caption: str = "Caption:"
    wide: str = "wide"
    video: str = "Video"
    heading: str = "Heading"
    subheading: str = "Subheading"
    paragraph: str = "Paragraph"
    list: str = "List"
    rule: str = "A line across"
    #: With the number of blocks, in the form that the language wants for it.
    unchanged: Callable[[int], str] = "{} blocks as before".format


@dataclass(frozen=True, slots=True)
class Change:
    """One block, as it was and as it is: "~" is one that was changed, "<" the place that a moved
    one left, ">" the place it came to."""

    operation: Literal["=", "-", "+", "~", "<", ">"]
    old: Element | None
    new: Element | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`html` in the order of the new text; the counts are of words and of whole blocks."""

    html: str
    is_same: bool
    added: int = 0
    removed: int = 0
    moved: int = 0


def compare(
    old: Document | str, new: Document | str, *, names: Names, words: Words | None = None
) -> Comparison:
    """Both documents in one, marked with `<ins>` and `<del>`."""
    before = parse(old) if isinstance(old, str) else old
    after = parse(new) if isinstance(new, str) else new
    if before == after:
        return Comparison("", is_same=True)
    writer = _Writer(names, words or Words())
    writer.text(block_changes(before.blocks, after.blocks))
    return Comparison(
        "".join(writer.parts),
        is_same=False,
        added=writer.added,
        removed=writer.removed,
        moved=writer.moved,
    )


# matching ---------------------------------------------------------------------------------------


def block_changes(before: Iterable[Element], after: Iterable[Element]) -> list[Change]:
    """Every block of both texts, in the order of the new one; what went stands where it was."""
    old, new = list(before), list(after)
    keys = [list(serialise_blocks(blocks)) for blocks in (old, new)]
    start = _same_at_start(*keys)
    end = _same_at_start(keys[0][start:][::-1], keys[1][start:][::-1])
    inner_old, inner_new = old[start : len(old) - end], new[start : len(new) - end]
    if len(inner_old) * len(inner_new) <= _MOST_PAIRS:
        changed = _paired(inner_old, inner_new)
    else:
        inner = [each[start : len(each) - end] for each in keys]
        changed = _between_same_ones(inner_old, inner_new, *inner)
    return [
        *(Change("=", *pair) for pair in zip(old[:start], new[:start], strict=True)),
        *_with_rewritten(_with_moves(changed)),
        *(
            Change("=", *pair)
            for pair in zip(old[len(old) - end :], new[len(new) - end :], strict=True)
        ),
    ]


def _same_at_start(before: list[str], after: list[str]) -> int:
    count = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        count += 1
    return count


def _between_same_ones(
    old: list[Element], new: list[Element], old_keys: list[str], new_keys: list[str]
) -> list[Change]:
    """For long texts: the blocks that are the same stay where they are, the others are matched
    between them."""
    changes: list[Change] = []
    i = j = 0
    begun: tuple[int, int] = (0, 0)
    for operation, run in [*token_diff(old_keys, new_keys), ("=", ())]:
        if operation == "=":
            region = (old[begun[0] : i], new[begun[1] : j])
            if len(region[0]) * len(region[1]) <= _MOST_PAIRS:
                changes += _paired(*region)
            else:
                changes += [Change("-", block, None) for block in region[0]]
                changes += [Change("+", None, block) for block in region[1]]
            for _same in run:
                changes.append(Change("=", old[i], new[j]))
                i, j = i + 1, j + 1
            begun = (i, j)
        elif operation == "-":
            i += len(run)
        else:
            j += len(run)
    return changes


def _paired(old: list[Element], new: list[Element]) -> list[Change]:
    """Blocks that are the same, or the same one changed, and around them what went and came."""
    pairs = _best_pairs([_Bag(block) for block in old], [_Bag(block) for block in new])
    found: list[Change] = []
    at_old = at_new = 0
    for i, j in [*pairs, (len(old), len(new))]:
        found += [Change("-", block, None) for block in old[at_old:i]]
        found += [Change("+", None, block) for block in new[at_new:j]]
        if i < len(old):
            found.append(Change("=" if old[i] == new[j] else "~", old[i], new[j]))
        at_old, at_new = i + 1, j + 1
    return found


def _best_pairs(old: list[_Bag], new: list[_Bag]) -> list[tuple[int, int]]:
    """The pairs, in order, that have most in common altogether (a longest common subsequence whose
    elements weigh what they have in common)."""
    alike = [[a.likeness(b) for b in new] for a in old]
    weights = [
        [likeness * (1 + min(a.size, b.size)) for likeness, b in zip(row, new, strict=True)]
        for row, a in zip(alike, old, strict=True)
    ]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            paired = weights[i][j] + best[i + 1][j + 1] if alike[i][j] >= ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if alike[i][j] >= ALIKE and best[i][j] == weights[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _with_moves(changes: list[Change]) -> list[Change]:
    """A block removed here and added there, all but the same, moved."""
    gone = [i for i, change in enumerate(changes) if change.operation == "-"]
    come = [i for i, change in enumerate(changes) if change.operation == "+"]
    if not gone or not come or len(gone) * len(come) > _MOST_PAIRS:
        return changes
    bags = {i: _Bag(changes[i].old) for i in gone} | {i: _Bag(changes[i].new) for i in come}
    likely = sorted(
        (-likeness, i, j)
        for i in gone
        for j in come
        if (likeness := bags[i].likeness(bags[j])) >= MOVED and bags[i].is_telling
    )
    found = list(changes)
    taken: set[int] = set()
    for _likeness, i, j in likely:
        if i not in taken and j not in taken:
            taken |= {i, j}
            found[i] = Change("<", changes[i].old, changes[j].new)
            found[j] = Change(">", changes[i].old, changes[j].new)
    return found


def _with_rewritten(changes: list[Change]) -> list[Change]:
    """As many blocks of the same kinds come where others went: each was written anew."""
    found: list[Change] = []
    gone: list[Element] = []
    come: list[Element] = []
    for change in [*changes, None]:
        if change is not None and change.operation == "-":
            gone.append(change.old)
        elif change is not None and change.operation == "+":
            come.append(change.new)
        else:
            if [_family(block) for block in gone] == [_family(block) for block in come]:
                found += [Change("~", *pair) for pair in zip(gone, come, strict=True)]
            else:
                found += [Change("-", block, None) for block in gone]
                found += [Change("+", None, block) for block in come]
            gone, come = [], []
            if change is not None:
                found.append(change)
    return found


def _family(block: Element) -> str:
    return _FAMILIES.get(block.name, block.name)


class _Bag:
    """The words of a block, and what else it holds, to be compared without regard to order."""

    def __init__(self, block: Element):
        notes: list[str] = []
        text = block_text(block, notes) if block.name else ""
        if not block.name:
            text = block_text(Element("p", (), block.children), notes)
        self.family = _family(block)
        self.words = Counter(words_of(" ".join([text, *notes])))
        for element in block.walk():
            for attribute in ("data-image", "data-gallery", "data-video"):
                if value := element.get(attribute):
                    self.words[f"{attribute}={value}"] += 4
        self.size = self.words.total()

    @property
    def is_telling(self) -> bool:
        """Long enough that its likeness to another is no chance."""
        return self.size >= 4

    def likeness(self, other: _Bag) -> float:
        """From 0 to 1 (Sørensen–Dice); blocks of different kinds are never the same one."""
        if self.family != other.family:
            return 0.0
        if not self.size and not other.size:
            return 1.0
        smaller, larger = sorted((self.size, other.size))
        if 2 * smaller / (smaller + larger) < ALIKE:
            return 0.0
        return 2 * (self.words & other.words).total() / (self.size + other.size)


# A paragraph may become a heading or an item and stay the same text.
_FAMILIES: Final = {"h2": "p", "h3": "p", "": "p", "ol": "ul", "th": "td"}


# inline -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Token:
    """A word with what it is marked with, outermost first."""

    text: str
    marks: tuple[tuple[str, str], ...] = ()


def _word_and_marks(token: _Token) -> tuple:
    return token.text.strip(" "), token.marks


def _inline(nodes: Iterable[Node], marks: tuple[tuple[str, str], ...] = ()) -> Iterator[_Token]:
    for node in nodes:
        if isinstance(node, Text):
            yield from (_Token(token, marks) for token in tokens(node.value))
        elif node.name == "br":
            yield _Token("\n", marks)
        elif node.is_footnote:
            yield _Token("", (*marks, ("note", node.get("data-footnote") or "")))
            yield from _inline(node.children, (*marks, ("note", node.get("data-footnote") or "")))
        else:
            mark = _mark(node)
            yield from _inline(node.children, (*marks, mark) if mark else marks)


def _mark(node: Element) -> tuple[str, str] | None:
    match node.name:
        case "a" | "cite":
            for attribute in ("data-record", "data-file", "href"):
                if value := node.get(attribute):
                    return (attribute, value)
            return None
        case "span":
            return ("lang", node.get("lang") or "")
        case "strong" | "em" | "sub" | "sup":
            return (node.name, "")
    return None


def _parts(element: Element) -> list[Element]:
    """What an element holds as blocks: runs of inline content become nameless ones."""
    parts: list[Element] = []
    inline: list[Node] = []
    for child in element.children:
        if element.name == "footer" and inline:  # the speaker, and then in which role
            inline.append(Text(", "))
        if isinstance(child, Element) and child.name in _INNER:
            if inline:
                parts.append(Element("", (), tuple(inline)))
            inline = []
            parts.append(child)
        else:
            inline.append(child)
    if inline:
        parts.append(Element("", (), tuple(inline)))
    return parts


_INNER: Final = frozenset(
    ["p", "h2", "h3", "ul", "ol", "li", "hr", "table", "blockquote", "aside", "figure", "footer"]
)


# writing ----------------------------------------------------------------------------------------


class _Writer:
    def __init__(self, names: Names, words: Words):
        self.names, self.words = names, words
        self.parts: list[str] = []
        self.added = self.removed = self.moved = 0

    # blocks

    def text(self, changes: list[Change]) -> None:
        """The whole text; what is the same far from any change can be unfolded."""
        at = 0
        while at < len(changes):
            end = at
            while end < len(changes) and changes[end].operation == "=":
                end += 1
            same = changes[at:end]
            before = 1 if at else 0
            after = 1 if end < len(changes) else 0
            if len(same) - before - after >= _FOLDED:
                folded = same[before : len(same) - after]
                self.changes(same[:before])
                self.parts.append(
                    '<details class="compared__same"><summary>'
                    f"{escape_text(self.words.unchanged(len(folded)))}</summary>"
                )
                self.changes(folded)
                self.parts.append("</details>")
                self.changes(same[len(same) - after :])
            else:
                self.changes(same)
            self.changes(changes[end : end + 1])
            at = end + 1

    def changes(self, changes: Iterable[Change]) -> None:
        for change in changes:
            match change.operation:
                case "=":
                    self.block(change.new, "=")
                case "+":
                    self.block(change.new, "+")
                case "-":
                    self.block(change.old, "-")
                case "<":
                    start = " ".join(self.text_of(change.old).split()[:8])
                    self.parts.append(
                        f'<p class="compared__left">{escape_text(self.words.moved_away)} '
                        f"{escape_text(start)}…</p>"
                    )
                case ">":
                    self.moved += 1
                    self.parts.append(
                        '<div class="compared__moved"><p class="compared__label">'
                        f"{escape_text(self.words.moved)}</p>"
                    )
                    self.pair(change.old, change.new)
                    self.parts.append("</div>")
                case _:
                    self.pair(change.old, change.new)

    @staticmethod
    def text_of(block: Element) -> str:
        return block_text(block if block.name else Element("p", (), block.children), [])

    def block(self, block: Element, operation: Operation) -> None:
        """A block that is the same throughout, or new throughout, or gone."""
        match block.name:
            case "figure":
                self.figure(block, operation)
            case "table":
                self.table(block, block, operation)
            case "hr":
                self.whole("p", operation, f"— {escape_text(self.words.rule)} —")
            case "ul" | "ol" | "blockquote" | "aside" | "li" | "footer":
                self.open(block)
                for part in _parts(block):
                    self.block(part, operation)
                self.close(block)
            case _:
                self.parts.append(f"<{block.name or 'div'}>")
                self.run(operation, list(_inline(block.children)))
                self.parts.append(f"</{block.name or 'div'}>")

    def pair(self, old: Element, new: Element) -> None:
        """A block that was changed."""
        if old == new:
            self.block(new, "=")
            return
        match new.name:
            case "figure":
                self.figures(old, new)
            case "table":
                self.table(old, new, "~")
            case "hr":
                self.block(new, "=")
            case "ul" | "ol" | "blockquote" | "aside" | "li" | "footer":
                if old.name != new.name:
                    self.became(old, new)
                self.open(new)
                self.changes(block_changes(_parts(old), _parts(new)))
                self.close(new)
            case _:
                if old.name != new.name and old.name and new.name:
                    self.became(old, new)
                self.parts.append(f"<{new.name or 'div'}>")
                self.inline(old.children, new.children)
                self.parts.append(f"</{new.name or 'div'}>")

    def open(self, block: Element) -> None:
        if block.name == "aside":
            self.parts.append('<div class="compared__aside">')
        else:
            self.parts.append(f"<{block.name}>")

    def close(self, block: Element) -> None:
        self.parts.append("</div>" if block.name == "aside" else f"</{block.name}>")

    def became(self, old: Element, new: Element) -> None:
        kinds = {
            "h2": self.words.heading,
            "h3": self.words.subheading,
            "p": self.words.paragraph,
            "ul": f"{self.words.list} •",
            "ol": f"{self.words.list} 1.",
        }
        before, after = (kinds.get(block.name, block.name) for block in (old, new))
        self.parts.append(
            f'<p class="compared__label">{self.marked("-", escape_text(before))} → '
            f"{self.marked('+', escape_text(after))}</p>"
        )

    # tables

    def table(self, old: Element, new: Element, operation: Operation | str) -> None:
        caption = [table.child("caption") for table in (old, new)]
        self.parts.append('<div class="compared__table" tabindex="0"><table>')
        if any(caption):
            self.parts.append("<caption>")
            self.contents(*caption, operation)
            self.parts.append("</caption>")
        self.parts.append("<tbody>")
        if operation == "~":
            for change in block_changes(_rows(old), _rows(new)):
                if change.operation in ("<", ">"):  # a row that moved was removed and added
                    change = (
                        Change("-", change.old, None)
                        if change.operation == "<"
                        else Change("+", None, change.new)
                    )
                self.row(change)
        else:
            for row in _rows(new):
                self.row(Change(operation, row, row))
        self.parts.append("</tbody></table></div>")

    def row(self, change: Change) -> None:
        old, new = (
            [cell for cell in row.children if isinstance(cell, Element)] if row else []
            for row in (change.old, change.new)
        )
        if change.operation == "~" and len(old) != len(new):
            self.row(Change("-", change.old, None))
            self.row(Change("+", None, change.new))
            return
        self.parts.append("<tr>")
        shown = old if change.operation == "-" else new
        for number, cell in enumerate(shown):
            spans = "".join(
                f' {name}="{escape_attribute(value)}"'
                for name, value in cell.attributes
                if name in ("colspan", "rowspan", "scope")
            )
            self.parts.append(f"<{cell.name}{spans}>")
            before = old[number] if number < len(old) else None
            after = new[number] if number < len(new) else None
            self.contents(before, after, change.operation)
            self.parts.append(f"</{cell.name}>")
        self.parts.append("</tr>")

    def contents(self, old: Element | None, new: Element | None, operation: str) -> None:
        """What stands in a cell or a caption, without the cell."""
        if operation == "~" and old is not None and new is not None and old != new:
            self.changes(block_changes(_parts(old), _parts(new)))
            return
        shown = (old if operation == "-" else new) or old or new
        if operation == "~" and old != new:
            operation = "+" if old is None else "-"
        for part in _parts(shown) if shown is not None else ():
            self.block(part, "=" if operation == "~" else operation)

    # figures

    def figure(self, figure: Element, operation: Operation) -> None:
        self.figures(figure if operation != "+" else None, figure if operation != "-" else None)

    def figures(self, old: Element | None, new: Element | None) -> None:
        before, after = _keys(old), _keys(new)
        self.parts.append('<figure class="compared__figure">')
        was, now = _width(old), _width(new)
        if old is not None and new is not None and was != now:
            self.parts.append(self.marked("+" if now else "-", escape_text(self.words.wide)))
        self.parts.append('<ul class="compared__pictures">')
        for operation, run in token_diff(before, after):
            self.parts += [self.thumbnail(key, operation) for key in run]
        self.parts.append("</ul>")
        alt = [figure.get("data-alt") or "" if figure is not None else "" for figure in (old, new)]
        if any(alt):
            self.labelled(self.words.alternative, *(([Text(text)] if text else []) for text in alt))
        captions = [
            figure.child("figcaption") if figure is not None else None for figure in (old, new)
        ]
        if any(captions):
            self.labelled(
                self.words.caption, *((c.children if c is not None else ()) for c in captions)
            )
        self.parts.append("</figure>")

    def labelled(self, label: str, old: Iterable[Node], new: Iterable[Node]) -> None:
        self.parts.append(f'<p><span class="compared__label">{escape_text(label)}</span> ')
        self.inline(old, new)
        self.parts.append("</p>")

    def thumbnail(self, key: str, operation: Operation) -> str:
        kind, _, value = key.partition("=")
        if kind == "video":
            inner = f"{escape_text(self.words.video)} {escape_text(value)}"
        else:
            picture = self.names.picture(int(value)) if value.isdecimal() else None
            if picture is None:
                inner = escape_text(f"{self.words.missing_picture} ({value})")
            else:
                inner = (
                    f'<img src="{escape_attribute(picture.url)}" alt="" loading="lazy">'
                    f"<span>{escape_text(picture.label)}</span>"
                    f"<small>{escape_text(self.words.alternative)} "
                    f"{escape_text(picture.alt or '–')}</small>"
                )
        self.count(operation, 1)
        return f"<li>{self.marked(operation, inner)}</li>"

    # inline

    def inline(self, before: Iterable[Node], after: Iterable[Node]) -> None:
        old, new = list(_inline(before)), list(_inline(after))
        if old and new and _likeness(old, new) < INTERWOVEN:
            self.run("-", old)
            self.parts.append(" ")
            self.run("+", new)
            return
        runs = same_words(old, new, key=_word_and_marks, size=lambda token: len(token.text))
        for operation, run in runs:
            self.run(operation, list(run))

    def run(self, operation: Operation, run: list[_Token]) -> None:
        if not run:
            return
        self.count(operation, sum(1 for token in run if token.text.strip()))
        inner = "".join(self.marks(run, 0, with_targets=operation != "="))
        self.parts.append(self.marked(operation, inner))

    def whole(self, name: str, operation: Operation, inner: str) -> None:
        self.parts.append(f"<{name}>{self.marked(operation, inner)}</{name}>")

    def count(self, operation: Operation, number: int) -> None:
        if operation == "+":
            self.added += number
        elif operation == "-":
            self.removed += number

    def marked(self, operation: Operation, inner: str) -> str:
        if operation == "=":
            return inner
        name, word = ("ins", self.words.added) if operation == "+" else ("del", self.words.removed)
        return (
            f'<{name}><span class="visually-hidden">{escape_text(word)} </span>{inner}'
            f'<span class="visually-hidden"> {escape_text(self.words.end)}</span></{name}>'
        )

    def marks(self, run: list[_Token], depth: int, *, with_targets: bool) -> Iterator[str]:
        """The words of a run, those with the same mark at a depth put into one element."""
        at = 0
        while at < len(run):
            mark = run[at].marks[depth] if len(run[at].marks) > depth else None
            end = at
            while end < len(run) and mark == (
                run[end].marks[depth] if len(run[end].marks) > depth else None
            ):
                end += 1
            if mark is None:
                for token in run[at:end]:
                    yield "<br>" if token.text == "\n" else escape_text(token.text)
            else:
                inner = "".join(self.marks(run[at:end], depth + 1, with_targets=with_targets))
                yield self.wrapped(mark, inner, with_target=with_targets)
            at = end

    def wrapped(self, mark: tuple[str, str], inner: str, *, with_target: bool) -> str:
        kind, value = mark
        match kind:
            case "strong" | "em" | "sub" | "sup":
                return f"<{kind}>{inner}</{kind}>"
            case "lang":
                return f'<span lang="{escape_attribute(value)}">{inner}</span>'
            case "note":
                return (
                    f'<span class="compared__note">[{escape_text(self.words.note)} {inner}]</span>'
                )
        target = value
        if kind == "data-record":
            target = self.names.record(value) or value
        elif kind == "data-file":
            target = self.names.file(int(value)) or value
        more = f" <small>(→ {escape_text(target)})</small>" if with_target else ""
        return f'<span class="compared__link">{inner}{more}</span>'


def _likeness(old: list[_Token], new: list[_Token]) -> float:
    counts: list[Mapping] = [Counter(token.text.strip() for token in each) for each in (old, new)]
    return 2 * (counts[0] & counts[1]).total() / (len(old) + len(new))


def _rows(table: Element) -> list[Element]:
    return [element for element in table.walk() if element.name == "tr"]


def _keys(figure: Element | None) -> list[str]:
    """The pictures of a figure in their order, and its film."""
    if figure is None:
        return []
    keys = [f"video={video}"] if (video := figure.get("data-video")) else []
    for attribute in ("data-image", "data-gallery", "data-poster"):
        keys += [f"image={key}" for key in (figure.get(attribute) or "").split()]
    return keys


def _width(figure: Element | None) -> bool:
    return figure is not None and figure.get("data-width") == "wide"
