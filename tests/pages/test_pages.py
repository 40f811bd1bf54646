"""Institutional pages and what the frame of the site takes from them."""

import datetime

import pytest
from django.test import RequestFactory
from django.utils import timezone

from imagine_site.pages.context_processors import site
from imagine_site.pages.models import Menu
from imagine_site.publishing.actions import publish, withdraw
from tests.factories import pages, people

pytestmark = pytest.mark.django_db


def html(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return response.content.decode()


def test_a_page_shows_its_edition(client):
    edition = pages.published_page(title_en="Who we are", body_en="<h2>Purpose</h2><p>Words.</p>")
    text = html(client, edition.get_absolute_url())
    assert "Who we are</h1>" in text
    assert '<h2 id="purpose">Purpose</h2>' in text


def test_a_page_being_written_is_not_found_and_a_withdrawn_one_is_gone(client):
    pages.page(slug_en="a-draft")
    html(client, "/en/a-draft/", status=404)
    edition = pages.published_page(slug_en="was-here")
    withdraw(edition.story, language="en", by=None)
    html(client, "/en/was-here/", status=410)


def test_a_former_address_leads_to_the_present_one(client):
    edition = pages.published_page(slug_en="before")
    edition.story.slug_en = "after"
    edition.story.save()
    publish(edition.story, language="en", by=None)
    response = client.get("/en/before/")
    assert (response.status_code, response["Location"]) == (301, "/en/after/")


def test_a_page_in_one_language_only_says_so(client):
    edition = pages.published_page()
    text = html(client, edition.get_absolute_url())
    assert "This page is not available in French." in text
    assert 'rel="alternate"' not in text


def test_menus_hold_live_pages_in_their_order_and_language(client):
    pages.published_page(title_en="Second", menu=Menu.HEADER, menu_order=2)
    pages.published_page(title_en="First", menu=Menu.HEADER, menu_order=1, menu_label_en="One")
    pages.published_page(title_en="Below", menu=Menu.FOOTER)
    pages.page(title_en="SECRET draft", menu=Menu.HEADER)
    pages.published_page(
        title_en="SECRET tomorrow",
        menu=Menu.HEADER,
        at=timezone.now() + datetime.timedelta(days=1),
    )
    pages.published_page(title_fr="En français", menu=Menu.HEADER, language="fr")
    text = html(client, "/en/")
    header = text[text.index("<header") : text.index("</header>")]
    assert header.index(">One<") < header.index(">Second<")
    assert "Below" not in header
    assert "Below" in text
    assert "SECRET" not in text
    assert "En français" not in text


def test_the_frame_costs_nothing_before_it_is_asked_and_one_query_after(
    django_assert_num_queries,
):
    pages.published_page(menu=Menu.HEADER)
    people.founding_member()
    with django_assert_num_queries(0):
        frame = site(RequestFactory().get("/"))["site"]
    with django_assert_num_queries(1):
        assert frame.header
        assert frame.founding_members
        assert not frame.footer
        assert frame.support is None


def test_the_frame_names_founders_as_the_statutes_do():
    people.founding_member(name_en="Second", order=2)
    people.founding_member(name_en="First", order=1, short_name="1st")
    people.founding_member(name_en="Hidden", order=0, is_public=False)
    founders = site(RequestFactory().get("/"))["site"].founding_members
    assert [(link.label, link.short) for link in founders] == [("First", "1st"), ("Second", "")]


@pytest.mark.parametrize("number", [3, 60])
def test_two_queries_whatever_the_number_of_pages(client, number, django_assert_max_num_queries):
    for _ in range(number):
        edition = pages.published_page(menu=Menu.FOOTER)
    with django_assert_max_num_queries(2):
        html(client, edition.get_absolute_url())
