"""A service that helps and is not needed: left alone while it is away, and told of once.

Whoever asks it goes on without it, asks again after a while, and says in the log when it went and
when it came back, and nothing in between: an outage of a night is two lines a process.
"""

from __future__ import annotations

import logging
import threading
import time


class Outage:
    """Whether a service is away, as far as this process knows; any thread may ask and tell."""

    def __init__(self, logger: logging.Logger, *, away: str, back: str):
        self._logger, self._said_away, self._said_back = logger, away, back
        self._lock = threading.Lock()
        self._away = False
        self._asked_again_at = float("-inf")

    def may_be_asked(self) -> bool:
        return time.monotonic() >= self._asked_again_at

    def failed(self, *, pause: float) -> None:
        """It did not answer: it is left alone for so many seconds."""
        with self._lock:
            news, self._away = not self._away, True
            self._asked_again_at = time.monotonic() + pause
        if news:
            self._logger.warning(self._said_away)

    def answered(self) -> None:
        if not self._away:
            return
        with self._lock:
            news, self._away = self._away, False
            self._asked_again_at = float("-inf")
        if news:
            self._logger.warning(self._said_back)
