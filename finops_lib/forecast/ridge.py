"""Where did windows like the last one lead: one linear map from a window to all steps ahead, for all series.

Each window of a series is moved to the level of its last season and divided by its own mean distance from it,
so that windows of all series are alike. One ridge regression is fitted to the windows of the whole panel (the
pool), and one for each series to its own windows plus the pool as if it were ``kappa`` more windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from finops_lib.forecast.panel import FloatArray

_PENALTY = 1e-3  # of the mean square of a normalised lag, which is about 1
_FARTHEST = 10.0  # a value this many window spreads away counts as this far
_CHUNK = 64  # window positions handled at once
_LEAST_WINDOWS = 5
_FLAT = 1e-9  # spread, as a share of the level, below which a window is constant
_LARGEST_EXPONENT = 700.0
_BLOCK = 1000  # series a pool, which bounds the memory

Sums = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Ridge:
    """Which windows are looked at, and in which form.

    Parameters
    ----------
    lags : int
        Steps in a window.
    log : bool
        Look at logarithms; windows with a value at or below 0 have no forecast then.
    kappas : tuple
        How many windows the pool counts as beside a series's own; None is the pool alone.

    Examples
    --------
    >>> Ridge(lags=28, log=True).names()
    ['ridge_28_log_pool', 'ridge_28_log_2000', 'ridge_28_log_300', 'ridge_28_log_50']
    """

    lags: int
    log: bool = False
    kappas: tuple[float | None, ...] = (None, 2000.0, 300.0, 50.0)

    def names(self) -> list[str]:
        """What is each variant called."""
        form = "_log" if self.log else ""
        return [f"ridge_{self.lags}{form}_{'pool' if k is None else int(k)}" for k in self.kappas]

    def __call__(
        self, history: FloatArray, *, horizon: int, season: int, cuts: Sequence[int]
    ) -> dict[str, FloatArray]:
        """What comes after each origin, learned only from what lay before it.

        Parameters
        ----------
        history : ndarray
            [series, steps].
        horizon, season : int
            Steps ahead, and steps in a season.
        cuts : sequence of int
            How many of the last steps each origin does not know.

        Returns
        -------
        dict
            One [origins, series, horizon] a variant; NaN where the window is not full.
        """
        blocks = [
            self._block(history[first : first + _BLOCK], horizon, min(season, self.lags), cuts)
            for first in range(0, len(history), _BLOCK)
        ]
        table = np.concatenate(blocks, axis=2)
        return dict(zip(self.names(), table, strict=True))

    def _block(self, history: FloatArray, horizon: int, season: int, cuts: Sequence[int]) -> FloatArray:
        series, steps = history.shape
        found = np.full((len(self.kappas), len(cuts), series, horizon), np.nan)
        values = logs(history) if self.log else history
        learned = _Learned(values, lags=self.lags, horizon=horizon, season=season)
        # from the oldest origin on: what an origin learns, the next one knows too
        for place in sorted(range(len(cuts)), key=lambda at: -cuts[at]):
            learned.up_to(steps - cuts[place])
            window = values[:, max(steps - cuts[place] - self.lags, 0) : steps - cuts[place]]
            if window.shape[1] == self.lags and learned.count.sum() >= _LEAST_WINDOWS:
                found[:, place] = learned.forecast(window, self.kappas)
        return exponentials(found) if self.log else found


@dataclass
class _Learned:
    """Sums of products of the windows seen so far, a series each."""

    values: FloatArray
    lags: int
    horizon: int
    season: int
    seen: int = 0
    square: Sums = field(init=False)
    cross: Sums = field(init=False)
    count: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        series = len(self.values)
        self.square = np.zeros((series, self.lags + 1, self.lags + 1), dtype=np.float32)
        self.cross = np.zeros((series, self.lags + 1, self.horizon), dtype=np.float32)
        self.count = np.zeros(series)

    def up_to(self, step: int) -> None:
        """Learn from every window whose steps ahead end before this step."""
        width = self.lags + self.horizon
        upto = step - width + 1
        if upto <= self.seen:
            return
        windows = np.lib.stride_tricks.sliding_window_view(self.values, width, axis=1)
        for first in range(self.seen, upto, _CHUNK):
            self._learn(windows[:, first : min(first + _CHUNK, upto)])
        self.seen = upto

    def _learn(self, windows: FloatArray) -> None:
        lagged, level, spread = normal(windows[..., : self.lags], self.season)
        ahead = windows[..., self.lags :] - level
        good = np.isfinite(lagged).all(axis=-1) & np.isfinite(ahead).all(axis=-1)
        good &= spread[..., 0] > 0
        if not good.any():
            return
        divisor = np.where(good[..., None], spread, 1.0)
        x = np.where(good[..., None], lagged / divisor, 0.0).astype(np.float32)
        y = np.where(good[..., None], np.clip(ahead / divisor, -_FARTHEST, _FARTHEST), 0.0)
        x = np.concatenate([x, good[..., None].astype(np.float32)], axis=-1)
        turned = x.transpose(0, 2, 1)
        self.square += turned @ x
        self.cross += turned @ y.astype(np.float32)
        self.count += good.sum(axis=1)

    def forecast(self, window: FloatArray, kappas: Sequence[float | None]) -> FloatArray:
        """Lead each last window on, [kappas, series, horizon]."""
        seen = self.count.sum()
        penalty = _PENALTY * np.eye(self.lags + 1)
        penalty[-1, -1] = _PENALTY**2
        square = self.square.sum(axis=0, dtype=float) / seen + penalty
        pool = np.linalg.solve(square, self.cross.sum(axis=0, dtype=float) / seen)
        lagged, level, spread = normal(window, self.season)
        x = np.concatenate([lagged / np.where(spread > 0, spread, 1.0), np.ones((len(window), 1))], axis=1)
        x = np.nan_to_num(x)
        common = x @ pool
        rest = self.cross - self.square @ pool.astype(np.float32)
        found = []
        for kappa in kappas:
            own = 0.0 if kappa is None else self._own(x, rest, kappa * square)
            found.append(level + (common + own) * spread)
        known = np.asarray(np.isfinite(window).all(axis=1))
        return np.where(known[:, None], np.array(found), np.nan)

    def _own(self, x: FloatArray, rest: Sums, square: FloatArray) -> FloatArray:
        """What a series's own windows add to the pool's answer."""
        # x' (S + kappa P)^-1 rest: one right-hand side a series instead of one a step ahead
        left = np.linalg.solve(self.square + square.astype(np.float32), x.astype(np.float32)[..., None])
        return np.asarray((left.transpose(0, 2, 1) @ rest)[:, 0], dtype=float)


def normal(window: FloatArray, season: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """How do windows of all series become alike: around the level of their last season, by their spread.

    Parameters
    ----------
    window : ndarray
        [..., steps].
    season : int
        Steps in a season.

    Returns
    -------
    tuple of ndarray
        The distance from that level [..., steps], the level and the mean absolute distance [..., 1]; a
        constant window has spread 0.

    Examples
    --------
    >>> [part.tolist() for part in normal(np.array([[2.0, 4.0, 6.0]]), 2)]
    [[[-3.0, -1.0, 1.0]], [[5.0]], [[1.6666666666666667]]]
    """
    level = window[..., -season:].mean(axis=-1, keepdims=True)
    away = window - level
    spread = np.abs(away).mean(axis=-1, keepdims=True)
    spread = np.where(spread > _FLAT * np.abs(level), spread, 0.0)
    return away, level, spread


def logs(history: FloatArray) -> FloatArray:
    """What are the logarithms; NaN at and below 0, so that no window with such a value is looked at.

    Parameters
    ----------
    history : ndarray
        [series, steps].

    Examples
    --------
    >>> logs(np.array([[1.0, 1.0], [0.0, 1.0]])).tolist()
    [[0.0, 0.0], [nan, 0.0]]
    """
    return np.asarray(np.log(np.where(history > 0, history, np.nan)))


def exponentials(values: FloatArray) -> FloatArray:
    """What do logarithms stand for, without ever becoming infinite.

    Parameters
    ----------
    values : ndarray
        Of any shape.

    Examples
    --------
    >>> exponentials(np.array([0.0, 1e9])).tolist()[0]
    1.0
    """
    return np.asarray(np.exp(np.minimum(values, _LARGEST_EXPONENT)))
