"""Publishing, scheduling, withdrawing, restoring: the rules of editions, with the clock in hand."""

import datetime
import threading
import time

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.utils import timezone

from imagine_site.pages.models import Page
from imagine_site.publishing import actions, signals
from imagine_site.publishing.findings import NotPublishable
from imagine_site.publishing.lookup import Gone, Moved, find
from imagine_site.publishing.models import EditionIsImmutable
from news.models import Post, PostEdition
from tests.factories.news import post as a_post

UTC = datetime.UTC
NOON = datetime.datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
HOUR = datetime.timedelta(hours=1)
SECOND = datetime.timedelta(seconds=1)


def publish(story, language="en", at=None):
    return actions.publish(story, language=language, by=None, at=at)


def live(story, language="en", at=None):
    return list(PostEdition.objects.filter(story=story, language=language).live(at=at))


@pytest.mark.django_db
class TestPublishing:
    def test_a_story_is_public_only_once_published_and_only_in_that_language(self):
        story = a_post()
        assert live(story) == []
        edition = publish(story)
        assert live(story) == [edition]
        assert live(story, "fr") == []

    def test_an_edition_keeps_what_was_published_when_the_working_copy_goes_on(self):
        story = a_post(title_en="Before")
        edition = publish(story)
        story.title_en = "After"
        story.body_en = "<p>All new.</p>"
        story.save()
        edition.refresh_from_db()
        assert edition.title == "Before"
        assert "All new" not in edition.html

    def test_publishing_again_ends_the_edition_before_at_the_same_moment(self):
        story = a_post()
        with time_machine.travel(NOON, tick=False):
            first = publish(story)
        with time_machine.travel(NOON + HOUR, tick=False):
            second = publish(story)
        first.refresh_from_db()
        assert first.live_until == second.live_from == NOON + HOUR
        assert live(story, at=NOON + HOUR - SECOND) == [first]
        assert live(story, at=NOON + HOUR) == [second]

    def test_a_scheduled_edition_is_live_at_its_second_and_not_before(self):
        story = a_post()
        with time_machine.travel(NOON, tick=False):
            edition = publish(story, at=NOON + HOUR)
            assert live(story) == []
            assert edition.is_scheduled()
        with time_machine.travel(NOON + HOUR - datetime.timedelta(microseconds=1), tick=False):
            assert live(story) == []
        with time_machine.travel(NOON + HOUR, tick=False):
            assert live(story) == [edition]

    def test_a_change_to_a_live_text_can_be_scheduled_without_hiding_it(self):
        story = a_post(title_en="Now")
        with time_machine.travel(NOON, tick=False):
            first = publish(story)
        story.title_en = "Later"
        story.save()
        with time_machine.travel(NOON + SECOND, tick=False):
            second = publish(story, at=NOON + HOUR)
        assert live(story, at=NOON + HOUR - SECOND) == [first]
        assert live(story, at=NOON + HOUR) == [second]

    def test_publishing_now_replaces_what_was_scheduled(self):
        story = a_post()
        with time_machine.travel(NOON, tick=False):
            scheduled = publish(story, at=NOON + HOUR)
        with time_machine.travel(NOON + SECOND, tick=False):
            now = publish(story)
        assert live(story, at=NOON + 2 * HOUR) == [now]
        scheduled.refresh_from_db()
        assert scheduled.live_until == scheduled.live_from
        assert not scheduled.was_ever_live(at=NOON + 2 * HOUR)

    def test_scheduling_for_later_cancels_what_was_scheduled_for_earlier(self):
        story = a_post(title_en="Now")
        with time_machine.travel(NOON, tick=False):
            first = publish(story)
        with time_machine.travel(NOON + SECOND, tick=False):
            earlier = publish(story, at=NOON + HOUR)
            later = publish(story, at=NOON + 2 * HOUR)
        assert live(story, at=NOON + 2 * HOUR - SECOND) == [first]
        assert live(story, at=NOON + 2 * HOUR) == [later]
        earlier.refresh_from_db()
        assert earlier.live_until == earlier.live_from

    def test_an_end_may_be_planned_with_the_beginning(self):
        story = a_post()
        with time_machine.travel(NOON, tick=False):
            edition = publish(story, at=NOON + HOUR)
            edition = actions.publish(
                story, language="en", by=None, at=NOON + HOUR, until=NOON + 2 * HOUR
            )
            with pytest.raises(ValueError, match="before"):
                actions.publish(story, language="en", by=None, until=NOON)
        assert live(story, at=NOON + 2 * HOUR - SECOND) == [edition]
        assert live(story, at=NOON + 2 * HOUR) == []

    def test_several_texts_are_published_together_or_none(self):
        good, bad = a_post(), a_post(title_fr="")
        with pytest.raises(actions.NothingPublished) as refusal:
            actions.publish_together([(good, "en"), (good, "fr"), (bad, "fr")], by=None)
        ((story, language, found),) = refusal.value.blocking
        assert (story, language, found[0].field) == (bad, "fr", "title_fr")
        assert PostEdition.objects.count() == 0
        editions = actions.publish_together([(good, "en"), (good, "fr"), (bad, "en")], by=None)
        assert len({edition.live_from for edition in editions}) == 1

    def test_a_moment_in_the_past_means_now(self):
        story = a_post()
        with time_machine.travel(NOON, tick=False):
            assert publish(story, at=NOON - HOUR).live_from == NOON

    @pytest.mark.parametrize(
        "paris_midnight",
        ["2026-03-29T02:30:00+01:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"],
    )
    def test_a_schedule_holds_to_the_second_when_the_clocks_change(self, paris_midnight):
        at = datetime.datetime.fromisoformat(paris_midnight)
        story = a_post()
        with time_machine.travel(at - HOUR, tick=False):
            edition = publish(story, at=at)
        assert live(story, at=at - SECOND) == []
        assert live(story, at=at) == [edition]

    def test_what_blocks_is_said_and_nothing_is_written(self):
        story = a_post(title_en="", body_en="")
        with pytest.raises(NotPublishable) as refusal:
            publish(story)
        assert {finding.field for finding in refusal.value.findings} == {"title_en", "body_en"}
        assert PostEdition.objects.count() == 0

    def test_an_unknown_language_is_refused(self):
        with pytest.raises(ValueError, match="unknown language"):
            publish(a_post(), "de")

    def test_an_address_is_made_from_the_title_and_never_shared(self):
        first, second = a_post(title_en="Same title"), a_post(title_en="Same title")
        assert publish(first).slug == "same-title"
        assert publish(second).slug == "same-title-2"

    def test_a_revision_is_dated_only_when_it_comes_more_than_a_day_later(self):
        story = a_post()
        with time_machine.travel(NOON, tick=False):
            assert publish(story).revised_at is None
        with time_machine.travel(NOON + HOUR, tick=False):
            assert publish(story).revised_at is None
        later = NOON + datetime.timedelta(days=3)
        with time_machine.travel(later, tick=False):
            assert publish(story).revised_at == later

    def test_listeners_hear_of_it_after_the_commit(self, django_capture_on_commit_callbacks):
        heard = []

        def listener(sender, story, language, edition, **_kwargs):
            heard.append((sender, language, edition.number))

        signals.published.connect(listener)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                publish(a_post())
                assert heard == []
        finally:
            signals.published.disconnect(listener)
        assert heard == [(Post, "en", 1)]


