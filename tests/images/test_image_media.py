"""The public address of renditions (checks S-11): what is served, how, and nothing else."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.urls import reverse

from tests.factories.images import image_file, make_image

pytestmark = pytest.mark.django_db
TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}


@pytest.mark.parametrize("format", list(TYPES))
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_rendition_is_served_for_ever_and_can_do_nothing(client, format, method):
    rendition = make_image().rendition(format=format)
    response = getattr(client, method)("/media/" + rendition.path)
    body = b"".join(response.streaming_content) if method == "get" else b""
    assert response.status_code == 200
    assert response["Content-Type"] == TYPES[format]
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert int(response["Content-Length"]) == rendition.bytes
    assert "Set-Cookie" not in response
    if method == "get":
        assert len(body) == rendition.bytes
    response.close()


def test_every_rendition_is_reachable_at_the_address_the_page_names(client):
    for rendition in make_image().all_renditions():
        response = client.get(reverse("images:media", args=[rendition.path]))
        assert response.status_code == 200
        response.close()


@pytest.mark.parametrize(
    "path",
    [
        "r/" + "0" * 32 + ".avif",
        "r/" + "0" * 31 + ".avif",
        "r/" + "A" * 32 + ".jpg",
        "r/" + "0" * 32 + ".svg",
        "r/" + "0" * 32 + ".html",
        "r/" + "0" * 32 + ".jpg/",
        "r/" + "0" * 32 + ".jpg%0A",
        "r/../r/" + "0" * 32 + ".jpg",
        "r/%2e%2e/secret",
        "..%2foriginals%2fab",
        "r",
        "r/",
        "note.html",
    ],
)
def test_everything_else_is_not_there(client, path):
    default_storage.save("note.html", ContentFile(b"<script>alert(1)</script>"))
    default_storage.save("r/" + "0" * 32 + ".html", ContentFile(b"<script>alert(1)</script>"))
    assert client.get("/media/" + path).status_code == 404


def test_nothing_is_written_through_the_public_address(client):
    address = "/media/" + make_image().paths()[0]
    assert client.post(address).status_code == 405
    assert client.delete(address).status_code == 405


def test_originals_and_kept_uploads_have_no_address(client):
    image = make_image(file=image_file(200, 100))
    storages["originals"].save("pending/abc.jpg", ContentFile(b"x"))
    for name in (image.original, "pending/abc.jpg", image.digest, image.digest + ".jpg"):
        for prefix in ("/media/", "/media/r/", "/media/originals/", "/originals/", "/static/"):
            assert client.get(prefix + name).status_code == 404
