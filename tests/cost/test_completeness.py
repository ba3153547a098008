"""Which days are still filling up, and what a bill cannot say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from finops_lib.cost.completeness import (
    days_without_charges,
    incomplete_days,
    mark_incomplete,
    newest_complete_month,
    notes,
    unfit_for_savings,
)
from finops_lib.records import Period, RuleCount, Snapshot


def delivery(month: str, last_day: str, delivered: str, **changes: Any) -> Snapshot:
    """Make a delivery of one account."""
    moment = datetime.fromisoformat(delivered).replace(tzinfo=UTC)
    known: dict[str, Any] = {"provider": "Cloud", "account": "1", "billing_period": month, "scope": ""}
    known |= {"id": month, "content": month, "source": "bill.csv", "rows": 9, "quarantined": 0, "cost": {}}
    known |= {"first_day": f"{month}-01", "last_day": last_day, "delivered": moment}
    return Snapshot(**(known | changes))


OPEN = delivery("2026-07", "2026-07-15", "2026-07-16")
FRESH = delivery("2026-07", "2026-07-31", "2026-08-02")
SETTLED = delivery("2026-07", "2026-07-31", "2026-08-04")
JUNE = delivery("2026-06", "2026-06-20", "2026-07-10")


@pytest.mark.parametrize(
    ("deliveries", "days"),
    [
        ([OPEN], ["2026-07-13", "2026-07-14", "2026-07-15"]),
        ([FRESH], ["2026-07-29", "2026-07-30", "2026-07-31"]),
        ([SETTLED], []),
        ([JUNE, SETTLED], []),
        ([JUNE, OPEN], ["2026-07-13", "2026-07-14", "2026-07-15"]),
        ([delivery("2026-07", "2026-07-10", "2026-07-16", scope="a"), OPEN],
         ["2026-07-13", "2026-07-14", "2026-07-15"]),
        ([delivery("2026-07", "", "2026-07-16")], []),
        ([], []),
    ],
)  # fmt: skip
def test_the_last_days_of_an_open_bill_are_incomplete(deliveries: list[Snapshot], days: list[str]) -> None:
    """An open or fresh month loses three days; a settled one and all before it lose none."""
    assert [day.isoformat() for day in incomplete_days(deliveries, last_days=3)] == days


def test_the_number_of_days_is_an_argument() -> None:
    """None, one; a negative count is a wrong argument."""
    assert incomplete_days([OPEN], last_days=0) == ()
    assert incomplete_days([OPEN], last_days=1) == (date(2026, 7, 15),)
    with pytest.raises(ValueError, match="count of days"):
        incomplete_days([], last_days=-1)


@pytest.mark.parametrize(
    ("deliveries", "month"),
    [([JUNE, OPEN], "2026-06"), ([JUNE, SETTLED], "2026-07"), ([OPEN], "2026-07"), ([], "")],
)
def test_the_newest_complete_month_is_looked_at(deliveries: list[Snapshot], month: str) -> None:
    """An open month is passed over, unless it is all there is."""
    assert newest_complete_month(deliveries, last_days=3) == month


def test_days_are_marked_and_missing_ones_found() -> None:
    """The 2nd is marked; the 3rd of three is missing, and is not expected when the period ends before it."""
    frame = pd.DataFrame(
        {"time": pd.to_datetime(["2026-07-01", "2026-07-02"]), "cost": [Decimal(1), Decimal(2)]}
    )
    assert list(mark_incomplete(frame, days=[date(2026, 7, 2)])["Incomplete"]) == [False, True]
    assert list(mark_incomplete(frame, days=[])["Incomplete"]) == [False, False]
    three = Period(datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 4, tzinfo=UTC))
    assert days_without_charges(frame, period=three) == (date(2026, 7, 3),)
    assert days_without_charges(frame, period=three, until=date(2026, 7, 2)) == ()


def test_a_flagged_delivery_is_unfit_for_savings() -> None:
    """Only the flag of that rule with rows counts, and only in its month."""
    flag = RuleCount("effective_cost_zero", "flag", 3, {"USD": Decimal(5)})
    flagged = delivery("2026-07", "2026-07-31", "2026-08-04", flags=(flag,))
    assert unfit_for_savings([JUNE, flagged]) == (flagged,)
    assert unfit_for_savings([flagged], month="2026-06") == ()


def test_a_bill_without_effective_cost_is_said_to_be_unfit(lake_of: Any, line: Any) -> None:
    """Billed 5 and effective 0: the delivery's own flag becomes a sentence."""
    said = notes(lake_of([line(cost="5", EffectiveCost="0"), line(cost="1")]))
    assert any("unfit for savings" in sentence and "1 row has" in sentence for sentence in said)


def test_costs_that_are_not_stated_are_counted(lake_of: Any, line: Any) -> None:
    """One of two rows has no list cost; a period without charges has nothing to say."""
    engine = lake_of([line(cost="5", ListCost=""), line(cost="1")])
    assert "1 row does not say ListCost: unknown, left out of its sums, not zero." in notes(engine)
    assert notes(engine, period=Period.month("2026-01")) == ()


@pytest.mark.parametrize(
    ("deliveries", "said", "days", "month"),
    [
        ([JUNE, OPEN], {}, ["2026-07-13", "2026-07-14", "2026-07-15"], "2026-06"),
        ([JUNE, OPEN], {"2026-07": True}, [], "2026-07"),
        ([JUNE, FRESH], {"2026-07": True}, [], "2026-07"),
        ([JUNE, SETTLED], {"2026-07": False}, ["2026-07-29", "2026-07-30", "2026-07-31"], "2026-06"),
        # June is not the newest month of its provider: that it is open says nothing of days.
        ([JUNE, SETTLED], {"2026-06": False}, [], "2026-07"),
        # What is said of another delivery says nothing of this one.
        ([JUNE, OPEN], {"other": True}, ["2026-07-13", "2026-07-14", "2026-07-15"], "2026-06"),
        ([delivery("2026-07", "", "2026-07-16")], {"2026-07": False}, [], "2026-07"),
    ],
)
def test_what_the_issuer_says_goes_before_the_dates(
    deliveries: list[Snapshot], said: dict[str, bool], days: list[str], month: str
) -> None:
    """A closed month is whole though its dates look open; an open one fills up though they look whole."""
    found = incomplete_days(deliveries, last_days=3, settled=said)
    assert [day.isoformat() for day in found] == days
    assert newest_complete_month(deliveries, last_days=3, settled=said) == month


def test_each_account_is_settled_by_itself() -> None:
    """Of two accounts of July, only the one that is still open loses its last day."""
    other = delivery("2026-07", "2026-07-20", "2026-07-21", account="2", id="other")
    assert incomplete_days([OPEN, other], last_days=1, settled={"2026-07": True}) == (date(2026, 7, 20),)
    assert incomplete_days([OPEN, other], last_days=1, settled={"2026-07": True, "other": True}) == ()