@pytest.mark.django_db
class TestOneWordForLive:
    def test_the_set_and_the_single_edition_agree_at_every_boundary(self):
        for number in range(6):
            story = a_post()
            with time_machine.travel(NOON + number * HOUR, tick=False):
                publish(story)
            with time_machine.travel(NOON + (number + 1) * HOUR, tick=False):
                publish(story, at=NOON + (number + 2) * HOUR)
                if number % 2:
                    actions.withdraw(story, language="en", by=None)
        everything = list(PostEdition.objects.all())
        moments = {NOON - HOUR}
        for edition in everything:
            for moment in (edition.live_from, edition.live_until):
                if moment:
                    moments |= {moment - SECOND, moment, moment + SECOND}
        for at in moments:
            ids = {e.pk for e in everything if e.is_live(at=at)}
            assert ids == set(PostEdition.objects.live(at=at).values_list("pk", flat=True))
            ids = {e.pk for e in everything if e.is_scheduled(at=at)}
            assert ids == set(PostEdition.objects.scheduled(at=at).values_list("pk", flat=True))
            ids = {e.pk for e in everything if e.was_ever_live(at=at)}
            assert ids == set(PostEdition.objects.ever_live(at=at).values_list("pk", flat=True))


@pytest.mark.django_db
class TestWithdrawing:
    def test_a_withdrawn_text_is_gone_and_its_address_says_so(self):
        story = a_post()
        edition = publish(story)
        assert actions.withdraw(story, language="en", by=None) == 1
        assert live(story) == []
        found = find(PostEdition.objects.all(), slug=edition.slug, language="en")
        assert isinstance(found, Gone)

    def test_withdrawing_later_keeps_it_until_then(self):
        story = a_post()
        with time_machine.travel(NOON, tick=False):
            edition = publish(story)
            actions.withdraw(story, language="en", by=None, at=NOON + HOUR)
        assert live(story, at=NOON + HOUR - SECOND) == [edition]
        assert live(story, at=NOON + HOUR) == []

    def test_withdrawing_cancels_what_is_scheduled(self):
        story = a_post()
        with time_machine.travel(NOON, tick=False):
            publish(story, at=NOON + HOUR)
            actions.withdraw(story, language="en", by=None)
        assert live(story, at=NOON + 2 * HOUR) == []

    def test_a_text_that_was_only_ever_scheduled_leaves_no_trace_at_its_address(self):
        story = a_post()
        edition = publish(story, at=timezone.now() + HOUR)
        actions.withdraw(story, language="en", by=None)
        assert find(PostEdition.objects.all(), slug=edition.slug, language="en") is None

    def test_a_withdrawn_text_can_be_published_again(self):
        story = a_post()
        publish(story)
        actions.withdraw(story, language="en", by=None)
        again = publish(story)
        assert find(PostEdition.objects.all(), slug=again.slug, language="en") == again

    def test_unscheduling_leaves_the_live_text_open_ended(self):
        story = a_post()
        with time_machine.travel(NOON, tick=False):
            first = publish(story)
        with time_machine.travel(NOON + SECOND, tick=False):
            publish(story, at=NOON + HOUR)
            assert actions.unschedule(story, language="en", by=None) == 1
        first.refresh_from_db()
        assert first.live_until is None
        assert live(story, at=NOON + 2 * HOUR) == [first]


