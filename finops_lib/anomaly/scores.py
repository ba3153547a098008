"""How odd is one day of each series: alone, and as the newest of three, seven and fourteen days.

A day alone is held against what was expected of it; that finds spikes and drops. The level of the newest days
is held against that of the four to six weeks before them; that finds shifts and ramps, which grow old before
they grow large. A move that most parts made that day is no part's own: it is told by the sums that make it.

Each of the four moves, in its usual spreads, has a chance under a Student distribution. Their weighted
harmonic mean (Wilson 2019), which holds however the four hang together, is the chance that the score tells
of, as the power of ten that it is below one. Longer levels weigh more, as there are fewer that differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from finops_lib.anomaly.baseline import EXPERTS, LEAST_DAYS, WEEK, WINDOW, Baseline, baseline
from finops_lib.anomaly.calibrate import p_values, pool
from finops_lib.anomaly.spreads import YEAR_DAYS, middle_ratio, of_windows, trimmed, usual
from finops_lib.anomaly.tracks import KEEP, LARGE, SHIFTS, Tracks

FloatArray = npt.NDArray[np.float64]

_MISS_DAYS = 60
_BEFORE = {3: 28, 7: 28, 14: 42}  # days before the newest ones that they are held against
_QUARTER, _QUARTER_DAYS = 105, 42  # days back to the first of the level before, and its days
_LEAST_SPREAD = 0.01  # of the size: moves below a hundredth are not told from rounding
_GAP = 7  # newest days whose scores are not compared with: they may be of an event that grows still
_RIPE = 60  # days after which a series can spare them
_SHARE_OF_SIGMA = {3: 0.65, 7: 0.43, 14: 0.32}  # usual spread of a shift against a day's, independent days
_FREEDOM = {
    1: 6.0,
    3: 6.0,
    7: 8.0,
    14: 10.0,
}  # of Student's distribution; means of more days have lighter tails
_CENTRE_DAYS = 60  # that a slope is known by
_LEAST_PARTS = 12  # that must be known before what they have in common is
_MOST, _LEAST_CHANCE = 1e6, 1e-300
_AGAIN, _AGAIN_DAYS = 3, 20  # times after which a move is one of a kind no more, and once more in 20 days
_LEAST_SPECIAL, _CAUTION = 2, 2.0


@dataclass(frozen=True)
class DayKind:
    """Which earlier days were special as this one is: first or last of a month, a holiday.

    ``alike`` are places of such days among those remembered; empty for a plain day.
    """

    alike: npt.NDArray[np.int64]
    special: bool = False


PLAIN = DayKind(np.zeros(0, dtype=np.int64))


def score_day(
    tracks: Tracks,
    day: int,
    *,
    kind: DayKind = PLAIN,
    alone: npt.NDArray[np.bool_] | None = None,
    shared: FloatArray | None = None,
) -> None:
    """Score one day of all series from the days before it, and note the answer in the tracks.

    Parameters
    ----------
    tracks : Tracks
        Values up to the day at least; notes up to the day before.
    day : int
        Its place.
    kind : DayKind
        What the calendar knows of it.
    alone : ndarray of bool, optional
        Sums that make the common move themselves; without it none does.
    shared : ndarray, optional
        Scores of all series, where ``tracks`` holds some of them: then what all have in common on this day
        is as it was noted.
    """
    found = baseline(tracks.window(day, WINDOW))
    lumpy = tracks.lumps[:, day]
    actual = tracks.values[:, day] - lumpy
    level = found.level(_misses(tracks, day))
    expected = level + found.season(0, level)
    lumps, lump = _lumps(tracks, day)
    size = np.where(lumps, lump, found.size(expected, actual))
    usable = np.isfinite(actual) & (found.known >= LEAST_DAYS) & _begun(tracks, day)
    panel = _Panel(tracks, day, lumps | (False if alone is None else alone), fixed=shared is not None)
    surprise, joint = panel.own("surprise", np.where(usable, (actual - expected) / size, np.nan))
    special = _special(tracks, day, kind)
    spread = np.where(lumps, 1.0, _spread(tracks, day, found))
    moves = {1: (surprise - special) / (spread * _wider(tracks, kind))}
    before = _quarter_before(tracks.window(day, _QUARTER))
    today = np.where(np.isfinite(actual), actual - found.season(0, level), level)
    for days in SHIFTS:
        raw = np.where(usable, _shift(found, today, days, before, np.where(lumps, lump, np.nan)), np.nan)
        shift, _ = panel.own(f"shift_{days}", raw)
        moves[days] = _against_past(tracks, day, days, shift, spread, panel=panel, lumps=lumps)
        tracks.notes[f"shift_{days}"][:, day] = _single(shift)
    score = np.where(usable, _score(moves), np.nan)
    mid = expected + (special + joint) * size + lumpy
    _note(tracks, day, {"mid": mid, "size": size, "surprise": surprise, "move": moves[1], "score": score})
    for number, days in enumerate(EXPERTS):
        miss = np.where(usable, np.abs(today - found.levels[:, number]), np.nan)
        tracks.notes[f"miss_{days}"][:, day] = _single(miss)
    past = _settled(tracks, day)
    shared = pool(past) if shared is None else shared
    p = p_values(np.abs(_single(score)).astype(np.float64), past, shared)
    _note(tracks, day, {"p_value": np.maximum(p, _again(tracks, day))})


def pooled(tracks: Tracks, day: int) -> FloatArray:
    """What do the scores of all series before a day show."""
    return pool(_settled(tracks, day))


def _settled(tracks: Tracks, day: int) -> FloatArray:
    past = np.abs(tracks.past("score", day, YEAR_DAYS))
    ripe = np.isfinite(past).sum(axis=1) >= _RIPE
    past[ripe, -_GAP:] = np.nan
    return past.astype(np.float64)


class _Panel:
    """What all parts have in common on one day: found from them, or as it was noted."""

    def __init__(self, tracks: Tracks, day: int, alone: npt.NDArray[np.bool_], *, fixed: bool) -> None:
        self.tracks, self.day, self.alone, self.fixed = tracks, day, alone, fixed

    def own(self, name: str, moves: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Take the common move out of each part's; a sum that stands alone keeps it. And what was taken."""
        noted = self.tracks.joint[name]
        if not self.fixed:
            known = moves[np.isfinite(moves) & ~self.alone]
            noted[self.day] = np.median(known) if len(known) >= _LEAST_PARTS else 0.0
        joint = np.where(self.alone, 0.0, float(noted[self.day]))
        return moves - joint, joint

    def ratio(self, days: int, own: FloatArray, spread: FloatArray, windows: FloatArray) -> FloatArray:
        """How large is the usual move of a level."""
        noted = self.tracks.joint[f"ratio_{days}"]
        if not self.fixed:
            noted[self.day] = middle_ratio(own, spread, windows, alone=self.alone)
        middle = float(noted[self.day]) or _SHARE_OF_SIGMA[days]
        return of_windows(own, spread, windows, middle=middle)


