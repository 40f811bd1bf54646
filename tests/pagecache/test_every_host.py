"""A kept page is one for every name of the site: it must not say by which one it was called."""

import pytest

from tests.house import institute as houses
from tests.house.crawling import fetch
from tests.house.test_public_walk import _urls

pytestmark = pytest.mark.django_db


def test_no_kept_page_depends_on_the_host_it_was_asked_for(client, settings):
    settings.ALLOWED_HOSTS = ["testserver", "another.example"]
    house, kept = houses.build(), 0
    for language in houses.LANGUAGES:
        for _key, url in _urls(house, language):
            seen = fetch(client, url)
            if getattr(seen.response, "kept_path", None) is None:
                continue
            kept += 1
            other = client.get(url, headers={"host": "another.example:8080"})
            assert other.content == seen.body, url
            assert dict(other.items()) == dict(seen.response.items()), url
    assert kept > 20
