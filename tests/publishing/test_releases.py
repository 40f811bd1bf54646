"""Several texts at one moment: all or none, to the second, whoever else is at work."""

import datetime

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.urls import reverse

from imagine_site.home.accounts import EDITOR, WRITER
from imagine_site.publishing import actions, releases
from imagine_site.publishing.models import Event, Release
from news.models import Post, PostEdition
from tests.factories.news import post as a_post
from tests.factories.pages import page as a_page
from tests.publishing.pressing import browser_of, press, said, someone
from tests.publishing.test_publish import race

NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
SECOND = datetime.timedelta(seconds=1)


@pytest.fixture
def eve(db):
    return someone("eve", EDITOR)


@pytest.fixture
def at_noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def a_release(*stories, by=None, **fields) -> Release:
    release = Release.objects.create(**{"name": "World Heart Day"} | fields)
    for story in stories:
        releases.join(release, story, by=by)
    return release


def live(at) -> set[tuple[str, str]]:
    return {(each.title, each.language) for each in PostEdition.objects.live(at=at)}


def lines(release) -> list[releases.Line]:
    return releases.lines(Release.objects.get(pk=release.pk))


class TestTheMoment:
    def test_every_text_goes_live_at_its_second_and_none_before(self, eve, at_noon):
        one, two = a_post(title_fr="", summary_fr="", body_fr=""), a_post(title_en="Two")
        release = Release.objects.create(name="Both")
        releases.join(release, one, by=eve, languages=["en"])
        releases.join(release, two, by=eve)
        releases.schedule(release, by=eve, at=NOON + HOUR)
        assert live(NOON + HOUR - SECOND) == set()
        assert live(NOON + HOUR - datetime.timedelta(microseconds=1)) == set()
        assert live(NOON + HOUR) == {
            (one.title_en, "en"),
            ("Two", "en"),
            (two.title_fr, "fr"),
        }
        release.refresh_from_db()
        assert releases.is_open(release)
        at_noon.move_to(NOON + HOUR)
        assert not releases.is_open(release)
        assert release not in releases.open_releases()

    def test_one_text_that_blocks_stops_all_and_every_finding_is_said(self, eve, at_noon):
        good, bad, worse = a_post(), a_post(title_fr=""), a_post(body_en="")
        release = a_release(good, bad, worse, by=eve)
        with pytest.raises(actions.NothingPublished) as refusal:
            releases.schedule(release, by=eve, at=NOON + HOUR)
        fields = {finding.field for finding in refusal.value.findings}
        assert fields == {"title_fr", "body_en"}
        assert not PostEdition.objects.exists()
        release.refresh_from_db()
        assert release.at is None
        assert [line.edition for line in lines(release)] == [None] * 6

    def test_moved_it_keeps_the_words_that_were_scheduled(self, eve, at_noon):
        story = a_post(title_en="As scheduled", date=None)
        before = actions.publish(story, language="en", by=eve)
        release = a_release(story, by=eve)
        releases.schedule(release, by=eve, at=NOON + HOUR)
        Post.objects.filter(pk=story.pk).update(title_en="Half a thought", version=99)
        assert {line.changed for line in lines(release)} == {True, False}
        day = datetime.timedelta(days=1)
        releases.schedule(release, by=eve, at=NOON + day)
        english = PostEdition.objects.filter(language="en")
        before.refresh_from_db()
        assert before.live_until == NOON + day
        assert [each.title for each in english.live(at=NOON + day - SECOND)] == ["As scheduled"]
        moved = english.live(at=NOON + day).get()
        assert (moved.title, moved.date) == ("As scheduled", datetime.date(2026, 3, 3))
        assert moved.pk != before.pk
        releases.update(release, by=eve)
        assert english.live(at=NOON + day).get().title == "Half a thought"
        assert not any(line.changed for line in lines(release))

    def test_cancelled_it_leaves_what_is_live_as_it_was(self, eve, at_noon):
        story = a_post()
        before = actions.publish(story, language="en", by=eve, until=NOON + 9 * HOUR)
        release = a_release(story, by=eve)
        releases.schedule(release, by=eve, at=NOON + HOUR)
        releases.cancel(release, by=eve)
        before.refresh_from_db()
        assert before.live_until == NOON + 9 * HOUR
        assert not PostEdition.objects.scheduled().exists()
        assert [line.state for line in lines(release)] == ["draft", "draft"]

    def test_released_now_all_is_live_and_the_release_is_over(self, eve, at_noon):
        stories = [a_post(), a_post()]
        release = a_release(*stories, by=eve)
        releases.schedule(release, by=eve, at=NOON + HOUR)
        at_noon.shift(60)
        releases.schedule(release, by=eve)
        assert PostEdition.objects.live().count() == 4
        with pytest.raises(releases.ReleaseIsOver):
            releases.cancel(release, by=eve)
        assert {line.state for line in lines(release)} == {"live"}

    def test_a_release_without_texts_has_no_moment(self, eve):
        with pytest.raises(releases.NothingToRelease):
            releases.schedule(a_release(), by=eve)

    def test_a_text_that_must_go_before_is_not_released(self, eve, at_noon):
        story = a_post()
        actions.publish(story, language="en", by=eve, until=NOON + HOUR)
        release = a_release(story, by=eve)
        with pytest.raises(actions.NothingPublished, match="withdrawn"):
            releases.schedule(release, by=eve, at=NOON + HOUR)
        releases.schedule(release, by=eve, at=NOON + HOUR / 2)
        with pytest.raises(actions.NothingPublished, match="withdrawn"):
            releases.schedule(release, by=eve, at=NOON + 2 * HOUR)
        assert live(NOON + HOUR) == {(story.title_fr, "fr")}


