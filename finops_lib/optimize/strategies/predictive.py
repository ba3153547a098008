"""Our rule: what came for workloads that looked alike, and a price of risk that the tenant's own past set."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from finops_lib.backtest import origins
from finops_lib.optimize.features import described, level_of
from finops_lib.optimize.forest import Expected, Forest, grown
from finops_lib.optimize.ladder import LADDER, cheapest
from finops_lib.optimize.past import Past, scale_of, windows
from finops_lib.optimize.price import Promise, folds, lowest
from finops_lib.optimize.strategies.base import Allocation, allotted
from finops_lib.optimize.windows import FloatArray, Histories, IntArray

ENOUGH_WINDOWS = 200  # fewer past windows carry no forest
_MOST_WINDOWS = 2000
_LEAST_SAMPLES = 100
_PRICES = (1e-2, 1e4)
_PARTS = 5
_BROKEN = 0.3  # a broken bound weighs as much as this share of samples
_LEVEL = 0.995  # the percentile whose headroom is set where the past is short
_FACTORS = (0.5, 8.0)


@dataclass(frozen=True)
class Predictive:
    """Sizes at which the expected share of samples above them, at its price, and the size cost least.

    Made by `learned`.

    Parameters
    ----------
    forest : Forest
        What came after past windows.
    price : float
        Of a share of 1, in sizes of a mean workload.
    promise : Promise
        What the price was set for.
    unit : float
        Mean scale of the past windows.
    """

    forest: Forest
    price: float
    promise: Promise
    unit: float

    def __call__(self, histories: Histories) -> Allocation:
        """How much should each workload have, and how often is that expected not to do.

        Parameters
        ----------
        histories : Histories
            Pods of a workload are looked at by the busiest at each step.

        Returns
        -------
        Allocation
            ``breach`` is the expected share of samples above the amount.
        """
        whole = histories.merged()
        known = np.isfinite(whole.use).sum(axis=1)
        fine = whole.rows(known > 0)
        scale = scale_of(fine)
        amount, breach = np.full((2, len(known)), np.nan)
        if len(scale):
            share, breach[known > 0] = self.shares(looks_of(fine, scale), weight=scale / self.unit)
            amount[known > 0] = share * scale
        return allotted(whole, amount, known=known, least=_LEAST_SAMPLES, breach=breach)

    def shares(self, seen: FloatArray, *, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Which share of its scale should a workload like this have, and how often is that too little.

        Parameters
        ----------
        seen : ndarray
            [rows, features], as `looks_of` gives them.
        weight : ndarray
            [rows], scale over `unit`: what a share costs.

        Returns
        -------
        tuple of ndarray
            [rows] each.
        """
        expected = self.forest.expected_above(seen, bound=self.promise.bound)
        rung = _chosen(expected, price=self.price, bound=self.promise.bound, weight=weight)
        return LADDER[rung], expected.above[np.arange(len(rung)), rung]


def looks_of(histories: Histories, scale: FloatArray) -> FloatArray:
    """What do these look like, over their scale; see `finops_lib.optimize.features.described`.

    Parameters
    ----------
    histories : Histories
        A row a workload, each with a sample.
    scale : ndarray
        [rows], as `finops_lib.optimize.past.scale_of` gives it.
    """
    return described(np.minimum(histories.use / scale[:, None], 1.0), steps_a_day=histories.steps_a_day)


@dataclass(frozen=True)
class ShortPast:
    """The 99.5th percentile with the headroom that the few past windows needed; promises their mean share.

    Made by `learned`.

    Parameters
    ----------
    factor : float
        On the percentile.
    promise : Promise
        What the factor was set for.
    """

    factor: float
    promise: Promise = field(default_factory=Promise)

    def __call__(self, histories: Histories) -> Allocation:
        """How much should each workload have; see `Predictive`.

        Parameters
        ----------
        histories : Histories
            Pods of a workload are looked at by the busiest at each step.

        Returns
        -------
        Allocation
        """
        whole = histories.merged()
        known = np.isfinite(whole.use).sum(axis=1)
        fine = whole.rows(known > 0)
        amount, breach = np.full(len(known), np.nan), np.full(len(known), self.promise.mean)
        if len(fine.names):
            scale = scale_of(fine)
            share = np.minimum(fine.use / scale[:, None], 1.0)
            amount[known > 0] = (
                _factored(level_of(described(share, steps_a_day=fine.steps_a_day), _LEVEL), self.factor)
                * scale
            )
        return allotted(whole, amount, known=known, least=_LEAST_SAMPLES, breach=breach)


