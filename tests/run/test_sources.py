"""How fresh and whole is each source: ages, gaps and restatements counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from finops_lib.records import Snapshot
from finops_lib.run.show import table
from finops_lib.run.sources import source_table

NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)
COLUMNS = [
    "Provider", "Account", "Source", "Kind", "FirstPeriod", "LastPeriod", "Deliveries", "NewestDay",
    "DaysOld", "Gaps", "Restated", "Rows", "SetAside",
]  # fmt: skip


def delivery(month: str = "2026-07", last_day: str = "2026-07-31", **changes: Any) -> Snapshot:
    """Make a delivery of nine rows of one account."""
    known: dict[str, Any] = {"provider": "Cloud", "account": "1", "billing_period": month, "scope": ""}
    known |= {"id": month, "content": month, "source": "FOCUS", "rows": 9, "quarantined": 1, "cost": {}}
    known |= {"first_day": f"{month}-01", "last_day": last_day, "delivered": NOW}
    return Snapshot(**(known | changes))


def rows(*held: Snapshot, past: tuple[Snapshot, ...] = (), now: datetime = NOW) -> list[dict[str, Any]]:
    """Ask for the sources."""
    frame = source_table(held, past=past, now=now)
    assert list(frame.columns) == COLUMNS
    return [dict(zip(COLUMNS, line, strict=True)) for line in frame.itertuples(index=False)]


def test_no_deliveries_are_no_sources() -> None:
    """An empty lake has a table without rows."""
    assert rows() == []


def test_one_source_is_told_whole() -> None:
    """July and June of one account: 18 rows, 2 set aside, no gap; 19 days passed since July's end."""
    assert rows(delivery(), delivery("2026-06", "2026-06-30")) == [
        {
            "Provider": "Cloud", "Account": "1", "Source": "FOCUS", "Kind": "charges",
            "FirstPeriod": "2026-06", "LastPeriod": "2026-07", "Deliveries": 2, "NewestDay": "2026-07-31",
            "DaysOld": 19, "Gaps": 0, "Restated": 0, "Rows": 18, "SetAside": 2,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("last_day", "now", "days"),
    [
        # The 19th ended when the 20th began.
        ("2026-08-19", datetime(2026, 8, 20, tzinfo=UTC), 0),
        ("2026-08-19", datetime(2026, 8, 20, 23, 59, tzinfo=UTC), 0),
        ("2026-08-18", datetime(2026, 8, 20, tzinfo=UTC), 1),
        # A day that is not over, or not begun, is not old.
        ("2026-08-20", datetime(2026, 8, 20, 12, tzinfo=UTC), 0),
        ("2026-08-31", datetime(2026, 8, 20, 12, tzinfo=UTC), 0),
        # From 30 December's end over 31 December and 1 January to the 2nd.
        ("2025-12-30", datetime(2026, 1, 2, tzinfo=UTC), 2),
        ("2024-02-28", datetime(2024, 3, 1, tzinfo=UTC), 1),
        # One o'clock on the 21st two hours east is still the 20th in UTC.
        ("2026-08-18", datetime(2026, 8, 21, 1, tzinfo=timezone(timedelta(hours=2))), 1),
    ],
)
def test_age_is_whole_days_since_the_newest_day_ended(last_day: str, now: datetime, days: int) -> None:
    """Days are days in UTC and are counted from the end of the last one with usage."""
    (row,) = rows(delivery(last_day=last_day), now=now)
    assert (row["NewestDay"], row["DaysOld"]) == (last_day, days)


def test_the_newest_day_is_that_of_any_delivery() -> None:
    """A credit in August without usage does not make July's usage older."""
    (row,) = rows(delivery("2026-08", ""), delivery())
    assert (row["LastPeriod"], row["NewestDay"], row["DaysOld"]) == ("2026-08", "2026-07-31", 19)


def test_an_age_that_nobody_knows_is_none_beside_whole_numbers() -> None:
    """A kind without usage has no newest day; the other ages stay whole numbers in table and text."""
    period = delivery(last_day="", first_day="", kind="billing_period", account="", source="FOCUS BP")
    ages = [row["DaysOld"] for row in rows(delivery(), period)]
    assert ages == [None, 19]
    assert ages[0] is None
    assert isinstance(ages[1], int)
    shown = table(source_table([delivery(), period], past=(), now=NOW)).bundle["text/plain"]
    assert "unknown" in shown
    assert "19.0" not in shown


@pytest.mark.parametrize(
    ("months", "gaps"),
    [
        (["2026-07"], 0),
        (["2026-06", "2026-07"], 0),
        (["2026-05", "2026-07"], 1),
        # December and January are missing between November and February.
        (["2025-11", "2026-02"], 2),
        (["2025-12", "2026-01"], 0),
        # 2024-12 to 2026-01 are 14 months, three of them are there.
        (["2024-12", "2025-06", "2026-01"], 11),
    ],
)
def test_gaps_are_months_without_a_delivery(months: list[str], gaps: int) -> None:
    """Months between the first and the last are counted over the end of a year too, in any order."""
    (row,) = rows(*(delivery(month) for month in reversed(months)))
    assert (row["FirstPeriod"], row["LastPeriod"], row["Gaps"]) == (months[0], months[-1], gaps)


def test_slices_of_one_month_fill_it_once() -> None:
    """Three slices of two months are three deliveries and no gap, nor fewer than none."""
    slices = [delivery("2026-07", scope=f"s{number}", id=f"s{number}") for number in range(2)]
    (row,) = rows(delivery("2026-06"), *slices)
    assert (row["Deliveries"], row["Gaps"], row["Rows"], row["SetAside"]) == (3, 0, 27, 3)


def test_a_source_without_periods_has_no_gap() -> None:
    """Commitments belong to no billing period."""
    (row,) = rows(delivery("", "", kind="contract_commitment"))
    assert (row["FirstPeriod"], row["LastPeriod"], row["Gaps"], row["DaysOld"]) == ("", "", 0, None)


def test_restatements_are_counted_for_their_own_source() -> None:
    """July was replaced twice; another account, kind or format that was replaced is another source's."""
    others: list[dict[str, str]] = [
        {"account": "2"}, {"kind": "allocation"}, {"source": "AWS"}, {"provider": "Other"},
    ]  # fmt: skip
    past = (
        delivery(), delivery(replaces="a"), delivery(replaces="b"),
        *(delivery(replaces="c", **other) for other in others),
    )  # fmt: skip
    assert [row["Restated"] for row in rows(delivery(replaces="b"), past=past)] == [2]
    assert [row["Restated"] for row in rows(delivery(), delivery(account="2"), past=past)] == [2, 1]
    assert [row["Restated"] for row in rows(delivery(account="3"), past=past)] == [0]


def test_each_kind_format_and_account_is_a_source() -> None:
    """Charges, their invoices and the rows that explain them stand apart though their key is one."""
    found = rows(
        delivery(account="2", rows=1), delivery(kind="invoice_detail", source="FOCUS Invoice Detail", rows=2),
        delivery(kind="allocation", source="OpenCost", provider="Cluster", rows=3), delivery(rows=4),
    )  # fmt: skip
    assert [(row["Provider"], row["Account"], row["Kind"], row["Source"], row["Rows"]) for row in found] == [
        ("Cloud", "1", "charges", "FOCUS", 4),
        ("Cloud", "1", "invoice_detail", "FOCUS Invoice Detail", 2),
        ("Cloud", "2", "charges", "FOCUS", 1),
        ("Cluster", "1", "allocation", "OpenCost", 3),
    ]


def test_hostile_names_are_text() -> None:
    """Markup in a provider's name is escaped where the table is shown, and kept in the frame."""
    held = [delivery(provider="<script>alert(1)</script>", account="=cmd()")]
    frame = source_table(held, past=(), now=NOW)
    assert frame[["Provider", "Account"]].to_numpy().tolist() == [["<script>alert(1)</script>", "=cmd()"]]
    assert "<script" not in table(frame).bundle["text/html"]
    assert "&lt;script&gt;" in table(frame).bundle["text/html"]
