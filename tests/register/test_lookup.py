import pytest
from django.utils import translation

from imagine_site.register.lookup import GoneRecord, MovedRecord, find_record
from labs.models import Laboratory
from people.models import Researcher
from tests.factories import labs, people

pytestmark = pytest.mark.django_db


def find(slug, records=Researcher, language="en"):
    return find_record(records, slug=slug, language=language)


def test_a_public_record_stands_at_its_address(django_assert_num_queries):
    person = people.researcher(slug="ada")
    with django_assert_num_queries(1):
        assert find("ada") == person


def test_each_language_has_its_own_address():
    laboratory = labs.laboratory(slug_en="heart", slug_fr="coeur")
    assert find("coeur", Laboratory, "fr") == laboratory
    assert find("coeur", Laboratory, "en") is None


def test_a_former_address_leads_to_the_present_one_in_the_language_asked_for():
    laboratory = labs.laboratory(slug_en="heart", slug_fr="coeur")
    for slug in ("coeur-2", "coeur-3"):
        laboratory.slug_fr = slug
        laboratory.save()
    for former in ("coeur", "coeur-2"):
        moved = find(former, Laboratory, "fr")
        assert isinstance(moved, MovedRecord)
        with translation.override("fr"):
            assert moved.to == laboratory.get_absolute_url()
        assert moved.to.startswith("/fr/") and moved.to.endswith("/coeur-3/")


def test_a_record_hidden_after_it_was_public_is_gone_at_every_address_it_had():
    person = people.researcher(slug="ada")
    person.slug = "ada-l"
    person.save()
    person.is_public = False
    person.save()
    assert find("ada") == GoneRecord()
    assert find("ada-l") == GoneRecord()


def test_a_deleted_record_is_gone():
    people.researcher(slug="ada").delete()
    assert find("ada") == GoneRecord()


def test_a_record_that_never_was_public_is_not_admitted_to_exist():
    person = people.researcher(slug="secret", is_public=False)
    person.slug = "secret-2"
    person.save()
    assert find("secret") is None
    assert find("secret-2") is None
    people.researcher(slug="draft", is_public=False).delete()
    assert find("draft") is None


def test_an_address_it_had_only_while_hidden_is_unknown_once_it_is_public():
    person = people.researcher(slug="working-title", is_public=False)
    person.slug, person.is_public = "ada", True
    person.save()
    assert find("working-title") is None


def test_a_record_shown_again_stands_at_its_address_again():
    person = people.researcher(slug="ada")
    for shown in (False, True):
        person.is_public = shown
        person.save()
    assert find("ada") == person


def test_an_address_taken_by_another_record_is_the_other_one_s():
    first = people.researcher(slug="lyonnet")
    first.slug = "lyonnet-s"
    first.save()
    second = people.researcher(slug="lyonnet")
    assert find("lyonnet") == second
    second.slug = "lyonnet-m"
    second.save()
    assert find("lyonnet") == MovedRecord(second.get_absolute_url())


def test_a_hidden_record_on_another_one_s_former_address_does_not_take_it_away():
    first = people.researcher(slug="lyonnet")
    first.slug = "lyonnet-s"
    first.save()
    people.researcher(slug="lyonnet", is_public=False)
    assert find("lyonnet") == MovedRecord(first.get_absolute_url())


def test_a_queryset_brings_its_prefetches_along():
    person = people.researcher(slug="ada")
    people.position(person)
    found = find("ada", Researcher.objects.with_positions())
    assert found.positions.all()._result_cache is not None


def test_what_nobody_ever_had_is_unknown():
    assert find("nobody") is None
