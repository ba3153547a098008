"""How large are past errors, and how do single ones stand to that: over all series, or by kind of series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from finops_lib.backtest import mean_known
from finops_lib.forecast.panel import FloatArray, IntArray

STEP_ORIGINS, _WIDTH = 10.0, 7  # the same for one step of many, over as many steps as it is smoothed
NEIGHBOUR_ORIGINS = 3.0  # how many origins of its own the panel's usual error counts for
_PRIOR = 10.0  # futures that Student's t counts as beside the past ones
_LEAST_ATOMS, _MOST_ATOMS = 39, 20_000  # quantiles of Student's t
_LEAST_FREEDOM = 3.0
_HALF, _DOUBT = 0.5, 2.0  # correlation of errors where nothing is known, and the futures it counts as
_MEAN_OF_NORMAL = 0.8  # mean absolute value of a standard normal: ratios stand against mean absolute errors
_TAIL = 0.8  # quantile of the ratios' size beyond which the share of a series is compared between groups
_LEAST_SIZE = 1e-9  # of the scale: a series that was never missed still has a size
_LEAST_GROUP = 8  # series
_CHANCE = 0.01  # that a group is set apart although it is like the others


@dataclass(frozen=True)
class Yardstick:
    """How large are errors, and how do single ones stand to that.

    Parameters
    ----------
    size : ndarray
        [series, questions], above 0: the usual absolute error.
    ratios : ndarray
        [origins, series, questions]: error over the usual one of other origins; NaN where unknown.
    spans : float
        How many times the horizon fits between the oldest and the newest future that was judged.
    """

    size: FloatArray
    ratios: FloatArray
    spans: float

    def atoms(self, rows: IntArray | None = None) -> FloatArray:
        """Which ratios is the coming error drawn from.

        Parameters
        ----------
        rows : ndarray, optional
            Only those of these series.

        Returns
        -------
        ndarray
            Sorted: the past ratios, and quantiles of Student's t that count as ten of them. Ratios of steps
            of one future, or of futures that overlap, count as one.
        """
        ratios = self.ratios if rows is None else self.ratios[:, rows]
        known = ratios[np.isfinite(ratios)]
        futures = max(float(np.isfinite(ratios).any(axis=(0, 2)).sum()) * self.spans, 1.0)
        count = min(max(round(len(known) * _PRIOR / futures), _LEAST_ATOMS), _MOST_ATOMS)
        freedom = max(self.spans - 1.0, _LEAST_FREEDOM)
        prior = stats.t.ppf(np.arange(1, count + 1) / (count + 1), freedom) / _MEAN_OF_NORMAL
        return np.sort(np.concatenate([known, prior]))

    def together(self) -> float:
        """How much do series err together, 0 to 1: the mean correlation of their ratios.

        Returns
        -------
        float
            Pulled to one half as if two more futures had said so.
        """
        ratio = mean_known(self.ratios, axis=2)
        known = np.isfinite(ratio)
        ratio = np.where(known, ratio, 0.0)
        squares = (ratio**2).sum(axis=1)
        pairs = float(((known.sum(axis=1) - 1) * squares).sum())
        found = float((ratio.sum(axis=1) ** 2 - squares).sum()) / pairs if pairs > 0 else _HALF
        weight = self.spans if pairs > 0 else 0.0
        return (min(max(found, 0.0), 1.0) * weight + _HALF * _DOUBT) / (weight + _DOUBT)


def alike(ratios: FloatArray, groups: Sequence[str]) -> list[IntArray]:
    """Which series are judged together: a group alone where its errors are unlike those of the others.

    Parameters
    ----------
    ratios : ndarray
        [origins, series, questions], as in `Yardstick`.
    groups : sequence of str
        One name a series; empty for none.

    Returns
    -------
    list of ndarray
        Rows of series; each series is in one of them.

    Notes
    -----
    Conformal prediction by group: Vovk et al. (2005), ch. 4.5. A group is set apart where the Mann-Whitney
    test says (1 %, shared by all groups) that its series have more or fewer large ratios than the others.

    Examples
    --------
    >>> calm, wild = np.tile([[1.0], [1.1]], (1, 9)), np.tile([[-3.0], [4.0]], (1, 9))
    >>> ratios = np.concatenate([calm, wild], axis=1)[:, :, None]
    >>> [len(rows) for rows in alike(ratios, ["calm"] * 9 + ["wild"] * 9)]
    [9, 9]
    >>> [len(rows) for rows in alike(ratios, ["even", "odd"] * 9)]
    [18]
    """
    names = sorted(set(groups))
    everyone = np.arange(ratios.shape[1])
    if len(names) < 2:  # noqa: PLR2004  # nothing to compare
        return [everyone]
    size = np.abs(ratios)
    far = float(np.nanquantile(size, _TAIL)) if np.isfinite(size).any() else np.inf
    share = mean_known(np.where(np.isfinite(size), size >= far, np.nan), axis=(0, 2))
    label = np.array(groups)
    apart = [name for name in names if _unlike(share, label == name, tests=len(names))]
    rows = [np.flatnonzero(label == name) for name in apart]
    rest = np.flatnonzero(~np.isin(label, apart))
    return [*rows, rest] if len(rest) else rows


def _unlike(share: FloatArray, inside: npt.NDArray[np.bool_], *, tests: int) -> bool:
    known = np.isfinite(share)
    one, other = share[inside & known], share[~inside & known]
    if min(len(one), len(other)) < _LEAST_GROUP:
        return False
    return bool(stats.mannwhitneyu(one, other).pvalue < _CHANCE / tests)


def yardstick(
    errors: FloatArray,
    scale: FloatArray,
    *,
    growth: FloatArray,
    cuts: Sequence[int] = (),
    horizon: int = 1,
    successive: bool = False,
) -> Yardstick:
    """How large are errors usually, for each series and question.

    The panel's usual error for a question, times how the series' own errors stand to it, counts as three
    origins beside the series' own. What an error is divided by leaves out its own origin and those whose
    futures overlap with it, as the coming error has no such neighbours either.

    Parameters
    ----------
    errors : ndarray
        [origins, series, questions]; NaN is unknown.
    scale : ndarray
        [series], above 0.
    growth : ndarray
        [questions]: how the error is taken to grow where nothing in the panel is known.
    cuts : sequence of int
        How many of the last steps each origin does not know; empty where no two futures overlap.
    horizon : int
        Steps of one future.
    successive : bool
        Questions are steps in a row: the panel's error is smoothed over a week of them and counts for ten
        origins, because a single step has few errors of its own.

    Examples
    --------
    >>> found = yardstick(np.array([[[2.0]], [[-2.0]]]), np.ones(1), growth=np.ones(1))
    >>> found.size.tolist(), found.ratios[:, 0, 0].tolist()
    ([[2.0]], [1.0, -1.0])
    """
    known = np.isfinite(errors)
    size = np.where(known, np.abs(errors), 0.0)
    place = np.asarray(cuts if cuts else np.arange(len(errors)) * horizon)
    ratios = np.full(errors.shape, np.nan)
    for origin in range(len(errors)):
        others = _others(place, origin, horizon)
        if len(others):
            sums = (size[others].sum(axis=0), known[others].sum(axis=0))
            rest = _usual(*sums, scale, growth, successive=successive)
            ratios[origin] = np.where(known[origin], errors[origin] / rest, np.nan)
    spans = float(np.ptp(place)) / horizon + 1.0 if len(place) else 1.0
    whole = _usual(size.sum(axis=0), known.sum(axis=0), scale, growth, successive=successive)
    return Yardstick(whole, ratios, spans)


def _others(place: IntArray, origin: int, horizon: int) -> IntArray:
    """Name the origins whose futures do not overlap with this one's; where all do, all others."""
    apart = np.flatnonzero(np.abs(place - place[origin]) >= horizon)
    return apart if len(apart) else np.delete(np.arange(len(place)), origin)


