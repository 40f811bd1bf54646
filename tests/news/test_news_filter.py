"""The question asked of the news list: bad values fall away, and the rest has one normal form."""

import pytest
from django.http import QueryDict

from news.filters import NewsFilter


def asked(query: str) -> NewsFilter:
    return NewsFilter.from_query(QueryDict(query))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "kind=nonsense",
        "kind=",
        "year=abc",
        "year=-2020",
        "year=99999999999999999999",
        "year=1492",
        "year=%C2%B2",
        "lab=../../etc",
        "lab=%00",
        "person=a+b",
        "page=0",
        "page=-3",
        "page=abc",
        "page=1",
        "page=1e9",
        "page=%D9%A3",
        "unknown=1&kind[]=news",
    ],
)
def test_what_is_not_understood_asks_nothing(query):
    assert asked(query) == NewsFilter()
    assert asked(query).query == ""


def test_the_normal_form_has_one_order_and_nothing_empty():
    assert asked("page=2&x=1&year=2020&person=&kind=visit").query == "?kind=visit&year=2020&page=2"


def test_the_normal_form_asks_the_same_again():
    question = NewsFilter(kind="award", year=2021, lab="heart", person="ada-b", page=3)
    assert asked(question.query.removeprefix("?")) == question


def test_another_question_begins_on_its_first_page():
    assert NewsFilter(kind="visit", page=7).with_(year=2020) == NewsFilter(kind="visit", year=2020)


def test_a_page_alone_is_no_question():
    assert not NewsFilter(page=4)
    assert NewsFilter(lab="heart")
