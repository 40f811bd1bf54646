"""Pages shared through Redis, among the processes that run the same release of the code.

Redis is a help and never a need: where it is closed or silent, each process goes on alone, and asks
again after a while.
"""

from __future__ import annotations

import hashlib
import logging
import time

import redis

from imagine_site.pagecache.entries import Finished
from imagine_site.pagecache.outages import Outage
from imagine_site.pagecache.release import release

logger = logging.getLogger(__name__)

#: Seconds: a page is made faster than a slow Redis answers.
TIMEOUT = 0.05
#: Seconds without asking, after a failure.
PAUSE = 5.0
#: Seconds after which Redis may forget a page that nobody asked for.
KEPT_FOR = 3600


class RedisPages:
    """Kept under the release, the generation and what a page depends on."""

    def __init__(self, url: str):
        self._redis = redis.Redis.from_url(
            url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
        )
        self._outage = Outage(
            logger,
            away="Redis does not answer; pages are not shared until it does.",
            back="Redis answers again; pages are shared.",
        )
        self._release = release()

    def get(self, key: str, generation: int) -> Finished | None:
        data = self._ask("get", self._name(key, generation))
        if data is None:
            return None
        try:
            return Finished.from_bytes(data)
        except (ValueError, TypeError, KeyError):
            logger.warning("Redis holds a page in a form that is not ours.")
            return None

    def put(self, key: str, finished: Finished) -> None:
        name = self._name(key, finished.generation)
        seconds = max(1, int(min(KEPT_FOR, finished.until - time.time() + 1)))
        self._ask("set", name, finished.to_bytes(), ex=seconds)

    def _name(self, key: str, generation: int) -> str:
        digest = hashlib.sha256(key.encode()).hexdigest()
        return f"page:{self._release}:{generation}:{digest}"

    def _ask(self, command: str, *args, **more):
        if not self._outage.may_be_asked():
            return None
        try:
            answer = getattr(self._redis, command)(*args, **more)
        except redis.RedisError:
            self._outage.failed(pause=PAUSE)
            return None
        self._outage.answered()
        return answer
