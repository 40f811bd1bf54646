"""Whatever the text, every word is in a field or in the remainder; and reading stays quick."""

import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagine_site.documents import DocumentError, plain_text, words
from news.importers.article import Article
from news.importers.files import SourceError
from news.importers.text import read_text

PIECES = [
    "",
    "",
    "",
    "A garden on the roof",
    "Published on 04.12.2020",
    "Publié le",
    "Publié le 4 mai 2021 | Soigner",
    "4 décembre 2020",
    "décembre 2020",
    "Mis à jour le 5 mai 2021",
    "Imagine Institute",
    "News",
    "Press release",
    "Arrivée EMacron",
    "photo_02.jpg",
    "© L. Martin",
    "Photo : le jardin",
    "What grows there",
    "Why a garden?",
    "We are proud of our garden. It was our wish.",
    "It has six founders*, and bees**.",
    "six founders [1], ten bees¹ and herbs1 (2).",
    "* Named on the gate.",
    "** Paid by the city.",
    "1. Named on the gate.",
    "2. Paid.",
    "[1] Named.",
    "¹ Named.",
    "(2) Paid by all.",
    "† Dead.",
    "Notes",
    "- herbs",
    "• bees",
    "* benches",
    "– dialogue",
    "— Pr Anna Keller, director",
    "Pr Anna Keller , director",
    "Anna Keller",
    "Pr Anna Keller",
    "head of the garden",
    "said Dr Paul Martin, gardener.",
    "a-t-elle dit.",
    "« Nous sommes fiers de ce jardin. »",
    "« Nous sommes fiers de ce jardin.",
    "et ses abeilles aussi. ».  Il ouvre.",
    "“We are proud of this garden”, said Dr Paul Martin. It opens.",
    '"We are proud of this garden today."',
    'It is "ours" and we are proud of it',
    "We are proud of it all. ». The bees came.[1] Later",
    "« Nous sommes fiers », Pr Anna Keller, directrice",
    "Pr Anna Keller explains:",
    "« We have six* gardeners here.» *",
    "Partager",
    "Facebook Twitter",
    "Lire aussi",
    "Download the plan",
    "---",
    "* * *",
    "====",
    "The garden on the roof has forty square metres of earth, in which the",
    "children plant herbs in April, water them in May and harvest them with",
    "«»",
    '"',
    "»",
    "<b>bold</b> & more",
    "a\u0301 la carte",
    "l\u2019été d'Anna",
    "Q: why?",
    "R : because we can.",
    "a\x0cb\x1ec",
    "soft\u00adhyphen\u200bzero",
]

texts = st.one_of(
    st.text(max_size=400),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=30)), max_size=40).map("\n".join),
    st.lists(st.sampled_from(PIECES), max_size=30).map("\n\n".join),
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
)


def read_or_none(text: str) -> Article | None:
    try:
        return read_text(text, source="any.txt", language="en")
    except SourceError:
        return None


@given(texts)
@settings(max_examples=400, deadline=None)
def test_every_word_is_in_a_field_or_in_the_remainder(text):
    found = read_or_none(text)
    if found is None:
        return
    assert found.words_lost == ()
    assert found.words_added == ()
    assert found.words_in == found.words_out == len(words(text))


@given(texts)
@settings(max_examples=200, deadline=None)
def test_the_document_holds_the_words_of_the_parts_and_notes(text):
    found = read_or_none(text)
    if found is None:
        return
    try:
        inside = words(plain_text(found.body))
    except DocumentError:
        return
    assert Counter(inside) == found.document_words


@given(texts)
@settings(max_examples=100, deadline=None)
def test_the_same_text_gives_the_same_article(text):
    assert read_or_none(text) == read_or_none(text)


def assert_quick(text: str, seconds: float = 6.0) -> None:
    started = time.process_time()
    read_or_none(text)
    assert time.process_time() - started < seconds


def test_a_megabyte_of_prose_is_read_in_seconds():
    block = (
        "The garden has six founders*, and “all of them are proud of it today”, said Dr Paul "
        "Martin. It gave a home to 6 bees and to forty kinds of herbs from the region, which the "
        "children water in May. The gardeners come on Mondays: they bring earth and patience.\n\n"
    )
    assert_quick("A garden\n\nThe lede.\n\nPublished on 4.12.2020\n\n" + block * 4_000)


def test_a_megabyte_in_one_line_is_read_in_seconds():
    assert_quick("The garden has six founders and we are proud of it. " * 20_000)


def test_a_megabyte_of_wrapped_lines_is_read_in_seconds():
    line = "The garden on the roof has forty square metres of earth, in which the\n"
    assert_quick(line * 14_000)


@pytest.mark.slow
def test_hostile_repetitions_do_not_slow_the_reader_down():
    for piece in (
        "«",
        '"',
        "* ",
        "*",
        "A ",
        "Pr ",
        "1. ",
        "a:",
        " ",
        "six ",
        "Aa-",
        "“ ",
        "(1)",
        "é\u0301",
    ):
        assert_quick("Title\n\n" + piece * (200_000 // len(piece)))
        assert_quick("Title\n\n" + (piece + "\n\n") * 20_000, 3.0)
