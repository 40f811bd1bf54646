"""What a visitor finds, in what order, and what nobody finds: the same on both databases."""

import datetime
import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from imagine_site.publishing.actions import publish, unschedule, withdraw
from imagine_site.search import finding, sources
from imagine_site.search.actions import rebuild, refresh_object
from imagine_site.search.finding import count, find, suggestions
from imagine_site.search.marking import Marker
from imagine_site.search.models import SearchEntry
from imagine_site.search.query import Query, read
from imagine_site.search.words import one_edit_away, stems_of
from tests.factories import labs, news, pages, people

pytestmark = pytest.mark.django_db


def titles(text: str, language: str = "en", **more) -> list[str]:
    found = find(read(text, language), language=language, **more)
    return [entry.title for entry in found.page(slice(None))]


def article(title: str = "A finding", text: str = "Some text.", *, language="en", **fields):
    written = {f"title_{language}": title, f"body_{language}": f"<p>{text}</p>"}
    written[f"summary_{language}"] = fields.pop("summary", "In short.")
    return news.article(language=language, **written | fields)


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    """What records announce comes after the commit, which a test does not reach by itself."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


# -- Words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "asked", "written"),
    [
        ("en", "gene therapies", "A gene therapy"),
        ("en", "THERAPY", "gene therapies"),
        ("en", "discovered", "We discover"),
        ("fr", "therapie genique", "Les thérapies géniques"),
        ("fr", "thérapies géniques", "La therapie genique"),
        ("fr", "coeur", "Le cœur"),
        ("fr", "cœur", "Des coeurs"),
        ("fr", "maladies rares", "Une maladie rare"),
        ("fr", "découverte", "Des de\u0301couvertes"),
        ("fr", "l’immunité", "une immunité"),
        ("fr", "aujourd'hui", "Aujourd’hui encore"),
        ("fr", "naevus", "Un nævus"),
        ("en", "CRISPR-Cas9", "with CRISPR Cas9"),
        ("en", "TGF-β", "the TGF-β pathway"),
        ("en", "2020", "On 4 December 2020"),
    ],
)
def test_stems_accents_and_plurals_do_not_count(language, asked, written):
    article("A title", written, language=language)
    article("Another", "Something else", language=language)
    assert titles(asked, language) == ["A title"]


def test_all_words_must_stand_in_a_text_but_anywhere_in_it():
    article("One", "The heart and the kidney")
    article("Two", "The heart alone", summary="Of a kidney.")
    article("Three", "The heart alone")
    assert sorted(titles("kidney heart")) == ["One", "Two"]


def test_a_phrase_in_quotation_marks_is_found_as_it_stands():
    article("One", "Rare diseases of the skin")
    article("Two", "Diseases that are rare")
    assert sorted(titles("rare diseases")) == ["One", "Two"]
    for asked in ('"rare diseases"', "“rare disease”", "« rare diseases »"):
        assert titles(asked) == ["One"]


def test_a_phrase_does_not_run_from_one_part_of_an_article_into_the_next():
    article("About the skin", "Cells", summary="Biology of bone.")
    assert titles('"skin biology"') == []
    assert titles('"biology of bone"') == ["About the skin"]


def test_words_that_say_nothing_are_passed_over_unless_they_are_all_there_is():
    article("One", "The heart of a child")
    assert titles("what is the heart") == ["One"]
    assert titles("of the") == ["One"]
    assert [term.spelt for term in read("Professor Alain Fischer", "en")] == [
        ("alain",),
        ("fischer",),
    ]


# -- Order ----------------------------------------------------------------------------------------


def test_names_come_first_then_titles_then_what_is_about_it_then_what_mentions_it(commits):
    article("Mentioned", "Once a Fischer passed by.", date=datetime.date(2024, 1, 1))
    article("About", "Fischer said. Fischer did. Fischer went.", date=datetime.date(2020, 1, 1))
    article("Fischer in the title", "Words", date=datetime.date(2001, 1, 1))
    article("Sum", "Words", summary="Of Fischer.", date=datetime.date(2019, 1, 1))
    with commits():
        people.researcher(given_name="Alain", family_name="Fischer")
        labs.laboratory(name_en="Laboratory of immunology", aliases="Fischer lab")
    expected = ["Alain Fischer", "Laboratory of immunology"]
    expected += ["Fischer in the title", "About", "Sum", "Mentioned"]
    assert titles("fischer") == expected


def test_what_ranks_alike_comes_the_newest_first():
    for year in (2019, 2021, 2020):
        article(f"Genes {year}", date=datetime.date(year, 1, 1))
    assert titles("gene") == ["Genes 2021", "Genes 2020", "Genes 2019"]


def test_the_beginning_of_a_name_finds_it_after_what_has_the_word(commits):
    with commits():
        people.researcher(given_name="Jean-Laurent", family_name="Casanova")
    article("One", "The casan of it.")
    assert titles("casan") == ["One", "Jean-Laurent Casanova"]
    assert titles("jean laurent casa") == ["Jean-Laurent Casanova"]


# -- Slips of the finger --------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["imunology", "immunnology", "immunolgoy", "immumology"])
def test_one_slip_is_forgiven_and_said(typed):
    article("One", "A text on immunology.")
    found = find(read(typed, "en"), language="en")
    assert len(found.ids) == 1
    assert found.corrected == "immunology"


def test_each_word_may_have_its_slip():
    article("One", "Emmanuel Macron came.")
    assert find(read("emanuel macorn", "en"), language="en").corrected == "emmanuel macron"


def test_a_word_that_is_found_is_not_corrected():
    article("One", "A form of life.")
    article("Two", "Life on a farm.")
    found = find(read("form", "en"), language="en")
    assert (len(found.ids), found.corrected) == (1, "")


def test_two_slips_are_too_many():
    article("One", "A text on immunology.")
    assert titles("imunollogyy") == []


def test_where_no_text_has_all_words_those_with_most_of_them_come_first():
    article("Two of them", "Heart and kidney.")
    article("One of them", "Heart.")
    found = find(read("heart kidney unicorn", "en"), language="en")
    assert found.partly
    assert [entry.title for entry in found.page(slice(None))] == ["Two of them", "One of them"]


def test_a_word_of_tomorrow_is_no_suggestion_today():
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    article("One", "On kidneys.")
    article("Two", "On nephronophthisis.", at=tomorrow)
    for asked in ("nephronophtisis", "nephronophtisis kidney"):
        found = find(read(asked, "en"), language="en")
        assert "nephronophthisis" not in found.corrected
    later = find(read("nephronophtisis", "en"), language="en", at=tomorrow)
    assert later.corrected == "nephronophthisis"


def test_aliases_are_found_and_never_said(commits):
    with commits():
        people.researcher(given_name="Ada", family_name="Byron", aliases="Countess Lovelace")
    assert titles("lovelace") == ["Ada Byron"]
    assert find(read("lovelase", "en"), language="en").corrected == ""
    assert "lovelace" not in json.dumps(list(SearchEntry.objects.values("title", "text"))).lower()


# -- Only what is public, exactly as long as it is ------------------------------------------------


def test_a_draft_is_never_found_and_an_edition_from_its_second_to_its_end():
    news.post(title_en="Secret", body_en="<p>Secret</p>")
    now = timezone.now()
    begin, end = now + datetime.timedelta(hours=1), now + datetime.timedelta(hours=2)
    edition = article("Embargoed", "Secret", at=begin)
    withdraw(edition.story, language="en", by=None, at=end)
    second = datetime.timedelta(seconds=1)
    for at, expected in (
        (now, []),
        (begin - second, []),
        (begin, ["Embargoed"]),
        (end - second, ["Embargoed"]),
        (end, []),
    ):
        assert titles("secret", at=at) == expected
        assert count(read("secret", "en"), language="en", at=at) == len(expected)
        words = suggestions(read("embar", "en"), language="en", at=at)
        assert [entry.title for entry in words] == expected


def test_withdrawn_cancelled_and_rewritten_texts_leave_at_once():
    withdrawn = article("Withdrawn", "heart")
    withdraw(withdrawn.story, language="en", by=None)
    cancelled = article("Cancelled", "heart", at=timezone.now() + datetime.timedelta(days=1))
    unschedule(cancelled.story, language="en", by=None)
    story = article("Old", "heart").story
    story.refresh_from_db()
    story.title_en, story.body_en = "New", "<p>kidney</p>"
    story.save()
    assert titles("heart") == ["Old"]
    publish(story, language="en", by=None)
    assert titles("heart") == []
    assert titles("kidney") == ["New"]


def test_the_edition_of_tomorrow_takes_over_tomorrow():
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    story = article("Today", "heart").story
    story.refresh_from_db()
    story.title_en = "Tomorrow"
    story.save()
    publish(story, language="en", by=None, at=tomorrow)
    assert titles("heart") == ["Today"]
    assert titles("heart", at=tomorrow) == ["Tomorrow"]


def test_a_record_follows_its_visibility_and_its_name(commits):
    with commits():
        person = people.researcher(given_name="Ada", family_name="Lovelace")
    assert titles("lovelace") == ["Ada Lovelace"]
    assert titles("lovelace", "fr") == ["Ada Lovelace"]
    with commits():
        person.family_name = "Byron"
        person.save()
    assert titles("lovelace") == []
    assert titles("byron") == ["Ada Byron"]
    person.is_public = False
    person.save()  # at once, in the same transaction
    assert titles("byron") == []


def test_what_is_deleted_is_forgotten(commits):
    with commits():
        startup = labs.startup(name="Cordia")
        labs.startup(name="Cordia Two")
    startup.delete()
    assert titles("cordia") == ["Cordia Two"]
    type(startup).objects.all().delete()
    assert titles("cordia") == []


def test_each_language_is_searched_by_itself():
    article("English", "Alpha")
    article("Français", "Alpha", language="fr")
    assert titles("alpha") == ["English"]
    assert titles("alpha", "fr") == ["Français"]


def test_the_index_rebuilt_says_the_same(commits):
    with commits():
        people.researcher(given_name="Ada", family_name="Lovelace")
        labs.laboratory(name_en="Heart", name_fr="Cœur")
        people.founding_member(name_en="A hospital", name_fr="Un hôpital")
        labs.startup(name="Cordia")
        pages.published_page(title_en="About")
        news.article_in_both_languages(title_en="Lovelace and the heart")
    columns = ("kind", "object_id", "language", "title", "url", "terms", "live_until")
    before = sorted(SearchEntry.objects.values_list(*columns), key=str)
    assert len(before) == 11
    call_command("rebuild_search", verbosity=0)
    assert sorted(SearchEntry.objects.values_list(*columns), key=str) == before
    assert titles("lovelace") == ["Ada Lovelace", "Lovelace and the heart"]


# -- Kinds, pages, bounds -------------------------------------------------------------------------


def test_kinds_are_counted_and_can_be_asked_for(commits):
    with commits():
        labs.laboratory(name_en="Heart laboratory")
    for number in range(3):
        article(f"Heart {number}")
    pages.published_page(title_en="Heart page")
    found = find(read("heart", "en"), language="en")
    assert found.counts == {"laboratory": 1, "news": 3, "page": 1}
    assert titles("heart", kind="page") == ["Heart page"]
    assert find(read("heart", "en"), language="en", kind="news").counts == found.counts
    assert find(read("heart", "en"), language="en", kind="person").counts == found.counts


def test_a_word_of_every_text_is_counted_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(finding, "MOST", 3)
    for number in range(5):
        article(f"Heart {number}", date=datetime.date(2000 + number, 1, 1))
    found = find(read("heart", "en"), language="en")
    assert found.many
    assert found.counts == {"news": 3}
    assert [entry.title for entry in found.page(slice(None))] == ["Heart 4", "Heart 3", "Heart 2"]


HOSTILE = [
    "'",
    '"',
    '""',
    '"""heart',
    "heart AND",
    "NOT heart",
    "heart OR kidney NEAR(a b)",
    "title:heart",
    "heart*",
    "(((",
    "^heart -kidney +x",
    "heart & ! | <-> :*",
    "\x00heart\x00",
    "\ud800heart",
    "heart" * 2_000,
    '"' + "heart " * 2_000,
    "🫀 🧬",
    "the of and",
    "%_\\",
    "<script>alert(1)</script>",
    "«»“”",
    "\u202eheart",
    "ﷺ ½ ǅ ß İ",
    "' OR 1=1; DROP TABLE search_searchentry; --",
    "e\u0301" * 50,
    "心臓",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_a_visitor_types_is_an_error(client, text):
    article("A heart", "心臓 heart")
    for name in ("search:search", "search:suggestions"):
        sent = text.encode("utf-8", "replace").decode()
        assert (
            client.get(reverse(name), {"q": sent, "type": sent[:5], "page": sent[:5]}).status_code
            == 200
        )
    for language in ("en", "fr"):
        find(read(text, language), language=language)
        suggestions(read(text, language), language=language)


