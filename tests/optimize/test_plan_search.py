"""The search finds what trying every combination finds, or all but a little of it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from finops_lib.optimize.plan import plan
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


def test_what_saves_nothing_is_not_done() -> None:
    """Two of 1 an hour are held, one of 4 in half of the hours is not: once it is off, they save nothing.

    Asked one by one they go first, as they still save something then.
    """
    use = np.array([np.full(24, 1.0), np.full(24, 1.0), np.tile([0.0, 4.0], 12)])
    estate = Estate(("a", "b", "c"), use, ("vm",) * 3, held={"vm": 2.0}, discount={"vm": 0.5})
    ways = [
        states([Action(name, "switch_off", "idle", 0.0)], estate=estate, effort_month=FREE) for name in "abc"
    ]
    found = cheapest(estate, "vm", [0, 1, 2], ways)
    assert [len(state.actions) for state in found] == [0, 0, 1]


@pytest.mark.parametrize("seed", range(60))
def test_no_action_of_a_plan_could_be_left_out_for_nothing(seed: int) -> None:
    """Without harm and effort each step takes something off the bill that is left without it."""
    estate, actions = drawn(1000 + seed, hours=24)
    free = [Action(one.resource, one.stage, one.kind, one.keeps) for one in actions]
    tight = Estate(estate.names, estate.use, estate.scopes, {"vm": 12.0, "db": 6.0}, estate.discount)
    made = plan(tight, free, effort=FREE)
    done = [step.action for step in made.steps]
    for one in done:
        fewer = plan(tight, [other for other in done if other is not one], effort=FREE)
        assert fewer.after > made.after
