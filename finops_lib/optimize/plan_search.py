"""Which ways to treat the resources of a scope cost least together, changing one or two at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finops_lib.optimize.plan_estate import MONTH_HOURS, Estate, State, scope_cost
from finops_lib.optimize.windows import FloatArray

_PASSES = 50
_LEAST = 1e-9
_PAIRS = 60  # resources of a scope for which changes of two at a time are tried


def cheapest(
    estate: Estate, scope: str, rows: Sequence[int], ways: Sequence[tuple[State, ...]]
) -> list[State]:
    """Which ways to treat these resources cost least together.

    Parameters
    ----------
    estate : Estate
        Resources and their use.
    scope : str
        That they belong to; empty where no commitment covers them.
    rows : sequence of int
        Their places in the estate.
    ways : sequence of tuple of State
        What can be done with each; the first is nothing.

    Returns
    -------
    list of State

    Notes
    -----
    The cost of a scope is convex in its use, so that resources which share it are not independent: each is
    set to its best way given the others until none changes, from doing nothing and from what would be best
    alone, then two at a time; the better end counts. It is not proved to be the least. What can be left out
    at no more cost is left out.
    """
    held, discount = (estate.held.get(scope, 0.0), estate.discount.get(scope, 0.0)) if scope else (0.0, 0.0)
    scale = MONTH_HOURS / estate.use.shape[1]
    search = _Search([estate.use[row] for row in rows], ways, held=held, discount=discount, scale=scale)
    ends = [search.down([0] * len(rows)), search.down(search.alone())]
    _, picks = min(ends, key=lambda end: end[0])
    picks = search.fewest(picks)
    return [way[pick] for way, pick in zip(ways, picks, strict=True)]


class _Search:
    """Costs a month of ways to treat the resources of a scope."""

    def __init__(
        self,
        use: Sequence[FloatArray],
        ways: Sequence[tuple[State, ...]],
        *,
        held: float,
        discount: float,
        scale: float,
    ) -> None:
        self._held, self._discount, self._scale = held, discount, scale
        self._inside, self._beside, self._size = [], [], []
        for row, way in zip(use, ways, strict=True):
            left = np.stack([state.left for state in way]) * row
            inside = np.array([state.committable for state in way])
            self._inside.append(np.where(inside[:, None], left, 0.0))
            outside = np.where(inside, 0.0, left.sum(axis=1) * scale)
            self._beside.append(outside + np.array([state.burden for state in way]))
            self._size.append(np.array([len(state.actions) for state in way]))

    def _cost(self, total: FloatArray) -> FloatArray:
        return scope_cost(total, held=self._held, discount=self._discount) * self._scale

    def alone(self) -> list[int]:
        """Pick for each resource the way that would be best at the price on demand."""
        return [
            int(np.argmin(inside.sum(axis=1) * self._scale + beside))
            for inside, beside in zip(self._inside, self._beside, strict=True)
        ]

    def down(self, picks: list[int]) -> tuple[float, list[int]]:
        """Change one resource after the other, then two at a time, as long as it costs less."""
        total = np.sum([inside[pick] for inside, pick in zip(self._inside, picks, strict=True)], axis=0)
        for _ in range(_PASSES):
            before = list(picks)
            for place in range(len(picks)):
                total = self._set(picks, place, total)
            if picks == before and not (len(picks) <= _PAIRS and self._two(picks, total)):
                break
            total = np.sum([inside[pick] for inside, pick in zip(self._inside, picks, strict=True)], axis=0)
        beside = sum(float(part[pick]) for part, pick in zip(self._beside, picks, strict=True))
        return float(self._cost(total)) + beside, picks

    def fewest(self, picks: list[int]) -> list[int]:
        """Treat each resource with the fewest actions that cost no more, one resource after the other."""
        total = np.sum([inside[pick] for inside, pick in zip(self._inside, picks, strict=True)], axis=0)
        found = list(picks)
        for place, now in enumerate(picks):
            inside, size = self._inside[place], self._size[place]
            if not size[now]:
                continue
            others = total - inside[now]
            costs = self._cost(others + inside) + self._beside[place]
            most = costs[now] + _LEAST * max(abs(float(costs[now])), 1.0)
            found[place] = int(np.lexsort((costs, np.where(costs <= most, size, np.inf)))[0])
            total = others + inside[found[place]]
        return found

    def _set(self, picks: list[int], place: int, total: FloatArray) -> FloatArray:
        inside, now = self._inside[place], picks[place]
        if len(inside) == 1:
            return total
        others = total - inside[now]
        costs = self._cost(others + inside) + self._beside[place]
        pick = int(np.argmin(costs))
        if costs[pick] < costs[now] - _LEAST * max(abs(float(costs[now])), 1.0):
            picks[place] = pick
        return np.asarray(others + inside[picks[place]])

    def _two(self, picks: list[int], total: FloatArray) -> bool:
        """Change the first pair of resources that costs less together."""
        many = [place for place, inside in enumerate(self._inside) if len(inside) > 1]
        for number, first in enumerate(many):
            for second in many[number + 1 :]:
                a, b = self._inside[first], self._inside[second]
                others = total - a[picks[first]] - b[picks[second]]
                costs = self._cost(others + a[:, None] + b[None]) + (
                    self._beside[first][:, None] + self._beside[second][None]
                )
                now, least = costs[picks[first], picks[second]], costs.min()
                if least < now - _LEAST * max(abs(float(now)), 1.0):
                    picks[first], picks[second] = divmod(int(costs.argmin()), len(b))
                    return True
        return False
