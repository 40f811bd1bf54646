"""A finished answer: what is sent, in every encoding, and under which validators."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass, field

import brotli
from django.http import HttpResponse

#: Answers that are kept. A page that was never there (404) is not: there is no end of those.
STATUSES = frozenset({200, 301, 410})
#: Longer bodies are served and not kept.
LONGEST = 2_000_000
#: Content types worth compressing; pictures are compressed already.
_TEXT = ("text/", "application/json", "application/xml", "application/atom+xml")
_TEXT += ("application/rss+xml", "application/feed+json", "image/svg+xml")
#: The levels at which a page of 40 kB costs about a millisecond.
BROTLI_QUALITY, GZIP_LEVEL = 5, 6
#: The public may keep a page and has to ask each time whether it still holds (RFC 9111 §5.2.2.4):
#: an embargo and a withdrawal are exact, behind any cache.
CACHE_CONTROL = "public, no-cache"
_OURS = frozenset({"content-length", "etag", "content-encoding", "vary", "cache-control"})

Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Entry:
    """Ready to be sent: status line, headers and body by encoding ("br", "gzip", "")."""

    status: str
    generation: int
    #: Seconds since the epoch from which on it no longer holds; infinite where nothing is planned.
    until: float
    bodies: dict[str, bytes]
    headers: dict[str, Headers]
    etags: dict[str, str]
    not_modified: dict[str, Headers]
    size: int
    #: Asked for since the store last looked for something to drop.
    used: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, response: HttpResponse, *, generation: int, until: float) -> Entry:
        """From a response that is known to be fit (`why_not`)."""
        kept = [(name, value) for name, value in response.items() if name.lower() not in _OURS]
        cache_control = response.get("Cache-Control") or CACHE_CONTROL
        status = f"{response.status_code} {response.reason_phrase}"
        return cls.make(
            status,
            [*kept, ("Cache-Control", cache_control)],
            _encodings(response.content, response.get("Content-Type", "")),
            generation=generation,
            until=until,
        )

    @classmethod
    def make(
        cls,
        status: str,
        common: Headers,
        bodies: dict[str, bytes],
        *,
        generation: int,
        until: float,
    ) -> Entry:
        digest = hashlib.sha256(status.encode() + bodies[""]).hexdigest()[:32]
        headers, etags, not_modified = {}, {}, {}
        for encoding, body in bodies.items():
            etags[encoding] = f'"{digest}-{encoding}"' if encoding else f'"{digest}"'
            validators = [("ETag", etags[encoding]), ("Vary", "Accept-Encoding")]
            coding = [("Content-Encoding", encoding)] if encoding else []
            length = [("Content-Length", str(len(body)))]
            headers[encoding] = [*common, *validators, *coding, *length]
            # RFC 9110 §15.4.5: what a 200 would have said of caching, and nothing of the body.
            not_modified[encoding] = [
                pair for pair in [*common, *validators] if not pair[0].lower().startswith("content")
            ]
        size = sum(len(body) for body in bodies.values()) + 2_000
        return cls(status, generation, until, bodies, headers, etags, not_modified, size)

    def encoding_for(self, accepted: str) -> str:
        """The best of what a client takes. `q=0` and `*` are rare enough to mean no compression."""
        if "q=0" in accepted.replace(" ", "") and ";q=0." not in accepted.replace(" ", ""):
            return ""
        for encoding in ("br", "gzip"):
            if encoding in accepted and encoding in self.bodies:
                return encoding
        return ""

    # -- For a store that several processes share

    def to_bytes(self) -> bytes:
        """One line of JSON that says what follows, then the bodies one after another."""
        about = {
            "status": self.status,
            "headers": [pair for pair in self.headers[""] if pair[0].lower() not in _OURS]
            + [pair for pair in self.headers[""] if pair[0].lower() == "cache-control"],
            "generation": self.generation,
            "until": None if self.until == float("inf") else self.until,
            "bodies": [[encoding, len(body)] for encoding, body in self.bodies.items()],
        }
        return json.dumps(about).encode() + b"\n" + b"".join(self.bodies.values())

    @classmethod
    def from_bytes(cls, data: bytes) -> Entry:
        """Raises `ValueError` or `KeyError` for what `to_bytes` did not write."""
        line, rest = data.split(b"\n", 1)
        about = json.loads(line)
        bodies, at = {}, 0
        for encoding, length in about["bodies"]:
            bodies[encoding] = rest[at : at + length]
            at += length
        if at != len(rest):
            raise ValueError("the bodies are not as long as announced")
        return cls.make(
            about["status"],
            [tuple(pair) for pair in about["headers"]],
            bodies,
            generation=about["generation"],
            until=float("inf") if about["until"] is None else about["until"],
        )


def _encodings(body: bytes, content_type: str) -> dict[str, bytes]:
    bodies = {"": body}
    if len(body) > 500 and content_type.startswith(_TEXT):
        bodies["br"] = brotli.compress(body, quality=BROTLI_QUALITY)
        bodies["gzip"] = gzip.compress(body, GZIP_LEVEL, mtime=0)
    return bodies


def why_not(response: object, address: str) -> str:
    """Why an answer must not be kept under an address; empty when it may."""
    kept_path = getattr(response, "kept_path", None)
    if kept_path is None:
        return "not declared"
    if kept_path != address:
        return "another address"
    if response.streaming or response.status_code not in STATUSES:
        return "another kind of answer"
    if response.cookies:
        return "sets a cookie"
    cache_control = response.get("Cache-Control", "")
    if "private" in cache_control or "no-store" in cache_control:
        return "private"
    vary = {name.strip().lower() for name in response.get("Vary", "").split(",")}
    if vary - {"", "accept-encoding"}:
        return "depends on who asks"
    if len(response.content) > LONGEST:
        return "too long"
    return ""
