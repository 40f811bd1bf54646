"""What becomes of published texts when the library changes: words, crops, pictures."""

import datetime
import io
import zipfile

import pytest
from django.core.files.storage import default_storage, storages
from django.urls import reverse
from django.utils import timezone

from imagine_site.images.library import make_missing
from imagine_site.images.models import Image, shown
from imagine_site.images.normalise import normalise
from imagine_site.publishing import rendering
from imagine_site.publishing.actions import publish, rerender
from imagine_site.publishing.findings import NotPublishable, inspect
from news.models import PostEdition
from tests.factories import labs, news, pages
from tests.factories.images import image_file, make_image

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_jpeg")]
TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)


@pytest.fixture
def editor(admin_client):
    return admin_client


@pytest.fixture
def image():
    return make_image(alt_en="Old words", credit="Old Name")


def published(image: Image, **fields) -> PostEdition:
    body = f'<p>Text.</p><figure data-image="{image.pk}"></figure>'
    return news.article(**{"body_en": body, **fields})


def fresh(edition):
    return type(edition).objects.get(pk=edition.pk)


def replace(client, image: Image, file=None, **sent):
    address = reverse("admin:images_image_replace", args=[image.pk])
    return client.post(address, {"file": file or image_file(120, 80, seed=77), **sent})


# -- Words ------------------------------------------------------------------------------------


def test_corrected_words_reach_what_is_published_and_what_will_be(editor, image):
    now = published(image, lead_image=image)
    page = pages.published_page(body_en=f'<p>x</p><figure data-image="{image.pk}"></figure>')
    own = news.article(
        body_en=f'<p>x</p><figure data-image="{image.pk}" data-alt="Its own"></figure>'
    )
    later = publish(
        news.post(body_en=f'<p>x</p><figure data-gallery="{image.pk}"></figure>'),
        language="en",
        by=None,
        at=timezone.now() + DAY,
    )
    address = reverse("admin:images_image_change", args=[image.pk])
    sent = {"_version": image.version, "alt_en": "New words", "alt_fr": "x", "credit": "New Name"}
    assert editor.post(address, sent).status_code == 302
    for edition in (now, page, later):
        html = fresh(edition).html
        assert 'alt="New words"' in html
        assert "© New Name" in html
        assert "Old" not in html
    html = fresh(own).html
    assert 'alt="Its own"' in html
    assert "© New Name" in html
    served = editor.get(now.get_absolute_url()).content.decode()
    assert served.count('alt="New words"') == 2
    assert (fresh(now).number, fresh(now).body) == (now.number, now.body)


def test_an_edition_that_is_over_is_left_alone(image):
    over = published(image)
    over.story.title_en = "Anew"
    over.story.save()
    publish(over.story, language="en", by=None)
    image.alt_en = "New words"
    image.save()
    assert "Old words" in fresh(over).html


def test_a_consent_taken_back_takes_the_picture_away_at_once(client, image):
    edition = published(image, lead_image=image)
    image.consent = "missing"
    image.save()
    served = client.get(edition.get_absolute_url()).content.decode()
    assert not any(path in served for path in image.paths())


# -- Ends of rights ---------------------------------------------------------------------------


def test_an_edition_knows_what_it_will_look_like(image):
    image.rights_until = TODAY + DAY
    image.save()
    other = make_image(consent_until=TODAY + 3 * DAY, credit="Other Name")
    body = f'<p>x</p><figure data-gallery="{image.pk} {other.pk}"></figure>'
    edition = news.article(body_en=body)
    assert [since for since, _html in edition.html_later] == [
        (TODAY + 2 * DAY).isoformat(),
        (TODAY + 4 * DAY).isoformat(),
    ]
    shows = {
        number: [
            name in edition.html_on(TODAY + number * DAY) for name in ("Old Name", "Other Name")
        ]
        for number in range(6)
    }
    assert shows == {
        0: [True, True],
        1: [True, True],
        2: [False, True],
        3: [False, True],
        4: [False, False],
        5: [False, False],
    }
    assert edition.shown_html == edition.html
    assert rerender(PostEdition.objects.all()) == 0


def test_more_ends_than_are_kept_leave_out_too_much_rather_than_too_little(monkeypatch):
    monkeypatch.setattr(rendering, "MOST_ENDS", 2)
    images = [make_image(rights_until=TODAY + n * DAY, credit=f"Name {n}") for n in range(4)]
    keys = " ".join(str(image.pk) for image in images)
    made = rendering.renderings(f'<figure data-gallery="{keys}"></figure>', "en")
    assert [since for since, _html in made.later] == [
        (TODAY + DAY).isoformat(),
        (TODAY + 2 * DAY).isoformat(),
    ]
    assert all(f"Name {n}" in made.html for n in range(4))
    assert [f"Name {n}" in made.later[0][1] for n in range(4)] == [False, True, True, True]
    assert "Name" not in made.later[1][1]


