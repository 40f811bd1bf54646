"""The picture a page is judged by is asked for early, and once."""

import lxml.html
import pytest
from django.template import Context, Template

from tests.factories.images import make_image

pytestmark = pytest.mark.django_db


def test_the_preload_names_the_very_files_of_the_picture():
    image = make_image()
    sizes = "(min-width: 90rem) 90rem, 100vw"
    link = lxml.html.fragment_fromstring(str(image.preload(sizes=sizes)))
    picture = lxml.html.fragment_fromstring(str(image.picture(sizes=sizes)))
    (avif,) = picture.xpath(".//source[@type='image/avif']")
    assert link.get("imagesrcset") == avif.get("srcset")
    assert link.get("imagesizes") == avif.get("sizes")
    assert link.get("type") == "image/avif"


def test_a_page_without_the_picture_asks_for_nothing():
    template = Template("{% load images %}{% preload_picture image %}")
    assert template.render(Context({"image": None})) == ""
