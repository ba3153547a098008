"""The search finds what trying every combination finds, or all but a little of it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from finops_lib.optimize.plan_estate import Action, Estate, scope_cost, states
from finops_lib.optimize.plan_search import cheapest
from tests.optimize.estates import FREE, drawn


@pytest.mark.parametrize("seed", range(12))
def test_small_scopes_are_solved_as_by_trying_all(seed: int) -> None:
    """Four resources: the cost found is at most 1 % above the least, and mostly the least itself."""
    estate, actions = drawn(seed, resources=4, hours=24)
    ways = [
        states([one for one in actions if one.resource == name], estate=estate, effort_month=FREE)
        for name in estate.names
    ]
    for scope in dict.fromkeys(estate.scopes):
        rows = [place for place, name in enumerate(estate.scopes) if name == scope]
        mine = [ways[row] for row in rows]
        held, discount = (estate.held[scope], estate.discount[scope]) if scope else (0.0, 0.0)

        def cost(chosen: tuple[object, ...], rows: list[int] = rows, held: float = held,
                 discount: float = discount) -> float:  # fmt: skip
            inside, beside = np.zeros(24), 0.0
            for row, state in zip(rows, chosen, strict=True):
                left = estate.use[row] * state.left  # type: ignore[attr-defined]
                beside += state.burden  # type: ignore[attr-defined]
                if state.committable:  # type: ignore[attr-defined]
                    inside = inside + left
                else:
                    beside += float(left.mean()) * 730
            return float(scope_cost(inside, held=held, discount=discount)) * 730 / 24 + beside

        found = cost(tuple(cheapest(estate, scope, rows, mine)))
        least = min(cost(choice) for choice in product(*mine))
        nothing = cost(tuple(way[0] for way in mine))
        assert least - 1e-6 <= found <= nothing + 1e-6
        assert nothing - found >= 0.99 * (nothing - least) - 1e-6


def test_the_second_of_two_under_a_commitment_does_not_pay() -> None:
    """Of 2 an hour .9 are held: the first off saves 1 an hour, the second .1, and each does harm of 500."""
    use = np.full((2, 10), 1.0)
    estate = Estate(("a", "b"), use, ("vm", "vm"), held={"vm": 0.9})
    half = {
        name: Action(name, "switch_off", "idle", 0.0, breach_cost=500.0, breach_probability=1.0)
        for name in "ab"
    }
    ways = [states([half[name]], estate=estate, effort_month=FREE) for name in estate.names]
    # One off saves 1 of 1.1 an hour: 730 less 500 of harm; the second saves .1 and is left.
    found = cheapest(estate, "vm", [0, 1], ways)
    assert sorted(len(state.actions) for state in found) == [0, 1]
