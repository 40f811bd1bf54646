"""What the looks of a visitor say of the publications; times are made up, nothing is served."""

from benchmarks.mixed import Freshness, Look, Publication, publications_of

PUBLISHED = [Publication(1, 10.0), Publication(2, 11.0), Publication(3, 12.0, planned=True)]


def looks(*seen: tuple[float, int | None]) -> list[Look]:
    return [Look(asked, asked + 0.005, number) for asked, number in seen]


def test_a_visitor_who_sees_each_text_in_time():
    found = Freshness.of(
        looks((9.9, 0), (10.1, 0), (10.15, 1), (10.9, 1), (11.02, 2), (11.99, 2), (12.01, 3)),
        PUBLISHED,
    )
    assert (found.looks, found.failed, found.stale, found.early) == (7, 0, 0, 0)
    assert [round(value, 3) for value in found.visible] == [0.155, 0.025, 0.015]
    assert [round(value, 3) for value in found.settled] == [0.1, 0.0, 0.0]


def test_the_former_text_after_a_quarter_of_a_second_is_stale():
    found = Freshness.of(looks((10.24, 0), (10.26, 0), (10.3, 1), (11.3, 1), (11.4, 2)), PUBLISHED)
    assert found.stale == 2
    assert [round(value, 3) for value in found.settled] == [0.26, 0.3]


def test_the_former_text_again_after_the_new_one_counts():
    """One worker has seen the publication, another one has not."""
    found = Freshness.of(looks((10.05, 1), (10.1, 0), (10.4, 0), (10.5, 1)), PUBLISHED[:1])
    assert found.stale == 1
    assert [round(value, 3) for value in found.visible] == [0.055]
    assert [round(value, 3) for value in found.settled] == [0.4]


def test_a_text_two_publications_old_is_stale_since_the_first_of_them():
    found = Freshness.of(looks((11.1, 0), (11.2, 2)), PUBLISHED[:2])
    assert found.stale == 1


def test_a_planned_text_before_its_moment_is_early():
    found = Freshness.of(looks((11.99, 3), (11.996, 3), (12.1, 3)), PUBLISHED)
    # The second was asked for before and answered after it.
    assert found.early == 1


def test_a_text_seen_before_the_verb_returns_is_not_early():
    found = Freshness.of(looks((9.98, 1)), PUBLISHED[:1])
    assert (found.early, found.visible) == (0, [0.0])


def test_an_answer_that_did_not_come_is_a_failure_and_no_publication_seen():
    found = Freshness.of(looks((10.5, None)), PUBLISHED)
    assert (found.failed, found.visible) == (1, [])


def test_publications_are_read_from_what_the_editor_tells():
    lines = [
        '{"ready": true}\n',
        '{"number": 7, "seconds": 0.03, "live_from": 5.5, "planned": false}\n',
    ]
    assert publications_of(lines) == [Publication(7, 5.5)]
