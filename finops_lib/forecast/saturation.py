"""When is a limit exceeded: of a commitment, quota, disk or rack; as chances by day, and maybe not yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from finops_lib.errors import QueryError
from finops_lib.forecast.panel import FloatArray, IntArray, Outlook, step_starts
from finops_lib.forecast.paths import chance_by_step, first_over, futures, one_value
from finops_lib.forecast.words import saturation_text
from finops_lib.records import NoForecast, Record

_EARLY, _MEDIAN, _LATE = 0.1, 0.5, 0.9


@dataclass(frozen=True)
class Saturation(Record):
    """When a use first exceeds its limit, as far as the horizon sees; ``limit`` and ``now`` are in ``unit``.

    ``limit`` is the one of the first step where it changes. ``now`` is the last known use, None where that
    is a gap. ``chances`` are from 0 to 1 that the limit is first exceeded by the end of each step, never
    falling, and ``ends`` are these ends, UTC. ``early``, ``median`` and ``late`` are the first ends by which
    the chance is at least 10, 50 and 90 % and one future passes; None is "not within the horizon", which
    has the chance ``beyond``. ``paths`` is the number of possible futures on which the chances are counted.
    """

    name: str
    unit: str
    limit: float
    now: float | None
    known_until: datetime
    ends: tuple[datetime, ...]
    chances: tuple[float, ...]
    early: datetime | None
    median: datetime | None
    late: datetime | None
    beyond: float
    paths: int
    verdict: str

    def by(self, moment: datetime) -> float | None:
        """How likely is it that the limit has been exceeded by this moment.

        Parameters
        ----------
        moment : datetime
            With a time zone.

        Returns
        -------
        float or None
            From 0 to 1, at the last end of a step that is not after it; None after the horizon.
        """
        if moment > self.ends[-1]:
            return None
        passed = [chance for end, chance in zip(self.ends, self.chances, strict=True) if end <= moment]
        return passed[-1] if passed else 0.0


def saturation(
    outlook: Outlook,
    *,
    name: str,
    limit: float | Sequence[float] | FloatArray,
    unit: str,
    weights: Mapping[str, float] | None = None,
) -> Saturation | NoForecast:
    """When does a use exceed its limit, and how sure is that.

    Parameters
    ----------
    outlook : Outlook
        Of the use, with a calendar; each value is the use in its step (a peak or a level, no sum).
    name : str
        What is limited.
    limit : float or sequence of float
        In ``unit``, for all steps or for each step of the horizon.
    unit : str
        Of the use and the limit, for example ``GiB``.
    weights : mapping of str to float, optional
        Series whose weighted sum is limited; None is each series of the outlook once.

    Returns
    -------
    Saturation or NoForecast
        The latter where a series has no forecast, or not one past error is known.

    Raises
    ------
    QueryError
        The series have no calendar or end at different moments, or the limit is no number.

    Notes
    -----
    First passage over the limit of `paths.futures`, which keep past error paths whole: errors that last
    and grow do so here, unlike with a quantile of each day on its own.
    """
    chosen = dict.fromkeys(outlook.panel.names, 1.0) if weights is None else dict(weights)
    missing = [series for series in chosen if series in outlook.missing]
    if missing:
        return NoForecast((name,), f"{missing[0]}: {outlook.missing[missing[0]]}")
    limits = _limits(limit, outlook.mid.shape[1])
    paths = futures(outlook, chosen)
    until = _until(outlook, chosen)
    if not len(paths):
        return NoForecast((name,), "no past error of such a forecast is known")
    now = _now(outlook, chosen)
    steps = paths.shape[1]
    first = first_over(paths, limits)
    if now is not None and now > limits[0]:
        chances, first = np.ones(steps), first * 0
    else:
        chances = chance_by_step(first, steps=steps, certain=one_value(paths))
    return _answer(outlook, chances, first, name=name, unit=unit, limit=float(limits[0]), now=now,
                   until=until)  # fmt: skip


def _answer(
    outlook: Outlook,
    chances: FloatArray,
    first: IntArray,
    *,
    name: str,
    unit: str,
    limit: float,
    now: float | None,
    until: datetime,
) -> Saturation:
    edges = step_starts(until, step=outlook.panel.step, first=1, count=len(chances))
    ends = tuple(_utc(edge) for edge in edges)
    told = np.where(np.arange(len(chances)) >= first.min(), chances, 0.0)  # a day needs a path that passes
    early, median, late = (_first(told, ends, level) for level in (_EARLY, _MEDIAN, _LATE))
    exceeded = now is not None and now > limit
    beyond = 1.0 - float(chances[-1])
    words = saturation_text(beyond, exceeded=exceeded, median=median, early=early, late=late, end=ends[-1])
    return Saturation(
        name, unit, limit, now, until, ends, tuple(float(chance) for chance in chances),
        early, median, late, beyond, len(first), words,
    )  # fmt: skip


def _first(chances: FloatArray, ends: Sequence[datetime], level: float) -> datetime | None:
    reached = np.flatnonzero(chances >= level)
    return ends[int(reached[0])] if len(reached) else None


def _limits(limit: float | Sequence[float] | FloatArray, steps: int) -> FloatArray:
    found = np.asarray(limit, dtype=float)
    if found.shape not in {(), (steps,)} or not np.isfinite(found).all():
        raise QueryError(
            f"limit {limit!r:.80}", f"it is a number, or one for each of {steps} steps", "state a capacity"
        )
    return np.broadcast_to(found, steps)


def _until(outlook: Outlook, chosen: Mapping[str, float]) -> datetime:
    if outlook.panel.ends is None:
        raise QueryError("series without a calendar", "the answer is a day", "give the series their times")
    ends = dict(zip(outlook.panel.names, outlook.panel.ends, strict=True))
    found = {ends[name] for name in chosen}
    if len(found) > 1:
        raise QueryError(
            f"series that end from {min(found):%Y-%m-%d} to {max(found):%Y-%m-%d}",
            "uses are added at one moment",
            "leave out what ended, or fill the last steps",
        )
    return found.pop()


def _now(outlook: Outlook, chosen: Mapping[str, float]) -> float | None:
    last = dict(zip(outlook.panel.names, outlook.panel.values, strict=True))
    now = sum(weight * float(last[name][-1]) for name, weight in chosen.items())
    return now if np.isfinite(now) else None


def _utc(moment: pd.Timestamp) -> datetime:
    return moment.to_pydatetime().replace(tzinfo=UTC)
