"""How a run is judged, kept and compared; no server is started here."""

import json
import math

import pytest

from benchmarks.figures import (
    Bound,
    Figure,
    compared,
    median_ratio,
    missed,
    read,
    rounded,
    table,
    write,
)


def test_a_ratio_is_the_median_of_the_rounds_and_not_the_ratio_of_medians():
    ours, nginx = [50.0, 10.0, 90.0], [100.0, 10.0, 300.0]
    assert median_ratio(ours, nginx) == 0.5
    figure = Figure.of("list, br: site", ours, "requests/s", beside=nginx)
    assert (figure.value, figure.ratio_to_nginx, figure.rounds) == (50.0, 0.5, 3)
    assert (figure.lowest, figure.highest) == (10.0, 90.0)


def test_rounds_without_a_partner_are_not_compared_in_silence():
    with pytest.raises(ValueError, match="shorter"):
        median_ratio([1.0, 2.0], [1.0])


def test_figures_are_written_with_four_digits():
    assert [rounded(value) for value in (0.123456, 12.3456, 12345.6, 0.0)] == [
        0.1235,
        12.35,
        12346.0,
        0.0,
    ]


def test_what_is_missed_is_named_with_what_was_asked():
    figures = [
        Figure("article, br: site", 9_000, "requests/s", ratio_to_nginx=0.44),
        Figure("article, br: site to bare", 0.85, "ratio"),
        Figure("article, br: failed requests", 1, "requests"),
    ]
    bounds = [
        Bound("article, br: site", at_least=0.45, of_ratio=True),
        Bound("article, br: site to bare", at_least=0.85),
        Bound("article, br: failed requests", at_most=0),
    ]
    assert missed(bounds, figures) == [
        "article, br: site: 0.44, ≥ 0.45 × nginx is asked",
        "article, br: failed requests: 1, ≤ 0 is asked",
    ]


def test_what_was_not_measured_does_not_hold():
    (said,) = missed([Bound("mixed: to warm", at_least=0.8)], [])
    assert "not measured" in said
    assert missed([Bound("on PostgreSQL", at_most=1.2, optional=True)], []) == []
    no_ratio = [Figure("article, br: site", 9_000, "requests/s")]
    assert missed([Bound("article, br: site", at_least=0.45, of_ratio=True)], no_ratio)


def test_what_is_no_number_holds_nothing():
    figures = [Figure("ratio", math.nan, "ratio")]
    assert missed([Bound("ratio", at_least=0.8)], figures)
    assert missed([Bound("ratio", at_most=0.8)], figures)


def test_a_run_is_one_object_a_line_and_is_read_again(tmp_path):
    path = tmp_path / "build" / "bench.jsonl"
    figures = [
        Figure.of("liste, été", [3.0, 1.0, 2.0], "requests/s", beside=[6.0, 4.0, 4.0]),
        Figure("queries", 4, ""),
    ]
    write(figures, path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[1]) == {
        "figure": "queries",
        "value": 4,
        "unit": "",
        "ratio_to_nginx": None,
        "rounds": 1,
    }
    assert json.loads(lines[0])["rounds"] == 3
    assert read(path) == figures


def test_the_run_before_is_put_aside(tmp_path):
    path = tmp_path / "bench.jsonl"
    for value in (1, 2, 3):
        write([Figure("x", value, "")], path)
    assert read(path) == [Figure("x", 3, "")]
    assert read(tmp_path / "bench.before.jsonl") == [Figure("x", 2, "")]


@pytest.mark.parametrize("line", ["{", '{"figure": "x"}', '{"colour": "red"}', "[1]"])
def test_a_file_that_is_no_run_is_refused_by_line(tmp_path, line):
    path = tmp_path / "old.jsonl"
    path.write_text(f"{Figure('x', 1, '').to_json()}\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        read(path)


def test_runs_are_compared_by_ratio_where_there_is_one():
    before = [
        Figure("site", 10_000, "requests/s", ratio_to_nginx=0.5),
        Figure("bare", 10_000, "requests/s", ratio_to_nginx=0.5),
        Figure("queries", 4, ""),
        Figure("time", 100, "ms"),
        Figure("failed", 0, "requests"),
        Figure("gone", 1, ""),
    ]
    now = [
        # On a machine twice as fast, and so is nginx.
        Figure("site", 20_000, "requests/s", ratio_to_nginx=0.5),
        Figure("bare", 10_000, "requests/s", ratio_to_nginx=0.25),
        Figure("queries", 5, ""),
        Figure("time", 109, "ms"),
        Figure("failed", 3, "requests"),
        Figure("more", 1, "s"),
    ]
    assert compared(before, now) == [
        "changed  bare: 0.5 → 0.25 × nginx (-50%)",
        "changed  queries: 4 → 5  (+25%)",
        "changed  failed: 0 → 3 requests",
        "new      more: 1 s",
        "missing  gone",
    ]
    assert compared(now, now) == []


def test_the_table_shows_every_figure_and_what_is_asked_of_it():
    figures = [
        Figure.of("site", [10.0, 20.0], "requests/s", beside=[20.0, 40.0]),
        Figure("queries", 4, ""),
    ]
    head, line, first, second = table(figures, [Bound("queries", at_most=4)]).splitlines()
    assert "× nginx" in head
    assert set(line) == {"-"}
    assert first.split() == ["site", "15", "requests/s", "0.500", "10", "…", "20"]
    assert second.split() == ["queries", "4", "≤", "4"]
