"""What a visitor gets."""

import pytest

from imagine_site.documents import Document, Element, Heading, Text, anchor_for, render

from .resolving import FakeFile, FakeImage, FakeRecord, FakeResolver


@pytest.fixture
def resolver():
    return FakeResolver(
        images={
            12: FakeImage(),
            15: FakeImage(alt="A door", credit=""),
            16: FakeImage(credit="© X"),
        },
        records={"researcher:3": FakeRecord("Pr A", "/en/people/a/")},
        files={
            7: FakeFile("Report", "/files/7/r.pdf", "PDF, 1.2 MB"),
            9: FakeFile("Rapport", "/files/9/r.pdf", "PDF, 1 MB, in French", "fr"),
            10: FakeFile("x", "javascript:alert(1)", "<b>"),
        },
    )


@pytest.fixture
def shown(resolver):
    return lambda source, language="en": render(source, resolver=resolver, language=language).html


def test_headings_get_unique_ascii_anchors(resolver):
    rendered = render(
        "<h2>L’été à l’<em>Œuvre</em></h2><h3>L'été à l'œuvre !</h3><h2>病</h2><h2>Notes</h2>"
        "<h2>Note 1</h2>",
        resolver=resolver,
        language="fr",
    )
    assert rendered.headings == (
        Heading(2, "L’été à l’Œuvre", "l-ete-a-l-oeuvre"),
        Heading(3, "L'été à l'œuvre !", "l-ete-a-l-oeuvre-2"),
        Heading(2, "病", "section"),
        Heading(2, "Notes", "notes-2"),
        Heading(2, "Note 1", "section-note-1"),
    )
    assert '<h2 id="l-ete-a-l-oeuvre">L’été à l’<em>Œuvre</em></h2>' in rendered.html


def test_a_long_anchor_ends_with_a_whole_word():
    assert anchor_for("word " * 30) == "-".join(["word"] * 12)
    assert len(anchor_for("x" * 200)) == 60


def test_a_footnote_is_numbered_and_leads_back(resolver):
    rendered = render(
        "<p>a<span data-footnote=''>one <a href='https://x.y/'>l</a></span></p>",
        resolver=resolver,
        language="en",
    )
    assert rendered.footnotes == 1
    assert rendered.html == (
        '<p>a<sup class="footnote-call"><a href="#note-1" id="note-call-1" role="doc-noteref" '
        'aria-label="Note 1">1</a></sup></p>\n'
        '<section class="footnotes" role="doc-endnotes" aria-labelledby="notes">'
        '<h2 id="notes">Notes</h2>\n<ol>\n'
        '<li id="note-1">one <a href="https://x.y/" rel="external noopener">l</a> '
        '<a href="#note-call-1" role="doc-backlink" aria-label="Back to the text, note 1">'
        "↩\ufe0e</a></li>\n</ol></section>\n"
    )


def test_a_shared_footnote_is_one_note_with_a_way_back_to_each_call(shown):
    html = shown(
        "<p>a<span data-footnote=n>one</span> b<span data-footnote=''>two</span>"
        " c<span data-footnote=n></span></p>",
        "fr-FR",
    )
    assert html.count("<li id=") == 2
    assert 'href="#note-1" id="note-call-1-2"' in html
    assert (
        '<a href="#note-call-1-2" role="doc-backlink" '
        'aria-label="Retour au texte, note 1, appel 2">↩\ufe0e<sup>2</sup></a>' in html
    )
    assert 'aria-label="Retour au texte, note 2">' in html


