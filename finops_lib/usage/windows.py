"""What did each resource use in each step of a window, as one array that strategies can calculate with.

Rows are resources, columns steps; a step of which nothing is known is NaN, never zero. Where resources are
named, parts are read one after the other: 10,000 over 14 days of 5 minutes cost 161 MB, half of it more
while samples are counted, and one part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from finops_lib.errors import UsageError
from finops_lib.usage.series import HIGHEST, MEAN, METRICS, SCHEMA, SUM, TIME, Metric, series

Floats = np.ndarray[tuple[int, int], np.dtype[np.float32]]
_BLOCK = 1_000_000  # rows looked at together


@dataclass(frozen=True)
class Windows:
    """One metric of many resources: ``values`` has a row for each of ``resources``, a column a step."""

    metric: str
    unit: str
    resources: tuple[str, ...]
    start: datetime
    step_seconds: int
    values: Floats

    @property
    def known(self) -> np.ndarray:
        """Of which share of the steps is each resource's use known, 0 to 1."""
        found: np.ndarray = np.isfinite(self.values).mean(axis=1)
        return found

    def of(self, resource: str) -> np.ndarray:
        """What did this resource use, a value a step.

        Parameters
        ----------
        resource : str
            One of ``resources``.

        Returns
        -------
        array of float32
        """
        found: np.ndarray = self.values[self.resources.index(resource)]
        return found


def windows(
    parts: Iterable[pa.Table],
    *,
    metric: str,
    start: datetime,
    end: datetime,
    step_seconds: int,
    resources: Sequence[str] | None = None,
) -> Windows:
    """What was used of this metric in each step from start to end.

    Parameters
    ----------
    parts : iterable of pyarrow.Table
        Parts of the long table, see `finops_lib.usage.series`.
    metric : str
        Such as ``cpu``.
    start, end : datetime
        With a time zone; ``end`` is not included.
    step_seconds : int
        Length of a step; the span is a whole number of them. Samples of shorter steps are joined as the
        metric says: mean, highest or sum.
    resources : sequence of str, optional
        Which, and in which order; by default all that have the metric, sorted.

    Returns
    -------
    Windows

    Raises
    ------
    ValueError
        The span is no whole number of steps.
    UsageError
        The parts have the metric in two units.

    Examples
    --------
    >>> from datetime import UTC
    >>> from finops_lib.usage.series import series
    >>> day = datetime(2026, 7, 1, tzinfo=UTC)
    >>> rows = {"resource": ["a", "a", "b"], "metric": ["cpu"] * 3, "value": [1.0, 3.0, 5.0]}
    >>> times = [day, day + timedelta(minutes=5), day + timedelta(minutes=10)]
    >>> table = series(pa.table({**rows, "time": times, "unit": ["cores"] * 3}))
    >>> asked = {"metric": "cpu", "start": day, "end": day + timedelta(minutes=20), "step_seconds": 600}
    >>> windows([table], **asked).values.tolist()
    [[2.0, nan], [nan, 5.0]]
    """
    span = (end - start) / timedelta(seconds=step_seconds)
    if span < 1 or span != int(span):
        raise ValueError(f"{start} to {end} in steps of {step_seconds} s: no whole number of steps")
    chosen: Iterable[pa.Table] = (_chosen(part, metric) for part in parts)
    if resources is None:  # their names have to be known before the first cell
        chosen = list(chosen)
    names = tuple(resources) if resources is not None else _names(chosen)
    units: set[str] = set()
    grid = _Grid(METRICS.get(metric, Metric("")).joined, names, int(span))
    for part in chosen:
        units.update(_one_unit(part, metric, units))
        for begin in range(0, part.num_rows, _BLOCK):
            grid.add(part.slice(begin, _BLOCK), start=start, step_seconds=step_seconds)
    return Windows(metric, "".join(units), names, start, step_seconds, grid.values())


def _one_unit(part: pa.Table, metric: str, known: set[str]) -> set[str]:
    """Say in which unit a part has the metric; another than before is refused."""
    units = set(part.column("unit").unique().to_pylist())
    if len(units | known) > 1:
        raise UsageError(
            f"metric {metric!r} in {' and '.join(sorted(units | known))}",
            "a metric has one unit",
            "pull it again",
        )
    return units


def _chosen(part: pa.Table, metric: str) -> pa.Table:
    column = part.column("metric").unify_dictionaries().combine_chunks()
    words = column.dictionary.to_pylist()
    if words == [metric]:
        return part
    if metric not in words:
        return part.slice(0, 0)
    return part.filter(pa.array(column.indices.to_numpy() == words.index(metric)))


