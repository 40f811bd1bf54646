"""The way of a text between colleagues: who may do which step, who is told, what is noted."""

import datetime

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from imagine_site.home.accounts import EDITOR, KEEPER, WRITER
from imagine_site.publishing import actions, reviews
from imagine_site.publishing.models import Event, Review
from news.models import PostEdition
from tests.editing.test_lost_update import form_data
from tests.factories.news import post as a_post
from tests.publishing.pressing import browser_of, said, someone
from tests.publishing.pressing import press as press_button

pytestmark = pytest.mark.django_db
State = Review.State


@pytest.fixture
def will():
    return someone("will", WRITER)


@pytest.fixture
def eve():
    return someone("eve", EDITOR)


def press(user, story, **more):
    return press_button(browser_of(user), story, **more)


def events(story) -> list[str]:
    return list(Event.objects.of(story).order_by("pk").values_list("kind", flat=True))


def the_review(story) -> Review:
    return Review.objects.of(story).get()


class TestTheWay:
    def test_sent_answered_sent_again_approved_and_closed_by_publishing(self, will, eve):
        story = a_post()
        press(will, story, title_en="As sent", _review="send", review_note="Please look.")
        review = the_review(story)
        story.refresh_from_db()
        assert (review.state, review.note) == (State.WAITING, "Please look.")
        assert story.title_en == "As sent"
        assert review.story_version == story.version == story.history.first().version
        press(eve, story, _review="changes", review_note="Shorter.")
        review.refresh_from_db()
        assert (review.state, review.judgement, review.judged_by) == (
            State.CHANGES,
            "Shorter.",
            eve,
        )
        press(will, story, summary_en="Short.", _review="send")
        review.refresh_from_db()
        assert (review.state, review.judged_by, review.judgement) == (State.WAITING, None, "")
        press(eve, story, _review="approve", review_note="Fine.")
        assert the_review(story).state == State.APPROVED
        assert not PostEdition.objects.exists()
        press(eve, story, _publish="en")
        assert not the_review(story).is_open
        assert events(story) == [
            "review-requested",
            "changes-requested",
            "review-requested",
            "approved",
            "published",
        ]
        assert Event.objects.of(story).filter(kind="changes-requested").get().note == "Shorter."

    def test_a_new_text_is_written_and_sent_with_one_button(self, will):
        client, add = browser_of(will), reverse("admin:news_post_add")
        data = form_data(client.get(add)) | {"kind": "news", "title_en": "New", "_review": "send"}
        assert client.post(add, data).status_code == 302
        assert Review.objects.open().get().story.title_en == "New"

    def test_approving_and_publishing_is_one_step_and_keeps_the_moment(self, will, eve):
        story = a_post()
        reviews.send(story, by=will)
        with time_machine.travel(datetime.datetime(2026, 7, 1, 8, tzinfo=datetime.UTC), tick=False):
            page = press(eve, story, _review="approve-publish", publish_at="2026-07-02T09:00")
        assert page.status_code == 302
        at = datetime.datetime(2026, 7, 2, 7, tzinfo=datetime.UTC)
        assert {edition.live_from for edition in PostEdition.objects.all()} == {at}
        assert not the_review(story).is_open
        assert events(story) == ["review-requested", "approved", "scheduled", "scheduled"]

    def test_what_blocks_leaves_it_approved_and_says_why(self, will, eve):
        story = a_post(title_en="")
        reviews.send(story, by=will)
        page = press(eve, story, _review="approve-publish")
        assert "The title is missing." in said(page)
        assert the_review(story).is_open
        assert not PostEdition.objects.exists()

    def test_a_change_after_the_approval_is_said(self, will, eve):
        story = a_post()
        reviews.send(story, by=will)
        reviews.approve(story, by=eve)
        url = reverse("admin:news_post_change", args=[story.pk])
        assert "changed since that answer" not in browser_of(eve).get(url).text
        press(will, story, title_en="Other", _save="1")
        assert "changed since that answer" in browser_of(eve).get(url).text

    def test_taken_back_it_is_closed_and_another_can_be_opened(self, will):
        story = a_post()
        reviews.send(story, by=will)
        press(will, story, _review="back")
        assert not the_review(story).is_open
        reviews.send(story, by=will)
        assert Review.objects.of(story).open().count() == 1

    def test_a_review_that_is_gone_meanwhile_saves_the_text_all_the_same(self, will, eve):
        story = a_post()
        page = press(eve, story, title_en="Kept", _review="approve")
        assert "no longer in review" in said(page)
        story.refresh_from_db()
        assert story.title_en == "Kept"


