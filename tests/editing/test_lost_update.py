"""R-02: two people save the same thing; nothing that was typed is lost, nothing is overwritten."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from imagine_site.pages.models import KeyFigure
from tests.factories.news import post as a_post

User = get_user_model()


def signed_in(name: str) -> Client:
    user = User.objects.create_superuser(name, password="x")
    client = Client()
    client.force_login(user)
    return client


def form_data(response) -> dict:
    """What a browser would send back from a change form, untouched."""
    form = response.context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    for inline in response.context["inline_admin_formsets"]:
        management = inline.formset.management_form
        data |= {management.add_prefix(n): management[n].value() for n in management.fields}
    data["_version"] = response.context["version"]
    return {name: value for name, value in data.items() if value is not None}


@pytest.fixture
def ana(db):
    return signed_in("ana")


@pytest.fixture
def ben(db):
    return signed_in("ben")


@pytest.mark.django_db
class TestTwoPeople:
    def test_the_second_save_is_refused_with_409_and_keeps_what_was_typed(self, ana, ben):
        story = a_post(title_en="As opened")
        url = reverse("admin:news_post_change", args=[story.pk])
        anas, bens = form_data(ana.get(url)), form_data(ben.get(url))
        assert ana.post(url, anas | {"title_en": "Ana's title"}).status_code == 302
        response = ben.post(url, bens | {"title_en": "Ben's title"})
        assert response.status_code == 409
        page = response.content.decode()
        assert "Ana&#x27;s title" in page
        assert response.context["adminform"].form["title_en"].value() == "Ben's title"
        assert "ana" in page
        story.refresh_from_db()
        assert story.title_en == "Ana's title"

    def test_fields_only_the_other_changed_are_taken_over(self, ana, ben):
        story = a_post(title_en="As opened", summary_en="As opened")
        url = reverse("admin:news_post_change", args=[story.pk])
        anas, bens = form_data(ana.get(url)), form_data(ben.get(url))
        ana.post(url, anas | {"summary_en": "Ana's summary"})
        response = ben.post(url, bens | {"title_en": "Ben's title"})
        assert response.status_code == 409
        again = form_data(response)
        assert again["summary_en"] == "Ana's summary"
        assert again["title_en"] == "Ben's title"
        assert ben.post(url, again).status_code == 302
        story.refresh_from_db()
        assert (story.title_en, story.summary_en) == ("Ben's title", "Ana's summary")

    def test_having_seen_both_a_person_may_decide(self, ana, ben):
        story = a_post(title_en="As opened")
        url = reverse("admin:news_post_change", args=[story.pk])
        anas, bens = form_data(ana.get(url)), form_data(ben.get(url))
        ana.post(url, anas | {"title_en": "Ana's title"})
        response = ben.post(url, bens | {"title_en": "Ben's title"})
        ben.post(url, form_data(response))
        story.refresh_from_db()
        assert story.title_en == "Ben's title"
        assert "Ana's title" in [row.title_en for row in story.history.all()]

    def test_a_form_without_a_version_is_refused_and_not_trusted(self, ana):
        story = a_post(title_en="As opened")
        url = reverse("admin:news_post_change", args=[story.pk])
        data = form_data(ana.get(url)) | {"title_en": "Crafted"}
        del data["_version"]
        assert ana.post(url, data).status_code == 409

    def test_publishing_over_a_newer_save_is_refused_too(self, ana, ben):
        story = a_post(title_en="As opened")
        url = reverse("admin:news_post_change", args=[story.pk])
        anas, bens = form_data(ana.get(url)), form_data(ben.get(url))
        ana.post(url, anas | {"title_en": "Ana's title"})
        response = ben.post(url, bens | {"title_en": "Ben's title", "_publish": "en"})
        assert response.status_code == 409
        assert not story.editions.exists()

    def test_records_are_protected_like_stories(self, ana, ben):
        figure = KeyFigure.objects.create(value="38", label_en="nationalities")
        url = reverse("admin:pages_keyfigure_change", args=[figure.pk])
        anas, bens = form_data(ana.get(url)), form_data(ben.get(url))
        ana.post(url, anas | {"value": "39"})
        assert ben.post(url, bens | {"value": "40"}).status_code == 409
        figure.refresh_from_db()
        assert figure.value == "39"

    def test_a_form_with_another_error_keeps_the_version_it_was_opened_with(self, ana, ben):
        story = a_post(title_en="As opened")
        url = reverse("admin:news_post_change", args=[story.pk])
        anas, bens = form_data(ana.get(url)), form_data(ben.get(url))
        invalid = ben.post(url, bens | {"title_en": "Ben's title", "date": "never"})
        assert invalid.status_code == 200
        ana.post(url, anas | {"title_en": "Ana's title"})
        retry = form_data(invalid) | {"date": "2020-12-04"}
        assert ben.post(url, retry).status_code == 409

    def test_saving_without_a_change_makes_no_version(self, ana):
        story = a_post()
        url = reverse("admin:news_post_change", args=[story.pk])
        before = story.history.count()
        assert ana.post(url, form_data(ana.get(url))).status_code == 302
        story.refresh_from_db()
        assert story.version == 1
        assert story.history.count() == before

    def test_a_change_in_an_inline_alone_is_a_new_version(self, ana):
        story = a_post()
        url = reverse("admin:news_post_change", args=[story.pk])
        data = form_data(ana.get(url)) | {
            "guests-TOTAL_FORMS": "1",
            "guests-0-name": "Emmanuel Macron",
            "guests-0-role_en": "President of the Republic",
            "guests-0-order": "0",
            "guests-0-post": story.pk,
        }
        assert ana.post(url, data).status_code == 302
        story.refresh_from_db()
        assert story.guests.get().name == "Emmanuel Macron"
        assert story.version == 2
