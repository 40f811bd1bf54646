"""What `manage.py check --deploy` says of a site on several machines."""

from types import SimpleNamespace

import pytest
from django.core.checks import run_checks

from imagine_site.machines import checks

POSTGRESQL = {"ENGINE": "django.db.backends.postgresql", "NAME": "imagine"}
ELSEWHERE = POSTGRESQL | {"HOST": "db.example.org"}
ALL = {"machines.W002", "machines.W003", "machines.W004"}


@pytest.fixture
def said(monkeypatch, tmp_path):
    """The ids of the warnings under some settings; those of one machine unless said otherwise."""
    (tmp_path / "secret_key").write_text("made here", encoding="ascii")

    def under(*, database=POSTGRESQL, replica=None, **more):
        found = {
            "DATABASES": {"default": database, **({"replica": replica} if replica else {})},
            "S3_BUCKET": "",
            "S3_ORIGINALS_BUCKET": "",
            "REDIS_URL": "",
            "SECRET_KEY": "made here",
            "VAR_DIR": tmp_path,
            "MEDIA_ROOT": tmp_path / "media",
        }
        monkeypatch.setattr(checks, "settings", SimpleNamespace(**found | more))
        found = [*checks.nothing_is_left_on_one_machine(), *checks.replica_follows()]
        return {message.id for message in found}

    return under


@pytest.mark.parametrize("host", ["", "127.0.0.1", "localhost", "/run/postgresql"])
def test_one_machine_needs_nothing_of_it(said, host):
    assert said(database=POSTGRESQL | {"HOST": host}) == set()


def test_a_database_elsewhere_a_replica_or_a_store_mean_several(said):
    assert said(database=ELSEWHERE) == said(replica=POSTGRESQL) == ALL
    buckets = {"S3_BUCKET": "media", "S3_ORIGINALS_BUCKET": "originals"}
    assert said(**buckets) == ALL - {"machines.W003"}


def test_what_is_shared_silences_them(said):
    assert said(database=ELSEWHERE, MEDIA_ROOT="/srv/shared") == ALL - {"machines.W003"}
    assert said(database=ELSEWHERE, REDIS_URL="redis://r/0") == ALL - {"machines.W004"}
    assert said(database=ELSEWHERE, SECRET_KEY="of all") == ALL - {"machines.W002"}


def test_two_buckets_belong_together(said):
    assert said(S3_ORIGINALS_BUCKET="originals") == {"machines.W001"}
    assert "machines.W001" in said(S3_BUCKET="media")


def test_a_replica_of_another_kind_is_an_error(said):
    sqlite = {"ENGINE": "django.db.backends.sqlite3"}
    assert said(database=sqlite) == set()
    assert "machines.E001" in said(database=sqlite, replica=POSTGRESQL)


def test_they_are_part_of_the_check_before_a_release(settings):
    settings.S3_BUCKET, settings.S3_ORIGINALS_BUCKET = "media", ""
    ids = {message.id for message in run_checks(include_deployment_checks=True)}
    assert "machines.W001" in ids
    assert "machines.W001" not in {message.id for message in run_checks()}
