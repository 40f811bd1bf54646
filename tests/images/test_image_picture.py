"""The `<picture>` element: three formats, a size, the right words, everything escaped."""

import re

import pytest
from django.template import Context, Template
from django.utils import translation

from imagine_site.images.picture import Picture, Source
from tests.factories.images import image_file, make_image


def a_picture(**overrides) -> str:
    values = {
        "sources": (
            Source("avif", (("/media/r/a.avif", 480), ("/media/r/b.avif", 960))),
            Source("webp", (("/media/r/a.webp", 480),)),
            Source("jpg", (("/media/r/a.jpg", 480), ("/media/r/b.jpg", 960))),
        ),
        "src": "/media/r/b.jpg",
        "width": 960,
        "height": 640,
        "alt": "A cell",
        **overrides,
    }
    return Picture(**values).html()


def test_a_picture_reads_as_html_says_it():
    assert a_picture(sizes="(min-width: 40rem) 40rem, 100vw") == (
        "<picture>"
        '<source type="image/avif" srcset="/media/r/a.avif 480w, /media/r/b.avif 960w"'
        ' sizes="(min-width: 40rem) 40rem, 100vw">'
        '<source type="image/webp" srcset="/media/r/a.webp 480w"'
        ' sizes="(min-width: 40rem) 40rem, 100vw">'
        '<img src="/media/r/b.jpg" srcset="/media/r/a.jpg 480w, /media/r/b.jpg 960w"'
        ' sizes="(min-width: 40rem) 40rem, 100vw" width="960" height="640" alt="A cell"'
        ' loading="lazy" decoding="async"></picture>'
    )


def test_no_text_gets_out_of_its_attribute():
    evil = "\"><script>alert(1)</script><img onerror='x' &"
    html = a_picture(alt=evil, sizes=evil, css_class=evil)
    assert "<script" not in html
    assert html.count("<img") == 1
    assert re.findall(r"<(\w+)", html) == ["picture", "source", "source", "img"]


def test_the_first_picture_of_a_page_is_fetched_at_once():
    html = a_picture(loading="eager")
    assert 'loading="eager"' in html
    assert 'fetchpriority="high"' in html


def test_an_unknown_way_of_loading_is_lazy():
    assert 'loading="lazy"' in a_picture(loading='"><b>')


def test_an_empty_alternative_text_is_written_out():
    assert ' alt=""' in a_picture(alt="")


@pytest.mark.django_db
def test_the_alternative_text_is_in_the_language_of_the_page():
    image = make_image(alt_en="A cell", alt_fr="Une cellule")
    with translation.override("fr"):
        assert 'alt="Une cellule"' in image.picture()
    with translation.override("en"):
        assert 'alt="A cell"' in image.picture()
        assert 'alt="Here: a nerve cell"' in image.picture(alt="Here: a nerve cell")
        assert ' alt=""' in image.picture(alt="")


@pytest.mark.django_db
def test_a_decorative_picture_is_silent_whatever_was_typed():
    image = make_image(decorative=True, alt_en="waves", alt_fr="vagues")
    assert image.alt == ""
    assert ' alt=""' in image.picture()


@pytest.mark.django_db
def test_the_widths_in_srcset_are_those_of_the_files():
    from_files = {}
    image = make_image(file=image_file(1300, 900))
    for rendition in image.all_renditions():
        from_files["/media/" + rendition.path] = (rendition.width, rendition.height)
    for shape, count in (("full", 3), ("card", 2), ("portrait", 2)):
        html = image.picture(shape=shape)
        candidates = re.findall(r"(/media/\S+) (\d+)w", html)
        assert len(candidates) == 3 * count
        for address, width in candidates:
            assert from_files[address][0] == int(width)
        src, width, height = re.search(
            r'<img src="(\S+)" .* width="(\d+)" height="(\d+)"', html
        ).groups()
        assert from_files[src] == (int(width), int(height))


@pytest.mark.django_db
def test_the_fallback_is_wide_enough_and_not_wider():
    image = make_image(file=image_file(1300, 900))
    assert image.rendition().width == 960
    assert image.rendition(at_least=10).width == 480
    assert image.rendition(at_least=5000).width == 1300
    assert image.url(shape="card").endswith(".jpg")


@pytest.mark.django_db
def test_the_tag_writes_the_element_and_nothing_without_a_picture():
    template = Template(
        '{% load images %}{% picture image shape="card" sizes="20rem" loading="eager"'
        ' css_class="card__picture" %}'
    )
    image = make_image()
    html = template.render(Context({"image": image}))
    assert html.startswith('<picture class="card__picture">')
    assert html == image.picture(
        shape="card", sizes="20rem", loading="eager", css_class="card__picture"
    )
    assert template.render(Context({"image": None})) == ""
