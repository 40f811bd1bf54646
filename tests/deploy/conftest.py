"""The site as `make serve` serves it, for tests of how it behaves towards many and at its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.machines.servers import PATIENCE, ROOT, free_port


class Served:
    """`python -m imagine_site.serving` in a folder of its own."""

    def __init__(self, folder: Path, **variables: str):
        self.port = free_port()
        self.folder, self.log = folder, folder / "log"
        #: Modules that every Python process of the site finds first.
        self.modules = folder / "modules"
        self.modules.mkdir(parents=True)
        self.environ = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "READ_DOT_ENV": "0",
            "VAR_DIR": str(folder),
            "HTTPS": "0",
            "DEBUG": "1",  # static files need not be collected
            "LOG_LEVEL": "WARNING",
            "SITE_URL": "http://127.0.0.1",
            "PYTHONPATH": str(self.modules),
            **variables,
        }
        self.process: subprocess.Popen | None = None

    def manage(self, *arguments: str) -> str:
        """A command to its end; returns what it printed."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environ,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def start(self, *arguments: str, before: str = "", **popen) -> subprocess.Popen:
        """`before` is what a shell does before it becomes the server."""
        arguments = arguments or ("--port", str(self.port))
        command = [sys.executable, "-m", "imagine_site.serving", *arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["bash", "-c", f'{before or ":"}; exec "$@"', "bash", *command],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **popen,
            )
        return self.process

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def workers(self) -> set[int]:
        """The processes that answer."""
        pid = self.process.pid
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))

    def until(self, what, *, why: str):
        ends = time.monotonic() + PATIENCE
        while not (found := what()):
            assert time.monotonic() < ends, f"{why}\n{self.said()}"
            time.sleep(0.02)
        return found

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextmanager
def served(folder: Path, **variables: str) -> Iterator[Served]:
    site = Served(folder, **variables)
    site.manage("migrate", "-v0", "--no-input")
    try:
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A site with an empty database, which is not running."""
    with served(tmp_path_factory.mktemp("served")) as site:
        yield site


@pytest.fixture
def site(prepared):
    """It runs, and both its workers answer."""
    before = prepared.said().count("Started worker") if prepared.log.exists() else 0
    prepared.start()
    prepared.until(
        lambda: prepared.said().count("Started worker") == before + 2, why="It does not start."
    )
    assert len(prepared.workers()) == 2
    yield prepared
    prepared.stop()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)
