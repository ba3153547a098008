"""What rows are: charges or what explains them, one view of cost, one time of export, priced or not."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing import formats
from finops_lib.billing.engine import Engine
from finops_lib.billing.formats import FOCUS
from finops_lib.billing.formats.base import fit_needed
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import DAILY, Lake
from finops_lib.errors import RefusedDeliveryError
from finops_lib.privacy import People
from finops_lib.records import Conformance

NOW = datetime(2026, 8, 20, tzinfo=UTC)
LINE = {
    "BilledCost": "1",
    "BillingAccountId": "111",
    "BillingCurrency": "USD",
    "BillingPeriodEnd": "2026-08-01T00:00:00Z",
    "BillingPeriodStart": "2026-07-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargePeriodEnd": "2026-07-02T00:00:00Z",
    "ChargePeriodStart": "2026-07-01T00:00:00Z",
    "ProviderName": "Cloud",
    "ServiceName": "Compute",
}
FIRST, SECOND, THIRD = "2026-07-01/2026-07-03", "2026-07-02/2026-07-04", "2026-07-03/2026-07-05"
APPENDING = replace(
    FOCUS,
    name="Appending",
    delivery="appends",
    needed=("x_Appends",),
    fit=lambda header: fit_needed(header, ["x_Appends"]),
    row_key="x_RowKey",
)
EXPLAINING = replace(
    APPENDING,
    name="Explaining",
    needed=("x_Explains",),
    fit=lambda header: fit_needed(header, ["x_Explains"]),
    kind="allocation",
    row_key="",
)
ADDED, EXPLAINED = {"x_Appends": "yes"}, {"x_Explains": "yes"}


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be a format that appends and one that explains; each is told by a column of its own."""
    monkeypatch.setattr(formats, "FORMATS", (EXPLAINING, APPENDING, FOCUS))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give an empty lake."""
    return Lake(tmp_path / "lake")


def write(path: Path, *lines: Mapping[str, str]) -> Path:
    """Write a bill of a plain line changed by each of these."""
    rows = [{**LINE, **line} for line in lines]
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def row(cost: str, **changes: str) -> dict[str, str]:
    """Write a row of an appending export."""
    return {"BilledCost": cost, **ADDED, **changes}


def take(lake: Lake, *paths: Path, force: bool = False, scope: str = "") -> Conformance:
    """Take files in."""
    people = People.open(lake.root, {})
    return ingest(paths, lake=lake, people=people, now=NOW, force=force, scope=scope)


def costs(lake: Lake, relation: str = "charges") -> list[Decimal]:
    """Read the cost of a relation, smallest first."""
    with Engine(lake) as engine:
        return list(engine.query(f"SELECT BilledCost FROM {relation} ORDER BY 1")["BilledCost"])  # noqa: S608


def refused(lake: Lake, *paths: Path) -> str:
    """Take in what is refused, see that the lake stays as it was, and return what is said."""
    before, files = lake.digest(), sorted(lake.root.rglob("*.parquet"))
    with pytest.raises(RefusedDeliveryError) as caught:
        take(lake, *paths)
    assert (lake.digest(), sorted(lake.root.rglob("*.parquet"))) == (before, files)
    return str(caught.value)


def explained(cost: str, **changes: str) -> dict[str, str]:
    """Write a row of a report that explains charges."""
    return {"BilledCost": cost, **EXPLAINED, **changes}


def test_allocations_are_in_no_total(lake: Lake, tmp_path: Path) -> None:
    """They are read by their own name, stand in neither charges nor daily cost, and have no cube."""
    found = take(lake, write(tmp_path / "one", explained("5", x_Slice="a"), explained("6", x_Slice="a")))
    assert (found.kind, found.accepted) == ("allocation", {"USD": Decimal(11)})
    assert costs(lake, "allocations") == [5, 6]
    assert costs(lake) == costs(lake, "daily") == []
    assert lake.files(DAILY) == []
    with Engine(lake) as engine:
        assert engine.snapshots == ()
        assert [item.scope for item in engine.beside] == ["a"]


@pytest.mark.parametrize("scope", ["", "same"])
def test_allocations_and_charges_of_one_account_stand_side_by_side(
    lake: Lake, tmp_path: Path, scope: str
) -> None:
    """Also under the same scope: neither takes the place of the other, and each replaces itself."""
    bill = write(tmp_path / "bill", {"BilledCost": "10"})
    report = write(tmp_path / "report", explained("4", x_Slice=scope))
    for _ in range(2):
        take(lake, bill, scope=scope)
        take(lake, report, scope=scope)
        assert (costs(lake), costs(lake, "daily"), costs(lake, "allocations")) == ([10], [10], [4])
    take(lake, write(tmp_path / "report", explained("5", x_Slice=scope)), scope=scope or "other")
    assert costs(lake) == [10]
    assert max(costs(lake, "allocations")) == 5


def test_a_window_of_allocations_may_cover_one_of_charges(lake: Lake, tmp_path: Path) -> None:
    """They explain the same money; only windows of one kind count twice."""
    take(lake, write(tmp_path / "bill", row("1", x_Slice=FIRST, x_RowKey="k1")))
    take(lake, write(tmp_path / "report", explained("1", x_Slice=SECOND, x_RowKey="k1")))
    assert "it overlaps the window" in refused(lake, write(tmp_path / "more", explained("1", x_Slice=FIRST)))


def test_rows_set_aside_from_a_report_are_in_the_quarantine(lake: Lake, tmp_path: Path) -> None:
    """Beside those of bills."""
    take(lake, write(tmp_path / "bill", {"BilledCost": "1"}, {"BilledCost": "x"}))
    take(lake, write(tmp_path / "report", explained("1"), explained("y")))
    with Engine(lake) as engine:
        kept = engine.query("SELECT BilledCostText FROM quarantine ORDER BY 1")
    assert list(kept["BilledCostText"]) == ["x", "y"]


def test_another_view_of_the_same_charges_is_refused(lake: Lake, tmp_path: Path) -> None:
    """Beside each other in one file always, in place of each other unless forced."""
    actual, amortized = (
        write(tmp_path / name, {"BilledCost": "10", "x_CostView": name}) for name in ("actual", "amortized")
    )
    assert refused(lake, actual, amortized) == (
        "delivery Cloud 111 2026-07: it holds actual and amortized cost of the same charges. "
        "Remedy: take in one of the two exports."
    )
    assert take(lake, actual).snapshots[0].view == "actual"
    assert refused(lake, amortized) == (
        "delivery Cloud 111 2026-07: it shows amortized cost, the one in place actual cost "
        "of the same charges. Remedy: take in one of the two exports; with --force this one takes over."
    )
    assert take(lake, amortized, force=True).snapshots[0].view == "amortized"
    assert costs(lake) == [10]
    take(lake, write(tmp_path / "unsaid", {"BilledCost": "12"}))
    assert costs(lake) == [12]


def test_a_slice_exported_over_less_time_is_refused(lake: Lake, tmp_path: Path) -> None:
    """A day that was exported until evening is not replaced by one exported until noon."""

    def day(name: str, *hours: str) -> Path:
        lines = [row("5", x_Slice="a", x_ExportTime=f"2026-07-02T{hour}:00:00Z") for hour in hours]
        return write(tmp_path / name, *lines)

    found = take(lake, day("whole", "06", "20", "07"))
    assert found.snapshots[0].exported == ("2026-07-02T06:00:00Z", "2026-07-02T20:00:00Z")
    assert refused(lake, day("half", "06", "12", "12", "12")) == (
        "delivery Cloud 111 2026-07: it was exported from 2026-07-02T06:00:00Z to 2026-07-02T12:00:00Z, "
        "the one in place from 2026-07-02T06:00:00Z to 2026-07-02T20:00:00Z; "
        "a slice that takes over covers at least the same time. "
        "Remedy: export the whole day again; with --force this one takes over."
    )
    assert "exported from 2026-07-02T07" in refused(lake, day("late", "07", "20", "20"))
    take(lake, day("more", "05", "21"))
    assert costs(lake) == [5, 5]
    take(lake, day("half", "06", "12"), force=True)


@pytest.mark.parametrize(("rates", "priced"), [(True, False), (False, True)])
def test_rates_go_with_usage_that_has_no_prices(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rates: bool, priced: bool
) -> None:
    """A bill with prices takes none, and usage without needs them; nothing is made."""
    form = replace(FOCUS, name="Usage", priced=(lambda _: FOCUS.to_focus) if priced else None)
    monkeypatch.setattr(formats, "FORMATS", (form,))
    bill = write(tmp_path / "bill", {})
    with pytest.raises(RefusedDeliveryError) as caught:
        ingest(
            [bill],
            lake=lake,
            people=People.open(lake.root, {}),
            now=NOW,
            rates=Path("rates.csv") if rates else None,
        )
    assert str(caught.value) == (
        "file bill: Usage has prices of its own, so rates.csv would not be used. Remedy: leave out --rates."
        if rates
        else "file bill: Usage says what there is, not what it costs. "
        "Remedy: name the prices with --rates FILE."
    )
    assert lake.snapshots() == ()


def test_rates_price_the_usage(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file of rates is read once, and its prices are those of the rows."""
    read: list[Path] = []

    def priced(path: Path) -> object:
        read.append(path)
        return lambda raw: raw.set_column(0, "BilledCost", [["7"] * raw.num_rows])

    monkeypatch.setattr(formats, "FORMATS", (replace(FOCUS, name="Usage", priced=priced),))
    bill = write(tmp_path / "bill", {}, {})
    ingest([bill], lake=lake, people=People.open(lake.root, {}), now=NOW, rates=tmp_path / "rates.csv")
    assert costs(lake) == [7, 7]
    assert read == [tmp_path / "rates.csv"]
