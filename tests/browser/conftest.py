"""A real Chromium for tests that need one. Playwright drives it from a thread with an event loop,
and Django refuses its database there unless told otherwise; the tests themselves wait for one
thing at a time."""

import os

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.browser.windows import in_progress, leave, open_window

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions"]


@pytest.fixture(scope="session")
def browser():
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright, in_progress:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


def _note_complaint(page, message) -> None:
    # The browser looks for an icon by itself where a page names none.
    if message.type == "error" and not message.location["url"].endswith("/favicon.ico"):
        page.complaints.append(message.text)


@pytest.fixture
def page(browser, transactional_db):
    """A window of its own; `page.complaints` holds what the console or the policy objected to."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 1000})
    page = open_window(context)
    page.set_default_timeout(10_000)
    page.complaints = []
    page.on("console", lambda message: _note_complaint(page, message))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', (event) => console.error("
        "`policy: ${event.violatedDirective} refused ${event.blockedURI || event.sample}`))"
    )
    yield page
    leave(page)
    context.close()


@pytest.fixture
def signed_in(page, live_server):
    """The window of somebody who may do everything in the admin."""
    user = get_user_model().objects.create_superuser("editor", password="x")
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": live_server.url, "httpOnly": True}]
    )
    page.user = user
    return page
