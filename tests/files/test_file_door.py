"""The public address of a file."""

import datetime

import pytest
from django.core.files.storage import storages
from django.urls import reverse
from django.utils import timezone

from imagine_site.files import actions
from imagine_site.publishing.actions import publish, withdraw
from tests.factories import news, pages
from tests.factories.files import content_of, link, make_file, office_bytes, pdf_bytes, upload
from tests.house.crawling import body_of, fetch

pytestmark = pytest.mark.django_db


@pytest.fixture
def file():
    return make_file(name="Rapport.pdf", title_fr="L’été à Paris", title_en="", language="fr")


@pytest.fixture
def live(file):
    return news.article(body_en=link(file))


def test_a_live_file_is_given_as_a_download_in_one_query(
    file, live, client, django_assert_num_queries
):
    with django_assert_num_queries(1):
        answer = client.get(file.get_absolute_url())
    assert answer.status_code == 200
    assert body_of(answer) == content_of(file)
    assert dict(answer.items()) | {
        "Content-Type": "application/pdf",
        "Content-Length": str(file.size),
        "Content-Disposition": 'attachment; filename="rapport.pdf"; '
        "filename*=UTF-8''L%E2%80%99%C3%A9t%C3%A9%20%C3%A0%20Paris.pdf",
        "Content-Language": "fr",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "public, no-cache",
        "ETag": f'"{file.digest[:32]}"',
        "Accept-Ranges": "none",
    } == dict(answer.items())
    assert "Set-Cookie" not in answer


def test_a_text_says_its_encoding(client):
    file = make_file(content="é;è\n".encode(), name="liste.csv")
    news.article(body_en=link(file))
    answer = client.get(file.get_absolute_url())
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert body_of(answer) == "é;è\n".encode()


def test_only_the_head_is_given_where_only_that_is_asked(file, live, client):
    answer = client.head(file.get_absolute_url())
    assert (answer.status_code, body_of(answer)) == (200, b"")
    assert answer["Content-Length"] == str(file.size)


def test_who_has_it_is_told_so(file, live, client):
    address, etag = file.get_absolute_url(), f'"{file.digest[:32]}"'
    answer = client.get(address, headers={"if-none-match": etag})
    assert (answer.status_code, body_of(answer)) == (304, b"")
    assert (answer["ETag"], answer["Cache-Control"]) == (etag, "public, no-cache")
    for header in ({"if-none-match": '"x"'}, {"range": "bytes=0-1"}):
        assert fetch(client, address, headers=header).body == content_of(file)
    # Withdrawn, it is gone for those as well who have it.
    withdraw(live.story, language="en", by=None)
    assert client.get(address, headers={"if-none-match": etag}).status_code == 404


def test_what_is_in_no_live_text_is_not_there(file, client, admin_client):
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    story = pages.page(body_en=link(file))
    publish(story, language="en", by=None, at=tomorrow)
    for visitor in (client, admin_client):
        answer = visitor.get(file.get_absolute_url())
        assert answer.status_code == 404
        assert "ETag" not in answer
        # Nor does another name tell that it is there.
        assert visitor.get(f"/files/{file.pk}/x.pdf").status_code == 404
    publish(story, language="en", by=None)
    assert fetch(client, file.get_absolute_url()).response.status_code == 200


@pytest.mark.parametrize(
    "path", ["0/x.pdf", "9" * 30 + "/x.pdf", "1/", "1/a/b.pdf", "1/%00", "-1/x"]
)
def test_odd_addresses_are_not_there(path, client):
    assert client.get(f"/files/{path}").status_code == 404


def test_a_former_name_leads_to_the_present_one(file, live, client):
    former = file.get_absolute_url()
    actions.replace(file, upload(office_bytes("odt"), name="x.odt"))
    answer = client.get(former)
    assert (answer.status_code, answer["Location"]) == (302, f"/files/{file.pk}/rapport.odt")
    assert answer["Cache-Control"] == "public, no-cache"
    answer = client.get(answer["Location"])
    assert answer["Content-Type"] == "application/vnd.oasis.opendocument.text"
    body_of(answer)


def test_a_lost_content_is_not_there(file, live, client):
    storages["originals"].delete(file.original)
    assert client.get(file.get_absolute_url()).status_code == 404


# -- For colleagues ---------------------------------------------------------------------------


def test_staff_who_may_see_files_download_any_of_them(
    file, admin_client, client, django_user_model
):
    address = reverse("admin:files_file_download", args=[file.pk])
    answer = admin_client.get(address)
    assert answer.status_code == 200
    assert body_of(answer) == content_of(file)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client.get(address).status_code == 302
    client.force_login(django_user_model.objects.create_user("lea", is_staff=True))
    assert client.get(address).status_code == 403
    assert client.get(reverse("admin:files_file_download", args=[99])).status_code == 403
    assert admin_client.get(reverse("admin:files_file_download", args=[99])).status_code == 404
    assert admin_client.get(reverse("admin:files_file_download", args=["x"])).status_code == 404


def test_a_former_content_is_kept_for_colleagues(file, admin_client):
    first = content_of(file)
    actions.replace(file, upload(pdf_bytes()))
    (former,) = file.former()
    address = reverse("admin:files_file_download", args=[file.pk])
    assert body_of(admin_client.get(f"{address}?version={former.history_id}")) == first
    other = make_file().history.get()
    for odd in (other.history_id, "x", "9" * 40, "0"):
        assert admin_client.get(f"{address}?version={odd}").status_code == 404
