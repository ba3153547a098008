"""Demand from a bill: what counts, where it is laid, what is unknown and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from finops_lib.errors import CurrencyError, QueryError
from finops_lib.optimize.commitments.demand import Demand, demand, eligible, screened
from tests.cost.conftest import LakeOf, LineOf
from tests.optimize.commitments.conftest import START, demand_of


def charges(*rows: tuple[str, str, str, object]) -> pd.DataFrame:
    """Write scope, start, end and amount of charges in dollars."""
    frame = pd.DataFrame(rows, columns=["scope", "start", "end", "amount"])
    return frame.assign(
        start=pd.to_datetime(frame["start"], utc=True), end=pd.to_datetime(frame["end"], utc=True),
        currency="USD",
    )  # fmt: skip


def test_only_use_that_a_commitment_could_cover_counts(lake_of: LakeOf, line: LineOf) -> None:
    """Spot, purchases and what a commitment left unused do not; what one covers does, at list price."""
    held = {"CommitmentDiscountId": "p", "PricingCategory": "Committed"}
    engine = lake_of(
        [
            line(cost="3"),
            line(ListCost="5", EffectiveCost="2", CommitmentDiscountStatus="Used", **held),
            line(ListCost="7", CommitmentDiscountStatus="Unused", **held),
            line(cost="11", PricingCategory="Dynamic"),
            line(cost="13", ChargeCategory="Purchase"),
            line(cost="17", ServiceName="Warehouse", ListCost=""),
        ]
    )
    found = eligible(engine, by="ServiceName").set_index("scope")
    assert found.loc["Compute Engine", "amount"] == Decimal(8)
    assert found.loc["Warehouse", "amount"] is None or pd.isna(found.loc["Warehouse", "amount"])
    assert found["unknown"].to_dict() == {"Compute Engine": 0, "Warehouse": 1}
    whole = demand(eligible(engine, by=("RegionId", "ServiceName")))
    assert whole.scopes[0] == "eu-west-1 / Compute Engine"
    assert whole.use[0].tolist() == [pytest.approx(8 / 24)]


def test_hours_are_laid_in_place_and_later_gaps_are_zero() -> None:
    """Before its first charge a scope is unknown; two charges of one hour add up."""
    found = demand(
        charges(
            ("b", "2026-01-01 00:00", "2026-01-01 01:00", 1),
            ("a", "2026-01-01 01:00", "2026-01-01 02:00", 2),
            ("a", "2026-01-01 01:00", "2026-01-01 02:00", 3),
            ("a", "2026-01-01 03:00", "2026-01-01 04:00", "4"),
        )
    )
    assert (found.scopes, found.step_hours, found.start) == (("a", "b"), 1, datetime(2026, 1, 1, tzinfo=UTC))
    np.testing.assert_array_equal(found.use, [[np.nan, 5, 0, 4], [1, 0, 0, 0]])


def test_a_charge_is_spread_over_its_period() -> None:
    """A fee of 48 over a day beside an hour of 100 is 2 in each hour; most money is by the hour."""
    found = demand(
        charges(
            ("a", "2026-01-01 00:00", "2026-01-02 00:00", 48),
            ("a", "2026-01-01 05:00", "2026-01-01 06:00", 100),
        )
    )
    assert found.step_hours == 1
    assert found.use[0, [0, 5, 23]].tolist() == [2, 102, 2]
    assert found.use.shape == (1, 24)


def test_a_bill_by_the_day_has_days() -> None:
    """Money an hour in the mean of the day."""
    found = demand(
        charges(
            ("a", "2026-01-01 00:00", "2026-01-03 00:00", 96),
            ("a", "2026-01-02 05:00", "2026-01-02 06:00", 24),
        )
    )
    assert (found.step_hours, found.use.tolist()) == (24, [[2.0, 3.0]])


def test_hostile_frames_are_refused_by_name() -> None:
    """No price, several currencies, a missing column."""
    good = charges(("a", "2026-01-01 00:00", "2026-01-01 01:00", 1))
    with pytest.raises(QueryError, match="no use with a list price"):
        demand(good.assign(amount="much"))
    with pytest.raises(CurrencyError, match="EUR, USD"):
        demand(pd.concat([good, good.assign(currency="EUR")]))
    with pytest.raises(QueryError, match="amount"):
        demand(good.drop(columns="amount"))


def test_weeks_are_counted_from_the_end_and_half_known_ones_are_unknown() -> None:
    """Ten days of days are one whole week, the last."""
    use = np.array([[9.0, 9.0, 9.0, *range(1, 8)], [*[1.0] * 3, *[np.nan] * 4, 2.0, 2.0, 2.0]])
    np.testing.assert_array_equal(demand_of(use, step_hours=24).weekly(), [[4.0], [np.nan]])


def test_short_and_ended_scopes_get_a_reason() -> None:
    """Four weeks are needed, and use in the last two."""
    use = np.ones((3, 35))
    use[1, :20] = np.nan
    use[2, -14:] = 0.0
    kept, silent = screened(demand_of(use, step_hours=24))
    assert kept.scopes == ("a",)
    assert {one.resource: one.reason for one in silent} == {
        "b": "2 whole weeks known, 4 are needed",
        "c": "no use in the last 2 weeks",
    }


def test_views_keep_time_right() -> None:
    """Leaving out the newest steps moves the end, not the start."""
    found = demand_of(np.arange(48.0).reshape(1, 48))
    assert found.before(24).end == datetime(2026, 1, 6, tzinfo=UTC)
    assert found.before(24).use[0, -1] == 23
    assert found.before(100).use.shape == (1, 0)
    with pytest.raises(ValueError, match="one row"):
        Demand(("a", "b"), np.ones((1, 3)), START, 1, "USD")
    with pytest.raises(ValueError, match="1 or 24"):
        Demand(("a",), np.ones((1, 3)), START, 6, "USD")
