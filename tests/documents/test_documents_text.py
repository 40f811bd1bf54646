"""Plain text, words, references and differences."""

from imagine_site.documents import References, parse, plain_text, references, word_diff, words


def test_blocks_are_paragraphs_and_footnotes_come_last():
    assert plain_text(
        "<h2>Title<span data-footnote=''>first <em>note</em></span></h2>"
        "<p>One<span data-footnote='n'>second</span> two<br>three"
        "<span data-footnote='n'></span></p>"
        "<ul><li>a<ul><li>b</li></ul></li><li><p>c</p><p>d</p></li></ul>"
        "<blockquote><p>Said.</p><footer><cite>Pr A</cite><span>head</span></footer></blockquote>"
        "<figure data-image=1><figcaption>Caption</figcaption></figure><hr>"
        "<aside><p>e</p><p>f</p></aside>"
        "<table><caption>T</caption><tr><td>1<td>2<tr><td>3<td></table>"
    ) == (
        "Title\n\nOne two\nthree\n\na\nb\nc\nd\n\nSaid.\n\nPr A, head\n\nCaption\n\ne\n\nf\n\n"
        "T\n1\t2\n3\n\nfirst note\n\nsecond"
    )


def test_a_call_between_two_letters_separates_them():
    assert plain_text("<p>a<span data-footnote=''>n</span>b</p>") == "a b\n\nn"
    assert plain_text("<p>a<span data-footnote=''>n</span>.</p>") == "a.\n\nn"


def test_plain_text_takes_a_tree_too():
    assert plain_text(parse("<p>a</p>")) == "a"
    assert plain_text("") == ""


def test_words_are_counted_one_way():
    assert words("Aujourd'hui, l’Institut (30 ans) accueille Marie-Hélène : COVID‑19.") == [
        "Aujourd'hui",
        "l’Institut",
        "30",
        "ans",
        "accueille",
        "Marie-Hélène",
        "COVID‑19",
    ]
    assert words("10,000 – a_b -x- e\u0301te\u0301 «\u202foui\u202f»") == [
        "10",
        "000",
        "a",
        "b",
        "x",
        "été",
        "oui",
    ]
    assert words(" \n—") == []


def test_references_come_in_order_and_once():
    assert references(
        "<figure data-image=5></figure><figure data-gallery='2 5 3'></figure>"
        "<figure data-video=vimeo:1 data-poster=9></figure>"
        "<p><a data-record=laboratory:4>a</a> <a href=/x>b</a> <a data-file=7>c</a>"
        "<span data-footnote=''><a href='https://x.y/'>d</a> <a data-record=startup:1>e</a></span>"
        " <a href=/x>f</a></p>"
        "<blockquote>g<footer><cite data-record=researcher:3>h</cite></footer></blockquote>"
    ) == References(
        images=(5, 2, 3, 9),
        records=("laboratory:4", "startup:1", "researcher:3"),
        links=("/x", "https://x.y/"),
        files=(7,),
    )


def test_a_difference_is_told_in_words():
    assert word_diff("The old house, red.", "The new house, red.") == [
        ("=", "The "),
        ("-", "old "),
        ("+", "new "),
        ("=", "house, red."),
    ]
    assert word_diff("a\n\nb\n\nc", "a\n\nc") == [("=", "a\n\n"), ("-", "b\n\n"), ("=", "c")]
    assert word_diff("", "a") == [("+", "a")]
    assert word_diff("a", "a") == [("=", "a")]
    assert word_diff("", "") == []
