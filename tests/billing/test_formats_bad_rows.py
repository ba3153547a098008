"""Absurd and hostile rows of every format: set aside with rule and cost, or kept as the text they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Context, Decimal
from functools import reduce
from pathlib import Path

import pytest

from finops_lib.billing.lake import Lake
from finops_lib.records import Conformance
from tests.billing.bills import Sample, charges, take
from tests.billing.samples import (
    AZURE,
    GCP,
    GCP_LINES,
    INVENTORY,
    OPENCOST,
    OPENSHIFT,
    SAMPLES,
)

EXACT = Context(prec=400)
MEGABYTE = 1 << 20
EVERY = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
EVERY_CSV = pytest.mark.parametrize(
    "sample", [item for item in SAMPLES if item.kind == "csv"], ids=lambda sample: sample.name
)
GOOD = (5, 6)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give an empty lake."""
    return Lake(tmp_path / "lake")


def taken(lake: Lake, sample: Sample, content: bytes) -> Conformance:
    """Take one file in; every row read must be accepted or set aside, and all of its cost with it."""
    path = lake.root.with_name("bill")
    path.write_bytes(content)
    found = take(lake, sample, path)
    assert found.rows_read == found.rows_accepted + found.rows_quarantined
    for code, cost in found.source_cost.items():
        parts = [part.get(code, Decimal(0)) for part in (found.accepted, found.quarantined, found.rounding)]
        assert EXACT.subtract(reduce(EXACT.add, parts), found.beside.get(code, Decimal(0))) == cost
    return found


def set_aside(found: Conformance) -> list[tuple[str, int]]:
    """Say which rules were broken, and by how many rows."""
    return [(item.rule, item.rows) for item in found.flags if item.action == "quarantine"]


def costs(lake: Lake) -> list[Decimal]:
    """Read what each current row costs, the smallest first."""
    return sorted(row["BilledCost"] for row in charges(lake))


NUMBERS = {
    "null": ("NULL", "cost_missing", "0"),
    "blank": ("", "cost_missing", "0"),
    "nan": ("NaN", "cost_not_a_number", "0"),
    "infinity": ("Infinity", "cost_not_a_number", "0"),
    "words": ("five", "cost_not_a_number", "0"),
    "1e308": ("1e308", "cost_out_of_range", "1e308"),
    "1e28": ("1e28", "cost_out_of_range", "1e28"),
    "19-sevens": ("7" * 19, "cost_out_of_range", "7" * 19),
    "900-nines": ("9" * 900, "cost_not_a_number", "0"),
}
LOST = ("cost_not_a_number", "0")  # an amount that is worked out of such a cell is none
NUMBERS_OF: Mapping[tuple[str, str], tuple[str, str]] = {
    **{(OPENSHIFT.name, name): LOST for name in ("1e308", "1e28", "19-sevens")},
    **{(INVENTORY.name, name): LOST for name in NUMBERS},
}


@EVERY
@pytest.mark.parametrize("case", NUMBERS)
def test_a_row_without_a_usable_cost_is_set_aside(case: str, sample: Sample, lake: Lake) -> None:
    """Whatever stands for the cost, the row has its rule and cost, and the rows around it count."""
    text, rule, cost = NUMBERS[case]
    rule, cost = NUMBERS_OF.get((sample.name, case), (rule, cost))
    other = {"cpuCost": "NULL"} if sample is OPENCOST else {}  # else the parts make up for the total
    bad = [sample.line(text, number, **other) for number in (1, 3)]
    found = taken(lake, sample, sample.bill(sample.line(5), bad[0], sample.line(6, 2), bad[1]))
    assert set_aside(found) == [(rule, 2)]
    assert found.quarantined.get(sample.code, Decimal(0)) == EXACT.multiply(2, Decimal(cost))
    assert found.accepted == {sample.code: 11}
    assert costs(lake) == [5, 6]


DATES = {
    "null": ("NULL", "date_missing"),
    "words": ("yesterday", "date_unreadable"),
    "year-1": ("0001-01-01T00:00:00Z", "date_out_of_range"),
    "year-9999": ("9999-12-31T23:59:59Z", "date_out_of_range"),
}
DATES_OF = {
    (AZURE.name, "year-9999"): "date_unreadable",  # the day after, on which it would end, is none
    **{(INVENTORY.name, name): "cost_not_a_number" for name in DATES},
}


