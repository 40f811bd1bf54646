"""What is read beside is what is read here; where processes beside have ended, it is read here."""

import pytest

from imagine_site.mentions.names import Names
from news.importers import beside
from news.importers.preparing import Prepared
from news.importers.sources import SourceError
from tests.news.importers.test_source_files import TEXT

pytestmark = pytest.mark.slow


@pytest.fixture
def paths(tmp_path, monkeypatch):
    monkeypatch.setattr(beside, "WORTH_WHILE", 1)
    monkeypatch.setattr(beside, "PORTION", 2)
    monkeypatch.setattr(beside.os, "cpu_count", lambda: 2)
    found = [tmp_path / f"{number}.fr.txt" for number in range(5)]
    for number, path in enumerate(found):
        path.write_text(TEXT + f"\nLe jardin a {number} arbres.\n", "utf-8")
    found[3].write_bytes(b"")
    return found


def comparable(said: list[beside.Said]) -> list:
    return [
        str(each)
        if isinstance(each, SourceError)
        else [(p.article, p.article.as_json(), p.digest, p.body, p.mentioned) for p in each]
        for each in said
    ]


def test_what_is_read_beside_is_what_is_read_here(paths):
    names = Names()
    with beside.reader(len(paths), "fr", names) as reads:
        assert isinstance(reads, beside.Beside)
        said = list(reads.finish(reads.begin(paths)))
    here = beside.Here("fr", names)
    assert comparable(said) == comparable(list(here.finish(here.begin(paths))))
    assert isinstance(said[3], SourceError)
    assert isinstance(said[0][0], Prepared)


def test_where_a_process_has_ended_its_files_are_read_here(paths, caplog):
    caplog.set_level("WARNING", beside.__name__)
    with beside.reader(len(paths), "fr", Names()) as reads:
        list(reads.finish(reads.begin(paths)))
        for process in reads._pool._processes.values():
            process.kill()
            process.join()
        for _batch in range(2):
            said = list(reads.finish(reads.begin(paths)))
            assert [isinstance(each, SourceError) for each in said] == [0, 0, 0, 1, 0]
    assert [record.name for record in caplog.records] == [beside.__name__]


def test_few_files_are_read_by_the_process_that_saves():
    with beside.reader(10, None, Names()) as reads:
        assert isinstance(reads, beside.Here)
