"""The wrapper around the application, and all that a page from memory costs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from django.conf import settings

from imagine_site.pagecache.entries import Entry, Headers, why_not
from imagine_site.pagecache.shared import NotShared, Shared
from imagine_site.pagecache.store import Store
from imagine_site.pagecache.watching import Watch

Application = Callable[[dict, Callable], Iterable[bytes]]

#: Seconds that a request waits for another one that makes the same page.
PATIENCE = 10.0


class PageCache:
    """A WSGI application (PEP 3333) in front of another.

    Only GET and HEAD without a session cookie, for a host of the site, are answered from memory;
    everything else goes through untouched.
    """

    def __init__(
        self,
        application: Application,
        *,
        most_bytes: int,
        watch: Watch | None = None,
        shared: Shared | NotShared | None = None,
    ):
        self.application = application
        self.store = Store(most_bytes)
        self.watch = watch or Watch()
        self.shared = shared or NotShared()
        self._building: dict[tuple, threading.Lock] = {}
        self._lock = threading.Lock()
        self._session = settings.SESSION_COOKIE_NAME + "="
        self._proxy_header = settings.SECURE_PROXY_SSL_HEADER
        #: A wildcard would let anybody make up names to fill the memory with.
        self._hosts = frozenset(host for host in settings.ALLOWED_HOSTS if "*" not in host)
        self._past = (settings.STATIC_URL, settings.MEDIA_URL, "/admin/", "/healthz")
        self._tells = settings.DEBUG

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        key = self.key_of(environ)
        if key is None:
            return self.application(environ, start_response)
        generation = self.watch.current()
        entry = self.store.get(key)
        if _holds(entry, generation):
            return self.send(entry, environ, start_response, "hit")
        return self.build(key, environ, start_response)

    def key_of(self, environ: dict) -> tuple | None:
        """What an answer may depend on; None where it must not come from memory."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        path = environ.get("PATH_INFO", "")
        if path.startswith(self._past) or self._session in environ.get("HTTP_COOKIE", ""):
            return None
        host = environ.get("HTTP_HOST", "").lower()
        if host.rpartition(":")[0] not in self._hosts and host not in self._hosts:
            return None
        scheme = environ["wsgi.url_scheme"]
        if self._proxy_header:
            name, secure = self._proxy_header
            scheme = "https" if environ.get(name, "").split(",")[0].strip() == secure else "http"
        return scheme, host, path, environ.get("QUERY_STRING", "")

    def send(
        self, entry: Entry, environ: dict, start_response: Callable, how: str
    ) -> Iterable[bytes]:
        encoding = entry.encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        headers, status, body = entry.headers[encoding], entry.status, entry.bodies[encoding]
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked and status.startswith("200") and _matches(asked, entry.etags[encoding]):
            status, headers, body = "304 Not Modified", entry.not_modified[encoding], b""
        elif environ["REQUEST_METHOD"] == "HEAD":
            body = b""
        start_response(status, self._told(headers, how))
        return [body] if body else []

    def _told(self, headers: Headers, how: str) -> Headers:
        return [*headers, ("X-Cache", how)] if self._tells else headers

    def build(self, key: tuple, environ: dict, start_response: Callable) -> Iterable[bytes]:
        """One makes the page while others wait for it, and then have it from memory."""
        with self._lock:
            mine = self._building.setdefault(key, threading.Lock())
        got = mine.acquire(timeout=PATIENCE)
        try:
            # Before anything is read for the page, so that a page is never newer than it says.
            generation, until = self.watch.current(), self.watch.until
            entry = self.store.get(key)
            if not _holds(entry, generation) and (entry := self.shared.get(key, generation)):
                self.store.put(key, entry)
            if _holds(entry, generation):
                return self.send(entry, environ, start_response, "hit")
            return self._make(key, environ, start_response, generation, until)
        finally:
            if got:
                mine.release()
            with self._lock:
                self._building.pop(key, None)

    def _make(
        self, key: tuple, environ: dict, start_response: Callable, generation: int, until: float
    ) -> Iterable[bytes]:
        started: list[tuple] = []

        def later(status, headers, exc_info=None):
            started[:] = [(status, headers, exc_info)]

        # Made as for GET, so that a HEAD leaves the whole page behind for who comes next.
        whole = {**environ, "REQUEST_METHOD": "GET"}
        # Ranges and validators are answered from the entry; the application gives all of it.
        for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE"):
            whole.pop(name, None)
        response = self.application(whole, later)
        _scheme, _host, path, query = key
        address = f"{path}?{query}" if query else path
        if not why_not(response, address):
            entry = Entry.of(response, generation=generation, until=until)
            response.close()
            self.store.put(key, entry)
            self.shared.put(key, entry)
            return self.send(entry, environ, start_response, "miss")
        if environ["REQUEST_METHOD"] == "HEAD" or len(whole) != len(environ):
            # Not to be kept after all: asked again exactly as it came.
            response.close()
            return self.application(environ, start_response)
        start_response(*started[0])
        return response


def _holds(entry: Entry | None, generation: int) -> bool:
    return entry is not None and entry.generation == generation and time.time() < entry.until


def _matches(asked: str, etag: str) -> bool:
    """If-None-Match with weak comparison (RFC 9110 §13.1.2); a proxy may have weakened ours."""
    return asked.strip() == "*" or etag in (
        candidate.strip().removeprefix("W/") for candidate in asked.split(",")
    )
