"""Atom, RSS and JSON feeds: valid, equal in what they say, and answering conditional requests."""

import datetime
import json
from email.utils import parsedate_to_datetime

import pytest
from django.utils import timezone
from lxml import etree

from imagine_site.publishing.actions import publish, withdraw
from news import feeds
from news.feeds import with_absolute_addresses
from tests.factories import labs, news
from tests.factories.images import make_image

pytestmark = pytest.mark.django_db

NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
}
ADDRESSES = {"en": "/en/news/feed", "fr": "/fr/actualites/feed"}


def read(client, url, **headers):
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200, url
    return answer


def atom(client, query="", language="en"):
    return etree.fromstring(read(client, f"{ADDRESSES[language]}.atom{query}").content)


def rss(client, query="", language="en"):
    return etree.fromstring(read(client, f"{ADDRESSES[language]}.rss{query}").content)


def one(element, path):
    (found,) = element.xpath(path, namespaces=NAMES)
    return found


@pytest.fixture
def articles():
    """One of everything a feed has to carry: a picture, links, notes, odd characters."""
    body = (
        '<p>A &lt;b&gt; &amp; <a href="/en/people/">people</a>'
        '<span data-footnote="">A note.</span>.</p>'
    )
    first = news.article_in_both_languages(
        title_en="Cells & “genes” <i>",
        title_fr="Cellules et « gènes »",
        body_en=body,
        body_fr=body,
        lead_image=make_image(),
        date=datetime.date(2020, 5, 4),
    )
    news.article_in_both_languages(title_en="Second", title_fr="Deuxième", kind="press")
    return first


@pytest.mark.parametrize("language", list(ADDRESSES))
def test_an_atom_feed_has_what_rfc_4287_requires(client, articles, language):
    answer = read(client, f"{ADDRESSES[language]}.atom")
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = etree.fromstring(answer.content)
    assert feed.tag == f"{{{NAMES['a']}}}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    for each in [feed, *feed.xpath("a:entry", namespaces=NAMES)]:  # §4.1.1, §4.1.2
        assert one(each, "a:id").text.startswith("tag:127.0.0.1,2026:")
        assert one(each, "a:title").text
        moment = datetime.datetime.fromisoformat(one(each, "a:updated").text)
        assert moment.tzinfo is not None
        assert moment <= timezone.now()
    assert one(feed, "a:author/a:name").text  # §4.1.1: the feed's, so that entries need none
    own = one(feed, "a:link[@rel='self']").get("href")
    assert own == f"http://127.0.0.1:8000{ADDRESSES[language]}.atom"
    assert one(feed, "a:link[@rel='alternate']").get("href").startswith("http://127.0.0.1:8000/")
    entries = feed.xpath("a:entry", namespaces=NAMES)
    ids = [one(entry, "a:id").text for entry in entries]
    assert len(ids) == len(set(ids)) == 2
    for entry in entries:
        assert one(entry, "a:link[@rel='alternate']").get("href").startswith("http://127.0.0.1")
        content = one(entry, "a:content")
        assert content.get("type") == "html"
        assert content.text
    with_picture = one(feed, "a:entry/a:link[@rel='enclosure']")
    assert int(with_picture.get("length")) > 0
    assert with_picture.get("type") == "image/jpeg"


def test_an_rss_feed_has_what_rss_2_0_requires(client, articles):
    answer = read(client, "/en/news/feed.rss")
    assert answer["Content-Type"] == "application/rss+xml; charset=utf-8"
    root = etree.fromstring(answer.content)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    channel = one(root, "channel")
    for name in ("title", "link", "description", "language"):
        assert one(channel, name).text
    assert parsedate_to_datetime(one(channel, "lastBuildDate").text)
    items = channel.xpath("item")
    assert len(items) == 2
    for item in items:
        assert one(item, "title").text
        assert one(item, "link").text.startswith("http://127.0.0.1:8000/en/news/")
        assert one(item, "guid").get("isPermaLink") == "false"
        assert parsedate_to_datetime(one(item, "pubDate").text).tzinfo
        assert one(item, "content:encoded").text
    assert set(one(root, "//enclosure").keys()) == {"url", "length", "type"}