def test_footnotes_may_stand_in_headings_captions_quotations_and_tables(resolver):
    rendered = render(
        "<h2>a<span data-footnote=''>1st</span></h2>"
        "<figure data-image=12><figcaption>b<span data-footnote=''>2nd</span></figcaption></figure>"
        "<blockquote>c<span data-footnote=''>3rd</span></blockquote>"
        "<table><caption>d<span data-footnote=''>4th</span></caption>"
        "<tr><td>e<span data-footnote=''>5th</span></table>",
        resolver=resolver,
        language="en",
    )
    assert rendered.footnotes == 5
    assert rendered.headings[0].text == "a"
    positions = [rendered.html.index(text) for text in ("1st", "2nd", "3rd", "4th", "5th")]
    assert positions == sorted(positions)
    assert 'aria-label="Table 1: d"' in rendered.html


def test_a_pull_quote_names_its_speaker(shown):
    quote = (
        "<blockquote><p>x</p><footer><cite data-record=researcher:{}>Pr &amp; A</cite>"
        "<span>head</span></footer></blockquote>"
    )
    assert shown(quote.format(3)) == (
        '<figure class="pull-quote"><blockquote>\n<p>x</p>\n</blockquote><figcaption>'
        '<a href="/en/people/a/">Pr &amp; A</a>, head</figcaption></figure>\n'
    )
    assert "<figcaption>Pr &amp; A, head</figcaption>" in shown(quote.format(99))
    assert "figcaption" not in shown("<blockquote>x</blockquote>")


def test_a_figure_shows_its_picture_caption_and_credit(shown):
    assert shown(
        "<figure data-image=12 data-width=wide data-alt='&quot;Us&quot;'>"
        "<figcaption>The <em>hall</em></figcaption></figure>"
    ) == (
        '<figure class="figure figure--wide"><picture><img src="/media/r/x.jpg" '
        'alt="&quot;Us&quot;" sizes="(min-width: 80rem) 76rem, 100vw"></picture>'
        '<figcaption>The <em>hall</em> <small class="credit">© Jane Doe</small></figcaption>'
        "</figure>\n"
    )
    only_credit = shown("<figure data-image=12></figure>")
    assert '<figcaption><small class="credit">© Jane Doe</small></figcaption>' in only_credit
    assert 'alt="A hall"' in only_credit
    assert "figcaption" not in shown("<figure data-image=15></figure>")
    assert '"credit">© X<' in shown("<figure data-image=16></figure>")


def test_a_figure_whose_image_is_gone_is_left_out(shown):
    assert shown("<figure data-image=99><figcaption>x</figcaption></figure>") == ""
    assert shown("<figure data-gallery='98 99'></figure>") == ""


def test_a_gallery_shows_the_images_that_exist(shown):
    html = shown("<figure data-gallery='15 99 12'><figcaption>x</figcaption></figure>")
    assert html.count("<li>") == 2
    assert html.index("A door") < html.index("A hall")
    assert "<figcaption>x</figcaption>" in html


def test_each_picture_of_a_gallery_is_a_link_to_itself_that_says_so(shown, resolver):
    html = shown("<figure data-gallery='15 12'></figure>")
    assert (
        '<li><a class="gallery__link" href="/media/r/1600.jpg" '
        'aria-label="Enlarge picture 2 of 2: A hall"><picture>' in html
    )
    resolver.images[12] = FakeImage(alt="")
    french = shown("<figure data-gallery='12'></figure>", "fr")
    assert 'aria-label="Agrandir l’image 1 sur 1"' in french


def test_a_video_is_a_link_and_nothing_is_fetched_from_its_provider(shown):
    html = shown(
        "<figure data-video=youtube:a_B-9 data-poster=12><figcaption>Film</figcaption></figure>",
        "fr",
    )
    assert (
        '<a class="video__link" href="https://www.youtube.com/watch?v=a_B-9" '
        'rel="external noopener" aria-label="Regarder sur YouTube&nbsp;: Film">' in html
    )
    assert "iframe" not in html
    assert 'alt=""' in html
    assert "<figcaption>Film " in html
    assert 'href="https://vimeo.com/1"' in shown("<figure data-video=vimeo:1></figure>")
    assert 'href="https://www.dailymotion.com/video/x"' in shown(
        "<figure data-video=dailymotion:x></figure>"
    )


