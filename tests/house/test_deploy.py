"""The site as it starts with the production variables of `.env.example`, and with none at all."""

import json
import os
import subprocess
import sys

from tests.house.sources import ROOT
from tests.house.test_env_example import example


def _django(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """`manage.py` in a process of its own, with these variables and none of ours."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *arguments],
        cwd=ROOT,
        env={**inherited, "READ_DOT_ENV": "off", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_production_site_has_nothing_to_warn_about(tmp_path):
    run = _django(
        "check", "--deploy", "--fail-level", "WARNING", VAR_DIR=str(tmp_path), **example()
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "no issues" in run.stdout


def test_the_check_notices_an_open_site(tmp_path):
    variables = example() | {"HTTPS": "off"}
    run = _django(
        "check", "--deploy", "--fail-level", "WARNING", VAR_DIR=str(tmp_path), **variables
    )
    assert run.returncode == 1, run.stdout + run.stderr


def _settings(code: str, **variables: str) -> subprocess.CompletedProcess:
    """Some lines run with the settings alone: no app is loaded, which takes most of a second."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", f"from django.conf import settings\n{code}"],
        cwd=ROOT,
        env={
            **inherited,
            "READ_DOT_ENV": "off",
            "DJANGO_SETTINGS_MODULE": "imagine_site.settings",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


READ_SETTINGS = """
import json
from django.conf import settings
from django.db import connection
with connection.cursor() as cursor:
    pragmas = {
        name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    } if connection.vendor == "sqlite" else {}
print(json.dumps({
    "debug": settings.DEBUG,
    "https": settings.HTTPS,
    "hosts": settings.ALLOWED_HOSTS,
    "secret": len(settings.SECRET_KEY),
    "cookie": settings.SESSION_COOKIE_NAME,
    "pragmas": pragmas,
    "mode": settings.DATABASES["default"].get("OPTIONS", {}).get("transaction_mode"),
}))
"""


def test_without_any_variable_the_site_is_closed_and_its_database_durable(tmp_path):
    run = _django("shell", "--no-imports", "--command", READ_SETTINGS, VAR_DIR=str(tmp_path))
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said["debug"] is False
    assert said["https"] is True
    assert said["hosts"] == ["127.0.0.1", "localhost", "[::1]"]
    assert said["secret"] >= 50
    assert said["cookie"].startswith("__Host-")
    assert said["mode"] == "IMMEDIATE"
    assert said["pragmas"] == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 20_000,
    }


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path):
    said = []
    for _start in range(2):
        run = _settings("print(settings.SECRET_KEY)", VAR_DIR=str(tmp_path))
        assert run.returncode == 0, run.stderr
        said.append(run.stdout.strip())
    kept = tmp_path / "secret_key"
    assert said == [kept.read_text("ascii")] * 2
    assert kept.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_another_database_needs_only_its_address(tmp_path):
    run = _settings(
        "from django.db import connection; print(connection.vendor)",
        VAR_DIR=str(tmp_path),
        DATABASE_URL="postgres://somebody@127.0.0.1:1/nowhere",
    )
    assert run.stdout.strip() == "postgresql", run.stderr
