"""The file library in the admin: adding, replacing, finding, removing, and the file dialog."""

import datetime

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import storages
from django.db import transaction
from django.template.backends.django import Template
from django.urls import reverse
from django.utils import timezone

from imagine_site.files import actions
from imagine_site.files.models import File
from imagine_site.publishing.actions import publish
from tests.factories import news, pages
from tests.factories.files import content_of, link, make_file, office_bytes, pdf_bytes, upload
from tests.house.crawling import body_of

pytestmark = pytest.mark.django_db
ADD = "admin:files_file_add"
LIST = "admin:files_file_changelist"
PICK = "admin:files_file_pick"
UPLOAD = "admin:files_file_upload"


@pytest.fixture
def editor(admin_client):
    return admin_client


@pytest.fixture
def reader_of_the_admin(client, django_user_model):
    """Staff, but without any right to files."""
    client.force_login(django_user_model.objects.create_user("lea", is_staff=True))
    return client


def change_address(file: File) -> str:
    return reverse("admin:files_file_change", args=[file.pk])


def form_values(entry: File, /, **changes) -> dict:
    fields = ("title_en", "title_fr", "language", "accessible", "credit")
    return {"_version": entry.version, **{name: getattr(entry, name) for name in fields}, **changes}


def errors_of(response) -> dict:
    return response.context["adminform"].form.errors


# -- Adding and replacing ---------------------------------------------------------------------


def test_an_editor_adds_a_file_with_nothing_but_the_file(editor, admin_user):
    answer = editor.post(reverse(ADD), {"file": upload(name="Rapport_2024.pdf")})
    assert answer.status_code == 302
    file = File.objects.get()
    assert (file.title_en, file.title_fr, file.accessible) == ("Rapport 2024",) * 2 + ("unknown",)
    assert file.created_by == admin_user
    version = file.history.get()
    assert (version.history_user, version.version) == (admin_user, file.version)


def test_a_file_is_asked_for(editor):
    answer = editor.post(reverse(ADD), {"title_en": "x"})
    assert errors_of(answer) == {"file": ["Choose a file."]}


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"<svg/>", "SVG"), (pdf_bytes() + b"<script>", "more than one thing")],
)
def test_a_file_we_do_not_take_is_refused_in_words_and_what_was_typed_stays(editor, content, said):
    answer = editor.post(reverse(ADD), {"file": upload(content), "title_fr": "Le mien"})
    assert said in errors_of(answer)["file"][0]
    assert 'value="Le mien"' in answer.text
    assert not File.objects.exists()
    assert not storages["originals"].exists("files")


def test_a_file_that_is_here_already_is_linked(editor):
    content = pdf_bytes()
    first = make_file(content=content, title_en="The <report>")
    answer = editor.post(reverse(ADD), {"file": upload(content)})
    assert f'<a href="{change_address(first)}">The &lt;report&gt;</a>' in answer.text
    # The same moment: the form has seen nothing, the database does.
    assert File.objects.count() == 1


def test_a_second_click_on_save_leads_to_the_entry(editor, monkeypatch):
    content = pdf_bytes()
    first = make_file(content=content)
    monkeypatch.setattr("imagine_site.files.forms.refuse_duplicate", lambda *args, **kwargs: None)
    answer = editor.post(reverse(ADD), {"file": upload(content)}, follow=True)
    assert answer.redirect_chain == [(change_address(first), 302)]
    assert "already in the library" in answer.text


def test_an_editor_replaces_a_file(editor, admin_user, django_capture_on_commit_callbacks):
    file = make_file(name="Rapport.pdf")
    edition = news.article(body_en=link(file))
    sent = form_values(file, file=upload(office_bytes("xlsx"), name="x.xlsx"))
    with django_capture_on_commit_callbacks(execute=True):
        assert editor.post(change_address(file), sent).status_code == 302
    file.refresh_from_db()
    assert file.file_name == "rapport.xlsx"
    assert file.history.count() == 2
    edition.refresh_from_db()
    assert "(XLSX, 1 kB)" in edition.html
    page = editor.get(change_address(file))
    (former,) = file.former()
    assert f"?version={former.history_id}" in page.text
    assert "(PDF, 1 kB)" in page.text
    assert f"Public: {file.get_absolute_url()}" in page.text
    # Where it is public, there is something to see on the site.
    assert f'href="{file.get_absolute_url()}"' in page.text
    assert file.get_absolute_url() not in editor.get(change_address(make_file())).text


