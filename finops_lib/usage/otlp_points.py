"""Points of OpenTelemetry as rows: gauges, what sums and histograms added, logs and spans by minute."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

_MILLI, _MINUTE = 1_000_000, 60_000  # nanoseconds in a millisecond, milliseconds in a minute
_SECOND = 1e9
_CUMULATIVE = 2  # AggregationTemporality
_ERROR = 2  # StatusCode
_KINDS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")
_SEVERITIES = ("trace", "debug", "info", "warn", "error", "fatal")
_NAMED: Mapping[str, str] = MappingProxyType(
    {
        "container.cpu.usage": "cpu",
        "k8s.pod.cpu.usage": "cpu",
        "container.memory.usage": "memory",
        "container.memory.working_set": "memory",
        "k8s.pod.memory.working_set": "memory",
        "system.cpu.utilization": "cpu_share",
        "system.memory.utilization": "memory_share",
    }
)  # what has a name here; others keep theirs


class Row(NamedTuple):
    """One sample: resource, metric, milliseconds since 1970, value and unit."""

    resource: str
    metric: str
    time: int
    value: float
    unit: str


class Point(NamedTuple):
    """A point of a sum or of a histogram: when, since when, and its numbers."""

    time: int
    start: int
    values: tuple[float, ...]


class Series(NamedTuple):
    """What points belong to: resource, metric, unit, kind of data, whether it counts on, and attributes."""

    resource: str
    metric: str
    unit: str
    kind: str
    counting: bool
    attributes: str


def amounts(metrics: Iterable[tuple[str, Any]]) -> Iterator[Row]:
    """Which rows do these metrics make, which may come in pieces of several requests.

    Parameters
    ----------
    metrics : iterable of (str, Metric)
        Each with its resource.

    Yields
    ------
    Row
        Points of one moment that differ in attributes alone are added up if they are of a sum; those of a
        gauge keep their attributes in the metric's name, because their sum means nothing.
    """
    found: dict[Series, list[Point]] = defaultdict(list)
    for resource, metric in metrics:
        kind = metric.WhichOneof("data")
        if kind in _KINDS:
            _gather(found, resource, metric, kind)
    sums: dict[tuple[str, str, int, str], list[float]] = {}
    for series, points in found.items():
        for row, weight in _weighed(series, sorted(points)):
            cell = sums.setdefault((row.resource, row.metric, row.time, row.unit), [0.0, 0.0])
            cell[0] += row.value
            cell[1] += weight
    for (resource, name, time, unit), (value, weight) in sums.items():
        yield Row(resource, name, time, value / (weight or 1.0), unit)


def _gather(found: dict[Series, list[Point]], resource: str, metric: Any, kind: str) -> None:
    """Put the points of one metric where they belong; those that are no finite numbers are left out."""
    data = getattr(metric, kind)
    # A summary counts since its start and has no temporality; a sum that may fall is read like a gauge.
    counting = kind == "summary" or getattr(data, "aggregation_temporality", 0) == _CUMULATIVE
    kind = "level" if kind == "sum" and not data.is_monotonic else kind
    for point in data.data_points:
        values = (float(point.count), float(point.sum)) if hasattr(point, "count") else (_number(point),)
        if all(map(math.isfinite, values)):
            series = Series(resource, metric.name, metric.unit, kind, counting, _attributes(point))
            found[series].append(Point(point.time_unix_nano, point.start_time_unix_nano, values))


def _weighed(series: Series, points: list[Point]) -> Iterator[tuple[Row, float]]:
    """Make rows, and say of means by how many values they are to be divided; 0 says that they are sums."""
    resource, name, unit, kind, counting, attributes = series
    if kind in ("gauge", "level"):
        named = _NAMED.get(name, name) + (attributes if kind == "gauge" else "")
        for point in points:
            yield Row(resource, named, point.time // _MILLI, point.values[0], unit or "1"), 0.0
        return
    for point in _differences(points) if counting else points:
        time = point.time // _MILLI
        if kind == "sum":
            yield from ((row, 0.0) for row in _sum(series, point, time))
        else:
            count, total = point.values
            yield Row(resource, f"{name}.count", time, count, "count"), 0.0
            if count:
                yield Row(resource, f"{name}.mean", time, total, unit or "1"), count


def _sum(series: Series, point: Point, time: int) -> Iterator[Row]:
    """Say what was added; seconds of CPU in a time are cores."""
    taken = (point.time - point.start) / _SECOND
    if not (series.metric.endswith("cpu.time") and series.unit == "s"):
        unit = "count" if series.unit in ("", "1") else series.unit
        yield Row(series.resource, series.metric, time, point.values[0], unit)
    elif point.start and taken > 0:
        yield Row(series.resource, "cpu", time, point.values[0] / taken, "cores")


def _differences(points: list[Point]) -> Iterator[Point]:
    """Take a counter's points apart; one that began anew counts from zero, the first of all says nothing."""
    for before, now in pairwise(points):
        anew = now.start > before.time or now.values[0] < before.values[0]
        base = (0.0,) * len(now.values) if anew else before.values
        added = tuple(high - low for high, low in zip(now.values, base, strict=True))
        if now.time > before.time:
            yield Point(now.time, before.time, added)


