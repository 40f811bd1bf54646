"""Two versions of a document in one text: what an editor reads, and that no tag is ever shown."""

import re

from imagine_site.documents import parse, plain_text, word_diff
from imagine_site.documents.comparison import block_changes, compare
from imagine_site.documents.diff import line_diff


class Picture:
    def __init__(self, pk):
        self.url, self.alt, self.label = f"/{pk}.jpg", f"alt {pk}", f"picture {pk}"


class Names:
    def picture(self, pk):
        return Picture(pk) if pk < 100 else None

    def record(self, reference):
        return {"laboratory:4": "Heart <lab>"}.get(reference)

    def file(self, pk):
        return None


def html(old: str, new: str) -> str:
    """The comparison without the words for those who only hear it."""
    compared = compare(old, new, names=Names()).html
    return re.sub(r'<span class="visually-hidden">.*?</span>', "", compared)


def operations(old: str, new: str) -> str:
    changes = block_changes(parse(old).blocks, parse(new).blocks)
    return "".join(change.operation for change in changes)


def test_the_same_text_has_no_difference():
    text = "<p>It began.</p><h2>A heading</h2>"
    assert compare(text, text, names=Names()).is_same
    assert word_diff("a b", "a b") == [("=", "a b")]


def test_a_word_changed_is_a_word_and_the_rest_stays():
    compared = html(
        "<p>It began in the laboratory of hearts.</p>",
        "<p>It began in the laboratory of kidneys.</p>",
    )
    assert compared == ("<p>It began in the laboratory of <del>hearts</del><ins>kidneys</ins>.</p>")


def test_words_and_blocks_are_counted():
    compared = compare(
        "<p>One two three four five.</p><p>Gone with the wind.</p>",
        "<p>One two nine four five.</p>",
        names=Names(),
    )
    assert (compared.added, compared.removed, compared.moved) == (1, 6, 0)


def test_what_was_removed_and_added_is_said_and_not_only_coloured():
    compared = compare("<p>One two three.</p>", "<p>One two four.</p>", names=Names()).html
    assert '<del><span class="visually-hidden">removed: </span>three' in compared
    assert '<ins><span class="visually-hidden">added: </span>four' in compared


def test_a_paragraph_that_moved_is_said_to_have_moved():
    first, second, third = (
        "<p>The heart has four rooms, and blood in each.</p>",
        "<p>Kidneys clean what the body has used before.</p>",
        "<p>A lung is full of air and of very small vessels.</p>",
    )
    assert operations(first + second + third, second + third + first) == "<==>"
    changed = first.replace("four", "several")
    compared = html(first + second + third, second + third + changed)
    assert "Moved here" in compared
    assert "<del>four </del><ins>several </ins>" in compared


def test_a_paragraph_rewritten_is_shown_whole_before_and_after():
    compared = html("<p>Alpha beta gamma delta.</p>", "<p>Quite another thing altogether.</p>")
    assert "<del>Alpha beta gamma delta.</del>" in compared
    assert "<ins>Quite another thing altogether.</ins>" in compared


def test_lists_and_tables_are_compared_within():
    compared = html(
        "<ul><li>one</li><li>two words</li></ul>",
        "<ul><li>one</li><li>two new words</li><li>three</li></ul>",
    )
    assert "<li><div>two <ins>new </ins>words</div></li>" in compared
    assert "<li><div><ins>three</ins></div></li>" in compared
    compared = html(
        "<table><tbody><tr><td>2019</td><td>12 patients treated here</td></tr></tbody></table>",
        "<table><tbody><tr><td>2019</td><td>13 patients treated here</td></tr></tbody></table>",
    )
    assert "<td><div><del>12 </del><ins>13 </ins>patients treated here</div></td>" in compared


def test_a_column_more_is_a_row_gone_and_a_row_come():
    row = "<table><tbody><tr><td>a b c</td>{}</tr></tbody></table>"
    compared = html(row.format(""), row.format("<td>d e</td>"))
    assert "<del>a b c</del>" in compared
    assert "<ins>d e</ins>" in compared


