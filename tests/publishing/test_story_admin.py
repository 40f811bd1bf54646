"""Publishing from the form: the buttons, what they refuse, and who may press them."""

import datetime

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from imagine_site.home.accounts import WRITER
from imagine_site.publishing import actions, findings
from imagine_site.publishing.models import Event
from imagine_site.publishing.moments import as_typed
from imagine_site.publishing.publication import VERBS
from news.models import Post, PostEdition
from tests.editing.test_lost_update import form_data
from tests.factories.news import post as a_post
from tests.publishing.pressing import as_sent, browser_of, change_url, press, said, someone

User = get_user_model()


@pytest.fixture
def editor(db):
    return browser_of(User.objects.create_superuser("editor", password="x"))


@pytest.fixture
def writer(db):
    return browser_of(someone("writer", WRITER))


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
            "summary_en": "In a word.",
            "body_en": "<p>Said.</p>",
            "_publish": "all",
        }
        response = editor.post(add, data, follow=True)
        assert response.status_code == 200
        assert PostEdition.objects.live().get().title == "Straight out"

    def test_what_blocks_is_listed_and_the_words_are_saved_all_the_same(self, editor):
        story = a_post(title_fr="", body_fr="")
        page = said(press(editor, story, summary_fr="Gardé", _publish="fr"))
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
        assert "2 July 2026, 09:00 (Europe/Paris)" in said(response)

    @pytest.mark.parametrize(
        "typed",
        # In the night to 25 March 2040 the clocks of Paris skip that hour.
        ["yesterday", "2020-01-01T10:00", "2026-13-45T99:00", "2040-03-25T02:30"],
    )
    def test_a_moment_that_cannot_be_is_refused_and_what_was_typed_stays(self, editor, typed):
        story = a_post()
        response = press(editor, story, title_en="Kept", _publish="en", publish_at=typed)
        assert response.status_code == 200
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

    def test_both_languages_go_out_together_or_not_at_all(self, editor):
        story = a_post(title_fr="")
        page = said(press(editor, story, _publish="all"))
        assert "not published in French" in page
        assert not PostEdition.objects.exists()
        press(editor, story, title_fr="Titre", _publish="all")
        assert PostEdition.objects.live().count() == 2

    def test_a_language_that_is_not_written_is_left_out_and_one_that_is_live_not_cut_again(
        self, editor
    ):
        story = a_post(title_fr="", summary_fr="", body_fr="")
        press(editor, story, _publish="all")
        assert [edition.language for edition in PostEdition.objects.all()] == ["en"]
        assert "exactly this already" in said(press(editor, story, _publish="all"))
        assert PostEdition.objects.count() == 1

    def test_an_hour_that_comes_twice_is_the_later_one_to_appear_and_said(self, editor):
        story = a_post()
        with time_machine.travel(datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC), tick=False):
            response = press(editor, story, _publish="en", publish_at="2026-10-25T02:30")
        edition = PostEdition.objects.get()
        assert edition.live_from == datetime.datetime(2026, 10, 25, 1, 30, tzinfo=datetime.UTC)
        assert "comes twice" in said(response)

    def test_from_when_until_when_changed_cancelled_and_shown(self, editor):
        story = a_post()
        with time_machine.travel(datetime.datetime(2026, 7, 1, 8, tzinfo=datetime.UTC), tick=False):
            moments = {"publish_at": "2026-07-02T09:00", "withdraw_at": "2026-07-09T09:00"}
            press(editor, story, _publish="en", **moments)
            edition = PostEdition.objects.get()
            assert edition.live_until == datetime.datetime(2026, 7, 9, 7, tzinfo=datetime.UTC)
            page = editor.get(change_url(story)).text
            for typed in moments.values():
                assert f'value="{typed}"' in page
            press(editor, story, title_en="Changed", _save="1")
            assert "Changed since it was scheduled" in editor.get(change_url(story)).text
            press(editor, story, _update="en")
            edition = PostEdition.objects.scheduled().get()
            assert (edition.title, edition.live_until.day) == ("Changed", 9)
            press(editor, story, _keep="en")
            assert PostEdition.objects.scheduled().get().live_until is None
            press(editor, story, _end="all", withdraw_at="2026-07-08T09:00")
            assert PostEdition.objects.scheduled().get().live_until.day == 8
            before = {**moments, "withdraw_at": "2026-07-02T08:00"}
            response = press(editor, story, _publish="en", **before)
            assert "comes before" in response.text

    def test_a_withdrawal_stays_planned_until_its_field_is_cleared(self, editor):
        story, end = a_post(), timezone.now() + datetime.timedelta(days=3)
        actions.publish(story, language="en", by=None, until=end)
        press(editor, story, title_en="Second", _publish="en")
        assert PostEdition.objects.live().get().live_until == end
        press(editor, story, title_en="Third", _publish="en", withdraw_was=as_typed(end))
        assert PostEdition.objects.live().get().live_until is None

    def test_enter_in_a_field_saves_and_does_not_publish(self, editor):
        page = editor.get(change_url(a_post())).content.decode()
        buttons = [page.index(name) for name in ('name="_save"', 'name="_publish"')]
        assert buttons == sorted(buttons)


