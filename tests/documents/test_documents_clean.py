"""What people paste, and the one form it gets."""

import subprocess
import sys

import pytest

from imagine_site.documents import (
    Document,
    DocumentTooDeep,
    DocumentTooLarge,
    Element,
    Text,
    clean,
    parse,
    serialise,
)

CANONICAL = [
    "<p>One <strong>two</strong> <em>three</em> H<sub>2</sub>O 10<sup>3</sup></p>",
    "<h2>A title</h2><p>x<br>y</p><hr><h3>Less</h3>",
    "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>",
    "<ul><li><p>a</p><p>b</p></li></ul>",
    '<p><a href="https://example.org/?a=1&amp;b=2">x</a> <a href="/en/#a">y</a> '
    '<a href="mailto:a@b.fr">z</a> <a href="tel:+33142754200">t</a></p>',
    '<p><a data-record="laboratory:4">Lab</a> <a data-file="7">report</a></p>',
    '<p>A <span lang="en-GB">word</span></p>',
    '<blockquote><p>x</p><p>y</p><footer><cite data-record="researcher:3">Pr A</cite>'
    "<span>director</span></footer></blockquote>",
    "<blockquote><p>x</p></blockquote>",
    "<blockquote><p>x</p><footer><span>a patient</span></footer></blockquote>",
    '<figure data-image="12"></figure>',
    '<figure data-image="12" data-width="wide" data-alt="A &quot;hall&quot;"><figcaption>The '
    "<em>hall</em></figcaption></figure>",
    '<figure data-gallery="12 15 16"><figcaption>x</figcaption></figure>',
    '<figure data-video="youtube:a_B-9" data-poster="12"><figcaption>x</figcaption></figure>',
    "<aside><p>x</p><ul><li>y</li></ul></aside>",
    '<aside data-figure=""><p><strong>15%</strong> of severe forms</p></aside>',
    '<p>x<span data-footnote="">note with <a href="/x">link</a></span> y</p>',
    '<p>x<span data-footnote="n1">note</span> y<span data-footnote="n1"></span></p>',
    '<h2>x<span data-footnote="">n</span></h2>',
    '<table><caption>c</caption><thead><tr><th scope="col">a</th><th scope="col">b</th></tr>'
    '</thead><tbody><tr><td colspan="2">x</td></tr><tr><td></td><td>y</td></tr></tbody></table>',
    "<p>«\u202fOui\u202f», 10&nbsp;%, l’Institut</p>",
]


@pytest.mark.parametrize("source", CANONICAL)
def test_every_element_of_the_schema_comes_back_as_it_was(source):
    assert clean(source) == source


