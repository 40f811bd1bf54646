"""What a journalist takes away, and what never gets into it."""

import datetime
import io
import zipfile

import pytest
from django.core.files.storage import storages
from django.urls import reverse
from django.utils import translation

from imagine_site.images.models import Consent
from imagine_site.publishing.actions import publish, withdraw
from news import press_kit
from news.models import Kind
from news.press_kit import PressKit
from tests.factories import labs, news
from tests.factories.images import make_image

pytestmark = pytest.mark.django_db


def kit_of(client, edition) -> zipfile.ZipFile:
    response = client.get(edition.get_press_kit_url())
    assert response.status_code == 200
    body = b"".join(response.streaming_content)
    assert int(response["Content-Length"]) == len(body)
    return zipfile.ZipFile(io.BytesIO(body))


def read(archive: zipfile.ZipFile, name: str) -> str:
    (path,) = [path for path in archive.namelist() if path.endswith(name)]
    return archive.read(path).decode()


@pytest.fixture
def pictures():
    return [make_image(title=f"internal name {n}", credit=f"Photographer {n}") for n in range(3)]


@pytest.fixture
def edition(pictures):
    lead, one, two = pictures
    laboratory = labs.laboratory()
    return news.article(
        title_en="Cells & “hearts”",
        slug_en="cells",
        body_en=f'<p>In the <a data-record="{laboratory.reference}">laboratory</a>, œuvre.</p>'
        f'<figure data-gallery="{one.pk} {two.pk}"><figcaption>At work</figcaption></figure>',
        lead_image=lead,
        lead_caption_en="The front",
        correction_en="Seven.",
        corrected_on=datetime.date(2021, 3, 12),
        dois="10.1038/nature123",
    )


def test_it_holds_the_text_twice_the_photographs_and_their_credits(client, edition, pictures):
    archive = kit_of(client, edition)
    assert archive.testzip() is None
    assert archive.namelist() == [
        "institut-imagine-cells/article.txt",
        "institut-imagine-cells/article.html",
        "institut-imagine-cells/credits.txt",
        *(f"institut-imagine-cells/pictures/cells-0{n}.jpg" for n in (1, 2, 3)),
    ]
    for number, image in enumerate(pictures, 1):
        path = f"institut-imagine-cells/pictures/cells-0{number}.jpg"
        assert archive.read(path) == image.read_original()
    text = read(archive, "article.txt")
    for said in (
        "Cells & “hearts”",
        "œuvre",
        "Correction, 12",
        "https://doi.org/10.1038/nature123",
    ):
        assert said in text
    credits = read(archive, "credits.txt")
    for said in ("© Photographer 0", "The front", "At work", "cells-03.jpg", "A red half"):
        assert said in credits
    assert "internal name" not in credits


def test_its_page_stands_alone(client, edition, settings):
    page = read(kit_of(client, edition), "article.html")
    assert '<html lang="en">' in page
    assert 'src="pictures/cells-01.jpg"' in page
    assert 'href="pictures/cells-02.jpg"' in page
    assert f'href="{settings.SITE_URL}/en/laboratories/' in page
    assert 'href="/' not in page
    assert "/media/" not in page


def test_it_speaks_the_language_of_the_edition(client, edition):
    french = publish(edition.story, language="fr", by=None)
    archive = kit_of(client, french)
    assert french.title in read(archive, "article.txt")
    assert "Une moitié rouge" in read(archive, "article.html")
    assert '<html lang="fr">' in read(archive, "article.html")


@pytest.mark.parametrize(
    "ended",
    [
        {"rights_until": datetime.date(2020, 1, 1)},
        {"consent_until": datetime.date(2020, 1, 1)},
        {"consent": Consent.MISSING},
    ],
)
def test_a_picture_without_rights_is_left_out_everywhere(client, edition, pictures, ended):
    whole = PressKit.of(edition).etag
    for name, value in ended.items():
        setattr(pictures[1], name, value)
    pictures[1].save()
    archive = kit_of(client, edition)
    assert len([name for name in archive.namelist() if "pictures/" in name]) == 2
    for name in ("article.html", "credits.txt"):
        assert "Photographer 1" not in read(archive, name)
    assert PressKit.of(edition).etag != whole


def test_pictures_of_the_working_copy_are_not_in_it(client, edition):
    secret = make_image(credit="Secret photographer")
    story = edition.story
    story.lead_image = secret
    story.body_en = f'<p>New</p><figure data-image="{secret.pk}"></figure>'
    story.save()
    assert "Secret" not in read(kit_of(client, edition), "credits.txt")


def test_without_pictures_it_says_so(client):
    archive = kit_of(client, news.article())
    assert "no photograph" in read(archive, "credits.txt")
    assert len(archive.namelist()) == 3


def test_it_does_not_grow_without_end(client, edition, pictures, monkeypatch):
    sizes = [storages["originals"].size(image.original) for image in pictures]
    monkeypatch.setattr(press_kit, "MOST_BYTES", sum(sizes) - 1)
    archive = kit_of(client, edition)
    assert len(archive.namelist()) == 5
    assert "One photograph did not fit" in read(archive, "credits.txt")


def test_a_file_that_is_lost_is_no_error(client, edition, pictures):
    storages["originals"].delete(pictures[0].original)
    assert len(kit_of(client, edition).namelist()) == 5


def test_the_same_edition_gives_the_same_bytes(edition):
    first, second = PressKit.of(edition), PressKit.of(edition)
    assert b"".join(first.stream()) == b"".join(second.stream())
    assert first.etag == second.etag


def test_caches_ask_and_are_answered(client, edition):
    first = client.head(edition.get_press_kit_url())
    assert first.status_code == 200
    assert first["Cache-Control"] == "public, no-cache"
    assert first["Content-Type"] == "application/zip"
    assert 'filename="institut-imagine-cells.zip"' in first["Content-Disposition"]
    assert not first.cookies
    again = client.get(edition.get_press_kit_url(), HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304


def test_it_goes_where_its_article_goes(client, edition):
    def at(slug):
        with translation.override("en"):
            return reverse("news:press_kit", args=[slug])

    assert client.get(at("never-was")).status_code == 404
    assert client.get(at(news.post(slug_en="a-draft").slug_en)).status_code == 404
    story = edition.story
    story.slug_en = "hearts"
    story.save()
    publish(story, language="en", by=None)
    moved = client.get(at("cells"))
    assert (moved.status_code, moved["Location"]) == (301, at("hearts"))
    withdraw(story, language="en", by=None)
    assert client.get(at("hearts")).status_code == 410


@pytest.mark.parametrize(("kind", "shown"), [(Kind.PRESS, "button"), (Kind.NEWS, "onward")])
def test_every_article_leads_to_its_kit(client, kind, shown):
    edition = news.article(kind=kind)
    page = client.get(edition.get_absolute_url()).content.decode()
    assert f'<a class="{shown}" href="{edition.get_press_kit_url()}" download>' in page


def test_six_queries_whatever_it_holds(client, django_assert_max_num_queries):
    images = [make_image() for _ in range(4)]
    keys = " ".join(str(image.pk) for image in images)
    edition = news.article(
        body_en=f'<p>x</p><figure data-gallery="{keys}"></figure>', lead_image=images[0]
    )
    with django_assert_max_num_queries(6):
        kit_of(client, edition)
