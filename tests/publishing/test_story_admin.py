"""Publishing from the form: the buttons, what they refuse, and who may press them."""

import datetime

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from imagine_site.publishing import actions
from news.models import Post, PostEdition
from tests.editing.test_lost_update import form_data
from tests.factories.news import post as a_post

User = get_user_model()


@pytest.fixture
def editor(db):
    user = User.objects.create_superuser("editor", password="x")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def writer(db):
    user = User.objects.create_user("writer", password="x", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(
            content_type__app_label="news",
            codename__in=["add_post", "change_post", "view_post", "view_postedition"],
        )
    )
    client = Client()
    client.force_login(user)
    return client


def change_url(story):
    return reverse("admin:news_post_change", args=[story.pk])


def press(client, story, **more):
    url = change_url(story)
    return client.post(url, form_data(client.get(url)) | more, follow=True)


@pytest.mark.django_db
class TestButtons:
    def test_one_language_or_both_are_published_with_what_was_typed(self, editor):
        story = a_post()
        press(editor, story, title_en="Typed just now", _publish="en")
        assert [e.title for e in PostEdition.objects.live()] == ["Typed just now"]
        press(editor, story, _publish="all")
        languages = PostEdition.objects.live().values_list("language", flat=True)
        assert sorted(languages) == ["en", "fr"]

    def test_a_new_article_can_be_published_at_once(self, editor):
        add = reverse("admin:news_post_add")
        data = form_data(editor.get(add)) | {
            "kind": "news",
            "title_en": "Straight out",
            "body_en": "<p>Said.</p>",
            "_publish": "en",
        }
        response = editor.post(add, data, follow=True)
        assert response.status_code == 200
        assert PostEdition.objects.live().get().title == "Straight out"

    def test_what_blocks_is_listed_and_the_words_are_saved_all_the_same(self, editor):
        story = a_post(title_fr="", body_fr="")
        response = press(editor, story, summary_fr="Gardé", _publish="fr")
        page = response.content.decode()
        assert "The title is missing." in page
        assert "The text is empty." in page
        story.refresh_from_db()
        assert story.summary_fr == "Gardé"
        assert not PostEdition.objects.exists()

    def test_a_moment_ahead_schedules_in_the_time_of_paris(self, editor):
        story = a_post()
        with time_machine.travel(datetime.datetime(2026, 7, 1, 8, tzinfo=datetime.UTC), tick=False):
            response = press(editor, story, _publish="en", publish_at="2026-07-02T09:00")
        edition = PostEdition.objects.get()
        assert edition.live_from == datetime.datetime(2026, 7, 2, 7, tzinfo=datetime.UTC)
        assert "Europe/Paris" in response.content.decode()

    @pytest.mark.parametrize("typed", ["yesterday", "2020-01-01T10:00", "2026-13-45T99:00"])
    def test_a_moment_that_cannot_be_is_refused_and_what_was_typed_stays(self, editor, typed):
        story = a_post()
        response = press(editor, story, title_en="Kept", _publish="en", publish_at=typed)
        assert response.context["errors"]
        assert response.context["adminform"].form["title_en"].value() == "Kept"
        assert typed in response.content.decode()
        assert not PostEdition.objects.exists()

    def test_withdrawing_and_unscheduling(self, editor):
        story = a_post()
        actions.publish(story, language="en", by=None)
        press(editor, story, _withdraw="en")
        assert not PostEdition.objects.live().exists()
        later = timezone.now() + datetime.timedelta(days=1)
        actions.publish(story, language="fr", by=None, at=later)
        press(editor, story, _unschedule="fr")
        assert not PostEdition.objects.scheduled().exists()

    def test_enter_in_a_field_saves_and_does_not_publish(self, editor):
        page = editor.get(change_url(a_post())).content.decode()
        buttons = [page.index(name) for name in ('name="_save"', 'name="_publish"')]
        assert buttons == sorted(buttons)


