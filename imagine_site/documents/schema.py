"""What a document may contain: the one list of elements and attributes the project knows.

Reading, sanitising, rendering and the editor's configuration all take their lists from here, so
that a new element is allowed in one place or nowhere. The tables below the schema say what becomes
of the rest of HTML: renamed, unwrapped (its text is kept) or dropped with its content.
"""

import re
from typing import Final

# Bounds. A sanitiser's time grows with the square of the nesting, so both are checked while the
# source is read once from left to right, before anything is built from it.
MAX_BYTES: Final = 300_000
MAX_DEPTH: Final = 100
# A tag every 25 bytes all through the longest document: even a Word export with a span around
# every word has fewer, and each costs more time than the letters between.
MAX_TAGS: Final = 12_000
# Deeper lists are flattened into the eighth: nobody can read them, and a canonical document thus
# stays far below MAX_DEPTH whatever it was made of.
MAX_LIST_LEVELS: Final = 8

# element -> its attributes, in the order in which they are written
ELEMENTS: Final[dict[str, tuple[str, ...]]] = {
    # blocks
    "p": (),
    "h2": (),
    "h3": (),
    "ul": (),
    "ol": (),
    "li": (),
    "hr": (),
    "table": (),
    "caption": (),
    "thead": (),
    "tbody": (),
    "tr": (),
    "th": ("scope", "colspan", "rowspan"),
    "td": ("colspan", "rowspan"),
    "blockquote": (),
    "footer": (),
    "cite": ("data-record",),
    "figure": (
        "data-image",
        "data-gallery",
        "data-video",
        "data-poster",
        "data-width",
        "data-alt",
    ),
    "figcaption": (),
    "aside": ("data-figure",),
    # inline
    "a": ("href", "data-record", "data-file"),
    "span": ("lang", "data-footnote"),
    "strong": (),
    "em": (),
    "sub": (),
    "sup": (),
    "br": (),
}
VOID: Final = frozenset({"br", "hr"})

# Inline marks, outermost first. The order is fixed so that the same formatting is always written
# the same way: a link is never inside the bold it contains.
MARKS: Final = ("a", "span", "strong", "em", "sub", "sup")

LINK_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
RECORD_KINDS: Final = ("researcher", "laboratory", "startup", "foundingmember")
VIDEO_PROVIDERS: Final = ("youtube", "vimeo", "dailymotion")
FIGURE_WIDTHS: Final = ("text", "wide")
HEADER_SCOPES: Final = ("col", "row", "colgroup", "rowgroup")
MAX_SPAN: Final = 100
MAX_ADDRESS: Final = 2048

# The kinds are checked where a record is looked up: a document must survive the day a kind is
# added or renamed, so here only the shape counts.
RECORD: Final = re.compile(r"[a-z]{2,20}:[1-9][0-9]{0,17}")
KEY: Final = re.compile(r"[1-9][0-9]{0,17}")
VIDEO: Final = re.compile(rf"(?:{'|'.join(VIDEO_PROVIDERS)}):[A-Za-z0-9_-]{{1,64}}")
NOTE_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
# BCP 47 (RFC 5646 §2.1) as far as documents need it: language, script, region, variants.
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")

# What other people's HTML calls the same thing.
RENAMED: Final = {
    "b": "strong",
    "i": "em",
    "h1": "h2",
    "h4": "h3",
    "h5": "h3",
    "h6": "h3",
    "tfoot": "tbody",
    "menu": "ul",
    "dir": "ul",
}
# Blocks we have no word for: unwrapped, but what is inside starts a paragraph of its own.
PARAGRAPH_LIKE: Final = frozenset(
    [
        "address",
        "article",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "frameset",
        "header",
        "head",
        "hgroup",
        "html",
        "legend",
        "listing",
        "main",
        "nav",
        "optgroup",
        "option",
        "plaintext",
        "pre",
        "search",
        "section",
        "select",
        "summary",
        "colgroup",
    ]
)
# Read as text up to their end tag, whatever stands inside (HTML Standard §13.2.5).
RAW_TEXT: Final = frozenset(
    ["script", "style", "iframe", "noembed", "noframes", "noscript", "textarea", "title", "xmp"]
)
# Gone with all that is in them: it is not text of the author, or it is another language.
DROPPED: Final = RAW_TEXT | {"template", "svg", "math", "audio", "video", "canvas"}
FOREIGN: Final = frozenset({"svg", "math"})
VOID_ELSEWHERE: Final = frozenset(
    [
        "area",
        "base",
        "basefont",
        "bgsound",
        "col",
        "embed",
        "frame",
        "img",
        "input",
        "keygen",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