class AnyText(TestCase):
    @given(st.text(max_size=60))
    def test_any_text_is_a_question(self, text):
        terms = read(text, "fr")
        find(terms, language="fr")
        suggestions(terms, language="fr")
        Marker.of(terms, "fr").passage(text * 3)


def test_a_question_is_bounded_and_has_one_form(rf):
    asked = Query.from_query(
        rf.get("/", {"q": "  a\n b " + "x" * 900, "page": "0x", "type": "no"}).GET
    )
    assert (len(asked.text), asked.kind, asked.page) == (200, "", 1)
    assert len(read("word " * 100 + " ".join(f"w{n}" for n in range(90)), "en")) == 10
    assert Query("a b", "news", 2).query == "?q=a+b&type=news&page=2"


# -- Marks ----------------------------------------------------------------------------------------


def test_words_are_marked_as_they_stand_and_everything_is_escaped():
    marker = Marker.of(read("genetique <b>", "fr"), "fr")
    marked = marker.marked("Des <b>maladies</b> génétiques & rares")
    assert marked == (
        "Des &lt;<mark>b</mark>&gt;maladies&lt;/<mark>b</mark>&gt; "
        "<mark>génétiques</mark> &amp; rares"
    )


def test_the_passage_is_where_the_most_words_stand():
    text = "Kidney. " + "Nothing to see. " * 60 + "The heart and the kidney. " + "More. " * 90
    passage = Marker.of(read("heart kidney", "en"), "en").passage(text)
    assert "<mark>heart</mark> and the <mark>kidney</mark>" in passage
    assert passage.startswith("… ")
    assert passage.endswith(" …")
    assert len(passage) < 400