def _number(point: Any) -> float:
    kind = point.WhichOneof("value")
    return float(getattr(point, kind)) if kind else math.nan


def _attributes(point: Any) -> str:
    told = sorted((item.key, _text(item.value)) for item in point.attributes)
    return "{" + ",".join(f"{key}={value}" for key, value in told) + "}" if told else ""


def _text(value: Any) -> str:
    kind = value.WhichOneof("value")
    return str(getattr(value, kind)) if kind else ""


def minute_counts(records: Iterable[tuple[str, Any]]) -> Iterator[Row]:
    """How many log records were there in each minute, by severity.

    Parameters
    ----------
    records : iterable of (str, LogRecord)
        Each with its resource.

    Yields
    ------
    Row
        Metrics ``logs.trace`` to ``logs.fatal``, and ``logs.unspecified``.
    """
    counts: dict[tuple[str, str, int], int] = defaultdict(int)
    for resource, record in records:
        moment = record.time_unix_nano or record.observed_time_unix_nano
        counts[resource, f"logs.{severity(record.severity_number)}", _minute(moment)] += 1
    for (resource, metric, time), count in counts.items():
        yield Row(resource, metric, time, float(count), "count")


def severity(number: int) -> str:
    """How bad is a log record of this number.

    Parameters
    ----------
    number : int
        1 to 24, four for each word.

    Returns
    -------
    str

    Source: https://opentelemetry.io/docs/specs/otel/logs/data-model/, field SeverityNumber.

    Examples
    --------
    >>> severity(4), severity(9), severity(24), severity(0)
    ('trace', 'info', 'fatal', 'unspecified')
    """
    place = (number - 1) // 4
    return _SEVERITIES[place] if 0 <= place < len(_SEVERITIES) else "unspecified"


def spans_of(spans: Iterable[tuple[str, Any]]) -> Iterator[Row]:
    """How many spans ended in each minute, how many with an error, and how long did they take.

    Parameters
    ----------
    spans : iterable of (str, Span)
        Each with its resource.

    Yields
    ------
    Row
        Metrics ``spans.count``, ``spans.errors``, ``spans.duration`` (mean, seconds) and
        ``spans.duration_peak``. A span that ends before it begins has no duration.
    """
    found: dict[tuple[str, int], list[tuple[bool, float]]] = defaultdict(list)
    for resource, span in spans:
        taken = (span.end_time_unix_nano - span.start_time_unix_nano) / _SECOND
        found[resource, _minute(span.end_time_unix_nano)].append((span.status.code == _ERROR, taken))
    for (resource, time), told in found.items():
        taken = [seconds for _, seconds in told if seconds >= 0]
        yield Row(resource, "spans.count", time, float(len(told)), "count")
        yield Row(resource, "spans.errors", time, float(sum(wrong for wrong, _ in told)), "count")
        if taken:
            yield Row(resource, "spans.duration", time, sum(taken) / len(taken), "s")
            yield Row(resource, "spans.duration_peak", time, max(taken), "s")


def _minute(nanoseconds: int) -> int:
    return nanoseconds // _MILLI // _MINUTE * _MINUTE