@pytest.mark.parametrize(("days", "said"), [(0, True), (30, True), (31, False), (None, False)])
def test_an_end_that_is_near_is_said_before_publishing_and_blocks_nothing(image, days, said):
    image.rights_until = None if days is None else TODAY + days * DAY
    image.save()
    story = news.post(body_en=f'<p>x</p><figure data-image="{image.pk}"></figure>')
    found = [each for each in inspect(story, "en") if "leaves the page by itself" in each.message]
    assert [each.blocks for each in found] == ([False] if said else [])


def test_an_incomplete_picture_blocks_publishing():
    image = make_image(credit="", incomplete=True)
    body = f'<p>x</p><figure data-image="{image.pk}"></figure>'
    with pytest.raises(NotPublishable, match=r"is incomplete. Missing: credit"):
        news.article(body_en=body)
    with pytest.raises(NotPublishable, match=r"is incomplete. Missing: credit"):
        news.article(lead_image=image)


# -- Replacing --------------------------------------------------------------------------------


def test_what_is_published_goes_on_showing_the_picture_it_was_published_with(
    editor, client, image, admin_user
):
    before = published(image, lead_image=image, title_en="Before")
    laboratory = labs.laboratory(image=image)
    old, old_paths, old_original = image.url(), image.paths(), image.original
    page = editor.get(reverse("admin:images_image_replace", args=[image.pk]))
    assert "Before" in page.content.decode()
    assert replace(editor, image).status_code == 302
    image.refresh_from_db()
    assert (image.width, image.url() != old) == (120, True)
    image.alt_en, image.credit = "New words", "New Name"
    image.save()

    served = client.get(before.get_absolute_url()).content.decode()
    assert old in served
    assert image.url() not in served
    assert "New Name" not in served
    assert served.count('alt="Old words"') == 2
    assert all(default_storage.exists(path) for path in old_paths)
    kit = b"".join(client.get(before.get_press_kit_url()).streaming_content)
    archive = zipfile.ZipFile(io.BytesIO(kit))
    kept = [archive.read(name) for name in archive.namelist() if "/pictures/" in name]
    with storages["originals"].open(old_original) as file:
        assert kept == [file.read()]

    # Registers, and what is published from now on, show the new one.
    assert image.url() in client.get(laboratory.get_absolute_url()).content.decode()
    again = publish(before.story, language="en", by=None)
    served = client.get(again.get_absolute_url()).content.decode()
    assert image.url() in served
    assert old not in served
    assert [row.history_change_reason for row in image.history.all()][1] == (
        "The picture was replaced."
    )


def test_the_same_picture_made_better_is_shown_everywhere(editor, client, image):
    edition = published(image, lead_image=image)
    old_paths = image.paths()
    assert replace(editor, image, everywhere="on").status_code == 302
    image.refresh_from_db()
    served = client.get(edition.get_absolute_url()).content.decode()
    assert image.url() in served
    assert not any(path in served for path in old_paths)
    assert set(old_paths) <= set(image.paths())


@pytest.mark.parametrize(("sent", "focal"), [({"keep_focal": "on"}, (0.2, 0.8)), ({}, (0.5, 0.5))])
def test_the_focal_point_is_kept_or_not(editor, sent, focal):
    image = make_image(focal_x=0.2, focal_y=0.8)
    replace(editor, image, **sent)
    image.refresh_from_db()
    assert image.focal == focal
    image.refocus()  # cut for that very point: nothing changes
    assert set(image.paths()) == set(Image.objects.get(pk=image.pk).paths())


def test_a_picture_is_not_replaced_by_one_that_is_here(editor, image):
    other = make_image(title="Other", file=image_file(seed=5))
    response = replace(editor, image, image_file(seed=5))
    assert "Other" in response.context["form"].errors["file"][0]
    file = image_file(seed=6)
    replace(editor, image, file)
    file.seek(0)
    same = replace(editor, image, file)
    assert "there already" in same.context["form"].errors["file"][0]
    assert "GIF" in str(
        replace(editor, image, image_file(content=b"GIF89a")).context["form"].errors
    )
    other.refresh_from_db()
    assert other.former == []


def test_rights_are_those_of_today_for_former_pictures_too(image):
    edition = published(image)
    image.replace(normalise(image_file(seed=78)))
    image.save()
    assert shown(image, as_of=edition.published_at).alt_en == "Old words"
    image.rights_until = TODAY - DAY
    image.save()
    assert shown(image, as_of=edition.published_at) is None
    assert "<img" not in fresh(edition).shown_html


def test_removing_an_entry_removes_all_it_ever_showed(image, django_capture_on_commit_callbacks):
    image.replace(normalise(image_file(seed=78)))
    image.save()
    originals, paths = image.originals(), image.paths()
    assert len(originals) == 2
    with django_capture_on_commit_callbacks(execute=True):
        image.remove()
    assert not any(storages["originals"].exists(name) for name in originals)
    assert not any(default_storage.exists(path) for path in paths)


def test_lost_files_of_a_former_picture_are_made_again(image):
    before = image.paths()
    image.replace(normalise(image_file(seed=78)))
    image.save()
    for path in before:
        default_storage.delete(path)
    assert make_missing().made == 2  # the former picture's files; formats the new one has not yet
    assert make_missing().made == 0
    assert all(default_storage.exists(path) for path in image.paths())
