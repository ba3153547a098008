"""Which billing periods are closed: what the issuer says, beside what the lake holds of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.cost.completeness import incomplete_days, newest_complete_month
from finops_lib.cost.periods import billing_periods, settled
from finops_lib.privacy import People

CLOSED = datetime(2026, 8, 5, 4, tzinfo=UTC)
BEFORE, AFTER = CLOSED - timedelta(hours=1), CLOSED + timedelta(hours=1)
COLUMNS = ["InvoiceIssuerName", "BillingPeriod", "Status", "LastUpdated", "Delivered", "Finding"]


def said(month: str, status: str, updated: str = "2026-08-05T04:00:00Z", **changes: str) -> dict[str, str]:
    """Write what an issuer says of a period; without a moment the column is left out."""
    moment = {"BillingPeriodLastUpdated": updated} if updated else {}
    issuer = {"InvoiceIssuerName": "Cloud"}
    return {**issuer, "BillingPeriodStart": f"{month}-01", "BillingPeriodStatus": status, **moment, **changes}


class Taking:
    """One lake that files are taken into, one after the other."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack, self.count = folder, stack, 0

    def take(self, *lines: Mapping[str, str], now: datetime = AFTER) -> str:
        """Take the lines of one file in; return the id of its last delivery."""
        self.count += 1
        file = self.folder / f"file{self.count}.csv"
        with file.open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, fieldnames=list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)
        lake = Lake(self.folder / "lake")
        return ingest([file], lake=lake, people=People.open(lake.root, {}), now=now).snapshots[-1].id

    def open(self) -> Engine:
        """Open the lake as it is now."""
        return self.stack.enter_context(Engine(Lake(self.folder / "lake")))

    def table(self) -> list[list[Any]]:
        """Ask for the billing periods."""
        frame = billing_periods(self.open())
        assert list(frame.columns) == COLUMNS
        return [list(row) for row in frame.itertuples(index=False)]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Taking]:
    """Give an empty lake to take files into."""
    with ExitStack() as stack:
        yield Taking(tmp_path, stack)


def test_an_empty_lake_has_no_periods(lake: Taking) -> None:
    """There is nothing to say of nothing, and the columns are there all the same."""
    assert lake.table() == []
    assert settled(lake.open()) == {}


def test_open_closed_unknown_and_not_in_the_lake(lake: Taking, line: Any) -> None:
    """June has charges nobody speaks of; July is closed, August open; September is not in the lake."""
    lake.take(line(day="2026-06-01"), line(day="2026-07-01"), line(day="2026-08-01"))
    lake.take(said("2026-07", "Closed"), said("2026-08", "Open"), said("2026-09", "Open"))
    assert lake.table() == [
        ["Cloud", "2026-09", "Open", CLOSED, None, "not in the lake"],
        ["Cloud", "2026-08", "Open", CLOSED, AFTER, ""],
        ["Cloud", "2026-07", "Closed", CLOSED, AFTER, ""],
        ["Cloud", "2026-06", "unknown", None, AFTER, ""],
    ]


def test_a_bill_without_the_dataset_is_unknown_all_over(lake: Taking, line: Any) -> None:
    """Where no issuer says anything, each period is unknown, and none is settled or not."""
    lake.take(line(day="2026-06-01"), line(day="2026-07-01"))
    assert [(row[1], row[2], row[3], row[5]) for row in lake.table()] == [
        ("2026-07", "unknown", None, ""), ("2026-06", "unknown", None, ""),
    ]  # fmt: skip
    assert settled(lake.open()) == {}


@pytest.mark.parametrize(
    ("now", "finding", "whole"),
    [(BEFORE, "delivered before the period closed", False), (CLOSED, "", True), (AFTER, "", True)],
)
def test_a_bill_from_before_the_closing_may_lack_charges(
    lake: Taking, line: Any, now: datetime, finding: str, whole: bool
) -> None:
    """The bill of an hour before is told; that of the very moment, or of an hour after, is settled."""
    bill = lake.take(line(day="2026-07-01"), now=now)
    lake.take(said("2026-07", "Closed"))
    assert lake.table() == [["Cloud", "2026-07", "Closed", CLOSED, now, finding]]
    assert settled(lake.open()) == {bill: whole}


def test_an_open_period_is_no_finding(lake: Taking, line: Any) -> None:
    """A bill older than what is said of its open period is as it must be, and not settled."""
    bill = lake.take(line(day="2026-07-01"), now=BEFORE)
    lake.take(said("2026-07", "Open"))
    assert lake.table() == [["Cloud", "2026-07", "Open", CLOSED, BEFORE, ""]]
    assert settled(lake.open()) == {bill: False}


