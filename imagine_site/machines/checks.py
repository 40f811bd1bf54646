"""What is easily forgotten when a second machine is put beside the first.

Whether there are several cannot be seen from one of them. It is supposed where something is shared
that one machine alone does not need: a database on another host, a replica, a store of files.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from imagine_site.machines.reading import PRIMARY, REPLICA

_HERE = {"", "localhost", "127.0.0.1", "::1"}


def replica_follows(app_configs=None, **_kwargs) -> list[CheckMessage]:
    """A replica is a copy that the database itself keeps: both are PostgreSQL."""
    replica = settings.DATABASES.get(REPLICA)
    if replica is None or replica["ENGINE"] == settings.DATABASES[PRIMARY]["ENGINE"]:
        return []
    return [
        Error(
            "DATABASE_REPLICA_URL names another kind of database than DATABASE_URL.",
            hint="A replica follows its primary by PostgreSQL's streaming replication.",
            id="machines.E001",
        )
    ]


def supposed_several() -> bool:
    """Whether something is shared that one machine alone does not need."""
    host = settings.DATABASES[PRIMARY].get("HOST") or ""
    elsewhere = host not in _HERE and not host.startswith("/")
    return elsewhere or REPLICA in settings.DATABASES or bool(settings.S3_BUCKET)


def nothing_is_left_on_one_machine(app_configs=None, **_kwargs) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if bool(settings.S3_BUCKET) != bool(settings.S3_ORIGINALS_BUCKET):
        found.append(
            Warning(
                "One of S3_BUCKET and S3_ORIGINALS_BUCKET is set, the other is not.",
                hint="The files of the other stay on this machine's disk.",
                id="machines.W001",
            )
        )
    if not supposed_several():
        return found
    if _secret_lies_here():
        found.append(
            Warning(
                "SECRET_KEY is not set: it is read from a file of this machine.",
                hint="Another machine makes one of its own, and neither knows the other's "
                "sessions, links and second factors. Set the same SECRET_KEY on all of them.",
                id="machines.W002",
            )
        )
    if not settings.S3_BUCKET and Path(settings.MEDIA_ROOT).is_relative_to(settings.VAR_DIR):
        found.append(
            Warning(
                "Pictures and files are kept on this machine's disk.",
                hint="Another machine would not have them. Set S3_BUCKET and S3_ORIGINALS_BUCKET, "
                "or put MEDIA_ROOT and ORIGINALS_ROOT on a disk that all of them share.",
                id="machines.W003",
            )
        )
    if not settings.REDIS_URL:
        found.append(
            Warning(
                "REDIS_URL is not set: each process counts attempts to sign in for itself, and "
                "makes every page once more.",
                hint="Set the same REDIS_URL on all machines.",
                id="machines.W004",
            )
        )
    return found


def _secret_lies_here() -> bool:
    kept = Path(settings.VAR_DIR) / "secret_key"
    return kept.is_file() and kept.read_text(encoding="ascii") == settings.SECRET_KEY
