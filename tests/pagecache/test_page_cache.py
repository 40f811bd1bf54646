"""The wrapper: what it keeps, what it must never keep, and when what was kept no longer holds."""

import errno
import io
import os
import random
import threading
import time

import brotli
import pytest
from django.http import HttpResponse, StreamingHttpResponse

from imagine_site.pagecache.entries import LONGEST, Finished
from imagine_site.pagecache.keeping import keep
from imagine_site.pagecache.release import release
from imagine_site.pagecache.store import Store
from imagine_site.pagecache.wsgi import PageCache

# Whoever closes a response tells Django to look after its connections.
pytestmark = pytest.mark.django_db

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

    def test_who_has_another_page_leaves_a_whole_one_behind(self, watch):
        def answer(environ):
            if environ.keys() & {"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"}:
                return HttpResponse(status=304)
            return kept(environ, headers={"Last-Modified": "Wed, 25 Nov 2026 10:00:00 GMT"})

        site = Site(answer)
        cache = PageCache(site, most_bytes=1_000_000, watch=watch)
        assert ask(cache, if_none_match='"former"')["body"] == PAGE.encode()
        assert ask(cache)["status"] == 200
        assert site.calls == 1

    def test_the_date_counts_where_no_entity_tag_is_asked_by(self, watch):
        date, earlier = "Wed, 25 Nov 2026 10:00:00 GMT", "Wed, 25 Nov 2026 09:00:00 GMT"
        site = Site(lambda environ: kept(environ, headers={"Last-Modified": date}))
        cache = PageCache(site, most_bytes=1_000_000, watch=watch)
        assert ask(cache, if_modified_since=earlier)["status"] == 200
        answer = ask(cache, if_modified_since=date)
        assert (answer["status"], answer["body"]) == (304, b"")
        assert answer["headers"]["Last-Modified"] == date
        assert ask(cache, if_modified_since=date, if_none_match='"other"')["status"] == 200
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

    def test_nobody_waits_for_an_answer_that_is_made_for_each(self, watch):
        at_once, most = [], []

        def search(environ):
            at_once.append(1)
            most.append(len(at_once))
            time.sleep(0.05)
            at_once.pop()
            return HttpResponse(PAGE)

        cache = PageCache(Site(search), most_bytes=1_000_000, watch=watch)
        threads = [threading.Thread(target=ask, args=(cache, "/en/search/")) for _ in range(10)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert max(most) > 1
        assert time.monotonic() - began < 0.4

    def test_a_page_that_fails_fails_for_who_asked_and_is_made_for_the_next(self, watch):
        answers = [RuntimeError("no"), None]

        def once(environ):
            if error := answers.pop(0):
                raise error
            return kept(environ)

        cache = PageCache(Site(once), most_bytes=1_000_000, watch=watch)
        with pytest.raises(RuntimeError):
            ask(cache)
        assert ask(cache)["body"] == PAGE.encode()

    def test_what_changes_while_a_page_is_made_is_not_lost(self, watch):
        def overtaken(environ):
            watch.generation += 1
            return kept(environ)

        site = Site(overtaken)
        cache = PageCache(site, most_bytes=1_000_000, watch=watch)
        ask(cache)
        ask(cache)
        assert site.calls == 2


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
            ("too long", lambda environ: keep(HttpResponse("x" * (LONGEST + 1)), "/en/news/")),
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

    def test_names_and_ports_of_the_site_share_one_page(self, cache, site, settings):
        settings.ALLOWED_HOSTS = ["testserver", "www.testserver"]
        cache = PageCache(site, most_bytes=1_000_000, watch=cache.watch)
        for host in (
            "testserver",
            "www.testserver",
            "TESTSERVER:8000",
            *(f"testserver:{n}" for n in range(20)),
        ):
            ask(cache, host=host)
        assert (site.calls, len(cache.store)) == (1, 1)

    def test_a_question_mark_in_the_path_is_not_a_query(self, cache, site):
        site.answer = lambda environ: kept(environ, "/en/news/?page=2")
        ask(cache, "/en/news/?page=2")
        assert len(cache.store) == 0
        ask(cache, query="page=2")
        assert len(cache.store) == 1
        ask(cache, "/en/news/?page=2")
        assert site.calls == 3

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


def finished(size: int = 10_000, **more) -> Finished:
    """Not compressed, so that its size is known."""
    about = {"headers": (), "generation": 1, "until": float("inf"), "digest": "d" * 32} | more
    return Finished("200 OK", bodies={"": os.urandom(size)}, **about)


class TestMemory:
    def test_the_oldest_makes_way_for_the_newest(self, tmp_path):
        store = Store(40_000, folder=tmp_path)
        pages = {name: finished() for name in "abcdef"}
        for name, page in pages.items():
            store.put(name, page)
        assert [name for name in pages if store.get(name)] == ["c", "d", "e", "f"]
        for name in "cdef":
            assert store.ready(store.get(name), "")[1] == pages[name].bodies[""]

    def test_a_page_never_lies_across_the_end_of_the_file(self, tmp_path):
        store = Store(45_000, folder=tmp_path)
        for number in range(40):
            page = finished(3_000 + 200 * number)
            store.put(number, page)
            assert store.ready(store.get(number), "")[1] == page.bodies[""]
            for entry in list(store._entries.values()):
                assert store.ready(entry, "") is not None

    def test_what_was_overwritten_meanwhile_is_not_sent(self, tmp_path):
        store = Store(40_000, folder=tmp_path)
        entry = store.put("a", finished())
        for name in "bcdef":
            store.put(name, finished())
        assert store.ready(entry, "") is None

    def test_what_is_too_large_is_sent_and_not_kept(self, site, watch, tmp_path):
        cache = PageCache(site, most_bytes=100, watch=watch, folder=tmp_path)
        assert ask(cache)["body"] == ask(cache)["body"] == PAGE.encode()
        assert site.calls == 2
        assert cache.store.warm == 0

    def test_a_full_disk_is_survived(self, site, watch, tmp_path, monkeypatch):
        def full(*_args):
            raise OSError(errno.ENOSPC, "No space left on device")

        cache = PageCache(site, most_bytes=1_000_000, watch=watch, folder=tmp_path)
        monkeypatch.setattr(os, "pwrite", full)
        assert ask(cache)["body"] == ask(cache)["body"] == PAGE.encode()
        monkeypatch.undo()
        ask(cache)
        ask(cache)
        assert site.calls == 3

    def test_bodies_in_memory_have_a_bound_and_the_most_asked_for_stay(self, tmp_path):
        store = Store(1_000_000, warm_bytes=35_000, folder=tmp_path)
        for name in "abc":
            store.ready(store.put(name, finished()), "")
        store._entries["b"].used = store._entries["c"].used = False
        store.ready(store.put("d", finished()), "")
        assert store.warm <= 35_000
        assert [name for name in "abcd" if store.get(name).warm] == ["a", "c", "d"]

    def test_the_file_has_no_name(self, site, watch, tmp_path):
        cache = PageCache(site, most_bytes=1_000_000, watch=watch, folder=tmp_path)
        ask(cache)
        assert len(cache.store) == 1
        assert list(tmp_path.iterdir()) == []

    def test_many_ask_while_pages_come_and_go(self, watch, tmp_path):
        """Twelve threads over a file that holds a third of the pages: never another's body."""

        def numbered(environ):
            number = int(environ["PATH_INFO"].strip("/"))
            page = f"<!doctype html><title>{number}</title>" + f"<p>{number}</p>" * 400
            return keep(HttpResponse(page), environ["PATH_INFO"])

        cache = PageCache(Site(numbered), most_bytes=9_000, watch=watch, folder=tmp_path)
        cache.store.warm_bytes = 6_000
        wrong = []

        def visitor(seed):
            chance = random.Random(seed)
            for _ in range(150):
                number = chance.randrange(60)
                if chance.random() < 0.02:
                    watch.generation += 1
                body = ask(cache, f"/{number}/", accept_encoding=chance.choice(["", "br"]))
                text = body["body"]
                if body["headers"].get("Content-Encoding") == "br":
                    text = brotli.decompress(text)
                if f"<title>{number}<".encode() not in text:
                    wrong.append((number, text[:60]))

        threads = [threading.Thread(target=visitor, args=(seed,)) for seed in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []

    def test_what_is_shared_reads_back_as_it_was(self):
        response = keep(HttpResponse(PAGE, headers={"Content-Language": "fr"}), "/x/")
        page = Finished.of(response, generation=7, until=1234.5)
        assert Finished.from_bytes(page.to_bytes()) == page

    def test_what_is_cut_short_is_refused(self):
        page = Finished.of(keep(HttpResponse(PAGE), "/x/"), generation=7, until=float("inf"))
        with pytest.raises(ValueError, match="long"):
            Finished.from_bytes(page.to_bytes()[:-10])


class TestRelease:
    def test_another_text_or_address_of_the_site_is_another_release(self, settings, tmp_path):
        (tmp_path / "templates").mkdir()
        page = tmp_path / "templates" / "page.html"
        page.write_text("one")
        settings.BASE_DIR = tmp_path
        first = release()
        assert release() == first
        page.write_text("two")
        second = release()
        settings.SITE_URL = "https://other.example"
        assert len({first, second, release()}) == 3
