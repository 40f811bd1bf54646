"""What every page says of itself to search engines, to those who share it, and to machines."""

import json

import lxml.html
import pytest
from django.urls import reverse
from django.utils import translation

from tests.factories import labs, news, pages
from tests.house import institute as houses
from tests.house.addresses import every_address

pytestmark = pytest.mark.django_db

HERE = "http://127.0.0.1:8000"
PAGES = [address for address in every_address() if address.name.count(":") and not address.is_admin]
#: Addresses of files; whatever else has two languages is a page.
NO_PAGES = {
    "images:media",
    "files:file",
    "news:feed_atom",
    "news:feed_rss",
    "news:feed_json",
    "news:press_kit",
    "search:suggestions",
}
#: What each page type says, beside the way to it.
TYPES = {
    "home:home": {"ResearchOrganization", "WebSite"},
    "news:article": {"NewsArticle"},
    "people:person": {"Person"},
    "people:founding_member": {"Organization"},
    "labs:laboratory": {"ResearchOrganization"},
    "labs:startup": {"Organization"},
}
#: What search engines and readers cannot do without (Google's required and recommended).
REQUIRED = {
    "NewsArticle": {"headline", "datePublished", "dateModified", "image", "author", "publisher"},
    "Event": {"name", "startDate", "endDate", "location", "eventStatus", "organizer", "image"},
    "Person": {"name", "url", "worksFor", "memberOf", "jobTitle", "image"},
    "ResearchOrganization": {"name", "url", "address"},
    "Organization": {"name", "url"},
    "WebSite": {"name", "url", "potentialAction", "inLanguage"},
    "BreadcrumbList": {"itemListElement"},
}


class Page:
    def __init__(self, client, url):
        self.url = url
        self.answer = client.get(url)
        assert self.answer.status_code == 200, url
        self.tree = lxml.html.fromstring(self.answer.content)

    def values(self, path):
        return self.tree.xpath(path)

    def one(self, path):
        (found,) = self.tree.xpath(path)
        return found

    def meta(self, name):
        return self.one(f"//meta[@property='{name}' or @name='{name}']/@content")

    @property
    def pair(self):
        links = self.tree.xpath("//link[@rel='alternate'][@hreflang]")
        return {link.get("hreflang"): link.get("href") for link in links}

    @property
    def things(self):
        blocks = self.tree.xpath("//script[@type='application/ld+json']/text()")
        return [thing for block in blocks for thing in json.loads(block)["@graph"]]


@pytest.fixture
def site(house, client):
    """Every page there is, by URL name and language."""
    found = {}
    for language in houses.LANGUAGES:
        with translation.override(language):
            urls = {each.key: each.url(house.values(each.key, language)) for each in PAGES}
        for key, url in urls.items():
            if key not in NO_PAGES:
                found[key, language] = Page(client, url)
    return found


def test_every_page_says_what_it_is(site, client):
    """One walk for all that each page must say: making the pages is what takes the time."""
    assert len(site) >= 24
    by_address = {page.one("//link[@rel='canonical']/@href"): page for page in site.values()}
    assert len(by_address) == len(site)
    for (key, language), page in site.items():
        assert page.one("//link[@rel='canonical']/@href") == HERE + page.url

        # hreflang: reciprocal, with a default, and the switch leads to the same item.
        other = houses.LANGUAGES[language == "en"]
        twin = site[key, other]
        assert set(page.pair) == {"en", "fr", "x-default"}, page.url
        assert page.pair == twin.pair, page.url
        assert page.pair[language] == HERE + page.url
        assert page.pair[other] == HERE + twin.url
        assert page.pair["x-default"] == page.pair["en"]
        switch = page.values(f"//header//a[@hreflang='{other}']/@href")
        assert twin.url in switch, page.url

        # Open Graph and Twitter.
        for name in ("og:title", "og:type", "og:url", "og:site_name", "og:locale", "og:image:alt"):
            assert page.meta(name), (page.url, name)
        assert page.meta("twitter:card") == "summary_large_image"
        assert (page.meta("og:image:width"), page.meta("og:image:height")) == ("1200", "630")
        assert page.meta("og:image").startswith(f"{HERE}/media/r/")

        # JSON-LD.
        types = {thing["@type"] for thing in page.things}
        way = set() if key == "home:home" else {"BreadcrumbList"}
        assert types == TYPES.get(key, set()) | way, page.url
        for thing in page.things:
            assert REQUIRED[thing["@type"]] <= set(thing), (page.url, thing)
            if thing["@type"] == "BreadcrumbList":
                steps = thing["itemListElement"]
                assert steps[0]["item"] == f"{HERE}/{language}/"
                assert steps[-1]["item"] == HERE + page.url
                assert [step["position"] for step in steps] == list(range(1, len(steps) + 1))

        # Feeds of the language.
        feeds = page.values("//link[@rel='alternate'][starts-with(@type, 'application/')]/@href")
        assert len(feeds) == 3
        assert all(feed.startswith(f"/{language}/") for feed in feeds)
    each_has_a_card_of_its_own(site, client)


