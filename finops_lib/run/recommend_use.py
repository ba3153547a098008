"""What was used in the newest weeks, as arrays by resource: read from the lake, renewed resources joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import log
from typing import Any

import numpy as np
import pandas as pd

from finops_lib.billing.engine import Engine
from finops_lib.billing.lake import Lake
from finops_lib.billing.lake.usage import UsageTable
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import Period
from finops_lib.usage.join import key_of
from finops_lib.usage.windows import windows

LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_STEPS = (300, 600, 900, 1800, 3600, 21_600, 86_400)  # seconds

REACH = "SELECT min(time) AS oldest, max(time) AS newest FROM usage WHERE time < $until"
SPACING = """
SELECT median(length / (counted - 1)) AS spacing FROM (
    SELECT count(*) AS counted, date_diff('second', min(time), max(time)) AS length
    FROM usage WHERE time >= $start AND time < $end AND metric IN ('cpu', 'cpu_peak', 'cpu_share', 'memory')
    GROUP BY resource, metric HAVING count(*) > 1)
"""
NAMES = "SELECT DISTINCT metric, resource FROM usage WHERE time >= $start AND time < $end ORDER BY ALL"


@dataclass(frozen=True)
class Used:
    """What was used in a window: metrics as arrays, resources by their key.

    ``names`` has the ids by metric, as samples write them; ``later`` the id that a renewed resource has now,
    by key. Read metric by metric, and kept.
    """

    lake: Lake
    period: Period
    step_seconds: int
    names: Mapping[str, Sequence[str]]
    later: Mapping[str, str] = field(default_factory=dict)
    _read: dict[str, tuple[dict[str, int], FloatArray]] = field(default_factory=dict, repr=False)

    @property
    def steps(self) -> int:
        """Steps of the window."""
        return int((self.period.end - self.period.start).total_seconds()) // self.step_seconds

    @cached_property
    def resources(self) -> dict[str, str]:
        """Every resource that has a sample: key to id, under the id that it has now."""
        found: dict[str, str] = {}
        for name in sorted({name for listed in self.names.values() for name in listed}):
            key = key_of(name)
            found.setdefault(self.later.get(key, key), name)
            if key not in self.later:
                found[key] = name
        return found

    def metrics_of(self, key: str) -> set[str]:
        """Which metrics does this resource have."""
        return {metric for metric in self.names if key in self._rows(metric)[0]}

    def of(self, metric: str, keys: Sequence[str]) -> FloatArray:
        """What did these resources use, [resources, steps]; NaN where nothing is known.

        Parameters
        ----------
        metric : str
            Such as ``cpu``.
        keys : sequence of str
            See `finops_lib.usage.join.key_of`.

        Returns
        -------
        ndarray
        """
        places, values = self._rows(metric)
        found = np.full((len(keys), self.steps), np.nan)
        known = [row for row, key in enumerate(keys) if key in places]
        found[known] = values[[places[keys[row]] for row in known]] if known else found[known]
        return found

    def _rows(self, metric: str) -> tuple[dict[str, int], FloatArray]:
        if metric not in self._read:
            self._read[metric] = self._load(metric)
        return self._read[metric]

    def _load(self, metric: str) -> tuple[dict[str, int], FloatArray]:
        """Read one metric; rows of one resource under two ids become one."""
        listed = list(self.names.get(metric, ()))
        if not listed:
            return {}, np.empty((0, self.steps))
        table = UsageTable(self.lake)
        span: Any = {"start": self.period.start, "end": self.period.end}
        parts = table.read(metrics=[metric], **span)
        found = windows(parts, metric=metric, **span, step_seconds=self.step_seconds, resources=listed)
        keys = [self.later.get(key_of(name), key_of(name)) for name in listed]
        places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        values = np.full((len(places), self.steps), np.nan)
        np.fmax.at(values, np.array([places[key] for key in keys]), found.values.astype(np.float64))
        return places, values


def used(engine: Engine, lake: Lake, *, days: int, until: datetime = LATEST) -> Used | None:
    """What was used in the newest days of the lake.

    Parameters
    ----------
    engine : Engine
        The open lake.
    lake : Lake
        The same one.
    days : int
        Whole days, UTC, up to the one of the newest sample.
    until : datetime
        Samples from this moment on are not looked at; a midnight, UTC.

    Returns
    -------
    Used or None
        None where the lake has no sample before ``until``. The step is the one that samples are apart, at
        least 5 minutes.
    """
    reach = engine.query(REACH, {"until": until})
    if reach["newest"].isna().iloc[0]:
        return None
    first, last = (_midnight(reach[name].iloc[0]) for name in ("oldest", "newest"))
    end = last + timedelta(days=1)
    period = Period(max(end - timedelta(days=days), first), end)
    span = {"start": period.start, "end": period.end}
    spacing = engine.query(SPACING, span)["spacing"].iloc[0]
    step = _step(float(spacing) if spacing is not None else 0.0)
    listed = engine.query(NAMES, span)
    names = {str(metric): rows["resource"].tolist() for metric, rows in listed.groupby("metric", sort=True)}
    return Used(lake, period, step, names)


def _midnight(moment: pd.Timestamp) -> datetime:
    told = moment.tz_convert(UTC)
    return datetime(told.year, told.month, told.day, tzinfo=UTC)


def _step(spacing: float) -> int:
    """Take the usual step that is nearest, in ratio."""
    if not spacing > 0:
        return _STEPS[0]
    return min(_STEPS, key=lambda step: abs(log(step / spacing)))