class TestTheTexts:
    def test_a_text_waits_in_one_release_only(self, eve, at_noon):
        story = a_post()
        first = a_release(story, by=eve)
        second = Release.objects.create(name="Second")
        with pytest.raises(releases.InAnotherRelease):
            releases.join(second, story, by=eve)
        assert releases.join(first, story, by=eve) == []
        releases.schedule(first, by=eve)
        at_noon.shift(1)
        assert len(releases.join(second, story, by=eve)) == 2

    def test_one_that_joins_late_is_scheduled_at_once_or_not_taken(self, eve, at_noon):
        release = a_release(a_post(), by=eve)
        releases.schedule(release, by=eve, at=NOON + HOUR)
        late, empty = a_post(title_en="Late"), a_post(body_en="")
        releases.join(release, late, by=eve)
        with pytest.raises(actions.NothingPublished):
            releases.join(release, empty, by=eve)
        assert ("Late", "en") in live(NOON + HOUR)
        assert len(lines(release)) == 4

    def test_one_that_leaves_is_not_published(self, eve, at_noon):
        story, other = a_post(), a_post()
        release = a_release(story, other, by=eve)
        releases.schedule(release, by=eve, at=NOON + HOUR)
        for item in releases.waiting_items(story):
            releases.leave(item, by=eve)
        assert live(NOON + HOUR) == {(other.title_en, "en"), (other.title_fr, "fr")}
        kinds = Event.objects.of(story).values_list("kind", flat=True)
        assert {"release-joined", "release-left", "unscheduled"} <= set(kinds)

    def test_one_that_was_cancelled_by_itself_is_said_and_comes_back(self, eve, at_noon):
        story = a_post()
        release = a_release(story, by=eve)
        releases.schedule(release, by=eve, at=NOON + HOUR)
        actions.withdraw(story, language="en", by=eve)
        assert [line.state for line in lines(release)] == ["withdrawn", "scheduled"]
        assert releases.update(release, by=eve) == 1
        assert (story.title_en, "en") in live(NOON + HOUR)

    def test_one_cut_again_for_the_same_moment_is_still_in_it(self, eve, at_noon):
        story = a_post()
        release = a_release(story, by=eve)
        releases.schedule(release, by=eve, at=NOON + HOUR)
        actions.publish(story, language="en", by=eve, at=NOON + HOUR)
        assert {line.state for line in lines(release)} == {"scheduled"}
        releases.schedule(release, by=eve, at=NOON + 2 * HOUR)
        assert live(NOON + 2 * HOUR - SECOND) == set()

    def test_a_text_that_is_deleted_leaves(self, eve):
        story, other = a_post(), a_post()
        release = a_release(story, other, by=eve)
        story.delete()
        releases.schedule(release, by=eve)
        assert PostEdition.objects.live().count() == 2


