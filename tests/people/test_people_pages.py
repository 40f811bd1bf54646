"""What visitors meet on the pages of people and founding members."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from people.models import Researcher, validate_id_hal
from tests.factories import labs, news, people
from tests.factories.images import make_image

pytestmark = pytest.mark.django_db


def address(name, *args, language="en"):
    with translation.override(language):
        return reverse(name, args=args)


def html(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return response.content.decode()


class TestTheListOfPeople:
    path = property(lambda self: address("people:people"))

    def test_accents_do_not_move_a_name_to_another_letter(self, client):
        for family in ("Zola", "Élan", "Eber", "Efron"):
            people.researcher(family_name=family)
        text = html(client, self.path)
        assert text.count('class="chronicle__year"') == 2
        assert text.index("Eber") < text.index("Efron") < text.index("Élan") < text.index("Zola")

    def test_a_person_is_shown_with_the_title_of_today(self, client):
        person = people.researcher()
        people.position(person, title_en="Director", since="2016", until="2019")
        people.position(person, title_en="President", since="2020")
        text = html(client, self.path)
        assert "President" in text
        assert "Director" not in text

    def test_a_person_is_shown_with_the_laboratory_and_the_role(self, client):
        laboratory = labs.laboratory(name_en="Heart")
        labs.membership(laboratory, people.researcher(), role="head")
        assert "Head, Heart" in html(client, self.path)

    def test_who_left_stands_apart_and_keeps_the_page(self, client):
        person = people.researcher(family_name="Retired")
        people.position(person, until="2015")
        text = html(client, self.path)
        assert text.index("Worked here before") < text.index("Retired")
        assert "Worked at the institute" in html(client, person.get_absolute_url())

    def test_initials_stand_in_for_a_photograph(self, client):
        people.researcher(given_name="Jean-Laurent", family_name="Casanova")
        assert ">JC</span>" in html(client, self.path)

    def test_a_hidden_person_is_not_shown(self, client):
        people.researcher(family_name="Hidden", is_public=False)
        text = html(client, self.path)
        assert "Hidden" not in text
        assert "Nobody is shown yet" in text

    @pytest.mark.parametrize("number", [3, 26])
    def test_queries_do_not_grow(self, client, number, django_assert_max_num_queries):
        laboratory = labs.laboratory()
        for _ in range(number):
            person = people.researcher()
            people.position(person)
            labs.membership(laboratory, person)
        with django_assert_max_num_queries(4):
            html(client, self.path)


class TestFindingAPerson:
    path = property(lambda self: address("people:people"))

    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("casa", True), ("jean", True), ("Laurent CASANOVA", True), ("casanova j", True),
            ("élé", True), ("ELE", True), ("asanova", False), ("casa ada", False),
        ],
    )  # fmt: skip
    def test_by_the_beginning_of_any_part_of_the_name(self, client, typed, found):
        people.researcher(given_name="Jean-Laurent Éléonor", family_name="Casanova")
        people.researcher(family_name="Other")
        response = client.get(self.path, {"name": typed})
        text = response.content.decode().partition("<main")[2]
        assert ("Casanova" in text) is found
        assert "Other" not in text
        assert ("1 person found" if found else "Nobody has this name") in text

    def test_what_was_typed_is_shown_as_text_and_not_indexed(self, client):
        people.researcher()
        text = client.get(self.path, {"name": '<b>"x'}).content.decode()
        assert "<b>" not in text
        assert 'content="noindex"' in text

    def test_many_people_stand_by_letter(self, client, monkeypatch):
        monkeypatch.setattr("people.views.ONE_PAGE", 3)
        for family in ("Abel", "Amiel", "Byron", "Crow", "Élan"):
            people.researcher(family_name=family)
        first, e = html(client, self.path), html(client, f"{self.path}?letter=e")
        assert "Abel" in first
        assert "Byron" not in first
        assert "?letter=B" in first
        assert "Élan" in e
        assert "Abel" not in e
        assert f'{self.path}?letter=E"' in e  # canonical
        assert "Abel" in html(client, f"{self.path}?letter=Z")  # nobody: the first letter
        assert "Crow" in html(client, f"{self.path}?name=cr")

    def test_a_thousand_people_are_answered_quickly_and_lightly(self, client):
        Researcher.objects.bulk_create(
            Researcher(given_name="Ada", family_name=f"{chr(65 + n % 26)}n{n}", slug=f"a-{n}")
            for n in range(1000)
        )
        text = html(client, self.path)
        assert "1000 people" in text
        assert len(text) < 100_000


class TestAPerson:
    def test_what_was_said_is_shown_with_article_role_and_date(self, client):
        person, other = people.researcher(), people.researcher()
        quote = (
            '<blockquote><p>{}</p><footer><cite data-record="{}">X</cite>{}</footer></blockquote>'
        )
        body = quote.format("We hope.", person.reference, "<span>director</span>")
        body += quote.format("Not mine.", other.reference, "")
        news.article(title_en="The day", body_en=body, date=datetime.date(2020, 12, 4))
        draft = quote.format("SECRET words.", person.reference, "")
        news.post(body_en=draft)
        text = html(client, person.get_absolute_url())
        said = text[text.index('id="quotes"') : text.index('id="articles"')]
        assert "We hope." in said
        assert "Director, " in said
        assert "The day" in said
        assert "4\u00a0December 2020" in said
        assert "Not mine." not in text
        assert "SECRET" not in text

    def test_an_old_quote_is_shown_beside_newer_articles(self, client):
        person = people.researcher()
        body = (
            f'<blockquote><p>Long ago.</p><footer><cite data-record="{person.reference}">X</cite>'
            "</footer></blockquote>"
        )
        news.article(title_en="The oldest", body_en=body, date=datetime.date(2001, 1, 1))
        for year in range(2010, 2020):
            news.article(about={"people": [person]}, date=datetime.date(year, 1, 1))
        text = html(client, person.get_absolute_url())
        assert "Long ago." in text
        assert "The oldest" not in text[text.index('id="articles"') :]

    def test_publications_are_one_link_away_in_hal(self, client):
        person = people.researcher(id_hal="ada-byron")
        assert "authIdHal_s/ada-byron" in html(client, person.get_absolute_url())
        for wrong in ("Ada Byron", "ada--byron", "https://hal.science/ada", "-ada"):
            with pytest.raises(ValidationError):
                validate_id_hal(wrong)

    def test_titles_past_and_present_have_their_dates(self, client):
        person = people.researcher(honorific="Pr", given_name="Ada", family_name="Byron")
        people.position(person, title_en="Director", since="2016-07", until="2024-12")
        people.position(person, title_en="President", since="2025-01")
        text = html(client, person.get_absolute_url())
        assert '<h1 class="page-header__title">Ada Byron</h1>' in text
        assert text.index("President") < text.index('id="roles"') < text.index("Director")
        assert "July 2016 – December 2024" in text

    def test_everything_known_is_shown(self, client):
        person = people.researcher(
            orcid="0000-0002-1825-0097", biography_en="She counts.", photo=make_image()
        )
        people.researcher_link(person, label="HAL", url="https://hal.science/ada")
        laboratory = labs.laboratory(name_en="Heart")
        labs.membership(laboratory, person, role="co-head", since="2012")
        hidden = labs.laboratory(name_en="Hidden", is_public=False)
        labs.membership(hidden, person)
        labs.startup(name="Codex").founders.add(person)
        news.article(title_en="About her", about={"people": [person]})
        text = html(client, person.get_absolute_url())
        for expected in (
            "https://orcid.org/0000-0002-1825-0097",
            "She counts.",
            "<picture",
            "https://hal.science/ada",
            "Heart",
            "since 2012",
            "Codex",
            "About her",
        ):
            assert expected in text, expected
        assert "Hidden" not in text

    def test_one_taken_away_is_gone_and_one_never_shown_is_not_found(self, client):
        person = people.researcher(slug="was-here")
        person.is_public = False
        person.save()
        html(client, address("people:person", "was-here"), status=410)
        people.researcher(slug="never", is_public=False)
        html(client, address("people:person", "never"), status=404)

    @pytest.mark.parametrize("number", [3, 26])
    def test_six_queries_whatever_is_known(self, client, number, django_assert_max_num_queries):
        person = people.researcher(photo=make_image())
        for _ in range(number):
            people.position(person)
            people.researcher_link(person)
            labs.membership(labs.laboratory(), person)
            labs.startup().founders.add(person)
            news.article(about={"people": [person]})
        with django_assert_max_num_queries(6):
            html(client, person.get_absolute_url())


class TestFoundingMembers:
    path = property(lambda self: address("people:founding_members"))

    def test_they_stand_in_the_order_of_the_statutes_and_are_counted(self, client):
        people.founding_member(name_en="Second", order=2)
        people.founding_member(name_en="First", order=1)
        people.founding_member(name_en="Left", order=3, until="2010")
        people.founding_member(name_en="Hidden", is_public=False)
        text = html(client, self.path)
        content = text[text.index("<main") : text.index("</main>")]
        assert content.index("First") < content.index("Second") < content.index("Left")
        assert "2 founding members</h1>" in content
        assert "Hidden" not in text

    def test_without_any_it_says_so(self, client):
        text = html(client, self.path)
        assert "Founding members</h1>" in text
        assert "No founding member is shown yet" in text

    def test_a_page_shows_former_names_and_articles(self, client):
        member = people.founding_member(
            name_en="The university", former_names_en="The college until 2019"
        )
        news.article(title_en="About it", about={"founding_members": [member]})
        text = html(client, member.get_absolute_url())
        assert "The college until 2019" in text
        assert "About it" in text

    @pytest.mark.parametrize("number", [3, 26])
    def test_queries_do_not_grow(self, client, number, django_assert_max_num_queries):
        for _ in range(number):
            member = people.founding_member()
            news.article(about={"founding_members": [member]})
        with django_assert_max_num_queries(2):
            html(client, self.path)
        with django_assert_max_num_queries(3):
            html(client, member.get_absolute_url())
