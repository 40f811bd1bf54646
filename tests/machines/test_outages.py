"""A service that is away is left alone, and told of once, whoever asks and how often."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from imagine_site.pagecache import redis_pages
from imagine_site.pagecache.outages import Outage
from imagine_site.pagecache.redis_pages import RedisPages
from tests.machines.servers import free_port

logger = logging.getLogger(__name__)


@pytest.fixture
def outage():
    return Outage(logger, away="It is away.", back="It is back.")


def said(caplog) -> list[str]:
    return [record.message for record in caplog.records]


def test_it_is_left_alone_after_a_failure_and_asked_again_after_a_while(outage):
    assert outage.may_be_asked()
    outage.failed(pause=60)
    assert not outage.may_be_asked()
    outage.failed(pause=0)
    assert outage.may_be_asked()
    outage.failed(pause=60)
    outage.answered()
    assert outage.may_be_asked()


def test_its_going_and_its_coming_back_are_told_once_each(outage, caplog):
    caplog.set_level("WARNING", __name__)
    outage.answered()
    assert said(caplog) == []
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: outage.failed(pause=0), range(200)))
    assert said(caplog) == ["It is away."]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: outage.answered(), range(200)))
    assert said(caplog) == ["It is away.", "It is back."]


def test_pages_that_cannot_be_shared_are_one_line_in_the_log(caplog, monkeypatch):
    caplog.set_level("WARNING", redis_pages.__name__)
    monkeypatch.setattr(redis_pages, "PAUSE", 0.0)  # asked by each request
    pages = RedisPages(f"redis://127.0.0.1:{free_port()}/0")
    for number in range(20):
        assert pages.get(f"page {number}", 1) is None
    assert len(caplog.records) == 1
