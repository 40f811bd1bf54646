"""The body of a text, in one language: what may be in it, and all that is ever done with it.

One continuous document, and not a stack of typed blocks, because a text is written, pasted,
compared and annotated as a whole. A footnote stands where it is called, a quotation between the
paragraphs it belongs to; the importer, the editor's autosave, the preview, two versions side by
side and the search index all handle one value. What is ours in it (a figure from the library, the
speaker of a quotation, a link to a record) is plain HTML with `data-` attributes, so that the text
outlives this software. The price is our own dialogs in the editor.

The value is HTML of a closed schema (`schema`) in one canonical form:

    any HTML ── parse ──► Document ── serialise, sanitise ──► stored HTML      (`clean` does both)
    Document ──► render · plain_text · references · quotes · word_diff

Pure Python: no Django here, so that importers and checks can use it without a database.
"""

from .addresses import safe_address
from .canonical import parse
from .cleaning import clean
from .diff import word_diff
from .errors import DocumentError, DocumentTooDeep, DocumentTooLarge
from .quotes import Quote, quotes
from .references import References, references
from .rendering import (
    Heading,
    Rendered,
    RenderedFile,
    RenderedImage,
    RenderedRecord,
    Resolver,
    anchor_for,
    render,
)
from .text import plain_text, words
from .tree import Document, Element, Node, Text, escape_attribute, escape_text, serialise

__all__ = [
    "Document",
    "DocumentError",
    "DocumentTooDeep",
    "DocumentTooLarge",
    "Element",
    "Heading",
    "Node",
    "Quote",
    "References",
    "Rendered",
    "RenderedFile",
    "RenderedImage",
    "RenderedRecord",
    "Resolver",
    "Text",
    "anchor_for",
    "clean",
    "escape_attribute",
    "escape_text",
    "parse",
    "plain_text",
    "quotes",
    "references",
    "render",
    "safe_address",
    "serialise",
    "word_diff",
    "words",
]