def each_has_a_card_of_its_own(site, client):
    cards = {key: page.meta("og:image") for key, page in site.items()}
    answer = client.get(cards["news:article", "en"].removeprefix(HERE))
    assert answer["Content-Type"] == "image/jpeg"
    b"".join(answer.streaming_content)
    assert cards["news:list", "en"] == cards["people:people", "en"]
    own = ("news:article", "people:person", "labs:laboratory", "labs:startup", "pages:page")
    assert len({cards[key, "en"] for key in own}) == len(own)


def test_a_visit_is_an_event(client):
    visit = news.visit(guests=[("Eve", "Mayor")])
    page = Page(client, visit.get_absolute_url())
    (event,) = [thing for thing in page.things if thing["@type"] == "Event"]
    assert set(event) >= REQUIRED["Event"]
    assert event["startDate"] == visit.date.isoformat()
    assert event["attendee"] == [{"@type": "Person", "name": "Eve", "jobTitle": "Mayor"}]


def test_feeds_of_a_page_hold_what_the_page_is_about(client):
    def feed(url):
        return Page(client, url).one("//link[@type='application/atom+xml']/@href")

    assert feed("/en/news/?year=2021&kind=press&page=1") == (
        "/en/news/feed.atom?kind=press&year=2021"
    )
    laboratory = labs.laboratory()
    assert feed(laboratory.get_absolute_url()) == f"/en/news/feed.atom?lab={laboratory.slug_en}"
    assert client.get(feed(laboratory.get_absolute_url())).status_code == 200


@pytest.mark.parametrize("make", [news.article, pages.published_page])
@pytest.mark.parametrize(
    ("language", "said"), [("en", "not available in French"), ("fr", "n’existe pas en anglais")]
)
def test_what_is_not_translated_says_so_and_claims_no_pair(client, make, language, said):
    page = Page(client, make(language=language).get_absolute_url())
    assert page.pair == {}
    other = houses.LANGUAGES[language == "en"]
    (switch,) = {*page.values(f"//header//a[@hreflang='{other}']/@href")}
    assert client.get(switch).status_code == 200
    if make is news.article:
        text = " ".join(page.tree.text_content().split())
        assert said in text or "pas disponible en anglais" in text


def test_a_page_that_is_none_asks_not_to_be_found(client):
    answer = client.get("/en/no/such/page/")
    tree = lxml.html.fromstring(answer.content)
    assert tree.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert tree.xpath("//link[@rel='canonical'] | //link[@hreflang]") == []
    assert tree.xpath("//script[@type='application/ld+json']") == []


def test_a_hostile_title_stays_a_title(client):
    title = "</script><script>alert(1)</script>"
    page = Page(client, news.article(title_en=title).get_absolute_url())
    (article,) = [thing for thing in page.things if thing["@type"] == "NewsArticle"]
    assert article["headline"] == title
    scripts = page.values("//script[not(@src)]")
    assert {script.get("type") for script in scripts} == {"application/ld+json"}
    assert reverse("news:list") in page.answer.content.decode()