@pytest.mark.django_db
class TestTheAdmin:
    @pytest.fixture
    def editor(self, eve):
        return browser_of(eve)

    @pytest.fixture
    def writer(self):
        return browser_of(someone("will", WRITER))

    def change(self, release) -> str:
        return reverse("admin:publishing_release_change", args=[release.pk])

    def push(self, client, release, **button):
        return client.post(self.change(release), {"name": release.name, "note": "", **button})

    def test_the_form_of_a_text_puts_it_into_a_new_release_and_takes_it_out(self, editor):
        story = a_post()
        press(editor, story, title_en="Typed", _release="join", release_name="A day")
        release = Release.objects.get(name="A day")
        assert [line.title for line in lines(release)] == ["Typed", story.title_fr]
        press(editor, story, _release="leave")
        assert lines(release) == []

    def test_several_texts_from_the_list(self, editor):
        stories = [a_post(), a_post(title_fr="", summary_fr="", body_fr="")]
        url = reverse("admin:news_post_changelist")
        data = {"action": "put_into_release", "_selected_action": [each.pk for each in stories]}
        page = editor.post(url, data)
        assert stories[0].title_en in page.text
        editor.post(url, data | {"_release": "join", "release_name": "A day"})
        assert len(lines(Release.objects.get(name="A day"))) == 3
        answer = editor.post(url, data | {"_release": "join"}, follow=True)
        assert "Choose a release" in answer.text

    def test_its_page_schedules_moves_updates_cancels_and_releases(self, editor, eve):
        story = a_post()
        release = a_release(story, by=eve)
        with time_machine.travel(NOON, tick=False):
            self.push(editor, release, _schedule="1", release_at="2026-03-03T09:00")
            at = datetime.datetime(2026, 3, 3, 8, tzinfo=datetime.UTC)
            assert set(PostEdition.objects.values_list("live_from", flat=True)) == {at}
            page = editor.get(self.change(release)).text
            assert "3 March 2026, 09:00 (Europe/Paris)" in page
            assert 'value="2026-03-03T09:00"' in page
            item = release.items.first()
            self.push(editor, release, _update=item.pk)
            self.push(editor, release, _remove=item.pk)
            assert release.items.count() == 1
            for wrong in ("", "soon", "2026-03-01T09:00", "2026-03-29T02:30"):
                answer = self.push(editor, release, _schedule="1", release_at=wrong)
                release.refresh_from_db()
                assert release.at == at, said(answer)
            self.push(editor, release, _cancel="1")
            assert not PostEdition.objects.scheduled().exists()
            self.push(editor, release, _now="1")
            assert PostEdition.objects.live().count() == 1
            assert editor.get(self.change(release)).status_code == 200
            assert self.push(editor, release, _cancel="1").status_code == 403

    def test_what_blocks_is_listed_on_the_page(self, editor, eve):
        release = a_release(a_post(title_en="", title_fr="Titre"), by=eve)
        answer = self.push(editor, release, _now="1")
        assert "The title is missing." in said(answer)
        assert "Nothing was published" in said(answer)

    def test_only_what_has_no_moment_can_be_deleted(self, editor, eve):
        release = a_release(a_post(), by=eve)
        releases.schedule(release, by=eve)
        delete = reverse("admin:publishing_release_delete", args=[release.pk])
        assert editor.post(delete, {"post": "yes"}).status_code == 403
        url = reverse("admin:publishing_release_changelist")
        editor.post(
            url, {"action": "delete_selected", "_selected_action": [release.pk], "post": "yes"}
        )
        assert Release.objects.filter(pk=release.pk).exists()

    def test_a_writer_releases_nothing_by_any_door(self, writer, eve):
        story, other = a_post(), a_post()
        release = a_release(other, by=eve)
        for verb in ("join", "leave"):
            assert press(writer, story, _release=verb, release=release.pk).status_code == 403
        assert writer.get(self.change(release)).status_code == 403
        for verb in ("_schedule", "_now", "_cancel", "_update", "_remove"):
            answer = self.push(writer, release, **{verb: "1", "release_at": "2099-01-01T00:00"})
            assert answer.status_code == 403
        writer.post(
            reverse("admin:news_post_changelist"),
            {
                "action": "put_into_release",
                "_selected_action": [story.pk],
                "_release": "join",
                "release": release.pk,
            },
        )
        assert release.items.count() == 2
        assert not PostEdition.objects.exists()

    def test_who_may_publish_articles_only_releases_no_page(self, eve):
        mara = someone("mara")
        rights = ["change_release", "view_release", "publish_post", "change_post"]
        mara.user_permissions.set(Permission.objects.filter(codename__in=rights))
        release = a_release(a_post(), a_page(), by=eve)
        assert self.push(browser_of(mara), release, _now="1").status_code == 403
        assert not PostEdition.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_move_a_release_while_a_third_publishes_leave_one_edition_of_each_text():
    eve = someone("eve")
    stories = [a_post(), a_post()]
    release = a_release(*stories, by=eve)
    at = NOON.replace(year=2099)
    releases.schedule(release, by=eve, at=at)

    def work(number):
        if number == 0:
            actions.publish_together([(stories[1], "en"), (stories[0], "en")], by=eve)
        else:
            releases.schedule(release, by=eve, at=at + number * HOUR)

    assert race(3, work) == []
    release.refresh_from_db()
    for story in stories:
        for language in ("en", "fr"):
            mine = PostEdition.objects.filter(story=story, language=language)
            assert mine.filter(live_until=None).count() == 1
            assert mine.scheduled().count() == 1 or language == "en"
            if scheduled := mine.scheduled().first():
                assert scheduled.live_from == release.at
