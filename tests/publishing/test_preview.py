"""The preview: the page that publishing would give, from what is typed, and no trace of it."""

import json

import lxml.html
import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.db import connection
from django.forms import model_to_dict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from imagine_site.pages.models import Role
from news.models import Post, PostEdition, Visit
from tests.factories import labs, news, pages
from tests.factories.images import make_image

pytestmark = pytest.mark.django_db

User = get_user_model()


@pytest.fixture
def editor(db):
    client = Client()
    client.force_login(User.objects.create_superuser("editor"))
    return client


def somebody(*codenames):
    user = User.objects.create_user("somebody", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def admin_url(story, view):
    opts = story._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{view}", args=[story.pk])


#: The form of a new article, untouched.
NEW = {
    "kind": "news",
    "title_en": "",
    **{
        f"{prefix}-{name}_FORMS": 0
        for prefix in ("visit", "guests")
        for name in ("TOTAL", "INITIAL")
    },
}


def typed_into(story, **more):
    """What a browser sends of the form as it was opened, inner rows included, and what is typed."""
    data = model_to_dict(story) | {"_version": story.version}
    for relation in story._meta.many_to_many:
        data[relation.name] = [row.pk for row in data[relation.name]]
    inner = {}
    if isinstance(story, Post):
        inner = {
            "visit": list(Visit.objects.filter(post=story)),
            "guests": list(story.guests.all()),
        }
    for prefix, rows in inner.items():
        data |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": len(rows)}
        for index, row in enumerate(rows):
            values = model_to_dict(row) | {"id": row.pk}
            data |= {f"{prefix}-{index}-{name}": value for name, value in values.items()}
    return {name: value for name, value in data.items() if value is not None} | more


def preview(client, story, typed, language="en", accept="application/json"):
    opts = story._meta
    name = f"admin:{opts.app_label}_{opts.model_name}_preview"
    url = reverse(name, args=[story.pk, language])
    return client.post(url, typed, headers={"Accept": accept})


def shown(client, story, language="en", **more):
    answer = preview(client, story, typed_into(story, **more), language)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def everything():
    """Every row of every table, and every public file."""
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"SELECT * FROM {quoted}")  # noqa: S608 - our own tables
            rows[table] = sorted(map(repr, cursor.fetchall()))
    files = default_storage.listdir("r")[1] if default_storage.exists("r") else []
    return rows, sorted(files)


def essence(html):
    """What a reader sees of a page: its text and its pictures, without what machines read."""
    page = lxml.html.fromstring(html)
    for element in page.xpath("//script | //head"):
        element.drop_tree()
    pictures = page.xpath("//img/@src")
    return " ".join(page.text_content().split()), pictures


