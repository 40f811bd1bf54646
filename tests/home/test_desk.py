"""The desk: what each colleague finds on it, and what they must not."""

import datetime

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from imagine_site.home.desk import desk_of
from imagine_site.publishing import actions
from imagine_site.publishing.models import Release, ReleaseItem, Review
from tests.factories.images import make_image
from tests.factories.news import post as a_post

pytestmark = pytest.mark.django_db
User = get_user_model()
DAY = datetime.timedelta(days=1)


def colleague(name: str, *rights: str):
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


@pytest.fixture
def publisher():
    return colleague("pia", "add_post", "change_post", "view_post", "publish_post", "view_image")


@pytest.fixture
def writer():
    return colleague("wim", "add_post", "change_post", "view_post")


def titles(rows) -> list[str]:
    return [str(row.story) for row in rows]


def test_a_text_sent_for_review_waits_for_those_who_may_publish_and_not_for_its_author(
    publisher, writer
):
    Review.objects.create(story=a_post(title_en="Heart"), requested_by=writer, note="Check names.")
    assert titles(desk_of(publisher).waiting) == ["Heart"]
    assert desk_of(publisher).waiting[0].note == "Check names."
    assert titles(desk_of(writer).waiting) == []
    assert titles(desk_of(writer).in_review) == ["Heart"]


def test_a_text_meant_for_one_reviewer_waits_for_nobody_else(publisher, writer):
    other = colleague("paul", "change_post", "publish_post")
    Review.objects.create(story=a_post(title_en="Heart"), requested_by=writer, reviewer=other)
    assert titles(desk_of(other).waiting) == ["Heart"]
    assert titles(desk_of(publisher).waiting) == []


def test_requested_changes_wait_for_the_author(publisher, writer):
    Review.objects.create(
        story=a_post(title_en="Heart"),
        requested_by=writer,
        state=Review.State.CHANGES,
        judged_by=publisher,
        judged_at=timezone.now(),
        judgement="Who took the photo?",
    )
    assert titles(desk_of(writer).waiting) == ["Heart"]
    assert desk_of(writer).waiting[0].note == "Who took the photo?"
    assert titles(desk_of(publisher).waiting) == []


def test_a_closed_review_is_on_no_desk(publisher, writer):
    Review.objects.create(story=a_post(), requested_by=writer, closed_at=timezone.now())
    desk = desk_of(publisher)
    assert not desk.waiting
    assert not desk.in_review


def test_both_languages_of_a_text_are_one_moment_of_the_schedule(publisher):
    story = a_post(title_en="Heart", title_fr="Cœur")
    at = timezone.now() + DAY
    for language in ("en", "fr"):
        actions.publish(story, language=language, by=publisher, at=at)
    (moment,) = desk_of(publisher).scheduled
    assert moment.what == "publish"
    assert sorted(moment.languages) == ["en", "fr"]


def test_a_text_that_will_leave_the_site_is_on_the_schedule_and_one_that_is_replaced_is_not(
    publisher,
):
    leaving, replaced = a_post(title_en="Leaving"), a_post(title_en="Replaced")
    actions.publish(leaving, language="en", by=publisher)
    actions.withdraw(leaving, language="en", by=publisher, at=timezone.now() + DAY)
    actions.publish(replaced, language="en", by=publisher)
    actions.publish(replaced, language="en", by=publisher, at=timezone.now() + 2 * DAY)
    found = [(each.what, each.title) for each in desk_of(publisher).scheduled]
    assert found == [("withdraw", "Leaving"), ("publish", "Replaced")]


def test_a_release_is_one_moment_with_its_number_of_texts(publisher):
    at = timezone.now() + DAY
    release = Release.objects.create(name="Congress", at=at)
    for number in range(2):
        story = a_post(title_en=f"Text {number}")
        actions.publish(story, language="en", by=publisher, at=at)
        ReleaseItem.objects.create(release=release, story=story, language="en")
    (moment,) = desk_of(publisher).scheduled
    assert (moment.what, moment.title, moment.count) == ("release", "Congress", 2)


def test_what_went_live_is_told_once_and_what_is_still_to_come_not_yet(publisher):
    here, coming = a_post(title_en="Here"), a_post(title_en="Coming")
    actions.publish(here, language="en", by=publisher)
    actions.publish(here, language="fr", by=publisher)
    actions.publish(coming, language="en", by=publisher, at=timezone.now() + DAY)
    (row,) = desk_of(publisher).published
    assert (str(row.story), row.language, row.who) == ("Here", "", "pia")
    later = desk_of(publisher, at=timezone.now() + 2 * DAY).published
    assert titles(later) == ["Coming", "Here"]


def test_a_live_text_that_was_changed_since_is_listed_with_its_language(publisher):
    story = a_post(title_en="Heart")
    for language in ("en", "fr"):
        actions.publish(story, language=language, by=publisher)
    assert desk_of(publisher).changed == []
    story.refresh_from_db()
    story.title_en, story.edited_by = "Heart, again", publisher
    story.save()
    (row,) = desk_of(publisher).changed
    assert (row.language, row.who) == ("en", "pia")


def test_what_would_block_a_publication_is_listed_with_the_sentences(publisher):
    a_post(title_en="Heart", body_en="", title_fr="", summary_fr="", body_fr="")
    (row,) = desk_of(publisher).to_fix
    assert [finding.message for finding in row.findings] == ["The text is empty."]


def test_texts_to_be_checked_by_today_are_listed_and_others_are_not(publisher):
    today = timezone.localdate()
    a_post(title_en="Due", review_by=today)
    a_post(title_en="Later", review_by=today + DAY)
    assert titles(desk_of(publisher).overdue) == ["Due"]


def test_pictures_whose_rights_end_soon_are_told_to_those_who_see_the_library(publisher, writer):
    soon = timezone.localdate() + 10 * DAY
    ending = make_image(title="Ending", rights_until=soon)
    make_image(title="Far", rights_until=timezone.localdate() + 400 * DAY)
    assert desk_of(publisher).pictures == [ending]
    assert desk_of(writer).pictures == []


def test_somebody_without_rights_sees_an_empty_desk(publisher):
    a_post(title_en="Secret")
    Review.objects.create(story=a_post(title_en="Secret too"), requested_by=publisher)
    desk = desk_of(colleague("nil"))
    assert not any(
        (desk.waiting, desk.in_review, desk.published, desk.changed, desk.to_fix, desk.mine)
    )
    assert desk.new == {}


def test_the_desk_costs_the_same_with_three_texts_and_with_forty(
    publisher, client, django_assert_max_num_queries
):
    def fill(number: int) -> None:
        for _index in range(number):
            story = a_post()
            actions.publish(story, language="en", by=publisher)
            story.refresh_from_db()
            story.title_en, story.edited_by = "Changed", publisher
            story.save()

    client.force_login(publisher)
    for number in (3, 37):
        fill(number)
        with django_assert_max_num_queries(40):
            assert client.get(reverse("admin:index")).status_code == 200


def test_an_empty_desk_teaches(publisher, client):
    client.force_login(publisher)
    page = client.get(reverse("admin:index")).text
    assert "Texts that colleagues send for review arrive here" in page
    assert "several can go together, as a release" in page
