"""The writing surface, acted out in a real browser, mostly with the keyboard alone."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from imagine_site.documents import clean, parse
from imagine_site.documents.schema import ELEMENTS
from imagine_site.images.models import Image
from tests.factories.images import image_bytes, make_image
from tests.factories.labs import laboratory
from tests.factories.news import post as a_post
from tests.factories.people import researcher

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EVERYTHING = """
<p>Chosen by <a data-record="laboratory:4">the laboratory</a><span data-footnote="n1">In
<em>Paris</em>, with <a href="https://example.org/?a=1&amp;b=2">friends</a> and
<a data-record="researcher:3">Ada</a>.</span>, <strong>exceptional <em>work</em></strong>,
H<sub>2</sub>O, x<sup>2</sup>, <span lang="fr">à la française&nbsp;!</span> and
<a href="/en/news/">news</a>, <a href="mailto:a@example.org">mail</a>,
a <a data-file="7">file</a>.</p>
<h2>A heading with <em>words</em></h2>
<p>Again<span data-footnote="n1"></span>, and one<br>line
further<span data-footnote="">Alone.</span></p>
<figure data-image="{0}"><figcaption>Arrival of the <em>President</em><span data-footnote="">Seen
from the left.</span></figcaption></figure>
<figure data-image="{1}" data-width="wide" data-alt="Only &quot;here&quot;"></figure>
<blockquote><p>It is an agile <strong>model</strong>.</p><p>And open.</p>
<footer><cite data-record="researcher:3">Pr Ada Person</cite><span>director</span></footer>
</blockquote>
<blockquote><p>Nobody knows who said this.</p></blockquote>
<blockquote><p>A name, no record.</p><footer><cite>Somebody</cite></footer></blockquote>
<h3>Lists</h3>
<ul><li>One</li><li>Two<ul><li>Nested<ol><li>Deep</li></ol></li></ul></li><li><p>a</p><p>b</p></li></ul>
<ol><li>First</li></ol>
<aside><p>A callout.</p><ul><li>point</li></ul></aside>
<aside data-figure=""><p><strong>15%</strong> of severe forms</p></aside>
<table><caption>Raised, in <em>millions</em></caption>
<thead><tr><th scope="col" rowspan="2">Year</th><th scope="colgroup" colspan="2">Sum</th></tr>
<tr><th scope="col">in</th><th scope="col">out</th></tr></thead>
<tbody><tr><th scope="row">2019</th><td>12</td><td>3</td></tr>
<tr><td colspan="3"><p>a</p><p>b<span data-footnote="">In a cell.</span></p></td></tr>
<tr><td rowspan="2">c</td><td></td><td>x</td></tr>
<tr><td><ul><li>d</li></ul></td><td>y</td></tr></tbody></table>
<figure data-gallery="{0} {1}"><figcaption>Gallery</figcaption></figure>
<figure data-video="youtube:abc_12-3" data-poster="{0}"><figcaption>Film</figcaption></figure>
<hr><p>The end.</p>
"""


@pytest.fixture
def everything():
    return clean(EVERYTHING.format(make_image().pk, make_image().pk))


@pytest.fixture
def write(signed_in, live_server):
    """Opens the form of a story with an English text; gives the page, with the caret at the end."""

    def opened(body="<p>Before.</p>"):
        story = a_post(body_en=body)
        signed_in.story = story
        signed_in.goto(live_server.url + reverse("admin:news_post_change", args=[story.pk]))
        expect(signed_in.locator(".document-editor")).to_have_count(2)
        surface(signed_in).evaluate("element => element.editor.commands.focus('end')")
        in_the_text(signed_in)
        return signed_in

    yield opened
    assert signed_in.complaints == []


def surface(page):
    return page.locator(".document-editor:has(#id_body_en) .document")


def in_the_text(page) -> None:
    """Waits until the caret is in the text and stays where it is put: ProseMirror sets its own
    selection once more 20 ms after it is focused. No person is that quick."""
    expect(dialog(page)).to_have_count(0)
    expect(surface(page)).to_be_focused()
    page.wait_for_timeout(50)


def written(page) -> str:
    """What a plain submit of the form would send, as the site would store it."""
    in_the_text(page)
    return clean(page.locator("#id_body_en").input_value())


def dialog(page):
    return page.locator("dialog[open]")


def save(page):
    page.locator("input[name=_continue]").click()
    page.wait_for_load_state()
    expect(page.locator(".document-editor")).to_have_count(2)
    page.story.refresh_from_db()
    return page.story


def paste(page, html: str) -> None:
    surface(page).evaluate("(element, html) => element.editor.view.pasteHTML(html)", html)


class TestNothingIsLost:
    def test_the_sample_has_every_element_and_attribute_of_the_schema(self, everything):
        seen = {element.name: set() for element in parse(everything).walk()}
        for element in parse(everything).walk():
            seen[element.name] |= {name for name, _value in element.attributes}
        assert seen == {name: set(attributes) for name, attributes in ELEMENTS.items()}

    def test_what_the_editor_holds_is_exactly_what_is_stored(self, write, everything):
        page = write(everything)
        assert surface(page).evaluate("element => element.editor.getHTML()") == everything

    def test_opening_and_saving_changes_nothing(self, write, everything):
        page = write(everything)
        version = page.story.version
        story = save(page)
        assert (story.body_en, story.version) == (everything, version)

    def test_one_more_word_is_all_that_changes(self, write, everything):
        page = write(everything)
        page.keyboard.type(" Really.")
        assert page.locator("#id_body_en").input_value() == everything.replace(
            "The end.", "The end. Really."
        )
        assert save(page).body_en == everything.replace("The end.", "The end. Really.")

    def test_a_copy_pasted_into_the_editor_is_the_same(self, write, everything):
        page = write(everything)
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+x")
        assert written(page) == ""
        page.keyboard.press("Control+v")
        assert written(page) == everything

    def test_without_javascript_the_text_is_edited_as_html(self, browser, signed_in, live_server):
        story = a_post()
        context = browser.new_context(
            java_script_enabled=False, storage_state=signed_in.context.storage_state()
        )
        plain = context.new_page()
        plain.goto(live_server.url + reverse("admin:news_post_change", args=[story.pk]))
        plain.locator("#id_body_en").fill("<p>By <b>hand</b>.</p>")
        plain.locator("input[name=_continue]").click()
        context.close()
        story.refresh_from_db()
        assert story.body_en == "<p>By <strong>hand</strong>.</p>"


class TestPictures:
    def test_a_picture_is_put_in_with_the_keyboard_alone(self, write):
        make_image(title="Another")
        image = make_image(title="Arrivée du président")
        page = write()
        page.keyboard.press("Control+Alt+p")
        expect(dialog(page).get_by_label("Search the library")).to_be_focused()
        page.keyboard.type("arrivée")
        expect(dialog(page).locator(".picture-option")).to_have_count(1)
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(dialog(page).locator(".picture-preview__title")).to_have_text(image.title)
        page.keyboard.press("Tab")  # the width
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")  # the alternative text
        page.keyboard.type("The car")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        in_the_text(page)
        page.keyboard.type("He arrives")
        page.keyboard.press("Enter")
        page.keyboard.type("After.")
        assert written(page) == (
            f'<p>Before.</p><figure data-image="{image.pk}" data-width="wide" data-alt="The car">'
            "<figcaption>He arrives</figcaption></figure><p>After.</p>"
        )
        figure = surface(page).locator("figure img")
        expect(figure).to_have_attribute("alt", "The car")
        assert figure.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0

    def test_escape_leaves_the_dialog_and_the_text_as_they_were(self, write):
        make_image()
        page = write()
        page.keyboard.press("Control+Alt+p")
        expect(dialog(page)).to_be_visible()
        page.keyboard.press("Escape")
        in_the_text(page)
        page.keyboard.type(" Here.")
        assert written(page) == "<p>Before. Here.</p>"

    def test_a_picture_is_uploaded_from_within_the_dialog(self, write):
        page = write()
        page.keyboard.press("Control+Alt+p")
        dialog(page).get_by_role("button", name="Upload a picture").click()
        dialog(page).get_by_label("File").set_input_files(
            {"name": "visit.jpg", "mimeType": "image/jpeg", "buffer": image_bytes(300, 200)}
        )
        dialog(page).get_by_role("button", name="Upload", exact=True).click()
        expect(dialog(page).get_by_label("Credit")).to_have_attribute("aria-invalid", "true")
        expect(dialog(page).get_by_label("Credit")).to_be_focused()
        page.keyboard.type("A. Person")
        dialog(page).get_by_label("Alternative text in English").fill("A car")
        dialog(page).get_by_label("Alternative text in French").fill("Une voiture")
        dialog(page).get_by_role("button", name="Upload", exact=True).click()
        expect(dialog(page).locator(".picture-option :checked")).to_have_count(1)
        dialog(page).get_by_role("button", name="Insert").click()
        expect(surface(page).locator("figure img")).to_have_attribute("alt", "A car")
        image = Image.objects.get()
        assert image.created_by == page.user
        assert f'<figure data-image="{image.pk}"></figure>' in written(page)
        # The refused try is in the console too: the browser's own word for a 400.
        assert [c for c in page.complaints if "400" not in c] == []
        page.complaints.clear()

    def test_enter_on_a_selected_picture_changes_it_and_backspace_removes_it(self, write):
        first, second = make_image(), make_image(title="The second")
        page = write(f'<p>Before.</p><figure data-image="{first.pk}"></figure>')
        surface(page).locator("figure img").click()
        page.keyboard.press("Enter")
        dialog(page).get_by_text("The second").click()
        dialog(page).get_by_role("button", name="Apply").click()
        assert f'data-image="{second.pk}"' in written(page)
        surface(page).locator("figure img").click()
        page.keyboard.press("Backspace")
        assert written(page) == "<p>Before.</p>"

    def test_a_gallery_keeps_the_order_of_choosing(self, write):
        first, second = make_image(title="First"), make_image(title="Second")
        page = write()
        page.get_by_role("button", name="Gallery").first.click()
        dialog(page).get_by_text("Second").click()
        dialog(page).get_by_text("First").click()
        dialog(page).get_by_role("button", name="Insert").click()
        assert f'<figure data-gallery="{second.pk} {first.pk}"></figure>' in written(page)


class TestQuotes:
    def test_a_paragraph_becomes_a_quote_of_somebody_of_the_register(self, write):
        speaker = researcher(given_name="Stanislas", family_name="Lyonnét", honorific="Pr")
        page = write("<p>Before.</p><p>It is an agile model.</p>")
        page.keyboard.press("Control+Alt+q")
        page.keyboard.type("lyonnet")
        expect(dialog(page).get_by_role("option")).to_have_count(1)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(dialog(page).get_by_text("Linked to Pr Stanislas Lyonnét")).to_be_visible()
        dialog(page).get_by_label("Role").focus()
        page.keyboard.type("director")
        page.keyboard.press("Enter")
        expect(dialog(page)).to_have_count(0)
        assert written(page) == (
            "<p>Before.</p><blockquote><p>It is an agile model.</p><footer>"
            f'<cite data-record="{speaker.reference}">Pr Stanislas Lyonnét</cite>'
            "<span>director</span></footer></blockquote>"
        )

    def test_a_speaker_may_be_somebody_the_register_does_not_know(self, write):
        page = write("<p>Agile.</p>")
        page.keyboard.press("Control+Alt+q")
        page.keyboard.type("A visitor")
        page.keyboard.press("Enter")
        assert written(page) == (
            "<blockquote><p>Agile.</p><footer><cite>A visitor</cite></footer></blockquote>"
        )
        page.keyboard.press("Control+Alt+q")
        dialog(page).get_by_role("button", name="Make it plain text").click()
        assert written(page) == "<p>Agile.</p>"

    def test_two_enters_lead_out_of_a_quote(self, write):
        page = write("<blockquote><p>Agile.</p><footer><cite>A</cite></footer></blockquote>")
        surface(page).locator("blockquote p").click()
        page.keyboard.press("End")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.keyboard.type("After.")
        assert written(page) == (
            "<blockquote><p>Agile.</p><footer><cite>A</cite></footer></blockquote><p>After.</p>"
        )


class TestNotes:
    def test_a_note_is_written_where_it_is_called(self, write):
        page = write("<p>Six founding members</p>")
        page.keyboard.press("Control+Alt+f")
        page.keyboard.type("Since ")
        page.keyboard.press("Control+i")
        page.keyboard.type("2007")
        page.keyboard.press("Enter")
        in_the_text(page)
        page.keyboard.type(", says the text.")
        assert written(page) == (
            '<p>Six founding members<span data-footnote="">Since <em>2007</em></span>'
            ", says the text.</p>"
        )
        expect(surface(page).locator(".footnote-call")).to_have_text("1")
        expect(page.locator(".document-notes li").first).to_contain_text("Since 2007")

    def test_a_note_is_changed_from_the_list_under_the_text(self, write):
        page = write('<p>One<span data-footnote="">Frist</span> and two.</p>')
        page.get_by_role("button", name="Change note 1").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Control+a")
        page.keyboard.type("First")
        page.keyboard.press("Enter")
        assert written(page) == '<p>One<span data-footnote="">First</span> and two.</p>'

    def test_a_second_call_shares_the_note_and_outlives_the_first(self, write):
        page = write('<p>One<span data-footnote="">Shared</span></p><p>Two</p>')
        page.keyboard.press("Control+Alt+f")
        dialog(page).get_by_label("Which note").select_option("1")
        dialog(page).get_by_role("button", name="Insert").click()
        assert written(page) == (
            '<p>One<span data-footnote="n1">Shared</span></p>'
            '<p>Two<span data-footnote="n1"></span></p>'
        )
        expect(surface(page).locator(".footnote-call")).to_have_text(["1", "1"])
        surface(page).locator(".footnote-call").first.click()
        page.keyboard.press("Delete")
        assert written(page) == '<p>One</p><p>Two<span data-footnote="n1">Shared</span></p>'

    def test_an_empty_note_is_refused_and_escape_leaves(self, write):
        page = write("<p>One</p>")
        page.keyboard.press("Control+Alt+f")
        page.keyboard.press("Enter")
        expect(dialog(page).get_by_text("A note needs a text.")).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog(page)).to_have_count(0)
        assert page.locator("#id_body_en").input_value() == "<p>One</p>"


class TestLinks:
    def test_a_name_of_the_register_is_typed_found_and_linked(self, write):
        found = laboratory(name_en="Laboratory of the Génome")
        page = write("<p>Work of</p>")
        page.keyboard.type(" ")
        page.keyboard.press("Control+Shift+k")
        page.keyboard.type("genome")
        expect(dialog(page).get_by_role("option")).to_have_count(1)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        in_the_text(page)
        page.keyboard.type(" again")
        assert written(page) == (
            f'<p>Work of <a data-record="{found.reference}">{found}</a> again</p>'
        )

    def test_a_name_must_be_chosen_from_the_list(self, write):
        page = write()
        page.keyboard.press("Control+Shift+k")
        page.keyboard.type("nobody")
        page.keyboard.press("Enter")
        expect(dialog(page).get_by_text("Choose a name from the list.")).to_be_visible()
        expect(dialog(page).get_by_role("combobox", name="Name")).to_have_attribute(
            "aria-invalid", "true"
        )

    def test_a_link_leads_only_where_a_link_may(self, write):
        page = write("<p>News</p>")
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+k")
        page.keyboard.type("javascript:alert(1)")
        page.keyboard.press("Enter")
        expect(dialog(page).get_by_text("This is no address")).to_be_visible()
        dialog(page).get_by_label("Address").fill("example.org/news")
        page.keyboard.press("Enter")
        assert written(page) == '<p><a href="https://example.org/news">News</a></p>'
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Control+k")
        dialog(page).get_by_role("button", name="Remove the link").click()
        assert written(page) == "<p>News</p>"


class TestTools:
    def test_the_toolbar_is_one_stop_and_arrows_move_inside(self, write):
        page = write("<p>Words</p>")
        page.keyboard.press("Alt+F10")
        expect(page.get_by_role("button", name="Undo").first).to_be_focused()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("button", name="Heading", exact=True).first).to_be_focused()
        page.keyboard.press("Enter")
        assert written(page) == "<h2>Words</h2>"
        page.keyboard.press("Alt+F10")
        page.keyboard.press("Escape")
        page.keyboard.type(" here")
        assert written(page) == "<h2>Words here</h2>"

    def test_every_tool_is_large_enough_and_has_a_name(self, write):
        page = write()
        for button in page.locator(".document-toolbar").first.locator("button").all():
            box = button.bounding_box()
            assert box["width"] >= 24
            assert box["height"] >= 24
            assert button.evaluate("b => b.getAttribute('aria-label') || b.textContent")

    def test_a_table_has_its_headers_said(self, write):
        page = write()
        page.keyboard.press("Control+Alt+t")
        dialog(page).get_by_label("Rows", exact=True).fill("2")
        dialog(page).get_by_label("Columns", exact=True).fill("2")
        dialog(page).get_by_label("Title of the table").fill("Sums")
        page.keyboard.press("Enter")
        for words in ("Year", "Sum", "2019"):
            page.keyboard.type(words)
            page.keyboard.press("Tab")
        page.keyboard.type("12")
        page.get_by_role("button", name="Header column").first.click()
        assert written(page) == (
            "<p>Before.</p><table><caption>Sums</caption><thead><tr>"
            '<th scope="col">Year</th><th scope="col">Sum</th></tr></thead>'
            '<tbody><tr><th scope="row">2019</th><td>12</td></tr></tbody></table>'
        )
        page.get_by_role("button", name="Header row").first.click()
        assert "thead" not in written(page)
        page.keyboard.press("Control+Enter")
        page.keyboard.type("After.")
        assert written(page).endswith("</table><p>After.</p>")

    def test_a_video_is_known_by_the_address_of_its_page(self, write):
        page = write()
        page.get_by_role("button", name="Video").first.click()
        page.keyboard.type("https://example.org/film")
        page.keyboard.press("Enter")
        expect(dialog(page).get_by_text("This is no address of a video")).to_be_visible()
        dialog(page).get_by_label("Address").fill("https://www.youtube.com/watch?t=3&v=abc_12-3")
        page.keyboard.press("Enter")
        assert '<figure data-video="youtube:abc_12-3"></figure>' in written(page)

    def test_undo_takes_back_one_thing(self, write):
        page = write("<p>Agile.</p>")
        page.get_by_role("button", name="Callout").first.click()
        assert written(page) == "<aside><p>Agile.</p></aside>"
        page.keyboard.press("Control+z")
        assert written(page) == "<p>Agile.</p>"


WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<style>p{mso-a:b}</style></head><body lang=FR><!--StartFragment-->
<h1 style='mso-x:y'><b>Un titre<o:p></o:p></b></h1>
<p class=MsoNormal style='margin:0'><span lang=FR style='font-family:"Calibri"'>Du <b>gras</b>, de
l’<i>italique</i><a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1" title=""><span
class=MsoFootnoteReference><span>[1]</span></span></a>.<o:p></o:p></span></p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span>&nbsp;&nbsp;
</span></span></span><![endif]>Premier</p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><span
style='mso-list:Ignore'>o<span>&nbsp; </span></span>Dedans</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'>· &nbsp;Second</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span
style='mso-list:Ignore'>1.<span>&nbsp;</span></span>Un</p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<table class=MsoTable border=1><tr><td width=100 style='border:1px'><p class=MsoNormal>a</p></td>
<td><p class=MsoNormal>b</p></td></tr></table>
<img width=200 height=100 src="file:///C:/a.png"><script>alert(1)</script>
<div style='mso-element:footnote-list'><br clear=all><hr align=left size=1 width="33%"><div
style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText><a style='mso-footnote-id:ftn1'
href="#_ftnref1" name="_ftn1" title=""><span class=MsoFootnoteReference><span>[1]</span></span></a>
Une <i>note</i>.</p></div></div><!--EndFragment--></body></html>"""