def learned(
    past: Past, *, promise: Promise | None = None, seed: int = 1, most: int = _MOST_WINDOWS
) -> Predictive | ShortPast:
    """Which rule keeps the promise in the tenant's own past, at the least cost.

    Parameters
    ----------
    past : Past
        Past windows of the tenant's workloads. With fewer than 200 the rule is a percentile with headroom.
    promise : Promise, optional
        What is to hold; by default a mean share of 1 % above the size, and 90 % of workloads within 2 %.
    seed : int
        Chooses among past windows and splits.
    most : int
        Windows learned from; more cost time and teach little.

    Returns
    -------
    Predictive or ShortPast

    Notes
    -----
    The price is set on windows whose workload the trees that judge it have not seen. The chance that a
    workload's own bound breaks is part of the risk that has the price.
    """
    promise = promise or Promise()
    if len(past) < ENOUGH_WINDOWS or len(set(past.names)) < _PARTS:
        return ShortPast(_short_factor(past, promise), promise)
    if len(past) > most:
        drawn = np.random.default_rng(seed).permutation(len(past))[:most]
        past = past[np.sort(drawn)]
    unit, bound = float(past.scale.mean()), promise.bound
    expected = unseen(past, bound=bound, seed=seed)

    def holds_at(price: float) -> bool:
        rung = _chosen(expected, price=price, bound=bound, weight=past.scale / unit)
        return promise.holds(past.survival[np.arange(len(past)), rung])

    price = lowest(holds_at, low=_PRICES[0], high=_PRICES[1])
    return Predictive(grown(past, seed=seed), price, promise, unit)


def _chosen(expected: Expected, *, price: float, bound: float, weight: FloatArray) -> IntArray:
    """Weigh size against risk; a bound that may break counts besides the share itself."""
    risk = expected.above + _BROKEN * expected.broken
    return cheapest(risk, price=price, weight=weight, allowed=expected.above <= bound)


def unseen(past: Past, *, bound: float, seed: int = 1) -> Expected:
    """What would have been expected of each past window by trees that did not know its workload.

    Parameters
    ----------
    past : Past
        Windows of at least five workloads.
    bound : float
        As for `Forest.expected_above`.
    seed : int
        Chooses the splits.

    Returns
    -------
    Expected
    """
    part = folds(past.names, count=_PARTS)
    found = Expected(np.empty_like(past.survival), np.empty_like(past.survival))
    for number in range(_PARTS):
        asked = part == number
        judge = grown(past[~asked], seed=seed)
        part_of = judge.expected_above(past.seen[asked], bound=bound)
        found.above[asked], found.broken[asked] = part_of.above, part_of.broken
    return found


def _factored(high: FloatArray, factor: float) -> FloatArray:
    return np.clip(high * factor, LADDER[0], 1.0)


def _short_factor(past: Past, promise: Promise) -> float:
    """Find the headroom; without any past window that of twice the percentile."""
    if not len(past):
        return 2.0
    high = level_of(past.seen, _LEVEL)

    def holds_at(factor: float) -> bool:
        rung = np.searchsorted(LADDER, _factored(high, factor), side="right") - 1
        return promise.holds(past.survival[np.arange(len(past)), rung])

    return lowest(holds_at, low=_FACTORS[0], high=_FACTORS[1])


@dataclass(frozen=True)
class OwnPast:
    """Learn from the history itself, then size by what was learned: our rule with nothing else needed.

    Parameters
    ----------
    history, horizon : int
        Steps looked at, and steps that a size has to last.
    stride : int
        Steps between past windows.
    count : int
        Most past moments.
    promise : Promise
        What is to hold.

    Examples
    --------
    >>> day = np.tile(np.linspace(0.1, 0.9, 24), (3, 10))
    >>> asked = Histories(("a", "b", "c"), day, 3600, np.ones(3), "cpu")
    >>> OwnPast(history=120, horizon=24, stride=24)(asked).amount.round(1).tolist()
    [0.9, 0.9, 0.9]
    """

    history: int
    horizon: int
    stride: int
    count: int = 20
    promise: Promise = field(default_factory=Promise)

    def learn(self, histories: Histories) -> Predictive | ShortPast:
        """What does this history teach; see `learned`.

        Parameters
        ----------
        histories : Histories
            As for a call.
        """
        whole = histories.merged()
        cuts = origins(
            length=whole.use.shape[1],
            horizon=self.horizon,
            stride=self.stride,
            count=self.count,
            history=min(self.history, whole.use.shape[1] // 2),
        )
        past = windows(whole, history=self.history, horizon=self.horizon, cuts=cuts)
        return learned(past, promise=self.promise)

    def __call__(self, histories: Histories) -> Allocation:
        """How much should each workload have; see `learned`.

        Parameters
        ----------
        histories : Histories
            Pods of a workload are looked at by the busiest at each step.

        Returns
        -------
        Allocation
        """
        return self.learn(histories)(histories.merged().last(self.history))
