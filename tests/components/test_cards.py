"""The picture of a page where its address is shared."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from PIL import Image

from imagine_site.components import cards
from imagine_site.components.cards import Card

LONG = "Une très longue histoire de découverte " * 20


def opened(card: Card) -> Image.Image:
    picture = Image.open(io.BytesIO(card.draw()))
    picture.load()
    return picture


@pytest.mark.parametrize(
    "title", ["A heart", LONG, "x" * 300, "Łukasz Őry", "", "نص 遺伝 🧬", "a\nb", "\u202f: !"]
)
def test_every_title_can_be_drawn(title):
    picture = opened(Card(title, "A label " * 20))
    assert (picture.size, picture.format) == ((1200, 630), "JPEG")


def test_a_long_title_stays_within_its_room():
    size, lines = cards.set_title(LONG, 600, 300)
    assert len(lines) * round(size * 1.14) <= 300
    assert all(cards.length(line, size, 640) <= 600 for line in lines)
    assert lines[-1].endswith("…")


def test_a_short_title_is_large():
    assert cards.set_title("A heart", 900, 300) == (cards.SIZES[0], ["A heart"])


def test_it_is_drawn_once(own_files, monkeypatch):
    card, drawn = Card("A heart"), []
    draw = Card.draw
    monkeypatch.setattr(Card, "draw", lambda self: drawn.append(self) or draw(self))
    first = card.url()
    assert first == Card("A heart").url() == f"/media/{card.path}"
    assert len(drawn) == 1
    assert default_storage.size(card.path) < 120_000


def test_another_title_label_or_photograph_has_another_name():
    names = {
        Card(*each).path
        for each in [("A",), ("B",), ("A", "l"), ("A", "", "r/x.jpg"), ("A", "", "r/x.jpg", (0, 0))]
    }
    assert len(names) == 5


def test_its_address_is_one_that_the_site_serves(own_files, client):
    answer = client.get(Card("A heart").url())
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8\xff")


def test_the_photograph_is_cut_to_its_focal_point(own_files):
    photo = Image.new("RGB", (1000, 600), "blue")
    photo.paste("red", (0, 0, 500, 600))
    out = io.BytesIO()
    photo.save(out, "JPEG")
    default_storage.save("r/photo.jpg", ContentFile(out.getvalue()))
    left = opened(Card("A", photo="r/photo.jpg", focal=(0.0, 0.5))).getpixel((1150, 100))
    right = opened(Card("A", photo="r/photo.jpg", focal=(1.0, 0.5))).getpixel((1150, 100))
    assert left[0] > 200 > left[2]
    assert right[2] > 200 > right[0]


def test_a_photograph_that_is_gone_is_left_out(own_files):
    assert opened(Card("A", photo="r/none.jpg")).size == (1200, 630)


def test_a_full_disk_costs_the_picture_and_not_the_page(own_files, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    assert Card("A").url() == ""
