"""What an upload leaves for later: found whatever happens, made once, named when it is there."""

import datetime
import fcntl
import io
import os
import subprocess
import sys
from functools import partial

import pytest
from django.core.files.storage import default_storage, storages
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from imagine_site.images import later, library, models, normalise, renditions
from imagine_site.images.later import make_waiting
from imagine_site.images.library import make_missing
from imagine_site.images.models import Image, Unmade
from imagine_site.images.normalise import restore
from imagine_site.images.renditions import (
    FORMATS,
    PORTRAIT,
    SHAPES,
    at_once,
    make_renditions,
    plans,
)
from tests.factories import news
from tests.factories.images import drawing, image_bytes, image_file, make_image
from tests.house.sources import ROOT

pytestmark = pytest.mark.django_db

ASK = later.Tender.ask


@pytest.fixture(autouse=True)
def asked(settings, monkeypatch):
    """Renditions are made later, by the test; a list of how often it was asked for."""
    settings.RENDITION_THREADS = 1
    found = []
    monkeypatch.setattr(later.Tender, "ask", lambda _self: found.append(True))
    return found


@pytest.fixture
def editor(admin_client):
    return admin_client


def take(client, file=None, **more):
    file = file or image_file(300, 200, seed=11)
    return client.post(reverse("admin:images_image_take"), {"file": file}, **more)


def uploaded(client, **words) -> Image:
    """A picture that waits for its AVIFs, and may be shown."""
    image = Image.objects.get(pk=take(client).json()["id"])
    for name, value in {"credit": "Agence", "alt_en": "A hall", "alt_fr": "Un hall"}.items():
        setattr(image, name, words.get(name, value))
    image.save()
    return image


def formats(image: Image) -> set[str]:
    image.refresh_from_db()
    return {rendition.format for rendition in image.all_renditions()}


def are_there(paths) -> bool:
    return all(default_storage.exists(path) for path in paths)


# -- What is made when ------------------------------------------------------------------------


def test_an_answer_waits_for_small_sizes_in_quick_formats_only():
    whole = plans(4000, 2667)
    first = [plan for plan in whole if at_once(plan)]
    assert {(plan.shape, plan.width) for plan in first} == {
        *(("full", 480), ("full", 960), ("card", 480), ("card", 960)),
        *(("portrait", 240), ("portrait", 480)),
    }
    assert {plan.format for plan in first} == {"webp", "jpg"}
    assert len(whole) == 24
    assert {plan.place for plan in plans(300, 200)} >= {("full", "jpg", 300, 200)}


@pytest.mark.parametrize(("format", "size"), [("JPEG", (1930, 400)), ("PNG", (970, 1220))])
def test_a_rendition_is_the_same_whatever_is_made_beside_it(format, size):
    """Else a file that is lost, or made later, would have another name than pages know. Some of
    these are scaled from a half-size decode and some from the whole picture."""
    glass = drawing(*size, seed=4)
    if format == "PNG":
        glass.putalpha(90)  # else it is kept as a JPEG
    out = io.BytesIO()
    glass.save(out, format)
    data = normalise.normalise(out.getvalue()).data
    assert restore(data).extension == {"PNG": "png", "JPEG": "jpg"}[format]
    quick = partial(make_renditions, data, focal=(0.3, 0.6), formats=("jpg",))
    together = quick()
    assert {renditions._Sheet._is_small(r.width, _box(r, size)) for r, _ in together} == {
        True,
        False,
    }
    alone = [quick(only=partial(_is_at, number=number)) for number in (240, 480, 960)]
    first = [each for part in alone for each in part]
    rest = quick(only=lambda plan: plan.width not in {240, 480, 960})
    assert sorted(first + rest, key=str) == sorted(together, key=str)


def _is_at(plan, *, number: int) -> bool:
    return plan.width == number


def _box(rendition, size):
    (shape,) = [shape for shape in SHAPES if shape.name == rendition.shape]
    return shape.crop_box(*size)


def test_a_card_of_a_picture_that_has_its_shape_is_encoded_once(monkeypatch):
    real, done = renditions._encode, []
    monkeypatch.setattr(
        renditions, "_encode", lambda picture, format: done.append(1) or real(picture, format)
    )
    data = normalise.normalise(image_bytes(960, 640, seed=5)).data
    made = make_renditions(data, formats=("jpg",))
    assert [r.shape for r, _content in made].count("card") == 2
    assert len(done) == len(made) - 2


