"""Sitemaps by the rules of sitemaps.org 0.9 and its extensions, and nothing in them but the public.

Structure is checked against the published schema's rules: order of elements, formats, limits.
"""

import datetime
import re

import pytest
import time_machine
from django.utils import timezone
from lxml import etree

from imagine_site.home import sitemaps
from imagine_site.pagecache.entries import LONGEST
from imagine_site.publishing.actions import publish, withdraw
from tests.factories import labs, news, people
from tests.factories.images import make_image
from tests.house import institute as houses
from tests.house.addresses import every_address

pytestmark = pytest.mark.django_db

N = {
    "s": sitemaps.SITEMAP,
    "x": sitemaps.XHTML,
    "i": sitemaps.PICTURE,
    "n": sitemaps.NEWS,
}
HERE = "http://127.0.0.1:8000"
#: xsd:dateTime with a zone, as `tLastmod` of the schema.
W3C = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d))?")


def read(client, path) -> etree._Element:
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    assert len(answer.content) < 52_428_800
    return etree.fromstring(answer.content)


def parts(client) -> list[str]:
    root = read(client, "/sitemap.xml")
    assert root.tag == f"{{{N['s']}}}sitemapindex"
    return [loc.removeprefix(HERE) for loc in root.xpath("s:sitemap/s:loc/text()", namespaces=N)]


def whole(client) -> list[etree._Element]:
    """Every `url` of every part, each part checked on the way."""
    found = []
    for path in parts(client):
        root = read(client, path)
        assert root.tag == f"{{{N['s']}}}urlset"
        assert 0 < len(root) <= 50_000
        for url in root:
            check(url)
            found.append(url)
    return found


def check(url) -> None:
    names = [etree.QName(child).localname for child in url]
    known = {"loc": 0, "lastmod": 1, "link": 2, "image": 3}
    assert [known[name] for name in names] == sorted(known[name] for name in names)
    assert names.count("loc") == 1
    assert names.count("lastmod") <= 1
    for moment in url.xpath("s:lastmod/text()", namespaces=N):
        assert W3C.fullmatch(moment), moment
        assert datetime.datetime.fromisoformat(moment) <= timezone.now()
    for address in url.xpath("s:loc/text() | x:link/@href | i:image/i:loc/text()", namespaces=N):
        assert address.startswith((f"{HERE}/en/", f"{HERE}/fr/", f"{HERE}/media/")), address
        assert len(address) < 2048


@pytest.fixture
def house():
    return houses.build()


def test_what_the_sitemaps_say_is_what_the_pages_say(house, client):
    """One walk: each entry is a page that answers, the pairs of languages are reciprocal, the last
    change and the picture are those of the edition or the record."""
    urls = {url.findtext("s:loc", namespaces=N): url for url in whole(client)}
    assert len(urls) > 25
    pairs = {}
    for location, url in urls.items():
        text = client.get(location.removeprefix(HERE)).content.decode()
        assert f'<link rel="canonical" href="{location}">' in text
        links = url.xpath("x:link", namespaces=N)
        pairs[location] = {link.get("hreflang"): link.get("href") for link in links}
        for code, address in pairs[location].items():
            assert f'hreflang="{code}" href="{address}"' in text
    for location, pair in pairs.items():
        assert set(pair) == {"en", "fr", "x-default"}
        assert location in pair.values()
        assert pair["x-default"] == pair["en"]
        assert pairs[pair["en"]] == pairs[pair["fr"]] == pair

    edition, person = house.article["en"], house.researcher
    person.refresh_from_db()
    for row, moment in ((edition, edition.live_from), (person, person.updated_at)):
        url = urls[HERE + row.get_absolute_url()]
        said = datetime.datetime.fromisoformat(url.findtext("s:lastmod", namespaces=N))
        assert abs(said - moment) < datetime.timedelta(seconds=1)
    article = urls[HERE + edition.get_absolute_url()]
    pictures = article.xpath("i:image/i:loc/text()", namespaces=N)
    assert pictures == [HERE + house.image.url()]


def test_every_page_without_a_parameter_is_listed():
    """The search is the one page that crawlers have no use for."""
    public = {
        address.name
        for address in every_address()
        if address.name.count(":") and not (address.is_admin or address.parameters)
    }
    files = {name for name in public if ":feed_" in name or name.startswith("search:")}
    assert public - files == set(sitemaps.LISTS)


def test_a_text_in_one_language_has_no_pair(client):
    edition = news.article(language="fr")
    (part,) = (path for path in parts(client) if path.startswith("/sitemap-news-"))
    (url,) = read(client, part)
    assert url.findtext("s:loc", namespaces=N) == HERE + edition.get_absolute_url()
    assert url.xpath("x:link", namespaces=N) == []


