"""The values behind the components."""

import datetime
import itertools
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import translation

from imagine_site.components.bands import LENGTH, banding, paths
from imagine_site.components.head import Head
from imagine_site.components.pager import Pager
from imagine_site.components.words import initials, long_date, money, shortened, spoken


class TestBands:
    @pytest.mark.parametrize("seed", ["", "a", "Heart morphogenesis", "œuf", "x" * 999])
    def test_a_pattern_is_always_the_same_and_one_band_differs(self, seed):
        bands = banding(seed)
        assert bands == banding(seed)
        assert [band.tone for band in bands].count(0) == 1
        assert bands[0].start == 0
        assert bands[-1].start + bands[-1].length == LENGTH
        for before, after in itertools.pairwise(bands):
            assert before.start + before.length <= after.start

    def test_two_names_look_different(self):
        assert banding("Heart") != banding("Neurogenetics")

    def test_where_nothing_is_found_no_band_differs(self):
        assert 0 not in paths(banding("lost", differs=False))

    def test_the_shortest_chromosome_is_drawn_too(self):
        assert paths(banding("21", length=47), vertical=True)


class TestPager:
    def numbers(self, number, count):
        pager = Pager(number=number, count=count, size=1, total=count)
        return [link.number for link in pager.links(str)]

    def test_first_last_and_neighbours_with_gaps(self):
        assert self.numbers(1, 1) == [1]
        assert self.numbers(1, 4) == [1, 2, 3, 4]
        assert self.numbers(10, 20) == [1, 0, 8, 9, 10, 11, 12, 0, 20]

    def test_a_gap_of_one_page_is_that_page(self):
        assert self.numbers(5, 9) == [1, 2, 3, 4, 5, 6, 7, 8, 9]

    def test_the_nearest_page_is_given(self):
        assert Pager.of(25, size=12, asked=999).number == 3
        assert Pager.of(25, size=12, asked=-1).number == 1
        assert Pager.of(0, size=12, asked=4).number == 1
        assert Pager.of(25, size=12, asked=3).slice == slice(24, 36)


class TestWords:
    def test_dates_are_written_as_each_language_writes_them(self):
        day = datetime.date(2020, 12, 1)
        assert long_date(day) == "1\u00a0December 2020"
        assert long_date(SimpleNamespace(year=2016, month=7, day=None)) == "July 2016"
        assert long_date(SimpleNamespace(year=2007, month=None, day=None)) == "2007"
        with translation.override("fr"):
            assert long_date(datetime.date(2020, 12, 4)) == "4\u00a0décembre 2020"

    def test_a_moment_is_dated_where_the_institute_is(self):
        moment = datetime.datetime(2020, 12, 4, 23, 30, tzinfo=datetime.UTC)
        assert long_date(moment) == "5\u00a0December 2020"

    @pytest.mark.parametrize(
        ("amount", "currency", "written"),
        [
            ("14500000", "EUR", "€14.5 million"),
            ("35000000", "EUR", "€35 million"),
            ("999999.50", "USD", "$999,999.50"),
            ("250000", "EUR", "€250,000"),
            ("1000", "CHF", "CHF\u00a01,000"),
        ],
    )
    def test_money(self, amount, currency, written):
        assert money(Decimal(amount), currency) == written

    def test_a_text_is_cut_between_words(self):
        assert shortened("one two\n three", 100) == "one two three"
        assert shortened("one two, three four", 12) == "one two…"

    def test_initials(self):
        assert initials("Jean-Laurent Casanova") == "JC"
        assert initials("Plato") == "P"
        assert initials("") == ""

    def test_a_text_says_when_it_is_in_another_language(self):
        record = SimpleNamespace(text_en="", text_fr="Bonjour")
        text = spoken(record, "text")
        assert (str(text), text.lang) == ("Bonjour", ' lang="fr"')
        with translation.override("fr"):
            assert spoken(record, "text").lang == ""
        assert not spoken(SimpleNamespace(text_en="", text_fr=""), "text")


class TestHead:
    def test_no_pair_is_declared_where_there_is_no_translation(self, settings):
        settings.SITE_URL = "https://site.example"
        head = Head(title="T", path="/en/a/", other="/fr/b/")
        assert head.pair == (
            ("en", "https://site.example/en/a/"),
            ("fr", "https://site.example/fr/b/"),
        )
        assert head.default_address == "https://site.example/en/a/"
        assert Head(title="T", path="/en/a/", other="/fr/b/", translated=False).pair == ()
        assert Head(title="T", path="/en/a/", other="/fr/b/", indexed=False).pair == ()

    def test_a_description_is_short(self):
        assert len(Head(title="T", description="word " * 200).summary) <= 200

    def test_the_other_language_is_named_in_its_own_words(self):
        assert Head(title="T").other_name == "Français"
        with translation.override("fr"):
            assert Head(title="T").other_name == "English"