def test_an_upload_is_answered_before_the_rest_is_made(
    editor, asked, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = take(editor)
    assert response.status_code == 201
    image = Image.objects.get()
    assert formats(image) == {"webp", "jpg"}
    assert are_there(image.paths())
    assert (Unmade.objects.get().image_id, bool(asked)) == (image.pk, True)
    before = (image.version, image.updated_at, image.history.count())
    assert make_waiting().made == 1
    assert formats(image) == set(FORMATS)
    assert image.unmade() == []
    assert are_there(image.paths())
    assert not Unmade.objects.exists()
    # Nobody changed the entry: whoever has its form open can save it.
    assert (image.version, image.updated_at, image.history.count()) == before
    assert make_waiting().looked_at == 0


def test_every_door_leaves_the_rest_for_later(editor):
    words = {"credit": "Agence", "alt_en": "A hall", "alt_fr": "Un hall"}
    for address, status in (("upload", 201), ("add", 302)):
        sent = {"file": image_file(120, 80, seed=len(address)), **words}
        assert editor.post(reverse(f"admin:images_image_{address}"), sent).status_code == status
    several = [image_file(120, 80, seed=seed) for seed in (21, 22)]
    editor.post(reverse("admin:images_image_several"), {"files": several})
    assert [formats(image) for image in Image.objects.all()] == [{"webp", "jpg"}] * 4
    assert Unmade.objects.count() == 4
    assert make_waiting().made == 4
    assert [formats(image) for image in Image.objects.all()] == [set(FORMATS)] * 4


def test_without_anybody_to_do_it_later_an_upload_waits_for_all(editor, settings):
    settings.RENDITION_THREADS = 0
    take(editor)
    assert formats(Image.objects.get()) == set(FORMATS)
    assert not Unmade.objects.exists()


# -- What pages say meanwhile -----------------------------------------------------------------


def test_a_page_names_only_what_is_there_and_the_rest_as_soon_as_it_is(client, editor):
    image = uploaded(editor)
    figure = f'<p>x</p><figure data-image="{image.pk}"></figure>'
    edition = news.article(lead_image=image, body_en=figure)

    def page() -> str:
        return client.get(edition.get_absolute_url()).content.decode()

    before = page()
    assert "image/avif" not in before
    assert 'type="image/webp" imagesrcset="/media/r/' in before  # asked for early
    make_waiting()
    after = page()
    assert after.count('<source type="image/avif"') == before.count('<source type="image/webp"')
    assert 'type="image/avif" imagesrcset="/media/r/' in after
    assert "image/avif" in type(edition).objects.get(pk=edition.pk).html
    known = {rendition.path for rendition in Image.objects.get().all_renditions()}
    assert {rendition.path for rendition in image.all_renditions()} < known
    assert are_there(known)


# -- The focal point --------------------------------------------------------------------------


def crops(image: Image) -> set[str]:
    image.refresh_from_db()
    return {r.path for r in image.all_renditions() if r.shape == PORTRAIT.name}


def move(client, image: Image, x: float) -> None:
    image.refresh_from_db()
    sent = {"_version": image.version, "focal_x": x, "focal_y": 0.5}
    words = {"credit": "A", "alt_en": "A hall", "alt_fr": "Un hall", "title": "Hall"}
    address = reverse("admin:images_image_change", args=[image.pk])
    assert client.post(address, {**sent, **words}).status_code == 302


def test_a_new_focal_point_shows_the_former_crops_until_its_own_are_made(editor):
    image = make_image(file=image_file(600, 300, seed=3))
    before, whole = crops(image), image.rendition().path
    move(editor, image, 0.9)
    assert crops(image) == before
    assert {plan.shape for plan in image.unmade()} == {"card", "portrait"}
    make_waiting()
    after = crops(image)
    assert before.isdisjoint(after)
    assert are_there(before | after)
    assert before <= set(image.retired)
    assert (image.rendition().path, image.unmade()) == (whole, [])


def test_a_focal_point_that_moves_while_crops_are_made_is_made_next(editor, monkeypatch):
    image = make_image(file=image_file(600, 300, seed=3))
    move(editor, image, 0.9)
    real, moved = library.write_renditions, []

    def write(made, storage):
        real(made, storage)
        if not moved:
            moved.append([rendition.path for rendition, _content in made])
            move(editor, image, 0.1)

    monkeypatch.setattr(library, "write_renditions", write)
    assert make_waiting().looked_at == 2
    image.refresh_from_db()
    assert {r.focal for r in image.all_renditions()} == {None, (0.1, 0.5)}
    assert set(moved[0]) <= set(image.retired)
    assert not Unmade.objects.exists()


# -- What happens meanwhile -------------------------------------------------------------------


def test_a_form_that_was_open_meanwhile_loses_no_file(editor):
    opened = uploaded(editor)
    make_waiting()
    opened.credit = "Somebody"
    opened.save()
    stored = Image.objects.get()
    assert (stored.credit, stored.unmade()) == ("Somebody", [])


def test_a_picture_that_is_replaced_meanwhile_becomes_a_former_one_with_all_its_files(editor):
    image = uploaded(editor)
    figure = f'<p>x</p><figure data-image="{image.pk}"></figure>'
    edition = news.article(body_en=figure)
    address = reverse("admin:images_image_replace", args=[image.pk])
    assert editor.post(address, {"file": image_file(90, 60, seed=9)}).status_code == 302
    stored = Image.objects.get()
    assert (len(stored.unmade()), list(stored.unmade_of_former())) == (3, [0])
    make_waiting()
    stored = Image.objects.get()
    assert (stored.unmade(), stored.unmade_of_former()) == ([], {})
    assert are_there(stored.paths())
    html = type(edition).objects.get(pk=edition.pk).html
    (avif,) = [r["path"] for r in stored.former[0]["renditions"] if _whole_avif(r)]
    assert avif in html


def _whole_avif(row: dict) -> bool:
    return (row["shape"], row["format"]) == ("full", "avif")


def test_a_picture_that_is_removed_meanwhile_leaves_no_file(
    editor, monkeypatch, django_capture_on_commit_callbacks
):
    image = uploaded(editor)
    real = library.write_renditions

    def write(made, storage):
        real(made, storage)
        with django_capture_on_commit_callbacks(execute=True):
            Image.objects.get(pk=image.pk).remove()

    monkeypatch.setattr(library, "write_renditions", write)
    assert make_waiting().problems == []
    assert default_storage.listdir("r")[1] == []
    assert not Unmade.objects.exists()


def test_of_two_processes_one_makes_a_picture(editor):
    uploaded(editor)
    first = later._claimed()
    assert first.tries == 1
    assert later._claimed() is None
    # It died: after a while another one takes over, as often as is sensible.
    for tries in range(2, models.MOST_TRIES + 1):
        Unmade.objects.update(claimed_until=timezone.now() - datetime.timedelta(seconds=1))
        assert later._claimed().tries == tries
    Unmade.objects.update(claimed_until=timezone.now() - datetime.timedelta(seconds=1))
    assert later._claimed() is None
    assert Unmade.objects.exists()


def test_a_process_that_is_stopped_gives_its_picture_back(editor, monkeypatch):
    uploaded(editor)

    def stopped(*_args, **_more):
        raise SystemExit

    monkeypatch.setattr(later, "complete", stopped)
    with pytest.raises(SystemExit):
        make_waiting()
    row = Unmade.objects.free().get()
    assert (row.tries, row.claimed_until) == (0, None)


def test_a_lost_original_stops_nobody_and_is_not_tried_for_ever(editor):
    lost = uploaded(editor)
    other = Image.objects.get(pk=take(editor, image_file(90, 60, seed=12)).json()["id"])
    with storages["originals"].open(lost.original) as file:
        kept = file.read()
    storages["originals"].delete(lost.original)
    report = make_waiting()
    assert (report.made, len(report.problems)) == (1, 1)
    assert formats(other) == set(FORMATS)
    for _try in range(models.MOST_TRIES):
        Unmade.objects.update(claimed_until=None)
        make_waiting()
    assert Unmade.objects.get().tries == models.MOST_TRIES
    # By hand, when it is back.
    with storages["originals"].open(lost.original, "wb") as file:
        file.write(kept)
    assert make_missing().made == 1
    assert formats(lost) == set(FORMATS)
    assert not Unmade.objects.exists()


def test_what_was_forgotten_is_found_by_looking_at_the_entries(editor):
    image = uploaded(editor)
    Unmade.objects.all().delete()
    assert make_missing().made == 1
    assert image.pk
    assert formats(image) == set(FORMATS)


# -- Who does it ------------------------------------------------------------------------------


def test_the_command_makes_what_waits(editor, capsys, monkeypatch):
    uploaded(editor)
    nice = []
    monkeypatch.setattr(os, "nice", nice.append)
    monkeypatch.setattr("signal.signal", lambda *_args: None)
    call_command("make_renditions", "--waiting")
    assert "1 images, 1 completed" in capsys.readouterr().out
    assert nice == [later.NICENESS]


def test_a_machine_has_one_place_for_it(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    with later.place() as held:
        other = os.open(tmp_path / "renditions.lock", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever has the descriptor has the place: a process, after the one that began it is gone.
        handed_on = os.dup(held)
    with pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(handed_on)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)


def test_a_thread_begins_processes_until_nothing_waits(settings, tmp_path, monkeypatch):
    """Nothing that is asked for while it looks for the last time is forgotten, and a process that
    fails is followed by another one."""
    settings.VAR_DIR = tmp_path
    tender, codes, ran = later.Tender(), [1, 0, 0], []
    # When it looks: seconds until something is free; in its place it looks once more.
    looks = [0, 0, 0, 0, 0.01, None, 0, 0, None]

    def look():
        if looks[0] is None and len(looks) > 1:
            ASK(tender)
        return looks.pop(0)

    monkeypatch.setattr(later, "PAUSE", 0.01)
    monkeypatch.setattr(later.Tender, "_seconds_until_free", staticmethod(look))
    monkeypatch.setattr(later, "run", lambda held: ran.append(held) or codes.pop(0))
    ASK(tender)
    thread = tender._thread
    thread.join(10)
    assert (looks, codes, len(ran)) == ([], [], 3)
    assert (thread.is_alive(), tender._thread) == (False, None)


# -- Too many at once -------------------------------------------------------------------------


def test_who_sends_too_many_at_once_is_asked_to_come_again(editor, monkeypatch):
    """Each one that waits holds a thread of the server, and visitors need some too."""
    for _place in range(normalise.MOST_WAITING + 1):
        normalise._places.acquire()
    try:
        response = take(editor)
        assert (response.status_code, response["Retry-After"]) == (503, "2")
        assert "send it again" in response.json()["error"]
        sent = {"file": image_file(), "credit": "A", "alt_en": "A", "alt_fr": "A"}
        form = editor.post(reverse("admin:images_image_add"), sent).context["adminform"].form
        assert "send it again" in form.errors["file"][0]
    finally:
        normalise._places.release(normalise.MOST_WAITING + 1)
    assert not Image.objects.exists()
    assert take(editor).status_code == 201


WAITING = """
import os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "imagine_site.settings"
import django; django.setup()
from django.conf import settings
plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.STORAGES["staticfiles"]["BACKEND"] = plain
from django.contrib.auth import get_user_model
from django.test import Client
from imagine_site.images.models import Image, Unmade
from tests.factories.images import image_file
client = Client()
client.force_login(get_user_model().objects.create_superuser("editor"))
response = client.post("/admin/images/image/several/one/", {"file": image_file(1300, 900)})
assert response.status_code == 201, response.content
first = len(Image.objects.get().renditions)
while Unmade.objects.exists():
    time.sleep(0.2)
print(first, len(Image.objects.get().renditions))
"""


@pytest.mark.slow
def test_a_process_beside_the_server_makes_the_rest(tmp_path):
    """The real thing: a site of its own, an upload, a process that nobody else began."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    closed = {"READ_DOT_ENV": "0", "HTTPS": "0", "LOG_LEVEL": "ERROR", "REQUIRE_SECOND_FACTOR": "0"}
    site = {**kept, **closed, "VAR_DIR": str(tmp_path), "ALLOWED_HOSTS": "testserver"}
    (tmp_path / "static").mkdir()

    def python(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=site,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    python("manage.py", "migrate", "-v0")
    # At once: JPEG and WebP up to 960 pixels, of two or three sizes in three shapes.
    assert python("-c", WAITING).split() == ["12", "21"]
