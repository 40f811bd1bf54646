"""wrk, and what it says."""

from __future__ import annotations

import http.client
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

#: The same for everybody who is driven. wrk takes a part of the processors it measures; it is bound
#: to none of them, nor is anybody else, so that each is disturbed by it in the way of a visitor.
THREADS, CONNECTIONS = 2, 32

_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_BYTES = {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}


@dataclass(frozen=True, slots=True)
class Driven:
    """A run of wrk: how many requests in how many seconds, latencies in seconds, what failed."""

    requests: int
    seconds: float
    #: Of all answers, with their headers.
    read: int
    p50: float
    p99: float
    failed: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    @property
    def bytes_each(self) -> float:
        return self.read / self.requests if self.requests else 0.0

    @classmethod
    def parse(cls, text: str) -> Driven:
        """From what `wrk --latency` prints; raises `ValueError` for anything else."""
        told = re.search(r"(\d+) requests in ([\d.]+)(\w+), ([\d.]+)([KMGT]?B) read", text)
        if not told:
            raise ValueError(f"wrk says nothing of requests:\n{text}")
        errors = re.search(
            r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text
        )
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        return cls(
            requests=int(told[1]),
            seconds=float(told[2]) * _SECONDS[told[3]],
            read=int(float(told[4]) * _BYTES[told[5]]),
            p50=percentile(text, 50),
            p99=percentile(text, 99),
            failed=sum(map(int, errors.groups() if errors else ()))
            + (int(refused[1]) if refused else 0),
        )


def percentile(text: str, which: int) -> float:
    """Seconds within which so many of a hundred answers came."""
    found = re.search(rf"^\s*{which}%\s+([\d.]+)(us|ms|s|m|h)\s*$", text, re.MULTILINE)
    if not found:
        raise ValueError(f"wrk says nothing of the {which}th percentile:\n{text}")
    return float(found[1]) * _SECONDS[found[2]]


def arguments(url: str, seconds: int, headers: Mapping[str, str]) -> list[str]:
    named = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    return [
        "wrk",
        f"-t{THREADS}",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--timeout",
        "5s",
        "--latency",
        *named,
        url,
    ]


def drive(url: str, seconds: int, headers: Mapping[str, str]) -> Driven:
    ran = subprocess.run(
        arguments(url, seconds, headers), capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise RuntimeError(f"wrk: {ran.stdout}{ran.stderr}")
    return Driven.parse(ran.stdout)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def get(port: int, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    """One request over a connection of its own; names of headers in small letters."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        body = response.read()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, body)
    finally:
        connection.close()
