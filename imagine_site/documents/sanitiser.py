"""nh3, configured from the schema: the last thing that touches a document, after every
transformation of ours. A text transformation after the sanitiser is how holes are reopened."""

from functools import lru_cache
from typing import Final

import nh3

from .schema import ELEMENTS, LINK_SCHEMES
from .tree import escape_attribute

SANITISER: Final = nh3.Cleaner(
    tags=set(ELEMENTS),
    attributes={name: set(attributes) for name, attributes in ELEMENTS.items() if attributes},
    clean_content_tags={"script", "style"},
    url_schemes=set(LINK_SCHEMES),
    link_rel=None,
    strip_comments=True,
)


@lru_cache(maxsize=4096)
def keeps_address(address: str) -> bool:
    """Whether the sanitiser, which knows the URL Standard, would leave this `href` standing.

    Asked before a link is written, so that it has nothing left to remove afterwards.
    """
    written = f'<a href="{escape_attribute(address)}">x</a>'
    return SANITISER.clean(written) == written
