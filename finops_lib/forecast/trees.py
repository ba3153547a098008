"""What do windows of all series have in common that no line tells: boosted trees over the panel.

One row stands for one window and one step ahead. It tells the trees where the same phase lay in the seasons
before, the newest values, the mean over longer and longer times, how lively the window is and how far ahead
the step lies: all against the level of the last season and the window's mean distance from it, as in the
ridge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from finops_lib.forecast.panel import FloatArray, IntArray
from finops_lib.forecast.ridge import exponentials, logs, normal

PHASES: Mapping[str, tuple[tuple[int, int], ...]] = MappingProxyType(
    {
        "hour": ((24, 7), (168, 2)),
        "day": ((7, 8),),
        "week": ((13, 4), (52, 1)),
        "month": ((12, 2),),
    }
)
_NEWEST = 8  # single values seen
_ROWS = 120_000
_STEPS_A_WINDOW = 12  # more steps of one window teach little that is new
_FITS = 3  # over all origins: an origin asks the newest trees that knew no more than it does
_FARTHEST = 10.0  # a value this many window spreads away counts as this far
_LEAST_ROWS = 400

Rows = tuple[FloatArray, FloatArray]


@dataclass(frozen=True)
class Trees:
    """Boosted trees over the windows of all series: which seasons are looked at, in which form.

    Parameters
    ----------
    phases : tuple of (int, int)
        Steps of a season, and how many of its past phases are seen; the main season first.
    log : bool
        Look at logarithms; windows with a value at or below 0 have no forecast then.
    seed : int
        Chooses the windows that are learned from.

    Notes
    -----
    One model for a whole panel: Montero-Manso and Hyndman (2021), International Journal of Forecasting 37(4).
    Boosting over histograms with the least absolute error: Ke et al. (2017), NeurIPS 30, in scikit-learn.

    Examples
    --------
    >>> weeks = np.tile([[5.0, 6.0, 7.0, 6.0, 5.0, 1.0, 2.0]], (4, 30))
    >>> found = Trees(((7, 2),))(weeks, horizon=7, season=7, cuts=[0])["trees"]
    >>> found.shape, bool(np.abs(found[0] - weeks[:, :7]).max() < 0.5)
    ((1, 4, 7), True)
    """

    phases: tuple[tuple[int, int], ...]
    log: bool = False
    seed: int = 1

    def __call__(
        self, history: FloatArray, *, horizon: int, season: int, cuts: Sequence[int]
    ) -> dict[str, FloatArray]:
        """What comes after each origin, learned only from what lay before it.

        Parameters
        ----------
        history : ndarray
            [series, steps].
        horizon, season : int
            Steps ahead, and steps in a season (the phases say more).
        cuts : sequence of int
            How many of the last steps each origin does not know.

        Returns
        -------
        dict
            One [origins, series, horizon]; NaN where the window is not full.
        """
        values = logs(history) if self.log else history
        steps = values.shape[1]
        found = np.full((len(cuts), len(values), horizon), np.nan)
        view = _View(self.phases, min(season, steps), horizon, _lags(self.phases, steps - max(cuts)))
        oldest_first = sorted(range(len(cuts)), key=lambda at: -cuts[at])
        fits = {round(part * (len(cuts) - 1) / (_FITS - 1)) for part in range(_FITS)}
        trees = None
        for number, place in enumerate(oldest_first):
            known = values[:, : steps - cuts[place]]
            if number in fits or trees is None:
                trees = self._fitted(known, view) or trees
            if trees is not None:
                found[place] = view.answer(trees, known)
        return {"trees_log": exponentials(found)} if self.log else {"trees": found}

    def _fitted(self, known: FloatArray, view: _View) -> HistGradientBoostingRegressor | None:
        rows = view.learned(known, draw=np.random.default_rng(self.seed))
        if rows is None:
            return None
        trees = HistGradientBoostingRegressor(
            loss="absolute_error",
            max_iter=300,
            learning_rate=0.05,
            max_leaf_nodes=63,
            min_samples_leaf=60,
            l2_regularization=1.0,
            max_features=0.8,
            early_stopping=False,
            random_state=self.seed,
        )
        return trees.fit(*rows)


@dataclass(frozen=True)
class _View:
    """How a window looks to the trees."""

    phases: tuple[tuple[int, int], ...]
    season: int
    horizon: int
    lags: int

    def learned(self, known: FloatArray, *, draw: np.random.Generator) -> Rows | None:
        """Make rows of windows whose steps ahead are known; None where they are too few."""
        width = self.lags + self.horizon
        if known.shape[1] < width:
            return None
        windows = np.lib.stride_tricks.sliding_window_view(known, width, axis=1)
        series, place = np.nonzero(np.isfinite(windows[..., 0]) & np.isfinite(windows[..., -1]))
        each = min(self.horizon, _STEPS_A_WINDOW, max(4, _ROWS // max(len(series), 1)))
        if len(series) > _ROWS // each:
            chosen = draw.choice(len(series), _ROWS // each, replace=False)
            series, place = series[chosen], place[chosen]
        taken = windows[series, place]
        taken = taken[np.isfinite(taken).all(axis=1)]
        lagged, level, spread = normal(taken[:, : self.lags], self.season)
        use = spread[:, 0] > 0
        if use.sum() * each < _LEAST_ROWS:
            return None
        taken, lagged, level, spread = taken[use], lagged[use], level[use], spread[use]
        ahead = np.argsort(draw.random((len(taken), self.horizon)), axis=1)[:, :each]
        asked = (np.take_along_axis(taken[:, self.lags :], ahead, axis=1) - level) / spread
        rows = self.rows(lagged / spread, ahead, np.abs(level) / spread)
        return rows, np.clip(asked, -_FARTHEST, _FARTHEST).ravel()

    def rows(self, lagged: FloatArray, ahead: IntArray, quiet: FloatArray) -> FloatArray:
        """Describe each window and step ahead, [windows x steps, features]."""
        width, count = lagged.shape[1], ahead.shape[1]
        places = [
            width - back * season + ahead % season
            for season, times in self.phases
            for back in range(1, times + 1)
            if back * season <= width
        ]
        same = [np.take_along_axis(lagged, at, axis=1) for at in places]
        mean = np.mean(same, axis=0) if same else np.zeros(ahead.shape)
        newest = [lagged[:, -back] for back in range(1, min(_NEWEST, width) + 1)]
        longer = [lagged[:, -size:].mean(axis=1) for size in _doubled(self.season, width)]
        last = lagged[:, -2 * self.season :].std(axis=1)
        whole = [*newest, *longer, last, np.log1p(quiet[:, 0])]
        alike = [np.repeat(one[:, None], count, axis=1) for one in whole]
        table = np.stack([*same, mean, *alike, ahead.astype(float)], axis=-1)
        return table.reshape(-1, table.shape[-1]).astype(np.float32)

    def answer(self, trees: HistGradientBoostingRegressor, known: FloatArray) -> FloatArray:
        """Lead each last window on, [series, horizon]; NaN where it is not full."""
        window = known[:, -self.lags :]
        full = np.isfinite(window).all(axis=1)
        found = np.full((len(known), self.horizon), np.nan)
        if not full.any():
            return found
        lagged, level, spread = normal(window[full], self.season)
        safe = np.where(spread > 0, spread, 1.0)
        ahead = np.tile(np.arange(self.horizon), (len(lagged), 1))
        said = trees.predict(self.rows(lagged / safe, ahead, np.abs(level) / safe))
        found[full] = level + np.asarray(said).reshape(ahead.shape) * spread
        return found


def _lags(phases: tuple[tuple[int, int], ...], steps: int) -> int:
    """How long a window is: all phases, but no more than half of the shortest past."""
    return min(max(2 * _NEWEST, *(season * times for season, times in phases)), max(steps // 2, 1))


def _doubled(season: int, width: int) -> list[int]:
    """Sizes from two seasons on, each twice the one before, and the whole window."""
    sizes = []
    size = 2 * season
    while size < width:
        sizes.append(size)
        size *= 2
    return [*sizes, width]