@EVERY
@pytest.mark.parametrize("case", DATES)
def test_a_row_of_no_day_is_set_aside(case: str, sample: Sample, lake: Lake) -> None:
    """A day that is missing, no date or absurd takes its cost out of the total; a window may stand for it."""
    text, rule = DATES[case]
    bad = [sample.line(7, number, **{sample.day: text}) for number in (1, 3)]
    found = taken(lake, sample, sample.bill(sample.line(5), bad[0], sample.line(6, 2), bad[1]))
    if sample is OPENCOST and case == "null":
        assert (set_aside(found), found.accepted) == ([], {"XXX": 25})
        return
    assert set_aside(found) == [(DATES_OF.get((sample.name, case), rule), 2)]
    cost = 0 if sample is INVENTORY else 14  # a machine without a date costs nothing that is known
    assert found.quarantined == {sample.code: cost}
    assert (found.accepted, costs(lake)) == ({sample.code: 11}, [5, 6])


@EVERY
def test_a_row_without_an_id_counts(sample: Sample, lake: Lake) -> None:
    """What a charge is for may be unknown; only a machine needs a name, for it may come once."""
    nameless = sample.line(7, 1, **{sample.id: "NULL"})
    found = taken(lake, sample, sample.bill(sample.line(5), nameless, sample.line(6, 2)))
    if sample is INVENTORY:
        assert (set_aside(found), costs(lake)) == ([("cost_not_a_number", 1)], [5, 6])
        return
    assert (set_aside(found), costs(lake)) == ([], [5, 6, 7])


@EVERY
@pytest.mark.parametrize("text", ["<script>alert('x')</script>", '=cmd("calc")'], ids=["script", "formula"])
def test_markup_and_formulas_stay_text(text: str, sample: Sample, lake: Lake) -> None:
    """They are kept letter by letter in every field, tags too, and change no cost."""
    changes = {**dict.fromkeys(sample.texts, text), sample.tags: sample.tag(text)}
    taken(lake, sample, sample.bill({**sample.line(5), **changes}, sample.line(6, 1)))
    assert costs(lake) == [5, 6]
    kept = next(row for row in charges(lake) if row["BilledCost"] == 5)
    assert {name: kept[name] for name in (*sample.texts.values(), "tag_note")} == dict.fromkeys(
        (*sample.texts.values(), "tag_note"), text
    )


@EVERY
def test_a_tag_of_a_megabyte_is_kept(sample: Sample, lake: Lake) -> None:
    """It is text like any other; cells of Google's that long are flagged and feed no column of their own."""
    text = "x" * MEGABYTE
    found = taken(
        lake, sample, sample.bill(sample.line(5, **{sample.tags: sample.tag(text)}), sample.line(6, 1))
    )
    kept = next(row for row in charges(lake) if row["BilledCost"] == 5)
    assert text in kept["Tags"]
    google = sample in (GCP, GCP_LINES)
    assert kept.get("tag_note") == (None if google else text)
    assert ("tags_unreadable" in [item.rule for item in found.flags]) is google
    assert costs(lake) == [5, 6]


@pytest.mark.parametrize(
    "sample", [item for item in SAMPLES if item.currency], ids=lambda sample: sample.name
)
def test_two_currencies_are_never_summed(sample: Sample, lake: Lake) -> None:
    """Each keeps its own sum, and the delivery is flagged; what is no currency is set aside."""
    rows = [sample.line(cost, cost) for cost in (5, 6, 7)]
    rows[1][sample.currency], rows[2][sample.currency] = "EUR", "Taler"
    found = taken(lake, sample, sample.bill(*rows))
    assert found.accepted == {"USD": 5, "EUR": 6}
    assert found.snapshots[0].cost == found.accepted
    assert [item.detail for item in found.flags if item.rule == "currency_mix"] == ["EUR, USD"]
    assert set_aside(found) == [("currency_unknown", 1)]
    assert found.quarantined == {"TALER": 7}


@EVERY_CSV
def test_a_header_that_comes_again_is_no_charge(sample: Sample, lake: Lake) -> None:
    """Files that were put together hold it in between and at the end."""
    header = {name: name for name in sample.row}
    found = taken(lake, sample, sample.bill(sample.line(5), header, sample.line(6, 1), header))
    rule = "cost_not_a_number" if sample is INVENTORY else "header_repeated"
    assert set_aside(found) == [(rule, 2)]
    assert found.accepted == {"USD": 11}
    assert costs(lake) == [5, 6]


