"""The wrapper around the application, and all that a page from memory costs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from django.conf import settings

from imagine_site.pagecache import watching
from imagine_site.pagecache.entries import Entry, Finished, Headers, Ready, why_not
from imagine_site.pagecache.shared import NotShared, Sharing
from imagine_site.pagecache.store import Store
from imagine_site.pagecache.watching import Watch

Application = Callable[[dict, Callable], Iterable[bytes]]

#: Seconds that a request waits for another one that makes the same page.
PATIENCE = 10.0
#: A proxy in front says that it keeps pages for a moment by itself (`deploy/nginx`: a tenth of a
#: second, because its own clock is all that it can ask), in a WSGI environment.
FOR_A_MOMENT = "HTTP_X_FOR_A_MOMENT"
#: What nginx has to hear for that; it does not pass it on. It counts in whole seconds.
MAY_BE_KEPT = ("X-Accel-Expires", "1")


class Building:
    """A page that is being made, and those who wait for it."""

    __slots__ = ("lock", "not_kept")

    def __init__(self):
        self.lock = threading.Lock()
        #: It came out as one that everybody has to be given anew: nobody waits any longer.
        self.not_kept = False


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
        folder: Path | str | None = None,
        watch: Watch | None = None,
        shared: Sharing | None = None,
    ):
        self.application = application
        self.store = Store(most_bytes, folder=folder)
        self.watch = watch or Watch()
        watching.use(self.watch)
        self.shared = shared or NotShared()
        self._building: dict[str, Building] = {}
        self._lock = threading.Lock()
        self._session = settings.SESSION_COOKIE_NAME + "="
        self._proxy_header = settings.SECURE_PROXY_SSL_HEADER
        #: A wildcard would let anybody make up names to fill the memory with.
        self._hosts = frozenset(host for host in settings.ALLOWED_HOSTS if "*" not in host)
        self._past = (settings.STATIC_URL, settings.MEDIA_URL, "/files/", "/admin/", "/healthz")
        self._tells = settings.DEBUG

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        key = self.key_of(environ)
        if key is None:
            return self.application(environ, start_response)
        entry = self.store.get(key)
        if entry is not None and _holds(entry, self.watch.current()):
            encoding = entry.encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
            if ready := self.store.ready(entry, encoding):
                return self.send(entry, ready, environ, start_response, "hit")
        return self.build(key, environ, start_response)

    def key_of(self, environ: dict) -> str | None:
        """What an answer may depend on; None where it must not come from memory."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        path = environ.get("PATH_INFO", "")
        if path.startswith(self._past) or self._session in environ.get("HTTP_COOKIE", ""):
            return None
        if "?" in path:  # written %3F: it must not pass for a query
            return None
        host = environ.get("HTTP_HOST", "").lower()
        if host.rpartition(":")[0] not in self._hosts and host not in self._hosts:
            return None
        scheme = environ["wsgi.url_scheme"]
        if self._proxy_header:
            name, secure = self._proxy_header
            scheme = "https" if environ.get(name, "").split(",")[0].strip() == secure else "http"
        query = environ.get("QUERY_STRING", "")
        # Not the host: no page depends on by which of its names, and at which port, it was called.
        return f"{scheme}:{path}?{query}" if query else f"{scheme}:{path}"

    def send(
        self, entry: Entry, ready: Ready, environ: dict, start_response: Callable, how: str
    ) -> Iterable[bytes]:
        headers, body, unchanged, etag = ready
        status = entry.status
        if status.startswith("200") and _has_it(environ, etag, entry.headers):
            status, headers, body = "304 Not Modified", unchanged, b""
        elif environ["REQUEST_METHOD"] == "HEAD":
            body = b""
        if FOR_A_MOMENT in environ:
            headers = [*headers, MAY_BE_KEPT]
        start_response(status, [*headers, ("X-Cache", how)] if self._tells else headers)
        return [body] if body else []

    def build(self, key: str, environ: dict, start_response: Callable) -> Iterable[bytes]:
        """One makes the page while others wait for it, and then have it from memory."""
        with self._lock:
            building = self._building.setdefault(key, Building())
        got = building.lock.acquire(timeout=PATIENCE)
        try:
            if building.not_kept:
                if got:
                    building.lock.release()
                    got = False
                return self.application(environ, start_response)
            # Before anything is read for the page, so that a page is never newer than it says.
            generation, until = self.watch.current(), self.watch.until
            entry = self.store.get(key)
            if entry is not None and _holds(entry, generation):
                encoding = entry.encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
                if ready := self.store.ready(entry, encoding):
                    return self.send(entry, ready, environ, start_response, "hit")
            finished = self.shared.get(key, generation)
            if finished is not None and time.time() < finished.until:
                return self._keep(key, finished, environ, start_response, "shared")
            return self._make(key, building, environ, start_response, generation, until)
        finally:
            if got:
                building.lock.release()
            with self._lock:
                self._building.pop(key, None)

    def _make(
        self,
        key: str,
        building: Building,
        environ: dict,
        start_response: Callable,
        generation: int,
        until: float,
    ) -> Iterable[bytes]:
        started: list[tuple] = []

        def later(status, headers, exc_info=None):
            started[:] = [(status, headers, exc_info)]

        # Whether the visitor has it already is for `send` to say; what is kept has to be whole.
        whole = {name: value for name, value in environ.items() if name not in _CONDITIONS}
        response = self.application(whole, later)
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if why_not(response, f"{path}?{query}" if query else path):
            building.not_kept = True
            start_response(*started[0])
            return response
        finished = Finished.of(response, generation=generation, until=until)
        response.close()
        self.shared.put(key, finished)
        return self._keep(key, finished, environ, start_response, "miss")

    def _keep(
        self, key: str, finished: Finished, environ: dict, start_response: Callable, how: str
    ) -> Iterable[bytes]:
        entry = self.store.put(key, finished)
        encoding = entry.encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        ready = entry.ready(encoding, finished.body(encoding))
        if entry.start >= 0:
            self.store.keep_warm(entry, encoding, ready)
        return self.send(entry, ready, environ, start_response, how)


def _holds(entry: Entry, generation: int) -> bool:
    return entry.generation == generation and time.time() < entry.until


#: What a visitor has already (RFC 9110 §13.1).
_CONDITIONS = frozenset({"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"})


def _has_it(environ: dict, etag: str, headers: Headers) -> bool:
    """The date counts where no entity-tag is asked by (RFC 9110 §13.2.2), and only the very one
    that was sent."""
    if asked := environ.get("HTTP_IF_NONE_MATCH"):
        return _matches(asked, etag)
    if asked := environ.get("HTTP_IF_MODIFIED_SINCE"):
        return ("Last-Modified", asked) in headers
    return False


def _matches(asked: str, etag: str) -> bool:
    """If-None-Match with weak comparison (RFC 9110 §13.1.2); a proxy may have weakened ours."""
    return asked.strip() == "*" or etag in (
        candidate.strip().removeprefix("W/") for candidate in asked.split(",")
    )
