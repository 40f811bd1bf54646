import datetime
import re
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError

from imagine_site.register import kinds
from labs.models import FundingRound, Laboratory, Membership, StartUp, Theme
from labs.register_file import RegisterFileError, load
from people.models import FoundingMember, Position, Researcher, ResearcherLink
from tests.factories import labs, people

pytestmark = pytest.mark.django_db

EVERYTHING = """\
institute: {anything: goes}
themes:
  - {key: rare, name: {en: Rare diseases, fr: Maladies rares}}
laboratories:
  - key: heart
    name: {en: Heart morphogenesis, fr: Morphogenèse du cœur}
    short_name: Heart
    we_study: {en: How a heart takes shape., fr: Comment un cœur prend forme.}
    note: a joint unit
    themes: [rare]
    opened: 2012
    website: https://heart.example/
  - {key: bone, name: {en: Bone, fr: Os}}
researchers:
  - given: Ada
    family: Lovelace
    honorific: Pr
    orcid: 0000-0002-1825-0097
    aliases: [Augusta Ada King]
    biography: {en: She wrote programs., fr: Elle écrivait des programmes.}
    links:
      - {label: HAL, url: "https://hal.example/ada"}
    positions:
      - {en: Director, fr: Directrice, since: 2016-07, until: 2024-12}
      - {title: {en: Professor, fr: Professeure}, since: 2001}
    labs:
      - {lab: heart, role: head, since: 2012}
      - {lab: bone}
  - {key: hidden, given: Grace, family: Hopper, public: no}
founding_members:
  - name: {en: Paris public hospitals, fr: Assistance publique – Hôpitaux de Paris}
    short: AP-HP
    kind: hospital
    aliases: [APHP]
    ror: 00pg5jh14
    former_names: {fr: Anciennement autre chose}
    since: 2007
  - {name: Ville de Paris, kind: city}
start_ups:
  - name: codoc
    founded: 2017
    origin: spin-off
    field: {en: data, fr: données}
    laboratories: [heart]
    founders: [Pr Ada LOVELACE, hidden, Somebody Else]
    founders_orgs: [A Fund]
    rounds:
      - {series: A, year: 2017, eur_m: 14.5, source: a press release}
      - {label: Grant, date: 2020-03-30, amount: 2_000_000, currency: USD, note: {fr: subvention}}
"""


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes institute.yaml in the current folder, so that errors name it shortly."""
    monkeypatch.chdir(tmp_path)

    def write(content: str) -> str:
        (tmp_path / "institute.yaml").write_text(content, encoding="utf-8")
        return "institute.yaml"

    return write


@pytest.fixture
def errors(written):
    def problems(content: str) -> list[str]:
        before = everything_there_is()
        with pytest.raises(RegisterFileError) as caught:
            load(written(content))
        assert everything_there_is() == before, "a file with errors must change nothing"
        return [str(problem) for problem in caught.value.problems]

    return problems


MODELS = [
    *(Theme, Laboratory, Membership, StartUp, FundingRound),
    *(Researcher, Position, ResearcherLink, FoundingMember),
    *(StartUp.founders.through, StartUp.laboratories.through, Laboratory.themes.through),
]


def everything_there_is() -> dict:
    """Every row of the register and of its history."""
    models = [*MODELS, *(model.history.model for model in kinds.everything())]
    return {model: list(model.objects.order_by("pk").values()) for model in models}


def edited_by(record, username="claire", **fields):
    user, _ = get_user_model().objects.get_or_create(username=username)
    for name, value in fields.items():
        setattr(record, name, value)
    record._history_user = user
    record._change_reason = None
    record.save()


def ada():
    return Researcher.objects.get(import_key="ada-lovelace")


# -- What is loaded ---------------------------------------------------------------------------


def test_all_of_the_register_is_loaded(written):
    report = load(written(EVERYTHING))
    assert len(report.created) == 8
    assert not report.updated
    assert not report.kept

    person = ada()
    assert (str(person), person.orcid) == ("Pr Ada Lovelace", "0000-0002-1825-0097")
    assert person.aliases == "Augusta Ada King"
    assert person.biography_fr == "Elle écrivait des programmes."
    assert [(link.label, link.url) for link in person.links.all()] == [
        ("HAL", "https://hal.example/ada")
    ]
    assert [str(title) for title in person.titles(at=datetime.date(2020, 1, 1))] == [
        "Director",
        "Professor",
    ]
    assert [(m.laboratory.import_key, m.role, m.since) for m in person.memberships.all()] == [
        ("heart", "head", "2012"),
        ("bone", "member", ""),
    ]
    assert not Researcher.objects.get(import_key="hidden").is_public

    heart = Laboratory.objects.get(import_key="heart")
    assert (heart.slug_en, heart.slug_fr) == ("heart-morphogenesis", "morphogenese-du-coeur")
    assert (heart.short_name_en, heart.short_name_fr) == ("Heart", "Heart")
    assert (heart.note_en, heart.note_fr) == ("a joint unit", "")
    assert [theme.name_fr for theme in heart.themes.all()] == ["Maladies rares"]

    hospitals, city = FoundingMember.objects.in_statutory_order()
    assert (hospitals.short_name, hospitals.ror, hospitals.since) == ("AP-HP", "00pg5jh14", "2007")
    assert (hospitals.former_names_en, hospitals.former_names_fr) == (
        "",
        "Anciennement autre chose",
    )
    assert (city.name_en, city.name_fr, city.order) == ("Ville de Paris", "Ville de Paris", 2)

    codoc = StartUp.objects.get()
    assert {founder.import_key for founder in codoc.founders.all()} == {"ada-lovelace", "hidden"}
    assert codoc.other_founders == "Somebody Else\nA Fund"
    assert list(codoc.laboratories.all()) == [heart]
    assert codoc.raised(at=datetime.date(2021, 1, 1)) == {
        "EUR": Decimal("14500000"),
        "USD": Decimal("2000000"),
    }
    assert [(each.label, each.note_fr) for each in codoc.rounds.all()] == [
        ("Series A", ""),
        ("Grant", "subvention"),
    ]


def test_loading_again_changes_nothing_at_all(written):
    load(written(EVERYTHING))
    before = everything_there_is()
    report = load("institute.yaml")
    assert everything_there_is() == before
    assert (report.created, report.updated, report.kept) == ([], [], [])
    assert len(report.unchanged) == 8


def test_a_changed_file_updates_what_it_changes_and_says_so(written):
    load(written(EVERYTHING))
    versions = {m: dict(m.objects.values_list("pk", "version")) for m in kinds.everything()}
    links = list(ResearcherLink.objects.values())
    changed = EVERYTHING.replace("until: 2024-12", "until: 2025-01").replace("Heart\n", "Hearts\n")
    report = load(written(changed))
    assert report.updated == [
        ("Heart morphogenesis", ["short_name_en", "short_name_fr"]),
        ("Pr Ada Lovelace", ["positions"]),
    ]
    assert ada().positions.get(title_en="Director").until == "2025-01"
    assert ada().version == versions[Researcher][ada().pk] + 1
    assert list(ResearcherLink.objects.values()) == links
    assert ada().history.first().history_change_reason == "register file: institute.yaml"
    assert ada().history.count() == 2


def test_a_list_in_the_file_is_the_whole_list(written):
    load(written(EVERYTHING))
    kept = ada().memberships.get(laboratory__import_key="heart").pk
    load(
        written(
            EVERYTHING.replace("      - {lab: bone}\n", "").replace("themes: [rare]", "themes: []")
        )
    )
    assert list(ada().memberships.values_list("pk", flat=True)) == [kept]
    assert not Laboratory.objects.get(import_key="heart").themes.exists()


def test_what_the_file_does_not_name_stays(written):
    load(written(EVERYTHING))
    labs.laboratory(name_en="Made by hand")
    load(written("researchers:\n  - {given: Ada, family: Lovelace}\n"))
    person = ada()
    assert (person.honorific, person.positions.count(), person.links.count()) == ("Pr", 2, 1)
    assert Laboratory.objects.count() == 3
    assert StartUp.objects.get().rounds.count() == 2


def test_french_alone_is_enough_for_a_record_that_has_its_english(written):
    load(written("laboratories: [{key: bone, name: Bone}]"))
    load(written("laboratories: [{key: bone, name: {fr: Os}}]"))
    assert Laboratory.objects.values_list("name_en", "name_fr").get() == ("Bone", "Os")


def test_an_explicit_nothing_empties_a_field(written):
    load(written(EVERYTHING))
    load(
        written(
            "researchers:\n  - {given: Ada, family: Lovelace, orcid: ~, links: }\n"
            "start_ups: [{name: codoc, origin: spin-off, founded: }]\n"
        )
    )
    assert (ada().orcid, ada().links.count()) == ("", 0)
    assert StartUp.objects.get().founded is None


def test_an_address_is_never_emptied(written):
    load(written(EVERYTHING))
    assert load(written("researchers: [{given: Ada, family: Lovelace, slug: ~}]")).updated == []
    assert ada().slug == "ada-lovelace"


def test_a_row_keeps_what_the_file_does_not_say_of_it(written):
    load(written("researchers: [{given: A, family: B, positions: [{en: Director}]}]"))
    Position.objects.update(title_fr="Directrice", since="2010")
    assert load("institute.yaml").updated == []


def test_the_vaguer_of_two_rows_does_not_take_the_other_one_s_place(written):
    content = """\
