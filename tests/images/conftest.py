import pytest

from imagine_site.images import uses


@pytest.fixture(autouse=True)
def _empty_storages(own_files):
    """These tests look at what is written and what is not."""


@pytest.fixture
def used():
    """A list: what is put in it is reported as a use of every picture."""
    found: list[uses.Use] = []
    finder = uses.register(lambda image: found)
    yield found
    uses.unregister(finder)