def test_a_passage_without_the_words_is_the_beginning():
    assert Marker.of(read("x", "en"), "en").passage("A short <text>.") == "A short &lt;text&gt;."
    assert Marker.of((), "en").passage("") == ""


def test_an_edit_is_one_letter_more_less_other_or_two_exchanged():
    near = one_edit_away("gene")
    assert {"genes", "gne", "gane", "egne"} <= near
    assert not {"gene", "geness", "negg"} & near


def test_stems_meet():
    for words in ("publié publiée publiées publier", "national nationale nationaux"):
        assert len(set(stems_of(words, "fr"))) == 1


# -- The page -------------------------------------------------------------------------------------


@pytest.fixture
def something(commits):
    with commits():
        person = people.researcher(given_name="Ada", family_name="Lovelace", biography_en="Heart.")
        people.position(person)
    for number in range(11):
        article(f"Heart {number}", "The heart & its <b>walls</b>.", date=datetime.date(2020, 1, 1))
    return person


def page(client, language="en", **asked):
    with translation.override(language):
        return client.get(reverse("search:search"), asked)


def test_results_are_marked_counted_and_numbered(client, something):
    first = page(client, q="hearts")
    html = first.content.decode()
    assert "12 results" in html
    assert "<mark>Heart</mark> 1" in html
    assert html.count('class="result"') == 10
    assert "?q=hearts&amp;page=2" in html
    assert "?q=hearts&amp;type=person" in html
    assert 'content="noindex"' in html
    last = page(client, q="hearts", page="2").content.decode()
    assert last.count('class="result"') == 2
    assert '<ol class="results" start="11">' in last
    assert page(client, q="hearts", page="99").content.decode().count('class="result"') == 2


