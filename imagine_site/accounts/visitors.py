"""From which address and with which program a request came, as far as that can be believed."""

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def client_address(request: HttpRequest) -> str | None:
    """The visitor's address, or None where it cannot be told.

    `X-Forwarded-For` is a list to which each proxy appends whom it heard; only as many entries
    from its end as there are proxies of ours (`TRUSTED_PROXIES`) were not written by the visitor.
    """
    heard = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    proxies = settings.TRUSTED_PROXIES
    if proxies and len(heard) >= proxies and (address := _read(heard[-proxies])):
        return address
    return _read(request.META.get("REMOTE_ADDR", ""))


def is_shared(address: str | None) -> bool:
    """Whether an address says nothing of who asked: unknown, or this machine's own.

    That is what everybody comes from where a proxy in front does not pass addresses on.
    """
    return address is None or ipaddress.ip_address(address).is_loopback


def _read(text: str) -> str | None:
    """An address without brackets and port, or None."""
    if match := re.fullmatch(r"\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+", text):
        text = match[1] or match[2]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def device(user_agent: str) -> str:
    """What a person calls it: “Firefox, Linux”. Programs lie; it only helps."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return ", ".join(filter(None, (browser, system))) or _("unknown program")
