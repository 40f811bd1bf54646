"""What the plain-text reader makes of pages as they are really copied from web sites."""

from datetime import date
from pathlib import Path

import pytest

from imagine_site.documents import plain_text, words
from news.importers.article import CaptionLine, Heading, ItemList, NoteCall, Paragraph, Quote
from news.importers.files import SourceError
from news.importers.sources import read
from news.importers.text import read_text

GIVEN = Path(__file__).parents[3].parent / "shared" / "articles" / "presidential-visit.en.txt"

HEAD = """A new garden for the patients

The institute opens a garden on its roof, where children in treatment can plant and harvest.

Published on 12.05.2021

Campus life

"""


def article(text: str, language: str = "en"):
    found = read_text(text, source="sample.txt", language=language)
    assert found.words_lost == ()
    assert found.words_added == ()
    assert found.words_in == found.words_out
    return found


def body(text: str, language: str = "en"):
    """Return the article whose header is the usual one and whose body is `text`."""
    return article(HEAD + text, language)


def codes(found) -> set[str]:
    return {doubt.code for doubt in found.doubts}


def paragraphs(found) -> list[str]:
    return [part.as_read() for part in found.blocks if isinstance(part, Paragraph)]


def pull_quotes(found) -> list[Quote]:
    return [part for part in found.blocks if isinstance(part, Quote)]


# The header


def test_title_summary_date_and_section_are_read_from_the_usual_order():
    found = body("The garden has forty square metres of earth.")
    assert found.title == "A new garden for the patients"
    assert found.lede.startswith("The institute opens a garden")
    assert found.published == date(2021, 5, 12)
    assert found.published_raw == "Published on 12.05.2021"
    assert found.section == "Campus life"
    assert paragraphs(found) == ["The garden has forty square metres of earth."]
    assert found.doubts == ()


def test_the_date_line_may_stand_right_below_the_title():
    found = article(
        "A new garden\n\nPublished on 12.05.2021\n\nCampus life\n\n"
        "The institute opens a garden on its roof.\n\nIt has forty square metres of earth."
    )
    assert (found.section, found.lede) == (
        "Campus life",
        "The institute opens a garden on its roof.",
    )
    assert paragraphs(found) == ["It has forty square metres of earth."]


def test_the_date_and_the_category_may_stand_above_the_title():
    found = article(
        "Actualité\n\n4 décembre 2020\n\nUn jardin sur le toit\n\n"
        "L'institut ouvre un jardin sur son toit.\n\nIl a quarante mètres carrés de terre.",
        "fr",
    )
    assert found.published == date(2020, 12, 4)
    assert found.title == "Un jardin sur le toit"
    found = article(
        "12/05/2021\n\nCampus life\n\nA new garden\n\n"
        "The institute opens a garden on its roof.\n\nIt has forty square metres of earth."
    )
    assert (found.section, found.title) == ("Campus life", "A new garden")


def test_the_category_may_share_the_line_of_the_date():
    found = article(
        "Un jardin sur le toit\n\nPublié le 4 décembre 2020 | Vie du campus\n\n"
        "L'institut ouvre un jardin sur son toit.\n\nIl a quarante mètres carrés de terre.",
        "fr",
    )
    assert found.section == "Vie du campus"
    assert found.published_raw == "Publié le 4 décembre 2020"


def test_a_content_type_may_follow_the_category():
    found = body("The garden has forty square metres of earth.")
    assert found.content_type == ""
    text = HEAD + "Press release\n\nThe garden has forty square metres of earth."
    assert article(text).content_type == "Press release"


def test_a_first_paragraph_is_no_title():
    prose = "The institute opens a garden on its roof this summer. " * 6
    found = article(f"{prose}\n\nPublished on 12.05.2021\n\nCampus life\n\nMore of the same here.")
    assert found.title == ""
    assert "no-title" in codes(found)


def test_an_empty_date_line_gives_no_date_and_says_so():
    found = article(
        "Un jardin sur le toit\n\nL'institut ouvre un jardin sur son toit.\n\nPublié le\n\n"
        "Vie du campus\n\nIl a quarante mètres carrés de terre.",
        "fr",
    )
    assert found.published is None
    assert found.published_raw == "Publié le"
    assert found.section == "Vie du campus"
    assert "date" in codes(found)