def test_the_page_says_what_was_corrected_and_what_only_partly_fits(client, something):
    assert "<strong>lovelace</strong>" in page(client, q="lovelase").content.decode()
    assert "some of them" in page(client, q="lovelace unicorn").content.decode()


def test_where_nothing_is_found_there_are_ways_on(client, something):
    html = page(client, q="zebra").content.decode()
    assert "Nothing was found" in html
    assert reverse("labs:laboratories") in html
    kind = page(client, q="heart", type="page").content.decode()
    assert "Nothing of this kind" in kind


def test_the_other_language_is_offered_with_its_count(client, something):
    html = page(client, "fr", q="heart").content.decode()
    assert reverse("search:search") + "?q=heart" in html
    assert ">12 " in html


def test_the_page_without_a_question_may_be_indexed_and_leads_on(client):
    html = page(client).content.decode()
    assert "noindex" not in html
    assert 'type="search"' in html


def test_a_page_of_results_costs_five_queries(client, something, django_assert_max_num_queries):
    for asked in ({"q": "heart"}, {"q": "heart", "type": "news"}, {"q": "lovelace"}):
        with django_assert_max_num_queries(5):
            page(client, **asked)
    with django_assert_max_num_queries(3):
        client.get(reverse("search:suggestions"), {"q": "hea"})


