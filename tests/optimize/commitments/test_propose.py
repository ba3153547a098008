"""Purchases become recommendations that add up to what the portfolio saves."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from finops_lib.optimize.commitments.offers import Offer
from finops_lib.optimize.commitments.portfolio import Portfolio, Purchase
from finops_lib.optimize.commitments.propose import money, proposed

VM, DB = Offer("plan", {"vm": 0.3, "web": 0.2}, 12), Offer("reserved", {"db": 0.4}, 36)


def test_parts_add_up_and_begin_now() -> None:
    """Three to one by what is paid; what begins later is not proposed, and takes its part with it."""
    saved = np.linspace(-100.0, 900.0, 101)
    found = Portfolio((Purchase(VM, 0, 3.0), Purchase(DB, 0, 1.0)), saved, 730.5)
    made, silent = proposed(
        found, currency="USD", scopes=("vm", "db", "x"), backtest={"share_of_optimum": 0.9}
    )
    assert [item.resource for item in made] == ["vm + web", "db"]
    middles = [item.saving_month.mid for item in made]
    assert middles == [Decimal("300.00"), Decimal("100.00")]
    ends = made[0].saving_month
    assert (ends.low, ends.high) == (
        Decimal("0.00"),
        Decimal("600.00"),
    )  # tenths of -100 to 900, three quarters
    assert made[0].breach_probability == pytest.approx(10 / 101)
    assert made[0].to == {"plan": "3.0000 USD/h"}
    assert made[0].reason == "use of vm + web over 12 months; pays from 70% utilisation on"
    assert [item.resource for item in silent] == ["x"]
    later = Portfolio((Purchase(VM, 0, 3.0), Purchase(DB, 9, 1.0)), saved, 730.5)
    made, silent = proposed(later, currency="USD", scopes=("vm", "db"))
    assert [(item.resource, item.saving_month.mid) for item in made] == [("vm + web", Decimal("300.00"))]
    assert [item.resource for item in silent] == ["db"]


def test_thirds_add_up_to_the_cent() -> None:
    """100.00 among three equal purchases: one gets the cent that is left."""
    three = tuple(Purchase(Offer(name, {name: 0.3}, 12), 0, 1.0) for name in "abc")
    made, _ = proposed(Portfolio(three, np.full(9, 100.0), 730.5), currency="USD", scopes=())
    assert [str(item.saving_month.mid) for item in made] == ["33.34", "33.33", "33.33"]
    assert all(item.saving_month.low <= item.saving_month.mid <= item.saving_month.high for item in made)


def test_a_mean_outside_its_ends_widens_them() -> None:
    """One future in twenty loses a fortune: the mean lies below the tenth."""
    saved = np.array([-10_000.0] + [100.0] * 19)
    [one], _ = proposed(Portfolio((Purchase(DB, 0, 1.0),), saved, 730.5), currency="EUR", scopes=("db",))
    assert one.saving_month.low == one.saving_month.mid == Decimal("-405.00")


def test_money_is_in_cents() -> None:
    """Rounded to even, never a negative nothing."""
    assert [str(money(value)) for value in (1.005, 2.675, -0.004)] == ["1.00", "2.68", "0.00"]