def test_a_json_feed_has_what_version_1_1_requires(client, articles):
    answer = read(client, "/fr/actualites/feed.json")
    assert answer["Content-Type"] == "application/feed+json; charset=utf-8"
    feed = json.loads(answer.content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["language"] == "fr"
    assert feed["home_page_url"] == "http://127.0.0.1:8000/fr/actualites/"
    assert len(feed["items"]) == 2
    for item in feed["items"]:
        assert {"id", "url", "title", "content_html", "date_published"} <= set(item)
        assert datetime.datetime.fromisoformat(item["date_published"]).tzinfo


def test_the_three_say_the_same(client, articles):
    by_atom = [entry.text for entry in atom(client).xpath("//a:entry/a:title", namespaces=NAMES)]
    by_rss = [title.text for title in rss(client).xpath("//item/title")]
    items = json.loads(read(client, "/en/news/feed.json").content)["items"]
    assert by_atom == by_rss == [item["title"] for item in items]
    assert "Cells & “genes” <i>" in by_atom


def test_every_address_in_a_text_is_absolute(client, articles):
    texts = [element.text for element in rss(client).xpath("//*[local-name()='encoded']")]
    assert any('href="http://127.0.0.1:8000/en/people/"' in text for text in texts)
    assert not any('="/' in text or 'href="#' in text or " id=" in text for text in texts)


def test_relative_sources_of_every_kind_become_absolute():
    html = with_absolute_addresses(
        'Before <img src="/media/a.jpg" srcset="/media/a.jpg 480w, /media/b.jpg 960w"> after'
        '<a href="https://else.example/">x</a><!-- comment -->'
    )
    assert "Before" in html
    assert "http://127.0.0.1:8000/media/b.jpg 960w" in html
    assert 'href="https://else.example/"' in html


def test_a_feed_is_narrowed_like_the_list(client, articles):
    laboratory = labs.laboratory()
    news.article(title_en="About it", about={"laboratories": [laboratory]})

    def titles(query):
        return [title.text for title in rss(client, query).xpath("//item/title")]

    assert titles("?kind=press") == ["Second"]
    assert titles(f"?lab={laboratory.slug_en}") == ["About it"]
    assert len(titles("?lab=no-such-laboratory&kind=nonsense&page=7")) == 3
    own = one(rss(client, "?page=2&kind=press&x=1"), "//*[local-name()='link'][@rel='self']")
    assert own.get("href") == "http://127.0.0.1:8000/en/news/feed.rss?kind=press"


def test_a_feed_is_short_and_the_latest_come_first(client, monkeypatch):
    assert feeds.LENGTH == 20
    monkeypatch.setattr(feeds, "LENGTH", 2)
    for day in (1, 3, 2):
        news.article(title_en=f"Day {day}", date=datetime.date(2021, 1, day))
    titles = [title.text for title in rss(client).xpath("//item/title")]
    assert titles == ["Day 3", "Day 2"]


def test_an_empty_feed_is_still_a_feed(client):
    assert one(atom(client), "a:updated").text
    assert rss(client).xpath("//item") == []


def test_what_has_not_changed_is_not_sent_again(client, articles):
    for suffix in ("atom", "rss", "json"):
        url = f"/en/news/feed.{suffix}"
        first = read(client, url)
        same = client.get(url, headers={"if-none-match": first["ETag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert same["ETag"] == first["ETag"]
        since = client.get(url, headers={"if-modified-since": first["Last-Modified"]})
        assert since.status_code == 304
    old = read(client, "/en/news/feed.atom")
    story = articles["en"].story
    story.refresh_from_db()
    story.title_en = "Another title"
    story.save()
    publish(story, language="en", by=None)
    new = client.get("/en/news/feed.atom", headers={"if-none-match": old["ETag"]})
    assert new.status_code == 200
    assert "Another title" in new.content.decode()


def test_a_revised_article_keeps_its_identity(client, articles):
    before = set(atom(client).xpath("//a:entry/a:id/text()", namespaces=NAMES))
    story = articles["en"].story
    story.refresh_from_db()
    story.slug_en = "elsewhere"
    story.save()
    publish(story, language="en", by=None)
    assert set(atom(client).xpath("//a:entry/a:id/text()", namespaces=NAMES)) == before


def test_what_is_not_live_is_in_no_feed(client, articles):
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    news.post(title_en="A draft")
    publish(news.post(title_en="Tomorrow"), language="en", by=None, at=tomorrow)
    withdraw(articles["en"].story, language="en", by=None)
    for suffix in ("atom", "rss", "json"):
        text = read(client, f"/en/news/feed.{suffix}").content.decode()
        assert "Second" in text
        assert "draft" not in text
        assert "Tomorrow" not in text
        assert "Cells" not in text


def test_no_character_breaks_a_feed(client):
    news.article(title_en="Bad\x0b\x00 \ufffe title ]]> 𝛼".replace("\x00", ""))
    assert rss(client).xpath("//item/title")[0].text.startswith("Bad")
    assert atom(client) is not None


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_a_feed_takes_few_queries(client, articles, django_assert_max_num_queries, suffix):
    with django_assert_max_num_queries(4):
        read(client, f"/en/news/feed.{suffix}")
