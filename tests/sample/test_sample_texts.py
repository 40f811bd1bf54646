"""French as it is set in print, and English with real quotation marks, in all the sample says."""

import re
from collections.abc import Iterator

import pytest

from imagine_site.sample import content

NBSP, NNBSP = "\u00a0", "\u202f"

FAULTS = {
    "a straight apostrophe": re.compile(r"'"),
    "a straight quotation mark": re.compile(r'"'),
    "no narrow space before ; ! ?": re.compile(rf"(?<![{NNBSP}(!?])[;!?]"),
    "no space before a colon": re.compile(rf"(?<!{NBSP}):"),
    "no space inside « »": re.compile(rf"«(?!{NNBSP})|(?<!{NNBSP})»"),
    "no space before %": re.compile(rf"(?<!{NNBSP})%"),
    "an English thousands separator": re.compile(r"\d[, ]\d{3}\b"),
    "two spaces": re.compile(r"  "),
}


def texts(language: str) -> Iterator[tuple[str, str]]:
    """Every sentence of the sample in a language, with where it stands."""
    for article in content.articles():
        path = article.path(language)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield f"{path.name}:{number}", line
    for name in ("register", "statements", "articles", "images", "pages"):
        yield from in_language(content.read(f"{name}.yaml"), language, name)


def in_language(value, language: str, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == language:
                yield place, re.sub(r"<[^>]+>", "", str(inner))
            else:
                yield from in_language(inner, language, f"{place}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from in_language(inner, language, f"{place}[{number}]")


def faults_of(text: str) -> list[str]:
    return [fault for fault, pattern in FAULTS.items() if pattern.search(text)]


def test_french_is_set_as_in_print():
    faults = {place: found for place, text in texts("fr") if (found := faults_of(text))}
    assert not faults


@pytest.mark.parametrize(
    "text",
    ["l'institut", '"oui"', "oui !", f"oui{NBSP}?", "ici: là", "« oui »", "15%", "1,000", "1 000"],
)
def test_the_lint_sees_what_is_set_wrong(text):
    assert faults_of(text)


def test_english_has_no_typewriter_quotation_marks():
    assert not {place for place, text in texts("en") if re.search(r"['\"]", text)}


def test_both_languages_have_as_many_texts():
    assert len(list(texts("en"))) == len(list(texts("fr")))