@pytest.mark.django_db
class TestWarnings:
    def test_it_asks_once_and_the_answer_stands_in_the_journal(self, editor):
        story = a_post(summary_en="")
        response = press(
            editor, story, title_en="Kept", _publish="en", publish_at="2099-01-01T09:00"
        )
        assert not PostEdition.objects.exists()
        page = editor.get(response.url)
        assert "The summary is missing" in page.text
        assert "1 January 2099, 09:00" in page.text
        url = response.url.split("?")[0]
        kept = page.context["kept"] | {"publish_note": "It will come."}
        assert editor.post(url, kept).status_code == 302
        edition = PostEdition.objects.get()
        assert (edition.title, edition.live_from.year) == ("Kept", 2099)
        event = Event.objects.of(story).get()
        assert event.note == "It will come."
        assert "The summary is missing" in event.data["warnings"][0]

    def test_what_the_form_has_acknowledged_is_not_asked_again_and_nothing_else(self, editor):
        story = a_post(summary_en="")
        (warning,) = findings.inspect(story, "en")
        press(editor, story, _publish="en", acknowledged="Something else")
        assert not PostEdition.objects.exists()
        press(editor, story, _publish="en", acknowledged=warning.message, publish_note="Yes.")
        assert PostEdition.objects.live().exists()
        assert Event.objects.of(story).get().note == "Yes."

    def test_a_text_that_changed_meanwhile_is_looked_at_again(self, editor):
        story = a_post(summary_en="")
        url = reverse("admin:news_post_publish", args=[story.pk])
        kept = editor.get(url, {"languages": "en"}).context["kept"]
        story.save()
        assert "changed since" in editor.post(url, kept).text
        assert not PostEdition.objects.exists()

    def test_findings_lead_to_their_fields(self, editor):
        page = editor.get(change_url(a_post(summary_en="", title_fr=""))).text
        assert 'href="#id_summary_en"' in page
        assert 'href="#id_title_fr"' in page


@pytest.mark.django_db
class TestRights:
    def test_a_writer_sees_no_button_and_no_crafted_form_publishes(self, writer):
        story, live = a_post(), a_post()
        edition = actions.publish(live, language="en", by=None)
        later = timezone.now() + datetime.timedelta(days=1)
        actions.publish(live, language="fr", by=None, at=later)
        page = writer.get(change_url(live)).text
        for verb in (*VERBS, "release"):
            assert f'name="_{verb}"' not in page
        before = sorted(PostEdition.objects.values_list("pk", "live_from", "live_until"))
        moments = {"publish_at": "2099-01-01T09:00", "withdraw_at": "2099-02-01T09:00"}
        for verb in VERBS:
            for text, more in ((story, {}), (live, moments)):
                value = {f"_{verb}": "all", "title_en": "Smuggled", "acknowledged": "x"}
                assert press(writer, text, **value, **more).status_code == 403, verb
        add = reverse("admin:news_post_add")
        new = {**as_sent(story), "slug_en": "", "slug_fr": "", "_publish": "all"}
        assert writer.post(add, new).status_code == 403
        question = reverse("admin:news_post_publish", args=[story.pk])
        assert writer.get(question).status_code == 403
        assert writer.post(question, {"version": story.version}).status_code == 403
        old = reverse("admin:news_post_simple_history", args=[live.pk, live.history.first().pk])
        sent = as_sent(live)
        assert writer.post(old, {**sent, "_publish": "all"}).status_code in {302, 403, 404, 409}
        for text in (story, live):
            delete = reverse("admin:news_post_delete", args=[text.pk])
            assert writer.post(delete, {"post": "yes"}).status_code == 403
        bulk = {"action": "delete_selected", "_selected_action": [story.pk], "post": "yes"}
        writer.post(reverse("admin:news_post_changelist"), bulk)
        story.refresh_from_db()
        assert story.title_en != "Smuggled"
        assert before == sorted(PostEdition.objects.values_list("pk", "live_from", "live_until"))
        assert edition.is_live()

    def test_an_unknown_language_is_refused(self, editor):
        assert press(editor, a_post(), _publish="de").status_code == 403

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

    def test_the_list_costs_the_same_for_one_story_and_for_twelve(
        self, editor, django_assert_max_num_queries
    ):
        for _number in range(12):
            actions.publish(a_post(), language="en", by=None)
        with django_assert_max_num_queries(12):
            editor.get(reverse("admin:news_post_changelist"))

    def test_a_published_article_cannot_be_deleted(self, editor):
        story = a_post()
        actions.publish(story, language="en", by=None)
        editor.post(reverse("admin:news_post_delete", args=[story.pk]), {"post": "yes"})
        assert Post.objects.filter(pk=story.pk).exists()
