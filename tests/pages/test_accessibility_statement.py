"""What the site says of its accessibility: computed, in the order of the law, and honest."""

import ast
import contextlib
import datetime
import re
from dataclasses import replace

import lxml.html
import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from imagine_site.components.head import LANGUAGES
from imagine_site.pages import accessibility
from imagine_site.pages.accessibility import Criterion, State, Statement, Status, Theme, statement
from imagine_site.pages.context_processors import Site

#: How many criteria each theme of RGAA 4.1.2 has.
RGAA = (9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12)
DAY = datetime.date(2026, 11, 24)


def judged(*statuses: Status, by: str = "A person", on: datetime.date | None = DAY) -> Statement:
    """The statement with these states, as if somebody had audited the site."""
    rows = statement().themes[0].criteria
    wording = rows[0].wording
    criteria = tuple(Criterion("1.1", wording, status, "a note") for status in statuses)
    theme = Theme(statement().themes[0].name, criteria)
    return replace(statement(), themes=(theme,), audited_by=by, audited_on=on)


# -- The grid ------------------------------------------------------------------------------------


def test_the_grid_has_every_criterion_of_the_framework_once():
    numbers = [row.number for row in statement().criteria]
    expected = [
        f"{theme}.{number}"
        for theme, count in enumerate(RGAA, start=1)
        for number in range(1, count + 1)
    ]
    assert numbers == expected
    assert len(numbers) == 106


def test_every_criterion_is_worded_in_both_languages():
    for row in statement().criteria:
        assert all(row.wording.texts[language].strip() for language in LANGUAGES), row.number
        assert row.wording.texts["en"] != row.wording.texts["fr"], row.number


CHECKS = settings.BASE_DIR / "audit/run.py"


def existing_checks() -> set[str]:
    """The checks that `make audit` knows, read from its source."""
    for node in ast.walk(ast.parse(CHECKS.read_text("utf-8"))):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "SAID":
            return set(ast.literal_eval(node.value))
    raise LookupError("audit/run.py has no list of checks")


