"""Institutional pages and what the frame of the site takes from them."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from django.utils import timezone

from imagine_site.pages.context_processors import site
from imagine_site.pages.models import Menu, Page
from imagine_site.publishing.actions import publish, restore, withdraw
from imagine_site.publishing.findings import NotPublishable, inspect
from tests.factories import news, pages, people
from tests.factories.images import make_image

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
    assert "hreflang" not in text[: text.index("<body")]


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
        assert frame.footer == frame.header
        assert frame.support is None


def test_the_frame_names_founders_as_the_statutes_do():
    people.founding_member(name_en="Second", order=2)
    people.founding_member(name_en="First", order=1, short_name="1st")
    people.founding_member(name_en="Hidden", order=0, is_public=False)
    founders = site(RequestFactory().get("/"))["site"].founding_members
    assert [(link.label, link.short) for link in founders] == [("First", "1st"), ("Second", "")]


@pytest.mark.parametrize("number", [3, 26])
def test_two_queries_whatever_the_number_of_pages(client, number, django_assert_max_num_queries):
    for _ in range(number):
        edition = pages.published_page(menu=Menu.FOOTER)
    with django_assert_max_num_queries(2):
        html(client, edition.get_absolute_url())


class TestRoles:
    def test_every_page_leads_to_those_that_matter_whatever_their_addresses(self, client):
        roles = ("legal", "privacy", "accessibility", "contact", "press", "support", "governance")
        for role in roles:
            pages.published_page(slug_en=f"anything-{role}", role=role)
        footer = html(client, "/en/history/").partition("<footer")[2]
        for role in roles:
            assert footer.count(f'href="/en/anything-{role}/"') >= 1, role
        assert footer.count('href="/en/anything-legal/"') == 1

    def test_a_role_has_one_page(self):
        pages.page(role="press")
        with pytest.raises(ValidationError, match="Another page has this role already"):
            Page(title_en="Another", role="press").full_clean()

    def test_the_address_alone_gives_no_role(self, client):
        pages.published_page(slug_en="support-us")
        assert site(RequestFactory().get("/"))["site"].support is None

    def test_restoring_an_edition_leaves_the_role_alone(self):
        edition = pages.published_page(role="press")
        edition.story.role = ""
        edition.story.save()
        pages.page(role="press")
        restore(edition, by=None)
        assert Page.objects.get(pk=edition.story_id).role == ""


class TestThePressRoom:
    def test_it_lists_releases_with_their_press_kits_and_visits(self, client):
        room = pages.published_page(role="press")
        release = news.article(title_en="A release", kind="press")
        news.visit(title_en="A visit")
        news.article(title_en="Only news")
        text = html(client, room.get_absolute_url()).partition("<main")[2]
        assert f'href="{release.get_press_kit_url()}"' in text
        assert "A visit" in text
        assert "Only news" not in text

    @pytest.mark.parametrize("number", [0, 12])
    def test_four_queries_whatever_the_number(self, client, number, django_assert_max_num_queries):
        room = pages.published_page(role="press")
        for _ in range(number):
            news.article(kind="press")
            news.visit()
        with django_assert_max_num_queries(4):
            html(client, room.get_absolute_url())


class TestWhatIsNotFilledIn:
    @pytest.mark.parametrize(
        "marker", ["[à compléter : téléphone]", "[À compléter]", "[to fill in: telephone]"]
    )
    def test_a_marker_blocks_publishing(self, marker):
        story = pages.page(body_en=f"<p>Call {marker} in the <strong>morning</strong>.</p>")
        with pytest.raises(NotPublishable) as refused:
            publish(story, language="en", by=None)
        assert marker in str(refused.value)

    def test_brackets_alone_do_not(self):
        pages.published_page(body_en="<p>He said [sic] that it was [fill in] for him.</p>")

    def test_a_legal_page_is_told_what_the_law_asks(self):
        story = pages.page(role="legal", body_en="<p>Published by us, hosted by them.</p>")
        found = [finding for finding in inspect(story, "en") if not finding.blocks]
        assert len(found) == 2  # telephone, director of the publication
        assert "telephone" in found[0].message + found[1].message


class TestHistoryAndFigures:
    def test_each_step_has_its_date_and_each_figure_its_source(self, client):
        pages.milestone(date="2014-06-18", text_en="The building", image=make_image())
        pages.milestone(text_en="SECRET", is_public=False)
        pages.key_figure(value="1,000+", as_of="2020-12-04")
        pages.key_figure(value="SECRET", is_public=False)
        history, figures = html(client, "/en/history/"), html(client, "/en/key-figures/")
        assert "18\u00a0June 2014" in history
        assert "<picture" in history
        assert "as of 4\u00a0December 2020, source: Annual report" in figures
        assert "SECRET" not in history + figures

    @pytest.mark.parametrize("path", ["/en/history/", "/en/key-figures/"])
    def test_two_queries_and_a_word_where_there_is_nothing(
        self, client, path, django_assert_max_num_queries
    ):
        for filled in (False, True):
            if filled:
                for _ in range(12):
                    pages.milestone(image=make_image())
                    pages.key_figure()
            with django_assert_max_num_queries(2):
                text = html(client, path)
            assert ('class="empty' in text) is not filled
