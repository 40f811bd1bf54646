"""What visitors meet on the pages of laboratories and start-ups."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from labs.chart import HEIGHT, Portfolio
from labs.models import Laboratory, Membership, StartUp
from tests.factories import labs, news, people

pytestmark = pytest.mark.django_db


def address(name, *args, language="en"):
    with translation.override(language):
        return reverse(name, args=args)


def html(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return response.content.decode()


class TestTheListOfLaboratories:
    path = property(lambda self: address("labs:laboratories"))

    def test_a_card_names_the_laboratory_its_heads_and_its_theme(self, client):
        laboratory = labs.laboratory(name_en="Heart", we_study_en="We study hearts.")
        laboratory.themes.add(labs.theme(name_en="Development"))
        head = people.researcher(given_name="Ada", family_name="Byron", honorific="Dr")
        labs.membership(laboratory, head, role=Membership.Role.HEAD)
        text = html(client, self.path)
        for expected in ("Heart", "Dr Ada Byron", "Development", "We study hearts."):
            assert expected in text

    def test_a_closed_laboratory_keeps_its_page_but_leaves_the_list(self, client):
        closed = labs.laboratory(name_en="Closed down", closed="2019")
        assert "Closed down" not in html(client, self.path)
        assert "Closed laboratory" in html(client, closed.get_absolute_url())

    def test_a_laboratory_that_closes_later_this_year_is_still_listed(self, client):
        labs.laboratory(name_en="Still open", closed=str(datetime.date.today().year))  # noqa: DTZ011
        assert "Still open" in html(client, self.path)

    def test_a_theme_narrows_it_and_an_unknown_one_is_ignored(self, client):
        theme = labs.theme(slug="heart")
        labs.laboratory(name_en="With the theme").themes.add(theme)
        labs.laboratory(name_en="Of no theme")
        assert "Of no theme" not in html(client, self.path + "?theme=heart")
        assert "Of no theme" in html(client, self.path + "?theme=nonsense")

    def test_former_heads_lead_no_more(self, client):
        laboratory = labs.laboratory()
        labs.membership(
            laboratory, people.researcher(family_name="Gone"), role="head", until="2019"
        )
        assert "Gone" not in html(client, self.path)

    def test_a_hidden_laboratory_and_a_hidden_head_are_not_shown(self, client):
        labs.laboratory(name_en="Hidden laboratory", is_public=False)
        hidden = people.researcher(family_name="Hidden person", is_public=False)
        labs.membership(labs.laboratory(), hidden, role="head")
        assert "Hidden" not in html(client, self.path)

    def test_a_name_in_the_other_language_says_so(self, client):
        Laboratory.objects.create(name_en="Only English", name_fr="")
        text = html(client, address("labs:laboratories", language="fr"))
        assert '<h3 class="laboratory__name" lang="en">' in text

    def test_an_empty_register_is_said(self, client):
        assert "No laboratory is shown yet" in html(client, self.path)

    @pytest.mark.parametrize("number", [3, 26])
    def test_four_queries_whatever_the_number(self, client, number, django_assert_max_num_queries):
        theme = labs.theme()
        for _ in range(number):
            laboratory = labs.laboratory()
            laboratory.themes.add(theme)
            labs.membership(laboratory, role="head")
        with django_assert_max_num_queries(4):
            html(client, self.path)


class TestALaboratory:
    def test_it_begins_with_what_a_family_understands(self, client):
        laboratory = labs.laboratory(
            we_study_en="We study hearts.", description_en="Cardiac morphogenesis."
        )
        text = html(client, laboratory.get_absolute_url())
        assert text.index("We study hearts.") < text.index("Cardiac morphogenesis.")

    def test_members_stand_by_role_heads_first_and_alumni_last(self, client):
        laboratory = labs.laboratory()
        for family, more in {
            "Zed": {"role": "head", "since": "2009"},
            "Mid": {},
            "Old": {"until": "2015"},
            "Alum": {"role": "alumni"},
        }.items():
            labs.membership(laboratory, people.researcher(family_name=family), **more)
        text = html(client, laboratory.get_absolute_url())
        team = text[text.index('id="team"') :]
        assert team.index("Zed") < team.index("Mid") < team.index("Old")
        assert team.index("Former members") < team.index("Alum")
        assert "since 2009" in text

    def test_its_articles_and_start_ups_are_shown_and_its_themes_linked(self, client):
        laboratory = labs.laboratory()
        laboratory.themes.add(labs.theme(name_en="Development", slug="development"))
        labs.startup(name="Codex").laboratories.add(laboratory)
        labs.startup(name="Hidden", is_public=False).laboratories.add(laboratory)
        news.article(title_en="About it", about={"laboratories": [laboratory]})
        news.post(title_en="A draft", about={"laboratories": [laboratory]})
        text = html(client, laboratory.get_absolute_url())
        assert "About it" in text
        assert "A draft" not in text
        assert "Codex" in text
        assert "Hidden" not in text
        assert f'href="{address("labs:laboratories")}?theme=development"' in text

    def test_more_articles_than_fit_are_one_link_away(self, client):
        laboratory = labs.laboratory()
        for _ in range(7):
            news.article(about={"laboratories": [laboratory]})
        text = html(client, laboratory.get_absolute_url())
        assert f'href="{address("news:list")}?lab={laboratory.slug_en}"' in text

    def test_a_text_in_the_other_language_says_so(self, client):
        laboratory = labs.laboratory(we_study_en="", we_study_fr="Nous étudions le cœur.")
        assert '<p class="study" lang="fr">' in html(client, laboratory.get_absolute_url())

    def test_the_switch_lands_on_the_same_laboratory(self, client):
        laboratory = labs.laboratory(slug_en="heart", slug_fr="coeur")
        text = html(client, laboratory.get_absolute_url())
        assert (
            f'class="language" href="{address("labs:laboratory", "coeur", language="fr")}"' in text
        )

    def test_a_former_address_leads_to_the_present_one(self, client):
        laboratory = labs.laboratory(slug_en="before")
        laboratory.slug_en = "after"
        laboratory.save()
        response = client.get(address("labs:laboratory", "before"))
        assert (response.status_code, response["Location"]) == (
            301,
            address("labs:laboratory", "after"),
        )

    def test_one_taken_away_is_gone_and_one_never_shown_is_not_found(self, client):
        laboratory = labs.laboratory(slug_en="was-here")
        laboratory.is_public = False
        laboratory.save()
        html(client, address("labs:laboratory", "was-here"), status=410)
        labs.laboratory(slug_en="never", is_public=False)
        html(client, address("labs:laboratory", "never"), status=404)

    @pytest.mark.parametrize("number", [3, 26])
    def test_six_queries_whatever_the_number(self, client, number, django_assert_max_num_queries):
        laboratory = labs.laboratory()
        for _ in range(number):
            labs.membership(laboratory)
            laboratory.themes.add(labs.theme())
            labs.startup().laboratories.add(laboratory)
            news.article(about={"laboratories": [laboratory]})
        with django_assert_max_num_queries(6):
            html(client, laboratory.get_absolute_url())


class TestStartUps:
    path = property(lambda self: address("labs:startups"))

    def test_totals_are_computed_and_dated(self, client):
        startup = labs.startup(name="Codex")
        labs.funding_round(startup, amount=Decimal("14500000"), date="2017")
        labs.funding_round(startup, amount=Decimal("35000000"), date="2021-03")
        labs.funding_round(startup, amount=Decimal("1"), date="2100", label="not yet")
        labs.startup(origin=StartUp.Origin.HOSTED)
        text = html(client, self.path)
        assert text.count("€49.5 million") == 2
        assert "as of" in text
        assert "Spin-off" in text
        assert "Hosted" in text
        assert "2 start-ups" in text

    def test_its_page_has_rounds_with_source_and_founders(self, client):
        founder = people.researcher(family_name="Byron")
        startup = labs.startup(other_founders="A fund\nA bank", founded=2017)
        startup.founders.add(founder, people.researcher(family_name="Hidden", is_public=False))
        labs.funding_round(startup, label="Series A", source="Press release", date="2020-03")
        text = html(client, startup.get_absolute_url())
        for expected in (
            f'<a href="{founder.get_absolute_url()}">Ada Byron</a>',
            "A fund",
            "A bank",
            "Series A",
            "March 2020",
            "€1 million",
            "Press release",
            "2017",
        ):
            assert expected in text, expected
        assert "Hidden" not in text

    def test_a_hidden_one_has_no_page_and_is_not_counted(self, client):
        hidden = labs.startup(name="Hidden", is_public=False)
        assert "Hidden" not in html(client, self.path)
        html(client, hidden.get_absolute_url(), status=404)

    @pytest.mark.parametrize("number", [3, 26])
    def test_queries_do_not_grow(self, client, number, django_assert_max_num_queries):
        laboratory, founder = labs.laboratory(), people.researcher()
        for _ in range(number):
            startup = labs.startup()
            startup.laboratories.add(laboratory)
            startup.founders.add(founder)
            labs.funding_round(startup)
        for _ in range(number):
            labs.funding_round(startup)
        with django_assert_max_num_queries(5):
            html(client, self.path)
        with django_assert_max_num_queries(6):
            html(client, startup.get_absolute_url())


class TestYearByYear:
    def test_charts_and_table_say_the_same(self, client):
        first, second = labs.startup(founded=2014), labs.startup(founded=2017)
        labs.funding_round(first, amount=14_500_000, date="2017")
        labs.funding_round(second, amount=3_000_000, date="2017-05")
        labs.funding_round(second, amount=2_000_000, currency="USD", date="2019")
        labs.funding_round(labs.startup(founded=1999, is_public=False), date="2018")
        text = html(client, address("labs:startups"))
        drawn = text[text.index('id="by_year"') : text.index("<table")]
        assert drawn.count('role="img"') == 3
        assert "2014: 1; 2017: 1</desc>" in drawn
        assert "2017: 17.5</desc>" in drawn
        assert "2019: 2</desc>" in drawn
        assert "1999" not in text
        table = text[text.index("<table") : text.index("</table>")]
        assert "€17.5 million" in table
        assert table.count('scope="row"') == 3

    def test_one_year_makes_no_chart(self, client):
        labs.startup(founded=2014)
        assert 'id="by_year"' not in html(client, address("labs:startups"))

    def test_the_axis_is_one_and_bars_keep_their_measure(self):
        labs.funding_round(labs.startup(founded=2014), amount=1, date="2016")
        labs.funding_round(labs.startup(founded=2014), amount=100_000_000, date="2018")
        portfolio = Portfolio.of(StartUp.objects.public(), at=datetime.date(2026, 1, 1))
        money = portfolio.money[0][1]
        assert [bar.year for bar in money.bars] == [bar.year for bar in portfolio.founded.bars]
        assert [bar.height for bar in money.bars] == [0, 0, 2, 0, HEIGHT]
        assert [bar.y for bar in money.bars if bar.value] == [HEIGHT - 2, 0]
