"""The front page, the way to it, and what stands where nothing is."""

import datetime

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import translation

from imagine_site.home.views import in_focus, preferred_language
from tests.factories import labs, news, pages, people
from tests.factories.images import make_image

pytestmark = pytest.mark.django_db


def html(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return response.content.decode()


class TestTheRoot:
    @pytest.mark.parametrize(
        ("header", "to"),
        [
            ("", "/en/"),
            ("fr", "/fr/"),
            ("fr-CA,en;q=0.8", "/fr/"),
            ("de,fr;q=0.5,en;q=0.4", "/fr/"),
            ("de", "/en/"),
            ("*", "/en/"),
            ("en;q=0.1,fr;q=0.9", "/fr/"),
            ("nonsense;;;q=,", "/en/"),
        ],
    )
    def test_it_leads_to_the_visitors_language(self, client, header, to):
        response = client.get("/", headers={"accept-language": header})
        assert (response.status_code, response["Location"]) == (302, to)
        assert response["Vary"] == "Accept-Language"

    def test_a_cookie_has_no_say(self, client):
        client.cookies["django_language"] = "fr"
        assert client.get("/")["Location"] == "/en/"

    def test_a_language_we_do_not_have_falls_back(self):
        assert preferred_language("pt-BR,pt;q=0.9") == "en"


class TestTheFrontPage:
    def test_it_shows_the_house(self, client):
        news.article(title_en="The lead", date=datetime.date(2022, 1, 1), lead_image=make_image())
        news.article(title_en="Another", date=datetime.date(2021, 1, 1))
        news.visit(
            title_en="A visit", date=datetime.date(2020, 1, 1), guests=[("A Minister", "Health")]
        )
        pages.key_figure(value="1,000+", label_en="doctors", as_of="2020-12-04")
        pages.milestone(date="2014-06-18", text_en="The building")
        labs.laboratory(name_en="Heart")
        labs.laboratory(name_en="Closed down", closed="2019")
        people.founding_member(name_en="The city")
        text = html(client, "/en/")
        for expected in (
            "The lead",
            "Another",
            "A visit",
            "A Minister",
            "1,000+",
            "as of 4\u00a0December 2020",
            "source: Annual report",
            "18\u00a0June 2014",
            "The building",
            "Heart",
            "1 founding member",
            "The city",
        ):
            assert expected in text, expected
        assert "Closed down" not in text
        assert text.count("<h1") == 1

    def test_a_fresh_install_looks_like_a_house_and_not_like_a_ruin(self, client):
        text = html(client, "/en/")
        assert "Nothing has been published yet" in text
        for part in ('id="figures"', 'id="history"', 'id="founders"', 'id="laboratories"'):
            assert part not in text

    def test_what_is_not_public_stays_away(self, client):
        pages.key_figure(value="SECRET 1", is_public=False)
        pages.milestone(text_en="SECRET 2", is_public=False)
        people.founding_member(name_en="SECRET 3", is_public=False)
        labs.laboratory(name_en="SECRET 4", is_public=False)
        news.post(title_en="SECRET 5")
        assert "SECRET" not in html(client, "/en/")

    def test_a_french_figure_may_be_written_otherwise(self, client):
        pages.key_figure(value="1,000+", value_fr="Plus de 1 000")
        assert "Plus de 1 000" in html(client, "/fr/")

    def test_the_gift_button_never_leads_nowhere(self, client):
        text = html(client, "/en/")
        assert 'href="#site_contact"' in text
        assert 'id="site_contact"' in text
        pages.published_page(slug_en="support-us", title_en="Support us", role="support")
        text = html(client, "/en/")
        assert 'href="/en/support-us/"' in text
        assert 'href="#site_contact"' not in text

    @pytest.mark.parametrize("number", [3, 26])
    def test_eight_queries_whatever_the_number(self, client, number, django_assert_max_num_queries):
        for _ in range(number):
            news.visit()
            pages.key_figure()
            pages.milestone()
            labs.laboratory()
            people.founding_member()
        with django_assert_max_num_queries(8):
            html(client, "/en/")


class TestTheLaboratoryOfTheWeek:
    def test_each_has_its_turn_and_all_visitors_see_the_same(self):
        some = [labs.laboratory(we_study_en="Hearts.") for _ in range(3)]
        silent = labs.laboratory(we_study_en="", we_study_fr="")
        monday = datetime.date(2026, 11, 23)
        week = {in_focus([*some, silent], at=monday + datetime.timedelta(day)) for day in range(7)}
        assert len(week) == 1
        weeks = {in_focus([*some, silent], at=monday + datetime.timedelta(7 * n)) for n in range(3)}
        assert weeks == set(some)
        assert in_focus([silent], at=monday) == silent
        assert in_focus([], at=monday) is None

    def test_it_is_shown_with_who_leads_it(self, client):
        laboratory = labs.laboratory(we_study_en="How hearts form.", image=make_image())
        labs.membership(laboratory, people.researcher(family_name="Harvey"), role="head")
        text = html(client, "/en/")
        assert "How hearts form." in text
        assert "Harvey" in text


def test_start_ups_are_counted_and_added_up(client):
    for amount in (14_500_000, 35_000_000):
        labs.funding_round(labs.startup(), amount=amount, date="2021")
    labs.funding_round(labs.startup(is_public=False), amount=1_000_000, date="2021")
    text = " ".join(html(client, "/en/").split())
    assert "2 start-ups, €49.5 million raised" in text


def test_the_map_of_the_site_names_everything_public(client, django_assert_max_num_queries):
    laboratory, startup = labs.laboratory(), labs.startup()
    laboratory.themes.add(labs.theme(name_en="Hearts"))
    hidden = labs.laboratory(name_en="SECRET", is_public=False)
    page, member = pages.published_page(), people.founding_member()
    with django_assert_max_num_queries(4):
        text = html(client, "/en/site-map/")
    for record in (laboratory, startup, page, member):
        assert f'href="{record.get_absolute_url()}"' in text
    assert "Hearts" in text
    assert hidden.name not in text


class TestWhereNothingIs:
    @pytest.mark.parametrize(
        "path", ["/en/nothing-here/", "/en/news/nothing/", "/fr/rien/du/tout/"]
    )
    def test_the_page_offers_ways_on(self, client, path):
        news.article_in_both_languages(title_en="In English", title_fr="En français")
        text = html(client, path, status=404)
        language = path[1:3]
        assert f'<html lang="{language}">' in text
        assert ("In English" if language == "en" else "En français") in text
        with translation.override(language):
            assert f'href="{reverse("labs:laboratories")}"' in text

    def test_a_failure_is_told_without_database_or_context(self, client):
        client.raise_request_exception = False
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("imagine_site.home.views.page", lambda *a, **k: 1 / 0)
            response = client.get("/en/")
        text = response.content.decode()
        assert response.status_code == 500
        assert "Something went wrong" in text
        assert "Une erreur s’est produite" in text
        assert "{%" not in text


class TestForMachines:
    def test_health_is_well(self, client):
        response = client.get("/healthz")
        assert (response.status_code, response.content) == (200, b"ok\n")
        assert "no-store" in response["Cache-Control"]

    def test_health_says_when_the_database_does_not_answer(self, client, monkeypatch):
        def broken():
            raise OperationalError

        monkeypatch.setattr(connection, "cursor", broken)
        assert client.get("/healthz").status_code == 503

    def test_robots_may_read_all_but_the_admin(self, client):
        response = client.get("/robots.txt")
        assert response["Content-Type"].startswith("text/plain")
        assert "Disallow: /admin/" in response.content.decode()
