"""An entry of the file library: what it says, when it is public, how it is replaced and removed."""

import datetime
import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone, translation

from imagine_site.files import actions, naming, uses
from imagine_site.files.actions import DuplicateFile
from imagine_site.files.incoming import Incoming
from imagine_site.files.models import File
from imagine_site.files.verify import FileRefused
from imagine_site.publishing.actions import publish, unschedule, withdraw
from tests.factories import news, pages
from tests.factories.files import content_of, link, make_file, office_bytes, pdf_bytes, upload

pytestmark = pytest.mark.django_db


def stored() -> list[str]:
    """What lies in the storage, by ending and the first letters of the digest."""
    store, found = storages["originals"], []
    for folder in store.listdir("files")[0] if store.exists("files") else []:
        found += [f"files/{folder}/{name}" for name in store.listdir(f"files/{folder}")[1]]
    return sorted(found)


def test_a_file_lies_under_its_digest_and_speaks_for_itself():
    content = pdf_bytes()
    file = make_file(content=content, name="../../Rapport_annuel-2024 (œuvre).PDF", title_fr="")
    assert file.original == f"files/{file.digest[:2]}/{file.digest}.pdf"
    assert stored() == [file.original]
    assert content_of(file) == content
    assert (file.title_en, file.name) == (
        "Rapport annuel 2024 (œuvre)",
        "rapport-annuel-2024-oeuvre",
    )
    assert file.get_absolute_url() == f"/files/{file.pk}/rapport-annuel-2024-oeuvre.pdf"
    assert file.download_name == "Rapport annuel 2024 (œuvre).pdf"
    assert file.history.count() == 1


@pytest.mark.parametrize(
    ("sent", "title", "address"),
    [
        ("C:\\Users\\me\\x.pdf", "X", "x"),
        ("a/../b\0.pdf", "B", "b"),
        ("fdp.\u202etropxe.pdf", "Fdp. tropxe", "fdp-tropxe"),
        ("病.pdf", "病", "file"),
        (".pdf", ".pdf", "pdf"),
        ("a" * 300 + ".pdf", "A" + "a" * 199, "a" * 60),
        ('<b>&".pdf', '<b>&"', "b"),
        ("E\u0301te\u0301.pdf", "Été", "ete"),
    ],
)
def test_a_name_is_made_fit_to_be_shown(sent, title, address):
    assert (naming.title_from(sent), naming.address_from(sent)) == (title, address)


def test_a_title_becomes_a_name_on_the_readers_disk():
    assert naming.on_disk('../a: "b"\r\n<c>|? .') == "a b c"
    assert make_file(title_en="///", title_fr="").download_name.endswith("annual-report.pdf")


def test_a_file_says_its_format_its_size_and_another_language():
    file = make_file(language="fr")
    file.size = 2_345_678
    assert file.details() == "PDF, 2.3 MB"
    assert file.details(beside="en") == "PDF, 2.3 MB, in French"
    assert file.details(beside="fr") == "PDF, 2.3 MB"


def test_the_same_content_comes_in_once():
    first = make_file(content=(content := pdf_bytes()))
    with pytest.raises(DuplicateFile) as refused:
        make_file(content=content, name="other.pdf")
    assert refused.value.existing == first
    assert File.objects.count() == 1


def test_two_who_send_the_same_file_at_once_make_one_entry(monkeypatch):
    content = pdf_bytes()
    first = make_file(content=content)
    monkeypatch.setattr(actions, "refuse_duplicate", lambda *args, **kwargs: None)
    with pytest.raises(DuplicateFile) as refused, transaction.atomic():
        make_file(content=content)
    assert refused.value.existing == first


def test_a_refused_file_leaves_nothing_behind():
    with pytest.raises(FileRefused):
        make_file(content=b"<html>")
    with pytest.raises(ValidationError):
        make_file(title_fr="x" * 300)
    assert not File.objects.exists()
    assert [path for path in stored() if path.endswith("html")] == []


# -- Public or not ----------------------------------------------------------------------------


def public(file: File, at=None) -> bool:
    """Both ways to ask agree."""
    answers = {file.is_public(at=at), File.objects.public(at=at).filter(pk=file.pk).exists()}
    assert len(answers) == 1
    return answers.pop()


def test_a_file_is_public_while_a_live_edition_links_to_it():
    file, other = make_file(), make_file()
    story = news.post(body_fr=link(file))
    assert not public(file)  # a draft
    publish(story, language="en", by=None)
    assert not public(file)  # live, in the language that does not name it
    now = timezone.now()
    hour = datetime.timedelta(hours=1)
    publish(story, language="fr", by=None, at=now + hour)
    assert not public(file)
    assert public(file, at=now + 2 * hour)
    unschedule(story, language="fr", by=None)
    assert not public(file, at=now + 2 * hour)
    edition = publish(story, language="fr", by=None)
    assert list(edition.files.all()) == [file]
    assert public(file)
    assert not public(other)
    withdraw(story, language="fr", by=None, at=now + hour)
    assert public(file)
    assert not public(file, at=now + 2 * hour)