def test_links_are_made_of_what_exists(shown):
    assert shown("<p><a data-record=researcher:3>her</a></p>") == (
        '<p><a href="/en/people/a/">her</a></p>\n'
    )
    assert shown("<p><a data-record=researcher:9>her</a></p>") == "<p>her</p>\n"
    assert shown("<p><a href='https://x.y/?a&b'>it</a></p>") == (
        '<p><a href="https://x.y/?a&amp;b" rel="external noopener">it</a></p>\n'
    )
    assert shown("<p><a href='/x'>it</a></p>") == '<p><a href="/x">it</a></p>\n'


def test_a_link_to_a_file_says_what_one_gets(shown):
    """Within the link: its name says format and size wherever it is read alone (RGAA 6.1, 13.3)."""
    assert shown("<p><a data-file=7>it</a></p>") == (
        '<p><a class="file" href="/files/7/r.pdf">it '
        '<span class="file__size">(PDF, 1.2 MB)</span></a></p>\n'
    )
    french = (
        '<p><a class="file" href="/files/9/r.pdf"{}>it '
        '<span class="file__size">(PDF, 1 MB, in French)</span></a></p>\n'
    )
    assert shown("<p><a data-file=9>it</a></p>") == french.format(' hreflang="fr"')
    assert shown("<p><a data-file=9>it</a></p>", "fr") == french.format("")
    # Gone, or not to be linked to: the words of the text stay.
    assert shown("<p><a data-file=8>it</a></p>") == "<p>it</p>\n"
    assert shown("<p><a data-file=10>it</a></p>") == "<p>it</p>\n"


def test_a_table_scrolls_in_a_region_with_a_name_of_its_own(shown):
    html = shown("<table><tr><th scope=col>a<td colspan=2>b</table>" * 2, "fr")
    assert html.startswith(
        '<div class="table-scroll" tabindex="0" role="region" aria-label="Tableau 1"><table>'
    )
    assert 'aria-label="Tableau 2"' in html
    assert '<th scope="col">a</th><td colspan="2">b</td>' in html


def test_callouts_and_key_figures_are_no_landmarks(shown):
    assert shown("<aside>a</aside>") == ('<div class="callout" role="note">\n<p>a</p>\n</div>\n')
    assert shown("<aside data-figure><b>15%</b> of x</aside>") == (
        '<div class="key-figure">\n<p><strong>15%</strong> of x</p>\n</div>\n'
    )


def test_lists_line_breaks_and_languages_stay(shown):
    assert shown("<ol><li>a<br>b<ul><li>c</ul></ol><hr>") == (
        "<ol>\n<li>a<br>b<ul>\n<li>c</li>\n</ul>\n</li>\n</ol>\n<hr>\n"
    )
    assert shown("<p><span lang=la>in vivo</span></p>") == (
        '<p><span lang="la">in vivo</span></p>\n'
    )


def test_an_unknown_language_gets_english_words(shown):
    assert "Back to the text" in shown("<p>a<span data-footnote>b</span></p>", "oc")


def test_a_tree_made_by_hand_cannot_bring_in_what_the_schema_does_not_have(resolver):
    document = Document(
        (
            Element("script", (), (Text("alert(1)<"),)),
            Element(
                "p",
                (("onclick", "x"),),
                (
                    Element("a", (("href", "javascript:alert(1)"),), (Text("a"),)),
                    Element("img", (("onerror", "x"),), ()),
                    Element("span", (("lang", '"><script>'),), (Text("b"),)),
                ),
            ),
            Element("figure", (("data-video", 'youtube:"><script>'),), ()),
        )
    )
    html = render(document, resolver=resolver, language="en").html
    assert html == '<p>alert(1)&lt;</p><p>a<span lang="&quot;&gt;&lt;script&gt;">b</span></p>\n'


def test_an_empty_document_is_empty(shown):
    assert shown("") == ""
