"""Where are samples missing: the step of each metric, and the gaps between samples of its series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from finops_lib.records import Record
from finops_lib.usage.series import METRICS, SUM, TIME, Metric

_MILLI = 1000


@dataclass(frozen=True)
class Coverage(Record):
    """What there is of one metric.

    ``series`` and ``samples`` are counts, ``step_seconds`` the commonest distance of two samples (0 where no
    series has two), ``missing`` how many samples do not stand between the first and the last of their series,
    ``gappy`` in how many series, and ``longest_gap_seconds`` the longest time without one. Counts of events
    have no row where there was none: they have no step, and nothing that is known to be missing.
    """

    metric: str
    unit: str
    series: int
    samples: int
    first: datetime
    last: datetime
    step_seconds: int
    missing: int = 0
    gappy: int = 0
    longest_gap_seconds: int = 0


def coverage(table: pa.Table) -> tuple[Coverage, ...]:
    """What is there of each metric, and what is missing.

    Parameters
    ----------
    table : pyarrow.Table
        As `finops_lib.usage.series.series` makes it, sorted.

    Returns
    -------
    tuple of Coverage
        By metric.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> from finops_lib.usage.series import series
    >>> times = [datetime(2026, 7, 1, hour, tzinfo=UTC) for hour in (0, 1, 2, 6)]
    >>> rows = {"resource": ["a"] * 4, "metric": ["cpu"] * 4, "time": times, "unit": ["cores"] * 4}
    >>> (found,) = coverage(series(pa.table({**rows, "value": [1.0] * 4})))
    >>> found.step_seconds, found.missing, found.longest_gap_seconds
    (3600, 3, 14400)
    """
    metric = table.column("metric").unify_dictionaries().combine_chunks()
    words, codes = metric.dictionary.to_pylist(), metric.indices.to_numpy()
    found = []
    for code in np.unique(codes).tolist():
        begin, end = np.searchsorted(codes, [code, code + 1]).tolist()
        found.append(_of_metric(words[code], table.slice(begin, end - begin)))
    return tuple(sorted(found, key=lambda item: item.metric))


def _of_metric(metric: str, rows: pa.Table) -> Coverage:
    resource = rows.column("resource").unify_dictionaries().combine_chunks().indices.to_numpy()
    times = rows.column("time").cast(TIME, safe=False).cast(pa.int64()).to_numpy()
    same = resource[1:] == resource[:-1]
    apart = np.diff(times)[same] // _MILLI
    step = 0 if METRICS.get(metric, Metric("")).joined == SUM else _commonest(apart)
    wide = apart[apart > 1.5 * step] if step else apart[:0]
    owners = resource[1:][same][apart > 1.5 * step] if len(wide) else wide
    first, last = (
        pa.scalar(int(moment), pa.int64()).cast(TIME).as_py() for moment in (times.min(), times.max())
    )
    return Coverage(
        metric=metric,
        unit=rows.column("unit")[0].as_py(),
        series=1 + int(np.count_nonzero(~same)),
        samples=rows.num_rows,
        first=first,
        last=last,
        step_seconds=step,
        missing=int((np.rint(wide / step) - 1).sum()) if step else 0,
        gappy=len(np.unique(owners)),
        longest_gap_seconds=int(wide.max()) if len(wide) else 0,
    )


def _commonest(apart: np.ndarray) -> int:
    """Say which distance is the commonest, the shorter of two as common ones."""
    if not len(apart):
        return 0
    values, counts = np.unique(apart, return_counts=True)
    return int(values[np.argmax(counts)])