@pytest.mark.parametrize("turned", [False, True])
def test_the_newest_statement_wins(lake: Taking, line: Any, turned: bool) -> None:
    """Open at first, closed at last, in whichever order the rows stand; the order of the words is no help."""
    bill = lake.take(line(day="2026-06-01"), line(day="2026-07-01"))
    lines = [
        said("2026-06", "Closed", "2026-07-01T00:00:00Z"), said("2026-06", "Open", "2026-07-09T00:00:00Z"),
        said("2026-07", "Open", "2026-08-01T00:00:00Z"), said("2026-07", "Closed"),
    ]  # fmt: skip
    lake.take(*(lines[::-1] if turned else lines))
    assert [row[1:4] for row in lake.table()] == [
        ["2026-07", "Closed", CLOSED],
        ["2026-06", "Open", datetime(2026, 7, 9, tzinfo=UTC)],
    ]
    assert settled(lake.open())[bill]


def test_a_later_file_takes_over_from_an_earlier_one(lake: Taking, line: Any) -> None:
    """Closing is a second delivery of the same period."""
    lake.take(line(day="2026-07-01"))
    lake.take(said("2026-07", "Open", "2026-08-01T00:00:00Z"))
    lake.take(said("2026-07", "Closed"), now=AFTER + timedelta(days=1))
    assert [row[2] for row in lake.table()] == ["Closed"]


def test_a_status_without_a_moment_is_a_status(lake: Taking, line: Any) -> None:
    """Closed is closed where nobody says since when; of two such statements the cautious one counts."""
    bill = lake.take(line(day="2026-07-01"))
    lake.take(said("2026-07", "Closed", ""))
    assert lake.table() == [["Cloud", "2026-07", "Closed", None, AFTER, ""]]
    assert settled(lake.open()) == {bill: True}
    lake.take(said("2026-07", "Closed", ""), said("2026-07", "Open", ""))
    assert [row[2] for row in lake.table()] == ["Open"]


def test_the_newest_of_several_deliveries_is_shown(lake: Taking, line: Any) -> None:
    """Two accounts of one issuer: the period is one line; each delivery is settled by itself."""
    old = lake.take(line(day="2026-07-01"), now=BEFORE)
    new = lake.take(line(day="2026-07-01", BillingAccountId="9"), now=AFTER)
    lake.take(said("2026-07", "Closed"))
    assert lake.table() == [["Cloud", "2026-07", "Closed", CLOSED, AFTER, ""]]
    assert settled(lake.open()) == {old: False, new: True}


@pytest.mark.parametrize(("first", "second"), [("Open", "Closed"), ("Closed", "Open")])
def test_a_bill_of_two_issuers_is_settled_by_both(lake: Taking, line: Any, first: str, second: str) -> None:
    """One delivery with charges of Cloud and Market: one of them closed is not enough."""
    lines = [line(day="2026-07-01"), line(day="2026-07-01", InvoiceIssuerName="Market")]
    bill = lake.take(*lines)
    lake.take(said("2026-07", first), said("2026-07", second, InvoiceIssuerName="Market"))
    assert [row[0] for row in lake.table()] == ["Cloud", "Market"]
    assert settled(lake.open()) == {bill: False}


def test_another_issuer_says_nothing_of_this_one(lake: Taking, line: Any) -> None:
    """What Other closed is not in the lake, and Cloud's own period stays unknown."""
    lake.take(line(day="2026-07-01"))
    lake.take(said("2026-07", "Closed", InvoiceIssuerName="Other"))
    assert [(row[0], row[2], row[5]) for row in lake.table()] == [
        ("Cloud", "unknown", ""), ("Other", "Closed", "not in the lake"),
    ]  # fmt: skip
    assert settled(lake.open()) == {}


def test_a_hostile_status_and_name_stay_text(lake: Taking, line: Any) -> None:
    """A status that FOCUS does not have is shown as it is, and closes nothing."""
    name = "<script>alert(1)</script>"
    bill = lake.take(line(day="2026-07-01", InvoiceIssuerName=name))
    lake.take(said("2026-07", "=cmd()", InvoiceIssuerName=name))
    assert [row[:3] for row in lake.table()] == [[name, "2026-07", "=cmd()"]]
    assert settled(lake.open()) == {bill: False}


def test_what_is_said_goes_before_what_dates_suggest(lake: Taking, line: Any) -> None:
    """July's usage stops on the 10th, which looks open; closed, it is complete and the month to look at."""
    lake.take(line(day="2026-06-30"), line(day="2026-07-10"))
    engine = lake.open()
    by_dates = incomplete_days(engine.snapshots, last_days=2, settled=settled(engine))
    assert by_dates == (date(2026, 7, 9), date(2026, 7, 10))
    lake.take(said("2026-07", "Closed"))
    engine = lake.open()
    assert incomplete_days(engine.snapshots, last_days=2, settled=settled(engine)) == ()
    assert newest_complete_month(engine.snapshots, last_days=2, settled=settled(engine)) == "2026-07"
    lake.take(said("2026-07", "Open"), now=AFTER + timedelta(days=9))
    engine = lake.open()
    assert incomplete_days(engine.snapshots, last_days=2, settled=settled(engine)) == by_dates
    assert newest_complete_month(engine.snapshots, last_days=2, settled=settled(engine)) == "2026-06"