class TestWhoMay:
    @pytest.mark.parametrize("step", ["approve", "approve-publish", "changes"])
    def test_a_writer_answers_no_review_not_even_ones_own(self, will, step):
        story = a_post()
        reviews.send(story, by=will)
        page = press(will, story, title_en="Smuggled", _review=step)
        assert page.status_code == 403
        assert the_review(story).state == State.WAITING
        story.refresh_from_db()
        assert story.title_en != "Smuggled"
        assert not PostEdition.objects.exists()

    def test_a_writer_takes_nothing_back_that_another_sent(self, will):
        story, wanda = a_post(), someone("wanda", WRITER)
        reviews.send(story, by=wanda)
        assert press(will, story, _review="back").status_code == 403
        assert the_review(story).is_open

    def test_only_somebody_who_may_publish_can_be_asked(self, will, eve):
        story, karl = a_post(), someone("karl", KEEPER)
        for wrong in (karl.pk, will.pk, 10_000, "x"):
            assert press(will, story, _review="send", review_to=wrong).status_code == 403
        press(will, story, _review="send", review_to=eve.pk)
        assert the_review(story).reviewer == eve

    def test_a_step_that_is_none_is_refused(self, eve):
        assert press(eve, a_post(), _review="publish").status_code == 403

    def test_publishers_approve_their_own_unless_the_institute_wants_another(self, eve, settings):
        story = a_post()
        reviews.send(story, by=eve)
        settings.REVIEW_BY_ANOTHER = True
        assert press(eve, story, _review="approve").status_code == 403
        with pytest.raises(PermissionDenied):
            reviews.approve(story, by=eve)
        settings.REVIEW_BY_ANOTHER = False
        press(eve, story, _review="approve")
        assert the_review(story).state == State.APPROVED


class TestWhatWaits:
    def test_each_step_waits_for_whose_it_is(self, will, eve):
        otto, story = someone("otto", EDITOR), a_post()
        reviews.send(story, by=will)
        waits = {user: list(reviews.waiting_for(user)) for user in (will, eve, otto)}
        review = the_review(story)
        assert waits == {will: [], eve: [review], otto: [review]}
        assert list(reviews.sent_by(will)) == [review]
        reviews.send(story, by=will, reviewer=otto)
        assert list(reviews.waiting_for(eve)) == []
        assert list(reviews.waiting_for(otto)) == [review]
        reviews.request_changes(story, by=otto)
        assert list(reviews.waiting_for(will)) == [review]
        reviews.approve(story, by=otto)
        assert list(reviews.waiting_for(eve)) == [review]
        actions.publish(story, language="en", by=eve)
        assert not [user for user in (will, eve, otto) if reviews.waiting_for(user)]
        assert list(reviews.sent_by(will)) == []

    def test_the_list_shows_and_filters_by_review(self, will, eve):
        waiting, changes = a_post(), a_post()
        a_post()
        for story in (waiting, changes):
            reviews.send(story, by=will)
        reviews.request_changes(changes, by=eve)
        url, client = reverse("admin:news_post_changelist"), browser_of(eve)
        page = client.get(url).text
        assert "state--review-waiting" in page
        assert "state--review-changes" in page
        for state, expected in (("waiting", 1), ("changes", 1), ("approved", 0), ("nonsense", 3)):
            found = client.get(url, {"review": state}).context["cl"].result_count
            assert found == expected, state


class TestLetters:
    @pytest.fixture
    def posted(self, django_capture_on_commit_callbacks):
        def do(step, *args, **kwargs):
            mail.outbox.clear()
            with django_capture_on_commit_callbacks(execute=True):
                step(*args, **kwargs)
            return mail.outbox

        return do

    def test_all_publishers_are_asked_one_by_one_in_both_languages(self, will, eve, posted):
        someone("otto", EDITOR)
        someone("karl", KEEPER)
        gone = someone("gone", EDITOR)
        gone.is_active = False
        gone.save()
        story = a_post(title_en="A heart", title_fr="Un cœur")
        letters = posted(reviews.send, story, by=will, note="Look & <see>")
        assert sorted(letter.to for letter in letters) == [
            ["eve@example.org"],
            ["otto@example.org"],
        ]
        body = letters[0].body
        assert "will" in body
        assert "Look & <see>" in body
        address = reverse("admin:news_post_change", args=[story.pk])
        assert f"http://127.0.0.1:8000{address}" in body

    def test_the_one_who_was_named_then_the_one_who_asked(self, will, eve, posted):
        someone("otto", EDITOR)
        story = a_post()
        letters = posted(reviews.send, story, by=will, reviewer=eve)
        assert [letter.to for letter in letters] == [["eve@example.org"]]
        letters = posted(reviews.request_changes, story, by=eve, note="Shorter.")
        assert [letter.to for letter in letters] == [["will@example.org"]]
        assert "Shorter." in letters[0].body
        assert [letter.to for letter in posted(reviews.approve, story, by=eve)] == [
            ["will@example.org"]
        ]

    def test_a_title_never_becomes_a_header(self, will, eve, posted):
        story = a_post(title_en="Heart\r\nBcc: everyone@example.org")
        (letter,) = posted(reviews.send, story, by=will)
        assert "\n" not in letter.subject
        assert letter.recipients() == ["eve@example.org"]
        assert "Bcc" not in letter.message()

    def test_a_mail_server_that_fails_loses_nothing_and_is_told(
        self, will, eve, settings, django_capture_on_commit_callbacks, caplog
    ):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        story, said = a_post(), []
        with django_capture_on_commit_callbacks(execute=True):
            reviews.send(story, by=will, on_failure=lambda: said.append("told"))
        assert said == ["told"]
        assert the_review(story).is_open
        assert "not sent" in caplog.text

    def test_nothing_is_posted_where_nothing_was_kept(self, will, eve):
        story = a_post()
        mail.outbox.clear()
        with pytest.raises(reviews.NoReview):
            reviews.approve(story, by=eve)
        assert mail.outbox == []
