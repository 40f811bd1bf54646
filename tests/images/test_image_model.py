"""An entry of the library: what it must say, how it comes, changes and goes."""

import datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage, storages
from django.core.management import call_command
from django.db import IntegrityError, transaction

from imagine_site.images import models, uses
from imagine_site.images.models import Consent, DuplicateImage, Image
from imagine_site.images.renditions import Rendition
from imagine_site.images.verify import ImageRefused
from tests.factories.images import exif, image_file, make_image

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 3, 10)
DAY = datetime.timedelta(days=1)


# -- What an entry must say -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"width": 0}, "image_has_a_size"),
        ({"focal_x": 1.01}, "image_focal_point_is_inside"),
        ({"focal_y": -0.01}, "image_focal_point_is_inside"),
        ({"credit": ""}, "image_says_whom_it_is_by"),
        ({"alt_fr": ""}, "image_is_described_in_both_languages_or_decorative"),
        ({"alt_en": ""}, "image_is_described_in_both_languages_or_decorative"),
        ({"consent": Consent.GIVEN}, "image_consent_given_says_where_it_is_kept"),
    ],
)
def test_the_database_itself_holds_the_rules(change, rule):
    image = make_image()
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Image.objects.filter(pk=image.pk).update(**change)


def test_a_decorative_picture_needs_no_words():
    assert make_image(decorative=True, alt_en="", alt_fr="").pk


