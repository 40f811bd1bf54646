"""The cache where Redis is away from the start, goes while it is used, and comes back."""

import pytest
import redis
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client

from imagine_site.machines import cache as machines_cache
from imagine_site.machines.cache import RedisOrMemory
from tests.machines.servers import Redis, free_port

PARAMS = {"OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}}


@pytest.fixture
def without():
    made = RedisOrMemory(f"redis://127.0.0.1:{free_port()}/0", PARAMS)
    yield made
    made.clear()


def test_everything_a_cache_can_do_it_does_without_redis(without, caplog):
    caplog.set_level("WARNING", machines_cache.__name__)
    assert without.get("a", "nothing") == "nothing"
    assert without.add("a", 1)
    assert not without.add("a", 2)
    assert without.incr("a") == 2
    assert without.decr("a") == 1
    assert "a" in without
    without.set_many({"b": [2], "c": None})
    assert without.get_many(["a", "b", "d"]) == {"a": 1, "b": [2]}
    assert without.touch("a", 10)
    assert without.delete("a")
    without.delete_many(["b"])
    assert without.get_or_set("b", 7) == 7
    without.clear()
    assert without.get("b") is None
    with pytest.raises(ValueError, match="not found"):
        without.incr("nowhere")
    assert len(caplog.records) == 1


def test_redis_is_not_asked_again_for_a_while(without, monkeypatch):
    asked = []

    def away(*_args, **_kwargs):
        asked.append(1)
        raise redis.ConnectionError

    monkeypatch.setattr(without._redis, "get", away)
    for _ask in range(5):
        assert without.get("a") is None
    assert len(asked) == 1


@pytest.mark.django_db
def test_one_can_sign_in_without_redis_and_the_session_is_in_the_database(settings, without):
    get_user_model().objects.create_superuser("eve", password="a long password")
    settings.CACHES = {
        "default": {
            "BACKEND": "imagine_site.machines.cache.RedisOrMemory",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
            **PARAMS,
        }
    }
    browser = Client()
    sent = {"login": "eve", "password": "a long password"}
    assert browser.post("/admin/login/", sent).status_code == 302
    assert browser.get("/admin/").status_code == 200
    assert Session.objects.filter(pk=browser.session.session_key).exists()
    assert "cache" not in django_settings.SESSION_ENGINE


@pytest.mark.slow
@pytest.mark.services
def test_a_redis_that_goes_and_comes_back(monkeypatch):
    monkeypatch.setattr(machines_cache, "PAUSE", 0.0)
    server = Redis()
    server.start()
    try:
        found, other = (RedisOrMemory(server.url, PARAMS) for _ in range(2))
        found.set("a", 1)
        assert other.get("a") == 1
        server.kill()
        assert found.get("a") is None
        found.set("a", 2)
        assert found.get("a") == 2
        server.start()
        assert found.get("a") is None, "Redis was emptied, and is asked again"
        found.set("a", 3)
        assert other.get("a") == 3
    finally:
        server.kill()
