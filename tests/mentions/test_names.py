import random
import sys
import time
import unicodedata
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagine_site.mentions.names import Names
from imagine_site.register.names import fold, without_honorifics
from labs.models import Laboratory, StartUp
from people.models import FoundingMember, Researcher
from tests.factories import labs, people


def person(pk, name, **more):
    given_name, family_name = name.rsplit(" ", 1)
    return Researcher(pk=pk, given_name=given_name, family_name=family_name, **more)


LYONNET = person(1, "Stanislas Lyonnet", honorific="Pr")
RIEUX = person(2, "Frédéric Rieux-Laucat", honorific="Dr")
HEART = Laboratory(pk=3, name_en="Heart morphogenesis", name_fr="Morphogenèse du cœur")
AP_HP = FoundingMember(
    pk=4, name_en="Paris public hospitals (AP-HP)", short_name="AP-HP", aliases="APHP"
)
UPCITE = FoundingMember(pk=5, name_en="Université Paris Cité", short_name="UPCité")
INSERM = FoundingMember(pk=6, name_en="Inserm", short_name="Inserm")
CODOC = StartUp(pk=7, name="codoc")
EVERYTHING = [LYONNET, RIEUX, HEART, AP_HP, UPCITE, INSERM, CODOC]


@pytest.fixture(scope="module")
def names():
    return Names(EVERYTHING)


@contextmanager
def seconds():
    """How long a block works, without what a coverage measurement adds to every line."""
    tracer = sys.gettrace()
    sys.settrace(None)
    began = ended = time.process_time()
    try:
        yield lambda: ended - began
    finally:
        ended = time.process_time()
        sys.settrace(tracer)


def found(names, text):
    mentions = names.recognise(text)
    for mention in mentions:
        assert text[mention.start : mention.end] == mention.matched
    return [(mention.reference, mention.matched) for mention in mentions]


def test_every_mention_is_found_in_the_order_of_the_text(names):
    text = "At Inserm, Stanislas Lyonnet met codoc. Later, Inserm wrote."
    assert [reference for reference, _matched in found(names, text)] == [
        "foundingmember:6",
        "researcher:1",
        "startup:7",
        "foundingmember:6",
    ]


@pytest.mark.parametrize(
    "written",
    [
        "Frédéric Rieux-Laucat",
        "FRÉDÉRIC RIEUX-LAUCAT",
        "Frederic Rieux Laucat",
        "Frédéric\u00a0Rieux\u2011Laucat",
        "Frédéric\nRieux–Laucat",
        unicodedata.normalize("NFD", "Frédéric Rieux-Laucat"),
    ],
)
def test_case_accents_hyphens_and_kinds_of_space_do_not_count(names, written):
    text = f"Yesterday {written} said so."
    assert found(names, text) == [("researcher:2", written)]


def test_ligatures_are_read_as_their_letters(names):
    assert found(names, "le laboratoire Morphogenese du coeur") == [
        ("laboratory:3", "Morphogenese du coeur")
    ]


@pytest.mark.parametrize(
    "honoured",
    ["Pr", "Pr.", "Prof.", "Professor", "Professeur", "Dr", "Docteur", "M.", "Mme", "Prof. Dr."],
)
def test_honorifics_before_a_person_belong_to_the_mention(names, honoured):
    text = f"With {honoured} Stanislas Lyonnet, today"
    assert found(names, text) == [("researcher:1", f"{honoured} Stanislas Lyonnet")]


def test_a_small_letter_or_a_word_between_is_no_honorific(names):
    for text in ("5 m Stanislas Lyonnet", "Mme la Stanislas Lyonnet", "Dr, Stanislas Lyonnet"):
        assert found(names, text) == [("researcher:1", "Stanislas Lyonnet")]


def test_an_honorific_before_an_institution_is_not_its_name(names):
    assert found(names, "Dr Inserm") == [("foundingmember:6", "Inserm")]


@pytest.mark.parametrize(
    "text", ["codocs", "decodoc", "Inserms", "Stanislas Lyonnets", "codoc2", "2codoc"]
)
def test_a_name_inside_a_longer_word_is_no_mention(names, text):
    assert found(names, text) == []


@pytest.mark.parametrize(
    "text", ["Stanislas. Lyonnet", "Stanislas, Lyonnet", "Stanislas\n\nLyonnet", "Lyonnet"]
)
def test_words_of_two_sentences_or_blocks_are_no_name(names, text):
    assert found(names, text) == []


def test_an_elision_before_a_name_is_not_part_of_it(names):
    assert found(names, "à l’Inserm") == [("foundingmember:6", "Inserm")]
    assert found(names, "Lyonnet and Inserm's people") == [("foundingmember:6", "Inserm")]


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("AP-HP", ["foundingmember:4"]),
        ("APHP", ["foundingmember:4"]),
        ("ap-hp", []),
        ("Aphp", []),
        ("AP HP", []),
        ("UPCité", ["foundingmember:5"]),
        ("upcité", []),
        (unicodedata.normalize("NFD", "UPCité"), ["foundingmember:5"]),
        ("INSERM", ["foundingmember:6"]),
        ("Paris Public Hospitals (AP-HP)", ["foundingmember:4"]),
    ],
)
def test_a_sigle_counts_only_as_it_is_written(names, text, references):
    assert [reference for reference, _matched in found(names, text)] == references


