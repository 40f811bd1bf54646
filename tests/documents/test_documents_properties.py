"""What holds for every document, whatever it was made of: proved on random soup.

The default run draws some hundred examples of each; `-m slow` draws ten thousand.
"""

import itertools
import unicodedata
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html

from imagine_site.documents import (
    clean,
    parse,
    plain_text,
    references,
    render,
    serialise,
    word_diff,
    words,
)
from imagine_site.documents.sanitiser import SANITISER
from imagine_site.documents.schema import DROPPED, ELEMENTS, VOID

from .judge import RENDERED, STORED, faults
from .resolving import GenerousResolver
from .soup import SOUP

SLOW_EXAMPLES = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
quick = settings(max_examples=300, deadline=None, suppress_health_check=SLOW_EXAMPLES)
few = settings(quick, max_examples=100)
thorough = settings(max_examples=10_000, deadline=None, suppress_health_check=SLOW_EXAMPLES)


def holds_canonically(source):
    stored = clean(source)
    assert clean(stored) == stored
    assert clean(serialise(parse(stored))) == stored
    assert parse(stored) == parse(source)
    # the sanitiser, which comes last, finds nothing left to do
    assert serialise(parse(source)) == stored
    assert SANITISER.clean(stored) == stored
    assert faults(stored, allowed=STORED) == []


def holds_rendered(source):
    document = parse(source)
    shown = render(document, resolver=GenerousResolver(), language="fr")
    assert faults(shown.html, allowed=RENDERED) == []
    assert faults(clean(shown.html), allowed=STORED) == []
    assert render(clean(source), resolver=GenerousResolver(), language="fr") == shown
    if shown.html:
        root = html.fragment_fromstring(shown.html, create_parent="root")
        anchors = root.xpath("//@id")
        assert len(anchors) == len(set(anchors))
        assert set(root.xpath("//a/@href[starts-with(., '#')]")) <= {f"#{a}" for a in anchors}
        assert not root.xpath("//a//a | //p//p | //h2//h2 | //p//figure")


def letters(text):
    return Counter(character for character in text if not character.isspace())


def holds_in_plain_text(source):
    """Counted in letters against another parser: a comma before a role is all that is added."""
    stored = clean(source)
    expected = letters(html.fragment_fromstring(stored or " ", create_parent="root").text_content())
    found = letters(plain_text(stored))
    assert not expected - found
    assert set(found - expected) <= {","}


def holds_in_references(source):
    stored = clean(source)
    found = references(stored)
    for values in (found.images, found.records, found.links, found.files):
        assert len(values) == len(set(values))
    assert all(f'data-record="{record}"' in stored for record in found.records)
    assert all(str(image) in stored for image in found.images)


# One test for all four: most of the time goes into drawing the soup.
@few  # of those that are drawn ten thousand times below
@given(SOUP)
def test_a_document_is_canonical_harmless_complete_and_knows_its_references(source):
    holds_canonically(source)
    holds_rendered(source)
    holds_in_plain_text(source)
    holds_in_references(source)


@pytest.mark.slow
@thorough
@given(SOUP)
def test_it_holds_ten_thousand_times(source):
    holds_canonically(source)
    holds_rendered(source)
    holds_in_plain_text(source)
    holds_in_references(source)


# Words in elements whose text is kept, each with space around it and each once
KEPT = sorted((set(ELEMENTS) | {"div", "b", "h1", "section", "q", "x-y"}) - VOID - DROPPED)
KEPT_ATTRIBUTES = {
    "a": ' href="/x/"',
    "span": ' data-footnote=""',
    "figure": ' data-image="3"',
    "aside": ' data-figure=""',
    "cite": ' data-record="researcher:3"',
}
WORDED = st.recursive(
    st.just(" {} "),
    lambda inner: st.builds(
        lambda name, marked, parts: (
            f"<{name}{KEPT_ATTRIBUTES.get(name, '') if marked else ''}>{''.join(parts)}</{name}>"
        ),
        st.sampled_from(KEPT),
        st.booleans(),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=25,
)


@quick
@given(WORDED)
def test_cleaning_keeps_every_word(template):
    count = template.count("{}")
    source = template.format(*(f"w{number}" for number in range(count)))
    assert sorted(words(plain_text(clean(source)))) == sorted(f"w{n}" for n in range(count))


@quick
@given(st.text())
def test_words_of_a_paragraph_are_the_words_of_its_text(text):
    text = unicodedata.normalize("NFC", text)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    stored = clean(f"<p>{escaped}</p>")
    assert words(plain_text(stored)) == words(clean_of_controls(text))


def clean_of_controls(text):
    """What no document can hold (controls, noncharacters) falls away, nothing else."""
    kept = "\t\n\r\f\v\x85"
    return "".join(
        character
        for character in text
        if character in kept
        or (
            unicodedata.category(character) not in ("Cc", "Cs")
            and character != "\ufeff"
            and not 0xFDD0 <= ord(character) <= 0xFDEF
            and ord(character) & 0xFFFE != 0xFFFE
        )
    )


@quick
@given(
    st.lists(st.sampled_from(["a ", "b ", "c, ", "d.", "\n\n", " "]), max_size=30).map("".join),
    st.lists(st.sampled_from(["a ", "b ", "c, ", "d.", "\n\n", " "]), max_size=30).map("".join),
)
def test_a_difference_holds_both_texts(old, new):
    pieces = word_diff(old, new)
    assert "".join(text for operation, text in pieces if operation in "=-") == old
    assert "".join(text for operation, text in pieces if operation in "=+") == new
    assert all(text for _, text in pieces)
    assert not any(one[0] == two[0] for one, two in itertools.pairwise(pieces))
