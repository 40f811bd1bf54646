"""Public pages from a replica that lags, stands still or dies; everything else from the primary.

The replica is a copy of the test's SQLite file, brought up to date by copying it again.
"""

import datetime
import sqlite3
import time
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, connection, connections
from django.http import HttpResponse
from django.utils import timezone

from imagine_site.machines import lagging, reading
from imagine_site.machines.lagging import EachDatabase, ReplicaWatch
from imagine_site.machines.reading import PRIMARY, REPLICA, FromReplica, Router
from imagine_site.pagecache.models import Generation
from imagine_site.pagecache.wsgi import PageCache
from imagine_site.pages.models import KeyFigure
from imagine_site.publishing import actions
from tests.factories.news import article
from tests.factories.news import post as a_post
from tests.pagecache.test_page_cache import ask

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="a real replica: test_streaming_replica.py"
)


class Copy:
    """A database of its own that holds what the primary held when it last followed."""

    def __init__(self, path: Path):
        self.path = path
        self.follow()

    def follow(self) -> None:
        connections[REPLICA].close()
        for ending in ("", "-wal", "-shm"):
            Path(f"{self.path}{ending}").unlink(missing_ok=True)
        source = sqlite3.connect(connection.settings_dict["NAME"])
        source.execute("VACUUM INTO ?", [str(self.path)])
        source.close()

    def die(self) -> None:
        connections[REPLICA].close()
        connections[REPLICA].settings_dict["NAME"] = "/nowhere/at/all.sqlite3"

    def come_back(self) -> None:
        connections[REPLICA].close()
        connections[REPLICA].settings_dict["NAME"] = str(self.path)


@pytest.fixture
def copy(transactional_db, tmp_path, settings, monkeypatch):
    alias = {**connections.databases[PRIMARY], "NAME": str(tmp_path / "replica.sqlite3")}
    monkeypatch.setitem(connections.databases, REPLICA, alias)
    connections[REPLICA] = connections.create_connection(REPLICA)
    settings.DATABASE_ROUTERS = ["imagine_site.machines.reading.Router"]
    monkeypatch.setattr(ReplicaWatch, "look_every", 0, raising=False)
    reading.replica.trust()
    # Django's guard knows only the databases that were there when the tests began.
    monkeypatch.setattr(connections[REPLICA], "ensure_connection", _connect)
    yield Copy(tmp_path / "replica.sqlite3")
    reading.replica.trust()
    connections[REPLICA].close()


@pytest.fixture
def site(copy):
    watch = EachDatabase()
    watch._primary.look_every = watch._replica.look_every = 0
    return FromReplica(PageCache(get_wsgi_application(), most_bytes=10_000_000, watch=watch))


def reads(application, path="/en/news/", **headers) -> dict:
    return ask(application, path, **headers)


class Asked:
    """An application that says where a question would be asked."""

    def __init__(self, before=lambda: None):
        self.before = before

    def __call__(self, environ, start_response):
        start_response("200 OK", [])
        self.before()
        return [Router().db_for_read(KeyFigure).encode()]


class TestWhichDatabase:
    @pytest.fixture(autouse=True)
    def _well(self):
        reading.replica.trust()

    def asked(self, path="/en/", *, before=lambda: None, **more) -> str:
        return ask(FromReplica(Asked(before)), path, **more)["body"].decode()

    def test_a_visitor_reads_from_the_replica(self):
        assert self.asked() == self.asked(method="HEAD") == REPLICA

    def test_whoever_is_signed_in_the_admin_and_what_is_sent_do_not(self, settings):
        cookie = f"{settings.SESSION_COOKIE_NAME}=abc"
        assert self.asked(cookie=cookie) == PRIMARY
        assert self.asked(method="POST") == PRIMARY
        for path in ("/admin/", "/admin/news/post/", "/preview/token/", "/healthz"):
            assert self.asked(path) == PRIMARY

    def test_a_request_that_wrote_goes_on_with_the_primary(self):
        assert self.asked(before=lambda: Router().db_for_write(KeyFigure)) == PRIMARY
        assert self.asked() == REPLICA

    def test_within_a_transaction_its_own_changes_are_seen(self, monkeypatch):
        def begin():
            monkeypatch.setattr(connections[PRIMARY], "in_atomic_block", True)

        assert self.asked(before=begin) == PRIMARY
        monkeypatch.undo()
        assert self.asked() == REPLICA

    def test_what_runs_outside_a_request_reads_from_the_primary(self):
        assert Router().db_for_read(KeyFigure) == PRIMARY
        assert Router().allow_migrate(REPLICA, "pages") is False
        assert Router().allow_migrate(PRIMARY, "pages") is None


