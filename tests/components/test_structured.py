"""JSON-LD: safe inside a page, and what each type has to say (schema.org)."""

import datetime
import json

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagine_site.components import structured


def block(things) -> dict:
    page = lxml.html.fromstring(f"<html><head>{structured.script(things)}</head></html>")
    (script,) = page.xpath("//script")
    assert script.get("type") == "application/ld+json"
    return json.loads(script.text)


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "]]>",
        "&lt;/script&gt;",
        'quote " and \\',
        "line\u2028separator\u2029",
        "œ « é » \x00 \x1f",
    ],
)
def test_a_text_cannot_leave_the_block(text):
    written = structured.script([structured.named("Thing", text)])
    inside = written.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert not set("<>&\u2028\u2029") & set(inside)
    assert json.loads(inside)["@graph"][0]["name"] == text


@given(st.text())
def test_any_text_comes_back_as_it_was(text):
    found = structured.script([structured.thing("Thing", name=text or "x")])
    inside = found.partition(">")[2].rpartition("<")[0]
    assert json.loads(inside)["@graph"][0]["name"] == (text or "x")
    assert "<" not in inside


def test_nothing_to_say_is_no_block():
    assert structured.script([]) == ""


def test_empty_values_fall_away():
    made = structured.thing("Thing", name="a", url="", image=None, sameAs=["", None], about=[])
    assert made == {"@type": "Thing", "name": "a"}


def test_an_article_has_what_search_engines_ask_for():
    made = structured.news_article(
        title="A heart",
        path="/en/news/a-heart/",
        language="en",
        published=datetime.date(2020, 12, 4),
        images=["/media/r/a.jpg", "https://media.example/b.jpg"],
        about=[structured.named("Person", "Ada", "/en/people/ada/")],
        dois=["10.1038/x"],
    )
    assert made["headline"] == "A heart"
    assert made["datePublished"] == made["dateModified"] == "2020-12-04"
    assert made["image"] == ["http://127.0.0.1:8000/media/r/a.jpg", "https://media.example/b.jpg"]
    assert made["author"]["name"] == made["publisher"]["name"] == "Institut Imagine"
    assert made["citation"] == ["https://doi.org/10.1038/x"]
    assert made["mainEntityOfPage"] == "http://127.0.0.1:8000/en/news/a-heart/"


def test_a_visit_has_a_time_and_a_place():
    made = structured.event(
        title="A visit",
        path="/x/",
        language="fr",
        starts=datetime.date(2020, 12, 4),
        guests=[("Eve", "Mayor"), ("Bob", "")],
    )
    assert (made["startDate"], made["endDate"]) == ("2020-12-04", "2020-12-04")
    assert made["location"]["address"]["postalCode"] == "75015"
    assert made["attendee"][1] == {"@type": "Person", "name": "Bob"}


def test_who_has_left_does_not_work_here():
    assert "worksFor" in structured.person(name="Ada", path="/x/")
    assert "worksFor" not in structured.person(name="Ada", path="/x/", works_here=False)


def test_breadcrumbs_are_counted_from_one():
    made = structured.breadcrumbs([("Home", "/en/"), ("News", "/en/news/")])
    assert [step["position"] for step in made["itemListElement"]] == [1, 2]
    assert made["itemListElement"][1]["item"] == "http://127.0.0.1:8000/en/news/"


def test_the_search_is_said_to_machines():
    action = structured.website(search="/en/search/", languages=["en", "fr"])["potentialAction"]
    assert action["target"]["urlTemplate"] == (
        "http://127.0.0.1:8000/en/search/?q={search_term_string}"
    )
    assert action["query-input"] == "required name=search_term_string"