def test_a_missing_date_is_reported():
    found = article(
        "A new garden\n\nThe institute opens a garden.\n\nIt has forty metres of earth."
    )
    assert found.published is None
    assert "no-date" in codes(found)


def test_a_date_in_a_sentence_is_not_the_date_of_the_article():
    found = article(
        "A new garden\n\nOn 4 December 2020, the institute opened a garden.\n\n"
        "It has forty square metres of earth."
    )
    assert found.published is None


def test_a_repeated_title_and_summary_go_to_the_remainder_and_are_reported():
    lede = HEAD.split("\n\n")[1]
    found = article(
        HEAD + f"A new garden for the patients\n\n{lede}\n\nThe garden has forty metres of earth."
    )
    assert found.remainder == ("A new garden for the patients", lede)
    assert {"title-repeated", "summary-repeated"} <= codes(found)
    assert paragraphs(found) == ["The garden has forty metres of earth."]


def test_two_different_dates_of_one_article_are_reported_and_the_first_is_taken():
    found = article(
        "A new garden\n\nThe institute opens a garden.\n\nPublished on 12.05.2021\n\n"
        "Published on 13.05.2021\n\nIt has forty square metres of earth."
    )
    assert found.published == date(2021, 5, 12)
    assert "two-dates" in codes(found)
    assert "Published on 13.05.2021" in found.remainder


def test_a_line_that_says_updated_is_not_the_date_of_publication():
    found = article(
        "A new garden\n\nThe institute opens a garden.\n\nUpdated on 14.05.2021\n\n"
        "Published on 12.05.2021\n\nCampus life\n\nIt has forty square metres of earth."
    )
    assert found.published == date(2021, 5, 12)
    assert "updated" in codes(found)


def test_the_author_is_not_the_summary():
    found = article(
        "A new garden\nBy Jane Doe\n12.05.2021\nCampus life\n"
        "The institute opens a garden on its roof.\nIt has forty square metres of earth."
    )
    assert found.lede == "The institute opens a garden on its roof."
    assert paragraphs(found) == ["By Jane Doe", "It has forty square metres of earth."]


def test_an_address_stands_on_its_own_line():
    found = body("It has forty square metres of earth.\n\nJane Doe\njane.doe@example.org")
    assert paragraphs(found)[1:] == ["Jane Doe", "jane.doe@example.org"]


# Headings and captions


def test_a_label_that_body_text_follows_is_a_heading():
    found = body(
        "What grows there\n\nForty kinds of herbs grow there.\n\n"
        "...And who waters it\n\nThe children do."
    )
    assert found.headings == ("What grows there", "...And who waters it")


@pytest.mark.parametrize(
    "caption",
    [
        "Arrivée EMacron",
        "Visite EMacron_laboJLcasanova",
        "Portrait SLyonnet",
        "jardin_toit_02",
        "IMG_2041.JPG",
        "DSC01234",
        "visite-du-jardin-2021",
        "Photo : le jardin vu de la rue",
        "Légende : les premières plantations",
        "© Imagine / L. Martin",
        "Photo de groupe",
        "The garden in May © L. Martin",
        "Les enfants au jardin (Crédit photo : L. Martin)",
    ],
)
def test_what_looks_like_a_file_name_or_says_so_is_a_caption_where_it_stands(caption):
    found = body(f"{caption}\n\nForty kinds of herbs grow there.")
    assert found.captions == (caption,)
    assert found.headings == ()
    assert isinstance(found.blocks[0], CaptionLine)


@pytest.mark.parametrize(
    "heading",
    [
        "RNAseq, a new technique",
        "COVID-19 and rare diseases",
        "Public-private partnership",
        "Research at AP-HP and CNRS",
        "The iPSC platform of the PhDs",
        "McKusick and his heirs",
        "mRNAs that heal",
    ],
)
def test_a_heading_with_an_acronym_is_no_caption(heading):
    found = body(f"{heading}\n\nForty kinds of herbs grow there.")
    assert found.headings == (heading,)
    assert found.captions == ()


def test_a_label_that_nothing_follows_stays_a_paragraph_and_is_reported():
    found = body("Forty kinds of herbs grow there.\n\nGroup picture of that day")
    assert found.headings == ()
    assert paragraphs(found)[-1] == "Group picture of that day"
    assert "lone-line" in codes(found)


