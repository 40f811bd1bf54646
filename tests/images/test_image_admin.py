"""The library in the admin: adding, correcting, cutting, removing, and the picture dialog."""

import datetime
import re
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage, storages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from imagine_site.images import uploads, uses
from imagine_site.images.models import Image
from tests.factories.images import GPS_CANARY, exif, image_bytes, image_file, make_image

pytestmark = pytest.mark.django_db
ADD = "admin:images_image_add"
LIST = "admin:images_image_changelist"
WORDS = {"alt_en": "A hall", "alt_fr": "Un hall", "credit": "Institut Imagine"}


@pytest.fixture
def editor(admin_client):
    return admin_client


@pytest.fixture
def reader_of_the_admin(client, django_user_model):
    """Staff, but without any right to pictures."""
    client.force_login(django_user_model.objects.create_user("lea", is_staff=True))
    return client


def change_address(image: Image) -> str:
    return reverse("admin:images_image_change", args=[image.pk])


def form_values(image: Image, **changes) -> dict:
    return {
        "_version": image.version,
        "title": image.title,
        "alt_en": image.alt_en,
        "alt_fr": image.alt_fr,
        "credit": image.credit,
        "consent": image.consent,
        "focal_x": image.focal_x,
        "focal_y": image.focal_y,
        **changes,
    }


def note_in(html: str) -> str:
    found = re.search(r'name="note" value="([^"]*)"', html)
    return unescape(found[1]) if found else ""


def text_of(response) -> str:
    return response.content.decode()


# -- Adding -----------------------------------------------------------------------------------


def test_an_editor_adds_a_picture(editor, admin_user):
    file = image_file(120, 80, exif=exif(orientation=6), name="Hall.jpg")
    response = editor.post(reverse(ADD), {"file": file, "focal_x": "0.25", **WORDS})
    assert response.status_code == 302, text_of(response)
    image = Image.objects.get()
    assert (image.title, image.width, image.height) == ("Hall", 80, 120)
    assert (image.focal, image.created_by) == ((0.25, 0.5), admin_user)
    assert all(default_storage.exists(path) for path in image.paths())
    assert GPS_CANARY.encode() not in image.read_original()
    assert image.history.get().history_user == admin_user
    assert not storages["originals"].exists("pending")


def test_a_picture_is_asked_for(editor):
    response = editor.post(reverse(ADD), WORDS)
    assert response.context["adminform"].form.errors == {"file": ["Choose a picture."]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<svg onload='alert(1)'/>", "SVG files are not taken"),
        (image_bytes(400, 300)[:3000], "damaged or incomplete"),
        (b"", "empty"),
    ],
)
def test_a_file_we_do_not_take_is_refused_in_words_and_what_was_typed_stays(editor, content, said):
    file = image_file(content=content)
    response = editor.post(reverse(ADD), {"file": file, **WORDS})
    assert response.status_code == 200
    form = response.context["adminform"].form
    assert said in form.errors["file"][0]
    assert 'value="Un hall"' in text_of(response)
    assert not note_in(text_of(response))
    assert not Image.objects.exists()


def test_a_picture_that_is_here_already_is_linked(editor):
    first = make_image(title="The <hall>", file=image_file(seed=5))
    response = editor.post(reverse(ADD), {"file": image_file(seed=5), **WORDS})
    html = text_of(response)
    assert f'<a href="{change_address(first)}">The &lt;hall&gt;</a>' in html
    assert Image.objects.count() == 1


def test_a_picture_that_passed_need_not_be_chosen_again(editor):
    """A browser empties the file field when another field is wrong."""
    sent = {**WORDS, "alt_fr": "", "title": "Hall"}
    first = editor.post(reverse(ADD), {"file": image_file(120, 80, exif=exif()), **sent})
    assert list(first.context["adminform"].form.errors) == ["alt_fr"]
    html = text_of(first)
    assert "Your picture is kept" in html
    assert 'src="data:image/jpeg;base64,' in html
    note = note_in(html)
    (kept,) = storages["originals"].listdir("pending")[1]
    with storages["originals"].open(f"pending/{kept}") as file:
        assert GPS_CANARY.encode() not in file.read()
    second = editor.post(reverse(ADD), {"note": note, **sent, "credit": ""})
    assert set(second.context["adminform"].form.errors) == {"alt_fr", "credit"}
    assert len(storages["originals"].listdir("pending")[1]) == 1
    third = editor.post(reverse(ADD), {"note": note_in(text_of(second)), **WORDS})
    assert third.status_code == 302
    assert Image.objects.get().width == 120
    assert not storages["originals"].listdir("pending")[1]


