"""Finding a name of the register from a few letters, for the editor's dialogs."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from imagine_site.publishing.editor_views import MOST_RESULTS, search_records
from tests.factories.labs import laboratory, startup
from tests.factories.people import founding_member, researcher

pytestmark = pytest.mark.django_db


def labels(query: str) -> list[str]:
    return [found["label"] for found in search_records(query)]


class TestSearch:
    def test_every_kind_of_record_is_found(self):
        records = [
            researcher(given_name="Ada", family_name="Zèbre"),
            laboratory(name_en="Zebra laboratory"),
            startup(name="Zebra Therapeutics"),
            founding_member(name_en="City of Zebras"),
        ]
        found = search_records("zebr")
        assert {one["ref"] for one in found} == {record.reference for record in records}
        assert {one["kind"] for one in found} == {
            str(record._meta.verbose_name) for record in records
        }

    @pytest.mark.parametrize("query", ["FREDERIC", "frédéric r", "laucat", "rieux laucat", "ux-l"])
    def test_accents_capitals_and_hyphens_do_not_matter(self, query):
        researcher(given_name="Frédéric", family_name="Rieux-Laucat")
        assert labels(query) == ["Frédéric Rieux-Laucat"]

    def test_ligatures_and_apostrophes_are_read_as_typed(self):
        laboratory(name_en="Cœur d’Ælia")
        assert labels("coeur d'aelia") == labels("cœur d’Ælia") == ["Cœur d’Ælia"]

    def test_a_name_that_begins_so_comes_before_one_that_holds_it(self):
        laboratory(name_en="Molecular Gene laboratory")
        laboratory(name_en="Gene laboratory")
        laboratory(name_en="Oncogenes")
        assert labels("gene") == ["Gene laboratory", "Molecular Gene laboratory", "Oncogenes"]

    def test_an_alias_finds_the_record_and_is_shown(self):
        hospital = founding_member(
            name_en="Assistance Publique", name_fr="Assistance publique", aliases="AP-HP\nAPHP"
        )
        [found] = search_records("aphp")
        assert (found["ref"], found["label"]) == (hospital.reference, "Assistance Publique")
        assert found["detail"] == "APHP"

    def test_what_is_not_public_is_found_last_and_says_so(self):
        hidden = researcher(given_name="Ada", family_name="Ab", is_public=False)
        shown = researcher(given_name="Ada", family_name="Ac")
        first, last = search_records("ada")
        assert (first["ref"], first["detail"]) == (shown.reference, "")
        assert (last["ref"], last["detail"]) == (hidden.reference, "not public")

    def test_at_most_ten_are_given(self):
        for _ in range(MOST_RESULTS + 3):
            researcher(given_name="Ada")
        assert len(search_records("ada")) == MOST_RESULTS

    @pytest.mark.parametrize("query", ["", "   ", "nobody", "%", "\x00", "é" * 5000])
    def test_an_odd_question_has_an_empty_answer(self, query):
        researcher()
        assert search_records(query) == []

    def test_a_search_is_one_query_a_kind_however_many_there_are(self, django_assert_num_queries):
        for _ in range(5):
            researcher(given_name="Ada")
            laboratory(name_en="Ada’s laboratory")
        with django_assert_num_queries(4):
            search_records("ada")


class TestDoor:
    url = property(lambda self: reverse("admin:publishing_record_search"))

    def test_staff_are_answered(self, client):
        user = get_user_model().objects.create_user("writer", password="x", is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="view_researcher"))
        client.force_login(user)
        startup(name="Ada Bio")  # of a kind that this account may not see
        record = researcher(given_name="Ada", family_name="Ab")
        answer = client.get(self.url, {"q": "ada"})
        assert answer.json() == {
            "results": [
                {"ref": record.reference, "label": "Ada Ab", "kind": "person", "detail": ""}
            ]
        }
        assert client.get(self.url).json() == {"results": []}
        assert client.post(self.url).status_code == 405

    def test_staff_who_may_see_no_record_are_refused(self, client):
        client.force_login(get_user_model().objects.create_user("clerk", is_staff=True))
        assert client.get(self.url, {"q": "ada"}).status_code == 403

    def test_nobody_else_is(self, client):
        assert client.get(self.url, {"q": "a"}).status_code == 302
        client.force_login(get_user_model().objects.create_user("visitor", password="x"))
        assert client.get(self.url, {"q": "a"}).status_code == 302