@pytest.mark.parametrize(
    ("missing", "field"),
    [
        ({"alt_fr": " "}, "alt_fr"),
        ({"alt_en": ""}, "alt_en"),
        ({"credit": "  "}, "credit"),
        ({"credit": "©"}, "credit"),
        ({"consent": Consent.GIVEN}, "consent_reference"),
        ({"focal_x": 1.5}, "focal_x"),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_is_written(missing, field):
    with pytest.raises(ValidationError) as caught:
        make_image(**missing)
    assert list(caught.value.message_dict) == [field]
    assert not Image.objects.exists()
    assert not default_storage.exists("r")


def test_the_copyright_sign_is_left_to_the_page():
    assert make_image(credit="© Laurent Attias").credit == "Laurent Attias"


def test_a_picture_without_a_name_takes_that_of_its_file():
    assert make_image(title="", file=image_file(name="Arrivée EMacron.jpg")).title == (
        "Arrivée EMacron"
    )


# -- How it comes -----------------------------------------------------------------------------


def test_an_added_picture_is_upright_and_has_all_its_files():
    image = make_image(file=image_file(120, 80, exif=exif(orientation=6)))
    assert (image.width, image.height) == (80, 120)
    assert storages["originals"].exists(image.original)
    assert image.paths()
    assert all(default_storage.exists(path) for path in image.paths())
    image.refresh_from_db()
    assert [Rendition.from_json(row) for row in image.renditions] == image.all_renditions()


def test_the_original_lies_outside_the_public_storage_and_has_no_address(settings):
    image = make_image()
    assert not default_storage.exists(image.original)
    assert not hasattr(image.original, "url")
    kept = Path(storages["originals"].path(image.original))
    assert not kept.is_relative_to(Path(default_storage.path("")))


def test_the_same_picture_twice_names_the_entry_that_holds_it():
    first = make_image(title="Hall", file=image_file(seed=7))
    with pytest.raises(DuplicateImage, match="“Hall”") as caught:
        make_image(file=image_file(seed=7, exif=exif()))
    assert caught.value.existing == first
    assert isinstance(caught.value, ImageRefused)


def test_two_editors_adding_the_same_picture_at_once_get_one_entry(monkeypatch):
    first = make_image(file=image_file(seed=7))
    real = models.ImageQuerySet.matching
    answers = iter([Image.objects.none()])
    monkeypatch.setattr(
        models.ImageQuerySet, "matching", lambda self, n: next(answers, None) or real(self, n)
    )
    with pytest.raises(DuplicateImage) as caught:
        make_image(file=image_file(seed=7))
    assert caught.value.existing == first


def test_a_file_we_do_not_take_leaves_nothing_behind():
    with pytest.raises(ImageRefused):
        make_image(file=image_file(content=b"<svg onload='alert(1)'/>"))
    assert not Image.objects.exists()
    assert storages["originals"].listdir("") == ([], [])


# -- Who may see it ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "usable", "said"),
    [
        ({}, True, ""),
        ({"rights_until": TODAY}, True, ""),
        ({"rights_until": TODAY - DAY}, False, "rights"),
        ({"consent": Consent.MISSING}, False, "not given"),
        ({"consent": Consent.GIVEN, "consent_reference": "binder 3"}, True, ""),
        ({"consent_until": TODAY - DAY}, False, "consent"),
        ({"consent_until": TODAY}, True, ""),
    ],
)
def test_a_picture_is_usable_while_rights_and_consent_hold(fields, usable, said):
    image = make_image(**fields)
    assert image.usable(TODAY) is usable
    assert [image] * usable == list(Image.objects.usable(TODAY))
    assert image.rights_expired(TODAY) is (image.rights_until == TODAY - DAY)
    assert said in " ".join(image.obstacles(TODAY))


# -- How it changes ---------------------------------------------------------------------------


def test_a_new_focal_point_cuts_new_crops_and_keeps_the_old_files_for_old_pages():
    image = make_image(file=image_file(600, 300))
    before = image.all_renditions()
    image.focal_x = 1.0
    image.refocus()
    image.save()
    image.refresh_from_db()
    after = image.all_renditions()
    assert [r for r in after if r.shape == "full"] == [r for r in before if r.shape == "full"]
    assert [r for r in after if r.shape == "portrait"] != [
        r for r in before if r.shape == "portrait"
    ]
    assert all(default_storage.exists(rendition.path) for rendition in [*before, *after])
    image.focal_x = 0.5
    image.refocus()
    assert sorted(image.all_renditions(), key=str) == sorted(before, key=str)
    assert not {r.path for r in before} & set(image.retired)


def test_the_history_tells_of_words_and_rights():
    image = make_image(credit="First")
    image.credit = "Second"
    image.save()
    assert list(image.history.values_list("credit", flat=True)) == ["Second", "First"]
    assert image.history.last().instance.renditions == image.renditions


def test_lost_files_are_made_again_under_the_same_names(capsys):
    image = make_image(file=image_file(600, 300))
    whole = make_image()
    lost = image.paths()
    for path in lost:
        default_storage.delete(path)
    call_command("make_renditions")
    assert "2 images, 1 made anew" in capsys.readouterr().out
    image.refresh_from_db()
    assert sorted(image.paths()) == sorted(lost)
    assert all(default_storage.exists(path) for path in lost + whole.paths())
    call_command("make_renditions", "--all")
    assert "2 images, 2 made anew" in capsys.readouterr().out


def test_a_lost_original_is_reported_and_the_others_are_made(capsys):
    image, other = make_image(title="Lost"), make_image()
    storages["originals"].delete(image.original)
    call_command("make_renditions", "--all")
    printed = capsys.readouterr()
    assert "1 made anew" in printed.out
    assert "Lost: the original is missing too" in printed.err
    assert other.pk


# -- How it goes ------------------------------------------------------------------------------


def test_a_used_picture_is_not_removed(used):
    image = make_image()
    used.append(uses.Use("News: The visit", "/admin/news/1/"))
    with pytest.raises(uses.ImageInUse, match="News: The visit"):
        image.remove()
    assert Image.objects.filter(pk=image.pk).exists()


def test_files_go_after_the_commit_and_not_before(django_capture_on_commit_callbacks):
    image = make_image(file=image_file(600, 300))
    image.focal_x = 1.0
    image.refocus()
    image.save()
    paths, original = image.paths(), image.original
    assert image.retired
    with django_capture_on_commit_callbacks() as callbacks:
        image.remove()
        assert all(default_storage.exists(path) for path in paths)
        assert storages["originals"].exists(original)
    for callback in callbacks:
        callback()
    assert not any(default_storage.exists(path) for path in paths)
    assert not storages["originals"].exists(original)


def test_a_file_that_another_picture_names_stays(django_capture_on_commit_callbacks):
    image, other = make_image(), make_image()
    shared, retired, own = image.paths()[:3]
    other.renditions = [{**other.renditions[0], "path": shared}]
    other.retired = [retired]
    other.save()
    with django_capture_on_commit_callbacks(execute=True):
        image.remove()
    assert default_storage.exists(shared)
    assert default_storage.exists(retired)
    assert not default_storage.exists(own)


def test_a_finder_registered_twice_is_asked_once():
    def finder(images):
        return [(image.pk, uses.Use("once")) for image in images]

    uses.register(finder)
    uses.register(finder)
    try:
        assert [str(use) for use in uses.of(make_image())] == ["once"]
    finally:
        uses.unregister(finder)
