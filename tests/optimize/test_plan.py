"""The savings of a plan are what the bill loses, and no plan of single actions is worth more."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from finops_lib.optimize.plan import plan, weekly
from finops_lib.optimize.plan_estate import Action, Estate
from tests.optimize.estates import FREE, drawn, priced


@pytest.mark.parametrize("seed", range(10))
def test_steps_and_commitments_add_up_to_the_bill(seed: int) -> None:
    """Priced plainly hour by hour before and after; exact among themselves."""
    estate, actions = drawn(seed)
    found = plan(estate, actions, effort=FREE)
    levels = {one.scope: one.level for one in found.commits}
    done = [step.action for step in found.steps]
    assert float(found.before) == pytest.approx(priced(estate, [], {}), abs=0.006)
    assert float(found.after) == pytest.approx(priced(estate, done, levels), abs=0.02)
    parts = [*(step.saving for step in found.steps), *(one.saving for one in found.commits)]
    assert sum(parts, Decimal(0)) == found.before - found.after == found.saving
    assert len(found.steps) + len(found.left_out) == len(actions)
    risk = sum(one.risk_month for one in done)
    assert float(found.saving) - risk >= -1e-6


def test_unknown_resources_are_left_out() -> None:
    """An action on what the estate does not know is in no plan."""
    estate = Estate(("a",), np.ones((1, 168)), ("",))
    found = plan(estate, [Action("b", "switch_off", "idle", 0.0)], effort=FREE)
    assert (found.steps, [one.resource for one in found.left_out]) == ((), ["b"])


def test_effort_has_to_pay_for_itself() -> None:
    """.01 an hour are 7.30 a month: not worth 400 once, 33.33 a month, but 4.17 of low effort."""
    estate = Estate(("a",), np.full((1, 168), 0.01), ("",))
    for effort, count in (("medium", 0), ("low", 1)):
        found = plan(estate, [Action("a", "switch_off", "idle", 0.0, effort=effort)])
        assert len(found.steps) == count


def test_stages_come_in_order_and_alone_is_told() -> None:
    """The schedule is after the size, whatever saves more; alone it would save more."""
    estate = Estate(("a",), np.ones((1, 168)), ("",))
    asked = [Action("a", "schedule", "schedule", 0.1), Action("a", "rightsize", "size", 0.9)]
    found = plan(estate, asked, effort=FREE)
    assert [step.action.stage for step in found.steps] == ["rightsize", "schedule"]
    assert (found.steps[1].saving, found.steps[1].alone) == (Decimal("591.30"), Decimal("657.00"))


def test_weeks_of_a_short_window_are_one() -> None:
    """Less than two weeks are one; three weeks are three."""
    assert weekly(np.ones(200)).tolist() == [730.0]
    assert len(weekly(np.ones(3 * 168))) == 3