def test_a_former_version_comes_back_with_its_file(editor):
    content = pdf_bytes()
    file = make_file(content=content, name="First.pdf", title_en="Then")
    actions.replace(file, upload(office_bytes("odt")))
    file.title_en = "Now"
    file.save()
    (former,) = file.former()
    address = reverse("admin:files_file_simple_history", args=[file.pk, former.history_id])
    assert "Its file of then comes back as well (first.pdf, PDF, 1 kB)" in editor.get(address).text
    assert editor.post(address, {"_version": file.version}).status_code == 302
    file.refresh_from_db()
    assert (content_of(file), file.title_en) == (content, "Then")
    # Unless that content is another entry's by now.
    actions.replace(file, upload())
    make_file(content=content)
    answer = editor.post(address, {"_version": file.version}, follow=True)
    assert "already in the library" in answer.text
    file.refresh_from_db()
    assert content_of(file) != content


def test_a_save_over_a_newer_one_is_refused_and_stores_no_row(editor):
    file = make_file()
    sent = form_values(file, credit="Me", file=upload())
    file.credit = "Somebody"
    file.save()
    before = file.original
    assert editor.post(change_address(file), sent).status_code == 409
    file.refresh_from_db()
    assert (file.credit, file.original) == ("Somebody", before)


def test_the_content_is_written_before_the_database_is_locked(editor, monkeypatch):
    seen = []
    whole = actions.Incoming.store

    def store(incoming):
        seen.append((incoming._stored, transaction.get_connection().savepoint_ids.__len__()))
        return whole(incoming)

    monkeypatch.setattr(actions.Incoming, "store", store)
    editor.post(reverse(ADD), {"file": upload()})
    (first, outside), (again, inside) = seen
    assert (first, again) == (False, True)
    assert outside < inside


def test_who_may_not_add_stores_nothing(reader_of_the_admin):
    answer = reader_of_the_admin.post(reverse(ADD), {"file": upload()})
    assert answer.status_code == 403
    assert not storages["originals"].exists("files")


# -- Finding and removing ---------------------------------------------------------------------


def shown(editor, **query) -> set[str]:
    answer = editor.get(reverse(LIST), query)
    assert answer.status_code == 200
    return {file.title_en for file in answer.context_data["cl"].result_list}


def test_files_are_found_by_use_format_language_and_words(editor, monkeypatch):
    monkeypatch.setattr(Template, "render", lambda *args, **kwargs: "")
    live = make_file(title_en="Live", language="fr", accessible="yes")
    draft = make_file(title_en="Draft")
    make_file(title_en="Unused", content=office_bytes("docx"), credit="Inserm")
    news.article(body_en=link(live))
    pages.page(title_en="About us", body_fr=link(draft))
    assert shown(editor) == {"Live", "Draft", "Unused"}
    assert shown(editor, used="public") == {"Live"}
    assert shown(editor, used="yes") == {"Live", "Draft"}
    assert shown(editor, used="no") == {"Unused"}
    assert shown(editor, format="docx") == {"Unused"}
    assert shown(editor, language="fr") == {"Live"}
    assert shown(editor, accessible="yes") == {"Live"}
    assert shown(editor, q="inserm") == {"Unused"}


def test_a_longer_list_takes_no_more_queries(editor, django_assert_max_num_queries):
    for number in range(5):
        pages.page(title_en=f"Page {number}", body_en=link(make_file()))
    with django_assert_max_num_queries(16):
        answer = editor.get(reverse(LIST))
    assert all(f"Page {number}" in answer.text for number in range(5))


def test_a_used_file_is_not_deleted_and_the_page_says_where_it_stands(editor):
    file = make_file()
    story = pages.page(title_en="About <us>", body_en=link(file))
    delete = reverse("admin:files_file_delete", args=[file.pk])
    answer = editor.post(delete, {"post": "yes"})
    assert "About &lt;us&gt;" in answer.text
    assert File.objects.exists()
    many = {"action": "delete_selected", "_selected_action": [file.pk], "post": "yes"}
    assert "About &lt;us&gt;" in editor.post(reverse(LIST), many).text
    assert File.objects.exists()
    story.delete()
    assert editor.post(delete, {"post": "yes"}).status_code == 302
    assert not File.objects.exists()


# -- Publishing -------------------------------------------------------------------------------


def test_a_text_with_a_lost_file_is_not_published():
    from imagine_site.publishing.findings import NotPublishable, inspect  # noqa: PLC0415

    file = make_file(title_en="The report", accessible="no")
    unknown = make_file(title_en="The table")
    story = news.post(body_en=link(file) + link(unknown))
    found = [finding for finding in inspect(story, "en") if finding.field == "body_en"]
    assert [finding.blocks for finding in found] == [False, False]
    assert "“The report” is not accessible" in found[0].message
    assert "“The table”: nobody has checked" in found[1].message
    File.objects.filter(pk=unknown.pk).update(accessible="yes")
    assert len(inspect(story, "en")) == 1
    file.delete()
    with pytest.raises(NotPublishable, match="no longer in the library"):
        publish(story, language="en", by=None)
    assert inspect(story, "fr") == []


