"""The page on which staff see every component, and that it shows what there is."""

import re

import lxml.html
import pytest
from django.urls import reverse

from imagine_site.home import style_guide

pytestmark = pytest.mark.django_db


def test_only_staff_see_it(client, admin_client, django_user_model):
    address = reverse("style_guide")
    assert client.get(address).status_code == 302
    client.force_login(django_user_model.objects.create_user("a-reader"))
    assert client.get(address).status_code == 302
    answer = admin_client.get(address)
    assert answer.status_code == 200
    assert "noindex" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_every_component_is_shown_in_both_themes(admin_client):
    page = lxml.html.fromstring(admin_client.get(reverse("style_guide")).content)
    for name in style_guide.names():
        part = page.xpath(f"//section[@aria-labelledby='guide-{name}']")
        assert len(part) == 1, name
        for theme in style_guide.THEMES:
            assert part[0].xpath(f".//div[@class='theme theme--{theme}']"), f"no example: {name}"
    identifiers = page.xpath("//@id")
    assert len(identifiers) == len(set(identifiers))


def test_every_colour_is_shown_with_its_contrast_and_holds():
    for theme in style_guide.THEMES:
        shown = style_guide.pairs(theme)
        assert len(shown) == len(style_guide.PAIRS)
        assert [pair for pair in shown if not pair.holds] == []


def test_both_themes_have_all_tokens():
    css = str(style_guide.themes_css())
    for theme in style_guide.THEMES:
        assert set(style_guide.tokens("light")) == set(style_guide.tokens(theme))
        assert f".theme--{theme} {{ color-scheme: {theme};" in css
    dark = re.search(r"--paper: (#\w+);[^}]*}$", css)
    assert dark and dark[1] == style_guide.tokens("dark")["paper"]
