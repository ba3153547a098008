"""Real exports, read as they are: each has its expected outcome; known traps are found and said."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.errors import FinOpsError, RefusedDeliveryError
from finops_lib.privacy import People
from finops_lib.records import Conformance

BILLS = Path(os.environ["FINOPS_REAL_DATA"]) / "billing"
FOCUS_1_0 = BILLS / "focus-sample-data" / "focus_sample.csv"
CUR = BILLS / "aws-cur" / "sample-anonymous-aws-export-dataset.csv"
SCENARIOS = sorted((BILLS / "focus-spec-examples").glob("*.csv"))
NOW = datetime(2026, 11, 25, tzinfo=UTC)

# Where a file lies: the format it is taken for, and the column of its own cost. The first that fits counts.
TAKEN = {
    "aws-cur/*.csv": ("AWS Cost and Usage Report", "lineItem/UnblendedCost"),
    "azure/EA_ActualCost_Small.csv": ("Azure Cost Management", "Cost"),
    "azure/sample-anonymous-ea-export-dataset.csv": ("Azure Cost Management", "CostInBillingCurrency"),
    "azure/opencost-billingexports/Enterprise.csv": ("Azure Cost Management", "CostInBillingCurrency"),
    "azure/opencost-billingexports/EnterpriseCamel.csv": ("Azure Cost Management", "costInBillingCurrency"),
    "azure/opencost-billingexports/Template.csv": ("Azure Cost Management", "costinbillingcurrency"),
    "focus-sample-data/*.csv": ("FOCUS", "BilledCost"),
    "focus-spec-examples/[!s]*.csv": ("FOCUS", "BilledCost"),
    "focus-spec-examples/saas_*.csv": ("FOCUS", "BilledCost"),
    "focus-synthetic-1.?/*/*cost_and_usage*.csv": ("FOCUS", "BilledCost"),
    "focus-synthetic-1.?/*/*contract_commitment*.csv": (
        "FOCUS Contract Commitment",
        "ContractCommitmentCost",
    ),
    "focus-synthetic-1.?/*/*billing_period.csv": ("FOCUS Billing Period", ""),
    "focus-synthetic-1.?/*/*invoice_detail.csv": ("FOCUS Invoice Detail", "BilledCost"),
    "gcp/*.csv": ("Google Cloud billing export", "cost"),
    "oci/*.csv": ("Oracle Cloud cost report", "cost/myCost"),
    "opencost/allocation-*.json": ("OpenCost allocation", "totalCost"),
}
NO_EXPORT = "its columns are those of no known export"
REFUSED = {
    # One row without a cost; amounts written as words.
    "azure/opencost-billingexports/BOM.csv": "no row could be accepted (1 rows: BilledCost is given)",
    "focus-spec-examples/simple_*.csv": "rows: a cost is a finite number)",
    "onprem/*cost_model.json": "it is a cost model: prices without usage",
    "opencost/cloudCost-*.json": "it is an OpenCost summary of cloud bills, whose money they hold already",
    "opencost/data_types.json": "nearest to OpenCost allocation, but lacks name, window.start, window.end",
    "finops-toolkit-open-data/*": NO_EXPORT,
    "finops-toolkit-open-data/export-schemas/*": NO_EXPORT,
    "focus-model-1.4/*": NO_EXPORT,
    "focus-synthetic-1.4/aws/SHA256SUMS": NO_EXPORT,
    "focus-synthetic-1.4/aws/*manifest.json": NO_EXPORT,
    "focus_columns.csv": NO_EXPORT,
    "opencost-pricing/*": NO_EXPORT,
}
KEPT = {
    "charges": "SELECT sum(BilledCost) AS cost FROM charges",
    "allocation": "SELECT sum(BilledCost) AS cost FROM allocations",
}
FILES = sorted(path for path in BILLS.rglob("*") if path.is_file())


def expected(path: Path) -> tuple[str, str, str]:
    """Say which format and column a file has, or why it is refused; a file without an entry fails."""
    place = path.relative_to(BILLS)
    for pattern, (form, column) in TAKEN.items():
        if place.match(pattern) and len(place.parts) == len(Path(pattern).parts):
            return form, column, ""
    for pattern, said in REFUSED.items():
        if place.match(pattern) and len(place.parts) == len(Path(pattern).parts):
            return "", "", said
    raise AssertionError(f"{place} has no expected outcome")


def take(path: Path, folder: Path) -> tuple[Conformance, Lake]:
    """Take one export into a lake of its own."""
    lake = Lake(folder / "lake")
    people = People.open(lake.root, {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"})
    return ingest([path], lake=lake, people=people, now=NOW), lake


def naive(path: Path, column: str) -> tuple[int, Decimal]:
    """Count the rows and add up a column, one cell at a time."""
    if path.suffix == ".json":
        found = json.loads(path.read_text(), parse_float=str, parse_int=str)
        texts = [row[column] for window in found["data"] for row in window.values()]
    else:
        with path.open(newline="", encoding="utf-8-sig") as file:
            texts = [row[column] if column else "0" for row in csv.DictReader(file)]
    return len(texts), total(texts)


def total(texts: Iterable[str]) -> Decimal:
    """Add up amounts; what is none counts as nothing."""
    return sum((number(text) for text in texts), Decimal(0))


def number(text: str) -> Decimal:
    """Read an amount."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(BILLS)))