def test_what_is_not_public_is_in_no_sitemap(client):
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    hidden = [labs.laboratory(is_public=False), people.researcher(is_public=False)]
    draft = news.post(slug_en="a-draft")
    later = publish(news.post(), language="en", by=None, at=tomorrow)
    locations = {url.findtext("s:loc", namespaces=N) for url in whole(client)}
    for row in (*hidden, draft, later):
        assert HERE + row.get_absolute_url() not in locations
    assert later.slug not in client.get("/sitemap-news.xml").content.decode()


def test_a_long_section_is_split(client, monkeypatch):
    editions = [news.article() for _ in range(5)]
    before = {url.findtext("s:loc", namespaces=N) for url in whole(client)}
    monkeypatch.setattr(sitemaps, "KEYS_PER_FILE", 2)
    split = [path for path in parts(client) if path.startswith("/sitemap-news-")]
    expected = sorted({-(-edition.pk // 2) for edition in editions})
    assert split == [f"/sitemap-news-{number}.xml" for number in expected]
    assert {url.findtext("s:loc", namespaces=N) for url in whole(client)} == before
    absent = (expected[-1] + 1, 0, 10**30)
    for path in (*(f"/sitemap-news-{number}.xml" for number in absent), "/sitemap-nothing-1.xml"):
        assert client.get(path).status_code == 404


def test_a_part_that_lost_all_its_entries_is_not_listed(client, monkeypatch):
    editions = [news.article() for _ in range(3)]
    monkeypatch.setattr(sitemaps, "KEYS_PER_FILE", 1)
    withdraw(editions[1].story, language="en", by=None)
    split = [path for path in parts(client) if path.startswith("/sitemap-news-")]
    assert split == [f"/sitemap-news-{editions[number].pk}.xml" for number in (0, 2)]


def test_the_index_says_when_the_last_entry_of_a_part_changed(client):
    """Also where it had been planned long ago, and others were published since."""
    now = timezone.now()
    planned = publish(
        news.post(title_en="Planned"), language="en", by=None, at=now + datetime.timedelta(hours=2)
    )
    news.article()
    person = people.researcher()
    people.researcher()
    person.save()
    with time_machine.travel(now + datetime.timedelta(hours=3), tick=False):
        said = {
            each.findtext("s:loc", namespaces=N).split("-")[1]: datetime.datetime.fromisoformat(
                each.findtext("s:lastmod", namespaces=N)
            )
            for each in read(client, "/sitemap.xml")
            if each.findtext("s:lastmod", namespaces=N)
        }
    person.refresh_from_db()
    second = datetime.timedelta(seconds=1)
    assert abs(said["news"] - planned.live_from) < second
    assert abs(said["people"] - person.updated_at) < second


def test_a_file_is_within_the_limits_of_the_protocol():
    assert sitemaps.KEYS_PER_FILE * len(sitemaps.LANGUAGES) <= 50_000
    assert sitemaps.NEWS_LENGTH <= 1_000


def test_a_full_file_is_short_enough_to_be_kept():
    """An entry with a translation and a picture takes nearly a kilobyte."""
    assert sitemaps.KEYS_PER_FILE * 1_000 <= LONGEST


def test_the_news_sitemap_holds_the_last_two_days(client):
    today = timezone.localdate()
    fresh = news.article(title_en="Fresh & <new>", date=today - datetime.timedelta(days=1))
    news.article(title_en="Stale", date=today - datetime.timedelta(days=3))
    root = read(client, "/sitemap-news.xml")
    (url,) = root
    assert url.findtext("s:loc", namespaces=N) == HERE + fresh.get_absolute_url()
    (entry,) = url.xpath("n:news", namespaces=N)
    assert entry.findtext("n:publication/n:name", namespaces=N) == "Institut Imagine"
    assert entry.findtext("n:publication/n:language", namespaces=N) == "en"
    assert entry.findtext("n:publication_date", namespaces=N) == fresh.date.isoformat()
    assert entry.findtext("n:title", namespaces=N) == "Fresh & <new>"


def test_an_empty_site_has_an_index_and_an_empty_news_sitemap(client):
    assert parts(client) == ["/sitemap-lists-en-1.xml", "/sitemap-lists-fr-1.xml"]
    assert len(read(client, "/sitemap-news.xml")) == 0


def test_an_unchanged_sitemap_is_not_sent_again(client):
    first = client.get("/sitemap.xml")
    again = client.get("/sitemap.xml", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304


def test_a_part_takes_two_queries_for_every_thousand_rows(
    client, django_assert_num_queries, monkeypatch
):
    image = make_image()
    for _ in range(3):
        news.article(lead_image=image)
    (part,) = (path for path in parts(client) if path.startswith("/sitemap-news-"))
    with django_assert_num_queries(2):
        whole_at_once = client.get(part).content
    monkeypatch.setattr(sitemaps, "ROWS_AT_ONCE", 2)
    with django_assert_num_queries(4):
        assert client.get(part).content == whole_at_once
