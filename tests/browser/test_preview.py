"""The preview beside the form, and a shared draft, as an editor and a reader meet them."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from imagine_site.publishing.models import DraftLink
from tests.browser.windows import open_window
from tests.factories.news import post as a_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NO_SCRIPT = "Blocked script execution in 'about:srcdoc'"
LONG = "".join(f"<p>Paragraph {number}. {'Words of it. ' * 20}</p>" for number in range(30))


@pytest.fixture
def form(signed_in, live_server):
    """The form of a long text, with the writing surfaces ready."""
    story = a_post(title_en="As saved", title_fr="Tel quel", body_en=LONG, body_fr=LONG)
    signed_in.story = story
    signed_in.goto(live_server.url + reverse("admin:news_post_change", args=[story.pk]))
    expect(signed_in.locator(".document-editor")).to_have_count(2)
    yield signed_in
    # Nothing runs in the preview: neither does what our own tests put into every frame.
    assert {text for text in signed_in.complaints if NO_SCRIPT not in text} == set()


def shown(page):
    return page.frame_locator(".preview__frame--shown")


def measured(page, what):
    return shown(page).locator("html").evaluate(f"html => {what}")


def test_the_page_follows_what_is_typed_at_three_widths_and_keeps_its_place(form):
    toggle = form.get_by_role("button", name="Preview", exact=True)
    toggle.focus()
    toggle.press("Enter")
    expect(shown(form).locator("h1")).to_have_text("As saved")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    for name, width in (("Desktop", 1280), ("Tablet", 820), ("Phone", 390)):
        form.get_by_role("button", name=name).click()
        assert measured(form, "innerWidth") == width
        box = form.locator(".preview__frame--shown").bounding_box()
        assert box["width"] <= form.viewport_size["width"] / 2 + 1

    measured(form, "html.scrollTop = 2000")
    form.locator("#id_title_en").fill("Typed just now")
    form.locator("#id_body_en").evaluate(
        "area => area.documentEditor.editor.chain().focus('end').insertContent(' The end.').run()"
    )
    expect(shown(form).locator("h1")).to_have_text("Typed just now")
    expect(shown(form).locator(".prose")).to_contain_text("The end.")
    expect(form.locator(".preview__status")).to_have_text("Up to date")
    assert measured(form, "html.scrollTop") == 2000
    expect(form.locator(".preview iframe")).to_have_count(1)

    # A click on a paragraph brings the caret there.
    shown(form).get_by_text("Paragraph 12.").click()
    assert "Paragraph 12." in form.locator("#id_body_en").evaluate(
        "area => area.documentEditor.editor.state.selection.$from.parent.textContent"
    )

    # The other language when one writes in it; what is wrong beside it, and the way to it.
    form.locator("#id_title_fr").fill("")
    expect(shown(form).locator("html")).to_have_attribute("lang", "fr")
    expect(shown(form).locator("h1")).to_have_text("Le titre manque.")
    notes = form.locator(".preview__notes")
    notes.locator("summary").click()
    notes.get_by_role("button", name="The title is missing.").click()
    expect(form.locator("#id_title_fr")).to_be_focused()

    # Wider by the keyboard; and all of it is remembered.
    separator = form.get_by_role("separator", name="Width of the preview")
    separator.press("ArrowLeft")
    expect(separator).to_have_attribute("aria-valuenow", "55")
    separator.press("Escape")
    expect(form.locator("#preview")).to_be_hidden()
    expect(toggle).to_be_focused()
    toggle.click()
    expect(form.locator(".keeping")).to_have_attribute("data-state", "saved")
    form.reload()
    expect(form.get_by_role("button", name="Phone")).to_have_attribute("aria-pressed", "true")
    expect(shown(form).locator("h1")).to_have_text("Typed just now")


def test_on_a_telephone_it_lies_over_the_form_and_goes_again(form):
    form.set_viewport_size({"width": 390, "height": 800})
    form.locator("#preview-toggle").click()
    expect(shown(form).locator("h1")).to_have_text("As saved")
    assert form.locator("#preview").bounding_box()["width"] == 390
    expect(form.get_by_role("button", name="Close the preview")).to_be_focused()
    form.keyboard.press("Escape")
    expect(form.locator("#preview")).to_be_hidden()


def test_a_draft_is_shared_with_what_is_typed_and_closed_again(form, browser):
    form.locator("#id_title_en").fill("For your eyes")
    panel = form.locator("#draft-links")
    panel.locator("summary").click()
    panel.get_by_label("For whom").fill("Pr Lyonnet")
    panel.get_by_role("button", name="Link to the text in English").click()
    address = panel.get_by_label("Address")
    expect(address).to_be_focused()
    url = address.input_value()
    expect(panel).to_contain_text("Pr Lyonnet")

    reader = open_window(browser.new_context())
    assert reader.goto(url).status == 200
    expect(reader.locator("h1")).to_have_text("For your eyes")
    expect(reader.locator(".draft-banner")).to_contain_text("Draft, not for publication.")
    assert reader.context.cookies() == []
    assert DraftLink.objects.get().opened == 1

    panel.get_by_role("button", name="Revoke").click()
    expect(panel).to_contain_text("revoked")
    assert reader.goto(url).status == 410
    expect(reader.locator("h1")).to_have_text("This draft cannot be read here")
    reader.context.close()
