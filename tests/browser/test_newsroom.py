"""The job, acted out: a visit is written, reviewed, scheduled and read, from login to public page.

Prints what it cost: page loads, clicks, keys and seconds of the machine's time.
"""

import datetime
import re
import time

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from imagine_site.home.accounts import EDITOR, WRITER, role_group
from news.models import Post, PostEdition
from tests.browser.windows import leave, open_window, pause
from tests.factories.images import make_image
from tests.factories.labs import laboratory
from tests.factories.people import researcher

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
User = get_user_model()
PASSWORD = "a long enough password"


class Colleague:
    """Somebody at a window of their own, and what they had to do there."""

    def __init__(self, browser, live_server, name: str, role: str):
        self.user = User.objects.create_user(
            name, f"{name}@example.org", PASSWORD, is_staff=True, first_name=name.title()
        )
        self.user.groups.add(role_group(role))
        self.context = browser.new_context(locale="en-GB", viewport={"width": 1600, "height": 1000})
        self.page = open_window(self.context)
        self.page.set_default_timeout(15_000)
        self.url = live_server.url
        self.loads = self.clicks = self.keys = 0
        self.complaints: list[str] = []
        self.page.on("load", lambda _page: self._count())
        self.page.on(
            "console",
            lambda message: message.type == "error" and self.complaints.append(message.text),
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _count(self) -> None:
        self.loads += 1

    def sign_in(self) -> None:
        """To the desk; counting begins there."""
        self.page.goto(f"{self.url}/admin/")
        self.page.get_by_label("Name or e-mail address").fill(self.user.username)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.keyboard.press("Enter")
        expect(
            self.page.get_by_role("heading", name=f"Good day, {self.user.first_name}")
        ).to_be_visible()
        self.page.wait_for_load_state()  # which may come after the heading
        pause(self.page, 50)
        self.loads = 0

    def click(self, target) -> None:
        self.clicks += 1
        target.click()

    def type(self, text: str) -> None:
        self.keys += len(text)
        self.page.keyboard.type(text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)

    def fill(self, label: str, text: str) -> None:
        self.keys += len(text)
        self.page.get_by_label(re.compile(rf"^{re.escape(label)}:?$")).fill(text)

    # -- in the text

    def surface(self, language: str):
        return self.page.locator(f".document-editor:has(#id_body_{language}) .document")

    def dialog(self):
        return self.page.locator("dialog[open]")

    def in_the_text(self, language: str) -> None:
        """Until the caret stays where it is put (ProseMirror sets it once more after 20 ms)."""
        expect(self.dialog()).to_have_count(0)
        expect(self.surface(language)).to_be_focused()
        pause(self.page, 60)

    def picture(self, language: str, title: str, caption: str) -> None:
        self.press("Control+Alt+p")
        self.click(self.dialog().get_by_text(title))
        self.press("Enter")
        self.in_the_text(language)
        self.type(caption)
        self.press("Enter")

    def name(self, language: str, letters: str) -> None:
        """A link to somebody or something of the register."""
        self.press("Control+Shift+k")
        self.type(letters)
        expect(self.dialog().get_by_role("option")).not_to_have_count(0)
        self.press("ArrowDown", "Enter", "Enter")
        self.in_the_text(language)

    def note(self, language: str, text: str) -> None:
        self.press("Control+Alt+f")
        self.type(text)
        self.press("Enter")
        self.in_the_text(language)

    def quote(self, language: str, text: str, speaker: str, role: str) -> None:
        self.type(text)
        self.press("Control+Alt+q")
        self.type(speaker)
        expect(self.dialog().get_by_role("option")).to_have_count(1)
        self.press("ArrowDown", "Enter")
        self.dialog().get_by_label("Role").focus()
        self.type(role)
        self.press("Enter")
        self.in_the_text(language)
        self.press("Enter", "Enter")


@pytest.fixture
def colleagues(browser, live_server):
    both = [
        Colleague(browser, live_server, "wim", WRITER),
        Colleague(browser, live_server, "eva", EDITOR),
    ]
    yield both
    for each in both:
        leave(each.page)
        each.context.close()


def write(wim: Colleague, language: str, text: dict[str, str]) -> None:
    """The visit in one language: two photos, a quote, a footnote and four names."""
    wim.click(wim.surface(language))
    wim.in_the_text(language)
    wim.type(text["opening"])
    wim.name(language, "imagery")
    wim.type(text["and"])
    wim.name(language, "genome")
    wim.type(text["with"])
    wim.name(language, "lyonnet")
    wim.type(text["and"])
    wim.name(language, "curie")
    wim.note(language, text["note"])
    wim.press("Enter")
    wim.picture(language, "Arrival", text["caption"])
    wim.type(text["heading"])
    wim.press("Control+Alt+2", "End", "Enter")
    wim.quote(language, text["quote"], "lyonnet", text["role"])
    wim.picture(language, "In the laboratory", text["caption_2"])
    wim.type(text["ending"])


ENGLISH = {
    "opening": "The President chose the institute. He saw the ",
    "and": " and the ",
    "with": ", led by ",
    "note": "The six founding members.",
    "caption": "On the forecourt",
    "heading": "A model",
    "quote": "It is an agile model.",
    "role": "director of the institute",
    "caption_2": "At the microscope",
    "ending": "He left at noon.",
}
FRENCH = {
    "opening": "Le président a choisi l'institut ! Il a vu le ",
    "and": " et le ",
    "with": ", dirigé par ",
    "note": "Les six membres fondateurs.",
    "caption": "Sur le parvis",
    "heading": "Un modèle",
    "quote": "C'est un modèle agile.",
    "role": "directeur de l'institut",
    "caption_2": "Au microscope",
    "ending": "Il est reparti à midi.",
}


def test_a_visit_goes_from_an_empty_page_to_its_readers(colleagues, live_server, capsys):
    wim, eva = colleagues
    laboratory(name_en="Imagery laboratory", name_fr="Laboratoire imagery")
    laboratory(name_en="Genome laboratory", name_fr="Laboratoire genome")
    researcher(given_name="Stanislas", family_name="Lyonnet", honorific="Pr")
    researcher(given_name="Marie", family_name="Curie", honorific="Dr")
    make_image(title="Arrival")
    make_image(title="In the laboratory")
    began, machine = time.monotonic(), time.process_time()

    # Written, in both languages; nobody presses "save".
    wim.sign_in()
    wim.click(wim.page.get_by_role("link", name="Write an article"))
    wim.page.get_by_label("Kind").select_option("visit")
    wim.fill("Title (English)", "The President visits the institute")
    wim.fill("Title (French)", "Le président à l’institut")
    wim.fill("Summary (English)", "A day at the institute, in two sentences.")
    wim.fill("Summary (French)", "Une journée à l’institut, en deux phrases.")
    write(wim, "en", ENGLISH)
    write(wim, "fr", FRENCH)
    wim.click(wim.page.locator("#visit-group .add-row a"))
    wim.page.locator("#id_visit-0-starts_on").fill("2020-12-04")
    expect(wim.page.locator("[data-keeping-status]")).to_have_text(re.compile("^Saved "))
    wim.fill("Note to them", "Please check the names.")
    wim.click(wim.page.get_by_role("button", name="Save and send for review"))
    expect(wim.page.locator(".review-panel")).to_contain_text("in review")
    wim_loads = wim.loads

    # Read by a colleague, who approves it and gives it a moment.
    assert [letter.to for letter in mail.outbox] == [["eva@example.org"]]
    eva.sign_in()
    waiting = eva.page.get_by_role("region", name="Waiting for you")
    expect(waiting).to_contain_text("Please check the names.")
    eva.click(waiting.get_by_role("link", name="The President visits the institute"))
    eva.click(eva.page.locator(".publish-panel summary", has_text="Schedule"))
    moment = (timezone.localtime() + datetime.timedelta(minutes=2)).replace(second=0, microsecond=0)
    eva.page.get_by_label("Publish on").fill(moment.strftime("%Y-%m-%dT%H:%M"))
    eva.click(eva.page.get_by_role("button", name="Approve and publish"))
    expect(eva.page.locator(".publish-panel")).to_contain_text("scheduled")
    seconds, cost = time.monotonic() - began, time.process_time() - machine

    story = Post.objects.get()
    assert wim_loads + eva.loads <= 3
    assert wim.complaints == eva.complaints == []
    for language in ("en", "fr"):
        body = story.text("body", language)
        assert body.count("data-image=") == 2
        assert body.count("<a data-record=") == 4
        assert body.count("data-footnote=") == 1
        assert body.count("<blockquote>") == 1
    assert "choisi l’institut\u202f! Il" in story.body_fr

    # Public at the second, in both languages, and not before.
    reader = Client()
    addresses = [edition.get_absolute_url() for edition in PostEdition.objects.order_by("language")]
    assert len(addresses) == 2
    with time_machine.travel(moment - datetime.timedelta(seconds=1), tick=False):
        assert [reader.get(each).status_code for each in addresses] == [404, 404]
        assert "The President" not in reader.get(reverse("news:list")).text
    with time_machine.travel(moment, tick=False):
        assert [reader.get(each).status_code for each in addresses] == [200, 200]
        page = reader.get(addresses[0]).text
        assert "Pr Stanislas Lyonnet" in page
        assert "The six founding members." in page
        assert page.count("<picture") >= 2
        assert "The President" in reader.get(reverse("news:list")).text
    with capsys.disabled():
        print(
            f"\n  the visit, from desk to schedule: {wim_loads + eva.loads} page loads, "
            f"{wim.clicks + eva.clicks} clicks, {wim.keys + eva.keys} keys, "
            f"{seconds:.1f} s, {cost:.1f} s of this process's time"
        )
