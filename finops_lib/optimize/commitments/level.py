"""How may the level of use go on: what weeks of the past leave possible, in levels, trends and their doubt.

The logarithm of a week's use is a level and a trend, beyond a year and a half of history also a yearly
season, and an error that lasts: each week keeps a share of the last one's. How lasting and how large errors
are, and whether there is a trend at all, is not known; all that is possible is weighed by how well it tells
the past, so that a trend counts only as far as the past shows one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from finops_lib.optimize.windows import FloatArray, IntArray

WEEKS_A_YEAR = 365.25 / 7
_LASTING = (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98)  # share of a week's error that is left a week later
_NOISE = np.exp(np.linspace(np.log(0.002), np.log(0.4), 18))  # standard deviation of what each week adds
_TRENDS = ((0.0, 0.5), (0.2, 0.2), (0.7, 0.3))  # standard deviation of the trend a year, and its chance
_LEVEL_SPREAD, _SEASON_SPREAD = 10.0, 0.1
_SEASON_WEEKS = 78
_FLOOR = 1e-3  # of the median: below it weeks do not differ


@dataclass(frozen=True)
class Levels:
    """What the past leaves possible for the logarithm of a week's use; made by `learned`.

    ``weight`` is the chance of each case; ``lasting`` and ``noise`` are its errors, ``mean`` and ``root``
    [cases, columns(, columns)] its level, trend and season with their doubt, ``last`` the newest week known
    and ``residual`` [weeks known] by case what they explain; ``floor`` is in the unit of the use.
    """

    weight: FloatArray
    lasting: FloatArray
    noise: FloatArray
    mean: FloatArray
    root: FloatArray
    columns: FloatArray
    newest: FloatArray
    weeks: int
    behind: int
    floor: float

    def paths(self, *, weeks: int, shocks: FloatArray, chosen: FloatArray) -> FloatArray:
        """How may the level of the weeks to come be.

        Parameters
        ----------
        weeks : int
            How many weeks to look ahead.
        shocks : ndarray
            [paths, 4 + weeks + ``behind``], standard normal.
        chosen : ndarray
            [paths], uniform between 0 and 1: which case a path is of.

        Returns
        -------
        ndarray
            [paths, weeks], in the unit of the use, at least zero.
        """
        case = np.minimum(np.searchsorted(np.cumsum(self.weight), chosen), len(self.weight) - 1)
        width = self.columns.shape[1]
        drawn = self.mean[case] + np.einsum("pij,pj->pi", self.root[case], shocks[:, :width])
        error = self.newest[0] - drawn @ self.columns[0]
        ahead = np.empty((len(case), weeks + self.behind))
        for week in range(weeks + self.behind):
            error = self.lasting[case] * error + self.noise[case] * shocks[:, 4 + week]
            ahead[:, week] = error
        future = _columns(np.arange(weeks) + self.weeks, width=width)
        raw = np.exp(np.minimum(drawn @ future.T + ahead[:, self.behind :], 700.0))
        return np.asarray(np.maximum(raw - self.floor, 0.0))

    @property
    def trend(self) -> tuple[float, float]:
        """Mean and standard deviation of the trend, in logarithms a year."""
        spread = (self.root[:, 1, :] ** 2).sum(axis=1)
        mean = float(self.weight @ self.mean[:, 1])
        return mean, float(np.sqrt(self.weight @ (spread + (self.mean[:, 1] - mean) ** 2)))


def learned(use: FloatArray) -> Levels:
    """What do these weeks say of the level, its trend and its errors.

    Parameters
    ----------
    use : ndarray
        [weeks], mean use, the newest last; NaN is a week that is not known.

    Returns
    -------
    Levels

    Raises
    ------
    ValueError
        Fewer than two weeks are known, or no week has use.

    Notes
    -----
    A linear model with errors of first-order autoregression and normal priors, its evidence in closed form
    for each case of a grid: Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, chapters 14 and 15.

    Examples
    --------
    >>> halved = learned(10.0 * 0.5 ** (np.arange(104) / WEEKS_A_YEAR))
    >>> round(halved.trend[0], 2)  # the logarithm of one half
    -0.69
    """
    known = np.flatnonzero(np.isfinite(use))
    if len(known) < 2 or not (use[known] > 0).any():  # noqa: PLR2004 - one week shows no error
        raise ValueError(f"{len(known)} weeks known: at least two, and use in one of them")
    floor = _FLOOR * float(np.median(use[known][use[known] > 0]))
    said = np.log(np.maximum(use[known], 0.0) + floor)
    width = 4 if len(use) >= _SEASON_WEEKS else 2
    columns = _columns(known, width=width)
    cases = [
        _fitted(said, columns, known, lasting=lasting, trend=trend, chance=chance)
        for lasting, (trend, chance) in product(_LASTING, _TRENDS)
    ]
    evidence, means, roots = (np.concatenate(part) for part in zip(*cases, strict=True))
    weight = np.exp(evidence - evidence.max())
    lasting = np.repeat(np.repeat(_LASTING, len(_TRENDS)), len(_NOISE))
    noise = np.tile(_NOISE, len(_LASTING) * len(_TRENDS))
    return Levels(
        weight / weight.sum(), lasting, noise, means, roots, columns[-1:], said[-1:], len(use),
        len(use) - 1 - int(known[-1]), floor,
    )  # fmt: skip


def _columns(week: IntArray, *, width: int) -> FloatArray:
    year = week / WEEKS_A_YEAR
    turn = 2 * np.pi * year
    return np.stack([np.ones(len(week)), year, np.cos(turn), np.sin(turn)], axis=1)[:, :width]


def _fitted(
    said: FloatArray, columns: FloatArray, known: IntArray, *, lasting: float, trend: float, chance: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weigh each noise, and give the mean and the root of the doubt of level, trend and season."""
    apart = np.abs(known[:, None] - known[None, :])
    unit = np.linalg.cholesky(lasting**apart / (1.0 - lasting**2) if lasting else np.eye(len(known)))
    white = np.linalg.solve(unit, np.column_stack([columns, said - said.mean()]))
    seen, target = white[:, :-1], white[:, -1]
    spread = np.array([_LEVEL_SPREAD, trend, _SEASON_SPREAD, _SEASON_SPREAD])[: columns.shape[1]]
    evidence, means, roots = [], [], []
    for noise in _NOISE:
        scaled = seen * spread / noise
        precision = np.eye(len(spread)) + scaled.T @ scaled
        lower = np.linalg.cholesky(precision)
        pull = scaled.T @ target / noise
        centre = np.linalg.solve(precision, pull)
        fit = float(target @ target) / noise**2 - float(pull @ centre)
        size = 2 * np.log(np.diag(lower)).sum() + 2 * len(said) * np.log(noise)
        evidence.append(np.log(chance) - 0.5 * (fit + size) - np.log(np.diag(unit)).sum())
        means.append(spread * centre)
        roots.append(spread[:, None] * np.linalg.inv(lower).T)
    shifted = np.array(means)
    shifted[:, 0] += said.mean()
    return np.array(evidence), shifted, np.array(roots)
