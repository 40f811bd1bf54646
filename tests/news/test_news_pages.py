"""What visitors meet on the pages of the news room."""

import datetime
import re
from html import unescape
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from imagine_site.publishing.actions import publish, restore, withdraw
from news.models import Kind, PostEdition, only_dois
from news.views import related_to
from tests.factories import labs, news, pages, people
from tests.factories.images import make_image

pytestmark = pytest.mark.django_db


def address(name, *args, language="en"):
    with translation.override(language):
        return reverse(name, args=args)


def html(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return response.content.decode()


def canonical(text):
    path = urlsplit(unescape(re.search(r'rel="canonical" href="([^"]+)"', text)[1]))
    return path.path + (f"?{path.query}" if path.query else "")


def many_articles(number, **fields):
    day = datetime.date(2020, 1, 1)
    for index in range(number):
        news.article(date=day + datetime.timedelta(days=index), **fields)


class TestTheList:
    path = property(lambda self: address("news:list"))

    def test_it_shows_the_newest_first(self, client):
        news.article(title_en="The older one", date=datetime.date(2019, 1, 1))
        news.article(title_en="The newer one", date=datetime.date(2020, 1, 1))
        text = html(client, self.path)
        assert text.index("The newer one") < text.index("The older one")

    def test_it_speaks_one_language(self, client):
        news.article(language="fr", title_fr="Seulement en français")
        assert "Seulement" not in html(client, self.path)
        assert "Seulement" in html(client, address("news:list", language="fr"))

    def test_neither_drafts_nor_what_is_scheduled_or_withdrawn(self, client):
        news.post(title_en="A draft")
        news.article(title_en="Tomorrow’s", at=timezone.now() + datetime.timedelta(days=1))
        edition = news.article(title_en="Taken away")
        withdraw(edition.story, language="en", by=None)
        text = html(client, self.path)
        for title in ("A draft", "Tomorrow", "Taken away"):
            assert title not in text

    def test_filters_narrow_it_and_stay_in_the_address(self, client):
        news.article(kind=Kind.AWARD, title_en="A prize", date=datetime.date(2020, 5, 5))
        news.article(kind=Kind.AWARD, title_en="An old prize", date=datetime.date(2018, 5, 5))
        news.article(kind=Kind.NEWS, title_en="A finding", date=datetime.date(2020, 5, 5))
        text = html(client, self.path + "?year=2020&kind=award")
        assert "A prize" in text
        assert "An old prize" not in text
        assert "A finding" not in text
        assert canonical(text) == self.path + "?kind=award&year=2020"
        assert '<option value="award" selected>' in text

    def test_only_kinds_and_years_that_exist_are_offered(self, client):
        news.article(kind=Kind.AWARD, date=datetime.date(2018, 5, 5))
        text = html(client, self.path)
        assert 'value="award"' in text
        assert 'value="2018"' in text
        assert 'value="portrait"' not in text
        assert 'value="2019"' not in text

    def test_a_bad_value_gets_the_nearest_page_and_its_normal_address(self, client):
        many_articles(13)
        for query, normal in (
            ("?page=0", ""),
            ("?page=abc", ""),
            ("?page=999", "?page=2"),
            ("?page=99999999999999999999", ""),
            ("?year=abc", ""),
            ("?kind=nonsense&lab=nowhere&person=nobody", ""),
            ("?utm_source=x&page=2", "?page=2"),
        ):
            text = html(client, self.path + query)
            assert canonical(text) == self.path + normal, query
            assert "A finding" in text, query

    def test_no_result_says_how_to_go_on(self, client):
        news.article(kind=Kind.NEWS)
        text = html(client, self.path + "?year=1950")
        assert "Nothing fits these filters" in text
        assert '<option value="1950" selected>' in text
        assert f'href="{self.path}"' in text

    def test_nothing_published_yet_is_said(self, client):
        assert "Nothing has been published yet" in html(client, self.path)

    def test_a_laboratory_and_a_person_narrow_it_and_can_be_taken_away(self, client):
        laboratory, person = labs.laboratory(name_en="Heart"), people.researcher()
        news.article(
            title_en="About both", about={"laboratories": [laboratory], "people": [person]}
        )
        news.article(title_en="About the lab", about={"laboratories": [laboratory]})
        text = html(client, f"{self.path}?lab={laboratory.slug_en}&person={person.slug}")
        assert "About both" in text
        assert "About the lab" not in text
        assert f'href="?lab={laboratory.slug_en}"' in text
        assert f'href="?person={person.slug}"' in text

    def test_a_hidden_laboratory_is_not_admitted_to_exist(self, client):
        hidden = labs.laboratory(name_en="Secret", is_public=False)
        news.article(title_en="The article", about={"laboratories": [hidden]})
        text = html(client, f"{self.path}?lab={hidden.slug_en}")
        assert "Secret" not in text
        assert canonical(text) == self.path

    def test_the_language_switch_keeps_the_filters(self, client):
        laboratory = labs.laboratory(slug_en="heart", slug_fr="coeur")
        news.article(about={"laboratories": [laboratory]})
        text = html(client, f"{self.path}?lab=heart&year=2021")
        assert f'href="{address("news:list", language="fr")}?year=2021&amp;lab=coeur"' in text

    def test_topics_narrow_it_and_are_offered_where_they_have_articles(self, client):
        eyes, bones = labs.theme(name_en="Eyes"), labs.theme(name_en="Bones")
        news.article(title_en="Of eyes", about={"themes": [eyes]})
        news.article(title_en="Of neither")
        text = html(client, f"{self.path}?topic={eyes.slug}")
        assert "Of eyes" in text
        assert "Of neither" not in text
        assert f'<option value="{eyes.slug}" selected>Eyes</option>' in text
        assert "Bones" not in text
        assert "<title>News: Eyes" in text
        assert canonical(text) == f"{self.path}?topic={eyes.slug}"
        empty = html(client, f"{self.path}?topic={bones.slug}")
        assert "Nothing fits these filters" in empty
        assert canonical(html(client, f"{self.path}?topic=nowhere")) == self.path

    def test_every_year_is_one_step_away_and_other_filters_stay(self, client):
        for year in (2018, 2020):
            news.article(kind=Kind.AWARD, date=datetime.date(year, 5, 5))
        news.article(kind=Kind.NEWS, date=datetime.date(2019, 5, 5))
        text = html(client, self.path + "?kind=award&year=2020")
        assert 'href="?kind=award&amp;year=2018"' in text
        assert 'href="?kind=award&amp;year=2020" aria-current="true"' in text
        assert "year=2019" not in text

    def test_the_second_page_follows_the_first(self, client):
        many_articles(13)
        first, second = html(client, self.path), html(client, self.path + "?page=2")
        assert 'aria-current="page"><span class="unseen">Page </span>1</a>' in first
        assert second.count("<article") == 1

    @pytest.mark.parametrize("number", [3, 26])
    def test_five_queries_whatever_the_number_of_rows(
        self, client, number, django_assert_max_num_queries
    ):
        laboratory, person = labs.laboratory(), people.researcher()
        theme = labs.theme()
        many_articles(
            number,
            lead_image=make_image(),
            about={"laboratories": [laboratory], "people": [person], "themes": [theme]},
        )
        subjects = f"lab={laboratory.slug_en}&person={person.slug}&topic={theme.slug}"
        for query in ("", f"?{subjects}&kind=news&page=2"):
            with django_assert_max_num_queries(5):
                html(client, self.path + query)


class TestAnArticle:
    def test_it_has_everything_an_article_has(self, client):
        edition = news.article(
            title_en="The <b>title</b>",
            summary_en="The lede",
            section="The section",
            date=datetime.date(2020, 12, 4),
            lead_image=make_image(alt_en="A dot", credit="A. Drawer"),
            lead_caption_en="The caption",
            body_en="<h2>A heading</h2><p>The body.</p>",
        )
        text = html(client, edition.get_absolute_url())
        for expected in (
            "The &lt;b&gt;title&lt;/b&gt;</h1>",
            "The lede</p>",
            "The section</p>",
            '<time datetime="2020-12-04">4\u00a0December 2020</time>',
            'alt="A dot"',
            "The caption",
            "© A. Drawer",
            '<h2 id="a-heading">A heading</h2>',
            "1 minute to read",
            'fetchpriority="high"',
            "<picture",
        ):
            assert expected in text, expected
        assert text.count("<h1") == 1

    def test_the_kind_stands_above_the_title_where_no_section_is_typed(self, client):
        edition = news.article(kind=Kind.AWARD)
        assert '<p class="label">Award</p>' in html(client, edition.get_absolute_url())

    def test_it_shows_what_was_published_and_not_what_is_being_written(self, client):
        edition = news.article(title_en="As published")
        story = edition.story
        story.title_en = "Being rewritten"
        story.save()
        text = html(client, edition.get_absolute_url())
        assert "As published" in text
        assert "Being rewritten" not in text

    def test_what_it_is_about_is_named_and_linked(self, client):
        about = {
            "laboratories": [labs.laboratory(name_en="Heart")],
            "people": [people.researcher(given_name="Ada", family_name="Byron", honorific="Pr")],
            "startups": [labs.startup(name="Codex")],
            "founding_members": [people.founding_member(name_en="The city")],
        }
        text = html(client, news.article(about=about).get_absolute_url())
        for (record,) in about.values():
            assert f'<a href="{record.get_absolute_url()}">{record}</a>' in text

    def test_a_hidden_record_is_not_named(self, client):
        hidden = labs.laboratory(name_en="Secret", is_public=False)
        text = html(client, news.article(about={"laboratories": [hidden]}).get_absolute_url())
        assert "Secret" not in text

    def test_the_switch_lands_on_the_translation(self, client):
        both = news.article_in_both_languages()
        text = html(client, both["en"].get_absolute_url())
        assert f'class="language" href="{both["fr"].get_absolute_url()}"' in text
        assert 'hreflang="x-default"' in text
        back = html(client, both["fr"].get_absolute_url())
        assert f'class="language" href="{both["en"].get_absolute_url()}"' in back

    def test_a_translation_that_is_not_live_is_not_promised(self, client):
        both = news.article_in_both_languages()
        withdraw(both["fr"].story, language="fr", by=None)
        text = html(client, both["en"].get_absolute_url())
        assert both["fr"].get_absolute_url() not in text
        assert 'rel="alternate" hreflang' not in text
        assert "This article is not available in French." in text
        assert f'class="language" href="{address("news:list", language="fr")}"' in text

    def test_a_former_address_leads_to_the_present_one(self, client):
        edition = news.article(slug_en="before")
        story = edition.story
        story.slug_en = "after"
        story.save()
        publish(story, language="en", by=None)
        response = client.get(address("news:article", "before"))
        assert response.status_code == 301
        assert response["Location"] == address("news:article", "after")

    def test_what_was_withdrawn_is_gone_and_says_so(self, client):
        edition = news.article(title_en="Taken away")
        news.article(title_en="Still here")
        withdraw(edition.story, language="en", by=None)
        text = html(client, edition.get_absolute_url(), status=410)
        assert "taken away on purpose" in text
        assert "Still here" in text
        assert "Taken away" not in text
        assert '<meta name="robots" content="noindex">' in text

    def test_what_never_was_public_is_not_found(self, client):
        story = news.post(slug_en="a-draft", title_en="A draft")
        text = html(client, address("news:article", story.slug_en), status=404)
        assert "A draft" not in text

    def test_a_revision_says_when(self, client):
        with time_machine.travel(timezone.now() - datetime.timedelta(days=9)):
            edition = news.article()
            assert "Updated on" not in html(client, edition.get_absolute_url())
        revised = publish(edition.story, language="en", by=None)
        assert "Updated on" in html(client, revised.get_absolute_url())

    def test_a_correction_stands_before_the_text_with_its_day(self, client):
        edition = news.article(
            correction_en="It was seven & not eight.",
            correction_fr="Sept, et non huit.",
            corrected_on=datetime.date(2021, 3, 12),
        )
        text = html(client, edition.get_absolute_url())
        said = "Correction, 12\u00a0March 2021: It was seven &amp; not eight."
        assert said in text
        assert text.index(said) < text.index("It began in the laboratory.")
        assert "Sept, et non huit." not in text

    def test_a_correction_keeps_the_day_of_its_first_edition(self):
        with time_machine.travel(datetime.datetime(2021, 3, 12, 12, tzinfo=datetime.UTC)):
            story = news.article(correction_en="Seven.").story
        again = publish(story, language="en", by=None)
        assert again.corrected_on == datetime.date(2021, 3, 12)
        assert publish(story, language="fr", by=None).corrected_on is None

    def test_its_publications_lead_to_their_doi(self, client):
        edition = news.article(
            dois="https://doi.org/10.1038/nature123\n\nnonsense\n10.1038/nature123"
        )
        assert edition.dois == ["10.1038/nature123"]
        text = html(client, edition.get_absolute_url())
        assert text.count('href="https://doi.org/10.1038/nature123"') == 1

    def test_a_line_that_is_no_doi_is_refused(self):
        with pytest.raises(ValidationError, match=r"No DOI: 11\.1/x"):
            only_dois("10.1126/science.abc\n11.1/x")

    def test_topics_lead_to_the_list(self, client):
        theme = labs.theme(name_en="Eyes")
        text = html(client, news.article(about={"themes": [theme]}).get_absolute_url())
        assert f'<a href="{address("news:list")}?topic={theme.slug}">Eyes</a>' in text

    def test_who_is_quoted_is_kept_with_the_words(self):
        person = people.researcher()
        body = (
            f'<blockquote><p>One.</p><p>Two.</p><footer><cite data-record="{person.reference}">'
            "Dr X</cite><span>head</span></footer></blockquote>"
            "<blockquote><p>Three.</p></blockquote>"
        )
        edition = news.article(body_en=body)
        assert list(person.quoted_in.live()) == [edition]
        assert edition.quotes == [
            {"text": "One.\n\nTwo.", "speaker": "Dr X", "role": "head", "record": person.reference},
            {"text": "Three.", "speaker": "", "role": "", "record": ""},
        ]

    def test_restoring_brings_correction_publications_and_topics_back(self):
        theme = labs.theme()
        edition = news.article(
            correction_en="Seven.",
            corrected_on=datetime.date(2021, 3, 12),
            dois="10.1038/nature123",
            about={"themes": [theme]},
        )
        story = edition.story
        story.correction_en, story.corrected_on, story.dois = "", None, ""
        story.save()
        story.themes.clear()
        story = restore(edition, by=None)
        assert (story.correction_en, story.dois) == ("Seven.", "10.1038/nature123")
        assert story.corrected_on == datetime.date(2021, 3, 12)
        assert list(story.themes.all()) == [theme]

    def test_a_visit_says_when_where_who_and_what(self, client):
        edition = news.visit(guests=[("A President", "President of the Republic")])
        text = html(client, edition.get_absolute_url())
        for expected in (
            "The visit",
            "Institute, Paris",
            "A President",
            "President of the Republic",
            "A plan for research",
        ):
            assert expected in text, expected

    def test_sharing_needs_no_third_party(self, client):
        text = html(client, news.article().get_absolute_url())
        assert "mailto:?subject=" in text
        sources = re.findall(r"<script[^>]* src=[\"']([^\"']+)", text)
        assert all(source.startswith("/static/js/") for source in sources)
        assert "data-copy=" in text

    @pytest.mark.parametrize("number", [3, 26])
    def test_four_queries_whatever_it_is_about(self, client, number, django_assert_max_num_queries):
        edition = news.visit(
            guests=[(f"Guest {index}", "Minister") for index in range(number)],
            lead_image=make_image(),
            about={
                "laboratories": [labs.laboratory() for _ in range(number)],
                "people": [people.researcher() for _ in range(number)],
                "startups": [labs.startup() for _ in range(number)],
                "founding_members": [people.founding_member() for _ in range(number)],
                "themes": [labs.theme() for _ in range(number)],
            },
        )
        for _ in range(5):
            news.article(about={"people": list(edition.people.all())})
        pages.published_page(menu="header")
        with django_assert_max_num_queries(4):
            html(client, edition.get_absolute_url())


class TestRelatedArticles:
    def titles(self, edition):
        return [related.title for related in related_to(edition)]

    def test_those_that_share_most_come_first_then_the_newest(self):
        laboratory, person, theme = labs.laboratory(), people.researcher(), labs.theme()
        day = datetime.date(2020, 1, 1)
        edition = news.article(
            about={"laboratories": [laboratory], "people": [person], "themes": [theme]}
        )
        news.article(title_en="Topic", about={"themes": [theme]}, date=day.replace(year=2022))
        news.article(title_en="Lab", about={"laboratories": [laboratory]}, date=day)
        both = {"laboratories": [laboratory], "people": [person]}
        news.article(title_en="Both", about=both, date=day)
        news.article(title_en="Newer lab", about={"laboratories": [laboratory]})
        assert self.titles(edition) == ["Both", "Newer lab", "Lab"]

    def test_where_nothing_is_shared_the_newest_of_its_kind(self):
        edition = news.article(kind=Kind.AWARD)
        news.article(kind=Kind.AWARD, title_en="A prize")
        news.article(kind=Kind.NEWS, title_en="A finding")
        assert self.titles(edition) == ["A prize"]

    def test_neither_itself_nor_drafts_nor_the_other_language_nor_what_was_withdrawn(self):
        about = {"people": [people.researcher()]}
        edition = news.article(about=about)
        news.post(about=about)
        news.article(about=about, language="fr")
        withdraw(news.article(about=about).story, language="en", by=None)
        publish(edition.story, language="en", by=None, at=timezone.now())
        news.article(about=about, at=timezone.now() + datetime.timedelta(days=1))
        assert self.titles(PostEdition.objects.live().get(story=edition.story, language="en")) == []

    def test_a_hidden_record_joins_nothing(self):
        hidden = {"laboratories": [labs.laboratory(is_public=False)]}
        edition = news.article(kind=Kind.AWARD, about=hidden)
        news.article(kind=Kind.NEWS, about=hidden)
        assert self.titles(edition) == []


class TestTheChronicleOfVisits:
    def test_it_says_where_and_when_where_that_is_another_day(self, client):
        news.visit(
            date=datetime.date(2020, 12, 9),
            visit_fields={"starts_on": datetime.date(2020, 12, 4)},
        )
        text = html(client, address("news:visits"))
        assert '<time datetime="2020-12-04">' in text
        assert "Institute, Paris" in text

    def test_a_visit_without_its_day_is_told_all_the_same(self, client):
        news.article(kind=Kind.VISIT, title_en="An undated visit")
        assert "An undated visit" in html(client, address("news:visits"))

    def test_years_lead_to_the_page_they_begin_on(self, client):
        for index in range(25):
            news.visit(date=datetime.date(2021, 1, 1) + datetime.timedelta(days=index))
        news.visit(date=datetime.date(2019, 1, 1))
        text = html(client, address("news:visits"))
        assert 'href="?#year-2021"' in text
        assert 'href="?page=2#year-2019"' in text
        assert 'id="year-2019"' in html(client, address("news:visits") + "?page=2")

    def test_it_tells_visits_only_year_by_year(self, client):
        news.visit(
            title_en="A visit", date=datetime.date(2020, 12, 4), guests=[("A Minister", "Health")]
        )
        news.article(title_en="No visit")
        text = html(client, address("news:visits"))
        assert '<h2 class="chronicle__year" id="year-2020">2020</h2>' in text
        assert "A Minister, Health" in text
        assert "No visit" not in text

    def test_without_visits_it_leads_to_the_news(self, client):
        assert "No visit has been told yet" in html(client, address("news:visits"))

    @pytest.mark.parametrize("query", ["?page=0", "?page=999", "?page=abc"])
    def test_a_bad_page_gets_the_nearest(self, client, query):
        news.visit(title_en="A visit")
        text = html(client, address("news:visits") + query)
        assert "A visit" in text
        assert canonical(text) == address("news:visits")

    @pytest.mark.parametrize("number", [3, 26])
    def test_five_queries_whatever_the_number(self, client, number, django_assert_max_num_queries):
        for _ in range(number):
            news.visit(guests=[("A Minister", "Health")])
        with django_assert_max_num_queries(5):
            html(client, address("news:visits"))


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_public_pages_are_read_only(client, method):
    edition = news.article()
    for path in (address("news:list"), edition.get_absolute_url(), address("news:visits")):
        assert getattr(client, method)(path).status_code == 405
