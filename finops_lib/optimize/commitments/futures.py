"""Which use may come: levels that weeks of the past leave possible, in the shape of the newest weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finops_lib.backtest import mean_known
from finops_lib.optimize.commitments.cost import best, saving
from finops_lib.optimize.commitments.demand import Demand
from finops_lib.optimize.commitments.level import learned
from finops_lib.optimize.windows import FloatArray, IntArray

YEAR_WEEKS = 52
_SHAPE_WEEKS, _NOW_WEEKS = 8, 4
_HALVINGS = 40


@dataclass(frozen=True)
class Futures:
    """Possible use of a term.

    Parameters
    ----------
    scopes : tuple of str
        What each row is.
    use : ndarray
        [paths, scopes, weeks, moments], money an hour at list price; all paths are as likely. A moment is
        one kind of hour, the same for all scopes; all moments last as long.

    Examples
    --------
    >>> Futures(("vm",), np.ones((2, 1, 4, 3))).weeks
    4
    """

    scopes: tuple[str, ...]
    use: FloatArray

    @property
    def weeks(self) -> int:
        """Weeks ahead."""
        return int(self.use.shape[2])

    def of(self, scope: str) -> FloatArray:
        """What may be used of one scope, [paths, weeks * moments].

        Parameters
        ----------
        scope : str
            One of ``scopes``.
        """
        return self.use[:, self.scopes.index(scope)].reshape(len(self.use), -1)


def foreseen(
    demand: Demand,
    *,
    weeks: int = YEAR_WEEKS,
    paths: int = 300,
    moments: int = 60,
    seed: int = 0,
    block: int = 1,
) -> Futures:
    """How may use go on, told by its own past alone.

    Parameters
    ----------
    demand : Demand
        What was used; each scope has at least two weeks with use.
    weeks : int
        How far to look, a term.
    paths, moments : int
        How many futures, and how many kinds of hours in a week.
    seed : int
        Of the random draws.
    block : int
        Weeks that are looked at as one, for answers that need few steps.

    Returns
    -------
    Futures

    Notes
    -----
    Levels come from `learned`; scopes move together as much as their weeks did. The shape is that of the
    newest eight weeks: hours of each, in shares of their week's mean, alike ones taken together.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> flat = Demand(("vm",), np.full((1, 168 * 20), 5.0), datetime(2026, 1, 5, tzinfo=UTC), 1, "USD")
    >>> bool(np.allclose(foreseen(flat, paths=20).use, 5.0, rtol=0.05))
    True
    """
    random = np.random.default_rng(seed)
    weekly = demand.weekly()
    shape = _shape(demand, weekly, moments=moments)
    together = _together(weekly)
    common = random.standard_normal((paths, 4 + weeks + weekly.shape[1]))
    rows = []
    for known in weekly:
        own = random.standard_normal(common.shape)
        shocks = np.sqrt(together) * common + np.sqrt(1.0 - together) * own
        chosen = random.permutation((np.arange(paths) + 0.5) / paths)
        level = learned(known).paths(weeks=weeks, shocks=shocks, chosen=chosen)
        rows.append(_blocks(level, block))
    levels = np.stack(rows, axis=1)
    return Futures(demand.scopes, np.asarray(levels[..., None] * shape[None, :, None, :]))


def without_growth(futures: Futures, demand: Demand) -> Futures:
    """How may use go on if what is not there yet is not counted on.

    What grows later can be committed to when it is there: a purchase that only pays if use grows risks money
    that waiting does not.

    Parameters
    ----------
    futures : Futures
        From `foreseen`, of the same scopes.
    demand : Demand
        What was used.

    Returns
    -------
    Futures
        A week, or block of them, whose mean lies above that of the newest four known weeks is lowered to it,
        in all its moments alike.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> five = Demand(("vm",), np.full((1, 168 * 8), 5.0), datetime(2026, 1, 5, tzinfo=UTC), 1, "USD")
    >>> rising = Futures(("vm",), np.array([[[[2.0, 4.0], [5.0, 15.0]]]]))
    >>> without_growth(rising, five).use.tolist()  # a mean of 3 stays, one of 10 is halved
    [[[[2.0, 4.0], [2.5, 7.5]]]]
    """
    weekly = demand.weekly()
    now = np.array([mean_known(row[np.isfinite(row)][-_NOW_WEEKS:]) for row in weekly])
    level = futures.use.mean(axis=3)
    share = np.where(level > now[:, None], now[:, None] / np.maximum(level, 1e-12), 1.0)
    return Futures(futures.scopes, futures.use * share[..., None])


def _shape(demand: Demand, weekly: FloatArray, *, moments: int) -> FloatArray:
    """Part the hours of the newest weeks into so many alike ones, and take their means, [scopes, moments]."""
    recent, mean = demand.weeks()[:, -_SHAPE_WEEKS:], weekly[:, -_SHAPE_WEEKS:, None]
    ratio = (recent / np.where(mean > 0, mean, np.nan)).reshape(len(recent), -1)
    ratio = np.where(np.isfinite(ratio), ratio, 1.0)
    size = np.nan_to_num(mean_known(weekly))[:, None]
    parts = _alike(ratio * size, np.arange(ratio.shape[1]), min(moments, ratio.shape[1]))
    shape = np.stack([ratio[:, part].mean(axis=1) for part in parts], axis=1)
    return np.asarray(shape / np.maximum(shape.mean(axis=1, keepdims=True), 1e-12))


def _alike(use: FloatArray, hours: IntArray, count: int) -> list[IntArray]:
    """Halve the hours by the scope that differs most among them, until there are so many parts."""
    if count == 1:
        return [hours]
    widest = int(use[:, hours].var(axis=1).argmax())
    order = hours[np.argsort(use[widest, hours], kind="stable")]
    first = count // 2
    edge = round(len(order) * first / count)
    return [*_alike(use, order[:edge], first), *_alike(use, order[edge:], count - first)]


def _together(weekly: FloatArray) -> float:
    """How much do scopes move together: the mean correlation of what they gain from week to week."""
    size = np.log(np.maximum(weekly, 1e-9))
    moves = np.diff(size, axis=1)
    moves = moves[:, np.isfinite(moves).all(axis=0)]
    if len(moves) < 2 or moves.shape[1] < 8:  # noqa: PLR2004 - a pair, and weeks enough to see it
        return 0.0
    moves = moves - moves.mean(axis=1, keepdims=True)
    length = np.sqrt((moves**2).sum(axis=1))
    unit = moves / np.where(length > 0, length, 1.0)[:, None]
    pairs = unit @ unit.T
    count = len(moves) * (len(moves) - 1)
    return float(np.clip((pairs.sum() - np.trace(pairs)) / count, 0.0, 1.0))


def _blocks(level: FloatArray, block: int) -> FloatArray:
    count = max(level.shape[1] // block, 1)
    return np.stack([part.mean(axis=1) for part in np.array_split(level, count, axis=1)], axis=1)


def committed(futures: FloatArray, *, discount: float, worst: float = 0.05, loss: float = 0.0) -> float:
    """How much should be committed to, so that the mean cost is least and bad futures cost no more.

    Parameters
    ----------
    futures : ndarray
        [paths, steps], use that may come, money an hour at list price.
    discount : float
        Share that a commitment saves, 0 to 1.
    worst : float
        Share of the futures, the worst ones, that are guarded, above 0.
    loss : float
        What the commitment may cost more than none in the mean of these, in shares of the mean use.

    Returns
    -------
    float
        Money an hour at list price.

    Notes
    -----
    The quantile of all futures together (`best`), lowered until the conditional value at risk keeps the
    limit: Rockafellar and Uryasev (2000), Journal of Risk 2(3). The mean over worst futures is concave in the
    commitment and zero without one, so that halving finds the edge.

    Examples
    --------
    >>> ten = np.array([[10.0]] * 9 + [[4.0]])
    >>> committed(ten, discount=0.3, worst=1.0)  # 90 % reach 10, more than 70 % are needed
    10.0
    >>> round(committed(ten, discount=0.3, worst=0.1), 6)  # .7 c = 4 in the worst of the ten
    5.714286
    """
    high = best(futures.ravel(), discount=discount)
    allowed = loss * float(futures.mean()) * futures.shape[1]
    if _tail(futures, high, discount=discount, worst=worst) >= -allowed:
        return high
    low = 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _tail(futures, middle, discount=discount, worst=worst) >= -allowed:
            low = middle
        else:
            high = middle
    return low


def _tail(futures: FloatArray, level: float, *, discount: float, worst: float) -> float:
    """Give the mean saving of the worst futures."""
    each = np.minimum(futures, level).sum(axis=1) - (1.0 - discount) * level * futures.shape[1]
    count = max(int(np.ceil(worst * len(each))), 1)
    return float(np.sort(each)[:count].mean())


def chance_of_loss(futures: FloatArray, level: float, *, discount: float) -> float:
    """With which chance does this commitment cost more than none.

    Parameters
    ----------
    futures : ndarray
        [paths, steps], money an hour.
    level : float
        Money an hour at list price.
    discount : float
        Share that it saves.
    """
    return float(np.mean([saving(path, level, discount=discount) < 0 for path in futures]))
