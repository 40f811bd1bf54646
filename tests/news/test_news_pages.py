"""What visitors meet on the pages of the news room."""

import datetime
import re
from html import unescape
from urllib.parse import urlsplit

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from imagine_site.publishing.actions import publish, withdraw
from news.models import Kind
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

    @pytest.mark.parametrize(
        ("query", "normal"),
        [
            ("?page=0", ""),
            ("?page=abc", ""),
            ("?page=999", "?page=2"),
            ("?page=99999999999999999999", ""),
            ("?year=abc", ""),
            ("?kind=nonsense&lab=nowhere&person=nobody", ""),
            ("?utm_source=x&page=2", "?page=2"),
        ],
    )
    def test_a_bad_value_gets_the_nearest_page_and_its_normal_address(self, client, query, normal):
        many_articles(13)
        text = html(client, self.path + query)
        assert canonical(text) == self.path + normal
        assert "A finding" in text

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

    def test_the_second_page_follows_the_first(self, client):
        many_articles(13)
        first, second = html(client, self.path), html(client, self.path + "?page=2")
        assert 'aria-current="page"><span class="unseen">Page </span>1</a>' in first
        assert second.count("<article") == 1

    @pytest.mark.parametrize("number", [3, 60])
    def test_five_queries_whatever_the_number_of_rows(
        self, client, number, django_assert_max_num_queries
    ):
        laboratory, person = labs.laboratory(), people.researcher()
        many_articles(
            number,
            lead_image=make_image(),
            about={"laboratories": [laboratory], "people": [person]},
        )
        for query in ("", f"?lab={laboratory.slug_en}&person={person.slug}&kind=news&page=2"):
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
        assert 'rel="alternate"' not in text
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
        assert "<script" not in text

    @pytest.mark.parametrize("number", [3, 60])
    def test_four_queries_whatever_it_is_about(self, client, number, django_assert_max_num_queries):
        edition = news.visit(
            guests=[(f"Guest {index}", "Minister") for index in range(number)],
            lead_image=make_image(),
            about={
                "laboratories": [labs.laboratory() for _ in range(number)],
                "people": [people.researcher() for _ in range(number)],
                "startups": [labs.startup() for _ in range(number)],
                "founding_members": [people.founding_member() for _ in range(number)],
            },
        )
        pages.published_page(menu="header")
        with django_assert_max_num_queries(4):
            html(client, edition.get_absolute_url())


class TestTheChronicleOfVisits:
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

    @pytest.mark.parametrize("number", [3, 60])
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