class TestThePage:
    def test_it_is_the_page_that_publishing_then_gives(self, editor):
        image = make_image()
        laboratory = labs.laboratory(name_en="Heart morphogenesis")
        story = news.post(title_en="Before", lead_image=image)
        typed = {
            "title_en": "Typed just now",
            "body_en": f'<p>A <a data-record="{laboratory.reference}">laboratory</a>'
            f'<span data-footnote="">Noted.</span>.</p><figure data-image="{image.pk}"></figure>',
            "kind": "visit",
            "visit-TOTAL_FORMS": "1",
            "visit-0-starts_on": "2021-03-04",
            "visit-0-place_en": "Paris",
            "guests-TOTAL_FORMS": "1",
            "guests-0-name": "Eve Mayor",
            "guests-0-order": "0",
            "themes": [str(labs.theme(name_en="Hearts").pk)],
        }
        before = shown(editor, story, **typed)
        editor.post(admin_url(story, "change"), typed_into(story, **typed, _publish="en"))
        edition = PostEdition.objects.live().get()
        page = Client().get(edition.get_absolute_url()).content.decode()
        assert essence(before["html"]) == essence(page)
        for words in ("Typed just now", "Noted.", "Eve Mayor", "Hearts", "Heart morphogenesis"):
            assert words in page

    def test_a_live_text_with_a_new_address_and_its_translation(self, editor):
        story = news.article_in_both_languages(title_en="Live", title_fr="En ligne")["en"].story
        html = shown(editor, story, "fr", title_fr="Changé", slug_fr="autre-adresse")["html"]
        assert 'lang="fr"' in html
        assert "Changé" in html
        assert "/en/news/live/" in html  # the switch leads to the live translation

    @pytest.mark.parametrize("role", [Role.ORDINARY, Role.PRESS, Role.CONTACT, Role.ACCESSIBILITY])
    def test_institutional_pages_of_every_role(self, editor, role):
        story = pages.page(title_en="Before")
        html = shown(editor, story, title_en="The page", role=role.value)["html"]
        assert "<h1" in html
        assert "The page" in html

    def test_a_role_or_an_address_that_another_has_is_told_and_the_page_is_there(self, editor):
        other = pages.published_page(role="contact", slug_en="taken").story
        story = pages.page(title_en="Mine")
        answer = shown(editor, story, title_en="Mine", role="contact", slug_en="taken")
        assert "Mine" in answer["html"]
        assert any("role already" in each["message"] for each in answer["problems"])
        other.refresh_from_db()
        assert (other.role, other.slug_en) == ("contact", "taken")

    def test_an_address_of_another_part_of_the_site(self, editor):
        story = pages.page(title_en="Mine")
        answer = shown(editor, story, slug_en="news")
        assert "Mine" in answer["html"]
        assert any("another part of the site" in each["message"] for each in answer["findings"])

    def test_a_picture_that_may_not_be_shown_is_not(self, editor):
        image = make_image(rights_until=timezone.localdate() - timezone.timedelta(days=1))
        story = news.post(lead_image=image, body_en=f'<figure data-image="{image.pk}"></figure>')
        answer = shown(editor, story)
        assert not [path for path in image.paths() if path in answer["html"]]
        assert any(str(image) in each["message"] for each in answer["findings"])

    def test_nothing_of_it_runs_and_nothing_of_it_speaks_to_machines(self, editor):
        html = shown(editor, news.post())["html"]
        for absent in ("<script", "canonical", "og:", 'hreflang="x-default', "ld+json"):
            assert absent not in html
        assert 'content="noindex, nofollow"' in html


class TestWhatIsMissingOrWrong:
    def test_an_empty_new_text_says_what_it_lacks(self, editor):
        add = NEW
        url = reverse("admin:news_post_preview_new", args=["fr"])
        answer = editor.post(url, add, headers={"Accept": "application/json"}).json()
        assert "Le titre manque" in answer["html"]
        assert "Le texte est vide" in answer["html"]
        assert {each["field"] for each in answer["findings"] if each["blocks"]} == {
            "title_fr",
            "body_fr",
        }

    def test_what_cannot_be_read_is_named_and_the_rest_is_shown(self, editor):
        story = news.post(section="As saved")
        answer = shown(
            editor,
            story,
            title_en="x" * 251,
            date="2021-02-30",
            lead_image="999999",
            slug_en="no address!",
            body_en="<p>Still shown.</p>",
        )
        fields = {each["field"] for each in answer["problems"]}
        assert fields == {"title_en", "date", "lead_image", "slug_en"}
        assert "Still shown." in answer["html"]
        assert 'datetime="2021-03-04"' in answer["html"]
        assert "x" * 250 in answer["html"]

    def test_a_wrong_inner_row_does_not_take_the_right_ones_along(self, editor):
        story = news.visit(guests=[("Eve", "Mayor")]).story
        typed = typed_into(story)
        typed |= {
            "visit-0-ends_on": "1999-01-01",
            "guests-TOTAL_FORMS": "3",
            "guests-1-name": "",
            "guests-1-role_en": "Nobody",
            "guests-2-name": "Noé",
            "guests-2-order": "3",
        }
        answer = preview(editor, story, typed).json()
        assert "Noé" in answer["html"]
        assert "Eve" in answer["html"]
        assert len(answer["problems"]) >= 2

    def test_a_deleted_guest_is_gone(self, editor):
        story = news.visit(guests=[("Eve", "Mayor"), ("Noé", "Minister")]).story
        html = shown(editor, story, **{"guests-0-DELETE": "on", "guests-0-name": ""})["html"]
        assert "Eve" not in html
        assert "Noé" in html

    def test_a_post_without_the_form_shows_the_text_as_saved(self, editor):
        story = news.post(title_en="As saved")
        assert "As saved" in preview(editor, story, {}).json()["html"]

    def test_a_colleagues_newer_save_is_no_obstacle(self, editor):
        story = news.post(title_en="Mine")
        typed = typed_into(story, title_en="Typed")
        story.save()
        answer = preview(editor, story, typed).json()
        assert "Typed" in answer["html"]
        assert answer["problems"] == []