@pytest.mark.django_db
class TestLag:
    def test_a_page_made_while_the_replica_lags_is_not_kept_when_it_has_followed(self, copy, site):
        article(title_en="The first discovery")
        copy.follow()
        assert b"The first discovery" in reads(site)["body"]
        article(title_en="The second discovery")
        lagging_page = reads(site, "/en/")["body"]
        assert b"The second discovery" not in reads(site)["body"]
        assert b"The second discovery" not in lagging_page
        copy.follow()
        assert b"The second discovery" in reads(site)["body"]
        assert b"The second discovery" in reads(site, "/en/")["body"]

    @pytest.mark.slow
    def test_with_the_generation_of_the_primary_it_would_be_kept(self, copy, site, monkeypatch):
        """The test above can fail: this is what it guards against."""
        copy.follow()
        monkeypatch.setattr(site.application, "watch", site.application.watch._primary)
        monkeypatch.setattr(lagging, "REPLICA", PRIMARY)
        article(title_en="The second discovery")
        with monkeypatch.context() as wrong:
            wrong.setattr(type(site.application.watch), "current", lambda self: _number_of(PRIMARY))
            assert b"The second discovery" not in reads(site)["body"]
            copy.follow()
            assert b"The second discovery" not in reads(site)["body"]

    @pytest.mark.slow
    def test_it_knows_what_will_change_by_itself_as_soon_as_the_replica_does(self, copy, site):
        story = a_post()
        copy.follow()
        reads(site)
        before = site.application.watch._replica.until
        soon = timezone.now() + datetime.timedelta(seconds=30)
        actions.publish(story, language="en", by=None, at=soon)
        reads(site)
        assert site.application.watch._replica.until == before
        copy.follow()
        reads(site)
        assert site.application.watch._replica.until == soon.timestamp()

    @pytest.mark.slow
    def test_a_replica_that_stays_behind_is_left_alone_until_it_has_followed(
        self, copy, site, monkeypatch
    ):
        monkeypatch.setattr(lagging, "MOST_BEHIND", 0.05)
        monkeypatch.setattr(lagging, "COMPARE_EVERY", 0.0)
        monkeypatch.setattr(reading, "PAUSE", 0.0)
        article(title_en="The second discovery")
        assert b"The second discovery" not in reads(site)["body"]
        time.sleep(0.06)
        monkeypatch.setattr(reading, "PAUSE", 60.0)
        assert b"The second discovery" in reads(site)["body"]
        assert not reading.replica.usable()
        reading.replica.trust()
        # Still where it stood: left alone again, at once.
        assert b"The second discovery" in reads(site)["body"]
        assert not reading.replica.usable()
        copy.follow()
        reading.replica.trust()
        assert b"The second discovery" in reads(site)["body"]
        assert reading.replica.usable()

    def test_a_primary_that_changes_all_the_time_does_not_make_a_replica_seem_behind(
        self, monkeypatch
    ):
        monkeypatch.setattr(lagging, "MOST_BEHIND", 0.05)
        monkeypatch.setattr(lagging, "COMPARE_EVERY", 0.0)
        watch, primary = ReplicaWatch(), iter(range(1, 1000))
        monkeypatch.setattr(lagging, "_generation", lambda using: next(primary))
        for number in range(12):
            assert not watch._is_behind(number)
            time.sleep(0.01)


class TestFailure:
    def test_a_replica_that_is_away_costs_nobody_a_page(self, copy, site, caplog):
        article(title_en="The first discovery")
        copy.die()
        caplog.set_level("WARNING", reading.__name__)
        assert b"The first discovery" in reads(site)["body"]
        assert not reading.replica.usable()
        assert b"The first discovery" in reads(site)["body"]
        assert [r.message for r in caplog.records if r.name == reading.__name__] == [
            "The replica does not answer. Public pages are read from the primary for a while."
        ]

    @pytest.mark.slow
    def test_pages_follow_the_primary_meanwhile_and_the_replica_afterwards(self, copy, site):
        copy.die()
        assert b"second" not in reads(site)["body"]
        article(title_en="The second discovery")
        assert b"The second discovery" in reads(site)["body"]
        copy.come_back()
        reading.replica.trust()
        # What the primary's generation names must not be found under the replica's.
        assert b"The second discovery" not in reads(site)["body"]
        copy.follow()
        assert b"The second discovery" in reads(site)["body"]

    @pytest.mark.slow
    def test_a_query_that_fails_midway_is_asked_of_the_primary(self, copy, settings):
        """PostgreSQL cancels a query of a replica that stands in the way of following."""
        calls: list[str] = []

        def cancelled(execute, sql, params, many, context):
            calls.append(sql)
            raise OperationalError("canceling statement due to conflict with recovery")

        site = FromReplica(get_wsgi_application())
        article(title_en="The first discovery")
        with connections[REPLICA].execute_wrapper(cancelled):
            answer = reads(site)
        assert calls
        assert answer["status"] == 200
        assert b"The first discovery" in answer["body"]

    @pytest.mark.slow
    def test_an_error_that_is_no_database_s_is_answered_as_ever(self):
        asked = []

        def application(environ, start_response):
            asked.append(1)
            response = HttpResponse(status=500)
            start_response("500 Internal Server Error", list(response.items()))
            return response

        assert ask(FromReplica(application))["status"] == 500
        assert asked == [1]

    @pytest.mark.slow
    def test_without_the_primary_visitors_are_served(self, copy, site, monkeypatch):
        article(title_en="The first discovery")
        copy.follow()
        monkeypatch.setitem(connections[PRIMARY].settings_dict, "NAME", "/nowhere/at/all.sqlite3")
        connections[PRIMARY].close()
        try:
            assert b"The first discovery" in reads(site)["body"]
            assert reading.replica.usable()
        finally:
            monkeypatch.undo()
            connections[PRIMARY].close()


@pytest.mark.slow
def test_an_editor_sees_at_once_what_the_replica_does_not_have_yet(copy, client):
    eve = get_user_model().objects.create_superuser("eve", password="x")
    client.force_login(eve)
    article(title_en="The second discovery")
    assert b"The second discovery" in client.get("/en/news/").content


def _connect() -> None:
    found = connections[REPLICA]
    if found.connection is None:
        with found.wrap_database_errors:
            found.connect()


def _number_of(using: str) -> int:
    return Generation.objects.using(using).get().number
