import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from imagine_site.register.dates import PartialDate, partial
from people.models import Position
from tests.factories import people

days = st.dates(datetime.date(1995, 1, 1), datetime.date(2005, 12, 31))
partial_dates = st.one_of(
    st.just(""),
    days.map(lambda day: f"{day.year}"),
    days.map(lambda day: f"{day:%Y-%m}"),
    days.map(lambda day: day.isoformat()),
)


class TestPeriods(TestCase):
    @given(st.lists(st.tuples(partial_dates, partial_dates), max_size=8), days)
    def test_the_query_and_the_row_agree_on_what_holds_and_what_ended(self, periods, at):
        person = people.researcher()
        for since, until in periods:
            people.position(person, since=since, until=until)
        rows = list(Position.objects.order_by("pk"))
        assert list(Position.objects.held(at=at).order_by("pk")) == [
            row for row in rows if row.holds(at=at)
        ]
        assert list(Position.objects.ended(at=at).order_by("pk")) == [
            row for row in rows if row.until and partial(row.until).last_day < at
        ]


@given(days)
def test_a_date_known_to_the_year_or_month_spans_all_of_it(day):
    for text in (f"{day.year}", f"{day:%Y-%m}", day.isoformat()):
        known = PartialDate.parse(text)
        assert known.first_day <= day <= known.last_day


@given(st.lists(partial_dates.filter(bool), min_size=2, max_size=10))
def test_partial_dates_sort_as_text_by_their_first_day(texts):
    first_days = [PartialDate.parse(text).first_day for text in sorted(texts)]
    assert first_days == sorted(first_days)


@pytest.mark.parametrize(
    "text",
    ["", "16", "2016-7", "2016-13", "2016-02-30", "0000", "2016-07-01T00:00", "٢٠١٦", "2016\n"],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError):
        PartialDate.parse(text)


@pytest.mark.parametrize(
    ("text", "shown"), [("2007", "2007"), ("2016-07", "July 2016"), ("2014-06-18", "18 June 2014")]
)
def test_a_date_is_shown_no_more_precisely_than_it_is_known(text, shown):
    assert str(PartialDate.parse(text)) == shown