GOOGLE = """<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1">
<h1 dir="ltr" style="line-height:1.38"><span
style="font-size:20pt;font-weight:400">Title</span></h1>
<p dir="ltr"><span style="font-weight:700;font-style:normal">bold</span><span> and </span><span
style="font-style:italic;font-weight:400">italic</span><span
style="font-size:0.6em;vertical-align:super"><a href="#ftnt1" id="ftnt_ref1">[1]</a></span><a href="https://example.org/"
style="text-decoration:none"><span style="color:#1155cc">link</span></a></p>
<ul><li dir="ltr" style="list-style-type:disc" aria-level="1"><p dir="ltr"
role="presentation"><span>One</span></p></li></ul>
<hr><div><p><a href="#ftnt_ref1" id="ftnt1">[1]</a><span> The note.</span></p></div></b>"""

WEB = """<article class="post" onclick="x()"><h4 class="t">Small</h4><p style="color:red">Text <font
color=blue>blue</font> <a href="javascript:alert(1)">bad</a> <a href="/relative">good</a></p>
<picture><source srcset="a.avif"><img src="https://example.org/a.jpg" alt="x"
onerror="alert(1)"></picture><img src="https://example.org/b.jpg">
<figure><blockquote><p>Said.</p></blockquote><figcaption>— Ada Person, director</figcaption>
</figure><iframe src="https://www.youtube.com/embed/abc123"></iframe>
<table><tbody><tr><th>Year</th></tr><tr><td>2019</td></tr></tbody></table></article>"""


