"""What was used, from answers of Prometheus to range queries that were saved as JSON files.

A series is known by the name of its metric, as exporters write it. Where a query has taken the name off, the
file is called after what it holds: ``cpu.json`` has CPU in cores. Counters are made into rates and events.
Series of owners (``kube_pod_owner`` and the like) in the file say which workload a pod belongs to.

Cost: the file is held in memory once as text and once as numbers.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/, range queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import orjson

from finops_lib.errors import PrometheusError, UsageError
from finops_lib.usage.otlp import Found
from finops_lib.usage.prometheus.answers import Grid, Labels, Matrix, data_of, matrix
from finops_lib.usage.prometheus.owners import TEMPLATE, Owners
from finops_lib.usage.prometheus.pods import increments, joined
from finops_lib.usage.prometheus.queries import QUERIES, Query
from finops_lib.usage.series import METRICS
from finops_lib.usage.windows import Windows, samples

_NAME = "__name__"
_RATE = "container_cpu_usage_seconds_total"
_METRICS: Mapping[str, str] = MappingProxyType(
    {
        _RATE: "cpu",
        "container_memory_working_set_bytes": "memory",
        "container_oom_events_total": "oom_kills",
        "kube_pod_container_status_restarts_total": "restarts",
        "DCGM_FI_DEV_GPU_UTIL": "gpu",
    }
)
_SPECS: Mapping[str, str] = MappingProxyType(
    {"kube_pod_container_resource_requests": "request", "kube_pod_container_resource_limits": "limit"}
)
_OWNERS: Mapping[str, str] = MappingProxyType(
    {"kube_pod_owner": "pods", "kube_replicaset_owner": "replicasets", "kube_job_owner": "jobs"}
)
_QUERIES: Mapping[str, Query] = MappingProxyType({query.metrics[0][0]: query for query in QUERIES})
_MOST_POINTS = 1_000_000  # moments of a file


def is_answer(first: bytes) -> bool:
    """Whether the first bytes of a file say that it is an answer of Prometheus.

    Parameters
    ----------
    first : bytes
        Of the file.

    Examples
    --------
    >>> is_answer(b'{"status":"success","data":{"resultType":"matrix"'), is_answer(b'{"resourceMetrics":[]}')
    (True, False)
    """
    return first.lstrip()[:1] == b"{" and b'"resultType"' in first


def read_answer(path: Path, *, template: str = TEMPLATE, cluster: str = "cluster") -> Found:
    """What was used, after this saved answer.

    Parameters
    ----------
    path : Path
        JSON, as ``/api/v1/query_range`` gives it.
    template, cluster : str
        How ids of resources are made, see `finops_lib.usage.prometheus.owners`.

    Returns
    -------
    Found

    Raises
    ------
    UsageError
        It is no such answer, or its moments are on no common grid.
    """
    try:
        data = data_of(orjson.loads(path.read_bytes()), name=path.name)
        grid = _grid(data)
        held = matrix(data, grid=grid, name=path.name)
    except (PrometheusError, OSError, ValueError, KeyError, TypeError, IndexError) as error:
        told = error.value if isinstance(error, PrometheusError) else str(error) or type(error).__name__
        raise UsageError(
            f"file {path.name}: {told}",
            "it holds the answer of Prometheus to a range query, as it came",
            "save it again with curl, from /api/v1/query_range",
        ) from error
    owners = Owners(template, cluster)
    names = [labels.get(_NAME, "") for labels in held.labels]
    owners.learn(**{part: _of(held.labels, names, name) for name, part in _OWNERS.items()})
    metrics = [_metric(labels, path.stem) for labels in held.labels]
    windows: list[Windows] = []
    for metric, raw in sorted({(metric, bool(name)) for metric, name in zip(metrics, names, strict=True)}):
        rows = [row for row in range(len(names)) if metrics[row] == metric and bool(names[row]) == raw]
        part = Matrix([held.labels[row] for row in rows], held.values[rows])
        windows += _windows(metric, part, grid, owners, raw=raw) if metric else ()
    return Found(samples(windows), tuple(_notes(names, metrics, owners)))


def _of(labels: Sequence[Labels], names: Sequence[str], wanted: str) -> list[Labels]:
    return [one for one, name in zip(labels, names, strict=True) if name == wanted]


def _grid(data: Mapping[str, Any]) -> Grid:
    """Find the moments that all samples are at: from the first on, as far apart as the nearest two."""
    times = np.unique([float(item[0]) for one in data["result"] for item in one["values"]])
    if len(times) < 2:  # noqa: PLR2004 - a step lies between two
        raise ValueError("fewer than two moments: how long a step is cannot be told")
    step = round(float(np.diff(times).min()))
    if step < 1 or (times[-1] - times[0]) / step >= _MOST_POINTS:
        raise ValueError(f"steps of {np.diff(times).min():g} seconds: a second at least, a million of them")
    return Grid(round(times[0]), step, round((times[-1] - times[0]) / step) + 1)


def _metric(labels: Labels, stem: str) -> str:
    """Which metric is it; empty where that is not known, or it is said of owners."""
    name = labels.get(_NAME, "")
    if name in _SPECS and labels.get("resource") in {"cpu", "memory"}:
        return f"{labels['resource']}_{_SPECS[name]}"
    if name:
        return _METRICS.get(name, "")
    return stem if stem in _QUERIES else ""


def _windows(metric: str, part: Matrix, grid: Grid, owners: Owners, *, raw: bool) -> Iterable[Windows]:
    """Join the pods of each workload; what is ``raw`` comes as the exporter writes it, not from a query."""
    query = _QUERIES[metric]
    values = _amounts(query, part.values, grid) if raw else part.values
    names = [owners.resource(labels, whole_pod=query.whole_pod) for labels in part.labels]
    kept = [row for row, name in enumerate(names) if name]
    resources = tuple(sorted({names[row] for row in kept}))
    place = {name: number for number, name in enumerate(resources)}
    rows = np.array([place[names[row]] for row in kept], dtype=np.int64)
    # A moment ends its step; a counter has no amount at the first one.
    start = datetime.fromtimestamp(grid.last - grid.step * values.shape[1], UTC)
    for name, how in query.metrics:
        cells = joined(values[kept], rows, how, count=len(resources))
        if query.counter:
            cells[cells == 0] = np.nan
        yield Windows(name, METRICS[name].unit, resources, start, grid.step, cells.astype(np.float32))


def _amounts(query: Query, values: np.ndarray, grid: Grid) -> np.ndarray:
    """Make events or cores of a counter; anything else is brought into its unit."""
    if query.counter:
        return increments(values)
    if query.metrics[0][0] != _METRICS[_RATE]:
        return values * query.factor
    rates: np.ndarray = np.where(np.isfinite(values[:, :-1]), increments(values) / grid.step, np.nan)
    return rates


def _notes(names: Sequence[str], metrics: Sequence[str], owners: Owners) -> list[str]:
    """Say which series were left out, and which pods stand for themselves."""
    strange = [name or "without a name" for name, metric in zip(names, metrics, strict=True)
               if not metric and name not in _OWNERS]  # fmt: skip
    found = []
    if strange:
        shown = ", ".join(sorted(set(strange))[:3])
        known = ", ".join(sorted(_QUERIES))
        found.append(
            f"{len(strange):,} series left out: {shown}; where a query takes the name off, "
            f"call the file after what it holds: {known}"
        )
    if owners.unowned:
        found.append(f"the owner of {len(owners.unowned):,} pods is not known: each stands for itself")
    return found
