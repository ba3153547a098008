"""Cost cubes with planted causes, for the benchmark of causes.

A cube has four dimensions (service, account, region, team) of 10 to 16, 5 to 10, 4 to 6 and 4 to 6 values; 60
to 100 of 100 combinations occur, at most 2,000. Costs are heavy-tailed: a weight for each value times a
lognormal factor. Each leaf moves by normal noise, relative to its cost. Then one to three failures are
planted, each in one to three cells of one set of dimensions of any depth, which rise (7 of 10) by 20 to 150
% or fall by 20 to 100 %, the noise level added to that; each leaf of a failure differs from its size by a
further 0 to 10 %. A planted cell moves at least 1 % of the cube's cost and overlaps no other; no coarser
cell holds the same leaves or planted ones alone; together they hold at most half of the leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

SIZES = ((10, 16), (5, 10), (4, 6), (4, 6))
MOST_LEAVES = 2000
SPEND = 100_000.0
LEAST_MOVE, MOST_MOVED = 0.01, 0.5
Cell = frozenset[tuple[int, int]]


@dataclass
class Case:
    """One cube: codes (dimension by leaf), amounts before and after, and the cells planted in it."""

    codes: np.ndarray
    before: np.ndarray
    after: np.ndarray
    truth: set[Cell]

    def members(self, cell: Cell) -> np.ndarray:
        """Mark the leaves of a cell."""
        return np.logical_and.reduce([self.codes[number] == value for number, value in cell])


def planted(count: int, *, noise: float, seed: int) -> Iterator[Case]:
    """Make fresh cubes of one noise level."""
    rng = np.random.default_rng([seed, round(noise * 1000)])
    for _ in range(count):
        case = _quiet(rng, noise)
        taken = np.zeros(len(case.before), dtype=bool)
        for _ in range(rng.integers(1, 4)):
            _fail(case, taken, rng, noise)
        while not case.truth:
            _fail(case, taken, rng, noise)
        yield case


def _quiet(rng: np.random.Generator, noise: float) -> Case:
    shape = [int(rng.integers(low, high + 1)) for low, high in SIZES]
    codes = np.array(list(np.ndindex(*shape))).T
    cost = rng.lognormal(0, rng.uniform(0.8, 1.6), codes.shape[1])
    for number, size in enumerate(shape):
        cost *= rng.dirichlet(np.full(size, 2.0))[codes[number]]
    keep = rng.permutation(codes.shape[1])[: min(MOST_LEAVES, int(rng.uniform(0.6, 1.0) * codes.shape[1]))]
    codes, cost = codes[:, keep], cost[keep] * SPEND / cost[keep].sum()
    moved = cost * np.clip(1 + noise * rng.standard_normal(len(cost)), 0, None)
    return Case(codes, cost, moved, set())


def _fail(case: Case, taken: np.ndarray, rng: np.random.Generator, noise: float) -> None:
    depth = int(rng.integers(1, len(SIZES) + 1))
    dimensions = sorted(rng.choice(len(SIZES), depth, replace=False).tolist())
    rises = rng.random() < 0.7
    size = noise + (rng.uniform(0.2, 1.5) if rises else -2 * noise - rng.uniform(0.2, 1.0))
    spread, wanted, tries = rng.uniform(0, 0.1), int(rng.integers(1, 4)), 200
    while wanted and tries:
        tries -= 1
        leaf = int(rng.integers(len(case.before)))
        cell = frozenset((number, int(case.codes[number, leaf])) for number in dimensions)
        members = case.members(cell)
        if (members & taken).any() or not _fit(case, cell, members, taken, size):
            continue
        factor = 1 + size + spread * rng.standard_normal(int(members.sum()))
        case.after[members] *= np.clip(factor, 0, None)
        taken |= members
        case.truth.add(cell)
        wanted -= 1


def _fit(case: Case, cell: Cell, members: np.ndarray, taken: np.ndarray, size: float) -> bool:
    """Tell whether the cell matters, leaves most of the cube at rest, and has no coarser name."""
    share = case.before[members].sum() / SPEND
    if share * abs(max(size, -1.0)) < LEAST_MOVE or (members | taken).mean() > MOST_MOVED:
        return False
    coarser = [case.members(cell - {part}) for part in cell] if len(cell) > 1 else []
    return not any((parent & ~members & ~taken).sum() == 0 for parent in coarser)
