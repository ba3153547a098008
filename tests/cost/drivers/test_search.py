"""Which cells moved: planted cells found and named right, quiet cubes left alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.cost.drivers.search import Found, search

SHAPE = (10, 6, 4, 4)
CODES = list(np.array(list(np.ndindex(*SHAPE))).T.astype(np.int64))
Named = frozenset[tuple[int, int]]


def members(cell: dict[int, int]) -> np.ndarray:
    """Mark the leaves of a cell, given as dimension and value."""
    return np.logical_and.reduce([CODES[number] == value for number, value in cell.items()])


def cube(noise: float, seed: int, *planted: tuple[dict[int, int], float]) -> tuple[np.ndarray, np.ndarray]:
    """Make heavy-tailed costs, their noise, and cells multiplied by a factor."""
    rng = np.random.default_rng(seed)
    before = rng.lognormal(3, 1, len(CODES[0]))
    after = before * np.clip(1 + noise * rng.standard_normal(len(before)), 0, None)
    for cell, factor in planted:
        after[members(cell)] *= factor
    return before, after


def names(found: list[Found], codes: list[Any] = CODES) -> set[Named]:
    """Name the cells found by dimension and value."""
    firsts = [int(np.argmax(cell.leaves)) for cell in found]
    return {
        frozenset((number, int(codes[number][first])) for number in cell.dimensions)
        for cell, first in zip(found, firsts, strict=True)
    }


def wanted(*cells: dict[int, int]) -> set[Named]:
    """Write cells as `names` does."""
    return {frozenset(cell.items()) for cell in cells}


@pytest.mark.parametrize("noise", [0.0, 0.03, 0.15])
@pytest.mark.parametrize(
    "cells",
    [
        [({0: 3}, 1.5)],
        [({1: 2, 3: 1}, 0.4)],
        [({0: 1, 1: 1, 2: 1}, 2.5), ({2: 3}, 1.4)],
        [({0: 4}, 1.6), ({1: 5, 0: 7}, 0.0)],
    ],
)
def test_planted_cells_are_found_and_nothing_else(noise: float, cells: list[Any]) -> None:
    """One or two causes of any depth, up or down, with noise or without."""
    before, after = cube(noise, 1, *cells)
    assert names(search(CODES, before, after)) == wanted(*(cell for cell, _ in cells))


def test_rises_and_falls_that_cancel_are_found() -> None:
    """One service rises by what another falls: the total stands still."""
    before, after = cube(0.02, 2)
    up, down = members({0: 2}), members({0: 5})
    after[up] *= 1.5
    after[down] *= 1 - 0.5 * before[up].sum() / before[down].sum()
    assert abs(after.sum() / before.sum() - 1) < 0.01
    assert names(search(CODES, before, after)) == wanted({0: 2}, {0: 5})


def test_one_leaf_that_moved_is_named_in_full() -> None:
    """The largest leaf trebled: all four of its values are said, not its service."""
    before, after = cube(0.03, 3)
    place = int(np.argmax(before))
    after[place] *= 3
    assert names(search(CODES, before, after)) == wanted({n: int(CODES[n][place]) for n in range(4)})


def test_a_value_whose_parts_all_moved_is_named_once() -> None:
    """Nine of ten services in one region fell, each named by the region: one cell, not nine."""
    before, after = cube(0.03, 4, ({1: 3}, 0.5))
    assert names(search(CODES, before, after)) == wanted({1: 3})


def test_two_parts_of_a_value_are_not_called_the_whole() -> None:
    """Two of six accounts in a region rose: the region is not blamed."""
    cells = [{1: 0, 2: 2}, {1: 4, 2: 2}]
    before, after = cube(0.05, 5, *((cell, 1.7) for cell in cells))
    assert names(search(CODES, before, after)) == wanted(*cells)


def test_a_cube_that_only_drifts_has_no_cells() -> None:
    """A month of 31 days after one of 28: all rose by 11 %, and none stands out."""
    before, after = cube(0.01, 6)
    assert search(CODES, before, after * 31 / 28) == []


def test_quiet_cubes_are_left_alone() -> None:
    """Thirty cubes of 15 % noise and no cause: at most five cells in all of them."""
    assert sum(len(search(CODES, *cube(0.15, seed))) for seed in range(100, 130)) <= 5


def test_dust_is_not_named_however_far_it_moved() -> None:
    """A leaf of a cent that grew a hundredfold explains nothing."""
    before, after = cube(0.03, 7)
    before[0], after[0] = 0.01, 1.0
    assert search(CODES, before, after) == []


def test_moves_that_are_many_do_not_hide_each_other() -> None:
    """Ten large leaves moved, each by itself and by another factor, beside 2 % of noise: all are named."""
    before, after = cube(0.02, 13)
    places = np.argsort(before)[-30::3]
    after[places] = before[places] * [0.0, 0.5, 0.6, 0.7, 1.3, 1.4, 1.5, 1.8, 2.5, 4.0]
    found = names(search(CODES, before, after))
    assert found == wanted(*({n: int(CODES[n][place]) for n in range(4)} for place in places))


def test_leaves_without_money_say_nothing() -> None:
    """Half of the combinations are zero in both periods: the same cell as without them."""
    before, after = cube(0.15, 11, ({0: 1, 1: 2}, 0.2))
    alive = np.random.default_rng(12).random(len(before)) < 0.5
    found = search(CODES, before * alive, after * alive)
    assert names(found) == wanted({0: 1, 1: 2})
    assert not any((cell.leaves & ~alive).any() for cell in found)


def test_a_ceiling_on_dimensions_is_kept() -> None:
    """With two dimensions at most, none of three is named."""
    before, after = cube(0.02, 8, ({0: 1, 1: 1, 2: 1}, 8.0))
    assert all(len(cell.dimensions) <= 2 for cell in search(CODES, before, after, most_dimensions=2))


def test_nothing_moved_is_no_cell() -> None:
    """Equal amounts, and amounts of zero."""
    before = np.full(len(CODES[0]), 5.0)
    assert search(CODES, before, before) == []
    assert search(CODES, before * 0, before * 0) == []


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.permutations(range(4)), st.sampled_from([2.0**-10, 2.0**20, -1.0]))
def test_order_and_unit_do_not_matter(seed: int, order: list[int], factor: float) -> None:
    """Leaves shuffled, dimensions reordered, cents instead of dollars, credits instead of costs."""
    before, after = cube(0.1, seed, ({0: 1, 2: 1}, 2.0), ({1: 2}, 0.6))
    places = np.random.default_rng(seed).permutation(len(before))
    codes = [CODES[number][places] for number in order]
    found = search(codes, before[places] * factor, after[places] * factor)
    back = {frozenset((order[number], value) for number, value in cell) for cell in names(found, codes)}
    assert back == names(search(CODES, before, after))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40))
def test_no_leaf_is_in_two_cells(seed: int, count: int) -> None:
    """Whatever the numbers, credits and zeros among them, and however few leaves."""
    rng = np.random.default_rng(seed)
    codes = [rng.integers(0, 3, count) for _ in range(3)]
    before, after = (rng.normal(10, 20, count) * (rng.random(count) < 0.8) for _ in range(2))
    found = search(codes, before, after)
    assert sum((cell.leaves.astype(int) for cell in found), np.zeros(count, dtype=int)).max(initial=0) <= 1
    assert all(cell.leaves.any() and cell.gain > 0 for cell in found)
