"""A running bill is what a plain loop over hours says."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.optimize.plan_estate import Action, Estate
from finops_lib.optimize.plan_ledger import Ledger
from tests.optimize.estates import drawn, priced


@pytest.mark.parametrize("seed", range(8))
def test_savings_are_differences_of_the_plain_bill(seed: int) -> None:
    """Each action, one after the other; a resource on spot is not changed again."""
    estate, actions = drawn(seed)
    ledger, done = Ledger(estate), []
    spots: set[str] = set()
    for one in actions:
        if one.resource in spots:
            continue
        before = priced(estate, done, {})
        expected = before - priced(estate, [*done, one], {})
        assert float(ledger.saves(one).mean()) * 730 == pytest.approx(expected, abs=1e-6)
        ledger.do(one)
        done.append(one)
        spots |= {one.resource} if one.stage == "spot" else set()
    assert (
        sum(float(ledger.rest(scope).mean()) for scope in dict.fromkeys(estate.scopes)) * 730
        <= priced(estate, done, {}) + 1e-6
    )


def test_what_is_held_is_paid_already() -> None:
    """Two of 3 an hour, 4 held: 2 are paid; one off saves those 2, not 3."""
    estate = Estate(("a", "b"), np.full((2, 5), 3.0), ("vm", "vm"), held={"vm": 4.0})
    ledger = Ledger(estate)
    assert ledger.hourly().tolist() == [2.0] * 5
    assert ledger.do(Action("a", "switch_off", "idle", 0.0)).tolist() == [2.0] * 5
    assert ledger.rest("vm").tolist() == [0.0] * 5


def test_spot_leaves_the_scope_and_is_paid_beside_it() -> None:
    """4 an hour at 40 % are 1.6: 2.4 saved where nothing is held; with 4 held it costs 1.6 more."""
    spot = Action("a", "spot", "spot", 0.4)
    free = Ledger(Estate(("a",), np.full((1, 2), 4.0), ("vm",)))
    held = Ledger(Estate(("a",), np.full((1, 2), 4.0), ("vm",), held={"vm": 4.0}))
    assert free.saves(spot).tolist() == [2.4, 2.4]
    assert held.saves(spot).tolist() == [-1.6, -1.6]


def test_what_is_left_is_committed_to_once() -> None:
    """Ten hours of 1 to 10 at half price: the fifth is worth it, 5; no scope has no discount."""
    use = np.arange(1.0, 11.0)[None]
    level, saved = Ledger(Estate(("a",), use, ("vm",), discount={"vm": 0.5})).committed("vm")
    assert level == 5.0
    assert float(saved.sum()) == pytest.approx(sum(min(value, 5) for value in range(1, 11)) - 25)
    assert Ledger(Estate(("a",), use, ("",), discount={"": 0.5})).committed("")[0] == 0.0
