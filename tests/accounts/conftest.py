"""What is on at the door: counting failures, asking for a second factor."""

import pytest

from tests.accounts.door import LIMIT


@pytest.fixture
def counting(settings):
    """Failures are counted as on a real site, but three are enough, to be quick."""
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = LIMIT


@pytest.fixture
def required(settings):
    settings.REQUIRE_SECOND_FACTOR = True
