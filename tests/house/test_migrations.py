"""Models and migrations say the same."""

from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from tests.house.sources import ROOMS


@pytest.mark.django_db
def test_no_migration_is_missing(capsys):
    call_command("makemigrations", "--check", "--dry-run")
    assert "No changes detected" in capsys.readouterr().out


def test_every_room_with_tables_has_migrations():
    without = [
        app.name
        for app in apps.get_app_configs()
        if app.name.split(".")[0] in ROOMS
        and list(app.get_models())
        and not any((Path(app.path) / "migrations").glob("[0-9]*.py"))
    ]
    assert without == []