def test_a_quotation_shows_its_speaker():
    quote = (
        "<blockquote><p>We are very glad today.</p><footer><cite>{}</cite></footer></blockquote>"
    )
    compared = html(quote.format("Ada Lovelace"), quote.format("Ada King"))
    assert "Ada <del>Lovelace</del><ins>King</ins>" in compared


def test_a_note_stands_where_it_is_called():
    compared = html(
        "<p>It began here.</p>", '<p>It began here<span data-footnote="">In 2007</span>.</p>'
    )
    assert '<ins><span class="compared__note">[note: In 2007]</span></ins>' in compared


def test_a_link_that_leads_elsewhere_says_where():
    compared = html(
        '<p>See <a href="https://one.example/">this</a> now.</p>',
        '<p>See <a data-record="laboratory:4">this</a> now.</p>',
    )
    assert "(→ https://one.example/)" in compared
    assert "(→ Heart &lt;lab&gt;)" in compared


def test_pictures_are_small_pictures_with_their_words():
    figure = '<figure data-image="{}" data-alt="{}"><figcaption>{}</figcaption></figure>'
    compared = html(figure.format(4, "A heart", "Old"), figure.format(5, "A lung", "Old"))
    assert '<del><img src="/4.jpg"' in compared
    assert '<ins><img src="/5.jpg"' in compared
    assert "A <del>heart</del><ins>lung</ins>" in compared
    assert "no longer in the library (400)" in html("", '<figure data-image="400"></figure>')
    gallery = '<figure data-gallery="{}"></figure>'
    compared = html(gallery.format("1 2 3"), gallery.format("1 3"))
    assert compared.count("<del>") == 1


def test_a_paragraph_that_became_a_heading_stays_one_text():
    compared = html("<p>What comes next here</p>", "<h2>What comes next here</h2>")
    assert "<h2>What comes next here</h2>" in compared
    assert "<del>Paragraph</del> → <ins>Heading</ins>" in compared


def test_no_text_becomes_markup():
    evil = "&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;"
    compared = compare(f"<p>{evil} one</p>", f"<p>{evil} two</p>", names=Names()).html
    assert "<script" not in compared
    assert "<b>" not in compared
    assert "&lt;script&gt;" in compared


def test_what_is_far_from_any_change_is_folded():
    text = "".join(f"<p>Paragraph number {n} says {n * 7} things.</p>" for n in range(12))
    compared = html(text + "<p>The end of it.</p>", text + "<p>The end of all.</p>")
    assert "11 blocks as before" in compared
    assert compared.index("</details>") < compared.index("Paragraph number 11")


def test_nothing_of_either_text_is_lost():
    old = "<h2>One</h2><p>Two three.</p><ul><li>Four</li><li>Five</li></ul><p>Six.</p>"
    new = "<p>Six.</p><h2>One</h2><ul><li>Five</li><li>Seven eight</li></ul><hr><p>Nine.</p>"
    compared = html(old, new)
    kept = re.sub(r"<del>.*?</del>|<p class=\"compared__left\">.*?</p>|</?ins>", "", compared)
    for word in plain_text(new).split():
        assert word in kept
    for word in plain_text(old).split():
        assert word in compared


def test_texts_as_long_as_may_be_are_compared_in_no_time():
    words = [f"word{n * 31 % 907}" for n in range(15_000)]
    old = "".join(f"<p>{' '.join(words[n : n + 60])}</p>" for n in range(0, 15_000, 60))
    words[::41] = ["changed"] * len(words[::41])
    new = "".join(f"<p>{' '.join(words[n : n + 60])}</p>" for n in range(0, 15_000, 60))
    assert compare(old, new, names=Names()).added == len(words[::41])


def test_the_last_word_of_a_line_is_the_same_when_another_follows():
    assert line_diff("A visit", "A visit today") == [("=", "A visit "), ("+", "today")]
    assert line_diff("A visit today", "A visit") == [("=", "A visit "), ("-", "today")]
    assert html("<p>A long visit</p>", "<p>A long visit today</p>") == (
        "<p>A long visit <ins>today</ins></p>"
    )
