"""nginx with a file: how fast this machine can give away these very bytes.

Its configuration is as good as one can make it for that: no log, `sendfile`, a worker for each
processor, connections that are never closed. It answers with the headers of the site's page; ETag
and Last-Modified are its own, so that it can answer 304 by itself.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: What nginx says itself, or must not be said twice.
_ITS_OWN = frozenset({"server", "date", "connection", "keep-alive", "transfer-encoding"})
_ITS_OWN |= {"content-length", "content-type", "etag", "last-modified", "accept-ranges"}
WORKERS = 2


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A body under a name of its own, with the headers to send along."""

    name: str
    content_type: str
    headers: Mapping[str, str]
    body: bytes

    def location(self) -> str:
        lines = [f"location = /{self.name} {{", f"    default_type {quoted(self.content_type)};"]
        lines += [
            f"    add_header {name.title()} {quoted(value)};"
            for name, value in self.headers.items()
            if name.lower() not in _ITS_OWN
        ]
        return "\n".join([*lines, "}"])


def quoted(value: str) -> str:
    """A string of nginx's configuration; a variable could not be told from a dollar sign."""
    if "$" in value:
        raise ValueError(f"nginx would read a variable in {value!r}")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def configuration(files: list[StaticFile], *, folder: Path, port: int) -> str:
    """Writes the files below `folder`, too."""
    root = folder / "files"
    root.mkdir(parents=True, exist_ok=True)
    for file in files:
        (root / file.name).write_bytes(file.body)
    locations = "\n".join(file.location() for file in files)
    # As root its workers would be an account that may not look into the folder.
    user = f"user {pwd.getpwuid(os.getuid()).pw_name};" if os.getuid() == 0 else ""
    return f"""
{user}
worker_processes {WORKERS};
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    types {{ }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        {locations}
    }}
}}
"""
