"""The history of a story: versions, editions, reviews and comments on one page, what publishing
would change, and the way back to any of it."""

import datetime

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from imagine_site.editing.versions import in_silence, make_version
from imagine_site.publishing import actions
from imagine_site.publishing.models import Comment, Event
from imagine_site.publishing.newsroom import note_event
from news.models import Guest, Post, Visit
from tests.factories import labs, pages, people
from tests.factories.images import make_image
from tests.factories.news import post as a_post

User = get_user_model()

pytestmark = pytest.mark.django_db


def address(story, view: str, *args) -> str:
    return reverse(
        f"admin:{story._meta.app_label}_{story._meta.model_name}_{view}", args=[story.pk, *args]
    )


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def claire(db):
    return User.objects.create_superuser("claire", first_name="Claire", last_name="Dubois")


@pytest.fixture
def editor(claire):
    return signed_in(claire)


def typed(story, by=None, **fields):
    """What autosave writes: the row, and no version."""
    story.refresh_from_db()
    for name, value in fields.items():
        setattr(story, name, value)
    story.edited_by = by
    with in_silence(story):
        story.save()
    return story


def saved(story, by=None, **fields):
    typed(story, by, **fields)
    return make_version(story, by=by)


def labels(page) -> list[str]:
    return [each.label for each in page.context["differences"]]


class TestTheHistory:
    def test_everything_stands_on_one_page_newest_first(self, editor, claire):
        story = a_post(title_en="A heart")
        actions.publish(story, language="en", by=claire)
        story.refresh_from_db()
        note_event(story, Event.Kind.REVIEW_REQUESTED, by=claire, note="Please <b>look</b>")
        Comment.objects.create(
            story=story,
            text="Is this so?",
            quote="It began",
            by=claire,
            resolved_at=timezone.now(),
            resolved_by=claire,
        )
        typed(story, by=claire, title_fr="Un cœur")
        page = editor.get(address(story, "history")).text
        for said in (
            "Published (English)",
            "edition 1",
            "Sent for review",
            "Please &lt;b&gt;look",
            "Commented",
            "Comment resolved",
            "Working copy, not yet a version",
            "Created",
        ):
            assert said in page, said
        assert page.index("Working copy") < page.index("Published (English)")
        assert page.index("Published (English)") < page.index("Created")
        assert "What would change on the live page (English)" in page

    def test_an_edition_from_before_the_journal_is_told_all_the_same(self, editor):
        story = a_post()
        edition = actions.publish(story, language="fr", by=None)
        Event.objects.all()._raw_delete("default")
        page = editor.get(address(story, "history"))
        assert f'value="e{edition.pk}"' in page.text
        assert "Published" in page.text

    def test_it_asks_little_however_much_there_is(
        self, editor, claire, django_assert_max_num_queries
    ):
        story = a_post()
        for number in range(3):
            saved(story, by=claire, title_en=f"Title {number}")
            actions.publish(story, language="en", by=claire)
            Comment.objects.create(story=story, text="So?", by=claire)
        editor.get(address(story, "history"))
        with django_assert_max_num_queries(12):
            editor.get(address(story, "history"))

    def test_the_list_of_editions_is_here_now(self, editor):
        story = a_post()
        answer = editor.get(address(story, "editions"))
        assert (answer.status_code, answer.url) == (302, address(story, "history"))


class TestChanges:
    def test_nothing_would_change_right_after_publishing(self, editor):
        story = a_post()
        actions.publish(story, language="en", by=None)
        page = editor.get(address(story, "changes", "en"))
        assert labels(page) == []
        assert "Nothing: visitors read what stands here." in page.text
        assert "for the first time" in editor.get(address(story, "changes", "fr")).text
        assert editor.get(address(story, "changes", "de")).status_code == 404

    def test_every_field_of_the_live_page_is_compared(self, editor):
        image, person = make_image(), people.researcher()
        story = a_post(title_en="A heart in a dish", body_en="<p>It began in a dish.</p>")
        actions.publish(story, language="en", by=None)
        story.refresh_from_db()
        story.laboratories.add(labs.laboratory(name_en="Hearts <lab>"))
        typed(
            story,
            title_en="A heart in a box",
            body_en=f'<p>It began in a box, says <a data-record="{person.reference}">Ada</a>.</p>'
            f'<figure data-image="{image.pk}"><figcaption>A bench</figcaption></figure>',
            slug_en="a-heart",
            kind="award",
            date=datetime.date(2022, 1, 1),
            lead_image=image,
            lead_caption_en="Bench",
            correction_en="It was a box.",
            title_fr="Autre",
        )
        page = editor.get(address(story, "changes", "en"))
        assert labels(page) == [
            "Title (English)",
            "Text (English)",
            "Address (English)",
            "Kind",
            "Date",
            "Lead image",
            "Caption of the lead image (English)",
            "Correction (English)",
            "Laboratories",
            "People",
        ]
        assert "Hearts &lt;lab&gt;" in page.text
        assert image.file_url(at_least=320) in page.text
        assert str(person) in page.text

    def test_the_facts_of_a_visit_are_compared_by_row(self, editor):
        story = a_post(kind="visit")
        Visit.objects.create(post=story, starts_on=story.date, place_en="Paris", place_fr="Paris")
        Guest.objects.create(post=story, name="Eve", role_en="Mayor", role_fr="Maire")
        actions.publish(story, language="en", by=None)
        assert labels(editor.get(address(story, "changes", "en"))) == []
        Visit.objects.update(place_en="Lyon")
        Guest.objects.create(post=story, name="Ada", role_en="Minister", role_fr="Ministre")
        page = editor.get(address(story, "changes", "en"))
        assert labels(page) == ["Visit", "Guests"]
        assert "Lyon" in page.text
        assert "Minister" in page.text
        assert "Ministre" not in page.text

    def test_the_form_leads_to_it(self, editor):
        story = a_post(title_fr="", summary_fr="", body_fr="")
        page = editor.get(address(story, "change")).text
        assert address(story, "changes", "en") in page
        assert address(story, "changes", "fr") not in page

    def test_pages_have_it_too(self, editor):
        edition = pages.published_page(title_en="About us")
        story = edition.story
        story.refresh_from_db()
        typed(story, menu="header", title_en="Who we are")
        page = editor.get(address(story, "changes", "en"))
        assert labels(page)[:2] == ["Title (English)", "Menu"]


