"""Every public address of a small institute, in both languages, as a visitor meets it."""

import lxml.html
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.house import institute as houses
from tests.house.addresses import every_address
from tests.house.crawling import body_of, crawl, fetch

pytestmark = pytest.mark.django_db

PUBLIC = [address for address in every_address() if not address.is_admin]
LOCALISED = [address for address in PUBLIC if address.name.count(":")]
#: What no page links to: the search field asks it while somebody types.
ASKED_BY_A_SCRIPT = "search:suggestions"


@pytest.fixture(scope="module")
def pages(made_once, built_house):
    """Every public address in each language, as it answered: by language and path."""

    def fetched(language):
        return {url: fetch(Client(), url) for _key, url in _urls(built_house, language)}

    return {language: made_once(fetched, language) for language in houses.LANGUAGES}


@pytest.fixture(scope="module")
def site(made_once, built_house):
    """All that links lead to."""
    return made_once(crawl, Client())


def _urls(house, language) -> list[tuple[str, str]]:
    with translation.override(language):
        return [(each.key, each.url(house.values(each.key, language))) for each in LOCALISED]


@pytest.mark.parametrize("language", houses.LANGUAGES)
def test_every_public_address_answers(pages, language):
    answers = pages[language]
    assert len(answers) >= 12
    wrong = {url: seen.response.status_code for url, seen in answers.items()}
    assert set(wrong.values()) == {200}, wrong


@pytest.mark.parametrize("language", houses.LANGUAGES)
def test_a_public_page_says_its_language_and_has_one_main_heading(pages, language):
    for url, seen in pages[language].items():
        if not seen.is_html:
            continue
        page = lxml.html.fromstring(seen.body)
        assert page.get("lang") == language, url
        headings = page.xpath("//h1")
        assert len(headings) == 1, url
        assert headings[0].text_content().strip(), url
        assert len(page.xpath("//main")) == 1, url
        assert page.xpath("string(//head/title)").strip(), url


@pytest.mark.parametrize("language", houses.LANGUAGES)
def test_no_public_page_sets_a_cookie_or_depends_on_one(pages, language):
    for url, seen in pages[language].items():
        assert not seen.response.cookies, url
        assert "cookie" not in seen.response.get("Vary", "").lower(), url


def test_every_link_on_the_public_site_leads_somewhere(house, site):
    doors_that_may_be_closed = {
        "/.well-known/security.txt",
        "/en/search/",
        "/fr/recherche/",
    }
    broken = {
        url: page.response.status_code
        for url, page in site.items()
        if page.response.status_code >= 400 and url not in doors_that_may_be_closed
    }
    assert broken == {}
    reached = {url for url, page in site.items() if page.response.status_code == 200}
    for language in houses.LANGUAGES:
        linked = {url for key, url in _urls(house, language) if key != ASKED_BY_A_SCRIPT}
        assert linked <= reached


def test_nothing_on_a_public_page_comes_from_another_host(site):
    for url, seen in site.items():
        if seen.is_html and seen.body and not url.startswith("/admin/"):
            page = lxml.html.fromstring(seen.body)
            loaded = page.xpath("//@src | //link[@rel='stylesheet' or @rel='icon']/@href")
            foreign = [address for address in loaded if "//" in address]
            assert foreign == [], url
            inline = page.xpath("//script[not(@src)][@type!='application/ld+json' or not(@type)]")
            assert inline == [], url  # a data block is read, not executed
            assert page.xpath("//style | //*[@style]") == [], url
            handlers = [
                name for element in page.iter() for name in element.attrib if name.startswith("on")
            ]
            assert handlers == [], url


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
}


@pytest.fixture
def tls(settings):
    """The headers of a site on TLS, which the other tests do without."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 63_072_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    return Client()


def test_the_security_headers_are_on_every_kind_of_answer(house, tls):
    home, person = reverse("home:home"), house.researcher.get_absolute_url()
    withdrawn = house.article["en"].get_absolute_url()
    media = reverse("images:media", args=[house.image.paths()[0]])
    answers = {
        "page": tls.get(home, secure=True),
        "page of a record": tls.get(person, secure=True),
        "article": tls.get(withdrawn, secure=True),
        "picture": tls.get(media, secure=True),
        "file": tls.get(house.file.get_absolute_url(), secure=True),
        "robots": tls.get("/robots.txt", secure=True),
        "redirect": tls.get("/", secure=True),
        "missing slash": tls.get(home.rstrip("/"), secure=True),
        "not found": tls.get("/en/nothing/here/at/all/", secure=True),
        "no method": tls.post(home, secure=True),
        "log in": tls.get("/admin/login/", secure=True),
    }
    statuses = {name: answer.status_code for name, answer in answers.items()}
    assert statuses == {
        "page": 200,
        "page of a record": 200,
        "article": 200,
        "picture": 200,
        "file": 200,
        "robots": 200,
        "redirect": 302,
        "missing slash": 301,
        "not found": 404,
        "no method": 405,
        "log in": 200,
    }
    for name, answer in answers.items():
        body_of(answer)
        for header, value in HEADERS.items():
            assert answer.get(header) == value, (name, header)
        policy = answer.get("Content-Security-Policy", "")
        assert "default-src 'none'" in policy, name
        assert "unsafe-eval" not in policy, name
        if name != "log in":
            assert "unsafe" not in policy, name
            assert "nonce" not in policy, name


def test_without_tls_a_visitor_is_sent_to_the_secure_address(house, tls):
    answer = tls.get("/en/")
    assert answer.status_code == 301
    assert answer["Location"] == "https://testserver/en/"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_an_unknown_host_is_refused(client, house):
    assert client.get("/en/", headers={"host": "evil.example"}).status_code == 400
