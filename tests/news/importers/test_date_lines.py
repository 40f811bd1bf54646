"""The date line in every way French and English pages write it."""

from datetime import date

import pytest

from news.importers.dates import read_date_line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Published on 04.12.2020", date(2020, 12, 4)),
        ("Published on: 4 December 2020", date(2020, 12, 4)),
        ("Published 2020-12-04", date(2020, 12, 4)),
        ("PUBLISHED ON DECEMBER 4, 2020", date(2020, 12, 4)),
        ("Posted on the 4th of December 2020", date(2020, 12, 4)),
        ("Publié le 4 décembre 2020", date(2020, 12, 4)),
        ("Publiée le : 4 decembre 2020", date(2020, 12, 4)),
        ("Publié le\u00a01er\u00a0mars\u00a02021", date(2021, 3, 1)),
        ("Mis en ligne le 04/12/2020", date(2020, 12, 4)),
        ("Date de publication : 04.12.2020", date(2020, 12, 4)),
        ("Date : 04.12.2020", date(2020, 12, 4)),
        ("04.12.2020", date(2020, 12, 4)),
        ("4.12.2020", date(2020, 12, 4)),
        ("04-12-2020", date(2020, 12, 4)),
        ("28/02/2019 14:45", date(2019, 2, 28)),
        ("28/02/2019 à 14h45", date(2019, 2, 28)),
        ("Fri, 02/10/2015", date(2015, 10, 2)),
        ("Fri, 02/10/2015 - 14:30", date(2015, 10, 2)),
        ("Tue, 02/10/2015", date(2015, 2, 10)),  # the weekday says month first
        ("4 décembre 2020", date(2020, 12, 4)),
        ("Le 4 juillet 2016", date(2016, 7, 4)),
        ("Le lundi 4 juillet 2016", date(2016, 7, 4)),
        ("vendredi 4 décembre 2020", date(2020, 12, 4)),
        ("16th November 2018", date(2018, 11, 16)),
        ("Thursday, June 27, 2019", date(2019, 6, 27)),
        ("June 27th 2019", date(2019, 6, 27)),
        ("27 juin 2019 à 9h", date(2019, 6, 27)),
        ("2022-07-13", date(2022, 7, 13)),
        ("2022-07-13T10:30:00Z", date(2022, 7, 13)),
        ("Sept. 3, 2019", date(2019, 9, 3)),
        ("3 sept. 2019", date(2019, 9, 3)),
        ("15 août 2021", date(2021, 8, 15)),
        ("Paris, le 4 décembre 2020", date(2020, 12, 4)),
        ("Paris, December 4, 2020", date(2020, 12, 4)),
        ("Publié le 4 décembre 2020, mis à jour le 6 décembre 2020", date(2020, 12, 4)),
        ("29/02/2020", date(2020, 2, 29)),
    ],
)
def test_a_date_line_is_read_day_first_and_kept_as_written(line, expected):
    found = read_date_line(line)
    assert found is not None
    assert found.date == expected
    assert found.raw == line
    assert found.doubt == ""


@pytest.mark.parametrize(
    "line",
    [
        "December 2020",
        "Publié en décembre 2020".replace("en ", "le "),
        "décembre 2020",
        "Publié le",
        "Published on:",
        "Publié le 31/02/2020",
        "Published on 12/25/2015",
        "Thursday, June 28, 2019",
        "4 décembre",
        "Published on 04.12.20",
        "Published: 2020",
    ],
)
def test_a_date_that_cannot_be_known_is_no_date_and_says_why(line):
    found = read_date_line(line)
    assert found is not None
    assert found.date is None
    assert found.doubt
    assert found.raw == line


@pytest.mark.parametrize(
    "line",
    [
        "Le 4 juillet 2016, l'institut a ouvert ses portes.",
        "On 4 December 2020, the President came.",
        "Published in Nature on 4 December 2020, the study shows this.",
        "2020",
        "In 2020",
        "Published",
        "The rest of the world",
        "May we help you?",
        "12 laboratories",
        "1.2.3",
        "",
        "x" * 500,
    ],
)
def test_a_sentence_or_a_label_is_no_date_line(line):
    assert read_date_line(line) is None


def test_a_label_behind_the_date_is_cut_off_and_kept():
    found = read_date_line("Published on 04.12.2020 | Imagine Institute")
    assert (found.raw, found.label) == ("Published on 04.12.2020", "Imagine Institute")


def test_an_update_is_told_from_a_publication():
    found = read_date_line("Mis à jour le 6 décembre 2020")
    assert found.is_update
    assert not found.is_marked