def test_a_link_label_is_no_heading():
    found = body(
        "Forty kinds of herbs grow there.\n\nDownload the plan\n\nThe garden is open in May."
    )
    assert found.headings == ()
    assert "link" in codes(found)


# Quotations


def test_an_unmarked_quotation_is_attributed_by_the_name_below_and_stands_once():
    found = body(
        "We are proud of this garden. It was our wish for years and we owe it to our donors.\n\n"
        "Pr Anna Keller , director of the institute\n\nThe works took two years."
    )
    (quote,) = pull_quotes(found)
    assert (quote.attribution, quote.role) == ("Pr Anna Keller", "director of the institute")
    assert paragraphs(found) == ["The works took two years."]
    assert found.quotes[0].text.startswith("We are proud")
    assert "unmarked-quote" in codes(found)


def test_what_follows_the_closing_mark_is_narrative():
    found = body(
        "We are proud of this garden. It was our wish for years. ». "
        "The garden is also home to bees.  \n\n"
        "Pr Anna Keller, director\n\nThe works took two years."
    )
    (quote,) = pull_quotes(found)
    assert quote.as_read().startswith("We are proud of this garden. It was our wish for years.\n")
    assert paragraphs(found) == ["The garden is also home to bees.", "The works took two years."]


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("« ", " »"), ("“", "”"), ('"', '"'), ("«\u00a0", "\u00a0»."), ("<< ", " >>")],
)
def test_a_paragraph_within_marks_is_a_quotation(opening, closing):
    found = body(
        f"{opening}We are proud of this garden, and so are the children.{closing}\n\n"
        "Anna Keller, director of the institute\n\nThe works took two years."
    )
    assert found.quotes[0].text.rstrip(".") == (
        "We are proud of this garden, and so are the children"
    )
    assert found.quotes[0].attribution == "Anna Keller"


def test_a_bare_name_attributes_a_marked_quotation():
    found = body(
        "« Nous sommes fiers de ce jardin, et les enfants aussi. »\n\nAnna Keller\n\n"
        "Les travaux ont duré deux ans.",
        "fr",
    )
    assert pull_quotes(found)[0].attribution == "Anna Keller"


def test_a_heading_below_a_quotation_is_nobody():
    found = body(
        "“We are proud of this garden, and so are the children.”\n\nInstitut Imagine\n\n"
        "The works took two years."
    )
    assert pull_quotes(found)[0].attribution == ""
    assert found.headings == ("Institut Imagine",)
    assert "no-speaker" in codes(found)


def test_a_name_with_a_dash_attributes_the_quotation_above():
    found = body(
        "“We are proud of this garden, and so are the children.”\n"
        "— Dr Paul N'Diaye, head gardener\n\n"
        "The works took two years."
    )
    assert pull_quotes(found)[0].attribution == "Dr Paul N'Diaye"
    assert pull_quotes(found)[0].role == "head gardener"


def test_a_name_behind_the_marks_in_the_same_block_attributes_them():
    found = body(
        "« Nous sommes fiers de ce jardin. » Pr Anna Keller, directrice de l'institut", "fr"
    )
    (quote,) = pull_quotes(found)
    assert (quote.attribution, quote.role) == ("Pr Anna Keller", "directrice de l'institut")


def test_an_announced_quotation_keeps_its_announcement_and_has_its_speaker():
    found = body(
        "La directrice, Pr Anna Keller, explique :\n\n"
        "« Nous sommes fiers de ce jardin, et les enfants aussi. »\n\n"
        "Les travaux ont duré deux ans.",
        "fr",
    )
    assert found.quotes[0].attribution == "Pr Anna Keller"
    assert paragraphs(found)[0] == "La directrice, Pr Anna Keller, explique :"


def test_said_so_and_so_on_a_line_of_its_own_attributes_and_keeps_every_word():
    found = body(
        "“We are proud of this garden, and so are the children.”\n\n"
        "said Dr Paul Martin, head gardener.\n\nThe works took two years."
    )
    assert found.quotes[0].attribution == "Dr Paul Martin"
    assert "said Dr Paul Martin, head gardener." in paragraphs(found)
    html = found.to_html(speakers={"Dr Paul Martin": "researcher:7"})
    assert '<p>said <a data-record="researcher:7">Dr Paul Martin</a>, head gardener.</p>' in html