class TestPaste:
    def test_from_word(self, write):
        page = write("")
        paste(page, WORD)
        assert written(page) == (
            "<h2>Un titre</h2><p>Du <strong>gras</strong>, de l’<em>italique</em>"
            '<span data-footnote="">Une <em>note</em>.</span>.</p>'
            "<ul><li>Premier<ul><li>Dedans</li></ul></li><li>Second</li></ul><ol><li>Un</li></ol>"
            "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>"
        )
        expect(page.get_by_text("One picture was left out")).to_be_visible()

    def test_from_google_docs(self, write):
        page = write("")
        paste(page, GOOGLE)
        assert written(page) == (
            "<h2>Title</h2><p><strong>bold</strong> and <em>italic</em>"
            '<span data-footnote="">The note.</span><a href="https://example.org/">link</a></p>'
            "<ul><li>One</li></ul>"
        )

    def test_from_a_web_page(self, write):
        page = write("")
        paste(page, WEB)
        assert written(page) == (
            '<h3>Small</h3><p>Text blue bad <a href="/relative">good</a></p>'
            "<blockquote><p>Said.</p><footer><cite>Ada Person</cite><span>director</span></footer>"
            '</blockquote><figure data-video="youtube:abc123"></figure>'
            "<table><thead><tr><th>Year</th></tr></thead><tbody><tr><td>2019</td></tr></tbody></table>"
        )
        expect(page.get_by_text("2 pictures were left out")).to_be_visible()

    def test_plain_text_keeps_its_paragraphs(self, write):
        page = write("")
        surface(page).evaluate("element => element.editor.view.pasteText('One\\n\\nTwo')")
        assert re.sub(r"\s+", " ", written(page)) == "<p>One</p><p>Two</p>"

    def test_a_picture_file_goes_to_the_library_first(self, write):
        page = write()
        surface(page).evaluate(
            """(element, bytes) => {
                const files = new DataTransfer();
                const picture = new Uint8Array(bytes);
                files.items.add(new File([picture], "visit.png", {type: "image/png"}));
                element.dispatchEvent(new ClipboardEvent(
                    "paste", {clipboardData: files, bubbles: true, cancelable: true}));
            }""",
            list(image_bytes(120, 80, "PNG")),
        )
        assert dialog(page).get_by_label("File").evaluate("input => input.files[0].name") == (
            "visit.png"
        )
        dialog(page).get_by_label("Credit").fill("A. Person")
        dialog(page).get_by_label("Decorative: it").check()
        page.keyboard.press("Enter")
        expect(dialog(page).locator(".picture-option :checked")).to_have_count(1)
        dialog(page).get_by_role("button", name="Insert").click()
        image = Image.objects.get()
        assert written(page) == f'<p>Before.</p><figure data-image="{image.pk}"></figure>'
