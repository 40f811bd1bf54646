"""A conflict in relations and inner rows: both sides are kept, and what differs is shown."""

from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.template import Template
from django.test import Client
from django.urls import reverse

from imagine_site.documents.merging import merge
from imagine_site.editing import rows
from imagine_site.editing.versions import make_version
from news.models import Guest
from tests.editing.test_lost_update import form_data
from tests.factories.labs import laboratory
from tests.factories.news import post as a_post
from tests.factories.people import position, researcher

User = get_user_model()
pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(db):
    user = User.objects.create_superuser("ana", password="x", first_name="Ana")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def story(db):
    story = a_post()
    for order, name in enumerate(("Ada", "Eve", "Kim")):
        Guest.objects.create(post=story, name=name, role_en="Guest", order=order)
    story.laboratories.add(laboratory(name_en="Heart", name_fr="Cœur"))
    make_version(story, by=None)
    return story


@pytest.fixture
def undrawn(monkeypatch):
    """What a page is made of is looked at, and not the page."""
    monkeypatch.setattr(Template, "render", lambda *args, **kwargs: "")


def whole_form(response) -> dict:
    """A form as a browser sends it, its inner rows included."""
    context = response.context_data
    data = form_data(SimpleNamespace(context=context))
    for inline in context["inline_admin_formsets"]:
        for form in inline.formset.forms:
            for name in form.fields:
                value = form[name].value()
                if name == "DELETE":
                    continue
                data[form.add_prefix(name)] = "" if value is None else value
    return data


def url_of(story) -> str:
    return reverse(f"admin:{story._meta.label_lower.replace('.', '_')}_change", args=[story.pk])


def guest(data: dict, name: str) -> str:
    """The beginning of the names of a guest's fields."""
    return next(key.removesuffix("name") for key, value in data.items() if value == name)


class TestAPage:
    def test_it_shows_both_texts_and_says_what_became_of_the_rows(self, ana, story):
        data = whole_form(ana.get(url_of(story)))
        story.body_en = "<p>It began in Paris.</p>"
        story.guests.filter(name="Eve").delete()
        Guest.objects.create(post=story, name="Zoe")
        story.save()
        typed = data | {"body_en": "<p>It began in Lyon.</p>"}
        page = ana.post(url_of(story), typed).content.decode()
        assert "Eve (removed by them)" in page
        assert "Zoe (added by them)" in page
        assert "<del>" in page
        assert "\\u003Cp\\u003EIt began in Paris" in page


@pytest.mark.usefixtures("undrawn")
class TestInnerRows:
    def test_what_only_they_changed_added_or_removed_is_taken_over(self, ana, story):
        data = whole_form(ana.get(url_of(story)))
        story.guests.filter(name="Ada").update(role_en="Mayor")
        story.guests.filter(name="Eve").delete()
        Guest.objects.create(post=story, name="Zoe")
        story.save()
        response = ana.post(url_of(story), data | {"title_en": "Mine"})
        assert response.status_code == 409
        again = whole_form(response)
        assert again[guest(again, "Ada") + "role_en"] == "Mayor"
        assert "Eve" not in again.values()
        assert "Zoe" in again.values()
        assert len(response.context_data["conflict"].taken_over) == 3
        assert ana.post(url_of(story), again).status_code == 302
        assert sorted(each.name for each in story.guests.all()) == ["Ada", "Kim", "Zoe"]
        story.refresh_from_db()
        assert story.title_en == "Mine"
        assert story.guests.get(name="Ada").role_en == "Mayor"

    def test_what_both_changed_is_shown_and_mine_stays_in_the_form(self, ana, story):
        data = whole_form(ana.get(url_of(story)))
        story.guests.filter(name="Ada").update(role_en="Mayor")
        story.save()
        response = ana.post(url_of(story), data | {guest(data, "Ada") + "role_en": "Prefect"})
        (difference,) = response.context_data["conflict"].differences
        assert (difference.theirs, difference.yours) == ("Mayor", "Prefect")
        again = whole_form(response)
        assert again[difference.name] == "Prefect"
        assert ana.post(url_of(story), again).status_code == 302
        assert story.guests.get(name="Ada").role_en == "Prefect"

    def test_a_row_they_removed_and_i_changed_stays(self, ana, story):
        data = whole_form(ana.get(url_of(story)))
        story.guests.filter(name="Ada").delete()
        story.save()
        response = ana.post(url_of(story), data | {guest(data, "Ada") + "role_en": "Prefect"})
        assert response.context_data["conflict"].kept == ["Guest: Ada"]
        assert ana.post(url_of(story), whole_form(response)).status_code == 302
        assert story.guests.get(name="Ada").role_en == "Prefect"

    def test_rows_of_records_are_protected_too(self, ana):
        person = researcher()
        kept = position(person, since="2019", title_en="Doctor")
        make_version(person, by=None)
        data = whole_form(ana.get(url_of(person)))
        kept.title_en = "Professor"
        kept.save()
        person.save()
        response = ana.post(url_of(person), data | {"biography_en": "Mine"})
        assert response.status_code == 409
        assert ana.post(url_of(person), whole_form(response)).status_code == 302
        kept.refresh_from_db()
        person.refresh_from_db()
        assert (kept.title_en, person.biography_en) == ("Professor", "Mine")