def test_a_kept_picture_is_nobody_elses(editor, client, django_user_model):
    first = editor.post(reverse(ADD), {"file": image_file(), "credit": "x"})
    note = note_in(text_of(first))
    assert note
    other = django_user_model.objects.create_superuser("other")
    client.force_login(other)
    response = client.post(reverse(ADD), {"note": note, **WORDS})
    assert "file" in response.context["adminform"].form.errors
    assert not Image.objects.exists()


@pytest.mark.parametrize("note", ["nonsense", "a:b:c", "../../etc/passwd"])
def test_a_note_we_did_not_sign_is_no_picture(editor, note):
    response = editor.post(reverse(ADD), {"note": note, **WORDS})
    assert response.context["adminform"].form.errors["file"] == ["Choose a picture."]


def test_pictures_kept_for_forms_nobody_came_back_to_are_swept_away(editor, monkeypatch):
    editor.post(reverse(ADD), {"file": image_file(), "credit": "x"})
    note = note_in(text_of(editor.post(reverse(ADD), {"file": image_file(), "credit": "x"})))
    assert len(storages["originals"].listdir("pending")[1]) == 2
    monkeypatch.setattr(uploads, "KEPT_FOR", datetime.timedelta(seconds=-10))
    editor.post(reverse(ADD), {"file": image_file(), "credit": "x"})
    assert len(storages["originals"].listdir("pending")[1]) == 1
    monkeypatch.undo()
    response = editor.post(reverse(ADD), {"note": note, **WORDS})
    assert "not kept long enough" in response.context["adminform"].form.errors["file"][0]


def test_a_second_click_on_save_leads_to_the_entry_of_the_first(editor, monkeypatch):
    first = make_image(file=image_file(seed=5))
    monkeypatch.setattr(
        "imagine_site.images.models.ImageQuerySet.matching", lambda self, n: Image.objects.none()
    )
    response = editor.post(reverse(ADD), {"file": image_file(seed=5), **WORDS})
    assert response.status_code == 302
    assert response["Location"] == change_address(first)


def test_the_form_works_without_inline_script_or_style(editor):
    for address in (reverse(ADD), change_address(make_image())):
        html = text_of(editor.get(address))
        start = html.index("focal-picker")
        ours = html[start : html.index("</fieldset>", start)]
        assert "<script" not in ours
        assert not re.search(r"\s(style|on\w+)=", ours)
        (script,) = re.findall(r"<script [^>]*images/focal[^>]*>", html)
        assert 'type="module"' in script


# -- Correcting -------------------------------------------------------------------------------


def test_a_new_focal_point_cuts_the_crops_anew(editor):
    image = make_image(file=image_file(600, 300))
    before = {r.path for r in image.all_renditions() if r.shape == "portrait"}
    response = editor.post(change_address(image), form_values(image, focal_x="0.9"))
    assert response.status_code == 302, response.context["adminform"].form.errors
    image.refresh_from_db()
    after = {r.path for r in image.all_renditions() if r.shape == "portrait"}
    assert image.focal == (0.9, 0.5)
    assert before.isdisjoint(after)
    assert all(default_storage.exists(path) for path in before | after)


def test_correcting_words_leaves_the_files_alone(editor):
    image = make_image()
    before = image.renditions
    editor.post(change_address(image), form_values(image, credit="Somebody"))
    image.refresh_from_db()
    assert (image.credit, image.renditions) == ("Somebody", before)


@pytest.mark.parametrize("value", ["1.5", "-0.1", "left", "nan", "inf"])
def test_a_focal_point_outside_is_refused_at_its_field(editor, value):
    image = make_image()
    response = editor.post(change_address(image), form_values(image, focal_x=value))
    assert list(response.context["adminform"].form.errors) == ["focal_x"]


def test_an_empty_focal_point_is_the_middle(editor):
    image = make_image(focal_x=0.2)
    editor.post(change_address(image), form_values(image, focal_x="", focal_y=""))
    image.refresh_from_db()
    assert image.focal == (0.5, 0.5)