def test_a_pronoun_names_no_speaker():
    found = body("« Nous sommes fiers de ce jardin, et les enfants aussi », a-t-elle dit.", "fr")
    assert found.quotes[0].text.startswith("Nous sommes fiers")
    assert found.quotes[0].attribution == ""
    assert "no-speaker" in codes(found)


@pytest.mark.parametrize(
    "sentence",
    [
        '"Plants heal more than we know", recalls Professor Anna Keller.',
        "“Plants heal more than we know,” Professor Anna Keller said in May.",
        "« Les plantes soignent plus qu'on ne croit », souligne la Professor Anna Keller.",
        "Professor Anna Keller explains: “Plants heal more than we know.”",
        "According to Professor Anna Keller: “Plants heal more than we know.”",
        "« Les plantes soignent plus qu'on ne croit », a déclaré Professor Anna Keller.",
        "“Plants heal more than we know”, says the head of the unit, Professor Anna Keller.",
    ],
)
def test_speech_within_a_paragraph_stays_there_and_is_reported_with_its_speaker(sentence):
    found = body(f"The garden is a school. {sentence} It opens in May.")
    assert [quote.attribution for quote in found.quotes] == ["Professor Anna Keller"]
    assert pull_quotes(found) == []
    assert paragraphs(found) == [f"The garden is a school. {sentence} It opens in May."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Il travaille au laboratoire « Génétique des maladies des plantes et des enfants ».",
        "The garden was awarded the “Carnot” label by the ministry.",
        "The study appeared in the journal “Plants and people of the temperate zones today”.",
        "Elle dirige l'équipe « Jardins », souligne le rapport.",
    ],
)
def test_marks_around_the_name_of_a_thing_are_no_speech(sentence):
    assert body(sentence).quotes == ()


def test_a_word_that_opens_the_sentence_is_not_part_of_the_name():
    found = body("Yesterday Anna Keller said: “Plants heal more than we know.”")
    assert found.quotes[0].attribution == "Anna Keller"


def test_an_institution_is_not_taken_for_a_person():
    found = body("“Plants heal more than we ever knew before”, says Institut Imagine today.")
    assert found.quotes[0].attribution == ""


def test_a_quotation_over_several_paragraphs_is_one():
    found = body(
        "« Nous sommes fiers de ce jardin.\n\n« Les enfants y plantent des herbes.\n\n"
        "Et ils les récoltent en juin. »\n\nPr Anna Keller, directrice\n\nLes travaux sont finis.",
        "fr",
    )
    (quote,) = pull_quotes(found)
    assert len(quote.paragraphs) == 3
    assert quote.attribution == "Pr Anna Keller"
    assert paragraphs(found) == ["Les travaux sont finis."]


def test_a_long_quotation_that_ends_inside_a_sentence_stays_in_its_paragraphs():
    found = body(
        "“We are proud of this garden.\n\n“The children plant herbs there”, said Dr Paul Martin."
        "\n\nThe works took two years."
    )
    assert found.quotes[0].attribution == "Dr Paul Martin"
    assert len(paragraphs(found)) == 3


def test_nested_marks_belong_to_the_outer_quotation():
    found = body(
        "« Les enfants disent “encore” et « toujours » quand ils plantent. »\n\n"
        "Pr Anna Keller, directrice",
        "fr",
    )
    assert found.quotes[0].text == "Les enfants disent “encore” et « toujours » quand ils plantent."


def test_a_quotation_that_never_closes_is_reported():
    found = body("« Nous sommes fiers de ce jardin.\n\nLes travaux ont duré deux ans.", "fr")
    assert "unclosed-quote" in codes(found)
    assert pull_quotes(found) == []


def test_a_sentence_that_starts_with_a_name_attributes_nothing():
    found = body(
        "We are proud of this garden and of its bees.\n\n"
        "Pr Anna Keller opened the garden in May.\n\nThe works took two years."
    )
    assert found.quotes == ()


def test_the_press_contact_did_not_say_the_last_paragraph():
    found = body("We are proud of this garden and of its bees.\n\nJane Doe, press officer")
    assert found.quotes == ()


