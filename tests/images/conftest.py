from functools import partial

import pytest

from imagine_site.images import models, uploads, uses
from imagine_site.images.models import Image
from imagine_site.images.renditions import make_renditions


@pytest.fixture(autouse=True)
def _empty_storages(own_files):
    """These tests look at what is written and what is not."""


@pytest.fixture
def only_jpeg(monkeypatch):
    """Renditions in the one format that is quick to make, for tests that are about other things."""
    quick = partial(make_renditions, formats=("jpg",))
    for module in (models, uploads):
        monkeypatch.setattr(module, "make_renditions", quick)


@pytest.fixture
def used():
    """A list: what is put in it is reported as a use of every picture."""
    found: list[uses.Use] = []
    finder = uses.register(
        lambda images: [(image.pk, use) for image in images for use in found],
        lambda: Image.objects.values_list("pk", flat=True) if found else (),
    )
    yield found
    uses.unregister(finder)
