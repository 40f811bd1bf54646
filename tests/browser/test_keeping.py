"""Never a lost keystroke, acted out in a real browser: a server that goes away, a session that
ends, a window that crashes, two windows on one text."""

import re

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from news.models import Post
from tests.browser.windows import open_window, pause, place_caret
from tests.factories.labs import laboratory
from tests.factories.news import post as a_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AUTOSAVES = re.compile(r"/autosave/$")
SERVER = re.compile(r"/(autosave|keep)/$")
# What the console says of answers that are meant.
MEANT = ("409 (Conflict)", "net::ERR_FAILED", "net::ERR_INTERNET_DISCONNECTED", "403 (Forbidden)")


@pytest.fixture
def write(signed_in, live_server):
    """Opens the form of a story (a new one unless given); gives the page."""

    def opened(story=None, page=signed_in):
        name = "change" if story else "add"
        args = [story.pk] if story else []
        page.goto(live_server.url + reverse(f"admin:news_post_{name}", args=args))
        expect(page.locator(".document-editor")).to_have_count(2)
        return page

    yield opened
    assert [c for c in signed_in.complaints if not any(meant in c for meant in MEANT)] == []


def surface(page, field="body_en"):
    return page.locator(f".document-editor:has(#id_{field}) .document")


def state(page, name: str) -> None:
    expect(page.locator("[data-keeping]")).to_have_attribute("data-state", name, timeout=20_000)


def type_at_the_end(page, text: str) -> None:
    place_caret(surface(page), "end")
    page.keyboard.type(text)


def sign_in(page, user, url: str) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": url, "httpOnly": True}]
    )


def copies(page) -> list[str]:
    return [key for key in page.evaluate("Object.keys(localStorage)") if key.startswith("kept:")]


def test_a_new_text_is_kept_while_the_server_is_away_and_stored_once(write):
    page = write()
    page.locator("#id_title_en").fill("Written in the train")
    state(page, "saved")
    assert page.url.endswith(reverse("admin:news_post_change", args=[Post.objects.get().pk]))
    page.route(SERVER, lambda route: route.abort())
    type_at_the_end(page, "In the tunnel, ")
    state(page, "away")
    expect(page.locator("[data-keeping-status]")).to_contain_text("kept in this browser")
    page.keyboard.type("and still in the tunnel, ")
    page.unroute(SERVER)
    page.keyboard.type("and out of it.")
    pause(page, 400)
    page.evaluate("dispatchEvent(new Event('online'))")
    state(page, "saved")
    story = Post.objects.get()
    assert story.body_en == "<p>In the tunnel, and still in the tunnel, and out of it.</p>"
    assert story.history.count() == 0
    assert copies(page) == []
    page.locator("input[name=_continue]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert Post.objects.get().history.count() == 1


def test_an_answer_that_is_lost_makes_no_second_text_and_no_second_row(write):
    page = write()

    def lose_the_answer(route):
        route.fetch()
        route.abort()

    page.route(AUTOSAVES, lose_the_answer, times=1)
    page.locator("#guests-group .add-row a").click()
    page.locator("#id_guests-0-name").fill("Ada")
    page.locator("#id_title_en").fill("Once")
    state(page, "saved")
    story = Post.objects.get()
    assert (story.title_en, story.guests.count()) == ("Once", 1)
    page.locator("input[name=_continue]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert Post.objects.get().guests.count() == 1


def test_after_a_crash_the_text_is_put_back_and_saved(write, live_server):
    story = a_post()
    page = write(story)
    page.context.set_offline(True)
    type_at_the_end(page, " Not yet sent.")
    state(page, "away")
    page.close()
    page.context.set_offline(False)
    again = open_window(page.context)
    write(story, again)
    expect(again.locator(".keep__offer")).to_contain_text("put back into the form")
    state(again, "saved")
    story.refresh_from_db()
    assert story.body_en == "<p>It began in the laboratory. Not yet sent.</p>"
    assert copies(again) == []


def test_signed_out_while_writing_one_goes_on_and_nothing_is_lost(write, live_server):
    story = a_post()
    page = write(story)
    Session.objects.all().delete()
    type_at_the_end(page, " Signed out.")
    state(page, "away")
    expect(page.locator("[data-keeping-status]")).to_contain_text("you are signed out")
    expect(page.locator("[data-keeping-sign-in]")).to_be_visible()
    page.keyboard.type(" Still writing.")
    # Who signs in again gets another token for forms.
    page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    sign_in(page, page.user, live_server.url)
    pause(page, 400)
    page.evaluate("dispatchEvent(new Event('focus'))")  # back from the other tab
    state(page, "saved")
    story.refresh_from_db()
    assert story.body_en == "<p>It began in the laboratory. Signed out. Still writing.</p>"


def test_a_form_saved_when_the_session_was_over_is_back_after_signing_in(write, live_server):
    story = laboratory(name_en="Heart")
    page = write(a_post())
    url = live_server.url + reverse("admin:labs_laboratory_change", args=[story.pk])
    page.goto(url)
    page.locator("#id_we_study_en").fill("How a heart is made.")
    Session.objects.all().delete()
    page.locator("input[name=_save]").click()
    page.wait_for_url("**/login/**")
    sign_in(page, page.user, live_server.url)
    page.goto(url)
    expect(page.locator("#id_we_study_en")).not_to_have_value("How a heart is made.")
    page.locator(".keep__offer button[data-offer=restore]").click()
    expect(page.locator("#id_we_study_en")).to_have_value("How a heart is made.")
    page.locator("input[name=_continue]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    pause(page, 600)
    assert copies(page) == []
    expect(page.locator(".keep__offer")).to_have_count(0)


def test_two_windows_on_one_text_meet_and_one_chooses(write, browser, live_server):
    story = a_post(summary_en="As it was.")
    page = write(story)
    ana = get_user_model().objects.create_superuser("ana", password="x", first_name="Ana")
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    anas = open_window(context)
    sign_in(anas, ana, live_server.url)
    write(story, anas)
    expect(anas.locator("[data-keep-others]")).to_contain_text("editor has this open")
    anas.locator("#id_summary_en").fill("Ana's summary.")
    type_at_the_end(anas, " Ana's end.")
    state(anas, "saved")
    page.locator("#id_summary_en").fill("Mine.")
    type_at_the_end(page, " My end.")
    state(page, "conflict")
    expect(page.locator("[data-keeping-status]")).to_contain_text("Ana saved this")
    page.locator("[data-keeping-compare]").click()
    expect(page.locator(".conflict")).to_contain_text("Ana saved this while you were writing")
    expect(page.locator("#id_summary_en")).to_have_value("Mine.")
    text = page.locator(".conflict__field", has=page.locator("del", has_text="Ana")).last
    theirs = text.locator("[data-choose=theirs]")
    theirs.focus()
    page.keyboard.press("Enter")
    expect(theirs).to_have_attribute("aria-pressed", "true")
    expect(surface(page)).to_have_text(re.compile("Ana’s end"))
    page.locator("input[name=_continue]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    story.refresh_from_db()
    assert story.summary_en == "Mine."
    assert story.body_en == "<p>It began in the laboratory. Ana’s end.</p>"
    assert story.history.filter(summary_en="Ana's summary.", history_user=ana).exists()
    context.close()
