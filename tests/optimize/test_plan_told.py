"""A plan becomes recommendations whose middles add up, with owners and reasons."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from finops_lib.errors import QueryError
from finops_lib.optimize.plan import plan
from finops_lib.optimize.plan_estate import Action, Estate
from finops_lib.optimize.plan_told import month_ends, told
from tests.optimize.estates import FREE, drawn


@pytest.mark.parametrize("seed", range(6))
def test_middles_add_up_to_the_plan(seed: int) -> None:
    """To the cent, whatever is in it; each low is at most its middle, each high at least."""
    estate, actions = drawn(seed)
    made = plan(estate, actions, effort=FREE)
    found, silent = told(made, effort=FREE)
    middles = [one.recommendation.saving_month for one in found]
    assert sum((money.mid for money in middles), Decimal(0)) == made.saving
    assert all(money.low <= money.mid <= money.high for money in middles)
    assert len(silent) == len(made.left_out)
    worth = [one.net_month for one in found]
    assert worth == sorted(worth, reverse=True)


def test_a_cent_of_rounding_is_no_reason() -> None:
    """Each of three saves .335 a month of its own: told as .34, .33 and .34, and not as more or less."""
    estate = Estate(("a", "b", "c"), np.full((3, 168), 0.335 / 730), ("", "", ""))
    made = plan(
        estate, [Action(name, "switch_off", "idle", 0.0, reason="idle") for name in "abc"], effort=FREE
    )
    found, _ = told(made, effort=FREE)
    assert len({step.alone - step.saving for step in made.steps}) > 1
    assert {one.recommendation.reason for one in found} == {"idle"}


def test_owner_and_file_come_from_the_inventory() -> None:
    """And nothing where it does not know the resource."""
    estate = Estate(("a", "b"), np.ones((2, 168)), ("", ""))
    asked = [Action(name, "switch_off", "idle", 0.0) for name in "ab"]
    inventory = pd.DataFrame([("a", "shop", "a.tf")], columns=["resource", "owner", "file"])
    found, _ = told(plan(estate, asked, effort=FREE), inventory=inventory, effort=FREE)
    people = {
        one.recommendation.resource: (one.recommendation.owner, one.recommendation.file) for one in found
    }
    assert people == {"a": ("shop", "a.tf"), "b": ("", "")}


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        ([("a", "x")], ["resource", "owner"], "columns"),
        ([("a", "x", ""), ("a", "y", "")], ["resource", "owner", "file"], "resource 'a'"),
    ],
)
def test_an_inventory_names_each_resource_once(rows: list[object], columns: list[str], message: str) -> None:
    """Columns and duplicates are refused."""
    made = plan(Estate(("a",), np.ones((1, 168)), ("",)), [], effort=FREE)
    with pytest.raises(QueryError, match=message):
        told(made, inventory=pd.DataFrame(rows, columns=columns))


def test_a_commitment_comes_last_and_says_so() -> None:
    """Of a flat use of 10 at 20 %: 2 an hour are 1,460 a month."""
    made = plan(Estate(("a",), np.full((1, 168), 10.0), ("vm",), discount={"vm": 0.2}), [], effort=FREE)
    [one] = told(made, effort=FREE)[0]
    assert one.recommendation.saving_month.mid == Decimal("1460.00")
    assert one.recommendation.to == {"hourly": "10.0000 USD"}
    assert one.recommendation.reason.endswith("commit last")


def test_doubt_of_the_action_widens_the_interval() -> None:
    """Flat weeks have none of their own: half and twice remain."""
    estate = Estate(("a",), np.ones((1, 4 * 168)), ("",))
    one = Action("a", "rightsize", "size", 0.5, doubt=(0.5, 2.0))
    [found] = told(plan(estate, [one], effort=FREE), effort=FREE)[0]
    money = found.recommendation.saving_month
    assert (money.low, money.mid, money.high) == (Decimal("182.50"), Decimal("365.00"), Decimal("730.00"))


def test_a_month_of_unlike_weeks_lies_between_them() -> None:
    """The ends hold 80 % of means of four weeks drawn anew, and those at the ends."""
    weeks = np.array([100.0, 200.0, 300.0, 400.0])
    low, high = month_ends(weeks, level=0.8, random=np.random.default_rng(3))
    drawn_again = np.random.default_rng(4).choice(weeks, (4000, 4)).mean(axis=1)
    assert 0.77 <= float(((drawn_again >= low) & (drawn_again <= high)).mean()) <= 0.9
