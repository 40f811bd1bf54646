"""Everything the site says in English it says in French, in good typography."""

import polib
import pytest

from tests.house.catalogues import (
    CATALOGUE,
    forms,
    key,
    placeholders,
    said,
    texts_of_a_template,
    texts_of_the_sources,
    typography,
)


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(str(CATALOGUE))


def test_every_text_has_a_french_translation(catalogue):
    translated = {key(entry) for entry in catalogue if all(forms(entry)) and not entry.fuzzy}
    sources = texts_of_the_sources()
    assert len(sources) > 200
    missing = {f"{where}: {text}" for text, where in sources.items() if text not in translated}
    assert missing == set()


def test_the_catalogue_holds_nothing_else(catalogue):
    sources = texts_of_the_sources()
    assert [entry.msgid for entry in catalogue if key(entry) not in sources] == []
    assert [entry.msgid for entry in catalogue if entry.fuzzy] == []


def test_the_compiled_catalogue_is_that_of_the_text(catalogue):
    assert said(polib.mofile(str(CATALOGUE.with_suffix(".mo")))) == said(catalogue)


def test_a_translation_keeps_the_placeholders_and_the_mark_up(catalogue):
    for entry in catalogue:
        if entry.msgid_plural:
            # One form may say "one" in words and leave the number out.
            wanted = set(placeholders(entry.msgid)) | set(placeholders(entry.msgid_plural))
            assert all(set(placeholders(form)) <= wanted for form in forms(entry)), entry.msgid
            assert placeholders(forms(entry)[-1]) == placeholders(entry.msgid_plural), entry.msgid
        else:
            assert placeholders(entry.msgstr) == placeholders(entry.msgid), entry.msgid


def test_the_french_is_set_as_french(catalogue):
    wrong = {
        form: faults for entry in catalogue for form in forms(entry) if (faults := typography(form))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "text",
    [
        "l'institut",
        "Vraiment ?",
        "Vraiment?",
        "Attention!",
        "un ; deux",
        "un; deux",
        "Titre : sous-titre",
        "Titre: sous-titre",
        "« mot »",
        "«mot»",
        "“mot”",
        'le "mot" juste',
        "et cetera...",
    ],
)
def test_bad_typography_is_noticed(text):
    assert typography(text)


@pytest.mark.parametrize(
    "text",
    [
        "l’institut",
        "Vraiment\u202f?",
        "un\u202f; deux",
        "Titre\u00a0: sous-titre",
        "«\u202fmot\u202f» et «\u00a0mot\u00a0»",
        "à 14:45, voir https://example.org/?a=b",
        'un <a href="/x/">lien</a> et «\u202f%(name)s\u202f»…',
        "2016-07 ou 2014-06-18",
    ],
)
def test_good_typography_passes(text):
    assert typography(text) == []


def test_texts_of_templates_are_found():
    source = (
        '{% load i18n %}{% translate "One" %}{% translate "May" context "month" %}'
        "{% blocktranslate count n=n %}{{ n }} lab{% plural %}{{ n }} labs{% endblocktranslate %}"
        '{{ _("Two (2)") }}'
    )
    assert set(texts_of_a_template(source)) == {
        (None, "One", ""),
        ("month", "May", ""),
        (None, "%(n)s lab", "%(n)s labs"),
        (None, "Two (2)", ""),
    }
