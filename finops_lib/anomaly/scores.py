"""How odd is one day of each series: alone, and as the newest of three, seven and fourteen days.

A day alone is held against what was expected of it; that finds spikes and drops. The level of the newest days
is held against that of the four to six weeks before them; that finds shifts and ramps, which grow old before
they grow large. Each is divided by its own usual spread, so that the largest of them is the score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finops_lib.anomaly.baseline import EXPERTS, LEAST_DAYS, WINDOW, Baseline, baseline
from finops_lib.anomaly.calibrate import Pool, p_values, pool
from finops_lib.anomaly.tracks import KEEP, SHIFTS, Tracks

FloatArray = npt.NDArray[np.float64]

_SPREAD_DAYS = 60
_CALIBRATION_DAYS = 365
_SHIFT_DAYS = 120
_BEFORE = {3: 28, 7: 28, 14: 42}  # days before the newest ones that they are held against
_LEAST_SPREAD = 0.01  # of the size: moves below a hundredth are not told from rounding
_UNRIPE = 60  # days
_GAP = 7  # newest days whose scores are not compared with
_TRIM = 0.25
_TRIMMED_SIGMA = 0.515  # mean of the lower three quarters of absolute normal values, in standard deviations
_SHARE_OF_SIGMA = {3: 0.65, 7: 0.43, 14: 0.32}  # usual spread of a shift against a day's, independent days
_SHIFTS_BORROWED = 8.0  # windows that stand beside a series' own
_MOST = 1e6
_LEAST_SPECIAL, _CAUTION = 2, 2.0


@dataclass(frozen=True)
class DayKind:
    """Which earlier days were special as this one is: first or last of a month, a holiday.

    ``alike`` are places of such days among those remembered; empty for a plain day.
    """

    alike: npt.NDArray[np.int64]
    special: bool = False


PLAIN = DayKind(np.zeros(0, dtype=np.int64))


def score_day(tracks: Tracks, day: int, *, kind: DayKind = PLAIN, shared: Pool | None = None) -> Pool:
    """Score one day of all series from the days before it, and note the answer in the tracks.

    Parameters
    ----------
    tracks : Tracks
        Values up to the day at least; notes up to the day before.
    day : int
        Its place.
    kind : DayKind
        What the calendar knows of it.
    shared : Pool, optional
        Scores of all series, where ``tracks`` holds some of them; else it is made here.

    Returns
    -------
    Pool
        What was borrowed from.
    """
    found = baseline(tracks.window(day, WINDOW))
    actual = tracks.values[:, day]
    level = found.level(_misses(tracks, day))
    expected = level + found.season(0, level)
    lumps, lump = _lumps(tracks, day)
    size = np.where(lumps, lump, found.size(expected, actual))
    special = _special(tracks, day, kind)
    usable = np.isfinite(actual) & (found.known >= LEAST_DAYS) & _begun(tracks, day)
    surprise = np.where(usable, (actual - expected) / size, np.nan)
    spread = np.where(lumps, 1.0, _spread(tracks, day, found))
    parts = [(surprise - special) / (spread * _wider(tracks, kind))]
    today = np.where(np.isfinite(actual), actual - found.season(0, level), level)
    for days in SHIFTS:
        shift = np.where(usable, _shift(found, today, days, np.where(lumps, lump, np.nan)), np.nan)
        parts.append(_against_past(tracks, day, days, shift, spread))
        tracks.notes[f"shift_{days}"][:, day] = _single(shift)
    stacked = np.stack([np.clip(np.nan_to_num(part, nan=0.0), -_MOST, _MOST) for part in parts], axis=1)
    largest = np.abs(stacked).argmax(axis=1)
    score = np.where(usable, np.take_along_axis(stacked, largest[:, None], axis=1)[:, 0], np.nan)
    _note(tracks, day, {"mid": expected + special * size, "size": size, "surprise": surprise, "score": score})
    for number, days in enumerate(EXPERTS):
        miss = np.where(usable, np.abs(today - found.levels[:, number]), np.nan)
        tracks.notes[f"miss_{days}"][:, day] = _single(miss)
    past = _settled(tracks, day)
    shared = pool(past) if shared is None else shared
    _note(tracks, day, {"p_value": p_values(np.abs(_single(score)).astype(np.float64), past, shared)})
    return shared


def pooled(tracks: Tracks, day: int) -> Pool:
    """What do the scores of all series before a day show."""
    return pool(_settled(tracks, day))


def _settled(tracks: Tracks, day: int) -> FloatArray:
    return _ripe(np.abs(tracks.past("score", day, _CALIBRATION_DAYS))).astype(np.float64)


def _ripe(past: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Leave out a series' first scores, whose spread was not known yet, once there are enough others.

    The newest are left out, too: they may be of an event that grows still.
    """
    number = np.isfinite(past).cumsum(axis=1)
    count = number[:, -1:]
    out = (number <= _UNRIPE) & (count >= 2 * _UNRIPE)
    recent = np.arange(past.shape[1]) >= past.shape[1] - _GAP
    out |= recent & (count >= _UNRIPE)
    return np.where(out, np.float32(np.nan), past)


def _misses(tracks: Tracks, day: int) -> FloatArray:
    means = [_trimmed(tracks.past(f"miss_{days}", day, _SPREAD_DAYS)) for days in EXPERTS]
    return np.stack(means, axis=1)


