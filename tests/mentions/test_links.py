import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagine_site.documents import clean, plain_text, references
from imagine_site.mentions.links import link_mentions
from imagine_site.mentions.names import Names
from labs.models import StartUp
from people.models import Researcher

NAMES = Names(
    [
        Researcher(pk=1, given_name="Stanislas", family_name="Lyonnet"),
        StartUp(pk=2, name="codoc"),
    ]
)
ADA = '<a data-record="researcher:1">Pr Stanislas Lyonnet</a>'


def linked(html):
    html = clean(html)
    result = link_mentions(html, NAMES)
    assert plain_text(result) == plain_text(html)
    assert clean(result) == result
    return result


def test_the_first_mention_of_each_record_becomes_a_link():
    text = "<p>Pr Stanislas Lyonnet and codoc. Stanislas Lyonnet left.</p><p>codoc stayed.</p>"
    assert linked(text) == (
        f'<p>{ADA} and <a data-record="startup:2">codoc</a>. Stanislas Lyonnet left.</p>'
        "<p>codoc stayed.</p>"
    )


def test_list_items_and_emphasis_are_running_text():
    assert 'data-record="startup:2"' in linked("<ul><li><p>See <em>codoc</em>.</p></li></ul>")


@pytest.mark.parametrize(
    "html",
    [
        "<h2>codoc</h2>",
        '<p><a href="https://codoc.example/">codoc</a></p>',
        "<blockquote><p>Good.</p><footer><cite>codoc</cite><span>codoc</span></footer></blockquote>",
        '<figure data-image="1"><figcaption>codoc</figcaption></figure>',
        "<table><tbody><tr><th>codoc</th></tr></tbody></table>",
        '<p>Text<span data-footnote="">codoc</span></p>',
    ],
)
def test_names_elsewhere_stay_as_they_are(html):
    assert linked(html) == clean(html)


def test_a_record_the_document_links_to_already_is_not_linked_again():
    html = '<p>codoc first.</p><p><a data-record="startup:2">The company</a></p>'
    assert linked(html) == html


def test_a_mention_after_one_in_a_heading_is_still_the_first_in_running_text():
    assert references(linked("<h2>codoc</h2><p>codoc</p>")).records == ("startup:2",)


def test_an_empty_document_stays_empty():
    assert linked("") == ""


@given(
    st.lists(
        st.sampled_from(["codoc", " and ", "Pr Stanislas Lyonnet", "&amp;", "<br>", "<b>x</b>"]),
        max_size=8,
    )
)
def test_linking_loses_no_word_and_linking_twice_changes_nothing(parts):
    once = linked(f"<p>{''.join(parts)}</p>")
    assert linked(once) == once