@pytest.mark.django_db
class TestRights:
    def test_a_writer_sees_no_button_and_no_crafted_form_publishes(self, writer):
        story = a_post()
        assert 'name="_publish"' not in writer.get(change_url(story)).content.decode()
        for verb in ("_publish", "_withdraw", "_unschedule"):
            assert press(writer, story, **{verb: "en"}).status_code == 403
        assert not PostEdition.objects.exists()

    def test_an_unknown_language_is_refused(self, editor):
        assert press(editor, a_post(), _publish="de").status_code == 403

    def test_restoring_needs_the_right_to_change_and_a_post_request(self, editor, writer):
        story = a_post(title_en="First")
        edition = actions.publish(story, language="en", by=None)
        url = reverse("admin:news_post_restore", args=[story.pk, edition.pk])
        assert editor.get(url).status_code == 405
        reader = User.objects.create_user("reader", is_staff=True)
        reader.user_permissions.add(Permission.objects.get(codename="view_post"))
        client = Client()
        client.force_login(reader)
        assert client.post(url).status_code == 403
        story.refresh_from_db()
        story.title_en = "Second"
        story.save()
        assert writer.post(url, follow=True).status_code == 200
        story.refresh_from_db()
        assert story.title_en == "First"

    def test_an_edition_of_another_story_cannot_be_restored_here(self, editor):
        mine, other = a_post(), a_post()
        edition = actions.publish(other, language="en", by=None)
        url = reverse("admin:news_post_restore", args=[mine.pk, edition.pk])
        assert editor.post(url).status_code == 404


@pytest.mark.django_db
class TestLists:
    def test_the_list_says_where_each_language_stands(self, editor):
        live, changed, scheduled, withdrawn = (a_post() for _number in range(4))
        a_post(title_fr="", summary_fr="", body_fr="")
        for story in (live, changed, withdrawn):
            actions.publish(story, language="en", by=None)
        later = timezone.now() + datetime.timedelta(days=1)
        actions.publish(scheduled, language="en", by=None, at=later)
        actions.withdraw(withdrawn, language="en", by=None)
        changed.refresh_from_db()
        changed.title_en = "Not yet public"
        changed.save()
        page = editor.get(reverse("admin:news_post_changelist")).content.decode()
        for state in ("live", "changed", "scheduled", "withdrawn", "draft", "none"):
            assert f"state--{state}" in page

    @pytest.mark.parametrize(
        ("state", "expected"),
        [("live", 1), ("scheduled", 1), ("withdrawn", 1), ("draft", 1), ("nonsense", 4)],
    )
    def test_the_status_filter(self, editor, state, expected):
        live, scheduled, withdrawn = (a_post() for _number in range(3))
        a_post()
        actions.publish(live, language="en", by=None)
        actions.publish(withdrawn, language="en", by=None)
        actions.withdraw(withdrawn, language="en", by=None)
        later = timezone.now() + datetime.timedelta(days=1)
        actions.publish(scheduled, language="fr", by=None, at=later)
        response = editor.get(reverse("admin:news_post_changelist"), {"state": state})
        assert response.context["cl"].result_count == expected

    def test_the_language_filter_and_the_search(self, editor):
        a_post(title_en="Only English", title_fr="")
        a_post(title_en="Morphogenesis", title_fr="Morphogenèse")
        url = reverse("admin:news_post_changelist")
        assert editor.get(url, {"written": "no-fr"}).context["cl"].result_count == 1
        assert editor.get(url, {"written": "fr"}).context["cl"].result_count == 1
        assert editor.get(url, {"q": "morphogenesis"}).context["cl"].result_count == 1

    def test_the_list_costs_the_same_for_one_story_and_for_thirty(
        self, editor, django_assert_max_num_queries
    ):
        for _number in range(30):
            actions.publish(a_post(), language="en", by=None)
        with django_assert_max_num_queries(12):
            editor.get(reverse("admin:news_post_changelist"))

    def test_published_versions_are_listed_with_their_state(self, editor):
        story = a_post(title_en="Kept for ever")
        actions.publish(story, language="en", by=None)
        response = editor.get(reverse("admin:news_post_editions", args=[story.pk]))
        assert "Kept for ever" in response.content.decode()

    def test_a_published_article_cannot_be_deleted(self, editor):
        story = a_post()
        actions.publish(story, language="en", by=None)
        editor.post(reverse("admin:news_post_delete", args=[story.pk]), {"post": "yes"})
        assert Post.objects.filter(pk=story.pk).exists()
