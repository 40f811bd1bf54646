"""No dependency is older than the last version with a known hole."""

import datetime
from importlib.metadata import version

import pytest

from tests.house.floors import Floors, locked
from tests.house.sources import ROOT

FLOORS = Floors.read()


def test_what_is_installed_stands_on_the_floors():
    assert FLOORS.below({name: version(name) for name in FLOORS.versions}) == []


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_what_is_locked_stands_on_the_floors(lock):
    assert FLOORS.below(locked(ROOT / lock)) == []


def test_an_old_or_missing_package_is_noticed():
    current = {name: str(floor) for name, floor in FLOORS.versions.items()}
    assert FLOORS.below(current) == []
    assert FLOORS.below(current | {"django": "5.2.9"}) == ["django 5.2.9 is below 5.2.19"]
    assert FLOORS.below(current | {"pillow": "13.0.0rc1"}) != []
    del current["nh3"]
    assert FLOORS.below(current) == ["nh3 is missing (at least 0.3.8 is wanted)"]


def test_the_two_lock_files_agree():
    site, tests = locked(ROOT / "requirements.txt"), locked(ROOT / "requirements-dev.txt")
    assert site.items() <= tests.items()


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_package_has_its_hashes_and_no_address(lock):
    text = (ROOT / lock).read_text("utf-8")
    pins = [block for block in text.replace("\\\n", " ").splitlines() if "==" in block]
    assert len(pins) == len(locked(ROOT / lock)) > 20
    assert [pin for pin in pins if "--hash=sha256:" not in pin] == []
    assert "://" not in text
    assert "--index-url" not in text


def test_the_age_of_the_last_look_is_told():
    assert FLOORS.age(on=FLOORS.reviewed + datetime.timedelta(days=31)).days == 31