@EVERY_CSV
def test_a_total_below_is_no_charge(sample: Sample, lake: Lake) -> None:
    """Its cost is set aside and not added to what it adds up."""
    total = {**dict.fromkeys(sample.row, ""), sample.id: "Total", sample.cost: str(11 * sample.unit)}
    found = taken(lake, sample, sample.bill(sample.line(5), sample.line(6, 1), total))
    machine = sample is INVENTORY  # a machine of that name, without a date
    assert set_aside(found) == [("cost_not_a_number" if machine else "summary_row", 1)]
    assert sum(found.quarantined.values()) == (0 if machine else 11)
    assert found.accepted == {"USD": 11}


@EVERY_CSV
def test_decimal_commas_between_semicolons_are_read(sample: Sample, lake: Lake) -> None:
    """Points between thousands fall away, the comma is the decimal point."""
    amounts = [Decimal(text) * sample.unit for text in ("5.5", "1006.25", "7.5")]
    german = [f"{amount:,.2f}".translate(str.maketrans(",.", ".,")) for amount in amounts]
    lines = (sample.line(text, number) for number, text in enumerate(german))
    found = taken(lake, sample, sample.bill(*lines, separator=";"))
    assert found.accepted == {"USD": Decimal("1019.25")}
    assert costs(lake) == [Decimal("5.5"), Decimal("7.5"), Decimal("1006.25")]


@EVERY
def test_columns_may_stand_in_any_order(sample: Sample, tmp_path: Path) -> None:
    """The same rows land, cell by cell."""
    lines = [sample.line(cost, cost) for cost in GOOD]
    turned = [dict(reversed(line.items())) for line in lines]
    found = []
    for name, bill in (("one", lines), ("two", turned)):
        lake = Lake(tmp_path / name / "lake")
        lake.root.parent.mkdir()
        taken(lake, sample, sample.bill(*bill))
        found.append(charges(lake))
    assert [dict(sorted(row.items())) for row in found[0]] == [dict(sorted(row.items())) for row in found[1]]


@EVERY
def test_an_unknown_column_is_kept_and_decides_nothing(sample: Sample, lake: Lake) -> None:
    """A name that would mean something elsewhere is only text; AWS reports keep what is translated alone."""
    new = {"brand new": "hello", "x_Slice": "2026-07-01/2026-07-02", "x_SourceCost": "9"}
    found = taken(lake, sample, sample.bill(*({**sample.line(cost, cost), **new} for cost in GOOD)))
    assert found.accepted == {sample.code: 11}
    assert {row.get("x_brand_new") for row in charges(lake)} == {"hello"}
    assert {item.scope for item in found.snapshots}.isdisjoint({"2026-07-01/2026-07-02"})


@EVERY
def test_an_optional_column_may_be_absent(sample: Sample, lake: Lake) -> None:
    """What it would have said is unknown, and no cost changes."""
    lines = [sample.line(cost, cost) for cost in GOOD]
    for line in lines:
        del line[sample.optional]
    found = taken(lake, sample, sample.bill(*lines))
    assert (set_aside(found), found.accepted) == ([], {sample.code: 11})
    kept = sample.texts.get(sample.optional, "")
    assert {row.get(kept) for row in charges(lake)} == {None}


@pytest.mark.parametrize("cost", ["1e28", "7" * 19])
def test_credits_do_not_hide_a_cost_that_is_too_large(cost: str, lake: Lake) -> None:
    """The sum of both is as exact as the cost alone."""
    credit = {"credits": '[{"name": "Trial", "amount": -0.25}]'}
    found = taken(lake, GCP, GCP.bill(GCP.line(cost, **credit), GCP.line(6, 1, **credit)))
    assert set_aside(found) == [("cost_out_of_range", 1)]
    assert costs(lake) == [Decimal("5.75")]


def test_a_price_that_is_too_large_makes_no_list_cost(lake: Lake) -> None:
    """Price times quantity is unknown then, not some other amount; the bill itself is right."""
    price = {"PayGPrice": "1e28", "UnitPrice": "7" * 19}
    taken(lake, AZURE, AZURE.bill(AZURE.line(5, **price)))
    [row] = charges(lake)
    assert (row["BilledCost"], row["ListCost"], row["ContractedCost"]) == (5, None, None)


def test_a_header_in_an_inventory_costs_no_machine_its_charge(lake: Lake) -> None:
    """Three rows become three charges, but not one each: two months, one unreadable row, and none."""
    two = replace(INVENTORY, rates=INVENTORY.rates.replace("2026-08", "2026-09"))
    header = {name: name for name in two.row}
    gone = two.line(9, 2, AcquisitionDate="2026-10-01")
    found = taken(lake, two, two.bill(two.line(8, 1, LifeMonths="2"), header, gone))
    assert found.accepted == {"USD": 8}
    assert set_aside(found) == [("cost_not_a_number", 1)]
