"""Which values must not lead a forecast astray: single spikes, and a step too new for the models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finops_lib.forecast.panel import FloatArray

BoolArray = npt.NDArray[np.bool_]

_FAR = 10.0  # spreads from the middle that make a spike
_BACK = 3.0  # spreads within which a value is back to normal
_LONGEST_SPIKE = 2  # steps
_KNOWN_SPIKES = 2  # with more of them, spikes are part of the series
_JUMP = 6.0  # spreads by which a step moves the level
_UNSEEN = 2.0  # times as large as all that the series has shown before
_EARLIER = 6  # earlier moments at which a series must have shown no such move
_FLAT = 0.35  # of the jump: how unlike the values after a step may be
_LONGEST_MEMORY = 60  # earlier moments looked at
_SEASONS_BEFORE = 4
_LEAST_SPREAD = 0.02  # of the level, so that a constant has a spread
_NORMAL = 1.4826  # standard deviations a median absolute deviation, of a normal distribution
_GLANCE = 0.1  # the same for one or two values that only the next ones will tell of
_WIDE, _NARROW = 0.6, 0.3  # share of a jump that counts as the usual error: before and after a whole season


@dataclass(frozen=True)
class Step:
    """Since when does a series lie on another level.

    Parameters
    ----------
    series : int
        Row in the panel.
    length : int
        Steps since then.
    factor : float
        New level over old one; 1 where the series is not above 0 throughout.
    amount : float
        New level less old one, in the series' unit.
    settled : bool
        Whether it lasts long enough to be led on.
    """

    series: int
    length: int
    factor: float
    amount: float
    settled: bool = True

    def doubt(self, *, season: int) -> float:
        """How large an error must be expected while nobody knows whether the step stays, in the series' unit.

        Parameters
        ----------
        season : int
            Steps in a season; in the first one the old level stays within the 80 % interval.

        Examples
        --------
        >>> Step(0, 3, 2.0, 10.0).doubt(season=7), Step(0, 9, 2.0, 10.0).doubt(season=7)
        (6.0, 3.0)
        """
        if not self.settled:
            return _GLANCE * abs(self.amount)
        return (_WIDE if self.length < season else _NARROW) * abs(self.amount)


def without_spikes(history: FloatArray, *, season: int) -> FloatArray:
    """What would the values be without rare spikes of one or two steps.

    A spike lies ten spreads (median absolute deviations) from the median of the two seasons before it and
    twice as far as any value before, is unlike the season before, and is over within two steps. From the
    third on spikes belong to the series.

    Parameters
    ----------
    history : ndarray
        [series, steps] without gaps; NaN before the first value.
    season : int
        Steps in a season.

    Notes
    -----
    Looks no more than two steps ahead: whether a value was a spike is known when it is over.

    Examples
    --------
    >>> week = [4.0, 5.0, 6.0] * 4
    >>> week[8] = 90.0
    >>> without_spikes(np.array([week]), season=3)[0].tolist()
    [4.0, 5.0, 6.0, 4.0, 5.0, 6.0, 4.0, 5.0, 6.0, 4.0, 5.0, 6.0]
    """
    if history.shape[1] <= _width(season) + 1:
        return history
    away = _Away.of(history, season)
    over = np.zeros_like(away.far)
    for ahead in range(1, _LONGEST_SPIKE + 1):
        after = np.abs(history[:, ahead:] - away.middle[:, :-ahead])
        over[:, :-ahead] |= after < _BACK * away.spread[:, :-ahead]
    spike = away.far & over
    rare = np.cumsum(spike & ~_moved_on(spike), axis=1) <= _KNOWN_SPIKES
    return np.where(spike & rare, away.instead, history)


def unsettled(history: FloatArray, *, season: int) -> list[Step]:
    """Which series end in one or two values so far off that only the next days will tell what they are.

    Parameters
    ----------
    history : ndarray
        [series, steps] without gaps; NaN before the first value.
    season : int
        Steps in a season.

    Returns
    -------
    list of Step
        Not settled: until more is known such values are taken as a single event, not as a new level.

    Examples
    --------
    >>> unsettled(np.array([[4.0, 5.0, 6.0] * 4 + [90.0]]), season=3)
    [Step(series=0, length=1, factor=1.0, amount=85.0, settled=False)]
    """
    if history.shape[1] <= _width(season) + 1:
        return []
    away = _Away.of(history, season)
    seen = np.cumsum(away.far & ~_moved_on(away.far), axis=1)[:, -1]
    found = []
    for row in np.flatnonzero(away.far[:, -1] & (seen <= _KNOWN_SPIKES)).tolist():
        length = 2 if away.far[row, -2] else 1
        if length < 2 or not away.far[row, -3]:  # noqa: PLR2004  # three in a row are no single event
            amount = float((history[row, -length:] - away.middle[row, -length:]).mean())
            found.append(Step(row, length, 1.0, amount, settled=False))
    return found


def settled(history: FloatArray, steps: list[Step], *, season: int) -> FloatArray:
    """What would the newest values be if they were like those before.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    steps : list of Step
        From `unsettled`.
    season : int
        Steps in a season.

    Examples
    --------
    >>> off = [Step(0, 1, 1.0, 86.0, settled=False)]
    >>> settled(np.array([[4.0, 5.0, 4.0, 90.0]]), off, season=2).tolist()
    [[4.0, 5.0, 4.0, 5.0]]
    """
    level = history.copy()
    for step in steps:
        for back in range(step.length, 0, -1):
            level[step.series, -back] = level[step.series, -back - season]
    return level


@dataclass(frozen=True)
class _Away:
    """How far is each value from those before it: far ones, middle and spread, and what would be usual."""

    far: BoolArray
    middle: FloatArray
    spread: FloatArray
    instead: FloatArray

    @classmethod
    def of(cls, history: FloatArray, season: int) -> _Away:
        middle, spread = _usual(history, _width(season))
        away = np.abs(history - middle)
        far = away > _FAR * spread
        before = np.concatenate([np.full((len(history), season), np.nan), history[:, :-season]], axis=1)
        far &= ~(np.abs(history - before) < away / 2)
        far &= away > _UNSEEN * _before(np.where(far, 0.0, np.nan_to_num(away)))
        usual = np.isfinite(before) & ~np.roll(far, season, axis=1)
        return cls(far, middle, spread, np.where(usual, before, middle))


def _width(season: int) -> int:
    """How many values before say what is usual."""
    return max(2 * season, 5)


def steps_now(history: FloatArray, *, season: int) -> list[Step]:
    """Which series have just moved to another level: too lately for the models, too clearly for chance.

    Parameters
    ----------
    history : ndarray
        [series, steps] without gaps; NaN before the first value.
    season : int
        Steps in a season.

    Returns
    -------
    list of Step
        At most one a series, at most two seasons old: all values since then lie on one side of what the same
        phases of the season were in four seasons before, by six spreads in the median, and are alike; and the
        series has shown no move half as large before.

    Examples
    --------
    >>> days = np.array([[4.0, 5.0, 6.0] * 9 + [8.0, 10.0, 12.0]])
    >>> steps_now(days, season=3)
    [Step(series=0, length=3, factor=2.0, amount=5.0, settled=True)]
    """
    least = 3 if season <= 12 else season // 4  # noqa: PLR2004  # of a year of months still a quarter
    found: dict[int, Step] = {}
    for length in range(least, 2 * season + 1):
        for row in _moved(history, length, season):
            if row not in found and _unseen(history[row], length, season):
                found[row] = _step(history[row], row, length, season)
    return [found[row] for row in sorted(found)]


def moved(history: FloatArray, steps: list[Step]) -> FloatArray:
    """What would the past be on the new level.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    steps : list of Step
        From `steps_now`.

    Examples
    --------
    >>> moved(np.array([[1.0, 2.0, 4.0]]), [Step(0, 1, 2.0, 2.0)]).tolist()
    [[2.0, 4.0, 4.0]]
    """
    level = history.copy()
    for step in steps:
        old = level[step.series, : history.shape[1] - step.length]
        old[:] = old * step.factor if step.factor != 1.0 else old + step.amount
    return level


def _usual(history: FloatArray, width: int) -> tuple[FloatArray, FloatArray]:
    """Give each value the median of those before it and their spread, so that none judges itself."""
    series, steps = history.shape
    windows = np.lib.stride_tricks.sliding_window_view(history[:, :-1], width, axis=1)
    middle, spread = np.full((series, steps), np.nan), np.full((series, steps), np.nan)
    inner = np.median(windows, axis=2)
    middle[:, width:] = inner
    off = np.median(np.abs(windows - inner[..., None]), axis=2) * _NORMAL
    spread[:, width:] = np.maximum(off, _LEAST_SPREAD * np.abs(inner))
    return middle, spread


def _before(away: FloatArray) -> FloatArray:
    """Give each value the largest distance that came before it; nothing is unseen in the first steps."""
    largest = np.maximum.accumulate(away, axis=1)
    return np.concatenate([np.full((len(away), 1), np.inf), largest[:, :-1]], axis=1)


def _moved_on(flags: BoolArray) -> BoolArray:
    """Say whether the step before has the flag, so that two steps of one spike count once."""
    return np.concatenate([np.zeros((len(flags), 1), dtype=bool), flags[:, :-1]], axis=1)


def _phases(values: FloatArray, length: int, season: int) -> tuple[FloatArray, FloatArray]:
    """Give the values before a window by season and phase, and the phase medians, aligned to the window."""
    before = values[:, : values.shape[1] - length][:, -_SEASONS_BEFORE * season :]
    table = before.reshape(len(values), _SEASONS_BEFORE, season)
    return table, np.median(table, axis=1)


def _moved(history: FloatArray, length: int, season: int) -> list[int]:
    """Say which rows lie on another level for this long, judged in logarithms where they are above 0."""
    if history.shape[1] < length + _SEASONS_BEFORE * season:
        return []
    recent = history[:, -length - _SEASONS_BEFORE * season :]
    above = np.asarray((recent > 0).all(axis=1))
    values = np.where(above[:, None], np.log(np.where(above[:, None], recent, 1.0)), recent)
    table, usual = _phases(values, length, season)
    off = table - usual[:, None]
    least = np.where(above, 1.0, np.abs(usual).mean(axis=1)) * _LEAST_SPREAD
    spread = np.maximum(_NORMAL * np.median(np.abs(off), axis=(1, 2)), least)
    away = values[:, -length:] - usual[:, np.arange(length) % season]
    jump = np.median(away, axis=1)
    one_side = (np.sign(away) * np.sign(jump)[:, None] >= 0).all(axis=1) & (jump != 0)
    alike = _NORMAL * np.median(np.abs(away - jump[:, None]), axis=1) < _FLAT * np.abs(jump)
    half = length // 2
    ramp = np.abs(np.median(away[:, :half], axis=1) - np.median(away[:, half:], axis=1))
    begun = np.abs(off[:, -1, -1]) < np.abs(jump) / 2  # the step before still lay on the old level
    clear = (np.abs(jump) > _JUMP * spread) & (ramp < _FLAT * np.abs(jump))
    return np.flatnonzero(one_side & alike & begun & clear & np.isfinite(spread)).tolist()


def _unseen(values: FloatArray, length: int, season: int) -> bool:
    """Say whether no window of this length in the past lay nearly as far from the seasons before it."""
    known = values[np.isfinite(values)]
    stride = max(season // 2, 1)
    reach = length + _SEASONS_BEFORE * season
    ends = [
        len(known) - length - back * stride for back in range((len(known) - length - reach) // stride + 1)
    ]
    if len(ends) < _EARLIER:
        return False
    jumps = [abs(_step(known[:end], 0, length, season).amount) for end in ends[:_LONGEST_MEMORY]]
    return abs(_step(known, 0, length, season).amount) > _UNSEEN * max(jumps)


def _step(values: FloatArray, row: int, length: int, season: int) -> Step:
    _, usual = _phases(values[None], length, season)
    old, new = usual[0, np.arange(length) % season], values[-length:]
    amount = float(np.median(new - old))
    above = bool((old > 0).all() and (new > 0).all() and np.nanmin(values) >= 0)
    factor = float(np.median(new / old)) if above else 1.0
    return Step(row, length, factor, amount)