def _names(parts: Iterable[pa.Table]) -> tuple[str, ...]:
    found: set[str] = set()
    for part in parts:
        column = part.column("resource").unify_dictionaries().combine_chunks()
        used = np.flatnonzero(np.bincount(column.indices, minlength=len(column.dictionary)))
        found.update(column.dictionary.take(pa.array(used)).to_pylist())
    return tuple(sorted(found))


class _Grid:
    """Joins samples into cells of resource and step."""

    def __init__(self, joined: str, names: Sequence[str], steps: int) -> None:
        self.joined, self.steps = joined, steps
        self.place = {name: number for number, name in enumerate(names)}
        begin = -np.inf if joined == HIGHEST else 0.0
        self.cells = np.full(len(names) * steps, begin, dtype=np.float32)
        self.counts = np.zeros(len(names) * steps, dtype=np.uint16)

    def add(self, part: pa.Table, *, start: datetime, step_seconds: int) -> None:
        """Put these samples into their cells; those outside are left out."""
        column = part.column("resource").unify_dictionaries().combine_chunks()
        rows = np.array([self.place.get(name, -1) for name in column.dictionary.to_pylist()], dtype=np.int64)
        row = rows[column.indices.to_numpy()]
        moments: Any = part.column("time").cast(TIME, safe=False).cast(pa.int64()).to_numpy()
        step = (moments - round(start.timestamp() * 1000)) // (step_seconds * 1000)
        inside = (row >= 0) & (step >= 0) & (step < self.steps)
        cell = row[inside] * self.steps + step[inside]
        values = part.column("value").to_numpy()[inside]
        join = np.maximum if self.joined == HIGHEST else np.add
        join.at(self.cells, cell, values)
        np.add.at(self.counts, cell, np.uint16(1))

    def values(self) -> Floats:
        """Give what each cell is, NaN where nothing is known."""
        known = self.counts > 0
        if self.joined == MEAN:
            np.divide(self.cells, self.counts, out=self.cells, where=known)
        self.cells[~known] = np.nan
        return self.cells.reshape(-1, self.steps)


def samples(found: Iterable[Windows]) -> pa.Table:
    """Which long table do these windows make: a row for each step that is known.

    Parameters
    ----------
    found : iterable of Windows
        One for each metric, resources sorted.

    Returns
    -------
    pyarrow.Table
        Checked and sorted, see `finops_lib.usage.series.series`.

    Raises
    ------
    UsageError
        As there.
    """
    return series(pa.concat_tables([_rows(item) for item in found] or [SCHEMA.empty_table()]))


def _rows(found: Windows) -> pa.Table:
    row, step = np.nonzero(np.isfinite(found.values))
    begin = round(found.start.timestamp() * 1000)
    times = pa.array(begin + step.astype(np.int64) * (found.step_seconds * 1000)).cast(TIME)
    none = pa.array(np.zeros(len(row), dtype=np.int8))
    arrays = [
        pa.DictionaryArray.from_arrays(
            pa.array(row.astype(np.int32)), pa.array(found.resources, pa.string())
        ),
        pa.DictionaryArray.from_arrays(none, pa.array([found.metric])),
        times,
        pa.array(found.values[row, step]),
        pa.DictionaryArray.from_arrays(none, pa.array([found.unit])),
    ]
    return pa.table(arrays, schema=SCHEMA)


def none_where_known(events: Windows, other: Windows) -> Windows:
    """How many events were there: zero where another metric shows that the resource was watched.

    Parameters
    ----------
    events : Windows
        Of a metric that has no row where there was none, such as ``oom_kills``.
    other : Windows
        Of the same span and step; what it knows shows that the resource was watched.

    Returns
    -------
    Windows
        With the resources of ``other``.

    Raises
    ------
    ValueError
        The two are not of one span and step, or the first is no count of events.
    """
    same = (events.start, events.step_seconds, events.values.shape[1])
    if same != (other.start, other.step_seconds, other.values.shape[1]):
        raise ValueError(f"{events.metric} and {other.metric} are of different spans or steps")
    if METRICS.get(events.metric, Metric("")).joined != SUM:
        raise ValueError(f"{events.metric} counts no events")
    place = {name: number for number, name in enumerate(events.resources)}
    found = np.where(np.isfinite(other.values), np.float32(0), np.float32(np.nan))
    for row, name in enumerate(other.resources):
        if name in place:
            told = events.values[place[name]]
            found[row] = np.where(np.isfinite(told), told, found[row])
    return Windows(events.metric, events.unit, other.resources, other.start, other.step_seconds, found)
