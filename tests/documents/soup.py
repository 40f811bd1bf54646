"""Random HTML for the property tests: the schema's own elements and hostile ones, nested and
closed in any way. A plugin-free module, so that every test file draws from the same soup."""

from hypothesis import strategies as st

from imagine_site.documents.schema import ELEMENTS

FOREIGN_ELEMENTS = [
    "b",
    "i",
    "u",
    "s",
    "div",
    "section",
    "article",
    "header",
    "h1",
    "h4",
    "h6",
    "dl",
    "dt",
    "dd",
    "pre",
    "center",
    "font",
    "img",
    "input",
    "svg",
    "math",
    "mtext",
    "mglyph",
    "annotation-xml",
    "foreignObject",
    "style",
    "script",
    "noscript",
    "template",
    "title",
    "textarea",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "plaintext",
    "object",
    "embed",
    "form",
    "button",
    "select",
    "option",
    "details",
    "q",
    "tfoot",
    "colgroup",
    "col",
    "html",
    "head",
    "body",
    "base",
    "meta",
    "link",
    "marquee",
    "video",
    "source",
    "o:p",
]

ATTRIBUTES = st.sampled_from(
    [
        'href="/en/news/"',
        'href="https://example.org/?a=1&copy=2"',
        "href=javascript:alert(1)",
        'href="java&#10;script:alert(1)"',
        'href=" JaVaScRiPt&colon;alert(1)"',
        'href="data:text/html,<script>alert(1)</script>"',
        "href='http://'",
        'href="http://xn--a/"',
        'href="//host/path"',
        'href="mailto:a@b.fr"',
        'href="tel:+33 1 42 75 42 00"',
        'data-record="laboratory:4"',
        'data-record="researcher:0"',
        'data-file="7"',
        'data-footnote=""',
        'data-footnote="n1"',
        'data-footnote="n2"',
        'data-footnote="<b>"',
        'data-image="12"',
        'data-image="x"',
        'data-width="wide"',
        'data-alt="a &quot; < > &amp; \xa0 b"',
        'data-gallery="1 2 2 x 3"',
        'data-video="youtube:abc_-9"',
        'data-video="youtube:../x"',
        'data-poster="3"',
        'data-figure=""',
        'lang="fr-ca"',
        'lang="en"',
        'lang="<x>"',
        "scope=col",
        "colspan=3",
        "rowspan='1'",
        'style="background:url(javascript:alert(1))"',
        "onerror=alert(1)",
        'onclick="alert(1)"',
        "class='x'",
        "id=notes",
        "'",
        '"',
        "/",
        "<",
    ]
)

TEXTS = st.one_of(
    st.sampled_from(
        [
            " ",
            "\n",
            "\xa0",
            "\u202f",
            "word",
            "l’Institut",
            " a  b ",
            "é",
            "&amp;",
            "&lt;script&gt;",
            "&nbsp;",
            "&#0;",
            "&#x80;",
            "&#99999999999;",
            "&copy",
            "<",
            ">",
            "]]>",
            "<!--",
            "-->",
            "<!-- x -->",
            "<![CDATA[",
            "<?php",
            "</",
            "\x00",
            "\x0b",
            "\u2028",
            "\ufeff",
            "\ud800",
            "\uffff",
            "😀",
            "—",
        ]
    ),
    st.text(max_size=8),
)

NAMES = st.one_of(st.sampled_from(sorted(ELEMENTS)), st.sampled_from(FOREIGN_ELEMENTS))
_ATTRIBUTE_LISTS = st.lists(ATTRIBUTES, max_size=3).map(
    lambda attributes: "".join(f" {attribute}" for attribute in attributes)
)

STARTS = st.builds("<{}{}>".format, NAMES, _ATTRIBUTE_LISTS)
ENDS = st.builds("</{}>".format, NAMES)

# a heap of tags in no order at all
HEAPS = st.lists(st.one_of(STARTS, ENDS, TEXTS), max_size=25).map("".join)

# and properly nested elements, which reach deeper into the structure
TREES = st.recursive(
    TEXTS,
    lambda inner: st.builds(
        "<{0}{1}>{2}</{0}>".format,
        NAMES,
        _ATTRIBUTE_LISTS,
        st.lists(inner, max_size=4).map("".join),
    ),
    max_leaves=20,
)

OWN_TREES = st.recursive(
    TEXTS,
    lambda inner: st.builds(
        "<{0}{1}>{2}</{0}>".format,
        st.sampled_from(sorted(ELEMENTS)),
        _ATTRIBUTE_LISTS,
        st.lists(inner, max_size=5).map("".join),
    ),
    max_leaves=30,
)

SOUP = st.one_of(HEAPS, TREES, OWN_TREES, st.lists(OWN_TREES, max_size=4).map("".join))
