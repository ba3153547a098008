"""What is odd in a metric that comes every few minutes: what has never been seen so far out before.

Six readings of the stream are watched: its value, its distance from the same time on the days before, its
mean over half a day, the step between neighbouring half days, and how much it moves within an hour and
within a quarter day. A reading that leaves the range of all its past is odd by how far it leaves it, in
shares of that range; the shares are summed. An alarm is followed by a time of silence. Each answer uses the
past only, and a new value costs the same whatever the length of the past.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

DAY_MINUTES = 1440.0
_DAYS_OF_SEASON = 7
_LEAST_DAYS = 2  # before the season is known
_BURN_IN = 0.5  # days that a reading's range is learned in before it may leave it
_MOST = 3.0  # what one reading can add
_TINY = 1e-9


@dataclass(frozen=True)
class Streamed:
    """The score of each value, its parts [readings, values], and where an alarm is given."""

    scores: FloatArray
    parts: FloatArray
    alarms: BoolArray


def streamed(
    values: FloatArray, *, minutes: float = 5.0, threshold: float = 0.1, silence_days: float = 0.5
) -> Streamed:
    """Which values of a stream are odd, each judged when it came.

    Parameters
    ----------
    values : ndarray
        Oldest first; NaN is not known and never odd.
    minutes : float
        Between two values.
    threshold : float
        Summed shares of the past ranges from which on there is an alarm.
    silence_days : float
        After an alarm.

    Returns
    -------
    Streamed

    Examples
    --------
    >>> found = streamed(np.concatenate([np.tile([4.0, 6.0], 500), [9.0], np.tile([6.0, 4.0], 20)]))
    >>> np.flatnonzero(found.alarms).tolist()
    [1000]
    """
    if not minutes > 0:
        raise ValueError(f"{minutes} minutes: the time between two values is above 0")
    per_day = max(round(DAY_MINUTES / minutes), 4)
    known = np.isfinite(values)
    filled = _held(values)
    readings = _readings(filled, per_day)
    burn_in = int(_BURN_IN * per_day)
    parts = np.stack([_beyond(reading, burn_in) for reading in readings])
    scores = np.where(known, parts.sum(axis=0), 0.0)
    return Streamed(scores, parts, _alarms(scores, threshold, int(silence_days * per_day)))


def _readings(values: FloatArray, per_day: int) -> tuple[FloatArray, ...]:
    half, quarter, hour = per_day // 2, per_day // 4, max(per_day // 24, 3)
    level = _mean(values, half)
    before = np.concatenate([np.full(half, np.nan), level])[: len(level)]
    return (
        values,
        values - _season(values, per_day),
        level,
        level - before,
        _log(_deviation(values, hour)),
        _log(_deviation(values, quarter)),
    )


def _season(values: FloatArray, per_day: int) -> FloatArray:
    """The median of the same time on up to seven days before; not known before two."""
    lags = [
        np.concatenate([np.full(min(day * per_day, len(values)), np.nan), values])[: len(values)]
        for day in range(1, _DAYS_OF_SEASON + 1)
    ]
    stacked = np.sort(np.stack(lags), axis=0)  # what is not known stands last
    count = np.isfinite(stacked).sum(axis=0)
    low, high = np.maximum(count - 1, 0) // 2, np.maximum(count, 1) // 2
    place = np.arange(len(values))
    middle = (stacked[low, place] + stacked[np.minimum(high, _DAYS_OF_SEASON - 1), place]) / 2
    return np.where(count >= _LEAST_DAYS, middle, np.nan)


def _mean(values: FloatArray, width: int) -> FloatArray:
    """Mean of the newest values; not known before there are enough."""
    total = np.cumsum(np.concatenate([[0.0], values - values[:1].sum()]))
    found = np.full(len(values), np.nan)
    if len(values) >= width:
        found[width - 1 :] = (total[width:] - total[:-width]) / width + values[0]
    return found


def _deviation(values: FloatArray, width: int) -> FloatArray:
    mean = _mean(values, width)
    return np.sqrt(np.maximum(_mean(values**2, width) - mean**2, 0.0))


def _log(deviation: FloatArray) -> FloatArray:
    """Logarithm above a floor that the first known deviations set, so that a flat line is far but finite."""
    known = np.isfinite(deviation)
    count = np.cumsum(known)
    mean = np.cumsum(np.where(known, deviation, 0.0)) / np.maximum(count, 1)
    floor = np.maximum(0.01 * mean, _TINY)
    return np.where(known, np.log(np.where(known, deviation, 1.0) + floor), np.nan)


def _beyond(reading: FloatArray, burn_in: int) -> FloatArray:
    """How far does each value leave the range of all before it, in shares of that range."""
    known = np.isfinite(reading)
    high = np.maximum.accumulate(np.where(known, reading, -np.inf))[:-1]
    low = np.minimum.accumulate(np.where(known, reading, np.inf))[:-1]
    ready = (np.cumsum(known)[:-1] >= burn_in) & known[1:]
    span = np.where(ready, high - low, 1.0)
    now = np.where(ready, reading[1:], 0.0)
    away = np.where(ready, np.maximum(np.maximum(now - high, low - now), 0.0), 0.0)
    share = np.where(span > 0, away / np.where(span > 0, span, 1.0), np.where(away > 0, _MOST, 0.0))
    return np.concatenate([[0.0], np.minimum(share, _MOST)])[: len(reading)]


def _alarms(scores: FloatArray, threshold: float, silence: int) -> BoolArray:
    found = np.zeros(len(scores), dtype=bool)
    free = 0
    for place in np.flatnonzero(scores >= threshold):
        if place >= free:
            found[place] = True
            free = int(place) + silence
    return found


def _held(values: FloatArray) -> FloatArray:
    """What is not known is as it was last; before the first value as the first."""
    known = np.isfinite(values)
    if not known.any():
        return np.zeros(len(values))
    last = np.maximum.accumulate(np.where(known, np.arange(len(values)), -1))
    return np.asarray(values[np.where(last < 0, int(known.argmax()), last)])
