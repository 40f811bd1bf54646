"""The history in a real browser: two versions chosen with the keyboard, compared, one restored."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from imagine_site.editing.versions import in_silence, make_version
from imagine_site.publishing import actions
from tests.factories.images import make_image
from tests.factories.news import post as a_post

AXE = Path(__file__).parents[2] / "audit" / "node_modules" / "axe-core" / "axe.min.js"

pytestmark = pytest.mark.browser


@pytest.fixture
def story(signed_in):
    image = make_image()
    story = a_post(title_en="First", body_en="<p>It began in a dish, in 2019.</p>")
    actions.publish(story, language="en", by=signed_in.user)
    for number, title in enumerate(("Second", "Third")):
        story.refresh_from_db()
        story.title_en = title
        story.body_en += (
            f"<p>Step {number} of a long way.</p>"
            f'<figure data-image="{image.pk}"><figcaption>A bench</figcaption></figure>'
            "<table><tbody><tr><td>2019</td><td>12</td></tr></tbody></table>"
        )
        with in_silence(story):
            story.save()
        make_version(story, by=signed_in.user)
    return story


def address(live_server, story, view, *args):
    return live_server.url + reverse(f"admin:news_post_{view}", args=[story.pk, *args])


def test_two_versions_are_chosen_and_one_restored_by_keyboard(signed_in, live_server, story):
    page = signed_in
    page.goto(address(live_server, story, "history"))
    older = page.locator('input[name="older"]')
    newer = page.locator('input[name="newer"]')
    # What is as new as the newer one cannot be the older one.
    expect(older.first).to_be_disabled()
    expect(newer.first).to_be_checked()
    page.locator('input[name="older"]:checked').focus()
    page.keyboard.press("ArrowDown")
    expect(older.nth(2)).to_be_checked()
    expect(newer.nth(1)).to_be_enabled()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Title (English)")).to_be_visible()
    page.get_by_role("link", name="Restore this version").first.focus()
    page.keyboard.press("Enter")
    restore = page.get_by_role("button", name="Restore this version")
    expect(restore).to_be_visible()
    restore.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("is back")
    story.refresh_from_db()
    assert story.title_en == "First"
    assert page.complaints == []


@pytest.mark.skipif(not AXE.exists(), reason="axe comes with the tools of the audit")
def test_axe_finds_nothing_serious(signed_in, live_server, story):
    page, first = signed_in, story.history.last().history_id
    edition = story.editions.get()
    deleted = a_post()
    deleted.delete()
    pages = [
        address(live_server, story, "history"),
        address(live_server, story, "compare") + f"?older=h{first}&newer=now",
        address(live_server, story, "changes", "en"),
        address(live_server, story, "restore", edition.pk),
        live_server.url + reverse("admin:news_post_deleted"),
    ]
    for scheme, looked_at in (("light", pages), ("dark", pages[:2])):
        page.emulate_media(color_scheme=scheme)
        for url in looked_at:
            page.goto(url)
            # The policy of the admin lets no script in but the site's own.
            page.evaluate(AXE.read_text())
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            serious = [
                (each["id"], [node["html"][:120] for node in each["nodes"]])
                for each in found["violations"]
                if each["impact"] in {"serious", "critical"}
            ]
            assert serious == [], (url, scheme)
