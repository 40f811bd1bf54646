"""Comments beside the text, with the keyboard: on a passage, answered, settled, and moved along."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from imagine_site.publishing.models import Comment
from tests.browser.windows import place_caret
from tests.factories.news import post as a_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_passage_is_commented_on_found_again_and_settled(signed_in, live_server):
    page, story = signed_in, a_post(body_en="<p>It began in the laboratory.</p>")
    page.goto(live_server.url + reverse("admin:news_post_change", args=[story.pk]))
    surface = page.locator(".document-editor:has(#id_body_en) .document")
    surface.evaluate("element => element.editor.commands.setTextSelection({from: 13, to: 27})")
    place_caret(surface)
    page.keyboard.press("Control+Alt+m")
    expect(page.get_by_label("Comment on “the laboratory”")).to_be_focused()
    page.keyboard.type("Which one?")
    page.keyboard.press("Control+Enter")
    expect(surface.locator(".commented")).to_have_text("the laboratory")

    # The text goes on before it; the mark goes along, and nothing of it is in the text.
    place_caret(surface, "start")
    page.keyboard.type("Long ago: ")
    expect(surface.locator(".commented")).to_have_text("the laboratory")
    expect(page.locator("[data-keeping-status]")).to_contain_text("Saved")
    story.refresh_from_db()
    assert story.body_en == "<p>Long ago: It began in the laboratory.</p>"

    page.reload()
    expect(surface.locator(".commented")).to_have_text("the laboratory")
    thread = page.locator(".comment")
    thread.get_by_role("button", name="Reply").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("The one in Paris.")
    page.keyboard.press("Control+Enter")
    expect(thread).to_contain_text("The one in Paris.")
    thread.get_by_role("button", name="Resolve").focus()
    page.keyboard.press("Enter")
    expect(surface.locator(".commented")).to_have_count(0)
    expect(page.get_by_text("1 resolved")).to_be_visible()
    assert Comment.objects.get(parent=None).resolved_by == page.user
    assert page.complaints == []