REPAIRED = {
    "text at the top": ("Hello <b>there</b>", "<p>Hello <strong>there</strong></p>"),
    "text between blocks": ("<p>a</p> b <p>c</p>", "<p>a</p><p>b</p><p>c</p>"),
    "other people's names": ("<h1>a</h1><h5>b</h5><p><i>c</i></p>",
                             "<h2>a</h2><h3>b</h3><p><em>c</em></p>"),
    "wrappers": ("<div><section>a</section><div>b</div></div>", "<p>a</p><p>b</p>"),
    "forgotten end tags": ("<p>a<p>b<ul><li>c<li>d</ul>",
                           "<p>a</p><p>b</p><ul><li>c</li><li>d</li></ul>"),
    "a paragraph in a paragraph": ("<p>a<p>b</p>c</p>", "<p>a</p><p>b</p><p>c</p>"),
    "blocks in a paragraph": ("<p>a<figure data-image=1></figure>b</p>",
                              '<p>a</p><figure data-image="1"></figure><p>b</p>'),
    "blocks in bold": ("<b><p>a</p><p>b</p></b>",
                       "<p><strong>a</strong></p><p><strong>b</strong></p>"),
    "empty paragraphs": ("<p></p><p>&nbsp;</p><p><br></p><p><b> </b></p><p>a</p><h2> </h2>",
                         "<p>a</p>"),
    "two line breaks": ("<p>a<br><br>b<br></p>", "<p>a</p><p>b</p>"),
    "items without a list": ("<li>a</li> <li>b</li>c", "<ul><li>a</li><li>b</li></ul><p>c</p>"),
    "a list in a list": ("<ul><li>a</li><ul><li>b</li></ul></ul>",
                         "<ul><li>a<ul><li>b</li></ul></li></ul>"),
    "text in a list": ("<ul>a<li>b</li></ul>", "<ul><li>a</li><li>b</li></ul>"),
    "one paragraph in an item": ("<ul><li><p>a</p></li></ul>", "<ul><li>a</li></ul>"),
    "a figure in an item": ("<ul><li>a<figure data-image=1></figure></li><li>b</li></ul>",
                            '<ul><li>a</li><li>b</li></ul><figure data-image="1"></figure>'),
    "a heading in a quotation": ("<blockquote><h2>a</h2><ul><li>b</ul></blockquote>",
                                 "<blockquote><p>a</p><p>b</p></blockquote>"),
    "a caption without a figure": ("<figcaption>a</figcaption>", "<p>a</p>"),
    "a figure of nothing": ("<figure data-image=x><img src=a><figcaption>a</figcaption></figure>",
                            "<p>a</p>"),
    "an empty caption": ("<figure data-image=1><figcaption> </figcaption></figure>",
                         '<figure data-image="1"></figure>'),
    "a gallery with doubles": ("<figure data-gallery='3 x 3 0 4'></figure>",
                               '<figure data-gallery="3 4"></figure>'),
    "a pull quote as others write it": (
        "<figure><blockquote>a</blockquote><figcaption><a data-record='researcher:3'>Dr B</a>, "
        "head</figcaption></figure>",
        '<blockquote><p>a</p><footer><cite data-record="researcher:3">Dr B</cite>'
        "<span>head</span></footer></blockquote>",
    ),
    "an attribution with a dash": (
        "<blockquote><p>a</p><cite>— Dr B</cite></blockquote>",
        "<blockquote><p>a</p><footer><cite>Dr B</cite></footer></blockquote>",
    ),
    "formatting in an attribution": (
        "<blockquote>a<footer><cite><b>Dr</b> B</cite>, <em>head</em></footer></blockquote>",
        "<blockquote><p>a</p><footer><cite>Dr B</cite><span>head</span></footer></blockquote>",
    ),
    "an attribution of nothing": ("<blockquote><footer>Dr B</footer></blockquote>", "<p>Dr B</p>"),
    "a footnote in an attribution": (
        "<blockquote>a<footer>Dr B<span data-footnote>n</span></footer></blockquote>",
        '<blockquote><p>a<span data-footnote="">n</span></p><footer><cite>Dr B</cite></footer>'
        "</blockquote>",
    ),
    "a title outside a quotation": ("<p><cite>Nature</cite></p>", "<p><em>Nature</em></p>"),
    "a footnote in a footnote": (
        "<p>a<span data-footnote>b<span data-footnote=x>c</span></span></p>",
        '<p>a<span data-footnote="">b c</span></p>',
    ),
    "a footnote in a link": (
        "<p><a href=/x>a<span data-footnote>n <a href=/y>b</a></span></a></p>",
        '<p><a href="/x">a</a><span data-footnote="">n <a href="/y">b</a></span></p>',
    ),
    "an empty footnote": ("<p>a<span data-footnote> </span></p>", "<p>a</p>"),
    "a call of no footnote": ("<p>a<span data-footnote=n1></span></p>", "<p>a</p>"),
    "a call before its footnote": (
        "<p>a<span data-footnote=n></span> b<span data-footnote=n>c</span></p>",
        '<p>a<span data-footnote="n">c</span> b<span data-footnote="n"></span></p>',
    ),
    "two texts of one footnote": (
        "<p>a<span data-footnote=n>b</span> c<span data-footnote=n>d</span></p>",
        '<p>a<span data-footnote="n">b</span> c<span data-footnote="">d</span></p>',
    ),
    "links in links": ("<p><a href=/x>a<a href=/y>b</a></p>",
                       '<p><a href="/x">a</a><a href="/y">b</a></p>'),
    "a link of nothing": ("<p>a<a href=/x> </a>b</p>", "<p>a b</p>"),
    "a link to nowhere": ("<p><a href='http://'>a</a> <a>b</a> <a href=c:d>e</a></p>",
                          "<p>a b e</p>"),
    "a link with a new window": ("<p><a href=/x target=_blank rel=nofollow>a</a></p>",
                                 '<p><a href="/x">a</a></p>'),
    "an address without a scheme": ("<p><a href=//x.y/z>a</a></p>",
                                    '<p><a href="https://x.y/z">a</a></p>'),
    "an address with spaces": ("<p><a href=' HTTPS://x.y/a b '>a</a></p>",
                               '<p><a href="https://x.y/a%20b">a</a></p>'),
    "parameters that look like references": ("<p><a href='/?a=1&copy=2'>a</a></p>",
                                             '<p><a href="/?a=1&amp;copy=2">a</a></p>'),
    "two of one formatting": ("<p><b>a</b><b>b <b>c</b></b></p>",
                              "<p><strong>ab c</strong></p>"),
    "formatting in another order": ("<p><em><a href=/x>a</a></em></p>",
                                    '<p><a href="/x"><em>a</em></a></p>'),
    "white space": ("<p> a \n\t b<b> c</b> <br> d </p>",
                    "<p>a b<strong> c</strong><br>d</p>"),
    "no-break spaces": ("<p>a&nbsp;: \u202fb</p>", "<p>a&nbsp;: \u202fb</p>"),
    "controls": ("<p>a\x00b\x07c\ufeff\ud800</p>", "<p>abc</p>"),
    "references": ("<p>&eacute;&#233;&#xe9;&#0;&#99999999999;&bogus;</p>",
                   "<p>ééé\ufffd\ufffd&amp;bogus;</p>"),
    "a language tag": ("<p><span lang=EN_gb>a</span> <span lang=FR-ca>b</span></p>",
                       '<p>a <span lang="fr-CA">b</span></p>'),
    "quotation marks that are an element": ("<p><q>a</q></p>", "<p>“a”</p>"),
    "cells without a table": ("<tr><td>a<td>b</tr>", "<p>a</p><p>b</p>"),
    "rows without a body": ("<table><tr><th scope=COL>a<td rowspan=1>b<tfoot><tr><td>c</table>",
                            '<table><tbody><tr><th scope="col">a</th><td>b</td></tr><tr><td>c</td>'
                            "</tr></tbody></table>"),
    "text between cells": ("<table>x<tr><td>a</td>y</tr></table>",
                           "<table><tbody><tr><td>a</td></tr></tbody></table><p>x</p><p>y</p>"),
    "a table in a table": ("<table><tr><td>a<table><tr><td>b</table></table>",
                           "<table><tbody><tr><td>a</td></tr></tbody></table>"
                           "<table><tbody><tr><td>b</td></tr></tbody></table>"),
    "an empty table": ("<table><caption>a</caption><tr><td></table>", "<p>a</p>"),
    "a whole page": ("<!DOCTYPE html><html><head><title>t</title><style>p{}</style></head><body>"
                     "<!-- x --><p>a</p><script>1</script></body></html>", "<p>a</p>"),
    "a less-than sign": ("<p>a < b && c > d</p>", "<p>a &lt; b &amp;&amp; c &gt; d</p>"),
    "a tag that never ends": ("<p>a</p><p b", "<p>a</p><p>&lt;p b</p>"),
    "nothing": (" <p> </p>\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", list(REPAIRED))
def test_the_structure_is_repaired(name):
    source, expected = REPAIRED[name]
    assert clean(source) == expected
    assert clean(expected) == expected


def test_lists_deeper_than_anyone_reads_are_flattened():
    stored = clean("<ul><li>a" * 20)
    assert stored.count("<ul>") == 8
    assert stored.count("a") == 20
    assert clean(stored) == stored


def test_a_refusal_is_a_value_error_and_says_which():
    with pytest.raises(DocumentTooLarge, match="bytes"):
        clean("x" * 300_001)
    with pytest.raises(DocumentTooLarge, match="tags"):
        clean("<br>" * 12_001)
    with pytest.raises(DocumentTooDeep):
        clean("<div>" * 101)
    assert issubclass(DocumentTooDeep, ValueError)
    assert issubclass(DocumentTooLarge, ValueError)


def test_a_document_is_a_tree_of_values():
    document = parse('<p>a <a href="/x">b</a></p><hr>')
    assert document == Document(
        (
            Element(
                "p",
                children=(Text("a "), Element("a", (("href", "/x"),), (Text("b"),))),
            ),
            Element("hr"),
        )
    )
    assert hash(document) == hash(parse(serialise(document)))
    assert document
    assert not parse("")


def test_a_tree_made_by_hand_is_escaped_and_cleaned_like_any_other():
    document = Document(
        (Element("p", (("onclick", '"x"'),), (Text("<script>"), Element("script", (), ()))),)
    )
    assert clean(serialise(document)) == "<p>&lt;script&gt;</p>"


def test_documents_need_no_django():
    """An importer or a checker may use them without a database or settings."""
    program = "import sys, imagine_site.documents; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
