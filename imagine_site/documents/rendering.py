"""From a document to the HTML a visitor gets.

Rendering happens once, when an edition is cut, and asks a resolver for what only the database
knows: the picture behind a number, the present name and address of a record. It trusts nothing: an
element or an address that the schema does not have is not written, even from a tree made by hand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import quote

from .addresses import is_external, safe_address
from .canonical import parse
from .schema import VIDEO
from .text import inline_text
from .tree import Document, Element, Node, Text, escape_attribute, escape_text


class RenderedImage(Protocol):
    @property
    def alt(self) -> str: ...
    @property
    def credit(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...

    def url(self, *, at_least: int) -> str:
        """The address of the picture alone, so many pixels wide where it has them."""

    def picture(self, *, alt: str, sizes: str) -> str:
        """The `<picture>` element: written as it is."""


class RenderedRecord(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def url(self) -> str: ...


class RenderedFile(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def size(self) -> str:
        """For people, in the language of the page: "PDF, 1.2 MB"."""

    @property
    def language(self) -> str:
        """What the file is written in ("fr"); "" where it is in none, or in several."""


class Resolver(Protocol):
    """Knows what a document refers to. None: it is not there, or not for the public."""

    def image(self, pk: int) -> RenderedImage | None: ...
    def record(self, reference: str) -> RenderedRecord | None: ...
    def file(self, pk: int) -> RenderedFile | None: ...


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Rendered:
    html: str
    headings: tuple[Heading, ...] = ()
    footnotes: int = 0


# Said by the page itself, in the language of the document and not of the person who publishes;
# so few that a catalogue would hide them.
_WORDS: Final = {
    "en": {
        "notes": "Notes",
        "call": "Note {number}",
        "back": "Back to the text, note {number}",
        "back_one_of": "Back to the text, note {number}, call {call}",
        "table": "Table {number}",
        "titled_table": "Table {number}: {caption}",
        "watch": "Watch on {provider}",
        "watch_title": "Watch on {provider}: {title}",
        "enlarge": "Enlarge picture {number} of {total}",
        "enlarge_titled": "Enlarge picture {number} of {total}: {alt}",
        "section": "section",
    },
    "fr": {
        "notes": "Notes",
        "call": "Note {number}",
        "back": "Retour au texte, note {number}",
        "back_one_of": "Retour au texte, note {number}, appel {call}",
        "table": "Tableau {number}",
        "titled_table": "Tableau {number}\xa0: {caption}",
        "watch": "Regarder sur {provider}",
        "watch_title": "Regarder sur {provider}\xa0: {title}",
        "enlarge": "Agrandir l’image {number} sur {total}",
        "enlarge_titled": "Agrandir l’image {number} sur {total}\xa0: {alt}",
        "section": "section",
    },
}
_VIDEO_PAGES: Final = {
    "youtube": ("YouTube", "https://www.youtube.com/watch?v="),
    "vimeo": ("Vimeo", "https://vimeo.com/"),
    "dailymotion": ("Dailymotion", "https://www.dailymotion.com/video/"),
}
# How much of the window a picture takes, for the browser that chooses among the renditions.
TEXT_SIZES: Final = "(min-width: 48rem) 44rem, 100vw"
WIDE_SIZES: Final = "(min-width: 80rem) 76rem, 100vw"
GALLERY_SIZES: Final = "(min-width: 48rem) 22rem, 50vw"
#: In pixels: what a picture of a gallery leads to, alone in the window.
LARGE: Final = 1600

# Anchors that a page may use for its own parts; a heading of that name gets a number.
_RESERVED: Final = frozenset(
    [
        "content",
        "footer",
        "header",
        "main",
        "menu",
        "nav",
        "navigation",
        "notes",
        "page",
        "search",
        "top",
    ]
)
_NOTE_ANCHOR = re.compile(r"note-(?:call-)?[0-9]")
_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ø": "o", "Ø": "o"}
)
_ANCHOR_LENGTH = 60


def anchor_for(text: str) -> str:
    """The text as an ASCII anchor; "" where no letter has an ASCII form."""
    folded = unicodedata.normalize("NFKD", text.translate(_LIGATURES)).lower()
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    anchor = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
    if len(anchor) > _ANCHOR_LENGTH:
        anchor = anchor[: _ANCHOR_LENGTH + 1].rpartition("-")[0] or anchor[:_ANCHOR_LENGTH]
    return anchor


def render(document: Document | str, *, resolver: Resolver, language: str) -> Rendered:
    """The document as a visitor reads it. `language` ("fr", "en-GB") is the document's own; one
    that we have no words for gets English ones."""
    if isinstance(document, str):
        document = parse(document)
    return _Renderer(resolver, language).run(document)


@dataclass(slots=True)
class _Note:
    number: int
    children: tuple[Node, ...]
    calls: list[str] = field(default_factory=list)


class _Renderer:
    def __init__(self, resolver: Resolver, language: str) -> None:
        self.resolver = resolver
        self.language = language
        self.words = _WORDS.get(language.partition("-")[0].lower(), _WORDS["en"])
        self.headings: list[Heading] = []
        self.anchors: set[str] = set(_RESERVED)
        self.notes: list[_Note] = []
        self.named_notes: dict[str, _Note] = {}
        self.tables = 0

    def run(self, document: Document) -> Rendered:
        parts: list[str] = []
        for block in document.blocks:
            self.block(block, parts)
        self.endnotes(parts)
        return Rendered("".join(parts), tuple(self.headings), len(self.notes))

    # blocks -------------------------------------------------------------------------------------

    def block(self, element: Element, parts: list[str]) -> None:
        handler = _BLOCKS.get(element.name)
        if handler is None:
            # not an element of ours: its text is kept
            parts.append(f"<p>{self.inline((element,))}</p>")
        else:
            handler(self, element, parts)

    def blocks(self, children: Iterable[Node], parts: list[str]) -> None:
        for child in children:
            if isinstance(child, Element):
                self.block(child, parts)
            else:
                parts.append(escape_text(child.value))

    def paragraph(self, element: Element, parts: list[str]) -> None:
        parts.append(f"<p>{self.inline(element.children)}</p>\n")

    def rule(self, element: Element, parts: list[str]) -> None:
        parts.append("<hr>\n")

    def heading(self, element: Element, parts: list[str]) -> None:
        text = " ".join(inline_text(element.children, []).split())
        anchor = self.unique(anchor_for(text) or self.words["section"])
        self.headings.append(Heading(int(element.name[1]), text, anchor))
        name = element.name
        parts.append(f'<{name} id="{anchor}">{self.inline(element.children)}</{name}>\n')

    def unique(self, anchor: str) -> str:
        if _NOTE_ANCHOR.match(anchor):
            anchor = f"{self.words['section']}-{anchor}"
        candidate, number = anchor, 1
        while candidate in self.anchors:
            number += 1
            candidate = f"{anchor}-{number}"
        self.anchors.add(candidate)
        return candidate

    def whole_list(self, element: Element, parts: list[str]) -> None:
        parts.append(f"<{element.name}>\n")
        for item in element.children:
            if isinstance(item, Element):
                parts.append("<li>")
                self.mixed(item.children, parts)
                parts.append("</li>\n")
        parts.append(f"</{element.name}>\n")

    def mixed(self, children: Iterable[Node], parts: list[str]) -> None:
        """The content of an item or a cell: inline, or blocks, or first one and then the other."""
        for child in children:
            if isinstance(child, Element) and child.name in ("p", "ul", "ol"):
                self.block(child, parts)
            else:
                self.node(child, parts)

    def table(self, element: Element, parts: list[str]) -> None:
        self.tables += 1
        caption = element.child("caption")
        # Numbered, because two regions of one page need two names (WCAG 2.2 SC 4.1.2).
        if caption is not None:
            label = self.words["titled_table"].format(
                number=self.tables, caption=_one_line(caption.children)
            )
        else:
            label = self.words["table"].format(number=self.tables)
        # A wide table scrolls in its own box, which the keyboard must reach (SC 2.1.1).
        parts.append(
            f'<div class="table-scroll" tabindex="0" role="region" '
            f'aria-label="{escape_attribute(label)}"><table>\n'
        )
        for part in element.children:
            if not isinstance(part, Element):
                continue
            if part.name == "caption":
                parts.append(f"<caption>{self.inline(part.children)}</caption>\n")
            elif part.name in ("thead", "tbody"):
                parts.append(f"<{part.name}>\n")
                self.rows(part.children, parts)
                parts.append(f"</{part.name}>\n")
        parts.append("</table></div>\n")

    def rows(self, rows: Iterable[Node], parts: list[str]) -> None:
        for row in rows:
            if not isinstance(row, Element):
                continue
            parts.append("<tr>")
            for cell in row.children:
                if not isinstance(cell, Element) or cell.name not in ("td", "th"):
                    continue
                attributes = "".join(
                    f' {name}="{escape_attribute(value)}"'
                    for name, value in cell.attributes
                    if name in ("scope", "colspan", "rowspan")
                )
                parts.append(f"<{cell.name}{attributes}>")
                self.mixed(cell.children, parts)
                parts.append(f"</{cell.name}>")
            parts.append("</tr>\n")

    def quote(self, element: Element, parts: list[str]) -> None:
        parts.append('<figure class="pull-quote"><blockquote>\n')
        footer = element.child("footer")
        self.blocks((child for child in element.children if child is not footer), parts)
        parts.append("</blockquote>")
        if footer is not None:
            speaker, role = footer.child("cite"), footer.child("span")
            named: list[str] = []
            if speaker is not None:
                name = escape_text(_one_line(speaker.children))
                named.append(self.record_link(speaker.get("data-record"), name))
            if role is not None:
                named.append(escape_text(_one_line(role.children)))
            parts.append(f"<figcaption>{', '.join(named)}</figcaption>")
        parts.append("</figure>\n")

    def aside(self, element: Element, parts: list[str]) -> None:
        # No `aside` in the page: as a landmark inside the article it would be noise.
        if element.get("data-figure") is not None:
            parts.append('<div class="key-figure">\n')
        else:
            parts.append('<div class="callout" role="note">\n')
        self.blocks(element.children, parts)
        parts.append("</div>\n")

    def figure(self, element: Element, parts: list[str]) -> None:
        caption = element.child("figcaption")
        if gallery := element.get("data-gallery"):
            self.gallery(gallery.split(), caption, parts)
        elif video := element.get("data-video"):
            self.video(video, element.get("data-poster"), caption, parts)
        else:
            self.picture(element, caption, parts)

    def picture(self, element: Element, caption: Element | None, parts: list[str]) -> None:
        image = self.image(element.get("data-image"))
        if image is None:
            return
        wide = element.get("data-width") == "wide"
        alt = element.get("data-alt") or image.alt
        parts.append(f'<figure class="figure{" figure--wide" if wide else ""}">')
        parts.append(image.picture(alt=alt, sizes=WIDE_SIZES if wide else TEXT_SIZES))
        written = [self.inline(caption.children)] if caption is not None else []
        if image.credit:
            written.append(_credit(image.credit))
        if written:
            parts.append(f"<figcaption>{' '.join(written)}</figcaption>")
        parts.append("</figure>\n")

    def gallery(self, keys: list[str], caption: Element | None, parts: list[str]) -> None:
        images = [image for image in map(self.image, keys) if image is not None]
        if not images:
            return
        parts.append('<figure class="figure figure--wide gallery"><ul class="gallery__images">\n')
        for number, image in enumerate(images, 1):
            credit = f" {_credit(image.credit)}" if image.credit else ""
            picture = image.picture(alt=image.alt, sizes=GALLERY_SIZES)
            # A link to the picture itself: complete without a script, which opens it in the page.
            wording = self.words["enlarge_titled" if image.alt else "enlarge"]
            label = wording.format(number=number, total=len(images), alt=image.alt)
            address = escape_attribute(image.url(at_least=LARGE))
            parts.append(
                f'<li><a class="gallery__link" href="{address}" '
                f'aria-label="{escape_attribute(label)}">{picture}</a>{credit}</li>\n'
            )
        parts.append("</ul>")
        self.caption(caption, parts)
        parts.append("</figure>\n")

    def video(
        self, video: str, poster: str | None, caption: Element | None, parts: list[str]
    ) -> None:
        """A card with a plain link: the provider learns of the visitor who follows it only."""
        if not VIDEO.fullmatch(video):
            return
        key, _, identifier = video.partition(":")
        provider, page = _VIDEO_PAGES[key]
        title = _one_line(caption.children) if caption is not None else ""
        # The visible words begin the name (WCAG 2.2 SC 2.5.3).
        label = self.words["watch_title"].format(provider=provider, title=title)
        named = f' aria-label="{escape_attribute(label)}"' if title else ""
        image = self.image(poster)
        parts.append(
            f'<figure class="figure video"><a class="video__link" '
            f'href="{page}{quote(identifier)}" rel="external noopener"{named}>'
        )
        if image is not None:
            parts.append(image.picture(alt="", sizes=TEXT_SIZES))
        watch = escape_text(self.words["watch"].format(provider=provider))
        parts.append(f'<span class="video__watch">{watch}</span></a>')
        written = [self.inline(caption.children)] if caption is not None else []
        if image is not None and image.credit:
            written.append(_credit(image.credit))
        if written:
            parts.append(f"<figcaption>{' '.join(written)}</figcaption>")
        parts.append("</figure>\n")

    def caption(self, caption: Element | None, parts: list[str]) -> None:
        if caption is not None:
            parts.append(f"<figcaption>{self.inline(caption.children)}</figcaption>")

    def image(self, key: str | None) -> RenderedImage | None:
        return self.resolver.image(int(key)) if key and key.isdecimal() else None

    # inline -------------------------------------------------------------------------------------

    def inline(self, children: Iterable[Node]) -> str:
        parts: list[str] = []
        for child in children:
            self.node(child, parts)
        return "".join(parts)

    def node(self, node: Node, parts: list[str]) -> None:
        if isinstance(node, Text):
            parts.append(escape_text(node.value))
            return
        name = node.name
        if name in ("strong", "em", "sub", "sup"):
            parts.append(f"<{name}>{self.inline(node.children)}</{name}>")
        elif name == "a":
            parts.append(self.link(node))
        elif name == "br":
            parts.append("<br>")
        elif name == "span" and node.get("data-footnote") is not None:
            parts.append(self.call(node))
        elif name == "span" and (language := node.get("lang")):
            language = escape_attribute(language)
            parts.append(f'<span lang="{language}">{self.inline(node.children)}</span>')
        else:
            parts.append(self.inline(node.children))

    def link(self, element: Element) -> str:
        text = self.inline(element.children)
        if record := element.get("data-record"):
            return self.record_link(record, text)
        if key := element.get("data-file"):
            return self.file_link(key, text)
        address = safe_address(element.get("href"))
        if address is None:
            return text
        external = ' rel="external noopener"' if is_external(address) else ""
        return f'<a href="{escape_attribute(address)}"{external}>{text}</a>'

    def file_link(self, key: str, text: str) -> str:
        file = self.resolver.file(int(key)) if key.isdecimal() else None
        address = safe_address(file.url) if file is not None else None
        if file is None or address is None:
            return text
        # Within the link, so that its name says what one gets (WCAG 2.2 SC 2.4.4, technique G190).
        size = f' <span class="file__size">({escape_text(file.size)})</span>' if file.size else ""
        other = ""
        if file.language and file.language != self.language:
            other = f' hreflang="{escape_attribute(file.language)}"'
        return f'<a class="file" href="{escape_attribute(address)}"{other}>{text}{size}</a>'

    def record_link(self, reference: str | None, text: str) -> str:
        record = self.resolver.record(reference) if reference else None
        address = safe_address(record.url) if record is not None else None
        if address is None:
            return text
        return f'<a href="{escape_attribute(address)}">{text}</a>'

    # footnotes ----------------------------------------------------------------------------------

    def call(self, element: Element) -> str:
        name = element.get("data-footnote")
        note = self.named_notes.get(name) if name else None
        if note is None:
            note = _Note(len(self.notes) + 1, element.children)
            self.notes.append(note)
            if name:
                self.named_notes[name] = note
        elif element.children and not note.children:
            note.children = element.children
        number = note.number
        anchor = f"note-call-{number}"
        if note.calls:
            anchor = f"{anchor}-{len(note.calls) + 1}"
        note.calls.append(anchor)
        label = self.words["call"].format(number=number)
        return (
            f'<sup class="footnote-call"><a href="#note-{number}" id="{anchor}" '
            f'role="doc-noteref" aria-label="{label}">{number}</a></sup>'
        )

    def endnotes(self, parts: list[str]) -> None:
        if not self.notes:
            return
        parts.append(
            '<section class="footnotes" role="doc-endnotes" aria-labelledby="notes">'
            f'<h2 id="notes">{self.words["notes"]}</h2>\n<ol>\n'
        )
        index = 0
        while index < len(self.notes):
            note = self.notes[index]
            index += 1
            text = self.inline(note.children)
            parts.append(f'<li id="note-{note.number}">{text} {self.back_links(note)}</li>\n')
        parts.append("</ol></section>\n")

    def back_links(self, note: _Note) -> str:
        several = len(note.calls) > 1
        links = []
        for call, anchor in enumerate(note.calls, start=1):
            wording = self.words["back_one_of" if several else "back"]
            label = wording.format(number=note.number, call=call)
            # U+FE0E: an arrow of the text, not a coloured picture
            mark = f"↩\ufe0e<sup>{call}</sup>" if several else "↩\ufe0e"
            links.append(f'<a href="#{anchor}" role="doc-backlink" aria-label="{label}">{mark}</a>')
        return " ".join(links)


_BLOCKS: dict[str, Callable[[_Renderer, Element, list[str]], None]] = {
    "p": _Renderer.paragraph,
    "h2": _Renderer.heading,
    "h3": _Renderer.heading,
    "hr": _Renderer.rule,
    "ul": _Renderer.whole_list,
    "ol": _Renderer.whole_list,
    "table": _Renderer.table,
    "blockquote": _Renderer.quote,
    "aside": _Renderer.aside,
    "figure": _Renderer.figure,
}


def _one_line(children: Iterable[Node]) -> str:
    return inline_text(children, []).replace("\n", " ")


def _credit(credit: str) -> str:
    sign = "" if credit.lstrip().startswith(("©", "(c)", "(C)")) else "© "
    return f'<small class="credit">{sign}{escape_text(credit.strip())}</small>'
