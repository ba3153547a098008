"""Sums of the datasets: every amount is accepted, set aside or made up for, and unknown is not zero."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from finops_lib.billing.cells import MONEY, TIME
from finops_lib.billing.datasets.sums import Taken, cost_of, exactly, known, split
from finops_lib.privacy import People

ISSUED = {"InvoiceIssuerName": ["A", "B", "A"], "BillingAccountId": ["1", "1", "1"]}


def lines(*costs: str | None) -> pa.Table:
    """Write lines of two issuers, one period."""
    money = pa.array([None if cost is None else Decimal(cost) for cost in costs], MONEY)
    return pa.table(
        {
            **{name: pa.array(words) for name, words in ISSUED.items()},
            "BilledCost": money,
            "BillingCurrency": pa.array(["USD", "EUR", "USD"]),
            "BillingPeriodStart": pa.array([1_782_864_000_000_000] * 3, pa.int64()).cast(TIME),
            "x_SourceRow": pa.array([1, 2, 3]),
        }
    )


def test_rows_stand_with_their_delivery_and_money_with_its_rule(tmp_path: Path) -> None:
    """Of 1, 2 and 4 the last is set aside: 1 USD and 2 EUR are accepted, 4 USD are not."""
    people = People.open(tmp_path / "lake", {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"})
    taken, rows = Taken(), lines("1", "2", "4")
    rule = pa.array([None, None, "value_missing"], pa.string())
    split(taken, rows, rows, rule, "invoice_detail", "f", people)
    assert list(taken.parts) == [("A", "1", "2026-07"), ("B", "1", "2026-07")]
    assert taken.source == {"USD": Decimal(5), "EUR": Decimal(2)}
    assert taken.accepted == {"USD": Decimal(1), "EUR": Decimal(2)}
    assert taken.quarantined == {"USD": Decimal(4)}
    assert taken.rules == {"value_missing": (1, {"USD": Decimal(4)})}
    assert [part["Rule"].to_pylist() for part in taken.aside] == [["value_missing"]]


def test_a_cost_that_is_not_said_is_no_zero() -> None:
    """Only currencies with an amount are there."""
    assert known(*cost_of(lines("1", None, None), "invoice_detail")) == {"USD": Decimal(1)}
    assert cost_of(lines("1", "2", "3"), "billing_period")[0] is None


def test_what_the_lake_cannot_keep_is_made_up_for() -> None:
    """A 21st decimal is rounding where the row is accepted, and belongs to the rule where it is not."""
    taken = Taken()
    cost, currency = cost_of(lines("1", "2", "4"), "invoice_detail")
    tiny = Decimal("1E-21")
    rule = pa.array([None, None, "value_missing"], pa.string())
    exactly(taken, {0: 1 + tiny, 2: 4 - tiny}, cost, currency, rule)
    assert taken.rounding == {"USD": tiny}
    assert taken.quarantined == {"USD": -tiny}
    assert taken.source == {"USD": Decimal(0)}
