"""The sample institute comes whole, in both languages, and leaves nothing behind."""

from collections import Counter

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import models, transaction

from imagine_site.documents import plain_text, references
from imagine_site.images.models import Image
from imagine_site.pages.models import KeyFigure, Milestone, Page, PageEdition, Role
from imagine_site.sample.loading import load_sample
from imagine_site.sample.removing import remove_sample
from labs.models import FundingRound, Laboratory, Membership, StartUp, Theme
from news.models import Post, PostEdition, Visit
from people.models import FoundingMember, Position, Researcher

SMALL = 0.04

# Loading, removing and drawing the whole institute takes a while: with the slow tests.
pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.usefixtures("sample")]


@pytest.fixture(scope="module")
def sample(django_db_setup, django_db_blocker):
    """Loaded once for all tests here; each gets it as loaded, whatever another did to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_sample(scale=SMALL)
        yield
        transaction.set_rollback(True)


def every_row() -> dict[str, list]:
    return {
        model._meta.label: sorted(map(repr, models.QuerySet(model).values_list()))
        for model in apps.get_models(include_auto_created=True)
    }


def a_person():
    return get_user_model().objects.create_user("nadia", is_staff=True)


def edit(thing, **changes):
    """As the admin does it: the history names the person."""
    for name, value in changes.items():
        setattr(thing, name, value)
    thing._history_user = get_user_model().objects.first() or a_person()
    thing.save()
    return thing


def test_a_second_load_changes_nothing_and_draws_nothing(monkeypatch):
    before = every_row()
    monkeypatch.setattr("imagine_site.sample.draw.draw", None)
    report = load_sample(scale=SMALL)
    assert report.is_idle
    assert every_row() == before


def test_a_persons_changes_survive_a_second_load():
    post = edit(
        Post.objects.get(import_ref="sample:building"), title_en="Ours", edited_since_import=True
    )
    page = edit(Page.objects.get(import_ref="sample:about"), title_fr="À nous")
    laboratory = Laboratory.objects.get(import_key="sample-heart")
    edit(laboratory, we_study_en="We study the heart.", image=None)
    edit(KeyFigure.objects.get(import_key="sample:nationalities"), value="40")
    edit(Image.objects.get(import_ref="sample:helix"), alt_en="A helix.")
    load_sample(scale=SMALL)
    for thing in (post, page, laboratory):
        thing.refresh_from_db()
    assert post.title_en == "Ours"
    assert page.title_fr == "À nous"
    assert (laboratory.we_study_en, laboratory.image) == ("We study the heart.", None)
    assert KeyFigure.objects.get(import_key="sample:nationalities").value == "40"
    assert Image.objects.get(import_ref="sample:helix").alt_en == "A helix."


def test_removing_keeps_what_a_person_changed_with_all_that_it_needs():
    edit(Post.objects.get(import_ref="sample:presidential-visit"), edited_since_import=True)
    report = remove_sample()
    assert [post.import_ref for post in Post.objects.all()] == ["sample:presidential-visit"]
    assert PostEdition.objects.live().count() == 2
    kept = {record.import_key for record in Researcher.objects.all()}
    assert "sample-stanislas-lyonnet" in kept  # the text quotes him
    assert "sample-yanick-crow" not in kept
    assert set(Image.objects.values_list("import_ref", flat=True)) >= {
        "sample:gathering",
        "sample:traces",
        "sample:hundred",
    }
    assert any("somebody has changed it" in reason for reason in report.kept)
    remove_sample(edited_too=True)
    assert not Post.objects.exists()
    assert not Researcher.objects.exists()


def test_removing_keeps_a_record_that_a_story_of_the_institute_is_about():
    heart = Laboratory.objects.get(import_key="sample-heart")
    post = Post.objects.create(title_en="Ours", body_en="<p>Ours.</p>")
    post.laboratories.add(heart)
    linked = Researcher.objects.get(import_key="sample-yanick-crow")
    Page.objects.create(
        title_en="Team", body_en=f'<p><a data-record="{linked.reference}">He</a></p>'
    )
    report = remove_sample(edited_too=True)
    assert Laboratory.objects.filter(pk=heart.pk).exists()
    assert heart.memberships.count() == 1, "a laboratory that stays keeps its head"
    assert Researcher.objects.filter(pk=linked.pk).exists()
    assert any("Ours" in reason for reason in report.kept)
    assert Image.objects.filter(import_ref="sample:loops").exists(), "the laboratory shows it"


def test_removing_keeps_a_researcher_who_joined_a_laboratory_of_the_institute():
    ours = Laboratory.objects.create(name_en="Ours", name_fr="À nous")
    somebody = Researcher.objects.get(import_key="sample-claude-griscelli")
    Membership.objects.create(laboratory=ours, researcher=somebody)
    remove_sample()
    assert [person.import_key for person in Researcher.objects.all()] == ["sample-claude-griscelli"]
    assert [laboratory.name_en for laboratory in Laboratory.objects.all()] == ["Ours"]


def test_the_register_holds_the_facts():
    assert Counter(
        {
            model: model.objects.count()
            for model in (Laboratory, Researcher, FoundingMember, StartUp, FundingRound, Theme)
        }
    ) == {Laboratory: 9, Researcher: 15, FoundingMember: 6, StartUp: 4, FundingRound: 4, Theme: 3}
    director = Position.objects.get(researcher__family_name="Jabri")
    assert (director.title_en, director.since) == ("Director of Institut Imagine", "2025-01")
    heads = Membership.objects.filter(laboratory__import_key="sample-infectious")
    assert {membership.role for membership in heads} == {"co-head"}
    inserm = FoundingMember.objects.get(short_name="Inserm")
    assert (inserm.ror, inserm.sort, inserm.since) == ("02vjkv261", "research", "2007")
    paris = FoundingMember.objects.get(name_en="Université Paris Cité")
    assert "Descartes" in paris.former_names_fr
    smart = StartUp.objects.get(name="Smart Immune")
    assert {person.family_name for person in smart.founders.all()} == {"Cavazzana", "André"}
    assert smart.other_founders == "Karine Rossignol"
    assert {str(round_.amount) for round_ in FundingRound.objects.all()} == {
        "14500000.00",
        "35000000.00",
        "38000000.00",
        "17500000.00",
    }
    assert all(
        laboratory.image and laboratory.themes.exists() for laboratory in Laboratory.objects.all()
    )


def test_the_visit_has_its_quote_its_note_its_figures_and_its_guest():
    visit = Visit.objects.get()
    assert visit.starts_on.isoformat() == "2020-12-04"
    assert visit.post.guests.get().name == "Emmanuel Macron"
    lyonnet = Researcher.objects.get(family_name="Lyonnet")
    for edition in PostEdition.objects.live().filter(story=visit.post):
        assert edition.kind == "visit"
        assert edition.visit["guests"][0]["name"] == "Emmanuel Macron"
        found = references(edition.body)
        assert lyonnet.reference in found.records
        assert len(found.images) == 2
        assert edition.html.count("<picture") == 2
        assert "doc-endnotes" in edition.html
        note = plain_text(edition.body).rsplit("\n\n", 1)[-1]
        for name in ("AP-HP", "Inserm", "Université Paris Cité", "AFM-Téléthon", "Fondation des"):
            assert name in note
        assert edition.laboratories.count() == 2
        assert edition.founding_members.count() == 6
        assert lyonnet in edition.people.all()


def test_every_story_is_public_in_both_languages():
    for editions, stories in ((PostEdition.objects, Post), (PageEdition.objects, Page)):
        live = Counter(editions.live().values_list("story", flat=True))
        assert live == dict.fromkeys(stories.objects.values_list("pk", flat=True), 2)
    assert Post.objects.count() == 4
    assert Page.objects.get(role="about").menu == "header"
    assert set(Page.objects.values_list("role", flat=True)) == {*Role.values} - {""}


def test_every_text_stands_in_both_languages_or_in_none():
    for model in (
        *(Laboratory, Researcher, FoundingMember, StartUp, FundingRound, Theme, Position),
        *(Post, Visit, Page, KeyFigure, Milestone, Image),
    ):
        names = {f.name for f in model._meta.fields}
        pairs = [
            (n, f"{n[:-3]}_fr") for n in names if n.endswith("_en") and f"{n[:-3]}_fr" in names
        ]
        for row in model.objects.all():
            for english, french in pairs:
                said = bool(getattr(row, english)), bool(getattr(row, french))
                assert len(set(said)) == 1, f"{model.__name__} {row}: {english}"


def test_every_picture_is_described_in_both_languages_or_only_decorates():
    images = list(Image.objects.all())
    assert len(images) >= 10
    for image in images:
        assert image.decorative or (image.alt_en and image.alt_fr), image.title
        assert image.credit
        assert image.licence == "CC0 1.0"
    in_stories = {
        pk for edition in PostEdition.objects.all() for pk in references(edition.body).images
    }
    leads = set(Post.objects.values_list("lead_image", flat=True))
    assert not Image.objects.filter(pk__in=in_stories | leads, decorative=True).exists()


def test_key_figures_and_milestones_say_as_of_when():
    assert all(figure.as_of and figure.source_en for figure in KeyFigure.objects.all())
    assert [milestone.date for milestone in Milestone.objects.all()] == [
        "2007", "2011", "2014-06-18", "2019", "2020-02", "2025-01",
    ]  # fmt: skip


def test_the_commands_say_what_they_did(capsys):
    call_command("load_sample")
    assert "Already there: images (16), records (37)" in capsys.readouterr().out
    call_command("load_sample", verbosity=0)
    assert capsys.readouterr().out == ""
    call_command("remove_sample")
    assert "Removed: articles (4), pages (8)" in capsys.readouterr().out
