import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from people.models import FoundingMember, Researcher
from tests.factories import people

pytestmark = pytest.mark.django_db


def titles(person, *day):
    return [str(title) for title in person.titles(at=datetime.date(*day))]


def test_a_title_holds_as_of_a_date():
    person = people.researcher()
    people.position(person, title_en="Director", since="2016-07", until="2024-12")
    people.position(person, title_en="Professor", since="2001")
    assert titles(person, 2016, 6, 30) == ["Professor"]
    assert titles(person, 2020, 12, 4) == ["Director", "Professor"]
    assert titles(person, 2024, 12, 31) == ["Director", "Professor"]
    assert titles(person, 2025, 1, 1) == ["Professor"]
    assert titles(person, 2000, 12, 31) == []


def test_titles_of_many_people_are_read_at_once(django_assert_num_queries):
    for _ in range(3):
        people.position(people.researcher())
    with django_assert_num_queries(2):
        for person in Researcher.objects.with_positions():
            assert titles(person, 2020, 1, 1) == ["Director of research"]


def test_a_title_is_read_in_the_reader_s_language_or_the_one_there_is():
    position = people.position(people.researcher(), title_en="Director", title_fr="")
    with translation.override("fr"):
        assert str(position) == "Director"
        position.title_fr = "Directrice"
        assert str(position) == "Directrice"


def test_a_text_that_says_something_is_not_passed_off_as_a_translation():
    member = people.founding_member(former_names_en="Paris Descartes until 2019")
    person = people.researcher(biography_en="A life.")
    with translation.override("fr"):
        assert member.former_names == ""
        assert person.biography == ""


def test_an_honorific_is_kept_apart_from_the_name():
    person = people.researcher(given_name="Jeanne", family_name="Amiel", honorific="Pr")
    assert (str(person), person.full_name, person.slug) == (
        "Pr Jeanne Amiel",
        "Jeanne Amiel",
        "jeanne-amiel",
    )


def test_namesakes_get_addresses_of_their_own():
    slugs = [people.researcher(given_name="Ada", family_name="L").slug for _ in range(3)]
    assert slugs == ["ada-l", "ada-l-2", "ada-l-3"]


def test_a_name_without_latin_letters_still_has_an_address():
    assert people.researcher(given_name="明", family_name="李").slug == "researcher"


def test_two_people_cannot_have_one_orcid_but_many_can_have_none():
    people.researcher()
    people.researcher()
    people.researcher(orcid="0000-0002-1825-0097")
    with pytest.raises(IntegrityError), transaction.atomic():
        people.researcher(orcid="0000-0002-1825-0097")


def test_people_stand_in_the_order_of_their_family_names():
    for family in ("Zola", "Amiel", "Munnich"):
        people.researcher(family_name=family)
    assert [p.family_name for p in Researcher.objects.alphabetical()] == [
        "Amiel",
        "Munnich",
        "Zola",
    ]


def test_founding_members_stand_in_the_order_of_the_statutes():
    for order, name in ((2, "Alpha"), (1, "Zeta")):
        people.founding_member(name_en=name, order=order)
    assert [str(m) for m in FoundingMember.objects.in_statutory_order()] == ["Zeta", "Alpha"]


def test_an_end_before_the_beginning_is_refused():
    member = people.founding_member(since="2010-05", until="2010-04")
    with pytest.raises(ValidationError, match="before the beginning"):
        member.clean()
    member.until = "2010"
    member.clean()


def test_an_impossible_date_is_said_once_where_it_stands():
    member = people.founding_member(since="2010-15", until="2009")
    with pytest.raises(ValidationError) as refused:
        member.full_clean()
    assert list(refused.value.message_dict) == ["since"]
