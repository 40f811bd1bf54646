"""The server in production: granian, set as measured, whose workers are replaced without a lost
request.

    python -m imagine_site.serving --port 8000          # or --socket /run/imagine-site/site.sock

SIGHUP replaces the workers one by one: a new one has to be ready before an old one goes, so that a
release that does not start never takes the place of one that runs. SIGTERM ends what was begun and
stops. The socket belongs to the process that watches the workers, or to systemd, and outlives them:
who comes while one is replaced waits a moment instead of being turned away.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import logging
import os
import signal
import socket
import stat
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from granian._granian import SocketHolder
from granian._internal import load_target
from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

logger = logging.getLogger(__name__)

APPLICATION = "imagine_site.wsgi:application"
#: A worker for each processor of a small machine.
WORKERS = 2
#: Requests a worker has in Python at once, and how many of these may have a body. A body that never
#: arrives holds its thread for as long as its sender likes: such senders may use up what is there
#: for forms and uploads, and never what is there for pages.
THREADS, WITH_BODY = 8, 4
#: Connections that wait for a worker, and those that one worker has open.
BACKLOG, CONNECTIONS = 2048, 4096
#: Milliseconds in which a request's header has to arrive, after which its connection is closed.
HEADER_TIMEOUT = 10_000
#: Bytes of a request's header.
HEADER_BYTES = 32 * 1024
#: Seconds a new worker has to be ready in.
STARTS_WITHIN = 60.0
#: Seconds after which a worker that died, and whose successor does not start, is tried again; more
#: than those within which granian takes it for a loop and gives up.
TRIES_AGAIN_AFTER = 10.0
#: Seconds in which a worker that is to go asks its visitors to close their connections.
FAREWELL = 1.0
#: Seconds after which a worker that was asked to go is ended, whatever it does.
GOES_WITHIN = 30
#: Seconds in which workers take in who stands at the door before it is closed.
DRAINED_WITHIN = 1.0
#: Linux: mallopt(3). Threads take memory from one place, since only one of them runs at a time, and
#: what is free at its end, or was a large piece, goes back to the system: as glibc would begin,
#: and without what it grows into.
SPARING = {
    "M_ARENA_MAX": (-8, 1),
    "M_TRIM_THRESHOLD": (-1, 131_072),
    "M_MMAP_THRESHOLD": (-3, 131_072),
}
#: Kibibytes of the database that a thread's connection holds in memory (SQLite; the system holds
#: the file as well).
DATABASE_CACHE = 500
#: Linux: a filter of a socket, and one that drops everything (BPF_RET | BPF_K, 0 bytes).
SO_ATTACH_FILTER, NOTHING_PASSES = 26, (0x06, 0, 0, 0)
#: The headers of an answer to who came with a body when there was no room for more.
BUSY = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Retry-After", "60"),
    ("Cache-Control", "no-store"),
    ("Connection", "close"),
]
#: The first file descriptor that systemd hands over (sd_listen_fds(3)).
FIRST_FROM_SYSTEMD = 3


class Courteous:
    """The application, which takes no new connection and tells visitors to close theirs once its
    worker is to go.

    A connection closed while a request is on its way loses that request (RFC 9112 §9.6).
    """

    def __init__(self, application: Callable, listener: socket.socket):
        self.application = application
        self.room = threading.Semaphore(WITH_BODY)
        self.listener = listener
        #: Where nobody knocks.
        self.nowhere = socket.socket()
        self.goes = False
        signal.signal(signal.SIGUSR1, self._go)

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if self.goes:
            start_response = _closing(start_response)
        if not ("CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ):
            return self.application(environ, start_response)
        if not self.room.acquire(blocking=False):
            start_response("503 Service Unavailable", BUSY)
            return [b"Too many forms are being sent. Please try again in a minute.\n"]
        try:
            return self.application(environ, start_response)
        finally:
            self.room.release()

    def _go(self, *_signal) -> None:
        self.goes = True
        # Granian cannot stop to accept without closing what it has: it goes on, at another socket.
        self.nowhere.bind(("127.0.0.1", 0))
        self.nowhere.settimeout(0)
        self.nowhere.listen(1)
        ours = os.fstat(self.listener.fileno()).st_ino
        for path in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):
                if os.fstat(int(path.name)).st_ino == ours:
                    os.dup2(self.nowhere.fileno(), int(path.name))


def _closing(start_response: Callable) -> Callable:
    def closing(status: str, headers: list[tuple[str, str]], *more):
        return start_response(status, [*headers, ("Connection", "close")], *more)

    return closing


class Server(MPServer):
    """Granian's, with a socket of its own and a worker's readiness awaited."""

    def __init__(self, listener: socket.socket, **settings):
        super().__init__(APPLICATION, **settings)
        self.listener = listener
        #: Systemd's goes on: whoever comes meanwhile waits for the next server.
        self.is_ours = listener.fileno() != FIRST_FROM_SYSTEMD or not _is_from_systemd()
        self._ready: dict[int, Connection] = {}

    def _init_shared_socket(self):
        self.listener.set_inheritable(True)
        is_path = self.listener.family == socket.AF_UNIX
        self._shd = SocketHolder(self.listener.fileno(), is_path, self.backlog)
        self._ssp, self._sso = None, self.listener

    def _spawn_worker(self, idx, target, callback_loader):
        hears, tells = Pipe(duplex=False)

        def load() -> Callable:
            application = Courteous(load_target(self.target), self.listener)
            stay_small()
            tells.send_bytes(b"ready")
            return application

        worker = super()._spawn_worker(idx, target, load)
        start = worker.start

        def start_and_listen():
            start()
            tells.close()  # ours: the worker's end closes with the worker

        worker.start, worker.hears = start_and_listen, hears
        return worker

    def _respawn_workers(self, workers, spawn_target, target_loader, delay: float = 0):
        for idx in workers:
            former = self.wrks[idx]
            worker = self._spawn_worker(idx, spawn_target, target_loader)
            # Granian counts it among those that died only once it had begun to work.
            worker.interrupt_by_parent = True
            worker.start()
            if not _is_ready(worker):
                worker.kill()
                self._does_not_start(former)
                return
            self.respawned_wrks[idx] = time.monotonic()
            self.wrks[idx] = worker
            worker.interrupt_by_parent = False
            if not worker.is_alive():
                self._again(idx)
            self._let_go([former])

    def _does_not_start(self, former) -> None:
        logger.error("A new worker does not start; the former ones go on.")
        if not any(worker.is_alive() for worker in self.wrks):
            sys.exit(1)
        if not former.is_alive():
            later = threading.Timer(TRIES_AGAIN_AFTER, self._again, [former.idx])
            later.daemon = True
            later.start()

    def _again(self, idx: int) -> None:
        self.interrupt_children.append(idx)
        self.main_loop_interrupt.set()

    def _stop_workers(self):
        if self.is_ours:
            let_in_no_more(self.listener)
        self._let_go(self.wrks)
        self.wrks.clear()

    def _drop_shared_socket(self):
        """Later: only once no worker listens any more."""

    def _let_go(self, workers) -> None:
        living = [worker for worker in workers if worker.is_alive()]
        for worker in living:
            worker.interrupt_by_parent = True
            os.kill(worker.inner.pid, signal.SIGUSR1)
        if self.interrupt_signal:
            self.listener.close()
        if living:
            time.sleep(FAREWELL)
        for worker in living:
            worker.terminate()
        latest = time.monotonic() + GOES_WITHIN
        while any(worker.is_alive() for worker in living) and time.monotonic() < latest:
            time.sleep(0.02)
        for worker in living:
            if worker.is_alive():
                logger.warning("A worker did not end in time and is killed.")
                worker.kill()
            worker.join()


def be_sparing() -> None:
    """Have glibc, where that is what we run on, hold no more memory than it needs."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        for parameter, value in SPARING.values():
            mallopt(parameter, value)


