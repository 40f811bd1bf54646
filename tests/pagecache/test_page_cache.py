"""The wrapper: what it keeps, what it must never keep, and when what was kept no longer holds."""

import io
import threading
import time

import pytest
from django.http import HttpResponse, StreamingHttpResponse

from imagine_site.pagecache.entries import Entry
from imagine_site.pagecache.keeping import keep
from imagine_site.pagecache.store import Store
from imagine_site.pagecache.wsgi import PageCache

PAGE = "<!doctype html><title>Heart</title>" + "<p>It began in the laboratory.</p>" * 40


class Clockwork:
    """A generation moved by hand."""

    def __init__(self):
        self.generation, self.until = 1, float("inf")

    def current(self) -> int:
        return self.generation


class Site:
    """An application that counts how often it is asked."""

    def __init__(self, answer=None):
        self.calls, self.answer = 0, answer or (lambda environ: kept(environ))
        self.seen: list[dict] = []

    def __call__(self, environ, start_response):
        self.calls += 1
        self.seen.append(environ)
        response = self.answer(environ)
        headers = [
            *response.items(),
            *(("Set-Cookie", c.OutputString()) for c in response.cookies.values()),
        ]
        start_response(f"{response.status_code} {response.reason_phrase}", headers)
        return response


def kept(environ, path="/en/news/", **more) -> HttpResponse:
    return keep(HttpResponse(PAGE, **more), path)