def test_questions_of_an_interview_are_headings_and_answers_paragraphs():
    found = body(
        "Why a garden?\n\nBecause children like it.\n\nQ: And why on the roof?\n\nFor the light."
    )
    assert found.headings == ("Why a garden?", "Q: And why on the roof?")
    assert [part.level for part in found.blocks if isinstance(part, Heading)] == [2, 3]


# Notes


def test_a_star_joins_its_call_and_its_note():
    found = body("The garden has six founders*, all of them gardeners.\n\n* Named on the gate.")
    assert found.footnotes == ("Named on the gate.",)
    (runs,) = [part.runs for part in found.blocks if isinstance(part, Paragraph)]
    assert runs[1] == NoteCall("*", 0)
    assert '<span data-footnote="">Named on the gate.</span>, all' in found.to_html()


@pytest.mark.parametrize(
    ("call", "marker"),
    [
        ("*", "*"),
        ("**", "** "),
        (" *", "* "),
        ("(*)", "(*) "),
        ("†", "† "),
        ("[1]", "[1] "),
        (" (1)", "(1) "),
        ("¹", "¹ "),
        ("¹", "1. "),
        ("[1]", "1. "),
        ("1", "1. "),
        ("1", "1 "),
    ],
)
def test_every_sign_joins_its_call_and_its_note(call, marker):
    found = body(f"The garden has six founders{call}, all gardeners.\n\n{marker}Named on the gate.")
    assert found.footnotes == ("Named on the gate.",)
    assert '<p>The garden has six founders<span data-footnote="">' in found.to_html()


def test_two_notes_with_one_and_two_stars_are_two():
    found = body(
        "The garden has six founders* and ten gardeners**.\n\n"
        "* Named on the gate.\n** Paid by the city."
    )
    assert found.footnotes == ("Named on the gate.", "Paid by the city.")
    assert found.to_html().count("<span data-footnote") == 2


def test_two_notes_with_the_same_sign_are_joined_in_order():
    found = body("Six founders* and ten gardeners*.\n\n* Named on the gate.\n\n* Paid by the city.")
    assert 'founders<span data-footnote="">Named on the gate.</span>' in found.to_html()


def test_several_calls_share_one_note():
    found = body("Six founders* came.\n\nThe founders* spoke of bees.\n\n* Named on the gate.")
    html = found.to_html()
    assert 'founders<span data-footnote="n1">Named on the gate.</span> came' in html
    assert 'founders<span data-footnote="n1"></span> spoke' in html


def test_a_call_without_a_note_is_left_as_written_and_reported():
    found = body("The garden has six founders*, all of them gardeners.")
    assert paragraphs(found) == ["The garden has six founders*, all of them gardeners."]
    assert "call-without-note" in codes(found)


def test_a_note_that_nothing_calls_is_printed_where_it_stands_and_reported():
    found = body("The garden has six founders.\n\n* Named on the gate.")
    assert "<p>* Named on the gate.</p>" in found.to_html()
    assert found.footnotes == ("Named on the gate.",)
    assert "note-without-call" in codes(found)


def test_a_note_called_by_the_summary_is_printed_at_the_end():
    found = article(
        "A new garden\n\nSix founders* open a garden on the roof.\n\nPublished on 12.05.2021\n\n"
        "Campus life\n\nIt has forty square metres.\n\n* Named on the gate."
    )
    assert "note-in-summary" in codes(found)
    assert "call-without-note" not in codes(found)
    assert found.to_html().endswith("<p>* Named on the gate.</p>")


def test_stars_before_lines_that_nothing_calls_are_a_list():
    found = body("It holds:\n\n* herbs of the region\n* bees from the Alps\n* two benches")
    assert [part for part in found.blocks if isinstance(part, ItemList)]
    assert found.footnotes == ()


def test_a_multiplication_is_no_call():
    assert codes(body("The garden measures 5 * 8 metres and 5*8 makes forty.")) == set()


def test_square_metres_call_no_note():
    found = body("The garden has 40 m² of earth.\n\nIt opens in May.\n\n2. Named on the gate.")
    assert found.footnotes == ()


# Lists, wraps, furniture


def test_lines_with_a_dash_are_a_list():
    found = body("It holds:\n- herbs of the region\n- bees from the Alps\n\n1. first\n2. second")
    assert "<ul><li>herbs of the region</li><li>bees from the Alps</li></ul>" in found.to_html()
    assert "<ol><li>first</li><li>second</li></ol>" in found.to_html()