@pytest.mark.usefixtures("undrawn")
class TestRelations:
    def test_a_relation_only_they_changed_is_taken_over(self, ana, story):
        data = whole_form(ana.get(url_of(story)))
        kidney = laboratory(name_en="Kidney", name_fr="Rein")
        story.laboratories.add(kidney)
        story.save()
        response = ana.post(url_of(story), data | {"title_en": "Mine"})
        assert "Laboratories" in response.context_data["conflict"].taken_over
        ana.post(url_of(story), whole_form(response))
        assert kidney in story.laboratories.all()

    def test_one_that_both_changed_is_shown_by_name(self, ana, story):
        data = whole_form(ana.get(url_of(story)))
        kidney, brain = laboratory(name_en="Kidney"), laboratory(name_en="Brain")
        story.laboratories.set([kidney])
        story.save()
        response = ana.post(url_of(story), data | {"laboratories": [brain.pk]})
        (difference,) = response.context_data["conflict"].differences
        assert (difference.theirs, difference.yours) == ("Kidney", "Brain")
        assert difference.choices == {"theirs": [str(kidney.pk)], "yours": [str(brain.pk)]}


@pytest.mark.usefixtures("undrawn")
class TestTexts:
    def test_documents_are_compared_in_one_text(self, ana, story):
        data = whole_form(ana.get(url_of(story)))
        story.body_en = "<p>It began in Paris.</p>"
        story.save()
        response = ana.post(url_of(story), data | {"body_en": "<p>It began in Lyon.</p>"})
        (difference,) = response.context_data["conflict"].differences
        assert "<del>" in difference.marked
        assert "<script" not in difference.marked
        assert difference.choices["theirs"] == ["<p>It began in Paris.</p>"]

    @pytest.mark.parametrize(
        ("theirs", "yours", "both"),
        [
            ("<p>A1</p><p>B</p>", "<p>A</p><p>B2</p>", "<p>A1</p><p>B2</p>"),
            (
                "<p>X</p><p>A</p><p>B</p>",
                "<p>A</p><p>B</p><p>Y</p>",
                "<p>X</p><p>A</p><p>B</p><p>Y</p>",
            ),
            ("<p>B</p>", "<p>A</p><p>B2</p>", "<p>B2</p>"),
            ("<p>A1</p><p>B</p>", "<p>A1</p><p>B2</p>", "<p>A1</p><p>B2</p>"),
            ("<p>A1</p><p>B</p>", "<p>A2</p><p>B</p>", None),
            ("<p>A</p><p>B</p><p>X</p>", "<p>A</p><p>B</p><p>Y</p>", None),
        ],
    )
    def test_changes_that_do_not_meet_can_both_be_kept(self, theirs, yours, both):
        assert merge("<p>A</p><p>B</p>", theirs, yours) == both

    def test_both_are_offered_where_it_can_be(self, ana, story):
        story.body_en = "<p>One.</p><p>Two.</p>"
        story.save()
        make_version(story, by=None)
        data = whole_form(ana.get(url_of(story)))
        story.body_en = "<p>One, theirs.</p><p>Two.</p>"
        story.save()
        response = ana.post(url_of(story), data | {"body_en": "<p>One.</p><p>Two, mine.</p>"})
        (difference,) = response.context_data["conflict"].differences
        assert difference.choices["both"] == ["<p>One, theirs.</p><p>Two, mine.</p>"]

    def test_line_breaks_of_a_browser_are_no_difference(self, ana, story):
        story.summary_en = "Two\nlines"
        story.save()
        make_version(story, by=None)
        data = whole_form(ana.get(url_of(story)))
        story.title_en = "Theirs"
        story.save()
        response = ana.post(url_of(story), data | {"summary_en": "Two\r\nlines", "title_fr": "M"})
        assert response.context_data["conflict"].differences == []


def test_more_rows_than_can_be_are_not_read():
    from_browser = {"guests-TOTAL_FORMS": "9" * 30}
    assert len(rows.read(from_browser, "guests")) <= 1000
