"""What is each consumer's fair part in the cost of a platform that they share.

The Shapley value is the mean, over all orders in which consumers could have joined, of what each one added
to the cost. Up to 12 consumers all coalitions are looked at; beyond, orders are drawn at random, each with
its reverse, and the answer has error bounds that hold whatever the distribution.

Sources: L. S. Shapley, "A value for n-person games" (1953), for the value; J. Castro, D. Gomez and
J. Tejada, "Polynomial calculation of the Shapley value based on sampling" (2009), for random orders;
J.-Y. Audibert, R. Munos and C. Szepesvari, "Exploration-exploitation tradeoff using variance estimates in
multi-armed bandits" (2009), theorem 1, for the bounds; S. C. Littlechild and G. Owen, "A simple expression
for the Shapley value in a special case" (1973), for the game of the largest need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial, log

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]
Members = NDArray[np.bool_]
Game = Callable[[Members], Floats]  # coalitions x consumers to the cost of each coalition

MOST_EXACT = 12
_AT_ONCE = 512  # coalitions whose summed use is held at one time
_SLACK = 1e-9  # a sum of floats a hair above a whole block is that block


@dataclass(frozen=True)
class Parts:
    """What each consumer's part in the cost is, between which bounds.

    ``mid`` adds up to ``whole``, in the unit of the game. All bounds ``low`` to ``high`` hold together with
    probability ``level`` at least; where the value is ``exact`` they are ``mid`` itself. ``orders`` counts
    the random orders looked at.
    """

    mid: Floats
    low: Floats
    high: Floats
    whole: float
    level: float
    exact: bool
    orders: int = 0


def peak_game(use: Floats, *, block: float = 0.0) -> Game:
    """How large must a platform be for a coalition: the peak of their summed use.

    Parameters
    ----------
    use : array
        Consumers x times, at least zero, in the unit of the metric.
    block : float
        The size in which the platform grows, in the same unit; zero is any size.

    Returns
    -------
    callable
        Coalitions to the need of each, in the unit of the metric.

    Examples
    --------
    >>> game = peak_game(np.array([[3.0, 0.0], [0.0, 2.0]]))
    >>> game(np.array([[True, False], [True, True]])).tolist()
    [3.0, 3.0]
    """
    _refuse_below_zero(use)

    def need(members: Members) -> Floats:
        peaks = [
            (members[start : start + _AT_ONCE].astype(float) @ use).max(axis=1, initial=0.0)
            for start in range(0, len(members), _AT_ONCE)
        ]
        return _in_blocks(np.concatenate([np.zeros(0), *peaks]), block)

    return need


def largest_game(use: Floats, *, block: float = 0.0) -> Game:
    """How large must a platform be for a coalition that takes turns: the largest single need.

    Parameters
    ----------
    use : array
        Consumers x times, at least zero, in the unit of the metric.
    block : float
        The size in which the platform grows, in the same unit; zero is any size.

    Returns
    -------
    callable
        Coalitions to the need of each, in the unit of the metric.

    Examples
    --------
    >>> game = largest_game(np.array([[3.0, 1.0], [0.0, 2.0]]), block=2.0)
    >>> game(np.array([[False, True], [True, True]])).tolist()
    [2.0, 4.0]
    """
    _refuse_below_zero(use)
    needs = use.max(axis=1, initial=0.0)
    return lambda members: _in_blocks((members * needs).max(axis=1, initial=0.0), block)


def _refuse_below_zero(use: Floats) -> None:
    if not (np.isfinite(use).all() and (use >= 0).all()):
        raise ValueError("use: every value is a number of at least zero")


def _in_blocks(need: Floats, block: float) -> Floats:
    return need if block == 0 else np.ceil(need / block - _SLACK) * block


def shapley(game: Game, *, consumers: int, seed: int = 0, orders: int = 2000, level: float = 0.95) -> Parts:
    """What is each consumer's fair part: exact for up to 12 of them, else sampled with bounds.

    Parameters
    ----------
    game : callable
        Boolean coalitions x consumers to costs; nobody costs nothing.
    consumers : int
        A count.
    seed : int
        Of the random orders.
    orders : int
        How many random orders to draw, half of them the reverse of the others.
    level : float
        Probability that all bounds hold together, 0 to 1.

    Returns
    -------
    Parts

    Raises
    ------
    ValueError
        When sampled, a consumer adds less than nothing or more than it costs alone: the bounds would not
        hold.

    Examples
    --------
    Two that peak at different hours share the saving of 2 in halves:

    >>> parts = shapley(peak_game(np.array([[3.0, 1.0], [0.0, 2.0]])), consumers=2)
    >>> parts.mid.tolist(), parts.whole, parts.exact
    ([2.0, 1.0], 3.0, True)
    """
    with threadpool_limits(limits=1):  # the products are small: threads would wait for one another
        if consumers <= MOST_EXACT:
            return _exact(game, consumers, level)
        return _sampled(game, consumers, np.random.default_rng(seed), max(orders // 2, 2), level)


def _exact(game: Game, consumers: int, level: float) -> Parts:
    codes = np.arange(2**consumers)
    members = (codes[:, None] >> np.arange(consumers) & 1).astype(bool)
    cost, size = game(members), members.sum(axis=1)
    often = [
        factorial(others) * factorial(consumers - others - 1) / factorial(consumers)
        for others in range(consumers)
    ]
    mid = np.zeros(consumers)
    for place in range(consumers):
        without = codes[~members[:, place]]
        added = cost[without | 1 << place] - cost[without]
        mid[place] = np.array(often)[size[without]] @ added
    return Parts(mid, mid, mid, float(cost[-1]), level, exact=True)


def _sampled(game: Game, consumers: int, random: np.random.Generator, pairs: int, level: float) -> Parts:
    alone = game(np.eye(consumers, dtype=bool))
    seen = np.empty((pairs, consumers))
    for number in range(pairs):
        order = random.permutation(consumers)
        seen[number] = (_added(game, order) + _added(game, order[::-1])) / 2
    slack = _SLACK * max(float(alone.max()), 1e-300)
    if (seen < -slack).any() or (seen > alone + slack).any():
        raise ValueError("game: a consumer adds at least nothing and at most what it costs alone")
    mid = seen.mean(axis=0)
    doubt = log(3 * consumers / (1 - level))
    wide = np.sqrt(2 * seen.var(axis=0) * doubt / pairs) + 3 * alone * doubt / pairs
    whole = float(game(np.ones((1, consumers), dtype=bool))[0])
    low, high = np.clip(mid - wide, 0, None), np.minimum(mid + wide, alone)
    return Parts(mid, low, high, whole, level, exact=False, orders=2 * pairs)


def _added(game: Game, order: NDArray[np.int64]) -> Floats:
    """What each consumer adds when they join in this order."""
    joined = np.zeros((len(order), len(order)), dtype=bool)
    joined[:, order] = np.tri(len(order), dtype=bool)
    added = np.empty(len(order))
    added[order] = np.diff(game(joined), prepend=0.0)
    return added


def error_bound(parts: Parts) -> float:
    """By how much, at most, may a consumer's share of the whole differ from the exact one.

    Parameters
    ----------
    parts : Parts
        From `shapley`.

    Returns
    -------
    float
        Share of the whole, 0 to 1; zero where the parts are exact or the whole is nothing.
    """
    wide = np.maximum(parts.high - parts.mid, parts.mid - parts.low).max(initial=0.0)
    return 0.0 if parts.whole == 0 else float(wide / parts.whole)
