"""How far leaves moved in units of their noise: deviations, noise that leaves tell themselves, drift."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.cost.drivers.cube import cuboids, deviations, standardised


def all_of(count: int) -> np.ndarray:
    """Mark all leaves."""
    return np.ones(count, dtype=bool)


MONEY = st.floats(-1e12, 1e12, allow_nan=False)


@given(st.lists(st.tuples(MONEY, MONEY), min_size=1, max_size=20))
def test_a_deviation_is_bounded_and_turns_with_time(pairs: list[tuple[float, float]]) -> None:
    """Between -2 and 2 also for credits, and the opposite from after to before."""
    before, after = np.array(pairs).T
    there, back = deviations(before, after), deviations(after, before)
    assert np.all(np.abs(there) <= 2 + 1e-9)
    assert np.array_equal(there, -back)


def test_noise_is_read_off_the_leaves() -> None:
    """Two thousand leaves with a noise of 5 %: the standardised ones have a width of about one."""
    deviation = np.random.default_rng(3).normal(0, 0.05, 2000)
    z = standardised(deviation, np.ones(2000), quiet=all_of(2000), certain=False)
    assert 0.9 < z.std() < 1.2


def test_moved_leaves_do_not_hide_in_their_own_noise() -> None:
    """A third of the leaves rose by 40 %: they stand as far off as if the others were alone."""
    rng = np.random.default_rng(4)
    deviation = rng.normal(0, 0.05, 900)
    deviation[:300] += 0.4
    z = standardised(deviation, np.ones(900), quiet=all_of(900), certain=False)
    assert z[:300].mean() > 6
    assert abs(z[300:].mean()) < 0.5


def test_what_all_leaves_did_is_drift() -> None:
    """All rose by 10 %, give or take 1: none stands out."""
    deviation = np.random.default_rng(5).normal(0.1, 0.01, 400)
    z = standardised(deviation, np.ones(400), quiet=all_of(400), certain=False)
    assert abs(z.mean()) < 0.3


def test_small_leaves_may_jump_more_than_large_ones() -> None:
    """Small leaves move by 30 %, large ones by 2 %: 20 % is much for one and little for the other."""
    rng = np.random.default_rng(6)
    deviation = np.concatenate([rng.normal(0, 0.3, 1000), rng.normal(0, 0.02, 1000)])
    size = np.repeat([1.0, 1000.0], 1000)
    deviation[0] = deviation[1500] = 0.2
    z = standardised(deviation, size, quiet=all_of(2000), certain=False)
    assert z[0] < 1.5
    assert z[1500] > 6


def test_flat_fees_do_not_make_usage_look_wild() -> None:
    """Four in ten leaves never move at all; the others' own 10 % is the noise."""
    rng = np.random.default_rng(10)
    deviation = np.where(np.arange(600) % 5 < 2, 0.0, rng.normal(0, 0.1, 600))
    z = standardised(deviation, np.ones(600), quiet=all_of(600), certain=False)
    assert 0.8 < z[deviation != 0].std() < 1.3


def test_noise_is_read_from_quiet_leaves_when_they_are_known() -> None:
    """Six in ten leaves fell to a tenth; once they are set aside, the others are the measure."""
    rng = np.random.default_rng(7)
    deviation = np.concatenate([rng.normal(-1.6, 0.02, 600), rng.normal(0, 0.1, 400)])
    quiet = np.arange(1000) >= 600
    z = standardised(deviation, np.ones(1000), quiet=quiet)
    assert abs(z[quiet].mean()) < 1e-9
    assert 0.8 < z[quiet].std() <= 1.01
    assert np.all(z[:600] < -7)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_leaves_that_never_move_have_a_noise_of_one_per_cent(count: int) -> None:
    """All at rest: zero, without a division by zero."""
    z = standardised(np.zeros(count), np.ones(count), quiet=all_of(count), certain=False)
    assert z.tolist() == [0.0] * count


def test_cuboids_group_the_leaves_like_a_naive_loop() -> None:
    """Every set of one to three of four dimensions, numbered so that equal values have equal numbers."""
    rng = np.random.default_rng(8)
    codes = [rng.integers(0, size, 50) for size in (3, 4, 2, 5)]
    found = cuboids(codes, np.ones(50), most_dimensions=3)
    assert [item.dimensions for item in found] == [
        chosen for count in (1, 2, 3) for chosen in itertools.combinations(range(4), count)
    ]
    for item in found:
        names = list(zip(*(codes[number] for number in item.dimensions), strict=True))
        naive = [sorted(set(names)).index(name) for name in names]
        assert item.group.tolist() == naive
        shares = [names.count(name) / 50 for name in sorted(set(names))]
        alike = sum(len(other.dimensions) == len(item.dimensions) for other in found)
        assert np.allclose(item.surprise, -np.log(np.array(shares) / alike))