@pytest.mark.django_db
class TestAddresses:
    def test_a_changed_address_leads_to_the_new_one_without_a_chain(self):
        story = a_post(slug_en="one")
        publish(story)
        for slug in ("two", "three"):
            story.refresh_from_db()
            story.slug_en = slug
            story.save()
            publish(story)
        for slug in ("one", "two"):
            found = find(PostEdition.objects.all(), slug=slug, language="en")
            assert isinstance(found, Moved)
            assert found.to.slug == "three"

    def test_an_address_changed_back_is_no_loop(self):
        story = a_post(slug_en="one")
        publish(story)
        for slug in ("two", "one"):
            story.refresh_from_db()
            story.slug_en = slug
            story.save()
            publish(story)
        assert find(PostEdition.objects.all(), slug="one", language="en").slug == "one"
        assert isinstance(find(PostEdition.objects.all(), slug="two", language="en"), Moved)

    def test_an_embargoed_address_answers_as_if_nothing_were_there(self):
        edition = publish(a_post(), at=timezone.now() + HOUR)
        assert find(PostEdition.objects.all(), slug=edition.slug, language="en") is None

    def test_an_address_where_another_text_is_public_is_refused_in_words(self):
        holder = a_post(title_en="The holder", slug_en="wanted")
        publish(holder)
        holder.refresh_from_db()
        holder.slug_en = "elsewhere"  # saved, and not published: visitors still find it there
        holder.save()
        newcomer = a_post(slug_en="wanted")
        with pytest.raises(NotPublishable, match="The holder"):
            publish(newcomer)
        publish(holder)
        assert publish(newcomer).slug == "wanted"

    @pytest.mark.parametrize("slug", ["news", "people", "laboratories"])
    def test_a_page_cannot_take_the_address_of_a_list(self, slug):
        page = Page.objects.create(title_en="Hidden", body_en="<p>Text.</p>", slug_en=slug)
        with pytest.raises(NotPublishable, match="another part of the site"):
            publish(page)

    def test_another_story_may_take_a_former_address(self):
        first = a_post(slug_en="shared")
        publish(first)
        first.refresh_from_db()
        first.slug_en = "moved"
        first.save()
        publish(first)
        second = a_post(slug_en="shared")
        edition = publish(second)
        assert find(PostEdition.objects.all(), slug="shared", language="en") == edition


