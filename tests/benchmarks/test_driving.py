"""What wrk says, and whether it says what is to be compared; wrk is not run here."""

import pytest

from benchmarks.driving import Answer, Driven, arguments, percentile
from benchmarks.warm import Scenario, Target, differs, too_little

SAID = """Running 2s test @ http://127.0.0.1:9101/en/news/
  2 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.41ms    2.83ms  53.97ms   90.88%
    Req/Sec    14.77k     4.83k   22.22k    50.00%
  Latency Distribution
     50%  950.00us
     75%    2.43ms
     90%    4.95ms
     99%   13.72ms
  29475 requests in 2.01s, 238.14MB read
Requests/sec:  14646.83
Transfer/sec:    118.34MB
"""
ERRORS = """  Socket errors: connect 1, read 20, write 300, timeout 4000
  Non-2xx or 3xx responses: 50000
"""


def test_what_wrk_counts_is_read():
    driven = Driven.parse(SAID)
    assert (driven.requests, driven.seconds, driven.failed) == (29_475, 2.01, 0)
    assert driven.rate == pytest.approx(14_664, rel=1e-3)
    assert driven.p50 == pytest.approx(0.00095)
    assert driven.p99 == pytest.approx(0.01372)
    assert driven.bytes_each == pytest.approx(8_472, rel=1e-3)


def test_every_kind_of_failure_counts():
    assert Driven.parse(SAID.replace("Requests/sec", ERRORS + "Requests/sec")).failed == 54_321


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("13.72ms", 0.01372), ("950.00us", 0.00095), ("1.20s", 1.2), ("2.00m", 120.0)],
)
def test_latencies_have_four_units(written, seconds):
    assert percentile(SAID.replace("13.72ms", written), 99) == pytest.approx(seconds)


def test_a_percentile_that_is_not_there_is_not_made_up():
    with pytest.raises(ValueError, match="99th percentile"):
        percentile(SAID.replace("99%", "98%"), 99)


@pytest.mark.parametrize("said", ["", "unable to connect to 127.0.0.1:1 Connection refused\n"])
def test_what_is_no_measurement_is_refused(said):
    with pytest.raises(ValueError, match="nothing of requests"):
        Driven.parse(said)


def test_wrk_is_asked_for_latencies_with_every_header():
    asked = arguments("http://127.0.0.1/", 3, {"Accept-Encoding": "br", "If-None-Match": '"a"'})
    assert asked[0] == "wrk"
    assert "--latency" in asked
    assert "-d3s" in asked
    assert [asked[at + 1] for at, part in enumerate(asked) if part == "-H"] == [
        "Accept-Encoding: br",
        'If-None-Match: "a"',
    ]


PAGE = Answer(200, {"content-encoding": "br", "etag": '"a"', "date": "now"}, b"x" * 8_000)


def test_another_status_body_or_header_is_not_the_same():
    assert (
        differs(Answer(200, PAGE.headers | {"etag": '"b"', "server": "n"}, PAGE.body), PAGE) == ""
    )
    assert "status 500" in differs(Answer(500, PAGE.headers, PAGE.body), PAGE)
    assert "7999 bytes" in differs(Answer(200, PAGE.headers, PAGE.body[1:]), PAGE)
    without = Answer(200, {"etag": '"a"'}, PAGE.body)
    assert "content-encoding" in differs(without, PAGE)
    assert "content-encoding" in differs(without, PAGE, more=True)
    more = Answer(200, PAGE.headers | {"x-more": "1"}, PAGE.body)
    assert "x-more" in differs(more, PAGE)
    assert differs(more, PAGE, more=True) == ""


def test_a_content_policy_may_name_its_directives_in_any_order():
    def with_policy(policy: str) -> Answer:
        return Answer(200, {"content-security-policy": policy}, b"")

    policy = with_policy("default-src 'none'; img-src 'self'")
    assert differs(with_policy("img-src 'self'; default-src 'none'"), policy) == ""
    assert "content-security-policy" in differs(with_policy("img-src 'self'"), policy)


def driven(**changes) -> Driven:
    values = {"requests": 1_000, "seconds": 1.0, "read": 8_500_000, "p50": 0.001, "p99": 0.002}
    return Driven(**values | {"failed": 0} | changes)


def test_who_gives_less_than_the_page_is_noticed():
    assert too_little(driven(), PAGE) == ""
    assert "300 bytes" in too_little(driven(read=300_000), PAGE)
    assert "41000 bytes" in too_little(driven(read=41_000_000), PAGE)
    assert too_little(driven(requests=0, read=0), PAGE)


def test_a_scenario_is_told_beside_nginx_and_beside_the_bare_answer():
    target = Target("nginx", 1, "/", {})
    scenario = Scenario("article, br", PAGE, [target])
    scenario.found = {
        "nginx": [driven(requests=100), driven(requests=200)],
        "bare": [driven(requests=60), driven(requests=100)],
        "site": [driven(requests=50, failed=2), driven(requests=90)],
    }
    told = {figure.figure: figure for figure in scenario.figures()}
    assert told["article, br: nginx"].ratio_to_nginx == 1.0
    assert told["article, br: site"].ratio_to_nginx == pytest.approx(0.475)
    assert told["article, br: site to bare"].value == pytest.approx((50 / 60 + 0.9) / 2, rel=1e-3)
    assert told["article, br: site, p99"].value == 2.0
    assert told["article, br: failed requests"].value == 2