def ask(cache, path="/en/news/", *, method="GET", query="", **headers):
    """Status, headers and body as a server would send them."""
    said = {}

    def start_response(status, headers, exc_info=None):
        said["status"], said["headers"] = int(status.split()[0]), dict(headers)

    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_HOST": "testserver",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
    } | {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    body = cache(environ, start_response)
    said["body"] = b"".join(body)
    if hasattr(body, "close"):
        body.close()
    return said


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def watch():
    return Clockwork()


@pytest.fixture
def cache(site, watch):
    return PageCache(site, most_bytes=1_000_000, watch=watch)


class TestKeeping:
    def test_a_page_is_made_once_and_sent_many_times(self, cache, site):
        first, second = ask(cache), ask(cache)
        assert first["body"] == second["body"] == PAGE.encode()
        assert first["headers"] == second["headers"]
        assert site.calls == 1

    def test_a_change_makes_it_anew(self, cache, site, watch):
        ask(cache)
        watch.generation += 1
        ask(cache)
        assert site.calls == 2

    def test_it_ends_at_the_moment_at_which_something_changes_by_itself(self, cache, site, watch):
        watch.until = time.time() + 0.05
        ask(cache)
        ask(cache)
        assert site.calls == 1
        time.sleep(0.06)
        ask(cache)
        assert site.calls == 2

    def test_each_encoding_has_its_own_body_and_validator(self, cache):
        plain, brotli, gzip = (
            ask(cache, accept_encoding=accepted) for accepted in ("", "gzip, br", "gzip")
        )
        assert "Content-Encoding" not in plain["headers"]
        assert brotli["headers"]["Content-Encoding"] == "br"
        assert gzip["headers"]["Content-Encoding"] == "gzip"
        assert len(brotli["body"]) < len(plain["body"]) / 3
        assert len({answer["headers"]["ETag"] for answer in (plain, brotli, gzip)}) == 3
        assert all(answer["headers"]["Vary"] == "Accept-Encoding" for answer in (plain, brotli))
        for answer in (plain, brotli, gzip):
            assert answer["headers"]["Content-Length"] == str(len(answer["body"]))

    def test_who_has_the_page_already_is_sent_none(self, cache, site):
        etag = ask(cache)["headers"]["ETag"]
        for asked in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            answer = ask(cache, if_none_match=asked)
            assert (answer["status"], answer["body"]) == (304, b"")
            assert answer["headers"]["ETag"] == etag
            assert "Content-Length" not in answer["headers"]
        assert ask(cache, if_none_match='"other"')["status"] == 200
        assert site.calls == 1

    def test_a_head_leaves_the_page_for_who_comes_next(self, cache, site):
        head = ask(cache, method="HEAD")
        assert head["body"] == b""
        assert head["headers"]["Content-Length"] == str(len(PAGE))
        assert ask(cache)["body"] == PAGE.encode()
        assert site.calls == 1

    def test_gone_and_moved_are_kept_and_not_found_is_not(self, watch):
        for status, calls in ((410, 1), (301, 1), (404, 2), (500, 2), (302, 2)):
            site = Site(lambda environ, status=status: kept(environ, status=status))
            cache = PageCache(site, most_bytes=1_000_000, watch=watch)
            assert ask(cache)["status"] == ask(cache)["status"] == status
            assert site.calls == calls, status

    def test_one_makes_the_page_while_the_others_wait(self, watch):
        def slow(environ):
            time.sleep(0.05)
            return kept(environ)

        site = Site(slow)
        cache = PageCache(site, most_bytes=1_000_000, watch=watch)
        answers: list[dict] = []
        threads = [threading.Thread(target=lambda: answers.append(ask(cache))) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 20
        assert site.calls == 1


class TestNeverKept:
    @pytest.mark.parametrize(
        ("name", "answer"),
        [
            ("not declared", lambda environ: HttpResponse(PAGE)),
            ("private", lambda environ: kept(environ, headers={"Cache-Control": "private"})),
            ("no-store", lambda environ: kept(environ, headers={"Cache-Control": "no-store"})),
            ("Vary: Cookie", lambda environ: kept(environ, headers={"Vary": "Cookie"})),
            ("Vary: *", lambda environ: kept(environ, headers={"Vary": "*"})),
            ("streamed", lambda environ: keep(StreamingHttpResponse([PAGE.encode()]), "/en/news/")),
            ("elsewhere", lambda environ: kept(environ, "/en/news/?page=2")),
            ("too long", lambda environ: keep(HttpResponse("x" * 2_000_001), "/en/news/")),
        ],
    )
    def test_an_answer_that_is_not_for_everybody(self, name, answer, watch):
        site = Site(answer)
        cache = PageCache(site, most_bytes=10_000_000, watch=watch)
        assert ask(cache)["body"] == ask(cache)["body"]
        assert site.calls == 2
        assert len(cache.store) == 0

    def test_an_answer_that_sets_a_cookie(self, watch):
        def with_cookie(environ):
            response = kept(environ)
            response.set_cookie("seen", "1")
            return response

        site = Site(with_cookie)
        cache = PageCache(site, most_bytes=1_000_000, watch=watch)
        assert "Set-Cookie" in ask(cache)["headers"]
        assert len(cache.store) == 0

    def test_who_is_signed_in_is_never_answered_from_memory(self, cache, site, settings):
        ask(cache)
        ask(cache, cookie=f"{settings.SESSION_COOKIE_NAME}=abc")
        assert site.calls == 2

    def test_other_methods_go_through(self, cache, site):
        ask(cache)
        ask(cache, method="POST")
        assert site.calls == 2

    def test_made_up_parameters_fill_nothing(self, cache, site):
        for number in range(50):
            ask(cache, query=f"x={number}")
        assert site.calls == 50
        assert len(cache.store) == 0

    def test_a_made_up_host_gets_nothing_and_leaves_nothing(self, cache, site):
        ask(cache, host="evil.example")
        assert len(cache.store) == 0
        assert ask(cache)["body"] == PAGE.encode()
        assert site.calls == 2

    @pytest.mark.parametrize("path", ["/static/x.css", "/media/r/x.jpg", "/admin/", "/healthz"])
    def test_files_and_the_admin_go_through(self, path, site, watch):
        site.answer = lambda environ: kept(environ, path)
        cache = PageCache(site, most_bytes=1_000_000, watch=watch)
        ask(cache, path)
        assert len(cache.store) == 0

    def test_https_and_http_are_two_pages_behind_a_proxy(self, site, watch, settings):
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        cache = PageCache(site, most_bytes=1_000_000, watch=watch)
        ask(cache, x_forwarded_proto="https")
        ask(cache)
        assert site.calls == 2

    @pytest.mark.parametrize(
        "headers",
        [
            {"x_forwarded_host": "evil.example"},
            {"x_http_method_override": "POST"},
            {"range": "bytes=0-3"},
            {"accept_language": "xx"},
            {"x_original_url": "/admin/"},
            {"if_modified_since": "Wed, 21 Oct 2015 07:28:00 GMT"},
        ],
    )
    def test_odd_headers_leave_the_same_page_behind(self, headers, cache, site):
        ask(cache, **headers)
        assert ask(cache)["body"] == PAGE.encode()
        assert "HTTP_RANGE" not in site.seen[0]
        assert "HTTP_IF_MODIFIED_SINCE" not in site.seen[0]


class TestMemory:
    def entry(self, size: int) -> Entry:
        body = b"x" * (size - 2_000)
        return Entry.make("200 OK", [], {"": body}, generation=1, until=float("inf"))

    def test_it_never_holds_more_than_allowed_and_drops_what_nobody_asked_for(self):
        store = Store(30_000)
        for name in ("a", "b", "c"):
            store.put(name, self.entry(10_000))
        store.get("a")
        store.put("d", self.entry(10_000))
        assert store.bytes <= 30_000
        assert store.get("b") is None
        assert store.get("a") is not None
        assert store.get("d") is not None

    def test_what_is_larger_than_all_of_it_is_not_taken(self):
        store = Store(5_000)
        store.put("a", self.entry(10_000))
        assert (len(store), store.bytes) == (0, 0)

    def test_replacing_a_page_counts_it_once(self):
        store = Store(50_000)
        store.put("a", self.entry(10_000))
        store.put("a", self.entry(12_000))
        assert store.bytes == 12_000

    def test_what_is_shared_reads_back_as_it_was(self):
        response = keep(HttpResponse(PAGE, headers={"Content-Language": "fr"}), "/x/")
        entry = Entry.of(response, generation=7, until=1234.5)
        assert Entry.from_bytes(entry.to_bytes()) == entry

    def test_what_is_cut_short_is_refused(self):
        entry = Entry.of(keep(HttpResponse(PAGE), "/x/"), generation=7, until=float("inf"))
        with pytest.raises(ValueError, match="long"):
            Entry.from_bytes(entry.to_bytes()[:-10])
