"""The sample's pictures: always the same, each its own, of the right shape."""

import pytest

from imagine_site.sample import content, draw

WIDTH = 120


@pytest.mark.parametrize("motif", list(draw.MOTIFS))
def test_a_motif_is_always_drawn_the_same(motif):
    drawing = draw.draw(motif, width=WIDTH)
    assert drawing.tobytes() == draw.draw(motif, width=WIDTH).tobytes()
    assert drawing.size == (120, 80)
    assert drawing.mode == "RGB"
    shades = drawing.convert("L").getextrema()
    assert shades[1] - shades[0] > 100, "ink on paper, not an empty sheet"


def test_no_two_motifs_look_the_same():
    drawings = {draw.draw(motif, width=WIDTH).tobytes() for motif in draw.MOTIFS}
    assert len(drawings) == len(draw.MOTIFS)


def test_every_motif_is_a_picture_of_the_sample_and_the_other_way_round():
    assert {picture.motif for picture in content.pictures()} == set(draw.MOTIFS)


def test_an_unknown_motif_is_refused():
    with pytest.raises(KeyError):
        draw.draw("portrait", width=WIDTH)
