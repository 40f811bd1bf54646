"""Real servers for tests that need several: PostgreSQL and its replica, Redis, and the site itself.

Each is started on a free port with files of its own, and is gone when the test is.
"""

from __future__ import annotations

import email.message
import http.cookiejar
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from lxml import html

ROOT = Path(__file__).resolve().parent.parent.parent
SERVICES = ROOT / "tests" / "services"
#: Seconds that a server may take to answer for the first time, on a busy machine.
PATIENCE = 60


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def until_it_listens(port: int, process: subprocess.Popen) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args} does not listen on {port}")


@contextmanager
def postgresql(*, replica: bool = False) -> Iterator[dict[str, str]]:
    """The variables that name a PostgreSQL and, where asked for, its replica."""
    scripts = ["with-postgres", *(["with-replica"] if replica else [])]
    names = ["DATABASE_URL", *(["DATABASE_REPLICA_URL"] if replica else [])]
    said = "; ".join(f'echo "${name}"' for name in names)
    process = subprocess.Popen(
        # It ends when its input does: at the latest with this process.
        [*(str(SERVICES / script) for script in scripts), "bash", "-c", f"{said}; exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        found = {name: process.stdout.readline().strip() for name in names}
        if not all(found.values()):  # what is wrong stands on standard error
            raise RuntimeError(f"{' '.join(scripts)} ended with {process.wait(PATIENCE)}")
        yield found
    finally:
        process.stdin.close()
        process.wait(PATIENCE)
        process.stdout.close()


class Redis:
    """A Redis that can be killed and started again, empty."""

    def __init__(self):
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        command = shutil.which("redis-server")
        if command is None:
            raise RuntimeError("Redis is not installed (Debian: apt-get install redis-server).")
        self._process = subprocess.Popen(
            # Nothing is written to a disk.
            [command, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        try:
            until_it_listens(self.port, self._process)
        except RuntimeError:
            self.kill()
            raise

    @property
    def runs(self) -> bool:
        return self._process is not None

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


@dataclass
class Answer:
    status: int
    headers: email.message.Message
    body: str
    url: str
    #: Seconds since the epoch.
    asked_at: float
    answered_at: float


class Machine:
    """The site as one machine runs it: one worker with a folder of its own."""

    def __init__(self, folder: Path, **variables: str):
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log"
        self.environ = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "READ_DOT_ENV": "0",
            "VAR_DIR": str(folder),
            "HTTPS": "0",
            # Pages say whether they were kept, and static files need not be collected.
            "DEBUG": "1",
            "LOG_LEVEL": "WARNING",
            "SITE_URL": "http://127.0.0.1",
            **variables,
        }
        self._process: subprocess.Popen | None = None

    def manage(self, *arguments: str, said: str = "") -> str:
        run = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environ,
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "imagine_site.serving", "--port", str(self.port)),
                    *("--workers", "1", "--log-level", "warning"),
                ],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            until_it_listens(self.port, self._process)
        except RuntimeError:
            self.stop()
            raise

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            # Its workers, too, whatever became of it.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


class Visitor:
    """A browser without a screen: it keeps its cookies, for one machine like for the other."""

    def __init__(self):
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self._cookies)
        )

    def get(self, url: str) -> Answer:
        return self._ask(url, None)

    def get_bytes(self, url: str) -> bytes:
        """The content of a file; raises `urllib.error.HTTPError` where it is refused."""
        with self._opener.open(url, timeout=30) as response:
            return response.read()

    def send(self, url: str, values: list[tuple[str, str]]) -> Answer:
        return self._ask(url, urllib.parse.urlencode(values).encode())

    def fill_in(self, url: str, *, id: str, button: tuple[str, str], **values: str) -> Answer:
        """Open a page, fill in its form as a browser would, and press a button."""
        page = html.fromstring(self.get(url).body)
        form = page.get_element_by_id(id) if id else page.forms[-1]
        filled = [(name, value) for name, value in form.form_values() if name not in values]
        return self.send(url, [*filled, *values.items(), button])

    def _ask(self, url: str, data: bytes | None) -> Answer:
        request = urllib.request.Request(url, data, headers={"Referer": url})  # noqa: S310
        asked_at = time.time()
        try:
            with self._opener.open(request, timeout=30) as response:
                status, headers, body = response.status, response.headers, response.read()
                url = response.url
        except urllib.error.HTTPError as error:
            status, headers, body = error.code, error.headers, error.read()
        answered_at = time.time()
        return Answer(status, headers, body.decode(), url, asked_at, answered_at)