def test_hard_wrapped_lines_are_joined_and_paragraphs_stay_apart():
    wrapped = (
        "The garden on the roof has forty square metres of earth, in which the\n"
        "children plant herbs in April, water them in May and harvest them with\n"
        "the gardeners in June.\n\n"
        "The bees came from a village in the Alps, where the same flowers grow\n"
        "at the same height above the sea.\n"
    )
    found = body(wrapped)
    assert len(paragraphs(found)) == 2
    assert paragraphs(found)[0].endswith(
        "in which the children plant herbs in April, water them in "
        "May and harvest them with the gardeners in June."
    )


def test_a_header_without_blank_lines_is_not_joined():
    found = article(
        "A new garden for the patients\nPublished on 12.05.2021\nCampus life\n"
        "The institute opens a garden on its roof.\nIt has forty square metres of earth."
    )
    assert found.title == "A new garden for the patients"
    assert found.section == "Campus life"
    assert found.lede == "The institute opens a garden on its roof."


def test_share_buttons_and_navigation_go_to_the_remainder_and_are_not_lost():
    found = article(
        "Accueil > Actualités > Jardin\n\nRetour à la liste\n\nUn jardin sur le toit\n\n"
        "L'institut ouvre un jardin sur son toit.\n\nPublié le 04.12.2020\n\nVie du campus\n\n"
        "Partager\n\nFacebook\n\nTwitter LinkedIn\n\nIl a quarante mètres carrés de terre.\n\n"
        "Lire aussi\n\nLes abeilles de l'institut\n\n- Le printemps au campus",
        "fr",
    )
    assert found.title == "Un jardin sur le toit"
    assert found.section == "Vie du campus"
    assert found.remainder == (
        "Accueil > Actualités > Jardin",
        "Retour à la liste",
        "Partager",
        "Facebook",
        "Twitter LinkedIn",
        "Lire aussi",
        "Les abeilles de l'institut",
        "- Le printemps au campus",
    )
    assert paragraphs(found) == ["Il a quarante mètres carrés de terre."]


def test_a_french_page_with_unbreakable_spaces_is_read_like_an_english_one():
    found = article(
        "Visite de la ministre à l’institut\n\nLa ministre a visité le jardin de l’institut.\n\n"
        "Publié le\u00a04 décembre\u00a02020\n\nSoigner\n\nPhoto\u00a0: la ministre au jardin\n\n"
        "Un lieu pour tous\n\nLe jardin a six fondateurs*.\n\n"
        "«\u202fNous sommes fiers de ce jardin.\u202f»\n\nPr\u00a0Anna Keller, directrice\n\n"
        "«\u202fIl est beau, ce jardin\u202f», a dit la ministre.\n\n*\u00a0Nommés sur la porte.",
        "fr",
    )
    assert found.published == date(2020, 12, 4)
    assert found.section == "Soigner"
    assert found.headings == ("Un lieu pour tous",)
    assert found.captions == ("Photo\u00a0: la ministre au jardin",)
    assert found.quotes[0].text == "Nous sommes fiers de ce jardin."
    assert found.quotes[0].attribution == "Pr Anna Keller"
    assert found.footnotes == ("Nommés sur la porte.",)
    assert found.remainder == ()


# Contradictions


def test_two_numbers_in_the_same_words_are_reported_and_both_stay():
    found = body(
        "The garden has given a home to 6 bee families that make honey.\n\n"
        "The garden has given a home to ten bee families that make honey."
    )
    assert "contradiction" in codes(found)
    assert "6 bee" in found.to_html()
    assert "ten bee" in found.to_html()


def test_a_list_shorter_than_announced_is_reported():
    found = body("It has six founding members since 2007: the city, the state, Inserm and a club.")
    assert "contradiction" in codes(found)


@pytest.mark.parametrize(
    "sentence",
    [
        "Four teams work there. Two teams left.",
        "It has four founding members: the city, the state, Inserm and a club.",
        "It has three aims: research and teaching, care, and innovation.",
        "It has two heads: Anna Keller, a botanist, and Paul Martin, a gardener.",
        "For six years: work, sun and rain.",
    ],
)
def test_numbers_that_agree_raise_no_alarm(sentence):
    assert "contradiction" not in codes(body(sentence))


