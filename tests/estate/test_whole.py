"""The whole company in one lake: each provider's money is that of its truth, and none counts twice."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.lake import Lake
from finops_lib.cost.invoices import agreement, invoiced, reconcile
from finops_lib.cost.periods import billing_periods
from finops_lib.cost.spend import spend
from finops_lib.errors import RefusedDeliveryError
from finops_lib.estate.whole import write_whole
from finops_lib.run.demo import fill_lake
from finops_lib.run.ingesting import take_in

ENVIRON = {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"}
NOW = datetime(2026, 9, 20, tzinfo=UTC)
BILLED = """
SELECT x_ProviderName AS provider, strftime(BillingPeriodStart, '%Y-%m') AS month, sum(BilledCost) AS cost
FROM charges GROUP BY ALL
"""
PROVIDERS = {"azure": "Microsoft", "gcp": "Google Cloud", "oci": "Oracle", "onprem": "On-premises"}

Whole = tuple[Path, Lake, dict[str, Any]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Write three months of the company and take in all its bills, as they came."""
    folder = tmp_path_factory.mktemp("whole")
    told = write_whole(folder / "samples", rows=6_000, seed=5, months=3)
    fill_lake(folder / "lake", samples=folder / "samples", environ=ENVIRON)
    return folder, Lake(folder / "lake"), told


@pytest.mark.parametrize("name", PROVIDERS)
def test_each_providers_bill_is_its_truth(whole: Whole, name: str) -> None:
    """Cost and credits of every month, to the last decimal; of Oracle and Google by invoice month."""
    _, lake, told = whole
    with Engine(lake) as engine:
        found = engine.query(BILLED)
    own = found[found["provider"] == PROVIDERS[name]]
    ours = {row["month"]: row["cost"] for row in own.to_dict("records")}
    theirs = {
        month: Decimal(said["cost"]) + Decimal(said.get("credits", "0"))
        for month, said in told["others"][name]["months"].items()
    }
    assert {month: cost for month, cost in ours.items() if cost} == {m: c for m, c in theirs.items() if c}


def test_the_cloud_bill_and_the_cluster_report_do_not_add_up(whole: Whole) -> None:
    """With both in the lake, the total is that of the bills; the report stands beside it, to be joined."""
    _, lake, told = whole
    bills = {"aws": {"months": {}}, **{name: told["others"][name] for name in PROVIDERS}}
    others = sum(
        Decimal(said["cost"]) + Decimal(said.get("credits", "0"))
        for bill in bills.values()
        for said in bill["months"].values()
    )
    aws = sum(Decimal(c["BilledCost"]) for m in told["aws"]["totals"].values() for c in m.values())
    with Engine(lake) as engine:
        charged = spend(engine, cost="BilledCost")["cost"].sum()
        daily = engine.query("SELECT sum(BilledCost) AS cost FROM daily")["cost"][0]
        explained = engine.query("SELECT sum(BilledCost) AS cost FROM allocations")["cost"][0]
        nodes = engine.query(
            "SELECT count(DISTINCT a.ResourceId) AS n FROM allocations a "
            "JOIN charges c ON ends_with(c.ResourceId, a.ResourceId) WHERE a.ResourceId IS NOT NULL"
        )["n"][0]
    assert charged == daily == aws + others
    clusters = told["others"]["opencost"]["months"].values()
    assert explained == sum(Decimal(said["cost"]) for said in clusters) > 0
    assert nodes == len(told["others"]["opencost"]["nodes"])


def test_the_bills_agree_with_the_invoices_of_the_lake(whole: Whole) -> None:
    """Each AWS invoice to the cent; the voided one is no debt, and closed months are complete."""
    _, lake, _ = whole
    with Engine(lake) as engine:
        checked = reconcile(engine, invoices=invoiced(engine))
        periods = billing_periods(engine)
    compared = checked[checked["Invoiced"].notna()]
    assert agreement(compared) == "agrees"
    assert len(compared) >= 2
    assert "2024520000" not in set(checked["InvoiceId"])
    amazon = periods[periods["InvoiceIssuerName"].str.startswith("Amazon")]
    assert list(zip(amazon["BillingPeriod"], amazon["Status"], strict=True)) == [
        ("2026-09", "Open"),
        ("2026-08", "Closed"),
        ("2026-07", "Closed"),
    ]
    assert set(periods["Finding"]) == {""}


def test_the_amortised_export_is_refused_beside_the_actual_one(whole: Whole, tmp_path: Path) -> None:
    """The lake stays as it was; in a lake of its own its effective cost is the truth."""
    folder, lake, told = whole
    (export,) = sorted((folder / "samples" / "azure-amortized").iterdir())
    before = lake.digest()
    with pytest.raises(RefusedDeliveryError, match="it shows amortized cost, the one in place actual cost"):
        take_in([export], lake_root=lake.root, environ=ENVIRON, now=NOW)
    assert lake.digest() == before
    take_in([export], lake_root=tmp_path / "lake", environ=ENVIRON, now=NOW)
    with Engine(Lake(tmp_path / "lake")) as engine:
        cost = engine.query("SELECT sum(EffectiveCost) AS cost FROM charges")["cost"][0]
    said = told["others"]["azure"]["amortized"]
    assert cost == Decimal(said["months"][export.name]["cost"])
