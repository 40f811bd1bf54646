"""Whatever a kept page is made from moves the generation when it changes."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imagine_site.pagecache import triggers
from tests.house import institute as houses
from tests.house.crawling import fetch
from tests.house.test_public_walk import _urls

pytestmark = pytest.mark.django_db

#: Tables whose changes can be seen in a page only together with a change of a watched one.
UNSEEN = {
    # Every 404 and unknown address asks it, and those are not kept.
    "pages_redirect",
}


def test_every_table_that_a_kept_page_reads_is_watched(client):
    house = houses.build()
    known = set(connection.introspection.table_names())
    read, pages = {}, 0
    for language in houses.LANGUAGES:
        for _key, url in _urls(house, language):
            with CaptureQueriesContext(connection) as queries:
                response = fetch(client, url).response
            if getattr(response, "kept_path", None) is None:
                continue
            pages += 1
            for query in queries:
                for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"]):
                    read.setdefault(table, url)
    assert pages > 20
    assert len(read) > 10
    unwatched = {
        table: url
        for table, url in read.items()
        if table in known - set(triggers.tables()) - UNSEEN
    }
    assert unwatched == {}
