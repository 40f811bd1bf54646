"""Whatever a visitor can follow a link to is kept by the page cache, or named here with a reason.

An address that is linked to in another form than that of its page would be made anew each time.
"""

import re

import pytest

from imagine_site.pagecache.entries import why_not
from tests.house.crawling import DOORS, crawl

pytestmark = pytest.mark.django_db

NOT_KEPT = {
    r"/": "leads to the language of whoever asks",
    r"/healthz": "says how the site is at this moment",
    r"/admin/.*": "for colleagues",
    r"/media/.*": "files, not pages: kept by browsers, and sent by whatever stands in front",
    r"/files/.*": "files, not pages",
    r"/../.*/(press-kit|dossier-de-presse)\.zip": "a file with photographs, sent as it is made",
    r"/(en/search|fr/recherche)/\?.+": "what visitors look for is without end",
}


def reason(url: str) -> str:
    return next((why for form, why in NOT_KEPT.items() if re.fullmatch(form, url)), "")


def is_odd(url: str, why: str) -> bool:
    """One that somebody types, and that no page leads to."""
    return why == "another address" and url in DOORS


@pytest.fixture
def seen(house, client, settings):
    settings.SECURITY_CONTACT = ["security@example.org"]
    return crawl(client)


def test_every_page_that_can_be_followed_is_kept(seen):
    missed = {
        url: why
        for url, page in seen.items()
        if (why := why_not(page.response, url)) and not reason(url) and not is_odd(url, why)
    }
    assert missed == {}


def test_every_exception_is_one(seen):
    for form in NOT_KEPT:
        found = [url for url in seen if re.fullmatch(form, url)]
        assert not found or any(why_not(seen[url].response, url) for url in found), form
