"""What did every workload use in a span: all queries, pods made into workloads, and what is missing said.

The span is asked for in slabs of whole steps, so that one table of a slab fits into memory however many pods
there are. A step's value is of the time from its start to its end; a rate looks further back where the step
is shorter than four samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from finops_lib.errors import PrometheusError
from finops_lib.usage.prometheus.answers import Grid, Matrix
from finops_lib.usage.prometheus.api import Prometheus
from finops_lib.usage.prometheus.owners import TEMPLATE, Owners, label
from finops_lib.usage.prometheus.pods import increments, joined
from finops_lib.usage.prometheus.queries import (
    QUERIES,
    SAMPLES_AN_HOUR,
    Query,
    rate_window,
    scrape_seconds,
)
from finops_lib.usage.series import METRICS
from finops_lib.usage.windows import Windows, samples

_MOST_ROWS = 20_000_000  # of a slab's table
_HOUR = 3600
_FEWEST = 0.9  # share of the pods that are seen
_SHOWN = 10
_AT_ONCE = 2


@dataclass(frozen=True)
class Asked:
    """What to pull: the span (whole steps), the step, the metrics (none are all), and how ids are made.

    ``scrape_seconds`` is the time between two samples of a counter, found from the data where it is not
    given. ``partial`` keeps what came where a part is missing.
    """

    start: datetime
    end: datetime
    step_seconds: int = 300
    metrics: tuple[str, ...] = ()
    template: str = TEMPLATE
    cluster: str = "cluster"
    scrape_seconds: int | None = None
    partial: bool = False

    @property
    def grid(self) -> Grid:
        """At which moments are queries evaluated: the ends of the steps."""
        first, last = (round(moment.timestamp()) for moment in (self.start, self.end))
        return Grid(first + self.step_seconds, self.step_seconds, (last - first) // self.step_seconds)

    @property
    def queries(self) -> tuple[Query, ...]:
        """Which queries make the metrics that are asked for."""
        wanted = set(self.metrics or METRICS)
        return tuple(query for query in QUERIES if wanted & {name for name, _ in query.metrics})


@dataclass
class Pulled:
    """What a pull found: seconds between samples and of the rate window, pods, and notes on what is amiss."""

    server: str
    scrape_seconds: int = 0
    window_seconds: int = 0
    pods: set[tuple[str, str, str]] = field(default_factory=set)
    seen: set[tuple[str, str, str]] = field(default_factory=set)
    resources: set[str] = field(default_factory=set)
    rows: int = 0
    watching: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def missing(self) -> list[tuple[str, str, str]]:
        """Which pods are known to have been there, and have no sample of what containers use."""
        return sorted(self.pods - self.seen) if self.watching else []

    def content(self) -> dict[str, Any]:
        """How does it read as JSON; of missing pods the first ten are named."""
        return {
            "server": self.server,
            "scrape_seconds": self.scrape_seconds or None,
            "rate_window_seconds": self.window_seconds or None,
            "pods_known": len(self.pods) or None,
            "pods_seen": len(self.seen),
            "pods_missing": len(self.missing) if self.pods and self.watching else None,
            "missing": ["/".join(key) for key in self.missing[:_SHOWN]],
            "notes": self.notes,
        }


def pull(
    prometheus: Prometheus,
    asked: Asked,
    *,
    found: Pulled,
    progress: Callable[[str, int, int], None] | None = None,
) -> Iterator[pa.Table]:
    """What did every workload use, a table for each slab of time.

    Parameters
    ----------
    prometheus : Prometheus
        The server.
    asked : Asked
        What to pull.
    found : Pulled
        Learns what is to be known of the pull.
    progress : callable, optional
        Told what was asked last, queries done and queries in all.

    Yields
    ------
    pyarrow.Table
        See `finops_lib.usage.series`.

    Raises
    ------
    PrometheusError
        The server cannot be asked; a part of the answers fails, or more than one in ten pods is missing, and
        ``partial`` is not asked for; or there is no sample at all.
    """
    owners = _learned(prometheus, asked, found)
    _timed(prometheus, asked, found)
    queries, slabs = asked.queries, list(_slabs(asked, series=max(2 * len(found.pods), 1)))
    done, total = 0, len(queries) * len(slabs)
    for slab in slabs:
        windows: list[Windows] = []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            matrices = pool.map(
                lambda query, slab=slab: _answered(prometheus, asked, query, slab, found), queries
            )
            for query, matrix in zip(queries, matrices, strict=True):
                windows += _windows(query, matrix, slab, owners, asked, found)
                done += 1
                if progress:
                    progress(query.metrics[0][0], done, total)
        table = samples(windows)
        found.rows += table.num_rows
        yield table
    _judge(asked, owners, found)
    found.notes += [f"the server warns: {text}" for text in sorted(prometheus.warnings)]


def _learned(prometheus: Prometheus, asked: Asked, found: Pulled) -> Owners:
    """Ask which pods there were, and who owns them."""
    start, end = (round(moment.timestamp()) for moment in (asked.start, asked.end))
    owners = Owners(asked.template, asked.cluster)
    told = {
        name: prometheus.labels(f"kube_{metric}", start, end)
        for name, metric in (
            ("pods", "pod_owner"),
            ("replicasets", "replicaset_owner"),
            ("jobs", "job_owner"),
            ("autoscalers", "horizontalpodautoscaler_info"),
        )
    }
    owners.learn(**told)
    found.pods |= {owners.key(labels) for labels in prometheus.labels("kube_pod_info", start, end)}
    if not found.pods:
        found.notes.append("there is no kube_pod_info: which pods are missing is not known")
    if not told["pods"]:
        found.notes.append("there is no kube_pod_owner: each pod stands for itself")
    return owners


def _timed(prometheus: Prometheus, asked: Asked, found: Pulled) -> None:
    """Find the time between samples, and with it the window of rates."""
    start, end = (round(moment.timestamp()) for moment in (asked.start, asked.end))
    known = asked.scrape_seconds
    for moment in [] if known else [end, (start + end) // 2, min(start + _HOUR, end)]:
        counts = [value for _, value in prometheus.at(SAMPLES_AN_HOUR, moment) if value > 1]
        known = scrape_seconds(counts[0]) if counts else None
        if known:
            break
    if not known:
        found.notes.append("CPU has no two samples within an hour: the time between samples is not known")
    found.scrape_seconds = known or 0
    found.window_seconds = rate_window(scrape_seconds=known or 0, step_seconds=asked.step_seconds)
    if known and known > asked.step_seconds:
        found.notes.append(
            f"samples are {known} s apart, more than a step of {asked.step_seconds} s: steps have gaps"
        )
    if found.window_seconds > asked.step_seconds:
        found.notes.append(
            f"rates look back {found.window_seconds} s, over more than a step of {asked.step_seconds} s"
        )


def _slabs(asked: Asked, *, series: int) -> Iterator[Grid]:
    """Cut the span into parts of whole steps whose tables fit into memory."""
    length = max(1, _MOST_ROWS // (series * len(METRICS)))
    grid = asked.grid
    for begin in range(0, grid.points, length):
        yield grid.part(begin, length)


def _answered(prometheus: Prometheus, asked: Asked, query: Query, slab: Grid, found: Pulled) -> Matrix:
    """Ask one query over a slab; of a counter also the moment before, for the first increment."""
    text = query.promql(window_seconds=found.window_seconds, step_seconds=slab.step)
    grid = Grid(slab.first - slab.step, slab.step, slab.points + 1) if query.counter else slab
    try:
        matrix = prometheus.range(text, grid, series=max(2 * len(found.pods), 1))
    except PrometheusError as error:
        if not asked.partial:
            raise PrometheusError(
                f"{query.metrics[0][0]}: {error.value}",
                error.rule,
                f"{error.remedy}; or keep what comes with --partial",
                passing=error.passing,
                status=error.status,
            ) from error
        found.notes.append(f"{query.metrics[0][0]} is missing: {error.value}")
        return Matrix([], np.empty((0, slab.points)))
    return Matrix(matrix.labels, increments(matrix.values)) if query.counter else matrix


def _windows(
    query: Query, matrix: Matrix, slab: Grid, owners: Owners, asked: Asked, found: Pulled
) -> Iterator[Windows]:
    """Join the pods of each workload."""
    names = [owners.resource(labels, whole_pod=query.whole_pod) for labels in matrix.labels]
    kept = [row for row, name in enumerate(names) if name]
    if query.watched:
        found.watching = True
        found.seen |= {owners.key(matrix.labels[row]) for row in kept if label(matrix.labels[row], "pod")}
    resources = tuple(sorted({names[row] for row in kept}))
    found.resources.update(resources)
    place = {name: number for number, name in enumerate(resources)}
    rows = np.array([place[names[row]] for row in kept], dtype=np.int64)
    values = matrix.values[kept] * query.factor
    start = datetime.fromtimestamp(slab.first - slab.step, UTC)
    for metric, how in query.metrics:
        if not asked.metrics or metric in asked.metrics:
            cells = joined(values, rows, how, count=len(resources))
            if query.counter:
                cells[cells == 0] = np.nan
            yield Windows(metric, METRICS[metric].unit, resources, start, slab.step, cells.astype(np.float32))


def _judge(asked: Asked, owners: Owners, found: Pulled) -> None:
    """Say what is missing, and refuse where it is too much."""
    if not found.rows:
        raise PrometheusError(
            f"Prometheus {found.server}: no sample from {asked.start:%Y-%m-%dT%H:%M:%SZ} to "
            f"{asked.end:%Y-%m-%dT%H:%M:%SZ}",
            "it has samples of at least one container",
            "check the span, and that this Prometheus scrapes the kubelets (cAdvisor)",
        )
    if owners.unowned and owners.pods:
        found.notes.append(f"the owner of {len(owners.unowned):,} pods is not known: each stands for itself")
    gone = len(found.missing)
    if not gone or not found.pods:
        return
    said = f"{gone:,} of {len(found.pods):,} pods have no sample, {'/'.join(found.missing[0])} among them"
    if 1 - gone / len(found.pods) < _FEWEST and not asked.partial:
        raise PrometheusError(
            f"Prometheus {found.server}: {said}",
            "nine in ten pods that kube_pod_info knows have samples",
            "check that all kubelets are scraped, or keep what there is with --partial",
        )
    found.notes.append(said)
