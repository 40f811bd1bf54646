"""The units of deploy/systemd: what they start exists, and systemd understands every line."""

import configparser
import shlex
import shutil
import subprocess

import pytest

from imagine_site.serving import parsed
from tests.house.sources import ROOT

UNITS = ROOT / "deploy" / "systemd"
INSTALLED = "/srv/imagine-site"


def unit(name: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None, strict=False)
    read.optionxform = str
    read.read_string((UNITS / name).read_text("utf-8"))
    return read


def test_the_service_starts_the_server_with_arguments_that_it_knows():
    service = unit("imagine-site.service")["Service"]
    python, module_flag, module, *arguments = shlex.split(service["ExecStart"])
    assert python == f"{INSTALLED}/.venv/bin/python"
    assert (module_flag, module) == ("-m", "imagine_site.serving")
    assert parsed(arguments).workers == 2


def test_the_socket_is_the_one_that_nginx_asks():
    path = unit("imagine-site.socket")["Socket"]["ListenStream"]
    assert f"server unix:{path}" in (ROOT / "deploy/nginx/imagine-site.conf").read_text("utf-8")


def test_the_site_may_write_where_it_writes():
    service = unit("imagine-site.service")["Service"]
    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"] == f"{INSTALLED}/var"


def test_systemd_understands_the_units(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not here")
    for path in UNITS.iterdir():
        (tmp_path / path.name).write_text(path.read_text("utf-8").replace(INSTALLED, str(ROOT)))
    run = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in run.stderr.splitlines() if "imagine-site" in line]
    assert not ours