laboratories: [{key: heart, name: Heart}]
researchers:
  - given: A
    family: B
    labs: [{lab: heart, role: head}, {lab: heart, role: head, since: 2010}]
"""
    load(written(content))
    assert load("institute.yaml").updated == []
    assert sorted(Membership.objects.values_list("since", flat=True)) == ["", "2010"]


def test_a_file_may_refer_to_what_is_in_the_register_already(written):
    labs.laboratory(import_key="bone")
    labs.theme(slug="rare")
    people.researcher(given_name="Grace", family_name="Hopper", aliases="Amazing Grace")
    load(
        written(
            "laboratories: [{key: skin, name: Skin, themes: [rare]}]\n"
            "researchers: [{given: A, family: B, labs: [{lab: bone}]}]\n"
            "start_ups: [{name: codoc, origin: hosted, founders: [Amazing grace]}]\n"
        )
    )
    assert str(StartUp.objects.get().founders.get()) == "Grace Hopper"
    assert Membership.objects.get().laboratory.import_key == "bone"


def test_a_record_made_by_hand_gets_its_key_instead_of_a_twin(written):
    person = people.researcher(given_name="Ada", family_name="Lovelace")
    report = load(written("researchers: [{given: ada, family: LOVELACE, honorific: Pr}]"))
    assert report.updated == [
        ("Pr ada LOVELACE", ["given_name", "family_name", "honorific", "import_key"])
    ]
    person.refresh_from_db()
    assert person.import_key == "ada-lovelace"
    assert person.slug == "ada-lovelace"


def test_of_two_namesakes_in_the_file_only_one_is_the_one_made_by_hand(written):
    people.researcher(given_name="Ada", family_name="Lovelace")
    twin = "given: Ada, family: Lovelace"
    content = f"researchers: [{{key: a, {twin}}}, {{key: b, {twin}}}]"
    report = load(written(content))
    assert (len(report.created), len(report.updated)) == (1, 1)
    assert load("institute.yaml").updated == []


def test_a_changed_address_leaves_its_former_one_known(written):
    load(written("researchers: [{given: Ada, family: Lovelace}]"))
    load(written("researchers: [{given: Ada, family: Lovelace, slug: ada}]"))
    assert list(ada().history.values_list("slug", flat=True)) == ["ada", "ada-lovelace"]


# -- What people decided ----------------------------------------------------------------------


def test_what_a_person_changed_since_the_last_load_is_kept(written):
    load(written(EVERYTHING))
    edited_by(ada(), family_name="King")
    report = load("institute.yaml")
    [kept] = report.kept
    assert (kept.name, kept.by) == ("Pr Ada King", "claire")
    assert report.updated == []
    assert ada().family_name == "King"


def test_a_change_to_something_the_file_does_not_name_is_no_conflict(written):
    load(written(EVERYTHING))
    edited_by(Laboratory.objects.get(import_key="bone"), unit_code="UMR 1163")
    report = load("institute.yaml")
    assert (report.kept, report.updated) == ([], [])


def test_with_force_the_file_wins_and_the_next_load_is_quiet(written):
    load(written(EVERYTHING))
    edited_by(ada(), family_name="King")
    assert load("institute.yaml", force=True).updated == [("Pr Ada Lovelace", ["family_name"])]
    report = load("institute.yaml")
    assert (report.kept, report.updated) == ([], [])
    report = load(written(EVERYTHING.replace("honorific: Pr", "honorific: Dr")))
    assert report.updated == [("Dr Ada Lovelace", ["honorific"])]


def test_a_record_somebody_made_by_hand_is_kept_too(written):
    person = Researcher(given_name="Ada", family_name="Lovelace")
    edited_by(person)
    report = load(written("researchers: [{given: Ada, family: Lovelace, honorific: Pr}]"))
    assert [kept.name for kept in report.kept] == ["Ada Lovelace"]
    assert Researcher.objects.get().import_key is None


def test_a_kept_laboratory_can_still_be_referred_to(written):
    load(written(EVERYTHING))
    edited_by(Laboratory.objects.get(import_key="heart"), name_en="Hearts")
    load(written(EVERYTHING.replace("role: head", "role: co-head")))
    assert ada().memberships.get(laboratory__import_key="heart").role == "co-head"


# -- Mistakes ---------------------------------------------------------------------------------


def test_every_mistake_is_reported_at_once_with_line_and_field(errors):
    content = (
        EVERYTHING.replace("0000-0002-1825-0097", "0000-0002-1825-0098")
        .replace("honorific: Pr", "honorifc: Pr")
        .replace("since: 2016-07", "since: 2016-13")
        .replace("lab: bone", "lab: bonn")
        .replace("origin: spin-off", "origin: spinoff")
        .replace("eur_m: 14.5", "eur_m: lots")
        .replace("themes: [rare]", "themes: [rear]")
        .replace("ror: 00pg5jh14", "ror: 00pg5jh15")
        .replace("https://heart.example/", "heart.example")
    )
    assert errors(content) == [
        "institute.yaml:10: laboratories[1].themes[1]: no theme has the key “rear”. "
        "Did you mean “rare”?",
        "institute.yaml:12: laboratories[1].website: Enter a valid URL.",
        "institute.yaml:17: researchers[1].honorifc: is not a key known here. "
        "Did you mean “honorific”?",
        "institute.yaml:18: researchers[1].orcid: This ORCID iD has a typing mistake: "
        "its last character does not fit the others.",
        "institute.yaml:24: researchers[1].positions[1].since: “2016-13” is no date: "
        "write 2007, 2016-07 or 2014-06-18.",
        "institute.yaml:28: researchers[1].labs[2].lab: no laboratory has the key “bonn”. "
        "Did you mean “bone”?",
        "institute.yaml:35: founding_members[1].ror: This ROR id has a typing mistake.",
        "institute.yaml:42: start_ups[1].origin: “spinoff” is not one of spin-off, hosted, "
        "partner. Did you mean “spin-off”?",
        "institute.yaml:48: start_ups[1].rounds[1].eur_m: “lots” is no number: write 14.5",
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("reserchers: []", "1: reserchers: is not a key known here. Did you mean “researchers”?"),
        ("institute: {name: x}", "1: no section of the register in it: one of researchers, "),
        ("researchers: Ada", "1: researchers: a list expected, each entry beginning with “- ”"),
        ("researchers: [Ada]", "1: researchers[1]: “key: value” expected"),
        ("researchers: [{given: Ada}]", "1: researchers[1].family: is missing"),
        ("laboratories: [{key: x}]", "1: laboratories[1].name: is missing"),
        ("laboratories: [{key: x, name: {fr: Os}}]", "1: laboratories[1].name.en: is missing"),
        ("laboratories: [{key: x, name: {de: Herz}}]", "1: laboratories[1].name.de: is not a key"),
        ("laboratories: [{key: [x], name: y}]", "1: laboratories[1].key: one value expected"),
        ("themes: [{name: x}]", "1: themes[1].key: is missing"),
        ("themes: [{key: a b, name: x}]", "1: themes[1].key: Enter a valid “slug”"),
        ("start_ups: [{name: x}]", "1: start_ups[1].origin: is missing"),
        (
            "start_ups: [{name: x, origin: hosted, founded: 1492}]",
            "1: start_ups[1].founded: Ensure",
        ),
        ("founding_members: [{name: x, kind: bank}]", "1: founding_members[1].kind: “bank” is not"),
        (
            "founding_members: [{name: x, since: 2010, until: 2009}]",
            "1: founding_members[1].until: The end comes before the beginning.",
        ),
        (
            "researchers: [{given: A, family: B, positions: [{en: x, since: 2010, until: 2009}]}]",
            "1: researchers[1].positions[1].until: The end comes before the beginning.",
        ),
        (
            "researchers: [{given: A, family: B, positions: [{fr: x}]}]",
            "1: researchers[1].positions[1].en: is missing",
        ),
        (
            f"researchers: [{{given: {'A' * 101}, family: B}}]",
            "1: researchers[1].given: Ensure this value has at most 100 characters",
        ),
        (
            "researchers: [{given: A, family: B}, {given: a, family: b}]",
            "1: researchers[2]: the key “a-b” is also that of researchers[1] (line 1); "
            "give one of them a “key:” of its own",
        ),
        (
            "researchers: [{given: A, family: B, slug: x}, {given: C, family: D, slug: x}]",
            "1: researchers[2].slug: “x” belongs to researchers[1] (line 1) already",
        ),
        (
            "researchers: [{given: A, family: B, labs: [{role: head}]}]",
            "1: researchers[1].labs[1].lab: is missing",
        ),
        (
            "start_ups: [{name: x, origin: hosted, rounds: [{series: A}]}]",
            "1: start_ups[1].rounds[1].date: is missing (or year)",
        ),
        (
            "start_ups: [{name: x, origin: hosted, rounds: [{year: 2010, eur_m: 1}]}]",
            "1: start_ups[1].rounds[1].series: is missing (or kind, label)",
        ),
        (
            "start_ups: [{name: x, origin: hosted, rounds: [{kind: x, year: 2010, eur_m: 0}]}]",
            "1: start_ups[1].rounds[1].eur_m: Ensure this value is greater than",
        ),
        (
            "start_ups: [{name: x, origin: hosted, rounds: [{kind: x, year: 2010, amount: 1, "
            "currency: XYZ}]}]",
            "1: start_ups[1].rounds[1].currency: Value 'XYZ' is not a valid choice.",
        ),
        (
            "start_ups: [{name: x, origin: hosted, rounds: [{kind: x, year: 2010, eur_m: 1, "
            "currency: USD}]}]",
            "1: start_ups[1].rounds[1].eur_m: stands for amount and currency; write either",
        ),
        (
            "start_ups: [{name: x, origin: hosted, rounds: [{kind: x, year: 2010, eur_m: 1}, "
            "{kind: x, year: 2010, eur_m: 2}]}]",
            "1: start_ups[1].rounds[2]: says the same as start_ups[1].rounds[1] (line 1)",
        ),
        (
            "researchers: [{given: 明, family: 李}]",
            "1: researchers[1].key: none can be made from this name: write one",
        ),
        ("researchers: [{given: A, given: B}]", "1: the key “given” stands twice"),
    ],
)
def test_a_mistake_is_named_by_line_and_field(errors, content, error):
    found = errors(content)
    assert any(each.startswith(f"institute.yaml:{error}") for each in found), found


def test_an_orcid_of_somebody_else_in_the_register_is_refused(errors):
    people.researcher(family_name="Other", orcid="0000-0002-1825-0097")
    [error] = errors(EVERYTHING)
    assert error == (
        "institute.yaml:18: researchers[1].orcid: “0000-0002-1825-0097” belongs to "
        "Ada Other already"
    )


def test_a_founder_whose_name_two_people_bear_is_not_guessed(errors):
    for _ in range(2):
        people.researcher(given_name="Marie", family_name="Dupont")
    [error] = errors("start_ups: [{name: x, origin: hosted, founders: [Dr Marie Dupont]}]")
    assert error.startswith("institute.yaml:1: start_ups[1].founders[1]: “Dr Marie Dupont” is the")


def test_what_the_database_alone_can_refuse_is_an_error_with_a_line_too(written):
    load(
        written(
            "researchers: [{given: A, family: B, slug: x}, {given: C, family: D, slug: y}]",
        )
    )
    with pytest.raises(RegisterFileError, match=r"institute.yaml:2: researchers\[1\]: cannot be"):
        load(
            written(
                "researchers:\n- {given: A, family: B, slug: y}\n- {given: C, family: D, slug: x}\n"
            )
        )
    assert Researcher.objects.get(given_name="A").slug == "x"


# -- The command ------------------------------------------------------------------------------


def run(*args) -> str:
    out = StringIO()
    call_command("load_register", *args, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_did(written):
    first = run(written(EVERYTHING))
    assert "created: Pr Ada Lovelace\n" in first
    assert first.endswith("8 created, 0 updated, 0 unchanged, 0 kept\n")
    assert run("institute.yaml") == "0 created, 0 updated, 8 unchanged, 0 kept\n"
    edited_by(ada(), honorific="Dr")
    third = run("institute.yaml")
    assert "kept: Dr Ada Lovelace (edited by claire on " in third
    assert third.endswith("With --force the file wins over what was edited.\n")
    assert "updated: Pr Ada Lovelace (honorific)\n" in run("institute.yaml", "--force")


def test_a_dry_run_says_the_same_and_writes_nothing(written):
    before = everything_there_is()
    said = run(written(EVERYTHING), "--dry-run")
    assert said.endswith(
        "8 created, 0 updated, 0 unchanged, 0 kept (dry run: nothing was written)\n"
    )
    assert everything_there_is() == before


def test_the_command_fails_with_all_mistakes_and_one_headline(written):
    with pytest.raises(CommandError) as failed:
        run(written("researchers: [{given: A}, {family: B}]"))
    assert failed.value.returncode == 1
    assert str(failed.value).splitlines() == [
        "Nothing was loaded: 2 problems.",
        "institute.yaml:1: researchers[1].family: is missing",
        "institute.yaml:1: researchers[2].given: is missing",
    ]


@pytest.mark.parametrize("content", ["", "- a", "a: [", "a: \x07"])
def test_a_file_that_is_no_register_is_one_problem(written, content):
    with pytest.raises(CommandError, match=r"Nothing was loaded: 1 problem\."):
        run(written(content))


def test_a_missing_file_is_one_problem():
    with pytest.raises(CommandError, match=r"no/such\.yaml: cannot be read"):
        run("no/such.yaml")


def test_the_example_in_the_documentation_loads(written):
    guide = Path(__file__).parents[2] / "docs" / "register-file.md"
    [example] = re.findall(r"```yaml\n(.*?)```", guide.read_text(encoding="utf-8"), re.S)
    report = load(written(example))
    assert len(report.created) == 5
    assert load("institute.yaml").updated == []
    assert StartUp.objects.get().founders.get().import_key == "jeanne-amiel"
