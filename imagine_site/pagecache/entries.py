"""A finished answer: what is sent, in every encoding, and under which validators."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from dataclasses import dataclass

import brotli
from django.http import HttpResponse

#: Answers that are kept. A page that was never there (404) is not: there is no end of those.
STATUSES = frozenset({200, 301, 410})
#: Longer bodies, in bytes, are served and not kept.
LONGEST = 15_000_000
#: Shorter ones gain nothing from being compressed.
SHORTEST = 500
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
#: What is given to a server at once: headers and body, headers of a 304, and the entity-tag.
Ready = tuple[Headers, bytes, Headers, str]


@dataclass(slots=True, frozen=True)
class Finished:
    """An answer with its bodies by encoding: "br" and "gzip", or "" where neither pays. The one
    without any encoding is made from them when somebody asks for it, which hardly anybody does."""

    status: str
    headers: tuple[tuple[str, str], ...]
    bodies: dict[str, bytes]
    generation: int
    #: Seconds since the epoch from which on it no longer holds; infinite where nothing is planned.
    until: float
    #: Of status and uncompressed body.
    digest: str

    @classmethod
    def of(cls, response: HttpResponse, *, generation: int, until: float) -> Finished:
        """From a response that is known to be fit (`why_not`)."""
        status = f"{response.status_code} {response.reason_phrase}"
        headers = [(name, value) for name, value in response.items() if name.lower() not in _OURS]
        headers.append(("Cache-Control", response.get("Cache-Control") or CACHE_CONTROL))
        body = response.content
        return cls(
            status,
            _one_of(tuple(headers)),
            _encodings(body, response.get("Content-Type", "")),
            generation,
            until,
            hashlib.sha256(status.encode() + body).hexdigest()[:32],
        )

    def body(self, encoding: str) -> bytes:
        found = self.bodies.get(encoding)
        return uncompressed(self.bodies["gzip"]) if found is None else found

    # -- For a store that several processes share

    def to_bytes(self) -> bytes:
        """One line of JSON that says what follows, then the bodies one after another."""
        about = {
            "status": self.status,
            "headers": self.headers,
            "generation": self.generation,
            "until": None if self.until == float("inf") else self.until,
            "digest": self.digest,
            "bodies": [[encoding, len(body)] for encoding, body in self.bodies.items()],
        }
        return json.dumps(about).encode() + b"\n" + b"".join(self.bodies.values())

    @classmethod
    def from_bytes(cls, data: bytes) -> Finished:
        """Raises `ValueError`, `TypeError` or `KeyError` for what `to_bytes` did not write."""
        line, rest = data.split(b"\n", 1)
        about = json.loads(line)
        bodies, at = {}, 0
        for encoding, length in about["bodies"]:
            bodies[encoding] = rest[at : at + length]
            at += length
        if not bodies or at != len(rest):
            raise ValueError("the bodies are not as long as announced")
        return cls(
            about["status"],
            _one_of(tuple((name, value) for name, value in about["headers"])),
            bodies,
            about["generation"],
            float("inf") if about["until"] is None else about["until"],
            about["digest"],
        )


@dataclass(slots=True)
class Entry:
    """What a process remembers of a finished answer; its bodies lie in the store's file, and those
    asked for of late in memory as well."""

    status: str
    headers: tuple[tuple[str, str], ...]
    generation: int
    until: float
    digest: str
    compressed: bool
    #: Where the bodies lie one after another: the offset since the file was begun, or -1 for
    #: nowhere, and their lengths ("br" and "gzip", or "" alone).
    start: int = -1
    lengths: tuple[int, ...] = ()
    #: By encoding; none for most entries, of which a process has thousands.
    warm: dict[str, Ready] | None = None
    #: Asked for since the store last looked for something to drop from memory.
    used: bool = False

    @classmethod
    def about(cls, finished: Finished) -> Entry:
        return cls(
            finished.status,
            finished.headers,
            finished.generation,
            finished.until,
            finished.digest,
            "gzip" in finished.bodies,
        )

    def encoding_for(self, accepted: str) -> str:
        """The best of what a client takes (RFC 9110 §12.5.3). Weights are rare: whoever sends a
        zero among them gets no compression."""
        if not accepted or not self.compressed:
            return ""
        if "q=0" in accepted:
            weights = accepted.replace(" ", "").replace(";q=0.", "")
            if "q=0" in weights:
                return ""
        if "br" in accepted:
            return "br"
        return "gzip" if "gzip" in accepted else ""

    def ready(self, encoding: str, body: bytes) -> Ready:
        """All that is sent with a body."""
        etag = f'"{self.digest}-{encoding}"' if encoding else f'"{self.digest}"'
        validated = [*self.headers, ("ETag", etag), ("Vary", "Accept-Encoding")]
        headers = [*validated, ("Content-Length", str(len(body)))]
        if encoding:
            headers.append(("Content-Encoding", encoding))
        # RFC 9110 §15.4.5: what a 200 would have said of caching, and nothing of the body.
        unchanged = [pair for pair in validated if not pair[0].startswith("Content")]
        return headers, body, unchanged, etag


#: Thousands of pages are sent with the same few headers.
_headers: dict[tuple, tuple] = {}


def _one_of(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    if len(_headers) > 500:
        _headers.clear()
    return _headers.setdefault(headers, headers)


def uncompressed(body: bytes) -> bytes:
    """From gzip, which takes a tenth of a millisecond for a page."""
    return zlib.decompress(body, wbits=31)


def _encodings(body: bytes, content_type: str) -> dict[str, bytes]:
    if len(body) <= SHORTEST or not content_type.startswith(_TEXT):
        return {"": body}
    return {
        "br": brotli.compress(body, quality=BROTLI_QUALITY),
        "gzip": gzip.compress(body, GZIP_LEVEL, mtime=0),
    }


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
    # Django says "Accept-Language" of every address without a language in it, robots.txt too.
    if vary - {"", "accept-encoding", "accept-language"}:
        return "depends on who asks"
    if len(response.content) > LONGEST:
        return "too long"
    return ""
