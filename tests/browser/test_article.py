"""What an article gains where scripts run: galleries open over the page, by keyboard alone too."""

import pytest
from playwright.sync_api import expect

from tests.browser.windows import open_window
from tests.factories import news
from tests.factories.images import make_image

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def article():
    images = [make_image(alt_en=f"Picture of a {what}") for what in ("cell", "gene", "heart")]
    keys = " ".join(str(image.pk) for image in images)
    return news.article(
        body_en="<p>See<span data-footnote=''>A note.</span>.</p>"
        f"<figure data-gallery='{keys}'><figcaption>At the bench<span data-footnote=''>Another."
        "</span></figcaption></figure>",
    )


def test_a_gallery_is_walked_by_keyboard_and_gives_the_focus_back(page, live_server, article):
    page.goto(live_server.url + article.get_absolute_url())
    links = page.locator(".gallery__link")
    links.first.focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog", name="Pictures")
    expect(box).to_be_visible()
    expect(box.get_by_role("button", name="Close")).to_be_focused()
    expect(box.get_by_role("status")).to_have_text("Picture 1 of 3: Picture of a cell")
    expect(box.locator("figcaption")).to_have_text("At the bench © Institut Imagine")
    page.keyboard.press("ArrowRight")
    expect(box.get_by_role("img")).to_have_attribute("alt", "Picture of a gene")
    page.keyboard.press("End")
    expect(box.get_by_role("status")).to_contain_text("3 of 3")
    page.keyboard.press("ArrowRight")
    expect(box.get_by_role("status")).to_contain_text("1 of 3")
    page.keyboard.press("ArrowLeft")
    for _stop in range(6):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "document.activeElement === document.body"
            " || Boolean(document.activeElement.closest('dialog'))"
        )
        assert inside
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(links.nth(2)).to_be_focused()
    assert page.complaints == []


def test_its_buttons_do_the_same_and_a_click_beside_the_picture_closes(page, live_server, article):
    page.goto(live_server.url + article.get_absolute_url())
    page.locator(".gallery__link").nth(1).click()
    box = page.get_by_role("dialog")
    picture, close = box.get_by_role("img"), box.get_by_role("button", name="Close")
    expect(picture).to_be_visible()
    foot = picture.bounding_box()["y"] + picture.bounding_box()["height"]
    assert foot <= close.bounding_box()["y"]
    box.get_by_role("button", name="Previous").click()
    expect(box.get_by_role("status")).to_contain_text("1 of 3")
    box.get_by_role("button", name="Next").click()
    expect(box.get_by_role("status")).to_contain_text("2 of 3")
    page.mouse.click(5, 5)
    expect(box).to_be_hidden()


def test_without_a_script_each_picture_leads_to_itself(browser, live_server, article):
    context = browser.new_context(java_script_enabled=False)
    page = open_window(context)
    page.goto(live_server.url + article.get_absolute_url())
    expect(page.get_by_role("button", name="Copy the link")).to_have_count(0)
    page.locator(".gallery__link").first.click()
    assert page.url.endswith(".jpg")
    context.close()


def test_the_address_can_be_copied(page, live_server, article):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(live_server.url + article.get_absolute_url())
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith(article.get_absolute_url())
    assert page.complaints == []
