"""What stands in the lake, as tables, and the verdict in sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from finops_lib.records import RuleCount, Snapshot
from finops_lib.run.deliveries import delivery_table, flag_table, limit_table, quarantine_table, verdict


def delivery(month: str, *flags: RuleCount) -> Snapshot:
    """Make a delivery of nine rows."""
    moment = datetime(2026, 8, 1, tzinfo=UTC)
    return Snapshot(
        provider="Cloud",
        account="1",
        billing_period=month,
        scope="",
        id=f"id{month}",
        content=month,
        source="bill.csv",
        rows=9,
        quarantined=1,
        cost={},
        first_day=f"{month}-01",
        last_day=f"{month}-28",
        delivered=moment,
        flags=flags,
    )


class Answering:
    """Stand in for an engine with one answer to every query."""

    def __init__(self, answer: pd.DataFrame) -> None:
        self.answer = answer

    def query(self, _: str) -> pd.DataFrame:
        """Give the answer."""
        return self.answer


def test_bills_come_newest_first_with_their_slices_added_up() -> None:
    """July stands above June; its two slices of 9 rows are one line of 18."""
    slices = [delivery("2026-07"), replace(delivery("2026-07"), scope="late", last_day="2026-07-31")]
    frame = delivery_table([delivery("2026-06"), *slices])
    assert frame[["Period", "Deliveries", "Rows", "SetAside"]].to_numpy().tolist() == [
        ["2026-07", 2, 18, 2],
        ["2026-06", 1, 9, 1],
    ]
    assert frame["LastDay"][0] == "2026-07-31"


def test_a_flag_has_a_line_for_each_currency() -> None:
    """Two currencies are two lines; the same finding in two months is one; a flag may know no money."""
    money = RuleCount("effective_cost_zero", "flag", 3, {"EUR": Decimal(1), "USD": Decimal(2)})
    tags = RuleCount("tag_case", "flag", 4, {})
    frame = flag_table([delivery("2026-07", money, tags), delivery("2026-06", tags)])
    assert frame.drop(columns="Detail").to_numpy().tolist() == [
        ["effective_cost_zero", 1, "2026-07", 3, "EUR", Decimal(1)],
        ["effective_cost_zero", 1, "2026-07", 3, "USD", Decimal(2)],
        ["tag_case", 2, "2026-06 to 2026-07", 8, "", "-"],
    ]


def test_quarantine_is_counted_by_rule() -> None:
    """A row without a currency is said to have none; costs that are no numbers are counted."""
    answer = {"rule": ["nan"], "currency": [None], "row_count": [2], "cost": [Decimal(5)], "unreadable": [1]}
    engine: Any = Answering(pd.DataFrame(answer))
    assert quarantine_table(engine).iloc[0].to_dict() == {
        "Rule": "nan", "BillingCurrency": "(none)", "Rows": 2, "Cost": Decimal(5), "RowsWithoutCost": 1,
    }  # fmt: skip


def test_thresholds_are_listed() -> None:
    """Each field of the record is a line."""
    frame = limit_table(RuleCount("a", "flag", 1, {}))
    assert list(frame["Threshold"])[:2] == ["rule", "action"]


def test_the_verdict_counts_in_words() -> None:
    """Nothing found is said as plainly as two findings."""
    ready = pd.DataFrame({"Ready": [True, True]})
    clean = verdict(pd.DataFrame({"Finding": []}), ready, quarantined=0, rows=10)
    assert clean == (
        "0 of 10 rows were set aside.",
        "0 findings across deliveries.",
        "2 of 2 accounts are ready for models.",
    )
    two = pd.DataFrame({"Finding": ["late_bill", "late_bill"]})
    assert verdict(two, ready, quarantined=0, rows=1)[1] == "2 findings across deliveries: late_bill 2."