def test_the_longest_name_wins():
    city = FoundingMember(pk=1, name_en="Ville de Paris", aliases="Paris")
    names = Names([city, FoundingMember(pk=2, name_en="Fondation Hôpitaux de Paris")])
    assert [reference for reference, _ in found(names, "Fondation Hôpitaux de Paris, Paris")] == [
        "foundingmember:2",
        "foundingmember:1",
    ]


def test_a_name_that_two_records_share_names_neither():
    twins = [person(1, "Marie Dupont"), person(2, "Marie Dupont", aliases="Marie-Anne Dupont")]
    names = Names(twins)
    assert found(names, "Dr Marie Dupont spoke.") == []
    assert names.find("Marie Dupont") is None
    assert found(names, "Marie-Anne Dupont") == [("researcher:2", "Marie-Anne Dupont")]


def test_an_ambiguous_long_name_is_not_read_as_a_short_one():
    names = Names(
        [
            StartUp(pk=1, name="Smart"),
            StartUp(pk=2, name="Smart Immune"),
            Laboratory(pk=3, name_en="Smart Immune"),
        ]
    )
    assert found(names, "Smart Immune") == []


@pytest.mark.parametrize(
    "attribution",
    [
        "Pr Stanislas Lyonnet",
        "Professor Stanislas Lyonnet",
        "Stanislas LYONNET",
        "  — Pr. Stanislas Lyonnet.",
        "Stanislas Lyonnet,",
    ],
)
def test_an_attribution_finds_its_speaker(names, attribution):
    assert names.find(attribution) == "researcher:1"
    assert names.find(attribution, "researcher") == "researcher:1"
    assert names.find(attribution, "laboratory") is None


@pytest.mark.parametrize(
    "attribution",
    [
        "",
        "Pr",
        "Lyonnet",
        "S. Lyonnet",
        "Stanislas Lyonnet, Inserm",
        "a friend of Stanislas Lyonnet",
    ],
)
def test_an_attribution_that_is_more_or_less_than_a_name_finds_nobody(names, attribution):
    assert names.find(attribution) is None


@given(st.text())
def test_any_text_at_all_is_read_without_error(text):
    names = Names(EVERYTHING)
    last = 0
    for mention in names.recognise(text):
        assert last <= mention.start < mention.end
        last = mention.end


@given(
    st.lists(st.sampled_from(["and", "codoc", "Inserm", "Stanislas Lyonnet", "le"]), max_size=20)
)
def test_mentions_are_exactly_the_names_put_into_the_text(words):
    text = ", ".join(words)
    expected = [word for word in words if word not in {"and", "le"}]
    assert [mention.matched for mention in Names(EVERYTHING).recognise(text)] == expected


@pytest.mark.django_db
def test_the_whole_register_is_loaded_with_one_query_a_kind(django_assert_num_queries):
    hidden = people.researcher(given_name="Ada", family_name="Lovelace", is_public=False)
    for _ in range(3):
        labs.laboratory()
        labs.startup()
        people.founding_member()
    with django_assert_num_queries(4):
        names = Names.load()
    [mention] = names.recognise("It was Ada Lovelace.")
    assert mention.reference == hidden.reference
    assert mention.label == str(hidden)
    assert not mention.is_public


def test_three_hundred_kilobytes_against_five_thousand_names_take_about_a_second():
    chance = random.Random(2)
    syllables = ["ba", "ro", "mé", "ti", "lu", "sen", "dor", "vi"]

    def word():
        return "".join(chance.choices(syllables, k=3)).capitalize()

    records = [person(pk, f"{word()} {word()}") for pk in range(1, 5001)]
    text = " ".join(
        word() if chance.random() < 0.7 else records[0].full_name for _ in range(44_000)
    )
    assert len(text.encode()) > 300_000
    names = Names(records)
    with seconds() as taken:
        assert len(names.recognise(text)) > 1_000
    assert taken() < 5  # compared one by one it would be minutes; a busy machine is no fault


def test_names_that_begin_alike_do_not_slow_it_down():
    long = " ".join(["a"] * 30)
    names = Names([StartUp(pk=1, name=f"{long} b"), StartUp(pk=2, name=f"{long} c")])
    with seconds() as taken:
        assert names.recognise("a " * 30_000) == []
    assert taken() < 5  # compared one by one it would be minutes; a busy machine is no fault


def test_folding_knows_names_and_honorifics_apart():
    assert fold("  Dr. Œuvre-ÉLAN  ") == "dr oeuvre elan"
    assert without_honorifics("Prof. Dr. Ada Lovelace") == "Ada Lovelace"
    assert without_honorifics("Mr") == "Mr"
