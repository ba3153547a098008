"""The checks one by one, over a small bill with a known fault."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.billing.quality.checks import CHECKS
from finops_lib.billing.quality.limits import Thresholds
from finops_lib.billing.quality.view import View
from finops_lib.privacy import People

BILL = Path(__file__).resolve().parents[2] / "notebooks" / "bill.csv"
NOW = datetime(2026, 8, 4, tzinfo=UTC)
Rows = list[dict[str, str]]
Viewer = Callable[..., View]


@pytest.fixture
def view_of(tmp_path: Path) -> Iterator[Viewer]:
    """Return a function that takes the small bill, changed, into a lake and looks at it."""
    with ExitStack() as stack:

        def view(change: Callable[[Rows], Rows], *, now: datetime = NOW) -> View:
            with BILL.open(newline="", encoding="utf-8") as file:
                rows = change(list(csv.DictReader(file)))
            with (tmp_path / "bill.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
            lake = Lake(tmp_path / "lake")
            ingest([tmp_path / "bill.csv"], lake=lake, people=People.open(lake.root, {}), now=NOW)
            return View(stack.enter_context(Engine(lake)), now, Thresholds(), lake.history())

        yield view


def test_a_settled_bill_without_a_fault_has_no_finding(view_of: Viewer) -> None:
    """Every check is asked, and none finds anything."""
    view = view_of(lambda rows: rows)
    assert {name: list(check(view)) for name, check in CHECKS.items()} == {name: [] for name in CHECKS}


def test_a_day_without_usage_is_missing(view_of: Viewer) -> None:
    """The check names exactly the day that was taken out."""
    view = view_of(lambda rows: [row for row in rows if row["ChargePeriodStart"][:10] != "2026-07-05"])
    (row,) = CHECKS["missing_day"](view)
    assert (row["FirstDay"], row["LastDay"]) == (date(2026, 7, 5), date(2026, 7, 5))
    assert row["Detail"].endswith("no usage on 2026-07-05")


def test_a_row_that_stands_twice_is_counted_and_priced(view_of: Viewer) -> None:
    """One copy of a charge of 14 dollars; the first of the two is not a copy."""
    (row,) = CHECKS["duplicated_rows"](view_of(lambda rows: [*rows, rows[0]]))
    assert (row["Rows"], row["Cost"], row["BillingPeriod"]) == (1, Decimal(14), "2026-06")
    assert row["PausesModels"]


def test_a_bill_is_late_only_after_the_limit(view_of: Viewer) -> None:
    """July ended three days before 4 August; a second more is late, from 1 August on."""
    view = view_of(lambda rows: rows, now=datetime(2026, 8, 4, 0, 0, 1, tzinfo=UTC))
    (row,) = CHECKS["late_bill"](view)
    assert (row["FirstDay"], row["LastDay"]) == (date(2026, 8, 1), date(2026, 8, 4))