# -- The editor's dialog ----------------------------------------------------------------------


def test_the_dialog_looks_through_the_library(editor):
    file = make_file(title_en="The report", title_fr="Le rapport")
    make_file(title_en="Something else", title_fr="")
    answer = editor.get(reverse(PICK), {"q": "rapport"})
    assert answer.json() == {
        "results": [
            {
                "id": file.pk,
                "title": "The report",
                "name": "annual-report.pdf",
                "format": "PDF",
                "size": "1 kB",
                "url": reverse("admin:files_file_download", args=[file.pk]),
            }
        ],
        "next": None,
    }
    french = editor.get(reverse(PICK), headers={"accept-language": "fr"}).json()["results"]
    assert french[1]["title"] == "Le rapport"
    assert french[0]["size"] == "1\xa0ko"


def test_the_dialog_pages_through_the_library(editor, monkeypatch):
    monkeypatch.setattr("imagine_site.files.admin.PICKS_PER_PAGE", 2)
    for _number in range(3):
        make_file()
    first = editor.get(reverse(PICK)).json()
    assert (len(first["results"]), first["next"]) == (2, 2)
    last = editor.get(reverse(PICK), {"page": 2}).json()
    assert (len(last["results"]), last["next"]) == (1, None)
    for odd in ("0", "-1", "99", "x", "9" * 40):
        assert editor.get(reverse(PICK), {"page": odd}).status_code == 200


def test_the_dialog_asks_for_some_files_in_their_order(editor):
    first, second = make_file(), make_file()
    asked = f"{second.pk},{first.pk},{second.pk},99,x,,{'9' * 40}"
    answer = editor.get(reverse("admin:files_file_pick_one"), {"ids": asked}).json()
    assert [each["id"] for each in answer["results"]] == [second.pk, first.pk]


def test_the_dialog_adds_a_file(editor, admin_user):
    sent = {"file": upload(name="x.pdf"), "title_fr": "Le rapport", "language": "fr"}
    answer = editor.post(reverse(UPLOAD), sent)
    assert answer.status_code == 201
    file = File.objects.get()
    assert answer.json()["id"] == file.pk
    assert (file.title_fr, file.title_en, file.language) == ("Le rapport", "", "fr")
    assert (file.created_by, file.history.get().history_user) == (admin_user, admin_user)


def test_the_dialog_is_told_what_is_wrong_and_what_is_here_already(editor):
    content = pdf_bytes()
    here = make_file(content=content)
    assert editor.post(reverse(UPLOAD)).json() == {"errors": {"file": ["Choose a file."]}}
    answer = editor.post(reverse(UPLOAD), {"file": upload(b"MZ"), "language": "xx"})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"file", "language"}
    again = editor.post(reverse(UPLOAD), {"file": upload(content)})
    assert again.status_code == 400
    assert again.json()["existing"]["id"] == here.pk
    assert "already in the library" in again.json()["errors"]["file"][0]


@pytest.mark.parametrize("bad", ["..", "a/../b.pdf", "x\0.pdf", "\u202efdp.exe", "", "x" * 400])
def test_odd_names_of_uploads_do_no_harm(editor, bad):
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    file = SimpleUploadedFile("x.pdf", pdf_bytes())
    file._name = bad or "x"
    answer = editor.post(reverse(UPLOAD), {"file": file})
    assert answer.status_code in {201, 400}
    for entry in File.objects.all():
        assert ".." not in entry.original + entry.get_absolute_url()
        assert "\0" not in str(entry)
        assert "\u202e" not in str(entry)


def test_who_may_only_look_adds_nothing(reader_of_the_admin, django_user_model):
    client = reader_of_the_admin
    for name in (PICK, "admin:files_file_pick_one"):
        assert client.get(reverse(name)).status_code == 403
    assert client.post(reverse(UPLOAD), {"file": upload()}).status_code == 403
    lea = django_user_model.objects.get(username="lea")
    lea.user_permissions.add(Permission.objects.get(codename="view_file"))
    assert client.get(reverse(PICK)).status_code == 200
    assert client.post(reverse(UPLOAD), {"file": upload()}).status_code == 403
    download = client.get(reverse("admin:files_file_download", args=[make_file().pk]))
    assert (download.status_code, body_of(download)[:4]) == (200, b"%PDF")


def test_a_file_of_tomorrow_is_marked_as_not_public(editor):
    file = make_file()
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    publish(news.post(body_en=link(file)), language="en", by=None, at=tomorrow)
    assert "Not public" in editor.get(change_address(file)).text
