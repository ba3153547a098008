"""Which few cells of a cube moved apart from the rest: the search behind `cells`.

Source: after M. Kalander, "RiskLoc", arXiv 2205.10004: a cell is judged by how much of what moved it holds
and by whether its leaves moved alike, and its leaves are taken out before the next is looked for. The risk
score there is a likelihood here: a cell of n leaves that moved z units of noise on average gains n z^2 / 2
over saying nothing, less the price of having chosen it. Finer cells replace a coarser one, and a coarser one
finer ones, where together they gain more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from finops_lib.cost.drivers.cube import Cuboid, Floats, Ints, Mask, cuboids, deviations, standardised

_PRICE = 4.0
_ROUNDS = 4


@dataclass(frozen=True)
class Found:
    """A cell that moved: the numbers of its dimensions, the leaves it explains, and its gain.

    ``gain`` is in natural units of log-likelihood, less the price of the choice.
    """

    dimensions: tuple[int, ...]
    leaves: Mask
    gain: float


@dataclass(frozen=True)
class _Scores:
    """What the search looks at: cells, leaves in units of noise, money, and the least money worth a cell."""

    every: Sequence[Cuboid]
    z: Floats
    change: Floats
    least: float

    def gains(self, cuboid: Cuboid, leaves: Mask) -> Floats:
        """Tell what each cell gains over these leaves; minus infinity where its money says otherwise."""
        group = cuboid.group[leaves]
        count = np.bincount(group)
        sums, money = np.bincount(group, self.z[leaves]), np.bincount(group, self.change[leaves])
        gain: Floats = sums**2 / (2 * np.maximum(count, 1)) - _PRICE - cuboid.surprise[: len(count)]
        gain[(np.abs(money) < self.least) | (money * sums <= 0)] = -np.inf
        return gain

    def inside(self, dimensions: tuple[int, ...]) -> _Scores:
        """Keep the cells that say more than these dimensions do."""
        finer = [cuboid for cuboid in self.every if set(cuboid.dimensions) > set(dimensions)]
        return _Scores(finer, self.z, self.change, self.least)


def search(
    codes: Sequence[Ints],
    before: Floats,
    after: Floats,
    *,
    most_dimensions: int = 4,
    least_share: float = 0.0025,
) -> list[Found]:
    """Which few cells moved apart from the rest of the cube, no leaf in two of them.

    Parameters
    ----------
    codes : sequence of array of int
        For each dimension the value of each leaf, from 0.
    before, after : array of float
        Money in one currency, one for each leaf.
    most_dimensions : int
        How many dimensions may name a cell, a count.
    least_share : float
        A cell moves at least this share (0 to 1) of all money that moved, rises and falls added.

    Returns
    -------
    list of Found
        Largest gain first; empty when nothing stands out.

    Examples
    --------
    Service 1 doubled, in each of six regions, and the eleven other services did not move:

    >>> service, region = np.repeat(np.arange(12), 6), np.tile(np.arange(6), 12)
    >>> before = np.full(72, 10.0)
    >>> found = search([service, region], before, np.where(service == 1, 20.0, 10.0))
    >>> [(cell.dimensions, int(cell.leaves.sum())) for cell in found]
    [((0,), 6)]
    """
    size = np.maximum(np.abs(before), np.abs(after))
    live = size > 0
    least = least_share * float(np.abs(after - before).sum())
    if least == 0:
        return []
    found = _settled(
        cuboids([code[live] for code in codes], size[live], most_dimensions=most_dimensions),
        deviations(before[live], after[live]),
        size=size[live],
        change=(after - before)[live],
        least=least,
    )
    return [replace(cell, leaves=_placed(cell.leaves, live)) for cell in found]


def _settled(
    every: Sequence[Cuboid], deviation: Floats, *, size: Floats, change: Floats, least: float
) -> list[Found]:
    """Search until the cells and the noise read beside them agree."""
    found = _first_round(every, deviation, size=size, change=change, least=least)
    for _ in range(_ROUNDS):
        z = standardised(deviation, size, quiet=_free(found, len(size)))
        scores = _Scores(every, z, change, least)
        again = _polished(scores, _peeled(scores))
        settled = _names(again) == _names(found)
        found = again
        if settled:
            break
    return sorted(found, key=lambda cell: -cell.gain)


def _placed(leaves: Mask, live: Mask) -> Mask:
    """Put marks of live leaves among all leaves."""
    every = np.zeros_like(live)
    every[live] = leaves
    return every


def _first_round(
    every: Sequence[Cuboid], deviation: Floats, *, size: Floats, change: Floats, least: float
) -> list[Found]:
    """Search once, with noise read anew from what is left after each cell."""
    found: list[Found] = []
    free = _free(found, len(size))
    while True:
        z = standardised(deviation, size, quiet=free, certain=bool(found))
        scores = _Scores(every, z, change, least)
        chosen = _next(scores, free)
        if not chosen:
            return found
        found += chosen
        free = _free(found, len(size))


def _free(found: Sequence[Found], count: int) -> Mask:
    free = np.ones(count, dtype=np.bool_)
    for cell in found:
        free &= ~cell.leaves
    return free


def _names(found: Sequence[Found]) -> set[tuple[tuple[int, ...], bytes]]:
    return {(cell.dimensions, cell.leaves.tobytes()) for cell in found}


def _peeled(scores: _Scores, leaves: Mask | None = None) -> list[Found]:
    """Take cells out one after the other until none gains."""
    free = np.ones(len(scores.z), dtype=np.bool_) if leaves is None else leaves
    found: list[Found] = []
    while scores.every and (chosen := _next(scores, free)):
        found += chosen
        free = free & _free(chosen, len(free))
    return found


def _next(scores: _Scores, free: Mask) -> list[Found]:
    """Find the cell that gains most, or the finer cells inside it that gain more together."""
    best: Found | None = None
    for cuboid in scores.every:
        gains = scores.gains(cuboid, free)
        top = int(np.argmax(gains)) if len(gains) else 0
        if len(gains) and gains[top] > (best.gain if best else 0):
            best = Found(cuboid.dimensions, free & (cuboid.group == top), float(gains[top]))
    if best is None:
        return []
    finer = _peeled(scores.inside(best.dimensions), best.leaves)
    return finer if sum(cell.gain for cell in finer) > best.gain else [best]


def _polished(scores: _Scores, found: list[Found]) -> list[Found]:
    """Put a coarser cell in the place of the cells inside it, as long as one gains."""
    found = [_named(scores.every, cell) for cell in found]
    while (better := _coarser(scores, found)) is not None:
        found = [_named(scores.every, cell) for cell in better]
    return found


def _coarser(scores: _Scores, found: list[Found]) -> list[Found] | None:
    free = _free(found, len(scores.z))
    for cell in found:
        first = int(np.argmax(cell.leaves))
        for cuboid in scores.every:
            if not set(cuboid.dimensions) < set(cell.dimensions):
                continue
            whole = cuboid.group == cuboid.group[first]
            within = [other for other in found if not (other.leaves & ~whole).any()]
            leaves = whole & (free | ~_free(within, len(free)))
            gain = float(scores.gains(cuboid, leaves)[cuboid.group[first]])
            if gain > sum(other.gain for other in within):
                kept = [other for other in found if not any(other is gone for gone in within)]
                return [*kept, Found(cuboid.dimensions, leaves, gain)]
    return None


def _named(every: Sequence[Cuboid], cell: Found) -> Found:
    """Name a cell that lost leaves to another by dimensions that hold its own leaves only, if it can be."""
    first = int(np.argmax(cell.leaves))
    for cuboid in every:
        if set(cuboid.dimensions) >= set(cell.dimensions):
            extent = cuboid.group == cuboid.group[first]
            if np.array_equal(extent, cell.leaves):
                return replace(cell, dimensions=cuboid.dimensions)
    return cell
