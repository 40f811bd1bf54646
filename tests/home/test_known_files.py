"""Files at fixed addresses: robots, security contact, manifest, icon."""

import datetime
import io
import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone
from PIL import Image


def test_crawlers_are_kept_from_the_admin_and_told_of_the_sitemaps(client):
    answer = client.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert lines[:2] == ["User-agent: *", "Disallow: /admin/"]
    named = [line.removeprefix("Sitemap: ") for line in lines if line.startswith("Sitemap: ")]
    assert named == [
        "http://127.0.0.1:8000/sitemap.xml",
        "http://127.0.0.1:8000/sitemap-news.xml",
    ]


@pytest.mark.django_db
def test_without_a_contact_there_is_no_security_file(client):
    assert client.get("/.well-known/security.txt").status_code == 404


def test_the_security_file_has_what_rfc_9116_requires(client, settings):
    settings.SECURITY_CONTACT = ["security@example.org", "https://example.org/report"]
    settings.SECURITY_POLICY = "https://example.org/policy"
    answer = client.get("/.well-known/security.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.content.decode().splitlines()
    fields = [line.partition(": ") for line in lines]
    assert all(name and value for name, _colon, value in fields)
    contacts = [value for name, _colon, value in fields if name == "Contact"]
    assert contacts == ["mailto:security@example.org", "https://example.org/report"]
    (expires,) = [value for name, _colon, value in fields if name == "Expires"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", expires)
    left = datetime.datetime.fromisoformat(expires) - timezone.now()
    assert datetime.timedelta(days=100) < left < datetime.timedelta(days=365)
    (canonical,) = [value for name, _colon, value in fields if name == "Canonical"]
    assert canonical == "http://127.0.0.1:8000/.well-known/security.txt"


def test_the_day_on_which_it_ends_can_be_set(client, settings):
    settings.SECURITY_CONTACT, settings.SECURITY_EXPIRES = ["a@example.org"], "2031-02-03"
    text = client.get("/.well-known/security.txt").content.decode()
    assert "Expires: 2031-02-03T00:00:00Z" in text


def test_every_icon_of_the_manifest_is_what_it_says(client):
    answer = client.get("/site.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    manifest = json.loads(answer.content)
    assert {"name", "short_name", "start_url", "display", "icons"} <= set(manifest)
    sizes = set()
    for icon in manifest["icons"]:
        path = finders.find(icon["src"].removeprefix("/static/"))
        assert path, icon
        if icon["type"] == "image/png":
            with Image.open(path) as picture:
                assert "{}x{}".format(*picture.size) == icon["sizes"]
            sizes.add((icon["sizes"], icon["purpose"]))
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= sizes


def test_the_old_address_of_the_icon_answers(client):
    answer = client.get("/favicon.ico")
    assert answer["Content-Type"] == "image/x-icon"
    with Image.open(io.BytesIO(answer.content)) as icon:
        assert {(16, 16), (32, 32)} <= set(icon.info["sizes"])
