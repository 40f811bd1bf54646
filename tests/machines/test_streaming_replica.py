"""A PostgreSQL and its streaming replica: what visitors see while it lags, stands still, dies."""

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest

from tests.machines.servers import Machine, Visitor, postgresql

pytestmark = [pytest.mark.services, pytest.mark.slow]
LIST = "/en/news/"


@pytest.fixture(scope="module")
def databases():
    with postgresql(replica=True) as found:
        yield found


@pytest.fixture(scope="module")
def machine(databases, tmp_path_factory):
    one = Machine(tmp_path_factory.mktemp("machine"), **databases, SECRET_KEY="s" * 60)
    one.manage("migrate", "-v0")
    try:
        one.start()
        yield one
    finally:
        one.stop()


@pytest.fixture
def replica(databases):
    with psycopg.connect(databases["DATABASE_REPLICA_URL"], autocommit=True) as connection:
        yield connection
        connection.execute("SELECT pg_wal_replay_resume()")


def publish(machine: Machine, title: str) -> None:
    machine.manage(
        *("shell", "--no-imports", "-c"),
        f"from tests.factories.news import article; article(title_en={title!r})",
    )


def shows(machine: Machine, title: str) -> bool:
    answer = Visitor().get(machine.url + LIST)
    assert answer.status == 200
    return title in answer.body


def until_it_shows(machine: Machine, title: str, *, within: float = 10.0) -> float:
    began = time.monotonic()
    while not shows(machine, title):
        assert time.monotonic() - began < within, f"{title} is not shown"
        time.sleep(0.02)
    return time.monotonic() - began


def reads_of(databases) -> int:
    """How often the replica's tables were read, as far as it has counted."""
    with psycopg.connect(databases["DATABASE_REPLICA_URL"], autocommit=True) as connection:
        connection.execute("SELECT pg_stat_clear_snapshot()")
        row = connection.execute(
            "SELECT coalesce(sum(seq_scan + coalesce(idx_scan, 0)), 0) "
            "FROM pg_stat_user_tables WHERE relname = 'news_postedition'"
        ).fetchone()
    return int(row[0])


def test_pages_are_made_from_the_replica(machine, databases):
    before = reads_of(databases)
    publish(machine, "From the replica")
    until_it_shows(machine, "From the replica")
    ends = time.monotonic() + 60  # the counts are written by and by
    while reads_of(databases) == before:
        assert time.monotonic() < ends, "the replica was not read"
        time.sleep(0.2)


def test_no_page_made_during_the_lag_outlives_it(machine, replica):
    replica.execute("SELECT pg_wal_replay_pause()")
    publish(machine, "While it lagged")
    # Asked for, made and kept, again and again, while the replica stands still.
    began = time.monotonic()
    while time.monotonic() - began < 1.0:
        assert not shows(machine, "While it lagged")
    replica.execute("SELECT pg_wal_replay_resume()")
    until_it_shows(machine, "While it lagged", within=5.0)
    assert Visitor().get(machine.url + LIST).headers["X-Cache"] == "hit"


def test_a_replica_that_stands_still_for_long_is_not_waited_for(machine, replica):
    replica.execute("SELECT pg_wal_replay_pause()")
    publish(machine, "Past the replica")
    took = until_it_shows(machine, "Past the replica", within=8.0)
    print(f"shown from the primary after {took:.1f} s")
    assert "behind" in machine.log.read_text("utf-8")
    time.sleep(6)
    # Tried again meanwhile, and still behind: the page goes on being the primary's.
    assert shows(machine, "Past the replica")
    replica.execute("SELECT pg_wal_replay_resume()")
    time.sleep(0.5)
    for _ask in range(20):
        assert shows(machine, "Past the replica")


def test_when_the_replica_dies_nobody_notices(machine, databases):
    """Last: it does not come back."""
    publish(machine, "Before")
    until_it_shows(machine, "Before")
    with psycopg.connect(databases["DATABASE_REPLICA_URL"]) as connection:
        (folder,) = connection.execute("SHOW data_directory").fetchone()
    os.kill(int(Path(folder, "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    for _ask in range(10):
        assert shows(machine, "Before")
    publish(machine, "After")
    until_it_shows(machine, "After", within=5.0)
    ends = time.monotonic() + 12
    while "The replica does not answer" not in machine.log.read_text("utf-8"):
        assert time.monotonic() < ends
        assert shows(machine, "After")
        time.sleep(0.1)
    assert shows(machine, "After")
