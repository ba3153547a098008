"""How may the level of use go on: what weeks of the past leave possible, in levels, trends and their doubt.

The logarithm of a week's use is a level and a trend, beyond a year and a half of history also a yearly
season, and an error that lasts: each week keeps a share of the last one's. How lasting and how large errors
are, whether there is a trend at all, and whether it goes by a share or by an amount a year, is not known; all
that is possible is weighed by how well it tells the past, so that a trend counts only as far as it shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finops_lib.optimize.windows import FloatArray, IntArray

WEEKS_A_YEAR = 365.25 / 7
_LASTING = (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98)  # share of a week's error that is left a week later
_NOISE = np.exp(np.linspace(np.log(0.002), np.log(0.4), 18))  # standard deviation of what each week adds
_BY_SHARE = ((0.0, 0.15), (0.2, 0.2), (0.6, 0.5))  # standard deviation of the trend a year, and its chance
_AMOUNTS = np.linspace(0.05, 1.5, 30)  # of today's level a year; what falls goes by a share, never to zero
_AMOUNT_SPREAD, _AMOUNT_CHANCE, _BETWEEN = 0.7, 0.15, 0.04
_LEAST_LEVEL = 0.02  # of today's: growth by an amount did not begin below it
_LEVEL_SPREAD, _SEASON_SPREAD = 10.0, 0.1
_SEASON_WEEKS = 78
_FLOOR = 1e-3  # of the median: below it weeks do not differ
_MOST_SHOCKS = 4  # level, trend and two of the season


@dataclass(frozen=True)
class Levels:
    """What the past leaves possible for the logarithm of a week's use; made by `learned`.

    ``weight`` is the chance of each case; ``lasting`` and ``noise`` are its errors, ``amount`` its trend by
    an amount of today's level a year, ``mean`` and ``root`` [cases, columns(, columns)] its level, trend by a
    share and season with their doubt. ``newest`` is the logarithm of the newest week known, ``behind`` how
    many weeks ago that was, ``floor`` what was added before, in the unit of the use.
    """

    weight: FloatArray
    lasting: FloatArray
    noise: FloatArray
    amount: FloatArray
    mean: FloatArray
    root: FloatArray
    newest: float
    behind: int
    floor: float

    def paths(self, *, weeks: int, shocks: FloatArray, chosen: FloatArray) -> FloatArray:
        """How may the level of the weeks to come be.

        Parameters
        ----------
        weeks : int
            How many weeks to look ahead.
        shocks : ndarray
            [paths, at least 4 + weeks + ``behind``], standard normal.
        chosen : ndarray
            [paths], uniform between 0 and 1: which case a path is of.

        Returns
        -------
        ndarray
            [paths, weeks], in the unit of the use, at least zero.
        """
        case = np.minimum(np.searchsorted(np.cumsum(self.weight), chosen), len(self.weight) - 1)
        width = self.mean.shape[1]
        drawn = self.mean[case] + np.einsum("pij,pj->pi", self.root[case], shocks[:, :width])
        then = np.array([-self.behind])
        told = drawn @ _columns(then, width=width)[0] + _by_amount(then, self.amount[case])[0]
        error = self.newest - told
        ahead = np.empty((len(case), weeks + self.behind))
        for week in range(weeks + self.behind):
            error = self.lasting[case] * error + self.noise[case] * shocks[:, _MOST_SHOCKS + week]
            ahead[:, week] = error
        future = np.arange(1, weeks + 1)
        level = drawn @ _columns(future, width=width).T + _by_amount(future, self.amount[case]).T
        raw = np.exp(np.minimum(level + ahead[:, self.behind :], 700.0))
        return np.asarray(np.maximum(raw - self.floor, 0.0))

    @property
    def trend(self) -> tuple[float, float]:
        """Mean and standard deviation of today's trend, in logarithms a year."""
        each = self.mean[:, 1] + self.amount
        spread = (self.root[:, 1, :] ** 2).sum(axis=1)
        mean = float(self.weight @ each)
        return mean, float(np.sqrt(self.weight @ (spread + (each - mean) ** 2)))


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
    week = known - (len(use) - 1)
    columns = _columns(week, width=_MOST_SHOCKS if len(use) >= _SEASON_WEEKS else 2)
    groups = _groups(week)
    cases = [
        _fitted(said, columns, week, lasting=lasting, spread=spread, offset=offset, chance=chance)
        for lasting in _LASTING
        for spread, offset, chance, _ in groups
    ]
    evidence, mean, root = (np.concatenate(part) for part in zip(*cases, strict=True))
    weight = np.exp(evidence - evidence.max())
    amounts = np.concatenate([np.repeat(amount, len(_NOISE)) for *_, amount in groups])
    size = len(amounts)
    return Levels(
        weight=weight / weight.sum(),
        lasting=np.repeat(_LASTING, size),
        noise=np.tile(_NOISE, len(weight) // len(_NOISE)),
        amount=np.tile(amounts, len(_LASTING)),
        mean=mean,
        root=root,
        newest=float(said[-1]),
        behind=int(-week[-1]),
        floor=floor,
    )


_Group = tuple[float, FloatArray, FloatArray, FloatArray]


def _groups(week: IntArray) -> list[_Group]:
    """List kinds of trend: spread of the one by a share, what the one by an amount adds, chances, amounts."""
    none = np.zeros((len(week), 1))
    found: list[_Group] = [(spread, none, np.array([chance]), np.zeros(1)) for spread, chance in _BY_SHARE]
    amounts = _AMOUNTS[1.0 + _AMOUNTS * week[0] / WEEKS_A_YEAR > _LEAST_LEVEL]
    if not len(amounts):
        return found
    chance = np.exp(-0.5 * (amounts / _AMOUNT_SPREAD) ** 2)
    return [*found, (_BETWEEN, _by_amount(week, amounts), _AMOUNT_CHANCE * chance / chance.sum(), amounts)]


def _by_amount(week: IntArray, amount: FloatArray) -> FloatArray:
    """Give the logarithm of a level that changes by an amount a year and is 1 today, [weeks, amounts]."""
    return np.asarray(np.log(np.maximum(1.0 + week[:, None] / WEEKS_A_YEAR * amount, _LEAST_LEVEL)))


def _columns(week: IntArray, *, width: int) -> FloatArray:
    year = week / WEEKS_A_YEAR
    turn = 2 * np.pi * year
    return np.stack([np.ones(len(week)), year, np.cos(turn), np.sin(turn)], axis=1)[:, :width]


def _fitted(
    said: FloatArray,
    columns: FloatArray,
    week: IntArray,
    *,
    lasting: float,
    spread: float,
    offset: FloatArray,
    chance: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weigh each offset and noise, and give the mean and the root of the doubt of level, trend and season."""
    apart = np.abs(week[:, None] - week[None, :])
    unit = np.linalg.cholesky(lasting**apart / (1.0 - lasting**2) if lasting else np.eye(len(week)))
    centre = said.mean()
    white = np.linalg.solve(unit, np.column_stack([columns, (said - centre)[:, None] - offset]))
    width, scale = columns.shape[1], 1.0 / _NOISE
    spreads = np.array([_LEVEL_SPREAD, spread, _SEASON_SPREAD, _SEASON_SPREAD])[:width]
    seen, target = white[:, :width] * spreads, white[:, width:]
    precision = np.eye(width) + (seen.T @ seen) * (scale**2)[:, None, None]
    pull = (target.T @ seen)[:, None, :] * (scale**2)[None, :, None]  # [offsets, noises, columns]
    middle = np.linalg.solve(precision[None], pull[..., None])[..., 0]
    fit = (target**2).sum(axis=0)[:, None] * scale**2 - (pull * middle).sum(axis=-1)
    lower = np.linalg.cholesky(precision)
    size = 2 * np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1) + 2 * len(said) * np.log(_NOISE)
    evidence = np.log(chance)[:, None] - 0.5 * (fit + size) - np.log(np.diag(unit)).sum()
    mean = spreads * middle
    mean[..., 0] += centre
    root = spreads[:, None] * np.linalg.inv(lower).transpose(0, 2, 1)
    return evidence.ravel(), mean.reshape(-1, width), np.tile(root, (len(chance), 1, 1))
