"""Fair parts of a shared platform: textbook games, a loop over all orders, and bounds that hold."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.cost.allocation.shapley import (
    MOST_EXACT,
    Game,
    Members,
    error_bound,
    largest_game,
    peak_game,
    shapley,
)

USE = st.lists(st.lists(st.floats(0, 100), min_size=3, max_size=3), min_size=1, max_size=5)
FEW = settings(max_examples=25, deadline=None)


def by_orders(game: Game, consumers: int) -> list[float]:
    """Add up what each consumer adds, over all orders, by loops."""
    sums, orders = [0.0] * consumers, list(permutations(range(consumers)))
    for order in orders:
        members, before = np.zeros((1, consumers), dtype=bool), 0.0
        for consumer in order:
            members[0, consumer] = True
            after = float(game(members)[0])
            sums[consumer] += after - before
            before = after
    return [value / len(orders) for value in sums]


def test_the_glove_game() -> None:
    """One left glove against two right ones, a pair is worth 1: two thirds, and a sixth each."""

    def pairs(members: Members) -> np.ndarray:
        return (members[:, 0] & (members[:, 1] | members[:, 2])).astype(float)

    parts = shapley(pairs, consumers=3)
    assert parts.mid.tolist() == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert (parts.whole, parts.exact, error_bound(parts)) == (1.0, True, 0.0)


def test_the_airport_game() -> None:
    """Runways of 1, 2 and 4: the first stretch is shared by three, the second by two, the rest by one."""
    parts = shapley(largest_game(np.array([[1.0], [2.0], [4.0]])), consumers=3)
    assert parts.mid.tolist() == pytest.approx([1 / 3, 1 / 3 + 1 / 2, 1 / 3 + 1 / 2 + 2])


def test_peaks_at_other_hours_cost_less() -> None:
    """Alone 3 and 2, together 3: each order saves 2, shared in halves; who uses nothing pays nothing."""
    parts = shapley(peak_game(np.array([[3.0, 1.0], [0.0, 2.0], [0.0, 0.0]])), consumers=3)
    assert parts.mid.tolist() == pytest.approx([2.0, 1.0, 0.0])


def test_a_platform_grows_in_blocks() -> None:
    """0.1 + 0.2 of blocks of 0.1 is three blocks, though the sum of floats is a hair above; 0.31 is four."""
    use = np.array([[0.1], [0.2], [0.01]])
    need = peak_game(use, block=0.1)
    members = np.array([[True, True, False], [True, True, True], [False, False, False]])
    assert need(members).tolist() == pytest.approx([0.3, 0.4, 0.0])


@FEW
@given(USE, st.sampled_from([0.0, 7.0]), st.sampled_from([peak_game, largest_game]))
def test_exact_parts_equal_the_mean_over_all_orders(use: list[list[float]], block: float, kind: type) -> None:
    """The same as a loop over every order, and they add up to the whole."""
    game = kind(np.array(use), block=block)
    parts = shapley(game, consumers=len(use))
    assert parts.mid.tolist() == pytest.approx(by_orders(game, len(use)), abs=1e-9)
    assert parts.mid.sum() == pytest.approx(parts.whole)


def test_sampled_parts_lie_within_their_bounds() -> None:
    """13 consumers whose needs follow the airport game: the exact parts are known, all inside, and add up."""
    needs = np.arange(1.0, MOST_EXACT + 2)
    parts = shapley(largest_game(needs[:, None]), consumers=len(needs), seed=3, orders=400)
    exact = np.cumsum(1 / np.arange(len(needs), 0, -1))
    assert not parts.exact
    assert parts.orders == 400
    assert ((parts.low <= exact) & (exact <= parts.high)).all()
    assert parts.mid.sum() == pytest.approx(13.0)
    assert 0 < error_bound(parts) < 1


def test_more_orders_bring_narrower_bounds() -> None:
    """Four times the orders: the bounds shrink to between a quarter and a half."""
    game = peak_game(np.random.default_rng(1).gamma(0.5, 1.0, (15, 24)))
    few, many = (error_bound(shapley(game, consumers=15, orders=orders)) for orders in (500, 2000))
    assert 0.2 * few < many < 0.55 * few


def test_the_same_seed_gives_the_same_parts() -> None:
    """A dispute can be settled by running it again."""
    game = peak_game(np.random.default_rng(1).gamma(0.5, 1.0, (14, 6)))
    one, same, other = (shapley(game, consumers=14, seed=seed, orders=20).mid.tolist() for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_a_game_for_which_bounds_do_not_hold_is_refused() -> None:
    """A coalition that costs more than its members alone has no bounds of this kind."""
    with pytest.raises(ValueError, match="at most what it costs alone"):
        shapley(lambda members: members.sum(axis=1) ** 2.0, consumers=13, orders=4)


@pytest.mark.parametrize("kind", [peak_game, largest_game])
@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_use_below_zero_or_unknown_is_refused(kind: type, value: float) -> None:
    """Neither can be shared."""
    with pytest.raises(ValueError, match="at least zero"):
        kind(np.array([[value]]))


def test_nobody_shares_nothing() -> None:
    """No consumers: no parts, a whole of zero."""
    parts = shapley(peak_game(np.zeros((0, 3))), consumers=0)
    assert (parts.mid.tolist(), parts.whole, error_bound(parts)) == ([], 0.0, 0.0)
