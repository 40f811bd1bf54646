import pytest


@pytest.fixture(autouse=True)
def _empty_storages(own_files):
    """These tests look at what is written and what is not."""
