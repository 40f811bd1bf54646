"""No public page reads a whole table of what grows with every article.

On SQLite, whose plans follow from the indexes alone while nobody has counted rows (`ANALYZE`): they
are the same in a small institute as in a large one.
"""

import re

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation

from news.models import PostEdition
from tests.house import institute as houses
from tests.house.addresses import every_address
from tests.house.crawling import fetch

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="plans are read as SQLite tells them"),
]

LOCALISED = [
    address for address in every_address() if not address.is_admin and address.name.count(":")
]
#: Tables with a row or more for each article; those of the register have as many as people.
GROW = re.compile(r"news_|search_|publishing_|images_|mentions_|files_")
#: By the name that a table has in this query; a virtual one (FTS5) has its own way to find rows.
SCAN = re.compile(r"^SCAN (\w+)(?: USING (?:COVERING )?INDEX \w+)?$")
NAMED = re.compile(r'(?:FROM|JOIN) "?(\w+)"?(?: AS)? "?(\w+)"?')
QUERIES = {
    "news:list": ("?kind=visit", "?year=2024", "?page=2", "?before=x", "?kind=visit&year=2024"),
    "search:search": ("?q=gene", "?q=rare+gene", "?q=genne", "?q=zzzyx", "?q=gene&type=article"),
    "search:suggestions": ("?q=gen",),
    "news:feed_atom": ("?kind=visit",),
}


PATHS = ("/sitemap.xml", "/sitemap-news.xml", "/sitemap-news-1.xml", "/sitemap-people-1.xml")
#: The newest hundred by their key: the table is read from its end, and no further.
ALLOWED = {("/sitemap.xml", "news_postedition")}


class Scans:
    """Of every SELECT that is made: which tables SQLite reads from one end to the other."""

    def __init__(self):
        self.where = ""
        #: Address and table, with the query.
        self.found: dict[tuple[str, str], str] = {}
        self.asked = 0

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith("SELECT"):
            self.asked += 1
            tables = {alias: table for table, alias in NAMED.findall(sql)}
            explained = f"EXPLAIN QUERY PLAN {sql}".replace("%s", "?").replace("%%", "%")
            for *_ids, line in connection.connection.execute(explained, params or ()):
                if scan := SCAN.match(line):
                    table = tables.get(scan[1], scan[1])
                    if GROW.match(table):
                        self.found[self.where, table] = f"{line}: {sql}"
        return execute(sql, params, many, context)

    def of(self, where: str, work) -> None:
        self.where = where
        with connection.execute_wrapper(self):
            work()


def test_no_public_page_reads_a_table_that_grows_from_end_to_end(house):
    scans, client = Scans(), Client()
    urls = list(PATHS)
    for language in houses.LANGUAGES:
        with translation.override(language):
            for address in LOCALISED:
                url = address.url(house.values(address.key, language))
                urls += [url + query for query in ("", *QUERIES.get(address.name, ()))]
    for url in urls:
        scans.of(url, lambda url=url: fetch(client, url))
    assert scans.asked > 100
    assert {key: sql for key, sql in scans.found.items() if key not in ALLOWED} == {}


def test_a_table_that_is_read_whole_is_noticed(db):
    scans = Scans()
    scans.of("here", lambda: list(PostEdition.objects.filter(html__contains="x").order_by()))
    assert list(scans.found) == [("here", "news_postedition")]
