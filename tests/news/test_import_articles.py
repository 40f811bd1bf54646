"""From a file to a working copy or a public page: once, again, and never over a person's work."""

import io
import json
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from news.importers.saving import Import
from news.models import Post, PostEdition
from tests.editing.test_lost_update import form_data
from tests.factories.images import image_bytes
from tests.factories.labs import laboratory
from tests.factories.people import researcher

ARTICLE = """A minister at the bench

The minister of research came to see how a laboratory works.

Published on 03.02.2021

Imagine Institute

Minister_arrival_hall

Three laboratories opened their doors on Wednesday, supported by its six founding members*.

How a gene is read

The day began with the sequencing platform and ended with the patients' association.

Rare diseases teach us what common ones hide. We are glad to show how.

Pr Jeanne Martin, director of the laboratory

The visit ended at noon. "A gene is a sentence", said Professor Jeanne Martin.

* The founding members are AP-HP, Inserm and others.
"""


def run(*arguments, expect: int = 0):
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("import_articles", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as end:
        code = end.code
    assert code == expect, out.getvalue() + err.getvalue()
    return out.getvalue()


def as_json(*arguments, expect: int = 0) -> list[dict]:
    return [json.loads(line) for line in run(*arguments, "--json", expect=expect).splitlines()]


@pytest.fixture
def article(tmp_path) -> Path:
    path = tmp_path / "minister.en.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    return path


@pytest.mark.django_db
class TestOnce:
    def test_a_file_becomes_a_working_copy_and_nothing_public(self, article):
        (said,) = as_json(article)
        post = Post.objects.get()
        assert (said["status"], said["error"], said["url"]) == ("new", "", "")
        assert post.title_en == said["title"] == "A minister at the bench"
        assert post.date.isoformat() == said["published"] == "2021-02-03"
        assert said["words_in"] == said["words_out"]
        assert said["remainder"] == []
        assert not PostEdition.objects.exists()

    def test_published_at_once_it_is_at_the_address_that_is_printed(self, article, client):
        (said,) = as_json(article, "--publish")
        response = client.get(said["url"])
        assert response.status_code == 200
        assert "A gene is a sentence" in response.content.decode()

    def test_both_languages_of_one_name_are_one_story(self, article):
        french = article.with_name("minister.fr.txt")
        french.write_text(
            "Une ministre à la paillasse\n\nLa ministre est venue voir un laboratoire.\n\n"
            "Publié le 3 février 2021\n\nTrois laboratoires ont ouvert leurs portes mercredi.\n",
            encoding="utf-8",
        )
        run(article, french, "--publish")
        post = Post.objects.get()
        assert post.title_fr == "Une ministre à la paillasse"
        assert PostEdition.objects.live().count() == 2

    def test_two_folders_may_hold_a_file_of_the_same_name(self, article, tmp_path):
        other = tmp_path / "2022" / article.name
        other.parent.mkdir()
        other.write_text(ARTICLE.replace("minister", "mayor"), encoding="utf-8")
        run(article, other)
        assert Post.objects.count() == 2

    def test_names_the_register_knows_are_linked_and_related(self, article):
        person = researcher(given_name="Jeanne", family_name="Martin", honorific="Pr")
        laboratory(name_en="Sequencing platform")
        run(article, "--publish")
        edition = PostEdition.objects.get()
        assert list(edition.people.all()) == [person]
        assert f'data-record="researcher:{person.pk}"' in edition.body
        assert person.get_absolute_url() in edition.html

    def test_a_kind_can_be_given(self, article):
        run(article, "--kind", "visit")
        assert Post.objects.get().kind == "visit"


@pytest.mark.django_db
class TestAgain:
    def test_a_second_run_changes_nothing(self, article):
        run(article, "--publish")
        before = list(Post.objects.values()), list(PostEdition.objects.values())
        (said,) = as_json(article, "--publish")
        assert said["status"] == "unchanged"
        assert (list(Post.objects.values()), list(PostEdition.objects.values())) == before

    def test_a_changed_file_updates_the_working_copy_and_not_the_public(self, article):
        run(article, "--publish")
        article.write_text(ARTICLE.replace("at noon", "at dusk"), encoding="utf-8")
        (said,) = as_json(article)
        assert said["status"] == "updated"
        assert "at dusk" in Post.objects.get().body_en
        assert "at noon" in PostEdition.objects.live().get().html

    def test_a_persons_edit_survives_unless_forced(self, article):
        run(article)
        client = Client()
        client.force_login(get_user_model().objects.create_superuser("ana", password="x"))
        url = reverse("admin:news_post_change", args=[Post.objects.get().pk])
        client.post(url, form_data(client.get(url)) | {"title_en": "Edited by Ana"})
        article.write_text(ARTICLE.replace("at noon", "at dusk"), encoding="utf-8")
        (said,) = as_json(article)
        assert said["status"] == "kept"
        assert Post.objects.get().title_en == "Edited by Ana"
        (said,) = as_json(article, "--force")
        assert said["status"] == "updated"
        assert Post.objects.get().title_en == "A minister at the bench"

    def test_a_file_that_moved_is_recognised_by_what_it_says(self, article, tmp_path):
        run(article)
        moved = tmp_path / "archive" / "renamed.en.txt"
        moved.parent.mkdir()
        article.rename(moved)
        (said,) = as_json(moved)
        assert said["status"] == "unchanged"
        assert Post.objects.count() == 1


@pytest.mark.django_db
class TestDryRun:
    def test_it_says_what_it_understood_and_saves_nothing(self, article):
        printed = run(article, "--dry-run")
        assert "A minister at the bench" in printed
        assert "2021-02-03" in printed
        assert "How a gene is read" in printed
        (said,) = as_json(article, "--dry-run")
        assert said["status"] == "new"
        assert said["headings"] == ["How a gene is read"]
        assert not Post.objects.exists()


@pytest.mark.django_db
class TestBadFiles:
    def test_each_is_reported_with_its_reason_and_the_others_go_in(self, article, tmp_path):
        bad = {
            "latin.txt": "Le président a été reçu à l’institut".encode("cp1252"),
            "empty.txt": b"",
            "picture.txt": image_bytes(64, 64, "PNG"),
        }
        for name, content in bad.items():
            (tmp_path / name).write_bytes(content)
        huge = tmp_path / "huge.txt"
        with huge.open("wb") as file:
            file.truncate(100_000_000)
        said = {Path(o["source"]).name: o for o in as_json(tmp_path, expect=1)}
        assert said[article.name]["status"] == "new"
        for name in (*bad, "huge.txt"):
            assert said[name]["status"] == "error"
            assert len(said[name]["error"]) > 15
        assert Post.objects.get().title_en == "A minister at the bench"

    def test_a_missing_file_is_an_error_of_its_own(self, article):
        said = as_json(article, article.with_name("nowhere.txt"), expect=1)
        assert [outcome["status"] for outcome in said] == ["new", "error"]

    def test_json_output_holds_objects_and_nothing_else(self, article, tmp_path):
        (tmp_path / "empty.txt").write_bytes(b"")
        for line in run(tmp_path, "--json", "--publish", expect=1).splitlines():
            assert isinstance(json.loads(line), dict)

    def test_what_may_not_be_published_is_saved_and_reported(self, tmp_path):
        path = tmp_path / "title-only.en.txt"
        path.write_text("A title\n\nPublished on 03.02.2021\n", encoding="utf-8")
        (said,) = as_json(path, "--publish", "--language", "en", expect=1)
        assert said["status"] == "error"
        assert not PostEdition.objects.exists()


@pytest.mark.django_db
class TestPictures:
    def test_a_described_picture_becomes_a_figure_and_the_lead(self, article, tmp_path, client):
        folder = tmp_path / "pictures"
        folder.mkdir()
        (folder / "Minister_arrival_hall.png").write_bytes(image_bytes(600, 400, "PNG"))
        (folder / "images.yaml").write_text(
            "Minister_arrival_hall.png:\n"
            "  credit: Institut Imagine\n"
            "  alt_en: The minister in the hall\n"
            "  alt_fr: La ministre dans le hall\n",
            encoding="utf-8",
        )
        (said,) = as_json(article, "--images", folder, "--publish")
        assert said["captions"] == ["Minister_arrival_hall"]
        post = Post.objects.get()
        assert post.lead_image.alt_en == "The minister in the hall"
        page = client.get(said["url"]).content.decode()
        assert "<picture" in PostEdition.objects.get().html
        assert "The minister in the hall" in page

    def test_an_undescribed_picture_is_reported_and_its_caption_stays_as_text(
        self, article, tmp_path
    ):
        folder = tmp_path / "pictures"
        folder.mkdir()
        (folder / "Minister_arrival_hall.png").write_bytes(image_bytes(600, 400, "PNG"))
        (said,) = as_json(article, "--images", folder)
        assert any("Minister_arrival_hall.png" in warning for warning in said["warnings"])
        assert "Minister_arrival_hall" in Post.objects.get().body_en
        assert Post.objects.get().lead_image is None


@pytest.mark.django_db
def test_words_that_do_not_add_up_are_an_error_and_nothing_is_saved(article, monkeypatch):
    monkeypatch.setattr("news.importers.preparing.plain_text", lambda _body: "")
    (outcome,) = Import().file(article)
    assert outcome.status == "error"
    assert "words do not add up" in outcome.error
    assert not Post.objects.exists()


SHARED = Path(__file__).parents[3] / "shared" / "articles" / "presidential-visit.en.txt"


@pytest.mark.django_db
@pytest.mark.skipif(not SHARED.exists(), reason="the real article is not part of the project")
def test_the_presidential_visit_as_the_institute_published_it(client):
    lyonnet = researcher(given_name="Stanislas", family_name="Lyonnet", honorific="Pr")
    (said,) = as_json(SHARED, "--publish")
    assert said["status"] == "new"
    assert said["title"] == "Visit of the President of the Republic to Institut Imagine"
    assert said["published"] == "2020-12-04"
    assert said["section"] == "Imagine Institute"
    first, second = said["headings"]
    assert first.startswith("Imagine, an illustration")
    assert second.startswith("...In the service")
    assert "Stanislas Lyonnet" in said["quotes"][0]["attribution"]
    assert said["captions"] == ["Arrivée EMacron", "Visite EMacron_laboJLcasanova"]
    assert len(said["footnotes"]) == 1
    assert said["remainder"] == []
    assert said["words_in"] == said["words_out"] > 600
    page = client.get(said["url"]).content.decode()
    assert page.count("The combination of public-private") == 1
    assert lyonnet.get_absolute_url() in page
    assert 'role="doc-endnotes"' in page
