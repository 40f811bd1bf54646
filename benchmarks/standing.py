"""A private copy of the site with everything that is measured beside it, in a folder that goes.

Four answer the same pages: nginx from files (the yardstick), a bare application from memory, the
site as `make serve` serves it, and the site behind nginx as in `deploy/`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.driving import get

ROOT = Path(__file__).resolve().parent.parent
#: What is measured with, and the Debian package it comes from.
TOOLS = {"nginx": "nginx-light", "wrk": "wrk"}
#: Seconds in which a server has to answer.
STARTS_WITHIN = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


class CannotBegin(Exception):
    """Something is not there, or does not start; the message says what."""


def nothing_missing() -> None:
    """Raises `CannotBegin` with the name and the package of every tool that is not installed."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"  # where Debian keeps nginx
    absent = [name for name in TOOLS if not shutil.which(name)]
    if absent:
        packages = " ".join(TOOLS[name] for name in absent)
        raise CannotBegin(f"{' and '.join(absent)} not found (Debian: apt-get install {packages}).")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A server or a helper with all it begins; `stop` ends them, however often it is called."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str],
        hears: bool = False,
    ):
        self.arguments, self.log = arguments, log
        with log.open("ab") as said:
            # A group of its own: Ctrl-C reaches us alone, and `stop` reaches all of them.
            self.popen = subprocess.Popen(
                arguments,
                cwd=ROOT,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if hears else said,
                stderr=said,
                text=hears,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def stop(self) -> None:
        # To the whole group, and to whoever of it is left where its first process is gone: a script
        # that waits for its command hears of nothing before that ends.
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.popen.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(10)
        self.popen.wait()
        if self.popen.stdout:
            self.popen.stdout.close()

    def answers_at(self, port: int, path: str) -> float:
        """Wait for the first answer with 200; returns the seconds that it took."""
        began = time.perf_counter()
        while time.perf_counter() - began < STARTS_WITHIN:
            with contextlib.suppress(OSError):
                if get(port, path).status == 200:
                    return time.perf_counter() - began
            if self.popen.poll() is not None:
                break
            time.sleep(0.005)
        raise CannotBegin(f"{' '.join(self.arguments)} does not answer:\n{self.last_words()}")

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-3_000:]

    # -- What it and those it began have used

    def family(self) -> list[int]:
        """Its own id, and its children's and theirs."""
        found = [self.pid]
        for pid in found:
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    found += map(int, (task / "children").read_text().split())
        return found

    def cpu_seconds(self) -> float:
        return sum(map(cpu_seconds, self.family()))

    def worker(self) -> int:
        """The one of them with most memory."""
        return max(self.family(), key=lambda pid: memory(pid)["Rss"])


def cpu_seconds(pid: int) -> float:
    """Of a process, in user and system mode; 0 where it is gone (proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory(pid: int) -> dict[str, float]:
    """Millions of bytes by name: `Rss`, all that is resident, and `Pss`, with what is shared
    divided among those who share it (proc_pid_smaps_rollup)."""
    found = {"Rss": 0.0, "Pss": 0.0}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _colon, rest = line.partition(":")
            if name in found:
                found[name] = int(rest.split()[0]) * 1024 / 1e6
    return found


class Standing:
    """The folder, the variables, and everything begun: `with Standing() as standing`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="imagine-site-bench-"))
        self.folder.chmod(0o755)  # nginx's workers are another account
        (self.folder / "tmp").mkdir()
        self.port = free_port()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.env = {
            **kept,
            # Also what a script that is ended leaves behind goes with the folder.
            "TMPDIR": str(self.folder / "tmp"),
            "READ_DOT_ENV": "0",
            "HTTPS": "0",
            "DEBUG": "0",
            "LOG_LEVEL": "ERROR",
            "REQUIRE_SECOND_FACTOR": "0",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "VAR_DIR": str(self.folder / "var"),
            "STATIC_ROOT": str(self.folder / "static"),
            "DJANGO_SETTINGS_MODULE": "imagine_site.settings",
        }
        self._begun = contextlib.ExitStack()
        self._running: set[Process] = set()

    def __enter__(self) -> Standing:
        return self

    def __exit__(self, *_exception: object) -> None:
        try:
            self._begun.close()
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self) -> None:
        """End whatever runs, in whichever thread it was begun."""
        for process in list(self._running):
            process.stop()

    @contextlib.contextmanager
    def running(
        self, name: str, arguments: Sequence[str], *, hears: bool = False, **variables: str
    ) -> Iterator[Process]:
        process = Process(
            arguments,
            log=self.folder / f"{name}.log",
            env=self.env | variables,
            hears=hears,
        )
        self._running.add(process)
        try:
            yield process
        finally:
            process.stop()
            self._running.discard(process)

    def begin(self, name: str, arguments: Sequence[str], **variables: str) -> Process:
        """As `running`, until the end of everything."""
        return self._begun.enter_context(self.running(name, arguments, **variables))

    def run(self, *arguments: str, **variables: str) -> str:
        """A command to its end; returns what it printed. Raises `CannotBegin` where it fails."""
        with self.running("commands", arguments, hears=True, **variables) as process:
            said = process.popen.stdout.read()
            if process.popen.wait():
                raise CannotBegin(f"{' '.join(arguments)}:\n{said[-2_000:]}{process.last_words()}")
        return said

    def python(self, *arguments: str, **variables: str) -> str:
        return self.run(sys.executable, *arguments, **variables)

    def fill(self, *, articles: int, images: int) -> None:
        """Database, pictures and static files. These are named by what is in them as in
        production, and not compressed, which takes a while and is no part of any page."""
        with self.running(
            "static", [sys.executable, "-m", "benchmarks.inside", "static"]
        ) as static:
            self.python("manage.py", "migrate", "-v0", "--no-input")
            self.python(
                "manage.py",
                "make_institute",
                "-v0",
                f"--articles={articles}",
                f"--images={images}",
                f"--visits={max(1, articles // 50)}",
            )
            if static.popen.wait():
                raise CannotBegin(f"static files:\n{static.last_words()}")

    # -- Those who answer

    def serve(
        self, name: str = "site", *, port: int | None = None, workers: int | None = None
    ) -> Process:
        """The site as `make serve` serves it."""
        return self.begin(name, serving(port or self.port, workers))

    def bare(self, answers: bytes) -> tuple[Process, int]:
        (self.folder / "answers.json").write_bytes(answers)
        port = free_port()
        arguments = serving(port, module="benchmarks.bare")
        return self.begin("bare", arguments, BARE_ANSWERS=str(self.folder / "answers.json")), port

    def nginx(self, name: str, configuration: str) -> Process:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "nginx.conf").write_text(configuration)
        arguments = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
        return self.begin(name, [*arguments, "-e", str(folder / "error.log"), "-g", "daemon off;"])


def serving(
    port: int, workers: int | None = None, module: str = "imagine_site.serving"
) -> list[str]:
    """The command behind `make serve`, with its own number of workers unless another is said."""
    arguments = [sys.executable, "-m", module, "--port", str(port), "--log-level", "warning"]
    return arguments + ([f"--workers={workers}"] if workers else [])