def test_the_file_of_an_entry_is_not_exchanged(editor):
    image = make_image()
    editor.post(change_address(image), form_values(image, file=image_file(seed=99)))
    digest = image.digest
    image.refresh_from_db()
    assert image.digest == digest


# -- The list ---------------------------------------------------------------------------------


def test_the_list_shows_picture_credit_rights_and_use(editor, used):
    used.append(uses.Use("News: The visit"))
    day = timezone.localdate() - datetime.timedelta(days=1)
    image = make_image(title="Hall", credit="L. Attias", rights_until=day)
    html = text_of(editor.get(reverse(LIST)))
    assert image.file_url(shape="card", at_least=1) in html
    for text in ("Hall", "L. Attias", f"The rights to this picture ended on {day}", "The visit"):
        assert text in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=attias", ["Hall"]),
        ("q=neurone", ["Cell"]),
        ("usable=no", ["Hall"]),
        ("usable=yes", ["Cell"]),
        ("usable=odd", ["Cell", "Hall"]),
    ],
)
def test_the_list_is_searched_and_filtered(editor, query, found):
    make_image(title="Hall", credit="L. Attias", consent="missing")
    make_image(title="Cell", alt_fr="un neurone")
    response = editor.get(reverse(LIST) + "?" + query)
    assert [str(image) for image in response.context["cl"].result_list] == found


# -- Removing ---------------------------------------------------------------------------------


def test_a_used_picture_is_not_deleted_and_the_places_are_named(editor, used):
    used.append(uses.Use("News: The <visit>", "/admin/news/post/1/change/"))
    image = make_image()
    address = reverse("admin:images_image_delete", args=[image.pk])
    page = text_of(editor.get(address))
    assert '<a href="/admin/news/post/1/change/">News: The &lt;visit&gt;</a>' in page
    assert 'type="submit"' not in page[page.index('id="content"') :]
    editor.post(address, {"post": "yes"})
    editor.post(
        reverse(LIST),
        {"action": "delete_selected", "_selected_action": [image.pk], "post": "yes"},
    )
    assert Image.objects.filter(pk=image.pk).exists()


@pytest.mark.parametrize("way", ["one", "many"])
def test_an_unused_picture_is_deleted_with_its_files(
    editor, way, django_capture_on_commit_callbacks
):
    image = make_image()
    with django_capture_on_commit_callbacks(execute=True):
        if way == "one":
            address, values = reverse("admin:images_image_delete", args=[image.pk]), {}
        else:
            address = reverse(LIST)
            values = {"action": "delete_selected", "_selected_action": [image.pk]}
        editor.post(address, {"post": "yes", **values})
    assert not Image.objects.exists()
    assert not any(default_storage.exists(path) for path in image.paths())
    assert not storages["originals"].exists(image.original)


# -- The dialog -------------------------------------------------------------------------------


def test_the_dialog_lists_pictures_page_by_page(editor, monkeypatch):
    monkeypatch.setattr("imagine_site.images.admin.PICKS_PER_PAGE", 2)
    images = [make_image() for _n in range(3)]
    first = editor.get(reverse("admin:images_image_pick")).json()
    assert [pick["id"] for pick in first["results"]] == [images[2].pk, images[1].pk]
    assert first["next"] == 2
    second = editor.get(reverse("admin:images_image_pick") + "?page=2").json()
    assert [pick["id"] for pick in second["results"]] == [images[0].pk]
    assert second["next"] is None
    for odd in ("0", "999", "abc", "-1"):
        assert editor.get(reverse("admin:images_image_pick") + f"?page={odd}").status_code == 200


def test_the_dialog_tells_what_a_figure_needs(editor):
    image = make_image(title="Hall", credit="L. Attias", consent="missing")
    make_image(title="Cell")
    (pick,) = editor.get(reverse("admin:images_image_pick") + "?q=hall").json()["results"]
    assert pick == {
        "id": image.pk,
        "title": "Hall",
        "alt": image.alt_en,
        "alt_en": image.alt_en,
        "alt_fr": image.alt_fr,
        "decorative": False,
        "credit": "L. Attias",
        "width": 96,
        "height": 64,
        "thumb": image.file_url(shape="card", at_least=1),
        "preview": image.file_url(),
        "obstacles": ["The people shown have not given their consent."],
    }