def is_evidence(text: str) -> bool:
    """A dated note, a check of the audit, or a test that exists."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d: .{10,}", text):
        datetime.date.fromisoformat(text[:10])
        return True
    if check := re.fullmatch(r"audit: ([\w-]+)(?: \(.+\))?", text):
        return check[1] in existing_checks()
    file, _colons, name = text.partition("::")
    path = settings.BASE_DIR / file
    return (
        name.startswith("test_")
        and path.is_relative_to(settings.BASE_DIR / "tests")
        and path.exists()
        and f"def {name}(" in path.read_text("utf-8")
    )


def test_what_is_called_compliant_or_not_applicable_rests_on_something_that_exists():
    rested = [
        row
        for row in statement().criteria
        if row.status in {Status.COMPLIANT, Status.NOT_APPLICABLE}
    ]
    assert rested
    assert [row.number for row in rested if not is_evidence(row.evidence)] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "we looked",
        "2026-13-01: a month that does not exist",
        "audit: wishes",
        "tests/pages/test_pages.py::test_that_nobody_wrote",
        "tests/nowhere.py::test_x",
    ],
)
def test_evidence_can_be_refused(text):
    with contextlib.suppress(ValueError):
        assert not is_evidence(text)


def test_no_template_opens_a_window():
    """Evidence for criterion 13.2: no link has a target."""
    for file in (settings.BASE_DIR / "templates").rglob("*.html"):
        if "admin" not in file.parts and "publishing" not in file.parts:
            assert not re.search(r"\starget=", file.read_text("utf-8")), file


def test_every_page_has_the_same_frame():
    """Evidence for criterion 12.2: the menus are written once, and no page replaces them."""
    templates = settings.BASE_DIR / "templates"
    frame = (templates / "base.html").read_text("utf-8")
    assert frame.index("site_header.html") < frame.index("<main") < frame.index("site_footer.html")
    holders = [file for file in templates.rglob("*.html") if "site_header" in file.read_text()]
    assert [file.name for file in holders] == ["base.html"]


# -- The state -----------------------------------------------------------------------------------


def test_without_an_audit_by_a_person_the_site_is_not_compliant():
    assert not statement().is_audited
    assert statement().state() == State.NONE
    assert judged(Status.COMPLIANT, by="").state(on=DAY) == State.NONE
    assert judged(Status.COMPLIANT, on=None).state(on=DAY) == State.NONE


@pytest.mark.parametrize(
    ("statuses", "state", "percent"),
    [
        ((Status.COMPLIANT, Status.NOT_APPLICABLE), State.FULL, 100),
        ((Status.COMPLIANT, Status.NOT_COMPLIANT), State.PARTIAL, 50),
        ((Status.COMPLIANT, Status.NOT_COMPLIANT, Status.NOT_COMPLIANT), State.NONE, 33),
        ((Status.COMPLIANT, Status.COMPLIANT, Status.NOT_TESTED), State.NONE, 66),
        ((Status.NOT_APPLICABLE,), State.FULL, 0),
    ],
)
def test_the_state_is_computed_from_the_criteria(statuses, state, percent):
    found = judged(*statuses)
    assert found.state(on=DAY) == state
    assert found.percent == percent


def test_an_audit_is_valid_for_three_years():
    found = judged(Status.COMPLIANT)
    last = datetime.date(2029, 11, 23)
    assert (found.state(on=last), found.warning(on=last)) == (State.FULL, "")
    after = last + datetime.timedelta(days=1)
    assert found.state(on=after) == State.NONE
    assert "three years" in found.warning(on=after)
    leap = judged(Status.COMPLIANT, on=datetime.date(2024, 2, 29))
    assert leap.expires_on == datetime.date(2027, 2, 28)


def test_an_audit_that_is_too_old_is_told_to_editors(monkeypatch, admin_client):
    old = judged(Status.COMPLIANT, on=datetime.date(2001, 1, 1))
    monkeypatch.setattr(accessibility, "statement", lambda: old)
    monkeypatch.setattr("imagine_site.pages.context_processors.statement", lambda: old)
    assert [message.id for message in accessibility.grid_is_sound(None)] == ["pages.W001"]
    assert "three years old" in admin_client.get("/admin/").content.decode()


def test_a_mistake_in_the_file_is_told_by_the_system_check(monkeypatch):
    def broken():
        raise KeyError("status")

    assert accessibility.grid_is_sound(None) == []
    monkeypatch.setattr(accessibility, "statement", broken)
    assert [message.id for message in accessibility.grid_is_sound(None)] == ["pages.E001"]


# -- The page ------------------------------------------------------------------------------------


def rendered(language: str, found: Statement | None = None):
    class Frame(Site):
        contact = None
        statement = found or accessibility.statement()

    with translation.override(language):
        html = render_to_string("pages/_accessibility.html", {"site": Frame(language)})
    return lxml.html.fromstring(f"<main>{html}</main>")


ORDER = [
    "commitment",
    "plan",
    "scope",
    "state",
    "results",
    "content",
    "establishment",
    "feedback",
    "remedies",
    "criteria",
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sections_stand_in_the_order_of_the_law(language):
    page = rendered(language)
    assert page.xpath("//h2/@id") == [f"a11y-{name}" for name in ORDER]
    levels = [int(heading.tag[1]) for heading in page.xpath("//h2|//h3")]
    assert levels[0] == 2
    text = page.text_content()
    for words in ("2005-102", "4.1.2", "71120", "75342 Paris CEDEX 07", str(statement().percent)):
        assert words in text
    assert len(page.xpath("//tbody/tr")) == 106
    assert len(page.xpath("//tbody/tr/th[@scope='row']")) == 106


def test_a_fresh_site_says_that_nobody_has_audited_it():
    text = rendered("en").text_content()
    assert "is not compliant with the RGAA" in text
    assert "No person has audited the site yet" in text


def test_an_audit_is_named_with_its_date_and_what_fails():
    found = judged(Status.COMPLIANT, Status.NOT_COMPLIANT, on=datetime.date(2999, 1, 1))
    text = " ".join(rendered("en", found).text_content().split())
    assert "partially compliant" in text
    assert "The audit made by A person on 1 January 2999 found that 50%" in text
    assert "No person has audited" not in text


@pytest.mark.django_db
def test_the_foot_of_every_page_says_the_state(client, monkeypatch):
    assert "Accessibility: not compliant" in client.get("/en/").content.decode()
    found = judged(Status.COMPLIANT, on=datetime.date(2999, 1, 1))
    monkeypatch.setattr("imagine_site.pages.context_processors.statement", lambda: found)
    assert "Accessibility: fully compliant" in client.get("/en/").content.decode()
