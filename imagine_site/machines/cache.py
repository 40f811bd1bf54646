"""The cache of a site on several machines: Redis, and for as long as Redis is away, this process's
own memory.

What stands in it are counts of attempts to sign in and codes that were used: with Redis away each
process counts for itself, which is less strict, and nobody is shut out.
"""

from __future__ import annotations

import logging
from functools import cache

import redis
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

from imagine_site.pagecache.outages import Outage

logger = logging.getLogger(__name__)

#: Seconds without asking, after a failure.
PAUSE = 5.0


@cache
def _outage_of(server: str) -> Outage:
    """One for the process: Django makes a cache for each of its threads."""
    return Outage(
        logger,
        away="Redis does not answer; this process keeps its own cache meanwhile.",
        back="Redis answers again; attempts are counted for all.",
    )


class RedisOrMemory(BaseCache):
    """Every question goes to Redis, and where that fails to memory."""

    def __init__(self, server: str, params: dict):
        super().__init__(params)
        self._redis = RedisCache(server, params)
        self._memory = LocMemCache("without redis", params)
        self._outage = _outage_of(server)

    def _ask(self, question: str, *args, **kwargs):
        if self._outage.may_be_asked():
            try:
                answer = getattr(self._redis, question)(*args, **kwargs)
            except redis.RedisError:
                self._outage.failed(pause=PAUSE)
            else:
                self._outage.answered()
                return answer
        return getattr(self._memory, question)(*args, **kwargs)

    def add(self, *args, **kwargs):
        return self._ask("add", *args, **kwargs)

    def get(self, *args, **kwargs):
        return self._ask("get", *args, **kwargs)

    def set(self, *args, **kwargs):
        return self._ask("set", *args, **kwargs)

    def touch(self, *args, **kwargs):
        return self._ask("touch", *args, **kwargs)

    def delete(self, *args, **kwargs):
        return self._ask("delete", *args, **kwargs)

    def get_many(self, *args, **kwargs):
        return self._ask("get_many", *args, **kwargs)

    def has_key(self, *args, **kwargs):
        return self._ask("has_key", *args, **kwargs)

    def incr(self, *args, **kwargs):
        return self._ask("incr", *args, **kwargs)

    def set_many(self, *args, **kwargs):
        return self._ask("set_many", *args, **kwargs)

    def delete_many(self, *args, **kwargs):
        return self._ask("delete_many", *args, **kwargs)

    def clear(self):
        return self._ask("clear")
