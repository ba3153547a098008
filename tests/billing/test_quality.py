"""Planted faults in small lakes are found, and nothing else is."""

from __future__ import annotations

import calendar
import csv
import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing import focus, quality
from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.errors import SettingsError
from finops_lib.privacy import People

# three days after the end of July: its bill is settled, and not yet late
NOW = datetime(2026, 8, 4, tzinfo=UTC)
SERVICES = {"Virtual Machines": "10.00", "Object Store": "3.50", "Queue": "0.25"}
HEADER = [item.name for item in focus.columns(version="1.0")]
Rows = list[dict[str, str]]


def month_row(month: str) -> dict[str, str]:
    year, number = int(month[:4]), int(month[5:])
    start, end = date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)
    return {"BillingPeriodStart": f"{start}T00:00:00Z", "BillingPeriodEnd": f"{end}T00:00:00Z"}


def usage(day: date, service: str, cost: str, **other: str) -> dict[str, str]:
    """One day of one service, billed at its list price."""
    price = dict.fromkeys(("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), cost)
    row = {
        **month_row(f"{day:%Y-%m}"),
        "ChargePeriodStart": f"{day}T00:00:00Z",
        "ChargePeriodEnd": f"{day + timedelta(days=1)}T00:00:00Z",
        "BillingAccountId": "acme",
        "BillingAccountName": "Acme",
        "BillingCurrency": "USD",
        "ProviderName": "AWS",
        "PublisherName": "AWS",
        "InvoiceIssuerName": "AWS",
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "ChargeDescription": service,
        "ServiceName": service,
        "ServiceCategory": "Compute",
        "PricingCategory": "Standard",
        "PricingQuantity": "1",
        "PricingUnit": "Days",
        "ListUnitPrice": cost,
        "ContractedUnitPrice": cost,
        "ResourceId": f"{service} one",
        **price,
        **other,
    }
    return {name: row.get(name, "") for name in HEADER}


def bill(month: str, *, skip: Iterable[int] = (), until: int = 31, factor: int = 1, **other: str) -> Rows:
    """A month of three services a day, without the days to skip."""
    year, number = int(month[:4]), int(month[5:])
    last = min(until, calendar.monthrange(year, number)[1])
    days = [date(year, number, day) for day in range(1, last + 1) if day not in set(skip)]
    priced = {service: str(Decimal(cost) * factor) for service, cost in SERVICES.items()}
    return [usage(day, service, cost, **other) for day in days for service, cost in priced.items()]


class Place:
    """A lake in a folder of the test's own, and what quality says about it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lake = Lake(folder / "lake")
        self.people = People.open(folder / "lake", {})
        self.files = 0

    def deliver(self, rows: Rows, *, now: datetime = NOW, force: bool = False) -> None:
        self.files += 1
        path = self.folder / f"bill{self.files}.csv"
        with path.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, HEADER)
            writer.writeheader()
            writer.writerows(rows)
        ingest([path], lake=self.lake, people=self.people, now=now, force=force)

    def findings(self, *, now: datetime = NOW, **limits: Any) -> pd.DataFrame:
        with Engine(self.lake) as engine:
            thresholds = quality.Thresholds(**limits)
            return quality.findings(engine, now=now, thresholds=thresholds, history=self.lake.history())

    def readiness(self, *, now: datetime = NOW) -> pd.DataFrame:
        return quality.readiness(self.findings(now=now), self.lake.snapshots())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def kinds(found: pd.DataFrame) -> list[str]:
    return list(found["Finding"])


def test_an_empty_lake_has_no_finding_and_no_account(place: Place) -> None:
    """Nothing delivered: the tables are empty, with their columns."""
    found = place.findings()
    ready = place.readiness()
    assert (list(found.columns), len(found)) == (list(quality.COLUMNS), 0)
    assert (list(ready.columns), len(ready)) == (list(quality.READINESS_COLUMNS), 0)


def test_clean_bills_give_no_finding(place: Place) -> None:
    """Three whole months of two accounts, settled and in time: models may be fitted up to the last day."""
    for account in ("acme", "other"):
        for month in ("2026-05", "2026-06", "2026-07"):
            place.deliver(bill(month, BillingAccountId=account))
    ready = place.readiness()
    assert kinds(place.findings()) == []
    assert list(ready["Ready"]) == [True, True]
    assert list(ready["FitUntil"]) == [date(2026, 7, 31)] * 2
    assert list(ready["Reasons"]) == ["", ""]


def test_a_bill_is_late_when_its_newest_day_is_too_old(place: Place) -> None:
    """July has arrived up to the 20th; three days later it is in time, one second after that it is late."""
    place.deliver(bill("2026-07", until=20), now=datetime(2026, 7, 21, tzinfo=UTC))
    edge = datetime(2026, 7, 24, tzinfo=UTC)
    assert "late_bill" not in kinds(place.findings(now=edge))
    late = place.findings(now=edge + timedelta(seconds=1)).iloc[0]
    assert (late["Finding"], late["FirstDay"], late["PausesModels"]) == ("late_bill", date(2026, 7, 21), True)
    assert "late_bill" not in kinds(place.findings(now=edge + timedelta(days=2), late_after_days=5))


def test_the_next_bill_is_missing(place: Place) -> None:
    """July is whole, but on 10 August no bill of August has come."""
    place.deliver(bill("2026-07"), now=NOW)
    late = place.findings(now=datetime(2026, 8, 10, tzinfo=UTC)).iloc[0]
    assert (late["Finding"], late["BillingPeriod"]) == ("late_bill", "2026-08")


def test_a_month_between_two_bills_is_missing(place: Place) -> None:
    """May and July came, June did not: one gap, and no missing days beside it."""
    place.deliver(bill("2026-05") + bill("2026-07"))
    gap = place.findings()
    assert kinds(gap) == ["late_bill"]
    assert (gap.loc[0, "FirstDay"], gap.loc[0, "LastDay"]) == (date(2026, 6, 1), date(2026, 6, 30))


def test_a_restated_bill_is_priced(place: Place) -> None:
    """June, settled at 412.50, comes again on 3 August with one machine day at 20 instead of 10."""
    place.deliver(bill("2026-06"), now=datetime(2026, 7, 8, tzinfo=UTC))
    place.deliver(bill("2026-07"))
    changed = bill("2026-06")
    for name in (
        "BilledCost",
        "EffectiveCost",
        "ListCost",
        "ContractedCost",
        "ListUnitPrice",
        "ContractedUnitPrice",
    ):
        changed[0][name] = "20.00"
    place.deliver(changed, now=datetime(2026, 8, 3, tzinfo=UTC))
    found = place.findings()
    assert kinds(found) == ["restated_bill"]
    assert (found.loc[0, "Cost"], found.loc[0, "Rows"], found.loc[0, "BillingCurrency"]) == (
        Decimal(10),
        90,
        "USD",
    )
    assert "from 412.5 to 422.5 USD" in found.loc[0, "Detail"]
    assert found.loc[0, "PausesModels"]
    assert kinds(place.findings(restated_share=0.03)) == []
    assert not place.findings(restated_pause_days=0).loc[0, "PausesModels"]


def test_an_open_month_that_grows_is_not_restated(place: Place) -> None:
    """Every few days July comes again with more days, and at the end its last days are completed."""
    for until in (5, 10, 31):
        place.deliver(bill("2026-07", until=until), now=datetime(2026, 7, until, 12, tzinfo=UTC))
    final = [*bill("2026-07"), usage(date(2026, 7, 31), "Late Metering", "8.00")]
    place.deliver(final)
    assert kinds(place.findings()) == []


def test_the_same_bill_again_is_not_restated(place: Place) -> None:
    """A delivery with the same content changes nothing."""
    for _ in range(2):
        place.deliver(bill("2026-07"))
    assert kinds(place.findings()) == []


def test_missing_days_are_named_by_bill(place: Place) -> None:
    """10 June, and 1 and 2 July, have no usage; the month's end before a whole July counts as inside too."""
    place.deliver(bill("2026-06", skip=[10, 30]) + bill("2026-07", skip=[1, 2]))
    found = place.findings()
    assert kinds(found) == ["missing_day", "missing_day"]
    assert list(found["BillingPeriod"]) == ["2026-06", "2026-07"]
    assert "2026-06-10, 2026-06-30" in found.loc[0, "Detail"]
    assert "2026-07-01, 2026-07-02" in found.loc[1, "Detail"]


def test_many_missing_days_are_counted(place: Place) -> None:
    """Seven days are missing: five are named, two counted."""
    place.deliver(bill("2026-07", skip=range(5, 12)))
    assert "2026-07-09 and 2 more days" in place.findings().loc[0, "Detail"]


def test_days_before_an_account_starts_are_not_missing(place: Place) -> None:
    """An account that begins on 12 July has no missing day."""
    place.deliver(bill("2026-07", skip=range(1, 12)))
    assert kinds(place.findings()) == []


def test_a_day_with_only_a_tax_row_is_missing(place: Place) -> None:
    """Charges other than usage do not prove that the day's usage arrived."""
    tax = usage(date(2026, 7, 15), "Tax", "5.00", ChargeCategory="Tax", PricingQuantity="", PricingUnit="")
    place.deliver([*bill("2026-07", skip=[15]), tax])
    assert kinds(place.findings()) == ["missing_day"]


def test_accounts_billed_by_the_month_have_no_missing_days(place: Place) -> None:
    """One usage row that covers the month covers its days; five lone days a month are no daily account."""
    whole = {"ChargePeriodStart": "2026-07-01T00:00:00Z", "ChargePeriodEnd": "2026-08-01T00:00:00Z"}
    place.deliver([usage(date(2026, 7, 1), "Licence", "99.00", **whole)])
    days = [date(2026, 7, day) for day in (3, 10, 17, 24, 31)]
    place.deliver([usage(day, "Weekly Job", "4.00", BillingAccountId="weekly") for day in days])
    assert kinds(place.findings()) == []


def test_duplicated_rows_are_counted_priced_and_kept(place: Place) -> None:
    """The rows of 1 July came twice: three copies worth 13.75; all 96 rows stay in the lake."""
    july = bill("2026-07")
    place.deliver(july + july[:3])
    found = place.findings()
    assert kinds(found) == ["duplicated_rows"]
    assert (found.loc[0, "Rows"], found.loc[0, "Cost"]) == (3, Decimal("13.75"))
    assert (found.loc[0, "FirstDay"], found.loc[0, "LastDay"]) == (date(2026, 7, 1), date(2026, 7, 1))
    assert "3 of 96 rows" in found.loc[0, "Detail"]
    assert found.loc[0, "PausesModels"]
    with Engine(place.lake) as engine:
        assert engine.query("SELECT COUNT(*) AS n FROM charges").loc[0, "n"] == 96


def test_copies_without_cost_do_not_pause_models(place: Place) -> None:
    """A free row that comes three times is counted, but no model sees the difference."""
    free = usage(date(2026, 7, 4), "Free Tier", "0")
    place.deliver([*bill("2026-07"), free, free, free])
    found = place.findings()
    assert (kinds(found), list(found["Rows"]), list(found["PausesModels"])) == (
        ["duplicated_rows"],
        [2],
        [False],
    )
    assert kinds(place.findings(duplicate_share=0.5)) == []


def test_rows_that_differ_in_one_cell_are_no_copies(place: Place) -> None:
    """The same usage of two resources, or with other tags, is two charges."""
    twin = usage(date(2026, 7, 4), "Queue", "0.25", ResourceId="two")
    tagged = usage(date(2026, 7, 4), "Queue", "0.25", Tags='{"team": "a"}')
    place.deliver([*bill("2026-07"), twin, tagged])
    assert kinds(place.findings()) == []


def test_a_change_of_billing_currency_is_found(place: Place) -> None:
    """June in dollars, July in euros; the other account keeps its yen."""
    place.deliver(bill("2026-06") + bill("2026-07", BillingCurrency="EUR"))
    for month in ("2026-06", "2026-07"):
        place.deliver(bill(month, BillingCurrency="JPY", BillingAccountId="other"))
    found = place.findings()
    assert (kinds(found), list(found["Account"])) == (["currency_jump"], ["acme"])
    assert (found.loc[0, "BillingPeriod"], found.loc[0, "BillingCurrency"]) == ("2026-07", "EUR")
    assert "billed in USD until 2026-06, then in EUR" in found.loc[0, "Detail"]


@pytest.mark.parametrize(("before", "after", "text"), [(1, 100, "is 100 times"), (100, 1, "is 0.01 times")])
def test_a_level_that_jumps_everywhere_at_once_is_found(
    place: Place, before: int, after: int, text: str
) -> None:
    """All services cost a hundred times more, or less: cents were read as dollars."""
    place.deliver(bill("2026-06", factor=before) + bill("2026-07", factor=after))
    found = place.findings()
    assert (kinds(found), found.loc[0, "BillingPeriod"]) == (["currency_jump"], "2026-07")
    assert text in found.loc[0, "Detail"]


def test_one_service_that_grows_is_no_currency_jump(place: Place) -> None:
    """A machine fleet grows tenfold while the other services stay: growth, not a rate."""
    july = bill("2026-07")
    fleet = [
        usage(date(2026, 7, day), "Virtual Machines", "90.00", ResourceId="fleet") for day in range(1, 32)
    ]
    place.deliver(bill("2026-06") + july + fleet)
    assert kinds(place.findings()) == []


def test_growth_below_the_ratio_is_no_jump(place: Place) -> None:
    """Four times the level is below five times; a lower threshold finds it."""
    place.deliver(bill("2026-06") + bill("2026-07", factor=4))
    assert kinds(place.findings()) == []
    assert kinds(place.findings(jump_ratio=3)) == ["currency_jump"]


def test_the_last_days_of_an_open_bill_are_partial(place: Place) -> None:
    """July up to the 20th: the 18th to the 20th, nine rows of 41.25, may grow; fits end on the 17th."""
    now = datetime(2026, 7, 21, 6, tzinfo=UTC)
    place.deliver(bill("2026-06") + bill("2026-07", until=20), now=now)
    found = place.findings(now=now)
    assert kinds(found) == ["partial_last_days"]
    assert (found.loc[0, "FirstDay"], found.loc[0, "LastDay"]) == (date(2026, 7, 18), date(2026, 7, 20))
    assert (found.loc[0, "Rows"], found.loc[0, "Cost"]) == (9, Decimal("41.25"))
    ready = place.readiness(now=now)
    assert (ready.loc[0, "Ready"], ready.loc[0, "FitUntil"]) == (True, date(2026, 7, 17))
    assert kinds(place.findings(now=now, incomplete_days=0)) == []


def test_a_whole_bill_that_came_early_is_partial_at_its_end(place: Place) -> None:
    """July, delivered on 1 August at noon, may still grow in its last three days."""
    now = datetime(2026, 8, 1, 12, tzinfo=UTC)
    place.deliver(bill("2026-07"), now=now)
    assert place.findings(now=now).loc[0, "FirstDay"] == date(2026, 7, 29)


def test_old_faults_do_not_pause_models(place: Place) -> None:
    """A day missing in June does not matter to a fit over the last thirty days, but is still said."""
    place.deliver(bill("2026-06", skip=[10]) + bill("2026-07"))
    assert place.findings().loc[0, "PausesModels"]
    assert not place.findings(fit_window_days=30).loc[0, "PausesModels"]


def test_only_the_account_at_fault_is_not_ready(place: Place) -> None:
    """Reasons name what stops one account; the other may be fitted."""
    place.deliver(bill("2026-07", skip=[10]))
    place.deliver(bill("2026-07", BillingAccountId="other"))
    ready = place.readiness().set_index("Account")
    assert list(ready["Ready"]) == [False, True]
    assert ready.loc["acme", "Reasons"] == "AWS acme: no usage on 2026-07-10"


def test_names_with_quotes_do_no_harm(place: Place) -> None:
    """An account named like SQL is only a name."""
    name = "x'); DROP TABLE charges; --"
    place.deliver(bill("2026-07", skip=[10], BillingAccountId=name))
    assert list(place.findings()["Account"]) == [name]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_changes_nothing(tmp_path: Path, seed: int) -> None:
    """Shuffled bills with a gap, copies and a jump give the same findings."""
    rows = bill("2026-06", skip=[10]) + bill("2026-07", factor=100)
    rows += rows[:5]
    shuffled = random.Random(seed).sample(rows, len(rows))  # noqa: S311 - a shuffle, no secret
    answers = []
    for name, order in (("plain", rows), ("shuffled", shuffled)):
        (tmp_path / name).mkdir()
        place = Place(tmp_path / name)
        place.deliver(order)
        answers.append(place.findings())
    assert kinds(answers[0]) == ["missing_day", "duplicated_rows", "currency_jump"]
    pd.testing.assert_frame_equal(answers[0], answers[1])


def test_a_moment_without_time_zone_is_a_wrong_argument(place: Place) -> None:
    """Without a zone nobody knows which day it is."""
    with pytest.raises(ValueError, match="time zone"):
        place.findings(now=datetime(2026, 8, 4))  # noqa: DTZ001 - the fault under test


@pytest.mark.parametrize(("name", "value"), [
    ("late_after_days", -1),
    ("late_after_days", 2.5),
    ("incomplete_days", True),
    ("restated_share", 1.01),
    ("restated_share", float("nan")),
    ("duplicate_share", "0.1"),
    ("jump_ratio", 1),
])  # fmt: skip
def test_thresholds_out_of_bounds_are_refused_with_their_meaning(name: str, value: object) -> None:
    """The error names the field, its bounds and its default."""
    with pytest.raises(SettingsError, match=f"{name} = .* from .* Remedy: leave it out for"):
        quality.Thresholds.from_settings({name: value})


def test_an_unknown_threshold_lists_the_known_ones() -> None:
    """A misspelled name in a settings file does not pass unseen."""
    with pytest.raises(
        SettingsError, match=r"late_after_day: no such threshold.*late_after_days, incomplete_days"
    ):
        quality.Thresholds.from_settings({"late_after_day": 3})


@given(st.floats(0, 1), st.integers(0, 60))
def test_thresholds_within_bounds_are_taken(share: float, days: int) -> None:
    """Every value within the bounds is kept as it is."""
    limits = quality.Thresholds.from_settings({"restated_share": share, "late_after_days": days})
    assert (limits.restated_share, limits.late_after_days) == (share, days)