def _score(moves: dict[int, FloatArray]) -> FloatArray:
    """The power of ten that the harmonic mean chance is below one, with the sign of the least likely move."""
    total, weights, least = np.zeros(len(moves[1])), 0.0, np.full(len(moves[1]), -1.0)
    sign = np.ones(len(total))
    for days, move in moves.items():
        size = np.clip(np.nan_to_num(np.abs(move), nan=0.0), 0.0, _MOST)
        inverse = np.sqrt(days) / np.maximum(2.0 * stdtr(_FREEDOM[days], -size), _LEAST_CHANCE)
        total, weights = total + inverse, weights + float(np.sqrt(days))
        sign = np.where(inverse > least, np.where(move < 0, -1.0, 1.0), sign)
        least = np.maximum(inverse, least)
    return np.asarray(sign * np.log10(total / weights))


def _misses(tracks: Tracks, day: int) -> FloatArray:
    means = [trimmed(tracks.past(f"miss_{days}", day, _MISS_DAYS)) for days in EXPERTS]
    return np.stack(means, axis=1)


def _spread(tracks: Tracks, day: int, found: Baseline) -> FloatArray:
    """The usual size of a day's surprise; where few are known, with what the window's days show beside it."""
    past = tracks.past("surprise", day, YEAR_DAYS)
    count = np.isfinite(past).sum(axis=1)
    level = found.levels[:, -1]
    away = (found.adjusted - level[:, None]) / found.size(level, level)[:, None]
    window = usual(np.asarray(away, dtype=np.float32))
    weight = np.clip(count / WINDOW, 0.0, 1.0)
    return np.asarray(np.maximum(weight * np.nan_to_num(usual(past)) + (1 - weight) * window, _LEAST_SPREAD))


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


