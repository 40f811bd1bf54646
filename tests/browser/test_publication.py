"""The panel of publication in a real browser: asking about warnings, and leading to what to fix."""

import pytest
from django.urls import reverse

from news.models import PostEdition
from tests.factories.news import post as a_post

pytestmark = pytest.mark.browser


def test_a_warning_is_asked_about_in_the_panel_and_a_finding_leads_to_its_field(
    signed_in, live_server
):
    page, story = signed_in, a_post(summary_en="", title_fr="")
    page.goto(live_server.url + reverse("admin:news_post_change", args=[story.pk]))
    panel = page.locator(".publish-panel")
    panel.get_by_role("link", name="The title is missing.").click()
    assert page.evaluate("document.activeElement.id") == "id_title_fr"
    page.get_by_role("button", name="Publish English only").click()
    panel.get_by_role("heading", name="Publish all the same?").wait_for()
    assert not PostEdition.objects.exists()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.value") == "en"
    page.keyboard.press("Enter")
    page.get_by_label("Note for the journal").fill("It will come.")
    page.get_by_role("button", name="Publish all the same").click()
    panel.locator(".state--live").wait_for()
    assert PostEdition.objects.get().language == "en"
    panel.get_by_text("Schedule", exact=True).first.click()
    page.locator("#publish-at").fill("2099-01-01T09:00")
    primary = panel.locator("button[name=_publish][value=all]")
    assert primary.text_content() == "Schedule"
    assert page.complaints == []
