"""What the servers are told; none of them is started here."""

import os
import sys
import time
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.bare import answers_to_bytes, application_from
from benchmarks.front import SHIPPED, adapted, servers
from benchmarks.standing import CannotBegin, Process, memory, nothing_missing
from benchmarks.yardstick import StaticFile, configuration, quoted


def test_what_is_not_installed_is_named_with_its_package(monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.which", lambda name: None if name == "wrk" else f"/bin/{name}")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotBegin, match=r"wrk not found \(Debian: apt-get install wrk\)"):
        nothing_missing()
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(CannotBegin, match="apt-get install nginx-light wrk"):
        nothing_missing()


def test_a_process_is_ended_with_all_it_began(tmp_path):
    code = "import subprocess; subprocess.Popen(['sleep', '60']).wait()"
    process = Process([sys.executable, "-c", code], log=tmp_path / "log", env=os.environ)
    try:
        assert waited_for(lambda: len(process.family()) == 2)
        family = process.family()
        assert memory(process.worker())["Rss"] > 0
    finally:
        process.stop()
    assert process.popen.returncode is not None
    # A process that is gone, or waits to be buried, has no command line.
    assert waited_for(lambda: not any(command_line(pid) for pid in family))


def waited_for(happens) -> bool:
    until = time.monotonic() + 10
    while not (has_happened := happens()) and time.monotonic() < until:
        time.sleep(0.01)
    return has_happened


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def test_the_yardstick_sends_the_headers_of_the_page_once(tmp_path):
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-length": "3",
        "etag": '"a"',
        "server": "granian",
        "content-encoding": "br",
        "content-security-policy": "default-src 'none'",
    }
    file = StaticFile("0", headers["content-type"], headers, b"abc")
    written = configuration([file], folder=tmp_path, port=8123)
    assert "listen 127.0.0.1:8123;" in written
    assert "access_log off;" in written
    assert "sendfile on;" in written
    assert 'default_type "text/html; charset=utf-8";' in written
    assert 'add_header Content-Encoding "br";' in written
    assert """add_header Content-Security-Policy "default-src 'none'";""" in written
    assert written.count("add_header") == 2
    assert (tmp_path / "files" / "0").read_bytes() == b"abc"


def test_no_header_can_end_its_string():
    assert quoted('W/"a\\b"') == '"W/\\"a\\\\b\\""'
    with pytest.raises(ValueError, match="variable"):
        quoted("$host")


def test_the_bare_application_answers_what_was_written_down():
    answers = {"/0": ("200 OK", [("content-type", "text/html")], b"\x00\xff")}
    application = application_from(answers_to_bytes(answers))
    said = []
    body = application({"PATH_INFO": "/0"}, lambda *start: said.extend(start))
    assert (said, body) == (["200 OK", [("content-type", "text/html")]], [b"\x00\xff"])


CONFIGURATION = """proxy_cache_path /run/pages keys_zone=pages:4m;
server {
    listen 80 default_server;
    return 444;
}
server {
    listen 443 ssl http2;
    server_name www.example.org;
    ssl_certificate /etc/ssl/fullchain.pem;
    location ~ "^/r/[0-9a-f]{32}$" { root /srv; }
    location / { proxy_pass http://site; }
}
"""


def test_of_the_shipped_configuration_only_paths_and_the_place_are_changed():
    written = adapted(CONFIGURATION, port=8123, instead={"/run/pages": "/elsewhere/pages"})
    assert [block.count("location") for block in servers(written)] == [2]
    assert "listen 127.0.0.1:8123;" in written
    assert "proxy_cache_path /elsewhere/pages keys_zone=pages:4m;" in written
    for gone in ("ssl", "example.org", "444", "/run/"):
        assert gone not in written
    assert 'location ~ "^/r/[0-9a-f]{32}$" { root /srv; }' in written


def test_a_configuration_that_has_become_another_is_refused():
    with pytest.raises(CannotBegin, match="/run/elsewhere"):
        adapted(CONFIGURATION, port=1, instead={"/run/elsewhere": "/x"})
    with pytest.raises(CannotBegin, match="0 servers"):
        adapted("server {\n}\n", port=1, instead={})


def test_the_shipped_configuration_can_be_measured():
    instead = dict.fromkeys(("/run/imagine-site-pages", "/run/imagine-site.sock"), "/x")
    written = adapted(SHIPPED.read_text("utf-8"), port=1, instead=instead)
    assert len(list(servers(written))) == 1


def test_what_importing_prints_is_read():
    said = (
        "    100       90/s      120/s of processor   8.00 ms   1.00 queries     99 MB, beside\n"
        "in all\n"
        "  20000      431/s      502/s of processor   1.99 ms   0.64 queries    136 MB, beside\n"
    )
    told = {figure.figure: figure.value for figure in command.importing_figures(said)}
    assert told["import: articles"] == 20_000
    assert told["import: rate"] == 431
    assert told["import: queries"] == 0.64
    with pytest.raises(CannotBegin):
        command.importing_figures("nothing of it")


def test_every_stage_that_is_judged_exists_and_no_time_is_judged():
    assert set(command.BOUNDS) <= set(command.STAGES)
    assert set(command.BY_ITSELF) <= set(command.STAGES)
    timed = ("processor", "p50", "p99", "start to", "published to", "rate", "publishing")
    for bounds in command.BOUNDS.values():
        for bound in bounds:
            # Requests a second are judged by their ratio alone.
            assert bound.of_ratio or not bound.figure.endswith((": site", ": nginx", ": bare"))
            assert not any(word in bound.figure for word in timed)
