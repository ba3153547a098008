"""The view: bills, usage days and copies of an account, in days counted in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.billing.quality.limits import Thresholds
from finops_lib.billing.quality.view import Bill, View, ordinal
from finops_lib.privacy import People

BILL = Path(__file__).resolve().parents[2] / "notebooks" / "bill.csv"
NOW = datetime(2026, 8, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Open a lake with the small bill of June and July 2026."""
    lake = Lake(tmp_path_factory.mktemp("view") / "lake")
    ingest([BILL], lake=lake, people=People.open(lake.root, {}), now=NOW)
    with Engine(lake) as opened:
        yield opened


def test_bills_are_half_open_months_oldest_first(engine: Engine) -> None:
    """June ends where July begins; both are billed in dollars."""
    view = View(engine, NOW, Thresholds(), ())
    june, july, august = (date(2026, month, 1).toordinal() for month in (6, 7, 8))
    assert view.accounts == [("Cloud", "111111111111")]
    assert view.bills == {
        0: [Bill(0, "2026-06", june, july, ("USD",)), Bill(0, "2026-07", july, august, ("USD",))]
    }


def test_no_day_after_now_counts(engine: Engine) -> None:
    """Asked in the middle of July, the newest day is today; asked later, the bill's last one."""
    first, last = date(2026, 6, 1).toordinal(), date(2026, 7, 31).toordinal()
    assert View(engine, NOW, Thresholds(), ()).usage_days == {0: set(range(first, last + 1))}
    early = View(engine, datetime(2026, 7, 10, 12, tzinfo=UTC), Thresholds(), ())
    assert early.newest == {0: date(2026, 7, 10).toordinal()}


def test_a_finding_pauses_models_while_its_last_day_is_in_the_fit_window(engine: Engine) -> None:
    """Without more words it has no money and no rows, and names its account; columns can be set."""
    view = View(engine, NOW, Thresholds(fit_window_days=4), ())
    day = date(2026, 7, 31).toordinal()
    row = view.finding("missing_day", 0, days=(day - 1, day), text="a gap", Rows=2)
    assert (row["Detail"], row["BillingPeriod"]) == ("Cloud 111111111111: a gap", "2026-07")
    assert (row["Rows"], row["Cost"], row["PausesModels"]) == (2, Decimal(0), True)
    assert not view.in_window(day - 1)
    assert ordinal(0) == date(1970, 1, 1).toordinal()