def test_every_file_has_its_outcome(path: Path, tmp_path: Path) -> None:
    """A bill is recognised, its rows and money are those of the file; what is no bill says why."""
    form, column, said = expected(path)
    if said:
        with pytest.raises(FinOpsError) as caught:
            take(path, tmp_path)
        assert said in str(caught.value)
        return
    told, lake = take(path, tmp_path)
    rows, cost = naive(path, column)
    assert told.source == form
    assert (told.rows_read, told.rows_accepted + told.rows_quarantined) == (rows, rows)
    assert sum(told.source_cost.values()) == cost
    parts = [*told.accepted.values(), *told.quarantined.values(), *told.rounding.values()]
    assert sum(parts) - sum(told.beside.values()) == cost
    with Engine(lake) as engine:
        query = KEPT.get(told.kind)
        kept = engine.query(query)["cost"][0] if query else sum(told.accepted.values())
    assert kept == sum(told.accepted.values())


def test_the_traps_of_the_public_sample_are_said(tmp_path: Path) -> None:
    """Effective cost is zero where billed is not, one row lies outside its period, a tag key varies."""
    with FOCUS_1_0.open(newline="", encoding="utf-8-sig") as file:
        pairs = [(number(row["BilledCost"]), number(row["EffectiveCost"])) for row in csv.DictReader(file)]
    zero = sum(bool(billed) and not effective for billed, effective in pairs)
    told, _ = take(FOCUS_1_0, tmp_path)
    flags: Counter[str] = Counter()
    for flag in told.flags:
        flags[flag.rule] += flag.rows
    assert (told.focus_version, told.rows_quarantined) == ("1.0", 0)
    assert (flags["effective_cost_zero"], flags["outside_period"]) == (zero, 1)
    assert zero > 600
    assert "tag_key_variants" in flags


def test_a_report_with_empty_columns_and_tiny_costs_is_whole(tmp_path: Path) -> None:
    """Costs like 1.2E-7 are exact, and usage, tax and fees have their categories."""
    told, lake = take(CUR, tmp_path)
    assert (told.source, told.rows_quarantined) == ("AWS Cost and Usage Report", 0)
    with CUR.open(newline="") as file:
        kinds = Counter(row["lineItem/LineItemType"] for row in csv.DictReader(file))
    with Engine(lake) as engine:
        counted = engine.query("SELECT ChargeCategory AS kind, count(*) AS n FROM charges GROUP BY 1")
    found = dict(zip(counted["kind"], counted["n"], strict=True))
    assert found["Tax"] == kinds["Tax"]
    assert sum(found.values()) == sum(kinds.values())


@pytest.mark.parametrize("version", ["1.3", "1.4"])
def test_a_synthetic_bill_says_its_version(version: str, tmp_path: Path) -> None:
    """Recognised from its columns alone; nothing is set aside."""
    (path,) = (BILLS / f"focus-synthetic-{version}" / "aws").glob("*cost_and_usage*.csv")
    told, _ = take(path, tmp_path)
    assert (told.focus_version, told.rows_read, told.rows_quarantined) == (version, 2000, 0)
    assert told.accepted == {"USD": naive(path, "BilledCost")[1]}


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_each_official_scenario_keeps_billed_and_effective_apart(path: Path, tmp_path: Path) -> None:
    """Sums of both are those of the table; amounts that are no numbers are refused with the rule."""
    rows, billed = naive(path, "BilledCost")
    try:
        told, lake = take(path, tmp_path)
    except RefusedDeliveryError as error:
        assert f"{rows} rows: a cost is a finite number" in str(error)
        return
    assert told.rows_read == rows
    assert sum(told.source_cost.values(), Decimal(0)) == billed
    with Engine(lake) as engine:
        charged = engine.query("SELECT sum(EffectiveCost) AS cost FROM charges")["cost"][0]
        aside = engine.query(
            "SELECT sum(json_extract_string(RowJson, 'EffectiveCost')::DECIMAL(38, 20)) AS c FROM quarantine"
        )
    assert charged + (aside["c"][0] or 0) == naive(path, "EffectiveCost")[1]