# What is no article


def test_a_listing_is_refused():
    text = "\n\n".join(
        f"Garden news number {n}\n\n0{n}.05.2021\n\nLire la suite" for n in range(1, 6)
    )
    with pytest.raises(SourceError, match="list of articles"):
        article(text)
    with pytest.raises(SourceError, match="list of articles"):
        article("\n\n".join(f"Garden news number {n}" for n in range(8)))


def test_two_articles_in_one_file_are_refused_with_the_line_of_the_second():
    second = HEAD.replace("12.05.2021", "13.06.2021") + "The second garden has bees and herbs."
    with pytest.raises(SourceError, match=r"two articles.*line 15.*13\.06\.2021"):
        article(HEAD + "The garden has forty square metres of earth.\n\n" + second)


def test_damaged_letters_are_reported():
    assert "encoding" in codes(body("Les enfants rÃ©coltent des herbes en juin."))


# As a document


def test_a_caption_becomes_a_figure_where_its_image_is_known_and_a_line_where_not():
    found = body("Arrivée EMacron\n\nThe garden is open.\n\nvue_du_toit.jpg\n\nIt has bees.")
    html = found.to_html(images={"arrivee-emacron": 12})
    assert '<figure data-image="12"><figcaption>Arrivée EMacron</figcaption></figure>' in html
    assert "<p><em>vue_du_toit.jpg</em></p>" in html


def test_a_speaker_of_the_register_is_linked_by_record():
    found = body("“We are proud of this garden of ours.”\n\nPr Anna Keller, director")
    html = found.to_html(speakers={"Pr Anna Keller": "researcher:3"})
    assert '<cite data-record="researcher:3">Pr Anna Keller</cite><span>director</span>' in html


def test_markup_in_a_plain_text_is_text():
    found = body("A <script>alert(1)</script> & a <b>b</b> are shown as they are written.")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; a &lt;b&gt;" in found.to_html()


def test_the_document_holds_every_word_of_the_body():
    found = body(
        "The garden\n\nIt has six founders* and herbs.\n\n“We are proud of it today.”\n\n"
        "Pr Anna Keller, director\n\n- one\n- two\n\nvue_toit\n\n* Named on the gate."
    )
    inside = sorted(words("\n".join([*(p.as_read() for p in found.blocks), *found.footnotes])))
    assert sorted(words(plain_text(found.body))) == inside


def test_the_json_form_has_the_keys_the_command_promises():
    said = body("“We are proud of this garden of ours.”\n\nPr Anna Keller, director").as_json()
    assert {
        "language", "title", "published", "section", "summary", "headings", "quotes", "captions",
        "footnotes", "words_in", "words_out", "remainder",
    } <= set(said)  # fmt: skip
    assert said["published"] == "2021-05-12"
    assert said["quotes"] == [
        {"text": "We are proud of this garden of ours.", "attribution": "Pr Anna Keller"}
    ]


@pytest.mark.skipif(not GIVEN.exists(), reason="the given article is not beside the project")
def test_the_given_article_is_understood_whole():
    (found,) = read(GIVEN)
    assert found.language == "en"
    assert found.translation_key == "presidential-visit"
    assert found.title == "Visit of the President of the Republic to Institut Imagine"
    assert found.lede.startswith("President Emmanuel Macron chose")
    assert found.published == date(2020, 12, 4)
    assert found.section == "Imagine Institute"
    first, second = found.headings
    assert first.startswith("Imagine, an illustration")
    assert second.startswith("...In the service")
    assert found.captions == ("Arrivée EMacron", "Visite EMacron_laboJLcasanova")
    (quote,) = pull_quotes(found)
    assert (quote.attribution, quote.role) == (
        "Pr Stanislas Lyonnet",
        "director of Institut Imagine",
    )
    assert quote.as_read().split("\n")[0].endswith("our research.")
    assert not any(text.startswith("The combination") for text in paragraphs(found))
    assert found.quotes[1].attribution == "Professor Stanislas Lyonnet"
    assert len(found.footnotes) == 1
    assert "six founding members<span data-footnote" in found.body
    assert found.remainder == ()
    assert found.words_lost == found.words_added == ()
    assert [doubt.code for doubt in found.doubts] == ["contradiction", "contradiction"]
