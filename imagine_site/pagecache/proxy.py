"""A proxy in front may keep finished pages as well, each under the generation it belongs to.

The proxy (nginx, set as in `deploy/`) cannot ask the database. It follows a symbolic link,
`GENERATION_DIR/now`, to a folder named after the generation. That name is part of the key under
which it keeps a page, and it sends the name along with every request. A page is declared fit to be
kept only where it belongs to the very generation by which the proxy asked, so that what is on its
way while something is published can never be found under the new one. Publishing moves the link;
what was kept before is not asked for any more and expires.
"""

from __future__ import annotations

import fcntl
import logging
import math
import threading
import time
from pathlib import Path
from typing import Protocol

logger = logging.getLogger(__name__)

#: Where a request names the folder that the link leads to, in a WSGI environment.
ASKED_BY = "HTTP_X_PAGE_GENERATION"
#: The link's name.
LINK = "now"
#: Seconds between two looks at the generation, which is itself read ten times a second at most.
LOOK_EVERY = 0.05
#: Seconds that the proxy keeps a page without asking again. It bounds how long an old page could be
#: seen if every process that moves the link stood still.
LONGEST = 10
#: Former folders that stay: a proxy may have read the link just before it moved.
STAYING = 20


class Watching(Protocol):
    def current(self) -> int: ...


def may_keep(asked_by: str, generation: int, until: float, *, at: float) -> list[tuple[str, str]]:
    """The header that lets the proxy keep a page, where it may.

    `until` and `at` are seconds since the epoch. Nginx counts whole ones and still uses a page in
    the second that is named (`ngx_http_file_cache_read`), so that has to be over before `until`.
    """
    if asked_by.rpartition("/")[2] != str(generation):
        return []
    last = math.floor(min(at + LONGEST, until - 1))
    return [("X-Accel-Expires", f"@{last}")] if last >= math.floor(at) else []


class Signpost:
    """The link, moved by whichever process is first to see a new generation; any of them will do.

    Each looks from a thread of its own, whether or not anybody asks it for a page: while the proxy
    answers by itself nobody does.
    """

    def __init__(self, folder: Path, watch: Watching):
        self.folder, self.watch = folder, watch
        self.link = folder / LINK

    def start(self) -> None:
        """Returns once the link is there."""
        self.look()
        threading.Thread(target=self._go_on, name="signpost", daemon=True).start()

    def _go_on(self) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            self.look()

    def look(self) -> None:
        """Never raises: the next look may succeed."""
        try:
            number = self.watch.current()
            if self.shown() < number:
                self.show(number)
        except Exception:
            logger.exception("The proxy cannot be told which pages are new.")

    def shown(self) -> int:
        """The generation that the link names; -1 where there is none."""
        try:
            return int(self.link.readlink().name)
        except (FileNotFoundError, ValueError):
            return -1

    def show(self, number: int) -> None:
        """Let the link lead to this generation, unless another process was ahead."""
        self.folder.mkdir(mode=0o755, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.shown() >= number:
                return
            (self.folder / str(number)).mkdir(mode=0o755, exist_ok=True)
            draft = self.folder / f"{LINK}.draft"
            draft.unlink(missing_ok=True)
            draft.symlink_to(str(number))
            draft.replace(self.link)
            former = sorted(
                int(each.name) for each in self.folder.iterdir() if each.name.isdecimal()
            )
            for old in former[:-STAYING]:
                (self.folder / str(old)).rmdir()
