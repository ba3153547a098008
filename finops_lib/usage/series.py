"""What was used, when, by which resource: one long table of samples, checked, in one unit a metric.

A row is one resource's use in one step: ``resource`` (an id that bills or clusters know), ``metric``,
``time`` (start of the step, UTC), ``value`` and ``unit``. A step of which nothing is known has no row: a gap
is never a zero. Each sample of a series (a resource and a metric) comes once.

Cost: 18 bytes a sample (codes of 4, 1 and 1, time 8, value 4), so that 10,000 resources with 14 days of steps
of 5 minutes, 40 million samples of one metric, take 0.73 GB, and twice that more while they are checked.
Values are float32: seven digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.errors import UsageError
from finops_lib.usage.units import (
    BYTES,
    BYTES_PER_SECOND,
    CORES,
    COUNT,
    GPUS,
    RATIO,
    Unit,
    same_kind,
    unit_of,
)

TIME = pa.timestamp("ms", tz="UTC")
SCHEMA = pa.schema(
    [
        ("resource", pa.dictionary(pa.int32(), pa.string())),
        ("metric", pa.dictionary(pa.int8(), pa.string())),
        ("time", TIME),
        ("value", pa.float32()),
        ("unit", pa.dictionary(pa.int8(), pa.string())),
    ]
)
MEAN, HIGHEST, SUM = "mean", "max", "sum"
_MOST_METRICS, _LONGEST_NAME = 127, 1000
_BLOCK = 1_000_000  # rows looked at together


class Metric(NamedTuple):
    """In which unit a metric is kept, and what several samples of it in one step make: mean, max or sum."""

    unit: str
    joined: str = MEAN


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "cpu": Metric(CORES),
        "cpu_peak": Metric(CORES, HIGHEST),  # the busiest of a workload's pods
        "cpu_share": Metric(RATIO),  # of what the machine has
        "cpu_request": Metric(CORES, HIGHEST),
        "cpu_limit": Metric(CORES, HIGHEST),
        "cpu_throttled": Metric(RATIO),
        "memory": Metric(BYTES, HIGHEST),
        "memory_peak": Metric(BYTES, HIGHEST),
        "memory_share": Metric(RATIO, HIGHEST),
        "memory_request": Metric(BYTES, HIGHEST),
        "memory_limit": Metric(BYTES, HIGHEST),
        "space": Metric(BYTES, HIGHEST),
        "network": Metric(BYTES_PER_SECOND),
        "disk": Metric(BYTES_PER_SECOND),
        "gpu": Metric(GPUS),  # busy: duty cycle times how many
        "gpu_allocated": Metric(GPUS, HIGHEST),
        "replicas": Metric(COUNT, HIGHEST),
        "autoscaled": Metric(COUNT, HIGHEST),  # the most pods an autoscaler may make
        "oom_kills": Metric(COUNT, SUM),
        "restarts": Metric(COUNT, SUM),
    }
)
"""Metrics that have a meaning here; others are kept too, in whatever unit they come, joined by their mean."""


def series(rows: pa.Table) -> pa.Table:
    """Which long table do these rows make, in one unit a metric, sorted, each sample once.

    Parameters
    ----------
    rows : pyarrow.Table
        ``resource``, ``metric`` and ``unit`` as text or dictionary, ``time`` as a timestamp with a zone, and
        ``value`` as a number. A null value, or one that is no finite number, is a gap and gets no row.

    Returns
    -------
    pyarrow.Table
        With ``SCHEMA``, by metric, resource and time.

    Raises
    ------
    UsageError
        A column is missing or of another type; a resource, metric, time or unit is empty; a metric comes in
        units of two kinds, or in another than it has here; two samples say different things of one step.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    >>> rows = {"resource": ["i-1"], "metric": ["cpu"], "time": [noon]}
    >>> found = series(pa.table({**rows, "value": [250.0], "unit": ["millicores"]}))
    >>> found.select(["value", "unit"]).to_pylist()
    [{'value': 0.25, 'unit': 'cores'}]
    """
    columns = _columns(rows)
    value = columns["value"]
    known = pc.and_kleene(pc.is_valid(value), pc.is_finite(value))
    if not pc.all(known, min_count=0).as_py():
        columns = {name: column.filter(known) for name, column in columns.items()}
    table = _converted(columns, _codes(columns))
    return table if _in_order(table) else once(table.take(pa.array(_order(table))))


def _columns(rows: pa.Table) -> dict[str, Any]:
    """Take the five columns as they have to be, or say what is wrong with one."""
    missing = [name for name in SCHEMA.names if name not in rows.column_names]
    if missing:
        raise UsageError(
            f"columns {', '.join(missing)}", f"a table of usage has {', '.join(SCHEMA.names)}", "add them"
        )
    found = {name: _combined(rows.column(name)) for name in SCHEMA.names}
    for name in ("resource", "metric", "unit"):
        found[name] = _text(found[name], name)
    found["time"] = _time(found["time"])
    found["value"] = _number(found["value"])
    return found


def _combined(column: pa.ChunkedArray) -> pa.Array:
    unified = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column
    return unified.combine_chunks() if not isinstance(unified, pa.Array) else unified


def _text(column: pa.Array, name: str) -> pa.DictionaryArray:
    if not pa.types.is_dictionary(column.type):
        try:
            column = column.cast(pa.string()).dictionary_encode()
        except pa.ArrowInvalid as error:
            raise UsageError(f"column {name}", "it is text", "write it as text") from error
    words = column.dictionary.cast(pa.string())
    longest = pc.max(pc.utf8_length(words)).as_py() or 0
    empty = column.null_count or pc.any(pc.equal(pc.utf8_trim_whitespace(words), "")).as_py()
    if empty or longest > _LONGEST_NAME:
        raise UsageError(
            f"column {name}", f"each row has one of 1 to {_LONGEST_NAME} characters", "leave out rows without"
        )
    return pa.DictionaryArray.from_arrays(column.indices.cast(pa.int32()), words)


def _time(column: pa.Array) -> pa.Array:
    if not pa.types.is_timestamp(column.type) or column.type.tz is None or column.null_count:
        raise UsageError(
            f"column time of type {column.type}",
            "each row has a moment with a time zone",
            "write times in UTC",
        )
    return column.cast(TIME, safe=False)


def _number(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_floating(kind):
        return column
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind):
        return column.cast(pa.float64(), safe=False)
    raise UsageError(f"column value of type {kind}", "it holds numbers", "write numbers")


def _codes(columns: Mapping[str, Any]) -> np.ndarray:
    """Number the pairs of metric and unit of each row."""
    metric, unit = columns["metric"], columns["unit"]
    width = max(len(unit.dictionary), 1)
    kind = np.min_scalar_type(max(len(metric.dictionary) * width, 1))
    found: np.ndarray = metric.indices.to_numpy().astype(kind) * kind.type(width)
    found += unit.indices.to_numpy().astype(kind)
    return found


def _converted(columns: Mapping[str, Any], codes: np.ndarray) -> pa.Table:
    """Bring every value into the unit of its metric."""
    metrics, units = (columns[name].dictionary.to_pylist() for name in ("metric", "unit"))
    width, spelled = max(len(units), 1), dict[str, dict[str, Unit]]()
    factors = np.ones(len(metrics) * width)
    for pair in _distinct(codes, len(factors)):
        metric, unit = metrics[pair // width], units[pair % width]
        spelled.setdefault(metric, {})[unit] = unit_of(unit)
        factors[pair] = spelled[metric][unit].factor
    kinds = {metric: _kind(metric, found) for metric, found in spelled.items()}
    values = columns["value"].to_numpy(zero_copy_only=False)
    if np.any(factors != 1):
        values = values * factors[codes]
    return _assembled(columns, values.astype(np.float32, copy=False), metrics=metrics, kinds=kinds)


def _distinct(codes: np.ndarray, count: int) -> list[int]:
    found: list[int] = np.flatnonzero(np.bincount(codes, minlength=count)).tolist()
    return found


def _kind(metric: str, units: Mapping[str, Unit]) -> str:
    kind = same_kind(metric, units)
    if metric in METRICS and METRICS[metric].unit != kind:
        raise UsageError(
            f"metric {metric!r} in {', '.join(map(repr, sorted(units)))}",
            f"here it is kept in {METRICS[metric].unit}, and {kind} cannot be made into it",
            "correct the unit, or give it another name",
        )
    return kind


def _assembled(
    columns: Mapping[str, Any], values: np.ndarray, *, metrics: Sequence[str], kinds: Mapping[str, str]
) -> pa.Table:
    """Put the columns together, with dictionaries that are sorted and hold no more than is there."""
    metric = _compact(columns["metric"])
    if len(metric.dictionary) > _MOST_METRICS:
        raise UsageError(
            f"{len(metric.dictionary):,} metrics",
            f"a table has at most {_MOST_METRICS}",
            "choose the ones you need",
        )
    names = sorted(set(kinds.values()))
    of_metric = np.array([names.index(kinds[name]) for name in metric.dictionary.to_pylist()], dtype=np.int8)
    codes = metric.indices.to_numpy().astype(np.int8)
    unit = pa.DictionaryArray.from_arrays(
        pa.array(of_metric[codes] if len(of_metric) else codes), pa.array(names, pa.string())
    )
    small = pa.DictionaryArray.from_arrays(pa.array(codes), metric.dictionary)
    arrays = [_compact(columns["resource"]), small, columns["time"], pa.array(values), unit]
    return pa.table(arrays, schema=SCHEMA)


def _compact(column: pa.DictionaryArray) -> pa.DictionaryArray:
    """Sort the words and drop those that no row has."""
    codes = column.indices.to_numpy()
    used = np.array(_distinct(codes, len(column.dictionary)), dtype=np.int64)
    words = column.dictionary.take(pa.array(used))
    order = pc.sort_indices(words).to_numpy()
    place = np.zeros(len(column.dictionary), dtype=np.int32)
    place[used[order]] = np.arange(len(used), dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(place[codes]), words.take(pa.array(order)))


def _keys(table: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Number each row's series, in the order of metric and resource, and its millisecond."""
    metric, resource = (_combined(table.column(name)) for name in ("metric", "resource"))
    series = metric.indices.to_numpy().astype(np.int64) * max(len(resource.dictionary), 1)
    series += resource.indices.to_numpy()
    return series, _combined(table.column("time")).cast(pa.int64()).to_numpy()