@pytest.mark.django_db
class TestImmutability:
    def test_an_edition_refuses_to_change_what_it_says(self):
        edition = PostEdition.objects.get(pk=publish(a_post()).pk)
        for name, value in {
            "title": "x",
            "body": "<p>x</p>",
            "live_from": NOON,
            "slug": "x",
        }.items():
            changed = PostEdition.objects.get(pk=edition.pk)
            setattr(changed, name, value)
            with pytest.raises(EditionIsImmutable):
                changed.save()
            with pytest.raises(EditionIsImmutable):
                PostEdition.objects.filter(pk=edition.pk).update(**{name: value})

    def test_a_published_edition_cannot_be_deleted(self):
        with pytest.raises(EditionIsImmutable):
            publish(a_post()).delete()

    def test_the_database_itself_holds_one_open_edition_per_story_and_language(self):
        edition = publish(a_post())
        twin = PostEdition.objects.get(pk=edition.pk)
        twin.pk, twin.number, twin.slug = None, 2, "other"
        twin._state.adding = True
        with pytest.raises(IntegrityError), transaction.atomic():
            twin.save()

    def test_the_database_itself_refuses_an_end_before_the_beginning(self):
        edition = publish(a_post())
        with pytest.raises(IntegrityError), transaction.atomic():
            PostEdition.objects.filter(pk=edition.pk).update(live_until=edition.live_from - SECOND)

    def test_the_database_itself_refuses_to_change_what_an_edition_says(self):
        edition = publish(a_post())
        past_the_guards = models.QuerySet(PostEdition)
        changes = {"title": "x", "body": "x", "slug": "x", "kind": "x", "live_from": NOON}
        for column, value in changes.items():
            with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
                past_the_guards.update(**{column: value})
        assert PostEdition.objects.get(pk=edition.pk).title == edition.title

    def test_the_database_itself_refuses_two_editions_live_at_once(self):
        story = a_post()
        with time_machine.travel(NOON, tick=False):
            first = publish(story)
        with time_machine.travel(NOON + HOUR, tick=False):
            publish(story)
        twin = PostEdition.objects.get(pk=first.pk)
        twin.pk, twin.number, twin.slug = None, 3, "other"
        twin._state.adding = True
        twin.live_until = NOON + 2 * HOUR
        with pytest.raises(IntegrityError, match="live at once"), transaction.atomic():
            twin.save()
        with pytest.raises(IntegrityError, match="live at once"), transaction.atomic():
            PostEdition.objects.filter(pk=first.pk).update(live_until=NOON + 2 * HOUR)

    def test_rendering_again_changes_the_html_only(self):
        edition = publish(a_post())
        PostEdition.objects.filter(pk=edition.pk).update(html="stale")
        assert actions.rerender(PostEdition.objects.all()) == 1
        again = PostEdition.objects.get(pk=edition.pk)
        assert again.html == edition.html
        assert actions.rerender(PostEdition.objects.all()) == 0


