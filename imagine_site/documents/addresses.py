"""What a link may lead to: the web, a mailbox, a telephone, or an address of this site."""

import re
from urllib.parse import quote

from .sanitiser import keeps_address
from .schema import LINK_SCHEMES, MAX_ADDRESS

# Browsers take these out of an address before they look at its scheme (URL Standard §4.4), so
# that `java\tscript:` is a scheme.
_IGNORED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_ENCODED = {
    " ": "%20",
    '"': "%22",
    "<": "%3C",
    ">": "%3E",
    "\\": "%5C",
    "`": "%60",
    "\xa0": "%C2%A0",
}
_UNSAFE = re.compile(r'[ "<>\\`\xa0]')


def safe_address(address: str | None) -> str | None:
    """The address in the one form we write, or None where a link would be wrong or dangerous."""
    if not address or len(address) > MAX_ADDRESS:
        return None
    address = _IGNORED.sub("", address).strip()
    scheme = _SCHEME.match(address)
    if scheme:
        name = scheme[1].lower()
        if name not in LINK_SCHEMES:
            return None
        rest = address[scheme.end() :].strip()
        if name == "tel":
            rest = re.sub(r"[\s\xa0]+", "", rest)
        if not rest or (name in ("http", "https") and not rest.startswith("//")):
            return None
        address = f"{name}:{rest}"
    elif address.startswith("//"):
        address = f"https:{address}"
    elif ":" in re.split(r"[/?#]", address, maxsplit=1)[0]:
        return None
    address = _UNSAFE.sub(lambda match: quote(match[0]), address)
    if not address or len(address) > MAX_ADDRESS or not keeps_address(address):
        return None
    return address


def is_external(address: str) -> bool:
    return address.startswith(("http:", "https:"))