def _usual(
    total: FloatArray, count: FloatArray, scale: FloatArray, growth: FloatArray, *, successive: bool
) -> FloatArray:
    """Mean absolute error [series, questions], pulled to the panel's and the series' other questions."""
    counted = count.sum(axis=0)
    panel = (total / scale[:, None]).sum(axis=0)
    grown = float((growth * counted).sum())
    # what is known of other questions says how large errors are where a question was never asked
    lift = float(panel.sum()) / grown if grown > 0 else 1.0
    shape = np.where(counted > 0, panel / np.maximum(counted, 1), growth * lift)
    beside = STEP_ORIGINS if successive else NEIGHBOUR_ORIGINS
    shape = _smoothed(shape) if successive else shape
    expected = scale[:, None] * shape
    asked = np.where(count > 0, expected * count, 0.0).sum(axis=1)
    origins = count.mean(axis=1)
    own = np.where(asked > 0, total.sum(axis=1) / np.where(asked > 0, asked, 1.0), 1.0)
    factor = (own * origins + NEIGHBOUR_ORIGINS) / (origins + NEIGHBOUR_ORIGINS)
    prior = expected * factor[:, None]
    found = (total + beside * prior) / (count + beside)
    return np.asarray(np.maximum(found, scale[:, None] * _LEAST_SIZE))


def _smoothed(shape: FloatArray) -> FloatArray:
    """Take the mean over a week of steps, the last ones going on at both ends."""
    padded = np.pad(shape, _WIDTH // 2, mode="edge")
    return np.convolve(padded, np.full(_WIDTH, 1.0 / _WIDTH), mode="valid")