def _in_order(table: pa.Table) -> bool:
    """Say whether the rows are sorted and each is there once, in blocks: most sources come so already."""
    for begin in range(0, table.num_rows, _BLOCK):
        series, times = _keys(table.slice(begin, _BLOCK + 1))
        step = np.diff(series)
        if not np.all((step > 0) | ((step == 0) & (np.diff(times) > 0))):
            return False
    return True


def _order(table: pa.Table) -> np.ndarray:
    series, times = _keys(table)
    return np.lexsort((times, series))


def once(table: pa.Table) -> pa.Table:
    """Which table has each sample once, where some are told twice in the same words.

    Parameters
    ----------
    table : pyarrow.Table
        With ``SCHEMA``, sorted.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    UsageError
        A resource has two values of a metric at one time: which one is right is not guessed.
    """
    series, times = _keys(table)
    same = (np.diff(series) == 0) & (np.diff(times) == 0)
    if not same.any():
        return table
    values = _combined(table.column("value")).to_numpy()
    other = np.flatnonzero(same & (np.diff(values) != 0))
    if len(other):
        row = sorted(table.slice(int(other[0]), 2).to_pylist(), key=lambda item: float(item["value"]))
        raise UsageError(
            f"{row[0]['metric']} of {row[0]['resource'][:200]!r} at {row[0]['time']:%Y-%m-%dT%H:%M:%SZ}: "
            f"{row[0]['value']:g} and {row[1]['value']:g}",
            "a resource has one value of a metric at one time",
            "give each of the two a resource of its own, or bring one in",
        )
    return table.filter(pa.array(np.concatenate([[True], ~same])))