def _shift(
    found: Baseline, today: FloatArray, days: int, quarter: FloatArray, lump: FloatArray
) -> FloatArray:
    """How far is the level of the newest days from that before them, in sizes of the level, or in lumps.

    Or from that of a quarter before, where this is nearer: to go back to it after some weeks is no shift.
    """
    every = np.concatenate([found.adjusted, today[:, None]], axis=1)
    newest, before = every[:, -days:], every[:, -days - _BEFORE[days] : -days]
    level = np.median(newest, axis=1) if days == SHIFTS[0] else _middle_mean(newest)
    base = np.median(before, axis=1)
    away, back = level - base, level - quarter
    back = np.where(np.sign(back) == np.sign(away), back, 0.0)
    away = np.where(np.isfinite(quarter) & (np.abs(back) < np.abs(away)), back, away)
    return np.asarray(away / np.where(np.isfinite(lump), lump, found.size(base, level)))


def _quarter_before(window: FloatArray) -> FloatArray:
    """The level of the first six of fifteen weeks; NaN where a day of them is not known."""
    days = window[:, :_QUARTER_DAYS]
    weeks = np.sort(days.reshape(len(window), -1, WEEK), axis=2)[:, :, 1:-1].mean(axis=2)
    return np.where(np.isfinite(days).all(axis=1), np.median(weeks, axis=1), np.nan)


def _middle_mean(values: FloatArray) -> FloatArray:
    """Mean without the lowest and the highest."""
    return np.asarray(np.sort(values, axis=1)[:, 1:-1].mean(axis=1))


def _against_past(
    tracks: Tracks,
    day: int,
    days: int,
    shift: FloatArray,
    spread: FloatArray,
    *,
    panel: _Panel,
    lumps: npt.NDArray[np.bool_],
) -> FloatArray:
    """Divide a shift by its usual spread, around the slope that the series always had."""
    past = tracks.past(f"shift_{days}", day, YEAR_DAYS)
    count = np.isfinite(past).sum(axis=1)
    centre = np.where(count >= _CENTRE_DAYS, _median(past.astype(np.float64)), 0.0)
    own = np.where(lumps, np.nan, usual(past - centre[:, None].astype(np.float32)))
    usually = panel.ratio(days, own, spread, count / days)
    return np.asarray((shift - centre) / np.maximum(usually, _LEAST_SPREAD))


def _again(tracks: Tracks, day: int) -> FloatArray:
    """The share of days with a move half as large as the largest of late; 0 where there were few before."""
    moves = np.abs(tracks.notes["move"][:, max(day - YEAR_DAYS, 0) : day + 1])
    late, before = moves[:, -SHIFTS[-1] :], moves[:, : -SHIFTS[-1]]
    large = np.maximum(np.where(np.isfinite(late), late, 0.0).max(axis=1) / 2, LARGE)
    high = before > large[:, None]
    times = high[:, :1].sum(axis=1) + (high[:, 1:] & ~high[:, :-1]).sum(axis=1)
    count = np.isfinite(before).sum(axis=1)
    return np.where(times >= _AGAIN + count // _AGAIN_DAYS, times / (count + 1.0), 0.0)


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
    special = np.abs(tracks.notes["surprise"][:, kind.alike])
    plain = np.abs(tracks.notes["surprise"])
    special, plain = special[np.isfinite(special)], plain[np.isfinite(plain)]
    if not len(special) or not float(np.median(plain)):
        return 1.5
    return float(np.clip(np.median(special) / np.median(plain), 1.0, 5.0))


def _single(values: FloatArray) -> npt.NDArray[np.float32]:
    return np.asarray(np.clip(values, -1e30, 1e30), dtype=np.float32)


def _note(tracks: Tracks, day: int, told: dict[str, FloatArray]) -> None:
    for name, values in told.items():
        tracks.notes[name][:, day] = _single(values)
