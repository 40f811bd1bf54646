"""Autosave: what is valid reaches the working copy, and nobody is overwritten."""

import datetime

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client, RequestFactory
from django.urls import reverse

from imagine_site.editing import presence
from imagine_site.editing.models import Presence
from imagine_site.publishing import actions
from news.models import Guest, Post, PostEdition
from tests.factories.labs import laboratory
from tests.factories.news import post as a_post

User = get_user_model()
pytestmark = pytest.mark.django_db

WINDOW = "window-of-ana"


class Window:
    """A browser's window with the form of a story: it sends the form as the page's script does."""

    def __init__(self, user, story=None, key: str = WINDOW):
        self.client, self.user, self.window, self.number = Client(), user, key, 0
        self.client.force_login(user)
        self.unanswered: list[str] = []
        self.open(story)

    def open(self, story=None) -> None:
        self.story = story
        self.url = (
            reverse("admin:news_post_change", args=[story.pk])
            if story
            else reverse("admin:news_post_add")
        )
        self.data = self.form(story)

    def form(self, story) -> dict:
        """What the form says when it is opened, without the page around it."""
        request = RequestFactory().get("/")
        request.user = self.user
        model_admin = admin.site.get_model_admin(Post)
        fields = flatten_fieldsets(model_admin.get_fieldsets(request, story))
        form = model_admin.get_form(request, story, change=bool(story), fields=fields)
        bound = form(instance=Post.objects.get(pk=story.pk) if story else None)
        data = {name: bound[name].value() for name in bound.fields}
        data |= {"visit-TOTAL_FORMS": "0", "visit-INITIAL_FORMS": "0"}
        data |= {"guests-TOTAL_FORMS": "0", "guests-INITIAL_FORMS": "0"}
        if story:
            data["_version"] = bound.instance.version
        return {name: value for name, value in data.items() if value is not None}

    def sent(self, **typed) -> dict:
        self.data |= typed
        self.number += 1
        self.key = f"{self.window}-{self.number}"
        return self.data | {
            "_window": self.window,
            "_key": self.key,
            "_unanswered": ",".join(self.unanswered),
            "_user": str(self.user.pk),
        }

    def autosave(self, *, answer_lost: bool = False, **typed):
        name = "autosave" if self.story else "autosave_new"
        args = [self.story.pk] if self.story else []
        response = self.client.post(
            reverse(f"admin:news_post_{name}", args=args), self.sent(**typed)
        )
        if answer_lost:
            self.unanswered.append(self.key)
            return None
        if response.status_code == 200:
            answer = response.json()
            self.unanswered = []
            if answer["version"] is not None:
                self.data["_version"] = answer["version"]
                self.story = Post.objects.get(pk=answer["pk"])
        return response

    def save(self, **typed):
        return self.client.post(self.url, self.sent(**typed))


@pytest.fixture
def ana(db):
    return User.objects.create_superuser("ana", password="x", first_name="Ana", last_name="A")


@pytest.fixture
def ben(db):
    return User.objects.create_superuser("ben", password="x", first_name="Ben", last_name="B")


