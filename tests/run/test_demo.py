"""The sample has a clock of its own: bills come in order, once, and never into somebody's lake."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops_lib.billing.lake import Lake
from finops_lib.billing.lake.usage import UsageTable
from finops_lib.errors import LakeError, SettingsError
from finops_lib.run.demo import deliveries, fill_lake, parameters_of, sample_folder
from finops_lib.run.ingesting import delivery_lines, take_in

ENVIRON = {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"}
HEAD = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,BillingPeriodEnd,"
    "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ProviderName\n"
)
JUNE = "USD,111,2026-06-01,2026-07-01,2026-06-01,2026-06-02,Usage,Cloud\n"
JULY = "USD,111,2026-07-01,2026-08-01,2026-07-01,2026-07-02,Usage,Cloud\n"


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """Write June, and July twice: one row first, two rows in the end."""
    folder = tmp_path / "focus"
    folder.mkdir()
    (folder / "2026-07.csv").write_text(f"{HEAD}1,1,{JULY}2,2,{JULY}")
    (folder / "2026-07-first.csv").write_text(f"{HEAD}1,1,{JULY}")
    (folder / "2026-06.csv").write_text(f"{HEAD}5,5,{JUNE}")
    (folder / "README.md").write_text("no bill")
    return folder


def test_bills_come_in_the_order_of_the_calendar(samples: Path) -> None:
    """A bill comes on the 5th, one that is restated later on the 3rd; other files are no bills."""
    found = deliveries(samples)
    assert [(item.paths[0].name, f"{item.moment:%Y-%m-%d}") for item in found] == [
        ("2026-06.csv", "2026-07-05"),
        ("2026-07-first.csv", "2026-08-03"),
        ("2026-07.csv", "2026-08-05"),
    ]


def test_each_provider_comes_some_minutes_after_the_one_before(samples: Path) -> None:
    """Days of export of one month come together; machines with their rates, and datasets, come last."""
    for name in ("gcp/export-2026-07-02.json.gz", "gcp/export-2026-07-30.json.gz", "oci/2026-07/a.csv"):
        (samples.parent / name).parent.mkdir(parents=True, exist_ok=True)
        (samples.parent / name).write_text("")
    for name in ("onprem/inventory.csv", "datasets/billing_period.csv"):
        (samples.parent / name).parent.mkdir()
        (samples.parent / name).write_text("")
    found = deliveries(samples.parent)
    assert [(item.name, f"{item.moment:%m-%d %H:%M}", len(item.paths)) for item in found] == [
        ("focus 2026-06", "07-05 00:00", 1),
        ("focus 2026-07", "08-03 00:00", 1),
        ("focus 2026-07", "08-05 00:00", 1),
        ("gcp 2026-07", "08-05 00:01", 2),
        ("oci 2026-07", "08-05 00:02", 1),
        ("onprem", "08-05 00:03", 1),
        ("billing_period", "08-05 00:04", 1),
    ]
    assert found[-2].rates == samples.parent / "onprem" / "rate_card.csv"


def test_the_bill_of_a_month_that_is_not_over_comes_the_day_after_its_usage(samples: Path) -> None:
    """Usage until July 18, which does not belong to it: the bill comes on the 19th."""
    (samples / "truth.json").write_text('{"partial": {"month": "2026-07", "until": "2026-07-18"}}')
    assert f"{deliveries(samples)[-1].moment:%Y-%m-%d}" == "2026-07-19"


def test_the_lake_is_filled_once(samples: Path, tmp_path: Path) -> None:
    """The clock stands at August 6; July counts as restated; the second call reads no bill."""
    seen: list[str] = []
    for told in ({"2026-06.csv", "2026-07-first.csv", "2026-07.csv"}, set()):
        seen.clear()
        now = fill_lake(
            tmp_path / "lake",
            samples=samples,
            environ=ENVIRON,
            progress=lambda name, _done, _total: seen.append(name.split()[2]),
        )
        assert now == datetime(2026, 8, 6, tzinfo=UTC)
        assert set(seen) == told
    found = delivery_lines(tmp_path / "lake", as_of=None)
    assert [(item["billing_period"], item["rows"], item["current"]) for item in found] == [
        ("2026-06", 1, True),
        ("2026-07", 1, False),
        ("2026-07", 2, True),
    ]


def test_the_allocation_of_the_sample_gets_its_rules(tmp_path: Path) -> None:
    """Rules and metrics that are there, for the allocation alone."""
    (tmp_path / "allocation.toml").write_text("")
    assert parameters_of("allocation", tmp_path) == {"rules": str(tmp_path / "allocation.toml")}
    (tmp_path / "metrics.csv").write_text("")
    assert set(parameters_of("allocation", tmp_path)) == {"rules", "metrics"}
    assert parameters_of("forecast", tmp_path) == {}


def test_the_forecast_of_the_sample_gets_its_plans(tmp_path: Path) -> None:
    """Budgets and limits that are there, for the forecast alone."""
    (tmp_path / "budgets.toml").touch()
    assert parameters_of("forecast", tmp_path) == {"budget": str(tmp_path / "budgets.toml")}
    (tmp_path / "limits.toml").touch()
    assert set(parameters_of("forecast", tmp_path)) == {"budget", "limits"}
    assert parameters_of("explore_cost", tmp_path) == {}


def test_the_sizes_of_the_sample_get_what_is_known_beside_the_bill(tmp_path: Path) -> None:
    """Inventory and prices lie beside the samples of use, offers and what is held beside the bills."""
    (tmp_path / "usage").mkdir()
    for name in ("usage/inventory.csv", "usage/prices.csv", "offers.csv"):
        (tmp_path / name).touch()
    found = parameters_of("rightsizing", tmp_path)
    assert found == {
        "inventory": str(tmp_path / "usage" / "inventory.csv"),
        "prices": str(tmp_path / "usage" / "prices.csv"),
        "offers": str(tmp_path / "offers.csv"),
    }
    assert set(parameters_of("rightsizing", sample_folder())) == {"inventory", "prices", "offers", "held"}


def test_a_lake_with_other_bills_is_left_alone(samples: Path, tmp_path: Path) -> None:
    """The sample is never mixed with a delivery of another moment."""
    lake, own = tmp_path / "lake", samples / "2026-06.csv"
    take_in([own], lake_root=lake, environ=ENVIRON, now=datetime(2026, 7, 9, tzinfo=UTC))
    with pytest.raises(LakeError, match="--lake DIR"):
        fill_lake(lake, samples=samples, environ=ENVIRON)
    assert len(delivery_lines(lake, as_of=None)) == 1


def test_samples_are_found_in_the_package_before_the_repository(tmp_path: Path) -> None:
    """Neither is an error; then the one beside the package; then the one inside it."""
    package = tmp_path / "finops_lib"
    with pytest.raises(SettingsError, match="install the package again"):
        sample_folder(package)
    for folder in (tmp_path / "data" / "samples", package / "_samples"):
        folder.mkdir(parents=True)
        assert sample_folder(package) == folder


def test_a_folder_without_bills_is_refused(tmp_path: Path) -> None:
    """The message says how a delivery is named."""
    with pytest.raises(SettingsError, match="YYYY-MM-first"):
        deliveries(tmp_path)


def test_what_the_company_used_comes_in_once(samples: Path, tmp_path: Path) -> None:
    """Beside the bills, at the moment of the last; a second time nothing is pulled."""
    usage = samples / "usage"
    usage.mkdir()
    sample = {"resource": "a", "metric": "cpu", "value": 1.0, "unit": "cores"}
    rows = [{**sample, "time": datetime(2026, 7, 1, tzinfo=UTC)}]
    pq.write_table(pa.Table.from_pylist(rows), usage / "usage.parquet")
    for _ in range(2):
        fill_lake(tmp_path / "lake", samples=samples, environ=ENVIRON)
        (pull,) = UsageTable(Lake(tmp_path / "lake")).pulls()
        assert (pull.rows, pull.delivered) == (1, deliveries(samples)[-1].moment)
