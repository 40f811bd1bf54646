"""Parts of a page that are made once: when they hold, and that no page looks different for it."""

import time
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import translation

from imagine_site.components import kept
from imagine_site.components.head import Head
from imagine_site.pagecache import watching
from tests.house import institute as houses
from tests.house.addresses import every_address
from tests.house.crawling import fetch


class Clockwork:
    """A generation moved by hand."""

    def __init__(self):
        self.generation, self.until = 1, float("inf")

    def current(self) -> int:
        return self.generation


@pytest.fixture
def watch(monkeypatch):
    """Outside of any transaction, and with nothing kept before."""
    watch = Clockwork()
    monkeypatch.setattr(watching, "_in_use", watch)
    monkeypatch.setattr(kept, "connection", SimpleNamespace(in_atomic_block=False))
    monkeypatch.setattr(kept, "_parts", {})
    return watch


@pytest.fixture
def made(watch):
    """What is asked for with a key, and how often it was made."""
    made = []

    def part(key="menu"):
        return kept.part(key, lambda: made.append(key) or f"{key} {len(made)}")

    part.made = made
    return part


def test_a_part_is_made_once_while_nothing_changes(made):
    assert [made(), made(), made("footer"), made()] == ["menu 1", "menu 1", "footer 2", "menu 1"]


def test_whatever_changes_makes_it_again(made, watch):
    made()
    watch.generation += 1
    assert made() == "menu 2"


def test_it_holds_until_pages_change_by_themselves(made, watch):
    watch.until = time.time() + 0.02
    assert made() == made() == "menu 1"
    time.sleep(0.03)
    assert made() == "menu 2"


def test_a_change_while_it_is_made_makes_it_again(watch):
    def make():
        watch.generation += 1
        return "old or new"

    kept.part("menu", make)
    assert kept.part("menu", lambda: "new") == "new"


def test_within_a_transaction_nothing_is_kept_nor_taken(made, monkeypatch):
    made()
    monkeypatch.setattr(kept, "connection", SimpleNamespace(in_atomic_block=True))
    assert [made(), made()] == ["menu 2", "menu 3"]
    monkeypatch.setattr(kept, "connection", SimpleNamespace(in_atomic_block=False))
    assert made() == "menu 1"


@pytest.mark.parametrize("generation", [0, -1])
def test_where_nothing_is_counted_nothing_is_kept(made, watch, generation):
    watch.generation = generation
    assert [made(), made()] == ["menu 1", "menu 2"]


def test_they_never_grow_without_end(made, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 10)
    for number in range(25):
        made(number)
    assert len(kept._parts) <= 10


def test_the_tag_tells_languages_and_values_apart(watch):
    template = Template('{% load components %}{% kept "a" x %}{{ x }}{{ y }}{% endkept %}')

    def shown(**values):
        return template.render(Context(values))

    assert [shown(x=1, y=1), shown(x=2, y=2), shown(x=1, y=3)] == ["11", "22", "11"]
    with translation.override("fr"):
        assert shown(x=1, y=3) == "13"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/en/", "/en/"),
        ("/en/news/", "/en/news/"),
        ("/en/news/?page=2", "/en/news/"),
        ("/en/news/a-heart/", "/en/news/…"),
        ("/en/about-us/", "/en/about-us/"),
        ("", "/"),
    ],
)
def test_the_menu_depends_on_the_first_steps_of_the_path(path, place):
    assert Head(title="Heart", path=path).place == place


@pytest.mark.django_db
def test_no_page_looks_different_for_what_is_kept(client, watch):
    """Each page made by itself, then all of them with the parts that the others left."""
    house = houses.build()
    with translation.override("en"):
        found = [
            address.url(house.values(address.key, "en"))
            for address in every_address()
            if not address.is_admin and address.name.count(":")
        ]
    alone = {}
    for url in found:
        kept._parts.clear()
        alone[url] = fetch(client, url)
    together = {url: fetch(client, url) for url in found}
    assert kept._parts
    pages = [url for url in found if alone[url].is_html]
    assert len(pages) > 10
    for url in pages:
        assert together[url].text == alone[url].text, url
