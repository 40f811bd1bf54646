"""An independent reader of our output: lxml's parser, and the schema, and nothing of our own code
that wrote it. It says what is in the HTML that should not be there."""

import re

from lxml import html

from imagine_site.documents.schema import ELEMENTS, LINK_SCHEMES

# What rendering adds to the schema: wrappers, anchors and names for assistive technology.
_GLOBAL = {"class", "id", "role", "aria-label", "aria-labelledby", "tabindex", "rel", "lang"}
RENDERED = {
    **{name: {*attributes, *_GLOBAL} for name, attributes in ELEMENTS.items()},
    "div": _GLOBAL,
    "section": _GLOBAL,
    "small": _GLOBAL,
    "picture": _GLOBAL,
    "img": {"alt", "sizes", "src"},
}
STORED = {name: set(attributes) for name, attributes in ELEMENTS.items()}


def faults(written: str, *, allowed: dict[str, set[str]]) -> list[str]:
    """Each element, attribute or address that is not allowed, as a sentence."""
    if not written:
        return []
    found = []
    root = html.fragment_fromstring(written, create_parent="root")
    for element in root.iterdescendants():
        if not isinstance(element.tag, str):
            found.append(f"a comment or an instruction: {element!r}")
            continue
        if element.tag not in allowed:
            found.append(f"<{element.tag}>")
            continue
        for name, value in element.attrib.items():
            if name not in allowed[element.tag] or name.startswith("on") or name == "style":
                found.append(f"<{element.tag} {name}>")
            if name in ("href", "src"):
                scheme = re.match(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*)\s*:", _folded(value))
                if scheme and scheme[1].lower() not in LINK_SCHEMES:
                    found.append(f"<{element.tag} {name}={value!r}>")
    return found


def _folded(address: str) -> str:
    """As a browser reads it: without the characters it ignores."""
    return re.sub(r"[\x00-\x20\x7f-\xa0]", "", address)
