"""What holds for every public page: no cookie, no script, one h1, a head that tells the truth."""

import itertools
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.factories import labs, news, people
from tests.factories import pages as made
from tests.factories.images import make_image

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def pages(made_once):
    """One page of every type in both languages, as it answered: by path, with its language."""
    return made_once(_fetched)


def _fetched() -> dict:
    return {path: (language, Client().get(path)) for language, path in _addresses()}


def _addresses() -> list[tuple[str, str]]:
    image = make_image()
    laboratory, person = labs.laboratory(image=image), people.researcher(photo=image)
    startup, member = labs.startup(logo=image), people.founding_member(logo=image)
    labs.membership(laboratory, person, role="head")
    labs.funding_round(startup)
    about = {
        "laboratories": [laboratory],
        "people": [person],
        "startups": [startup],
        "founding_members": [member],
    }
    editions = news.article_in_both_languages(about=about, lead_image=image)
    story = made.page()
    paths = {}
    for language in ("en", "fr"):
        page = made.publish(story, language=language, by=None)
        with translation.override(language):
            records = (laboratory, person, startup, member)
            paths[language] = [
                reverse("home:home"),
                reverse("home:site_map"),
                reverse("pages:history"),
                reverse("pages:key_figures"),
                *(reverse(f"news:{name}") for name in ("list", "visits")),
                *(reverse(f"labs:{name}") for name in ("laboratories", "startups")),
                *(reverse(f"people:{name}") for name in ("people", "founding_members")),
                *(record.get_absolute_url() for record in records),
                editions[language].get_absolute_url(),
                page.get_absolute_url(),
                reverse("pages:page", args=["nothing-here"]),
            ]
    return [(language, path) for language, some in paths.items() for path in some]


def test_no_cookie_no_script_no_inline_style_and_one_h1(pages):
    for path, (language, response) in pages.items():
        text = response.content.decode()
        assert "Set-Cookie" not in response.headers, path
        assert not response.cookies, path
        assert "Cookie" not in response.headers.get("Vary", ""), path
        # Nothing inline: files of our own and blocks of data for machines.
        assert not re.search(r"<script(?! (?:type=.module. )?src=.| type=.application/ld)", text), (
            path
        )
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), path
        assert text.count("<h1") == 1, path
        assert f'<html lang="{language}">' in text, path
        assert 'href="#content"' in text, path
        assert '<main id="content"' in text, path
        assert not re.search(r'(?:src|srcset)="https?://', text), path


def test_the_policy_lets_in_own_files_only(pages):
    _language, response = next(iter(pages.values()))
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-" not in policy
    assert "nonce" not in policy


def test_identifiers_are_unique_and_every_fragment_leads_somewhere(pages):
    for path, (_language, response) in pages.items():
        text = response.content.decode()
        identifiers = re.findall(r'\sid="([^"]+)"', text)
        assert len(identifiers) == len(set(identifiers)), path
        for fragment in re.findall(r'href="#([^"]+)"', text):
            assert fragment in identifiers, (path, fragment)
        for label in re.findall(r'aria-labelledby="([^"]+)"', text):
            assert label in identifiers, (path, label)


def test_no_heading_of_a_text_takes_the_name_of_a_part_of_its_page(client):
    """Anchors of headings are letters, digits and hyphens; the page's own have an underscore."""
    words = ["Press contact", "Share links", "Visit facts", "Site contact", "Footer founders"]
    body = "".join(f"<h2>{word}</h2><p>Text.</p>" for word in [*words, "Content", "Site mark"])
    people.founding_member()
    text = client.get(news.visit(body_en=body).get_absolute_url()).content.decode()
    identifiers = re.findall(r'\sid="([^"]+)"', text)
    assert len(identifiers) == len(set(identifiers))


def test_headings_never_skip_a_level(pages):
    for path, (_language, response) in pages.items():
        text = response.content.decode()
        levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
        for before, after in itertools.pairwise(levels):
            assert after <= before + 1, (path, levels)


def test_every_page_has_title_description_canonical_and_pair(pages, settings):
    for path, (_language, response) in pages.items():
        text = response.content.decode()
        assert re.search(r"<title>[^<]{3,}</title>", text), path
        if response.status_code == 404:
            assert 'name="robots" content="noindex"' in text
            assert "canonical" not in text
            continue
        assert f'rel="canonical" href="{settings.SITE_URL}{path}"' in text, path
        assert len(re.findall(r'rel="alternate" hreflang=', text)) == 3, path


def test_translations_name_each_other(pages, settings):
    def pair(path):
        text = pages[path][1].content.decode()
        return set(re.findall(r'rel="alternate" hreflang="(\w\w)" href="([^"]+)"', text))

    for path, (language, _response) in pages.items():
        if (named := pair(path)) and language == "en":
            other = dict(named)["fr"].removeprefix(settings.SITE_URL)
            assert pair(other) == named, path


def test_the_footer_says_what_the_law_asks_and_who_founded_the_house(pages):
    for path, (language, response) in pages.items():
        text = response.content.decode()
        if language == "en":
            assert "Accessibility: not compliant" in text, path
        assert "24 boulevard du Montparnasse" in text, path
        assert "site-footer__founders" in text, path
