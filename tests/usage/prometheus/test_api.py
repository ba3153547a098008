"""Asking in chunks and with patience, and what a server that fails makes of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest

from finops_lib.errors import PrometheusError
from finops_lib.usage.prometheus.access import server
from finops_lib.usage.prometheus.answers import Grid
from finops_lib.usage.prometheus.api import MOST_POINTS, Prometheus
from tests.run.listening import Web, web_service

RANGE = "/api/v1/query_range"
GRID = Grid(60_000, 60, 100)


def answer(**more: object) -> str:
    """Make an answer without a series."""
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": []}, **more})


def refusal(kind: str, text: str) -> str:
    """Make an answer that is an error."""
    return json.dumps({"status": "error", "errorType": kind, "error": text})


@pytest.fixture
def web() -> Iterator[Web]:
    """Listen, and answer range queries with nothing."""
    with web_service() as found:
        found.bodies[RANGE] = (200, answer())
        yield found


def prometheus(web: Web, *, timeout: float = 5.0, token: str = "") -> tuple[Prometheus, list[float]]:
    """Make a client whose sleep only counts."""
    slept: list[float] = []
    environ = {"FINOPS_PROMETHEUS_TOKEN": token} if token else {}
    found = server(web.url, environ=environ, timeout_seconds=timeout)
    return Prometheus(found, waits=(1.0, 4.0), sleep=slept.append), slept


def asked(web: Web) -> list[tuple[int, int, int]]:
    """Say which spans were asked for: start, end, step."""
    found = [parse_qs(urlsplit(call.path).query) for call in web.calls]
    return [(int(one["start"][0]), int(one["end"][0]), int(one["step"][0])) for one in found]


def test_a_long_range_is_asked_in_chunks_that_neither_overlap_nor_leave_out(web: Web) -> None:
    """25,000 moments are three chunks, none over 11,000 points, one a step after another."""
    prometheus(web)[0].range("up", Grid(0, 60, 25_000))
    spans = asked(web)
    assert [(end - start) // 60 + 1 for start, end, _ in spans] == [MOST_POINTS, MOST_POINTS, 3_000]
    assert [after[0] - before[1] for before, after in pairwise(spans)] == [60, 60]
    assert (spans[0][0], spans[-1][1]) == (0, 60 * 24_999)


def test_many_series_make_chunks_shorter(web: Web) -> None:
    """Of 100,000 series an answer has 40 moments."""
    prometheus(web)[0].range("up", GRID, series=100_000)
    assert [(end - start) // 60 + 1 for start, end, _ in asked(web)] == [40, 40, 20]


def test_what_passes_by_is_waited_for(web: Web) -> None:
    """Two failures, then an answer: asked three times, after a second and after four."""
    web.statuses = [503, 500, 200]
    there, slept = prometheus(web)
    assert there.range("up", GRID).labels == []
    assert (slept, len(web.calls)) == ([1.0, 4.0], 3)


def test_a_server_that_keeps_failing_is_named_with_span_and_words(web: Web) -> None:
    """One chunk of a range fails for good: which one, with what status, and what the server says of it."""
    web.bodies[RANGE] = (500, refusal("internal", "block 01X is corrupted"))
    there, slept = prometheus(web)
    with pytest.raises(PrometheusError) as found:
        there.range("up", GRID)
    assert found.value.value == (
        f"Prometheus 127.0.0.1:{web.port}: status 500 (internal: block 01X is corrupted), "
        "1970-01-01T16:40:00Z to 1970-01-01T18:19:00Z"
    )
    assert (slept, found.value.status) == ([1.0, 4.0], 500)


def test_too_many_samples_are_asked_for_in_halves_to_an_end(web: Web) -> None:
    """100 moments, then 50, then 25, which are not halved any more: three calls and no waiting."""
    web.bodies[RANGE] = (
        422,
        refusal("execution", "query processing would load too many samples into memory"),
    )
    there, slept = prometheus(web)
    with pytest.raises(PrometheusError, match="too many samples into memory"):
        there.range("up", GRID)
    assert [(end - start) // 60 + 1 for start, end, _ in asked(web)] == [100, 50, 25]
    assert slept == []


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_not_let_in_is_told_how(web: Web, status: int) -> None:
    """The remedy names the variables; a server that repeats the token does not get it shown."""
    web.bodies[RANGE] = (status, refusal("unauthorized", "bad token s3cret in 'Bearer s3cret'"))
    there, slept = prometheus(web, token="s3cret")  # noqa: S106  made for this test
    with pytest.raises(PrometheusError, match=rf"status {status} \(unauthorized: bad token ·") as found:
        there.range("up", GRID)
    assert "set FINOPS_PROMETHEUS_TOKEN, or FINOPS_PROMETHEUS_USER" in found.value.remedy
    assert "s3cret" not in str(found.value) + found.value.said
    assert slept == []


def test_a_slow_server_is_given_up(web: Web) -> None:
    """After its seconds, three times over."""
    web.pause = threading.Event()
    there, slept = prometheus(web, timeout=0.1)
    with pytest.raises(PrometheusError, match=r"it answers within 0\.1 seconds"):
        there.range("up", GRID)
    web.pause.set()
    assert slept == [1.0, 4.0]


def test_nobody_there_is_said() -> None:
    """The port was free a moment ago."""
    with web_service() as gone:
        url = gone.url
    there = Prometheus(server(url, environ={}), waits=(), sleep=lambda _: None)
    with pytest.raises(
        PrometheusError, match=r"ConnectionRefusedError.*check that it runs and can be reached"
    ):
        there.labels("kube_pod_info", 0, 1)


def test_warnings_are_kept(web: Web) -> None:
    """A store that is away makes an answer of a part: what the server says of it is not lost."""
    web.bodies[RANGE] = (200, answer(warnings=["store s3 is\nunavailable"]))
    there, _ = prometheus(web)
    there.range("up", GRID)
    assert there.warnings == {"store s3 is unavailable"}


def test_one_moment_and_labels(web: Web) -> None:
    """A vector is a range of one moment; labels are asked for a span."""
    data = {"resultType": "matrix", "result": [{"metric": {"pod": "a"}, "values": [[120, "7"]]}]}
    web.bodies[RANGE] = (200, answer(data=data))
    web.bodies["/api/v1/series"] = (200, answer(data=[{"__name__": "m", "pod": "a"}]))
    there, _ = prometheus(web)
    assert there.at("up", 120) == [({"pod": "a"}, 7.0)]
    assert there.labels("m", 0, 60) == [{"__name__": "m", "pod": "a"}]
    web.bodies["/api/v1/series"] = (200, answer(data={}))
    with pytest.raises(PrometheusError, match="its answer: a Prometheus answers by its HTTP API"):
        there.labels("m", 0, 60)


def test_an_answer_that_is_a_page_is_refused(web: Web) -> None:
    """A login page with status 200 is no Prometheus."""
    web.bodies[RANGE] = (200, "<html>log in</html>")
    with pytest.raises(PrometheusError, match="check that the address is that of a Prometheus"):
        prometheus(web)[0].range("up", GRID)