@pytest.mark.django_db
class TestPlannedWithdrawal:
    def test_it_can_be_cancelled_and_survives_a_change_that_is_cancelled(self):
        story = a_post()
        with time_machine.travel(NOON, tick=False):
            first = actions.publish(story, language="en", by=None, until=NOON + 9 * HOUR)
            assert story.editions.latest("live_from", "pk").live_until == NOON + 9 * HOUR
            actions.publish_together(
                [(story, "en")], by=None, at=NOON + HOUR, until=actions.AS_PLANNED
            )
            assert story.editions.latest("live_from", "pk").live_until == NOON + 9 * HOUR
            actions.unschedule(story, language="en", by=None)
            first.refresh_from_db()
            assert first.live_until == NOON + 9 * HOUR
            assert actions.keep(story, language="en", by=None)
            assert not actions.keep(story, language="en", by=None)
        assert live(story, at=NOON + 10 * HOUR) == [first]


@pytest.mark.django_db
class TestRestoring:
    def test_an_old_edition_comes_back_into_the_working_copy_and_not_to_the_public(self):
        story = a_post(title_en="First", body_en="<p>One.</p>")
        first = publish(story)
        story.refresh_from_db()
        story.title_en, story.body_en = "Second", "<p>Two.</p>"
        story.save()
        second = publish(story)
        actions.restore(first, by=None)
        story.refresh_from_db()
        assert (story.title_en, story.body_en) == ("First", "<p>One.</p>")
        assert live(story) == [PostEdition.objects.get(pk=second.pk)]
        assert story.history.first().title_en == "First"
        assert "Second" in [row.title_en for row in story.history.all()]

    def test_the_other_language_is_not_touched(self):
        story = a_post(title_fr="Avant")
        first = publish(story)
        story.refresh_from_db()
        story.title_fr = "Après"
        story.save()
        actions.restore(first, by=None)
        story.refresh_from_db()
        assert story.title_fr == "Après"


def race(workers: int, work) -> list[BaseException]:
    """Run `work(number)` in as many threads at once; what they raised."""
    barrier, raised = threading.Barrier(workers), []

    def run(number):
        try:
            barrier.wait(timeout=30)
            work(number)
        except Exception as error:  # noqa: BLE001  (shown by the test)
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def publish_patiently(story) -> None:
    """As an editor on a very busy machine: told that the database is locked, they press again."""
    for _attempt in range(5):
        try:
            publish(story)
        except OperationalError as error:
            if "locked" not in str(error):
                raise
        else:
            return
    raise AssertionError("five times in a row nothing could be written")


def publish_in_a_race(rounds: int, workers: int = 8) -> None:
    """R-03: between any two publishings a reader sees exactly one live edition."""
    story = a_post()
    publish(story)
    stop, seen = threading.Event(), set()

    def watch():
        try:
            while not stop.is_set():
                seen.add(len(live(story)))
        finally:
            connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()

    def work(number):
        for _round in range(rounds // workers):
            publish_patiently(story)
            # SQLite's waiting writers poll and do not queue: without a breath, as no editor is,
            # one of eight may poll in vain for the whole timeout.
            time.sleep(0.04)

    raised = race(workers, work)
    stop.set()
    watcher.join()
    assert raised == []
    editions = PostEdition.objects.filter(story=story)
    assert editions.count() == 1 + rounds // workers * workers
    assert editions.filter(live_until=None).count() == 1
    assert seen == {1}


@pytest.mark.django_db(transaction=True)
def test_two_editors_who_publish_at_once_come_one_after_the_other():
    publish_in_a_race(rounds=8, workers=2)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_eight_publishers_in_a_thousand_rounds_never_leave_none_or_two():
    publish_in_a_race(rounds=1000, workers=8)
