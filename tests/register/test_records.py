import pytest

from imagine_site.register import kinds
from imagine_site.register.references import records, resolve, split
from people.models import Researcher
from tests.factories import labs, people

pytestmark = pytest.mark.django_db

MAKERS = {
    "researcher": people.researcher,
    "foundingmember": people.founding_member,
    "laboratory": labs.laboratory,
    "startup": labs.startup,
}


def test_every_kind_of_record_is_registered():
    assert {model.kind for model in kinds.everything()} == set(MAKERS)


def test_two_models_cannot_claim_one_kind():
    class Impostor:
        kind = "researcher"

    with pytest.raises(ValueError, match="already the kind of Researcher"):
        kinds.register(Impostor)
    assert kinds.get("researcher") is Researcher


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_what_is_public_is_said_alike_of_one_and_of_all(kind):
    for shown in (True, False, True):
        MAKERS[kind](is_public=shown)
    everything = kinds.get(kind).objects.order_by("pk")
    assert [each for each in everything if each.is_public] == list(everything.public())
    assert len(everything) == 3


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_every_save_counts_a_version_and_writes_a_line_of_history(kind):
    record = MAKERS[kind]()
    record.save()
    assert record.version == 2
    assert sorted(record.history.values_list("version", flat=True)) == [1, 2]


def test_a_record_knows_all_its_names_once():
    laboratory = labs.laboratory(
        name_en="Heart morphogenesis",
        name_fr="Morphogenèse du cœur",
        short_name_en="Heart",
        short_name_fr="Heart",
        aliases="  Meilhac lab \n\nHeart\n",
    )
    assert laboratory.all_names() == [
        "Heart morphogenesis",
        "Morphogenèse du cœur",
        "Heart",
        "Meilhac lab",
    ]


def test_references_resolve_to_public_records_only_in_the_language_asked_for():
    shown = labs.laboratory(name_en="Bone", name_fr="Os")
    hidden = labs.laboratory(is_public=False)
    wanted = [shown.reference, hidden.reference, "laboratory:999999", "unknown:1", "nonsense"]
    links = resolve(wanted, "fr")
    assert {reference: link.label for reference, link in links.items()} == {shown.reference: "Os"}
    assert links[shown.reference].url.startswith("/fr/")
    assert links[shown.reference].url.endswith("/os/")


def test_references_are_read_with_one_query_a_kind(django_assert_num_queries):
    wanted = [labs.laboratory().reference for _ in range(4)]
    wanted += [people.researcher().reference for _ in range(4)]
    with django_assert_num_queries(2):
        assert len(records(wanted)) == 8


@pytest.mark.parametrize("text", ["laboratory:", ":4", "laboratory:x", "laboratory:٤", "4", ""])
def test_what_is_no_reference_is_read_as_nothing(text):
    assert split(text) is None


def test_two_laboratories_of_one_name_get_two_addresses():
    first, second = (labs.laboratory(name_en="Heart", name_fr="Cœur") for _ in range(2))
    assert (first.slug_en, second.slug_en) == ("heart", "heart-2")
    assert (first.slug_fr, second.slug_fr) == ("coeur", "coeur-2")


def test_the_longest_name_still_gives_an_address_that_fits():
    person = people.researcher(given_name="Ada " * 25, family_name="Lovelace " * 11)
    assert len(person.slug) <= 100
    person.full_clean()