class TestComparing:
    def test_an_edition_with_the_working_copy_in_its_language_only(self, editor):
        laboratory = labs.laboratory()
        story = a_post(
            title_en="Old",
            title_fr="Vieux",
            body_en=f'<p>See <a data-record="{laboratory.reference}">it</a>.</p>',
        )
        edition = actions.publish(story, language="en", by=None)
        typed(story, title_en="New", title_fr="Neuf")
        page = editor.get(address(story, "compare"), {"older": f"e{edition.pk}", "newer": "now"})
        # What the text links to was added by publishing, and is no difference.
        assert labels(page) == ["Title (English)"]

    def test_the_texts_are_compared_word_by_word_and_never_as_markup(self, editor):
        story = a_post(body_en="<p>It began in <strong>a dish</strong> &lt;b&gt;.</p>")
        make_version(story, by=None)
        saved(story, body_en="<p>It began in <strong>a box</strong> &lt;b&gt;.</p>")
        page = editor.get(address(story, "compare"))
        assert "1 word added" in page.text
        assert "dish" in page.text
        assert "&lt;strong&gt;" not in page.text
        assert "&lt;b&gt;" in page.text


class TestRestoring:
    def test_a_version_comes_back_with_all_that_stood_beside_it(self, editor, claire):
        laboratory = labs.laboratory()
        story = a_post(title_en="First", kind="visit")
        story.laboratories.add(laboratory)
        Visit.objects.create(post=story, starts_on=story.date, place_en="Paris")
        Guest.objects.create(post=story, name="Eve", role_en="Mayor")
        old = saved(story)
        actions.publish(story, language="en", by=None)
        story.laboratories.clear()
        Guest.objects.all().delete()
        Visit.objects.update(place_en="Lyon")
        saved(story, title_en="Second")
        url = address(story, "simple_history", old.history_id)
        asked = editor.get(url)
        assert "Visitors still read what is live" in asked.text
        story.refresh_from_db()
        assert editor.post(url, {"_version": story.version}).status_code == 302
        story = Post.objects.get(pk=story.pk)
        assert (story.title_en, story.edited_by) == ("First", claire)
        assert list(story.laboratories.all()) == [laboratory]
        assert (story.visit.place_en, story.guests.get().name) == ("Paris", "Eve")
        assert story.editions.live().get().title == "First"
        event = Event.objects.filter(kind=Event.Kind.RESTORED).get()
        assert event.by == claire
        # Said once on the page, by the version that it made.
        assert editor.get(address(story, "history")).text.count("Version restored") == 0

    def test_an_edition_comes_back_in_its_language(self, editor):
        story = a_post(title_en="First", title_fr="Premier", kind="visit")
        Visit.objects.create(post=story, starts_on=story.date, place_en="Paris", place_fr="Ici")
        Guest.objects.create(post=story, name="Eve", role_en="Mayor", role_fr="Maire")
        edition = actions.publish(story, language="en", by=None)
        Guest.objects.all().delete()
        typed(story, title_en="Typed, not saved", title_fr="Deuxième")
        url = address(story, "restore", edition.pk)
        assert labels(editor.get(url)) == ["Title (English)", "Guests"]
        assert editor.post(url, {"_version": story.version}).status_code == 302
        story = Post.objects.get(pk=story.pk)
        assert (story.title_en, story.title_fr) == ("First", "Deuxième")
        assert story.guests.get().role_fr == "Maire"
        titles = story.history.order_by("history_id").values_list("title_en", flat=True)
        assert "Typed, not saved" in titles

    def test_not_over_a_newer_save_and_not_without_the_right(self, editor):
        story = a_post(title_en="First")
        edition = actions.publish(story, language="en", by=None)
        story.refresh_from_db()
        before = story.version
        typed(story, title_en="Second")
        url = address(story, "restore", edition.pk)
        assert editor.post(url, {"_version": before}).status_code == 409
        reader = User.objects.create_user("reader", is_staff=True)
        reader.user_permissions.add(Permission.objects.get(codename="view_post"))
        client = signed_in(reader)
        assert client.get(url).status_code == 200
        assert client.post(url, {"_version": story.version}).status_code == 403
        story.refresh_from_db()
        assert story.title_en == "Second"

    def test_a_picture_gone_from_the_library_is_said(self, editor):
        image = make_image()
        story = a_post(body_en=f'<p>Here.</p><figure data-image="{image.pk}"></figure>')
        old = story.history.first()
        saved(story, body_en="<p>Here.</p>")
        image.remove()
        page = editor.get(address(story, "simple_history", old.history_id)).text
        assert "not coming back: picture in the text" in page

    def test_a_deleted_draft_comes_back(self, editor):
        story = a_post(title_en="Never published")
        pk = story.pk
        editor.post(address(story, "delete"), {"post": "yes"})
        assert not Post.objects.exists()
        kept = Post.history.filter(history_type="-").get()
        editor.post(reverse("admin:news_post_deleted"), {"history_id": kept.history_id})
        assert Post.objects.get().pk == pk
