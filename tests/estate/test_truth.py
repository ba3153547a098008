from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.estate.truth import COSTS, Truth, dollars
from finops_lib.records import plain

Read = Callable[[str], list[dict[str, str]]]
Estate = tuple[Path, Truth]


def added(rows: list[dict[str, str]], key: str, cost: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row[key]] += Decimal(row[cost])
    return found


@pytest.mark.parametrize("month", ["2025-08", "2025-12", "2026-04", "2026-07", "2026-09"])
def test_totals_are_those_of_the_files(estate: Estate, read_bill: Read, month: str) -> None:
    """By account, category, service and invoice, added up with nothing but csv and Decimal."""
    truth, rows = estate[1], read_bill(f"focus/{month}")
    groups = {"SubAccountId": truth.totals, "ChargeCategory": truth.categories, "ServiceName": truth.services}
    for key, told in groups.items():
        for cost in COSTS:
            expected = {name: plain(amount) for name, amount in added(rows, key, cost).items()}
            assert {name: costs[cost] for name, costs in told[month].items()} == expected
    invoices = {name: plain(amount) for name, amount in added(rows, "InvoiceId", "BilledCost").items()}
    assert truth.invoices[month] == invoices


def test_source_cost_and_rows_are_those_of_the_files(estate: Estate, read_bill: Read) -> None:
    """For each format the sum of its own cost column and the number of its rows."""
    columns = {"focus": "BilledCost", "cur": "lineItem/UnblendedCost", "cur-2.0": "line_item_unblended_cost"}
    for name, column in columns.items():
        rows = read_bill(f"{name}/2026-07")
        assert estate[1].source_cost[name]["2026-07"] == plain(
            sum((Decimal(row[column]) for row in rows), Decimal(0))
        )
        assert estate[1].rows[name]["2026-07"] == len(rows)


def test_the_restated_month_has_both_totals(estate: Estate, read_bill: Read) -> None:
    """The first delivery cost less, by more than a hundredth."""
    told = estate[1].restated
    for name, delivery in (("first", "2026-05-first"), ("restated", "2026-05")):
        rows = read_bill(f"focus/{delivery}")
        assert told[name]["BilledCost"] == plain(
            sum((Decimal(row["BilledCost"]) for row in rows), Decimal(0))
        )
    assert Decimal(told["restated"]["BilledCost"]) > Decimal("1.01") * Decimal(told["first"]["BilledCost"])


def test_late_rows_are_those_marked_in_the_bill(estate: Estate, read_bill: Read) -> None:
    """Count and cost of the corrections to usage billed in April."""
    told = estate[1].late
    rows = [row for row in read_bill(f"focus/{told['billed_in']}") if row["ChargeClass"] == "Correction"]
    assert told["rows"] == len(rows) > 0
    assert told["cost"] == plain(sum((Decimal(row["BilledCost"]) for row in rows), Decimal(0)))


def test_tag_coverage_is_weighted_by_cost(estate: Estate, read_bill: Read) -> None:
    """Over all months: usage whose team is filled, in any spelling, against all usage."""
    tagged = total = Decimal(0)
    for month in estate[1].months:
        for row in read_bill(f"focus/{month}"):
            if row["ChargeCategory"] == "Usage":
                tags = {key.strip().lower(): value for key, value in json.loads(row["Tags"] or "{}").items()}
                total += Decimal(row["EffectiveCost"])
                tagged += Decimal(row["EffectiveCost"]) if tags.get("team", "").strip() else 0
    assert estate[1].tag_coverage["team"] == {"tagged": plain(tagged), "total": plain(total)}
    assert estate[1].tag_spellings["team"] == (" team", "Team", "team")


def test_commitments_add_up_month_by_month(estate: Estate, read_bill: Read) -> None:
    """Used and unused rows of July are what the truth says, and together the commitment."""
    rows = [row for row in read_bill("focus/2026-07") if row["CommitmentDiscountStatus"]]
    july = [item for item in estate[1].commitments if item["month"] == "2026-07"]
    assert len(july) == 2
    for item in july:
        own = [row for row in rows if row["CommitmentDiscountId"] == item["id"]]
        parts = added(own, "CommitmentDiscountStatus", "EffectiveCost")
        assert (item["used"], item["unused"]) == (plain(parts["Used"]), plain(parts["Unused"]))
        assert Decimal(item["committed"]) == parts["Used"] + parts["Unused"]
        assert 0 < Decimal(item["utilisation"]) <= 1


def test_every_planted_anomaly_costs_something(estate: Estate) -> None:
    """Five of four kinds, each with account, service, days and size."""
    found = estate[1].anomalies
    assert len(found) == 5
    assert all(Decimal(item["extra_list_cost"]) > 0 for item in found)


def test_people_of_the_truth_stand_in_the_bill(estate: Estate, read_bill: Read) -> None:
    """Whoever must not reach the lake is told, and is there to be found."""
    text = " ".join(row["Tags"] for month in estate[1].months for row in read_bill(f"focus/{month}"))
    assert any(name in text for name in estate[1].people["names"])
    assert any(address in text for address in estate[1].people["addresses"])


def test_the_truth_file_is_the_record(estate: Estate) -> None:
    """JSON on disk and record say the same."""
    told = json.loads((estate[0] / "truth.json").read_text(encoding="utf-8"))
    assert told == json.loads(json.dumps(estate[1].to_json()))
    assert told["partial"] == {
        "month": "2026-09",
        "until": "2026-09-18",
        "incomplete_days": 2,
        "end": "2026-10-01",
    }


def test_units_become_dollars() -> None:
    """10 decimals, no exponent, no trailing zeros."""
    assert [dollars(amount) for amount in (1, -(10**10), 0)] == ["0.0000000001", "-1", "0"]