class TestNoTrace:
    @pytest.fixture
    def image(self):
        return make_image()

    def test_no_row_changes_and_no_file_is_written(self, editor, image):
        story = news.article_in_both_languages(lead_image=image)["en"].story
        page = pages.published_page(role="contact").story
        typed = typed_into(story, title_en="Typed", **{"guests-TOTAL_FORMS": "1"})
        typed |= {"guests-0-name": "Eve", "guests-0-order": "0"}
        of_page = typed_into(page, title_en="Typed", slug_en="elsewhere")
        before = everything()
        for language in ("en", "fr"):
            assert preview(editor, story, typed, language).status_code == 200
            assert preview(editor, page, of_page, language).status_code == 200
            url = reverse("admin:news_post_preview_new", args=[language])
            assert editor.post(url, NEW | {"title_en": "New"}).status_code == 200
        assert everything() == before
        assert len(before[0]) > len(apps.get_models())

    def test_nothing_is_announced(self, editor, django_capture_on_commit_callbacks):
        story = news.post()
        typed = typed_into(story, title_en="Typed")
        with django_capture_on_commit_callbacks() as callbacks:
            preview(editor, story, typed)
        assert callbacks == []
        story.refresh_from_db()
        assert not story.editions.exists()


class TestWhoMay:
    def test_only_colleagues_and_only_by_post(self, editor):
        story = news.post()
        url = reverse("admin:news_post_preview", args=[story.pk, "en"])
        assert Client().post(url).status_code == 302
        assert editor.get(url).status_code == 405
        assert editor.post(url.replace("/en/", "/de/")).status_code == 404
        assert editor.post(reverse("admin:news_post_preview", args=[0, "en"])).status_code == 404

    def test_without_rights_nothing_is_shown(self):
        story = news.post()
        client = somebody()
        assert preview(client, story, {}).status_code == 403
        url = reverse("admin:news_post_preview_new", args=["en"])
        assert client.post(url).status_code == 403

    def test_who_may_only_read_sees_the_text_as_saved(self):
        story = news.post(title_en="As saved")
        answer = preview(somebody("view_post"), story, {"title_en": "Typed"})
        assert "As saved" in answer.json()["html"]
        assert "Typed" not in answer.json()["html"]

    def test_it_is_kept_by_nobody_and_framed_by_us_alone(self, editor):
        answer = preview(editor, news.post(), {}, accept="text/html")
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        policy = answer["Content-Security-Policy"]
        assert "script-src 'none'" in policy
        assert "frame-ancestors 'self'" in policy

    def test_without_scripts_a_page_of_its_own_names_what_is_wrong(self, editor):
        story = news.post(summary_en="")
        typed = typed_into(story, date="yesterday", title_en="")
        page = preview(editor, story, typed, accept="text/html").content.decode()
        assert "draft-banner" in page
        for words in ("The title is missing.", "The summary is missing", "Enter a valid date."):
            assert words in page

    def test_the_form_offers_it_with_and_without_scripts(self, editor):
        story = news.post()
        page = editor.get(admin_url(story, "change")).content.decode()
        for language in ("en", "fr"):
            url = reverse("admin:news_post_preview", args=[story.pk, language])
            assert f'formaction="{url}"' in page
        assert page.index('name="_save"') < page.index("formaction=")
