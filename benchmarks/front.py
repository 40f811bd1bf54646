"""The site behind nginx, configured as in `deploy/`: the very file, with other paths.

Without TLS, like what it is compared with, and without a log, which the system's own configuration
decides on.
"""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.standing import ROOT, CannotBegin, Process, Standing, free_port, serving

SHIPPED = ROOT / "deploy" / "nginx" / "imagine-site.conf"
#: Lines of a server that say where it listens and by which name and certificate.
_WHERE = re.compile(r"^\s*(listen|server_name|ssl_\w+)\s.*?;[^\n]*\n", re.MULTILINE)


def adapted(text: str, *, port: int, instead: Mapping[str, str]) -> str:
    """The shipped configuration with other paths, and of its servers the one that has the site.

    Raises `CannotBegin` where the file is not as expected: what is shipped must be what is
    measured.
    """
    for place, ours in instead.items():
        if place not in text:
            raise CannotBegin(f"{SHIPPED.name} no longer names {place}")
        text = text.replace(place, ours)
    sites = []
    for block in list(servers(text)):
        text = text.replace(block, "")
        if "proxy_pass" in block:
            sites.append(block)
    if len(sites) != 1:
        raise CannotBegin(f"{SHIPPED.name} has {len(sites)} servers with the site")
    site = _WHERE.sub("", sites[0])
    head, brace, rest = site.partition("{")
    return f"{text}\n{head}{brace}\n    listen 127.0.0.1:{port};\n    server_name _;\n{rest}"


def servers(text: str) -> Iterator[str]:
    """Each `server { … }`, whole; braces in quoted names count alike on both sides."""
    for found in re.finditer(r"^server \{", text, re.MULTILINE):
        depth = 0
        for at in range(found.start(), len(text)):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            if text[at] == "}" and depth == 0:
                yield text[found.start() : at + 1]
                break


@dataclass(frozen=True, slots=True)
class Front:
    """Where it answers, and the two that do."""

    port: int
    nginx: Process
    site: Process

    def cpu_seconds(self) -> float:
        return self.nginx.cpu_seconds() + self.site.cpu_seconds()


def front(standing: Standing) -> Front | None:
    """Start the site at a socket and nginx before it; None where the file is not there."""
    if not SHIPPED.exists():
        return None
    folder = standing.folder / "front"
    folder.mkdir(exist_ok=True)
    socket, port = folder / "site.sock", free_port()
    instead = {
        "/run/imagine-site-pages": f"{folder}/pages",
        "/run/imagine-site.sock": str(socket),
        "/srv/imagine-site/var": standing.env["VAR_DIR"],
    }
    shipped = adapted(SHIPPED.read_text(encoding="utf-8"), port=port, instead=instead)
    user = f"user {pwd.getpwuid(os.getuid()).pw_name};" if os.getuid() == 0 else ""
    configuration = f"""
{user}
worker_processes auto;
pid {folder}/nginx.pid;
events {{ worker_connections 768; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{shipped}
}}
"""
    site = standing.begin(
        "site-behind",
        [*serving(0)[:3], "--socket", str(socket), "--log-level", "warning"],
        BEHIND_PROXY="1",
    )
    nginx = standing.nginx("front", configuration)
    nginx.answers_at(port, "/healthz")
    return Front(port, nginx, site)