def stay_small() -> None:
    """In a worker that has loaded the application: what it consists of is never garbage, and is not
    looked through for it (which lets real garbage be found sooner), and connections are small."""
    # Of the worker: Django must not be loaded before there is one, or it would survive a release.
    connection_created = load_target("django.db.backends.signals:connection_created")

    def limit(connection, **_more) -> None:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA cache_size = -{DATABASE_CACHE}")

    connection_created.connect(limit, weak=False, dispatch_uid=stay_small)
    gc.collect()
    gc.freeze()


def _is_ready(worker) -> bool:
    """Wait for a worker to say so; False when it ends before, or takes too long."""
    try:
        return worker.hears.poll(STARTS_WITHIN) and worker.hears.recv_bytes() == b"ready"
    except EOFError:
        return False


def _is_from_systemd() -> bool:
    """sd_listen_fds(3)."""
    return os.environ.get("LISTEN_PID") == str(os.getpid())


def let_in_no_more(listener: socket.socket) -> None:
    """Wait until the workers have taken in all who stand at the door, having shut it.

    Closing a socket resets the connections that nobody has accepted yet (tcp(7)): of a busy site
    there are always some. New ones are dropped by a filter that lets nothing through (socket(7),
    SO_ATTACH_FILTER); they find nobody when they ask again.
    """
    if listener.family == socket.AF_UNIX:
        Path(listener.getsockname()).unlink(missing_ok=True)
        time.sleep(DRAINED_WITHIN / 10)
        return
    instruction = ctypes.create_string_buffer(struct.pack("HBBI", *NOTHING_PASSES))
    program = struct.pack("HP", 1, ctypes.addressof(instruction))
    listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
    latest = time.monotonic() + DRAINED_WITHIN
    while _waiting(listener) and time.monotonic() < latest:
        time.sleep(0.005)


def _waiting(listener: socket.socket) -> int:
    """Connections that nobody accepted yet: of a listening socket, `tcpi_unacked` counts these."""
    information = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return int.from_bytes(information[24:28], sys.byteorder)


def listening(arguments: argparse.Namespace) -> socket.socket:
    """The socket: from systemd where it hands one over, else a path or a port of this machine."""
    if _is_from_systemd():
        return socket.socket(fileno=FIRST_FROM_SYSTEMD)
    if arguments.socket:
        path = Path(arguments.socket)
        if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()  # left behind by a process that was killed
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        path.chmod(0o660)
    else:
        family = socket.AF_INET6 if ":" in arguments.host else socket.AF_INET
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((arguments.host.strip("[]"), arguments.port))
    listener.listen(BACKLOG)
    return listener


def parsed(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m imagine_site.serving")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--socket", help="a path to listen at instead of host and port")
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--log-level", default="info")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    arguments = parsed(argv)
    be_sparing()
    listener = listening(arguments)
    listener.settimeout(0)
    Server(
        listener,
        address=arguments.host,
        port=arguments.port,
        uds=Path(arguments.socket) if arguments.socket else None,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_TIMEOUT, max_buffer_size=HEADER_BYTES
        ),
        websockets=False,
        loop=Loops.asyncio,
        workers=arguments.workers,
        blocking_threads=arguments.threads,
        runtime_mode=RuntimeModes.mt,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        log_level=LogLevels(arguments.log_level),
    ).serve()


if __name__ == "__main__":
    main()
