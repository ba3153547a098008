"""Savings come at the resource's own rate, net of commitments, with bounds that hold."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.optimize.rightsize.paid import Paid, saving

TEN = (Decimal(24),) * 10


def test_a_month_is_730_hours_of_the_mean_day() -> None:
    """A machine of 1 USD an hour that ran on one of two days costs 365 USD a month."""
    assert Paid("USD", (Decimal(24), Decimal(0))).month == Decimal("365.00")


def test_what_commitments_pay_for_is_not_saved_for_certain() -> None:
    """Half of it is cut; a quarter of the cost is covered, so that the low end is 3/4 of half of 730."""
    found = saving(Paid("USD", TEN, committed=Decimal(60)), Decimal("0.5"))
    assert (found.low, found.mid, found.high) == (Decimal("273.75"), Decimal("365.00"), Decimal("365.00"))


def test_a_fully_committed_machine_saves_nothing_for_certain() -> None:
    """All of it is paid for by commitments: the low end is zero, the middle its own rate."""
    found = saving(Paid("EUR", TEN, committed=Decimal(240)), Decimal(1))
    assert (found.low, found.mid, found.unit) == (Decimal(0), Decimal("730.00"), "EUR")


def test_more_is_a_negative_saving_and_may_cost_the_list_price() -> None:
    """Twice the size costs 730 more at the own rate, and at a list price twice as high 1,460."""
    found = saving(Paid("USD", TEN, listed=Decimal(480)), Decimal(-1))
    assert (found.low, found.mid, found.high) == (
        Decimal("-1460.00"),
        Decimal("-730.00"),
        Decimal("-730.00"),
    )


def test_commitments_cannot_pay_for_more_than_all() -> None:
    """A part above the whole is a mistake of the caller."""
    with pytest.raises(ValueError, match=r"300 of 240 by commitments: a part is no more than all"):
        Paid("USD", TEN, committed=Decimal(300))


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        ((Decimal(1),), "its cost is known of 1 days, 2 are needed"),
        ((Decimal(0), Decimal(0)), "it cost nothing in these days: there is no price to save at"),
        (TEN, ""),
    ],
)
def test_a_cost_that_tells_no_saving_says_why(days: tuple[Decimal, ...], reason: str) -> None:
    """One day and a price of zero save nothing, and a saving is not booked."""
    assert Paid("USD", days).why_not() == reason


@given(st.lists(st.integers(0, 500), min_size=2, max_size=40), st.integers(-300, 100))
def test_low_mid_and_high_are_in_order(cents: list[int], percent: int) -> None:
    """Whatever the days and the share, mid lies between low and high, and has the sign of the share."""
    paid = Paid("USD", tuple(Decimal(cent) / 100 for cent in cents))
    found = saving(paid, Decimal(percent) / 100)
    assert found.low <= found.mid <= found.high
    assert found.mid * percent >= 0


def test_eight_of_ten_months_to_come_lie_within() -> None:
    """Over 400 seeds of days that are alike, the month lies in the 80 % interval within 4 points of it."""
    hits = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        days = rng.gamma(9.0, 1.0, size=21 + 30)
        paid = Paid("USD", tuple(Decimal(repr(float(day))) for day in days[:21]))
        found = saving(paid, Decimal(1))
        hits += float(found.low) <= days[21:].mean() * 730 / 24 <= float(found.high)
    assert 0.76 <= hits / 400 <= 0.84  # two standard errors of .8 over 400