def test_the_dialog_finds_the_pictures_of_a_text_in_its_order(editor):
    one, two = make_image(), make_image()
    address = reverse("admin:images_image_pick_one")
    asked = f"?ids={two.pk},{one.pk},99999,abc,{two.pk},{'9' * 30},²"
    found = editor.get(address + asked).json()["results"]
    assert [pick["id"] for pick in found] == [two.pk, one.pk]
    assert editor.get(address).json()["results"] == []


def test_the_dialog_adds_a_picture(editor, admin_user):
    response = editor.post(
        reverse("admin:images_image_upload"), {"file": image_file(name="hall.jpg"), **WORDS}
    )
    assert response.status_code == 201
    image = Image.objects.get()
    assert (response.json()["id"], response.json()["title"]) == (image.pk, "hall")
    assert image.created_by == admin_user
    assert image.history.get().history_user == admin_user


def test_the_dialog_says_what_is_wrong_and_keeps_the_picture(editor):
    address = reverse("admin:images_image_upload")
    response = editor.post(address, {"file": image_file(), "credit": ""})
    assert response.status_code == 400
    answer = response.json()
    assert set(answer["errors"]) == {"alt_en", "alt_fr", "credit"}
    again = editor.post(address, {"note": answer["note"], **WORDS})
    assert again.status_code == 201
    bad = editor.post(address, {"file": image_file(content=b"GIF89a"), **WORDS})
    assert "GIF" in bad.json()["errors"]["file"][0]
    twice = editor.post(address, {"file": image_file(seed=4), **WORDS})
    assert twice.status_code == 201
    again = editor.post(address, {"file": image_file(seed=4), **WORDS}).json()
    assert "file" in again["errors"]
    assert again["existing"]["id"] == twice.json()["id"]


def test_the_dialog_proposes_what_the_file_says(editor):
    tags = exif()
    tags[0x010E], tags[0x013B] = "The hall on the day it opened", "Jane Doe"
    address = reverse("admin:images_image_upload")
    answer = editor.post(address, {"file": image_file(exif=tags), "alt_en": "A hall"}).json()
    assert answer["proposed"] == {
        "credit": "Jane Doe",
        "description": "The hall on the day it opened",
    }
    # What was proposed is there for the next try, too, though the file itself is gone by now.
    kept = editor.post(address, {"note": answer["note"], "alt_en": "A hall"}).json()
    assert kept["proposed"] == answer["proposed"]
    # The form of the admin fills it in where nothing was typed, and asks once more.
    response = editor.post(reverse(ADD), {"note": answer["note"], "title": "Hall"})
    page = text_of(response)
    assert 'value="Jane Doe"' in page
    assert "The hall on the day it opened" in page
    assert set(response.context["adminform"].form.errors) == {"credit", "alt_en", "alt_fr"}


def test_the_dialog_is_for_staff_with_the_right(reader_of_the_admin, client, django_user_model):
    doors = [
        ("get", reverse("admin:images_image_pick")),
        ("get", reverse("admin:images_image_pick_one")),
        ("post", reverse("admin:images_image_upload")),
    ]
    for method, address in doors:
        assert getattr(reader_of_the_admin, method)(address).status_code == 403
    lea = django_user_model.objects.get(username="lea")
    lea.user_permissions.add(Permission.objects.get(codename="view_image"))
    assert [getattr(client, m)(a).status_code for m, a in doors] == [200, 200, 403]
    client.logout()
    for method, address in doors:
        response = getattr(client, method)(address)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("admin:login"))


def test_the_upload_door_needs_the_csrf_token(django_user_model):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(django_user_model.objects.create_superuser("admin2"))
    response = strict.post(reverse("admin:images_image_upload"), {"file": image_file(), **WORDS})
    assert response.status_code == 403
    assert not Image.objects.exists()


@pytest.mark.parametrize(
    ("method", "name"),
    [("post", "pick"), ("post", "pick_one"), ("get", "upload")],
)
def test_each_door_has_its_method(editor, method, name):
    assert getattr(editor, method)(reverse(f"admin:images_image_{name}")).status_code == 405
