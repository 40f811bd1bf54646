"""What every test may rely on: a closed network, a quiet cache, and files of its own."""

import copy
import ipaddress
import socket

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.house import institute as houses

# No deadline: on a busy machine a slow example says nothing about the code.
hypothesis_settings.register_profile(
    "quick", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile("thorough", max_examples=10_000, deadline=None)
hypothesis_settings.load_profile("quick")


class NetworkIsClosed(AssertionError):
    """A test tried to reach another machine; the site never does so by itself."""


def _is_here(address) -> bool:
    """Whether a socket address is on this machine: a path (Unix socket) or a loopback address."""
    if not isinstance(address, tuple):
        return True
    host = address[0]
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False  # a name that would have to be looked up elsewhere


@pytest.fixture(autouse=True, scope="session")
def no_outbound_connection():
    """Raise where any code connects to, or looks up, anything but this machine."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        allowed = getattr(socket.socket, name)

        def guarded(self, address, _allowed=allowed):
            if not _is_here(address):
                raise NetworkIsClosed(f"connection to {address!r}")
            return _allowed(self, address)

        patch.setattr(socket.socket, name, guarded)
    lookup = socket.getaddrinfo

    def guarded_lookup(host, *args, **kwargs):
        if host is not None and not _is_here((host.decode() if isinstance(host, bytes) else host,)):
            raise NetworkIsClosed(f"look-up of {host!r}")
        return lookup(host, *args, **kwargs)

    patch.setattr(socket, "getaddrinfo", guarded_lookup)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def nothing_left_from_the_test_before():
    """An empty cache and the default language, whatever ran before in this process."""
    cache.clear()
    translation.activate("en")
    yield
    translation.activate("en")


@pytest.fixture(scope="module")
def made_once(django_db_setup, django_db_blocker):
    """Call it to make rows that all tests of a module find; they go when the module is done.

    Every test still has a transaction of its own, within the one of the module. What is returned
    is shared: hand each test a copy, or only let it look.
    """
    outer = transaction.atomic()
    with django_db_blocker.unblock():
        outer.__enter__()

    def made(make, *args, **kwargs):
        with django_db_blocker.unblock():
            return make(*args, **kwargs)

    yield made
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)


@pytest.fixture(scope="module")
def built_house(made_once):
    """The small institute with one of everything, to look at."""
    return made_once(houses.build)


@pytest.fixture
def house(built_house, db):
    """The same for one test: what it does to it is undone, in the database and in these objects."""
    return copy.deepcopy(built_house)


@pytest.fixture
def own_files(tmp_path, settings):
    """Empty media and originals for one test that counts or compares files.

    (All others share a temporary folder that goes with the process.)
    """
    for name, storage in (("media", "default"), ("originals", "originals")):
        (tmp_path / name).mkdir()
        before = settings.STORAGES[storage]
        options = {**before.get("OPTIONS", {}), "location": str(tmp_path / name)}
        settings.STORAGES = {**settings.STORAGES, storage: {**before, "OPTIONS": options}}
    settings.MEDIA_ROOT, settings.ORIGINALS_ROOT = tmp_path / "media", tmp_path / "originals"
    return tmp_path
