"""OpenSearch gives the answers of the database, and the database gives them where it cannot.

Not run against a real OpenSearch: see `opensearch_stub`.
"""

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from imagine_site.publishing.actions import withdraw
from imagine_site.search import opensearch
from imagine_site.search.models import SearchChange, SearchEntry
from tests.factories import news
from tests.search.opensearch_stub import Stub
from tests.search.test_search import article, titles

pytestmark = pytest.mark.django_db


@pytest.fixture
def stub(db, settings):
    made = Stub()
    made.start()
    settings.OPENSEARCH_URL = made.url
    opensearch.set_up()
    opensearch.refill()
    yield made
    if not made.stopped:
        made.stop()
    opensearch._index.cache_clear()


def asked(stub: Stub) -> int:
    return sum(request == "POST /_msearch" for request in stub.requests)


def test_what_is_published_is_found_and_what_is_withdrawn_is_not(stub):
    edition = article("A gene for the heart")
    assert titles("gene") == ["A gene for the heart"]
    assert asked(stub)
    assert not SearchChange.objects.exists()
    withdraw(edition.story, language="en", by=None)
    assert titles("gene") == []
    assert not stub.found


def test_a_date_is_kept_to_the_microsecond(stub):
    at = timezone.now().replace(microsecond=123_457) + datetime.timedelta(hours=1)
    news.article(title_en="Tomorrow's gene", at=at)
    assert titles("gene", at=at - datetime.timedelta(microseconds=1)) == []
    assert titles("gene", at=at) == ["Tomorrow's gene"]
    assert asked(stub) >= 2


@pytest.mark.parametrize("way", ["stopped", "refuses", "has no index"])
def test_where_it_cannot_answer_the_database_does(stub, way, caplog):
    article("A gene for the heart")
    titles("gene")
    if way == "stopped":
        stub.stop()
    elif way == "refuses":
        stub.fails_with = 503
    else:
        stub.aliases.clear()
    caplog.set_level("WARNING", opensearch.__name__)
    before = len(stub.requests)
    assert titles("gene") == ["A gene for the heart"]
    assert titles("heart") == ["A gene for the heart"]
    assert len(stub.requests) - before <= 1, "it is left alone for a while"
    assert len(caplog.records) == 1


def test_what_it_missed_it_is_told_when_it_is_back(stub):
    stub.fails_with = 503
    article("A gene for the heart")
    assert titles("gene") == ["A gene for the heart"]
    assert SearchChange.objects.exists()
    stub.fails_with = 0
    opensearch.index()._asleep_until = 0
    before = asked(stub)
    assert titles("gene") == ["A gene for the heart"]
    assert asked(stub) > before
    assert not SearchChange.objects.exists()
    assert len(stub.found) == SearchEntry.objects.count()


def test_it_is_told_after_the_commit_without_anybody_asking(
    stub, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        article("A gene for the heart")
        assert not stub.found
    assert [entry.source["title"] for entry in stub.found.values()] == ["A gene for the heart"]
    assert not asked(stub)


def test_many_changes_are_told_in_parts_and_the_database_answers_meanwhile(stub, monkeypatch):
    monkeypatch.setattr(opensearch, "MOST_CHANGES", 2)
    for number in range(5):
        article(f"A gene {number}")
    assert len(titles("gene")) == 5
    assert len(stub.found) == 2
    assert not asked(stub)
    titles("gene")
    titles("gene")
    assert len(stub.found) == 5
    assert asked(stub)


def test_what_is_told_late_changes_nothing(stub):
    """Two processes tell the same changes, one of them long after the other."""
    edition = article("A gene for the heart")
    late = list(SearchChange.objects.all())
    entries = list(SearchEntry.objects.all())
    titles("gene")
    withdraw(edition.story, language="en", by=None)
    titles("gene")
    SearchEntry.objects.bulk_create(entries)
    SearchChange.objects.all().delete()
    opensearch._send(opensearch.index(), late)
    assert not stub.found


def test_an_index_that_holds_something_else_is_not_asked(stub, caplog):
    article("A gene for the heart")
    SearchChange.objects.all().delete()  # as if nobody had noted it
    assert titles("gene") == ["A gene for the heart"]
    assert not asked(stub)


def test_rebuilding_fills_a_new_index_and_removes_the_former(stub, capsys):
    article("A gene for the heart")
    former = stub.aliases[stub.name]
    call_command("rebuild_search")
    assert "OpenSearch: 1" in capsys.readouterr().out
    assert former not in stub.indices
    assert list(stub.indices) == [stub.aliases[stub.name]]
    assert not SearchChange.objects.exists()
    assert titles("gene") == ["A gene for the heart"]
    assert asked(stub)


def test_a_rebuilding_that_fails_says_so_and_the_database_answers(stub, caplog):
    article("A gene for the heart")
    stub.fails_with = 500
    with pytest.raises(CommandError, match="OpenSearch has not"):
        call_command("rebuild_search", verbosity=0)
    assert titles("gene") == ["A gene for the heart"]


def test_a_wrong_password_is_no_error_of_the_page(stub, settings, client):
    settings.OPENSEARCH_URL = stub.url.replace("site:", "other:")
    article("A gene for the heart")
    answer = client.get("/en/search/?q=gene")
    assert b"A gene for the heart" in answer.content.replace(b"<mark>", b"").replace(
        b"</mark>", b""
    )


def test_without_the_setting_nothing_is_noted(db, settings, stub):
    settings.OPENSEARCH_URL = ""
    opensearch.set_up()
    article("A gene for the heart")
    assert not SearchChange.objects.exists()
    assert titles("gene") == ["A gene for the heart"]
