"""What points say: gauges as they are, what counters added, histograms as count and mean, by attributes."""

from __future__ import annotations

import math
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from finops_lib.usage.otlp_points import amounts, minute_counts, severity, spans_of
from tests.usage.otel import metrics, nanos, number, total
from tests.usage.samples import at


def rows(*found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
    """Read metrics of one resource: metric, minute, value, unit, sorted."""
    message = json_format.ParseDict(metrics(*found), ExportMetricsServiceRequest())
    read = amounts(("r", metric) for metric in message.resource_metrics[0].scope_metrics[0].metrics)
    return sorted(
        (row.metric, (row.time / 1000 - at(0).timestamp()) / 60, row.value, row.unit) for row in read
    )


def test_what_a_counter_added_is_the_difference_of_two_points() -> None:
    """Whatever their order; attributes are added up; the first point of each says nothing."""
    points = [
        number(m, v, way=way)
        for way, m, v in (("in", 10, 7), ("in", 5, 4), ("out", 5, 100), ("out", 10, 101))
    ]
    assert rows(total("net.io", "By", *points)) == [("net.io", 10, 4.0, "By")]


def test_a_counter_that_began_anew_counts_from_zero() -> None:
    """Told by its value that fell, or by its start that moved."""
    fell = total("a", "By", number(0, 9), number(5, 2), number(10, 3))
    moved = total("b", "By", number(0, 1), number(5, 8, start=4))
    assert [row[:3] for row in rows(fell, moved)] == [("a", 5, 2.0), ("a", 10, 1.0), ("b", 5, 8.0)]


def test_deltas_are_amounts_and_a_sum_that_may_fall_is_a_level() -> None:
    """The first point of a delta counts; a level is what it is, attributes added up."""
    delta = total("a", "{request}", number(5, 3), number(10, 4), temporality=1)
    level = total("b", "{item}", number(5, 3, queue="x"), number(5, 4, queue="y"), monotonic=False)
    assert [row[:3] for row in rows(delta, level)] == [("a", 5, 3.0), ("a", 10, 4.0), ("b", 5, 7.0)]


def test_a_delta_of_cpu_time_is_cores_over_its_own_time() -> None:
    """90 s in a minute are a core and a half; without a start nothing is known."""
    known, unknown = number(6, 90, start=5), {"timeUnixNano": nanos(7), "asDouble": 1}
    assert rows(total("process.cpu.time", "s", known, unknown, temporality=1)) == [("cpu", 6, 1.5, "cores")]


def test_a_gauge_keeps_its_attributes_in_its_name() -> None:
    """Idle and busy shares add up to nothing; values that are no number are left out."""
    points = [number(0, 0.2, state="busy"), number(0, 0.8, state="idle"), {"timeUnixNano": nanos(0)}]
    points += [{"timeUnixNano": nanos(1), "asDouble": "NaN"}]
    found = rows({"name": "system.cpu.utilization", "unit": "1", "gauge": {"dataPoints": points}})
    assert [row[0] for row in found] == ["cpu_share{state=busy}", "cpu_share{state=idle}"]


def histogram(minutes: float, count: int, value: float, **told: str) -> dict[str, Any]:
    """Write a point of a histogram."""
    point = number(minutes, 0, **told)
    del point["asDouble"]
    return {**point, "count": str(count), "sum": value}


@pytest.mark.parametrize("kind", ["histogram", "exponentialHistogram", "summary"])
def test_a_histogram_is_a_count_and_a_mean(kind: str) -> None:
    """Two that differ in attributes: 3 values of 6 s and 1 of 4 s are 4 with a mean of 2.5 s, not of 3 s."""
    points = [histogram(0, 10, 10.0, way="a"), histogram(5, 13, 16.0, way="a")]
    points += [histogram(0, 0, 0.0, way="b"), histogram(5, 1, 4.0, way="b")]
    data: dict[str, Any] = {"dataPoints": points}
    if kind != "summary":
        data["aggregationTemporality"] = 2
    found = rows({"name": "took", "unit": "s", kind: data})
    assert found == [("took.count", 5, 4.0, "count"), ("took.mean", 5, 2.5, "s")]


def test_a_histogram_of_nothing_has_no_mean() -> None:
    """Its count is zero."""
    data = {"dataPoints": [histogram(5, 0, 0.0)], "aggregationTemporality": 1}
    assert rows({"name": "took", "unit": "s", "histogram": data}) == [("took.count", 5, 0.0, "count")]


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (0, "unspecified"),
        (1, "trace"),
        (5, "debug"),
        (12, "info"),
        (13, "warn"),
        (20, "error"),
        (21, "fatal"),
        (25, "unspecified"),
    ],
)
def test_four_numbers_are_one_severity(number: int, word: str) -> None:
    """1 to 24 in six words."""
    assert severity(number) == word


def test_logs_are_counted_at_their_own_or_else_their_observed_minute() -> None:
    """One of each, in two minutes."""
    records = [
        LogRecord(time_unix_nano=int(nanos(1.9)), severity_number=9),  # type: ignore[arg-type]
        LogRecord(observed_time_unix_nano=int(nanos(2.1)), severity_number=9),  # type: ignore[arg-type]
    ]
    found = list(minute_counts(("r", record) for record in records))
    assert [(row.metric, row.time - round(at(0).timestamp() * 1000), row.value) for row in found] == [
        ("logs.info", 60_000, 1.0),
        ("logs.info", 120_000, 1.0),
    ]


def test_spans_have_a_mean_and_a_peak_of_those_that_took_time() -> None:
    """30 s and 6 s: mean 18; one that ends before it begins counts and has no duration."""
    ends = [(0, 0.5), (0.2, 0.3), (0.9, 0.1)]
    spans = [Span(start_time_unix_nano=int(nanos(a)), end_time_unix_nano=int(nanos(b))) for a, b in ends]
    found = {row.metric: row.value for row in spans_of(("r", span) for span in spans)}
    assert found.keys() == {"spans.count", "spans.errors", "spans.duration", "spans.duration_peak"}
    assert (found["spans.count"], found["spans.errors"]) == (3.0, 0.0)
    assert math.isclose(found["spans.duration"], 18.0)
    assert math.isclose(found["spans.duration_peak"], 30.0)