def person_with(*codenames: str):
    user = User.objects.create_user("some-rights", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


class TestWhatIsWritten:
    def test_texts_relations_and_rows_reach_the_working_copy_and_no_version_is_made(self, ana):
        story, lab = a_post(), laboratory()
        window = Window(ana, story)
        before = story.history.count()
        response = window.autosave(
            title_en="Typed",
            body_fr="<p>Tapé</p><script>x</script>",
            laboratories=[lab.pk],
            **{
                "guests-TOTAL_FORMS": "1",
                "guests-0-name": "Ada",
                "guests-0-order": "0",
                "guests-0-_row": "mark-of-ada",
            },
        )
        answer = response.json()
        story.refresh_from_db()
        assert (story.title_en, story.body_fr) == ("Typed", "<p>Tapé</p>")
        assert [*story.laboratories.all()] == [lab]
        assert answer["rows"] == {"mark-of-ada": story.guests.get().pk}
        assert (answer["version"], story.version) == (2, 2)
        assert story.edited_by == ana
        assert story.history.count() == before
        assert answer["errors"] == {}

    def test_what_is_not_valid_is_named_and_the_rest_is_kept(self, ana):
        a_post(slug_en="taken")
        story = a_post(slug_en="mine", date=datetime.date(2020, 1, 1))
        answer = (
            Window(ana, story)
            .autosave(slug_en="taken", date="never", title_en="Kept", dois="nonsense")
            .json()
        )
        story.refresh_from_db()
        assert set(answer["errors"]) == {"slug_en", "date", "dois"}
        assert story.title_en == "Kept"
        assert (story.slug_en, story.date, story.dois) == ("mine", datetime.date(2020, 1, 1), "")

    def test_a_row_without_a_name_waits_and_the_next_one_is_kept(self, ana):
        story = a_post()
        window = Window(ana, story)
        rows = {
            "guests-TOTAL_FORMS": "2",
            "guests-0-role_en": "Mayor",
            "guests-0-order": "0",
            "guests-0-_row": "mark-of-mayor",
            "guests-1-name": "Ada",
            "guests-1-order": "1",
            "guests-1-_row": "mark-of-ada",
        }
        answer = window.autosave(**rows).json()
        assert [guest.name for guest in story.guests.all()] == ["Ada"]
        assert list(answer["errors"]) == ["guests-0-name"]
        # The page keeps its order; the key stands where the row stands.
        window.data["guests-1-id"] = str(answer["rows"]["mark-of-ada"])
        window.autosave(**{"guests-0-name": "Eve", "guests-1-name": "Ada L."})
        assert sorted(guest.name for guest in story.guests.all()) == ["Ada L.", "Eve"]
        window.save()
        assert sorted(guest.name for guest in story.guests.all()) == ["Ada L.", "Eve"]

    def test_a_row_taken_off_the_page_goes_and_one_ticked_for_deletion_can_come_back(self, ana):
        story = a_post()
        ada = Guest.objects.create(post=story, name="Ada")
        eve = Guest.objects.create(post=story, name="Eve")
        window = Window(ana, story)
        row = {
            "guests-TOTAL_FORMS": "1",
            "guests-INITIAL_FORMS": "1",
            "guests-0-id": str(ada.pk),
            "guests-0-name": "Ada",
            "guests-0-order": "0",
            "guests-0-_row": "mark-of-ada",
        }
        window.autosave(**row, **{"guests-0-DELETE": "on", "_removed": f"guests:{eve.pk}"})
        assert not story.guests.exists()
        del window.data["guests-0-DELETE"]
        window.autosave()
        assert [guest.name for guest in story.guests.all()] == ["Ada"]

    def test_an_unchanged_form_writes_nothing(self, ana):
        story = a_post(summary_en="Two\nlines")
        answer = Window(ana, story).autosave(summary_en="Two\r\nlines").json()
        story.refresh_from_db()
        assert (answer["changed"], answer["version"], story.version) == (False, 1, 1)
        assert story.summary_en == "Two\nlines"

    def test_a_field_that_was_not_sent_is_left_alone(self, ana):
        story = a_post()
        window = Window(ana, story)
        del window.data["body_en"]
        window.autosave(title_en="Only this")
        story.refresh_from_db()
        assert (story.title_en, story.body_en) == (
            "Only this",
            "<p>It began in the laboratory.</p>",
        )

    def test_an_imported_text_counts_as_edited(self, ana):
        story = a_post(import_ref="x")
        Window(ana, story).autosave(title_en="By hand")
        story.refresh_from_db()
        assert story.edited_since_import


class TestVersions:
    def test_many_autosaves_make_none_and_the_save_after_them_makes_one(self, ana):
        story = a_post()
        window = Window(ana, story)
        before = story.history.count()
        for number in range(4):
            window.autosave(title_en=f"Title {number}")
        assert story.history.count() == before
        assert window.save().status_code == 302
        assert story.history.count() == before + 1
        newest = story.history.first()
        assert (newest.title_en, newest.history_user) == ("Title 3", ana)
        window.open(story)
        assert window.save().status_code == 302
        assert story.history.count() == before + 1

    def test_when_somebody_else_goes_on_the_words_before_become_a_version(self, ana, ben):
        story = a_post()
        Window(ana, story).autosave(title_en="Ana's words")
        Window(ben, Post.objects.get(), "window-of-ben").autosave(title_en="Ben's words")
        newest = story.history.first()
        assert (newest.title_en, newest.history_user) == ("Ana's words", ana)
        story.refresh_from_db()
        assert (story.title_en, story.edited_by) == ("Ben's words", ben)

    def test_an_explicit_save_over_a_colleagues_autosave_keeps_it_too(self, ana, ben):
        story = a_post()
        Window(ana, story).autosave(title_en="Ana's words")
        assert (
            Window(ben, Post.objects.get(), "window-of-ben").save(title_en="B").status_code == 302
        )
        kept = [(row.title_en, row.history_user) for row in story.history.all()[:2]]
        assert kept == [("B", ben), ("Ana's words", ana)]


class TestNobodyIsOverwritten:
    def test_over_a_newer_save_nothing_is_written_and_it_is_said_whose(self, ana, ben):
        story = a_post()
        anas, bens = Window(ana, story), Window(ben, story, "window-of-ben")
        bens.autosave(title_en="Ben's")
        response = anas.autosave(title_en="Ana's")
        assert response.status_code == 409
        assert "Ben B" in response.json()["saved"]
        story.refresh_from_db()
        assert story.title_en == "Ben's"
        page = anas.save()
        assert page.status_code == 409
        assert "Ben&#x27;s" in page.content.decode()

    def test_a_form_without_a_version_is_refused(self, ana):
        window = Window(ana, a_post())
        del window.data["_version"]
        assert window.autosave(title_en="Crafted").status_code == 409

    def test_a_lost_answer_is_no_conflict_with_oneself(self, ana):
        story = a_post()
        window = Window(ana, story)
        row = {
            "guests-TOTAL_FORMS": "1",
            "guests-0-name": "Ada",
            "guests-0-order": "0",
            "guests-0-_row": "mark-of-ada",
        }
        window.autosave(answer_lost=True, title_en="First", **row)
        assert window.autosave(title_en="Second").status_code == 200
        window.autosave(answer_lost=True, title_en="Third")
        assert window.save().status_code == 302
        story.refresh_from_db()
        assert story.title_en == "Third"
        assert story.guests.count() == 1

    def test_a_lost_answer_does_not_hide_somebody_elses_save(self, ana, ben):
        story = a_post()
        window = Window(ana, story)
        window.autosave(answer_lost=True, title_en="First")
        Window(ben, Post.objects.get(), "window-of-ben").autosave(title_en="Ben's")
        assert window.autosave(title_en="Second").status_code == 409

    def test_another_account_in_the_same_browser_does_not_write(self, ana, ben):
        story = a_post()
        window = Window(ana, story)
        window.client.force_login(ben)
        response = window.autosave(title_en="Whose?")
        assert (response.status_code, response.json()) == (403, {"reason": "account"})


class TestANewText:
    def test_it_is_stored_once_it_says_something_and_only_once(self, ana):
        window = Window(ana)
        assert window.autosave(kind="news").json()["version"] is None
        assert not Post.objects.exists()
        window.autosave(answer_lost=True, title_en="A beginning")
        assert window.autosave(title_en="A beginning, and more").json()["pk"]
        window.autosave(title_en="A beginning, and an end")
        assert [post.title_en for post in Post.objects.all()] == ["A beginning, and an end"]

    def test_saving_a_form_whose_answers_were_all_lost_makes_no_second_one(self, ana):
        window = Window(ana)
        window.autosave(answer_lost=True, kind="news", title_en="A beginning")
        assert window.save(title_en="An end").status_code == 302
        story = Post.objects.get()
        assert (story.title_en, story.history.count()) == ("An end", 1)

    def test_pressing_save_twice_makes_one(self, ana):
        window = Window(ana)
        for _press in range(2):
            assert window.save(kind="news", title_en="Once").status_code == 302
        assert Post.objects.count() == 1


class TestRights:
    def test_who_may_not_change_may_not_autosave(self, ana):
        story = a_post()
        window = Window(ana, story)
        reader = person_with("view_post")
        window.client.force_login(reader)
        window.user = reader
        assert window.autosave(title_en="x").status_code == 403
        window.story = None
        assert window.autosave(title_en="x").status_code == 403
        window.client.logout()
        assert window.autosave(title_en="x").status_code == 302
        assert Post.objects.get().version == 1

    def test_a_form_without_its_token_is_refused(self, ana):
        story = a_post()
        client = Client(enforce_csrf_checks=True)
        client.force_login(ana)
        url = reverse("admin:news_post_autosave", args=[story.pk])
        assert client.post(url, {"title_en": "x"}).status_code == 403
        token = client.get(reverse("admin:news_post_keep")).json()["token"]
        data = {"csrfmiddlewaretoken": token, "_version": "1", "title_en": "x"}
        assert client.post(url, data).status_code == 200

    def test_nothing_becomes_public_by_autosave(self, ana, client):
        story = a_post()
        edition = actions.publish(story, language="en", by=None)
        story.refresh_from_db()
        before = client.get(edition.get_absolute_url()).content
        writer = person_with("view_post", "change_post", "add_post")
        window = Window(writer, story)
        window.autosave(title_en="Not public", _publish="all", _withdraw="en")
        assert Post.objects.get().title_en == "Not public"
        assert PostEdition.objects.count() == 1
        assert client.get(edition.get_absolute_url()).content == before


class TestPresence:
    def beat(self, window, **more):
        data = window.sent() | {"object": str(window.story.pk)} | more
        return window.client.post(reverse("admin:news_post_keep"), data).json()

    def test_others_are_named_until_they_leave_or_fall_silent(self, ana, ben):
        story = a_post()
        anas, bens = Window(ana, story), Window(ben, story, "window-of-ben")
        assert self.beat(anas)["others"] == []
        (sentence,) = self.beat(bens)["others"]
        assert sentence.startswith("Ana A has this open, since ")
        anas.autosave(title_en="x")
        (sentence,) = self.beat(bens)["others"]
        assert sentence.startswith("Ana A is writing here, since ")
        Presence.objects.filter(user=ana).update(
            seen_at=Presence.objects.get(user=ana).seen_at - datetime.timedelta(seconds=61)
        )
        assert self.beat(bens)["others"] == []
        self.beat(anas)
        assert len(self.beat(bens)["others"]) == 1
        self.beat(anas, left="1")
        assert self.beat(bens)["others"] == []

    def test_a_window_can_ask_whether_what_it_sent_arrived(self, ana, ben):
        window = Window(ana, a_post())
        window.save(title_en="Sent")
        sent = window.key
        assert self.beat(window, windows=WINDOW)["arrived"] == {WINDOW: sent}
        assert self.beat(Window(ben, window.story), windows=WINDOW)["arrived"] == {}

    def test_what_is_too_old_to_be_asked_for_is_forgotten(self, ana):
        story = a_post()
        self.beat(Window(ana, story))
        Presence.objects.update(
            seen_at=Presence.objects.get().seen_at - presence.KEPT_FOR - datetime.timedelta(days=1)
        )
        self.beat(Window(ana, story, "another-window"))
        assert Presence.objects.get().window == "another-window"
