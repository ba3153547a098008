"""Is this row a FOCUS charge: types, rules, names and people."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from finops_lib.billing.conform import RULES, Batch, Conformer, extra_name, extra_names
from finops_lib.billing.schema import EXTRA
from finops_lib.billing.strays import HEADER, SUMMARY
from finops_lib.privacy import People

GOOD = {
    "BilledCost": "1",
    "EffectiveCost": "1",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-07-01T00:00:00Z",
    "ChargePeriodStart": "2026-07-01T00:00:00Z",
    "ChargeCategory": "Usage",
}


@pytest.fixture
def people(tmp_path: Path) -> People:
    """Give pseudonyms of their own to each test."""
    return People.open(tmp_path / "lake", {})


def conformed(people: People, *rows: dict[str, str | None]) -> Batch:
    """Conform a good row changed by each of ``rows``."""
    names = dict.fromkeys([*GOOD, *(name for row in rows for name in row)])
    lines = [{**dict.fromkeys(names), **GOOD, **row} for row in rows]
    return Conformer(people).conform(pa.Table.from_pylist(lines))


def test_columns_get_the_types_of_focus(people: People) -> None:
    """Money is exact, times are UTC, allowed values are spelled as FOCUS does, codes are capitals."""
    changes = {
        "BilledCost": "1.2E-7",
        "ChargePeriodStart": "2026-07-01T02:00:00+02:00",
        "ChargeCategory": " usage ",
        "BillingCurrency": "usd",
    }
    table = conformed(people, dict(changes)).table
    row = table.to_pylist()[0]
    assert row["BilledCost"] == Decimal("0.00000012")
    assert row["ChargePeriodStart"] == datetime(2026, 7, 1, tzinfo=UTC)
    assert (row["ChargeCategory"], row["BillingCurrency"]) == ("Usage", "USD")
    assert (row["ListCost"], table.schema.field("ListCost").type) == (None, pa.decimal128(38, 20))


@pytest.mark.parametrize(
    ("column", "text", "rule"),
    [
        ("BilledCost", None, "cost_missing"),
        ("BilledCost", "NaN", "cost_not_a_number"),
        ("EffectiveCost", "1,5", "cost_not_a_number"),
        ("EffectiveCost", "1E18", "cost_out_of_range"),
        ("ChargePeriodStart", None, "date_missing"),
        ("BillingPeriodStart", "July", "date_unreadable"),
        ("ChargePeriodStart", "1999-12-31", "date_out_of_range"),
        ("ChargeCategory", "Gift", "charge_category_unknown"),
        ("ChargeCategory", None, "charge_category_unknown"),
        ("BillingCurrency", "ZZZ", "currency_unknown"),
    ],
)
def test_a_row_that_would_falsify_a_total_is_set_aside(
    people: People, column: str, text: str | None, rule: str
) -> None:
    """Only the row that broke the rule is named, with that rule."""
    batch = conformed(people, {}, {column: text}, {})
    assert batch.rule is not None
    assert batch.rule.to_pylist() == [None, rule, None]
    assert rule in RULES


def test_a_lesser_fault_is_kept_and_counted(people: People) -> None:
    """An unreadable price or a missing currency breaks no rule; the row says so and stays."""
    batch = conformed(people, {}, {"ListUnitPrice": "dear"}, {"BillingCurrency": None})
    assert batch.rule is None
    assert {flag: mask.to_pylist() for flag, mask in batch.faults.items()} == {
        "number_unreadable": [False, True, False],
        "currency_missing": [False, False, True],
    }
    assert batch.table.column("BillingCurrency").to_pylist() == ["USD", "USD", "XXX"]


def test_more_decimals_than_the_lake_keeps_are_remembered(people: People) -> None:
    """The 21st decimal is rounded half to even and the exact amount is kept by its row."""
    exact = Decimal("0.000000000000000000015")
    batch = conformed(people, {}, {"BilledCost": str(exact)})
    assert batch.table.column("BilledCost").to_pylist() == [Decimal(1), Decimal("2E-20")]
    assert batch.exact == {1: exact}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("ProviderName", "x_ProviderName"),
        ("x_Operation", "x_Operation"),
        ("my col", "x_my_col"),
        ("a/é", "x_a__"),
    ],
)
def test_an_unknown_column_is_kept_under_a_safe_name(people: People, name: str, kept: str) -> None:
    """It gets the prefix once, and only letters, digits and ``_`` of ASCII."""
    assert extra_name(name) == kept
    assert conformed(people, {name: "v"}).table.column(kept).to_pylist() == ["v"]


def test_people_get_pseudonyms(people: People) -> None:
    """A column or tag that names people, and an address in any text, never reach the lake."""
    address = "ann@example.com"
    changes = {"Owner": address, "ResourceName": f"box of {address}", "Tags": f'{{"owner": "{address}"}}'}
    row = conformed(people, dict(changes)).table.to_pylist()[0]
    name = people.pseudonyms([address])[0]
    assert name.startswith("person-")
    assert (row["x_Owner"], row["ResourceName"], row["tag_owner"]) == (name, f"box of {name}", name)
    assert address not in str(row)


def test_the_mask_keeps_rows_rules_and_faults_together(people: People) -> None:
    """``only`` filters every part of the batch by the same rows."""
    batch = conformed(people, {"BilledCost": "2"}, {"BilledCost": "x"}, {"ListUnitPrice": "x"})
    part = batch.only(pa.array([False, True, True]))
    assert part.rule is not None
    assert part.rule.to_pylist() == ["cost_not_a_number", None]
    assert part.source_cost.to_pylist() == [None, Decimal(1)]
    assert part.faults["number_unreadable"].to_pylist() == [False, True]


def test_no_extra_column_takes_the_name_of_another_in_any_case() -> None:
    """The engine knows no case: of three spellings one keeps its name, and the lake's own are nobody's."""
    names = extra_names(["My col", "my_col", "x_my_col", "SourceRow", "x_SnapshotId"])
    assert names["x_my_col"] == "x_my_col"
    kept = [name.lower() for name in names.values()]
    assert len(set(kept)) == 5
    assert not {"x_sourcerow", "x_snapshotid"} & set(kept)


@pytest.mark.parametrize("name", sorted(EXTRA))
def test_a_typed_extra_has_its_type(people: People, name: str) -> None:
    """Money and amounts are exact, times are UTC, and null stays null."""
    cell, value = {
        "decimal": ("0.30000000000000000001", Decimal("0.30000000000000000001")),
        "datetime": ("2026-07-01T02:00:00+02:00", datetime(2026, 7, 1, tzinfo=UTC)),
    }[EXTRA[name]]
    batch = conformed(people, {name: cell}, {name: None})
    assert batch.table.column(name).to_pylist() == [value, None]
    assert (batch.rule, batch.faults) == (None, {})


@pytest.mark.parametrize(
    ("name", "cells", "flag"),
    [
        ("x_CpuCost", ["NaN", "1,5", "1e30", "1 EUR"], "number_unreadable"),
        ("x_ExportTime", ["July", "1999-01-01", "9999-12-31T00:00:00Z", "12"], "time_unreadable"),
    ],
)
def test_a_typed_extra_that_cannot_be_read_is_unknown_and_counted(
    people: People, name: str, cells: list[str], flag: str
) -> None:
    """It breaks no rule: the cost of the row is known."""
    batch = conformed(people, {}, *({name: cell} for cell in cells))
    assert batch.rule is None
    assert batch.table.column(name).to_pylist() == [None] * 5
    assert {found: mask.to_pylist() for found, mask in batch.faults.items()} == {flag: [False, *[True] * 4]}


def test_other_extras_stay_text(people: People) -> None:
    """Also where a name or a cell looks like a number."""
    row = conformed(people, {"x_CpuCostShare": "01.50", "CpuCost": "007"}).table.to_pylist()[0]
    assert (row["x_CpuCostShare"], row["x_CpuCost"]) == ("01.50", Decimal(7))


def test_an_extra_keeps_its_first_spelling(people: People) -> None:
    """Over all batches of an ingest, and a typed one its own: else text and money would meet in the lake."""
    conformer = Conformer(people)
    rows = ({**GOOD, name: "v", "x_cpucost": "1.5"} for name in ("Foo", "foo"))
    tables = [conformer.conform(pa.Table.from_pylist([row])).table for row in rows]
    assert [table.column("x_Foo").to_pylist() for table in tables] == [["v"], ["v"]]
    assert [table.column("x_CpuCost").to_pylist() for table in tables] == [[Decimal("1.5")]] * 2


@pytest.mark.parametrize("order", [1, -1])
def test_extras_that_would_meet_stay_apart(order: int) -> None:
    """Whatever their case and order; of those that are spelled so, the first by letters keeps its name."""
    found = extra_names(["my col", "x_My_Col", "my-col", "x_my_col", "other"][::order])
    assert len({kept.lower() for kept in found.values()}) == 5
    assert (found.pop("x_My_Col"), found.pop("other")) == ("x_My_Col", "x_other")
    assert {kept[:-4] for kept in found.values()} == {"x_my_col_"}


def test_a_stray_keeps_its_rule(people: People) -> None:
    """What a row breaks by its form counts before what its cells break; other rows are judged as ever."""
    rows = pa.Table.from_pylist([GOOD, GOOD | {"BilledCost": "BilledCost"}, GOOD, GOOD | {"BilledCost": "x"}])
    batch = Conformer(people).conform(rows, strays=pa.array([None, HEADER, SUMMARY, None]))
    assert batch.rule is not None
    assert batch.rule.to_pylist() == [None, HEADER, SUMMARY, "cost_not_a_number"]
    assert {HEADER, SUMMARY, "line_is_no_object", "columns_do_not_match"} <= RULES.keys()
