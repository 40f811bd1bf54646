"""Comments on a story: who may say, change and settle what, and that nothing of it is public."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from imagine_site.publishing.models import Comment
from tests.factories.news import post as a_post

pytestmark = pytest.mark.django_db
User = get_user_model()
PASSAGE = {
    "field": "body_en",
    "language": "en",
    "quote": "in the laboratory",
    "prefix": "It began ",
    "suffix": ".",
}


@pytest.fixture
def story():
    return a_post()


def colleague(client, name: str, *rights: str):
    user = User.objects.create_user(name, is_staff=True, first_name=name.title())
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    return client


@pytest.fixture
def ana(client):
    return colleague(client, "ana", "view_post", "change_post")


@pytest.fixture
def ben(ana):
    return colleague(type(ana)(), "ben", "view_post")


def url(story, what="comments", *args):
    return reverse(f"admin:news_post_{what}", args=[story.pk, *args])


def say(client, story, text="Who says so?", **more):
    return client.post(url(story, "comment"), {"text": text, **more})


def test_a_remark_on_a_passage_comes_back_with_its_words_and_its_author(ana, story):
    assert say(ana, story, **PASSAGE).status_code == 201
    (told,) = ana.get(url(story)).json()["comments"]
    assert {name: told[name] for name in PASSAGE} == PASSAGE
    assert (told["text"], told["by"], told["mine"]) == ("Who says so?", "Ana", True)


def test_replies_stand_under_what_they_answer_and_reopen_it(ana, ben, story):
    say(ana, story)
    first = Comment.objects.get()
    ana.post(url(story, "comment_change", first.pk), {"action": "resolve"})
    assert say(ben, story, "I do.", parent=first.pk).status_code == 201
    (told,) = ben.get(url(story)).json()["comments"]
    assert [reply["text"] for reply in told["replies"]] == ["I do."]
    assert told["resolved"] is False


def test_it_can_be_settled_and_reopened_with_who_settled_it(ana, ben, story):
    say(ben, story)
    change = url(story, "comment_change", Comment.objects.get().pk)
    (told,) = ana.post(change, {"action": "resolve"}).json()["comments"]
    assert (told["resolved"], told["resolved_by"]) == (True, "Ana")
    (told,) = ana.post(change, {"action": "reopen"}).json()["comments"]
    assert told["resolved"] is False


def test_only_ones_own_words_can_be_changed_or_taken_back(ana, ben, story):
    say(ana, story)
    change = url(story, "comment_change", Comment.objects.get().pk)
    for action in ({"action": "edit", "text": "Mine"}, {"action": "delete"}, {"action": "resolve"}):
        assert ben.post(change, action).status_code == 403, action
    (told,) = ana.post(change, {"action": "edit", "text": "Better"}).json()["comments"]
    assert (told["text"], told["edited"]) == ("Better", True)
    assert ana.post(change, {"action": "delete"}).json()["comments"] == []


def test_what_was_answered_is_not_deleted(ana, ben, story):
    say(ana, story)
    first = Comment.objects.get()
    say(ben, story, "Yes.", parent=first.pk)
    assert ana.post(url(story, "comment_change", first.pk), {"action": "delete"}).status_code == 403
    assert Comment.objects.count() == 2


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_a_remark_without_words_or_without_end_is_refused_with_a_sentence(ana, story, text):
    answer = say(ana, story, text)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not Comment.objects.exists()


def test_odd_fields_parents_and_languages_do_no_harm(ana, story):
    odd = {"field": '"><script>', "language": "xx", "quote": "x" * 5000, "prefix": "y" * 500}
    assert say(ana, story, **odd).status_code == 201
    comment = Comment.objects.get()
    assert (comment.field, comment.language) == ("", "")
    assert len(comment.quote) == 1000
    for parent in ("0", "abc", "99999999999999999999999", "-1"):
        assert say(ana, story, parent=parent).status_code == 404


def test_another_storys_remark_is_out_of_reach(ana, story):
    say(ana, story)
    other = a_post()
    change = url(other, "comment_change", Comment.objects.get().pk)
    assert ana.post(change, {"action": "delete"}).status_code == 404


def test_who_may_not_see_the_story_sees_none_of_it(ana, story):
    say(ana, story)
    nobody = colleague(type(ana)(), "nil")
    assert nobody.get(url(story)).status_code == 403
    assert say(nobody, story).status_code == 403
    assert type(ana)().get(url(story)).status_code == 302


def test_the_list_costs_the_same_with_three_remarks_and_with_thirty(
    ana, story, django_assert_max_num_queries
):
    for number in (3, 27):
        for _index in range(number):
            say(ana, story)
        with django_assert_max_num_queries(8):
            ana.get(url(story))


def test_comments_go_with_their_story(ana, story):
    say(ana, story)
    story.delete()
    assert not Comment.objects.exists()