def test_suggestions_name_people_first_and_only_what_begins_so(client, something):
    article("Lovely news")
    answer = client.get(reverse("search:suggestions"), {"q": "lovel"}).json()
    assert [row["title"] for row in answer["suggestions"]] == ["Ada Lovelace", "Lovely news"]
    assert answer["suggestions"][0]["url"] == something.get_absolute_url()
    assert client.get(reverse("search:suggestions"), {"q": "l"}).json() == {"suggestions": []}
    two = client.get(reverse("search:suggestions"), {"q": "ada lov"}).json()["suggestions"]
    assert [row["title"] for row in two] == ["Ada Lovelace"]


# -- The index ------------------------------------------------------------------------------------


def test_a_long_text_is_indexed_as_far_as_the_database_goes():
    article("Long", "word " + " ".join(f"w{number}" for number in range(40_000)))
    assert titles("w9999") == ["Long"]


def test_no_question_reads_the_whole_index():
    article("Heart", "heart")
    database = finding.engine()
    question = database.match((finding.placed(read("heart", "en"), "x", "en"),))
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    plan = plan_of(database.rows.format(columns="e.id"), database.values(question, now, 10))
    if connection.vendor == "sqlite":
        assert "VIRTUAL TABLE INDEX" in plan
        assert "SEARCH e USING INTEGER PRIMARY KEY" in plan
    else:
        assert "Bitmap Index Scan on search_index" in plan
        assert "Seq Scan on search_searchentry" not in plan


def plan_of(sql: str, values: list) -> str:
    """How the database answers; PostgreSQL tells of the queries within a function, too."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
            return str(cursor.fetchall())
        said: list[str] = []
        cursor.execute("LOAD 'auto_explain'")
        for name, value in (
            ("auto_explain.log_min_duration", "0"),
            ("auto_explain.log_nested_statements", "on"),
            ("client_min_messages", "log"),
        ):
            cursor.execute(f"SET LOCAL {name} = {value}")
        connection.connection.add_notice_handler(lambda notice: said.append(notice.message_primary))
        cursor.execute(sql, values)
        return "\n".join(said)


def test_every_kind_of_public_thing_is_a_source():
    kinds = [source.kind for source in sources.everything()]
    assert kinds == ["person", "laboratory", "news", "page", "startup", "foundingmember"]
    with pytest.raises(ValueError, match="already searched"):
        sources.register(
            sources.Source(
                kind="news", plural="x", model=SearchEntry, entries=lambda _pks: iter(())
            )
        )


def test_refreshing_what_is_not_searched_does_nothing():
    assert refresh_object(labs.theme()) == 0
    assert rebuild() == dict.fromkeys([s.kind for s in sources.everything()], 0)