def _spread(tracks: Tracks, day: int, found: Baseline) -> FloatArray:
    """The usual size of a day's surprise; where few are known, with what the window's days show beside it."""
    past = tracks.past("surprise", day, _SPREAD_DAYS)
    count = np.isfinite(past).sum(axis=1)
    own = np.nan_to_num(_trimmed(np.abs(past)) / _TRIMMED_SIGMA)
    level = found.levels[:, -1]
    away = np.abs(found.adjusted - level[:, None]) / found.size(level, level)[:, None]
    window = _trimmed(np.asarray(away, dtype=np.float32)) / _TRIMMED_SIGMA
    weight = np.clip(count / _SPREAD_DAYS, 0.0, 1.0)
    return np.asarray(np.maximum(weight * own + (1 - weight) * window, _LEAST_SPREAD))


def _begun(tracks: Tracks, day: int) -> npt.NDArray[np.bool_]:
    """Which series were ever charged: the first charge of all is a beginning, and no move."""
    before = tracks.values[:, :day]
    return np.asarray((np.isfinite(before) & (before != 0)).any(axis=1))


def _lumps(tracks: Tracks, day: int) -> tuple[npt.NDArray[np.bool_], FloatArray]:
    """Which series are charged now and then only, and how much such a charge usually is."""
    window, every = tracks.window(day, WINDOW), np.abs(tracks.window(day, min(day, KEEP)))
    charged = np.isfinite(every) & (every > 0)
    count = charged.sum(axis=1)
    usual = np.where(charged, every, 0.0).sum(axis=1) / np.maximum(count, 1)
    rare = (window == 0).sum(axis=1) * 2 >= np.isfinite(window).sum(axis=1)
    return rare & (count > 0), usual


def _trimmed(values: npt.NDArray[np.float32]) -> FloatArray:
    """Mean of each row without its largest quarter; NaN for a row that knows nothing."""
    width = values.shape[1]
    if not width:
        return np.full(len(values), np.nan)
    ordered = np.sort(values, axis=1)  # what is not known stands last
    count = np.isfinite(values).sum(axis=1)
    kept = np.maximum(np.ceil(count * (1 - _TRIM)), np.minimum(count, 1))
    within = np.arange(width) < kept[:, None]
    total = np.where(within, ordered, 0.0).sum(axis=1)
    return np.asarray(
        np.divide(total, kept, out=np.full(len(values), np.nan), where=kept > 0), dtype=np.float64
    )


def _shift(found: Baseline, today: FloatArray, days: int, lump: FloatArray) -> FloatArray:
    """How far is the level of the newest days from that before them, in sizes of the level, or in lumps."""
    every = np.concatenate([found.adjusted, today[:, None]], axis=1)
    newest, before = every[:, -days:], every[:, -days - _BEFORE[days] : -days]
    level = np.median(newest, axis=1) if days == SHIFTS[0] else _middle_mean(newest)
    base = np.median(before, axis=1)
    return np.asarray((level - base) / np.where(np.isfinite(lump), lump, found.size(base, level)))


def _middle_mean(values: FloatArray) -> FloatArray:
    """Mean without the lowest and the highest."""
    return np.asarray(np.sort(values, axis=1)[:, 1:-1].mean(axis=1))


def _against_past(tracks: Tracks, day: int, days: int, shift: FloatArray, spread: FloatArray) -> FloatArray:
    """Divide a shift by its usual spread, around the slope that the series always had."""
    past = tracks.past(f"shift_{days}", day, _SHIFT_DAYS).astype(np.float64)
    count = np.isfinite(past).sum(axis=1)
    centre = np.where(count >= _SHIFT_DAYS // 2, _median(past), 0.0)
    own = _trimmed((np.abs(past - centre[:, None])).astype(np.float32)) / _TRIMMED_SIGMA
    usual = spread * _SHARE_OF_SIGMA[days]
    windows = count / days
    mixed = (windows * np.nan_to_num(own) + _SHIFTS_BORROWED * usual) / (windows + _SHIFTS_BORROWED)
    return np.asarray((shift - centre) / np.maximum(mixed, _LEAST_SPREAD))


def _median(values: FloatArray) -> FloatArray:
    """Median of what is known of each row, 0 where nothing is."""
    count = np.isfinite(values).sum(axis=1)
    ordered = np.sort(values, axis=1)
    if not ordered.shape[1]:
        return np.zeros(len(values))
    row = np.arange(len(values))
    middle = (
        ordered[row, np.maximum(count - 1, 0) // 2] + ordered[row, np.minimum(count // 2, count - 1)]
    ) / 2
    return np.where(count > 0, middle, 0.0)


def _special(tracks: Tracks, day: int, kind: DayKind) -> FloatArray:
    """What days of this kind brought beyond the plain expectation, in sizes, shrunk where they were few."""
    if len(kind.alike) < _LEAST_SPECIAL:
        return np.zeros(len(tracks.values))
    past = np.where(tracks.unusual(day)[:, kind.alike], np.nan, tracks.notes["surprise"][:, kind.alike])
    count = np.isfinite(past).sum(axis=1)
    return np.asarray(_median(past.astype(np.float64)) * count / (count + _CAUTION))


def _wider(tracks: Tracks, kind: DayKind) -> float:
    """How much further days of this kind are from what is expected, over all series; at least 1."""
    if not kind.special or not len(kind.alike):
        return 1.5 if kind.special else 1.0
    special = np.abs(tracks.notes["score"][:, kind.alike])
    plain = np.abs(tracks.notes["score"])
    special, plain = special[np.isfinite(special)], plain[np.isfinite(plain)]
    if not len(special) or not float(np.median(plain)):
        return 1.5
    return float(np.clip(np.median(special) / np.median(plain), 1.0, 5.0))


def _single(values: FloatArray) -> npt.NDArray[np.float32]:
    return np.asarray(np.clip(values, -1e30, 1e30), dtype=np.float32)


def _note(tracks: Tracks, day: int, told: dict[str, FloatArray]) -> None:
    for name, values in told.items():
        tracks.notes[name][:, day] = _single(values)
