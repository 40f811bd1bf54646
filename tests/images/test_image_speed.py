"""An editor waits for an upload, so its cost is a promise; what lists and pages cost, too."""

import time

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image as Pillow
from PIL import ImageFile

from imagine_site.images import later
from imagine_site.images.models import Image
from tests.factories import labs, news, pages, people
from tests.factories.images import image_bytes, image_file, make_image, photograph


def processor_time(work) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


@pytest.mark.slow
@pytest.mark.django_db
def test_a_photograph_of_24_megapixels_is_answered_at_once(
    admin_client, settings, monkeypatch, record_property
):
    """Through the real view, in processor time, against what Pillow takes to read the file, bring
    it to the size that is kept, and write it: that much nobody can do without."""
    settings.RENDITION_THREADS = 1
    content = photograph(6000, 4000)

    def the_least():
        with Pillow.open(image_file(content=content)) as picture:
            small = picture.resize((4000, 2667), Pillow.Resampling.BICUBIC)
        small.save(default_storage.path("least.jpg"), quality=90, subsampling="4:4:4")

    def upload():
        response = admin_client.post(
            reverse("admin:images_image_take"), {"file": image_file(content=content)}
        )
        assert response.status_code == 201

    admin_client.get(reverse("admin:images_image_changelist"))  # what is loaded once
    the_least()
    answers, least = [], []
    for _round in range(3):
        Image.objects.all().delete()
        least.append(processor_time(the_least))
        answers.append(processor_time(upload))
    rest = processor_time(lambda: later.make_waiting(threads=1))
    image = Image.objects.get()
    assert (image.width, len(image.renditions), image.unmade()) == (4000, 24, [])
    said = f"{min(answers):.2f} s until the answer, {min(least):.2f} at the least, {rest:.2f} later"
    record_property("processor time", said)
    print(said)
    assert min(answers) < 2 * min(least), said
    assert min(answers) < rest, said


@pytest.fixture
def shown():
    """A picture wherever one may stand, in small: an article, a laboratory, a person, a page."""
    image = make_image(file=image_file(content=image_bytes(300, 200, seed=3)))
    figure = f'<p>x</p><figure data-image="{image.pk}"></figure>'
    return {
        "image": image,
        "article": news.article(lead_image=image, body_en=figure),
        "page": pages.published_page(body_en=figure),
        "laboratory": labs.laboratory(image=image),
        "person": people.researcher(photo=image),
    }


@pytest.fixture
def nothing_is_decoded(monkeypatch):
    """From here on; a test asks for what it needs with pictures before."""

    def refuse(*_args, **_more):
        pytest.fail("a picture was opened")

    def close():
        monkeypatch.setattr(Pillow, "open", refuse)
        monkeypatch.setattr(ImageFile.ImageFile, "load", refuse)

    return close


@pytest.mark.django_db
@pytest.mark.usefixtures("only_jpeg")
def test_no_list_and_no_page_opens_a_picture(client, admin_client, shown, nothing_is_decoded):
    image = shown["image"]
    own = [shown[name].get_absolute_url() for name in ("article", "page", "laboratory", "person")]
    for address in own:
        client.get(address)  # The card for whoever shares it is drawn once, for its first visitor.
    nothing_is_decoded()
    names = ["news:list", "news:feed_atom", "news:feed_json", "labs:laboratories", "people:people"]
    found = {}
    for address in [*own, "/en/", "/sitemap.xml", *map(reverse, names)]:
        response = client.get(address)
        assert response.status_code == 200, address
        found[address] = "/media/r/" in text_of(response)
    assert found.pop("/sitemap.xml") is False  # An index of others.
    assert [address for address, seen in found.items() if not seen] == []
    queries = {"pick_one": f"?ids={image.pk}", "complete": f"?ids={image.pk}"}
    for name in ("changelist", "pick", "pick_one", "complete"):
        response = admin_client.get(reverse(f"admin:images_image_{name}") + queries.get(name, ""))
        assert image.file_url(shape="card", at_least=1) in text_of(response) or (
            name == "complete" and image.file_url() in text_of(response)
        ), name


def text_of(response) -> str:
    content = b"".join(response) if response.streaming else response.content
    return content.decode()
