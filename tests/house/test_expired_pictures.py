"""A picture whose rights end leaves every public door at midnight in Paris, and comes back.

One picture stands everywhere a picture can stand; the clock is moved, nothing else happens.
"""

import datetime
import re
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation

from imagine_site.components.cards import Card
from imagine_site.images import expiry
from imagine_site.images.models import Consent
from imagine_site.publishing.actions import publish
from news.models import PostEdition
from tests.factories import labs, news, pages, people
from tests.factories.images import make_image
from tests.house.crawling import fetch

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
LAST_DAY = datetime.date(2031, 3, 29)
#: The last moment of the last day, and the first after it. (The clocks change in the night after.)
BEFORE = datetime.datetime(2031, 3, 29, 23, 59, 59, tzinfo=PARIS)
AFTER = datetime.datetime(2031, 3, 30, 0, 0, 0, tzinfo=PARIS)
PUBLISHED = datetime.datetime(2031, 3, 1, 12, tzinfo=PARIS)
CREDIT = "Perishable Photographer"
SECRET = "what an agency wrote"


@pytest.fixture(autouse=True)
def _quick_cards(monkeypatch):
    """Cards are drawn elsewhere; here only their addresses matter."""
    monkeypatch.setattr(Card, "draw", lambda card: b"a card")


@pytest.fixture
def image():
    return make_image(credit=CREDIT, rights_until=LAST_DAY, description=SECRET)


@pytest.fixture
def other():
    return make_image(credit="Lasting Photographer")


@pytest.fixture
def doors(image, other) -> dict[str, str]:
    """Every public address whose answer shows the picture, by what is shown there."""
    with time_machine.travel(PUBLISHED, tick=False):
        person = people.researcher(photo=image, family_name="Perishing", biography_en="Codes.")
        laboratory = labs.laboratory(image=image, name_en="Perishing hearts")
        labs.membership(laboratory, person, role="head", since="2020")
        startup = labs.startup(logo=image)
        member = people.founding_member(logo=image)
        pages.milestone(image=image)
        body = (
            "<p>Perishing cells.</p>"
            f'<figure data-image="{image.pk}"><figcaption>The bench'
            '<span data-footnote="">A note under it.</span></figcaption></figure>'
            f'<figure data-gallery="{image.pk} {other.pk}"></figure>'
            f'<figure data-video="youtube:abc" data-poster="{image.pk}"></figure>'
        )
        about = {"laboratories": [laboratory], "people": [person]}
        article = news.article(title_en="A perishing", body_en=body, lead_image=image, about=about)
        news.article(title_en="Its neighbour", about=about)
        page = pages.published_page(title_en="About", body_en=body)
    with translation.override("en"):
        feeds = {name: reverse(f"news:feed_{name}") for name in ("atom", "rss", "json")}
        return {
            "home": reverse("home:home"),
            "list": reverse("news:list"),
            "article": article.get_absolute_url(),
            "neighbour": PostEdition.objects.get(title="Its neighbour").get_absolute_url(),
            "page": page.get_absolute_url(),
            "person": person.get_absolute_url(),
            "people": reverse("people:people"),
            "laboratory": laboratory.get_absolute_url(),
            "start-up": startup.get_absolute_url(),
            "member": member.get_absolute_url(),
            "history": reverse("pages:history"),
            "search": reverse("search:search") + "?q=perishing",
            "sitemap of news": "/sitemap-news-1.xml",
            "sitemap of people": "/sitemap-people-1.xml",
            "sitemap of laboratories": "/sitemap-laboratories-1.xml",
            "press kit": article.get_press_kit_url(),
            **feeds,
        }


def showing(client, doors, image, *, at) -> set[str]:
    """The doors through which the picture is seen at a moment: a file of it, or its credit."""
    marks = [*image.paths(), CREDIT]
    found = set()
    with time_machine.travel(at, tick=False):
        for name, url in doors.items():
            seen = fetch(client, url)
            assert seen.response.status_code == 200, (name, url)
            assert SECRET not in seen.everything
            if any(mark in seen.everything for mark in marks):
                found.add(name)
    return found


def test_a_picture_leaves_every_door_at_midnight_and_comes_back(client, doors, image):
    assert showing(client, doors, image, at=BEFORE) == set(doors)
    assert showing(client, doors, image, at=AFTER) == set()
    with time_machine.travel(AFTER, tick=False):
        image.rights_until = LAST_DAY + datetime.timedelta(days=30)
        image.save()
    some = {name: doors[name] for name in ("article", "list", "person", "atom", "search")}
    assert showing(client, some, image, at=AFTER) == set(some)
    with time_machine.travel(AFTER, tick=False):
        image.consent = Consent.MISSING
        image.save()
    assert showing(client, some, image, at=AFTER) == set()


def test_the_article_is_whole_without_it(client, doors, image, other):
    with time_machine.travel(BEFORE, tick=False):
        before = fetch(client, doors["article"])
    with time_machine.travel(AFTER, tick=False):
        after = fetch(client, doors["article"])
    for said in ("Enlarge picture 2 of 2", "A note under it", 'role="doc-endnotes"'):
        assert said in before.text
    assert 'rel="preload" as="image"' in before.text
    assert 'rel="preload" as="image"' not in after.text
    assert "Enlarge picture 1 of 1" in after.text
    # Its caption went with it, the note in the caption with that, and the heading of the notes.
    assert "A note under it" not in after.text
    assert 'role="doc-endnotes"' not in after.text
    # The card for where it is shared is drawn anew, without the photograph.
    cards = [re.findall(r'og:image" content="([^"]+)', page.text) for page in (before, after)]
    assert len(cards[0]) == len(cards[1]) == 1
    assert cards[0] != cards[1]
    assert other.url() in after.text


def test_it_costs_no_query(client, doors, django_assert_max_num_queries):
    most = {"article": 4, "list": 5, "home": 8, "page": 3, "atom": 3, "person": 8}
    with time_machine.travel(AFTER, tick=False):
        for name, number in most.items():
            with django_assert_max_num_queries(number):
                client.get(doors[name])


def test_a_feed_asked_for_by_date_alone_notices(client, doors):
    with time_machine.travel(BEFORE, tick=False):
        seen = client.get(doors["atom"])["Last-Modified"]
        assert client.get(doors["atom"], headers={"if-modified-since": seen}).status_code == 304
    with time_machine.travel(AFTER, tick=False):
        assert client.get(doors["atom"], headers={"if-modified-since": seen}).status_code == 200


def test_what_is_scheduled_has_lost_it_when_it_appears(client, image):
    with time_machine.travel(PUBLISHED, tick=False):
        body = f'<p>Later.</p><figure data-image="{image.pk}"></figure>'
        story = news.post(title_en="Later", body_en=body)
        edition = publish(story, language="en", by=None, at=AFTER)
    assert CREDIT in edition.html
    with time_machine.travel(AFTER, tick=False):
        assert CREDIT not in fetch(client, edition.get_absolute_url()).text


def test_the_next_moment_at_which_a_page_changes_by_itself(image, other):
    assert expiry.next_boundary(PUBLISHED) == AFTER
    assert expiry.next_boundary(BEFORE) == AFTER
    assert expiry.next_boundary(AFTER) is None
    other.consent_until = datetime.date(2031, 3, 10)
    other.save()
    assert expiry.next_boundary(PUBLISHED) == datetime.datetime(2031, 3, 11, tzinfo=PARIS)
    other.consent = Consent.MISSING  # it is not shown, so nothing changes when it ends
    other.save()
    assert expiry.next_boundary(PUBLISHED) == AFTER
