"""Real exports, read as they are: sums against a naive reading, known traps found and said."""

from __future__ import annotations

import csv
import os
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.errors import RefusedDeliveryError, UnknownFormatError
from finops_lib.privacy import People
from finops_lib.records import Conformance

BILLS = Path(os.environ["FINOPS_REAL_DATA"]) / "billing"
FOCUS_1_0 = BILLS / "focus-sample-data" / "focus_sample.csv"
CUR = BILLS / "aws-cur" / "sample-anonymous-aws-export-dataset.csv"
COST_COLUMN = {FOCUS_1_0: "BilledCost", CUR: "lineItem/UnblendedCost"}
SCENARIOS = sorted((BILLS / "focus-spec-examples").glob("*.csv"))
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def take(path: Path, folder: Path) -> tuple[Conformance, Lake]:
    """Take one export into a lake of its own."""
    lake = Lake(folder / "lake")
    people = People.open(lake.root, {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"})
    return ingest([path], lake=lake, people=people, now=NOW), lake


def naive(path: Path, column: str) -> tuple[int, Decimal]:
    """Count the rows and add up a column, one cell at a time."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        texts = [row[column] for row in csv.DictReader(file)]
    return len(texts), sum((number(text) for text in texts), Decimal(0))


def number(text: str) -> Decimal:
    """Read an amount; what is none counts as nothing."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)


@pytest.mark.parametrize("path", COST_COLUMN, ids=lambda path: path.parent.name)
def test_rows_and_money_are_those_of_the_file(path: Path, tmp_path: Path) -> None:
    """Every row is accounted for, and accepted plus set aside is the file's own sum, to the last decimal."""
    told, lake = take(path, tmp_path)
    rows, cost = naive(path, COST_COLUMN[path])
    assert (told.rows_read, told.rows_accepted + told.rows_quarantined) == (rows, rows)
    assert sum(told.source_cost.values()) == cost
    both = [*told.accepted.values(), *told.quarantined.values(), *told.rounding.values()]
    assert sum(both, Decimal(0)) == cost
    with Engine(lake) as engine:
        assert engine.query("SELECT sum(BilledCost) AS cost FROM charges")["cost"][0] == sum(
            told.accepted.values()
        )


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


@pytest.mark.parametrize("folder", ["azure", "gcp", "oci", "opencost"])
def test_what_is_not_known_yet_is_refused_with_the_nearest(folder: str, tmp_path: Path) -> None:
    """No other provider's file is taken for one of ours."""
    for path in sorted((BILLS / folder).rglob("*.csv")):
        with pytest.raises(UnknownFormatError, match="nearest"):
            take(path, tmp_path)