def test_a_file_leaves_with_the_edition_that_no_longer_names_it():
    file = make_file()
    story = news.article(body_en=link(file)).story
    story.refresh_from_db()
    story.body_en = "<p>Without.</p>"
    story.save()
    assert public(file)
    publish(story, language="en", by=None)
    assert not public(file)


# -- Replacing --------------------------------------------------------------------------------


def test_a_replaced_file_keeps_its_entry_and_its_name_and_the_former_content(
    django_capture_on_commit_callbacks,
):
    file = make_file(name="Rapport.pdf", language="fr")
    before, address = file.original, file.get_absolute_url()
    edition = news.article(body_en=link(file))
    assert f'<a class="file" href="{address}" hreflang="fr">' in edition.html
    assert "(PDF, 1 kB, in French)" in edition.html

    with django_capture_on_commit_callbacks(execute=True):
        actions.replace(file, upload(office_bytes("docx"), name="Neu.docx"))
    file.refresh_from_db()
    assert file.get_absolute_url() == f"/files/{file.pk}/rapport.docx"
    assert file.title == "Rapport annuel"
    assert stored() == sorted([before, file.original])
    (former,) = file.former()
    assert former.instance.original == before
    assert former.instance.details() == "PDF, 1 kB"
    edition.refresh_from_db()
    assert f'href="/files/{file.pk}/rapport.docx"' in edition.html
    assert "(DOCX, 1 kB, in French)" in edition.html


def test_nothing_replaces_a_file_by_one_that_is_here_already():
    content = pdf_bytes()
    other, file = make_file(content=content), make_file()
    with pytest.raises(DuplicateFile) as refused:
        actions.replace(file, io.BytesIO(content))
    assert refused.value.existing == other


def test_the_file_itself_sent_again_changes_nothing():
    content = pdf_bytes()
    file = make_file(content=content)
    actions.replace(file, io.BytesIO(content))
    assert file.former() == []


# -- Removing ---------------------------------------------------------------------------------


def labels(file: File) -> list[str]:
    return [use.label for use in uses.of(file)]


def test_where_a_file_stands_is_found_in_texts_and_in_what_was_published():
    file, other = make_file(), make_file()
    assert labels(file) == []
    both = news.article_in_both_languages(title_en="An article", body_en=link(file))
    page = pages.page(title_en="A page", body_fr=link(file) + link(other))
    # A number that is part of another, and a text that only speaks of one.
    news.post(body_en=link(file).replace(f'"{file.pk}"', f'"{file.pk}99"'))
    news.post(body_en=f"<p>data-file=&quot;{file.pk}&quot;</p>")
    assert labels(file) == ["An article", "A page"]
    assert labels(other) == ["A page"]
    story = both["en"].story
    story.refresh_from_db()
    story.body_en = "<p>Without.</p>"
    story.save()
    assert labels(file) == ["An article (published version 1)", "A page"]
    assert f"/news/post/{story.pk}/" in uses.of(file)[0].url
    page.delete()
    assert uses.of_all([file.pk, other.pk]).keys() == {file.pk}


def test_where_many_files_stand_takes_no_more_queries(django_assert_num_queries):
    files = [make_file() for _number in range(3)]
    news.article(body_en="".join(map(link, files)))
    with django_assert_num_queries(5):  # texts and editions of articles and of pages
        assert len(uses.of_all([file.pk for file in files])) == 3


def test_a_used_file_is_not_removed(django_capture_on_commit_callbacks):
    file = make_file()
    story = pages.page(title_en="A page", body_en=link(file))
    with pytest.raises(uses.FileInUse, match="A page"):
        actions.remove(file)
    story.delete()
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove(file)
    assert stored() == []


def test_contents_go_after_the_commit_and_only_where_nobody_else_names_them(
    django_capture_on_commit_callbacks,
):
    first_content = pdf_bytes()
    file = make_file(content=first_content)
    actions.replace(file, io.BytesIO(pdf_bytes()))
    other = make_file(content=first_content)  # what the first one held before
    own = file.original
    with django_capture_on_commit_callbacks() as callbacks:
        actions.remove(file)
    assert len(stored()) == 2
    for callback in callbacks:
        callback()
    assert stored() == [other.original]
    assert own != other.original


def test_an_incoming_file_is_stored_once():
    incoming = Incoming(upload())
    assert incoming.store() == incoming.store() == incoming.path
    assert len(stored()) == 1


# -- In texts ---------------------------------------------------------------------------------


def test_a_french_page_speaks_french_of_a_file():
    file = make_file(language="en")
    File.objects.filter(pk=file.pk).update(size=2_345_678)
    editions = news.article_in_both_languages(body_en=link(file), body_fr=link(file, "le rapport"))
    with translation.override("en"):  # whoever publishes may work in another language
        assert 'le rapport <span class="file__size">(PDF, 2,3\xa0Mo, en anglais)</span></a>' in (
            editions["fr"].html.replace("&nbsp;", "\xa0")
        )
    assert 'hreflang="en"' in editions["fr"].html
    assert "hreflang" not in editions["en"].html


def test_a_text_without_files_asks_for_none(django_assert_num_queries):
    from imagine_site.publishing.rendering import render  # noqa: PLC0415

    with django_assert_num_queries(0):
        render("<p>x</p>", "en")
