from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.estate.calendar import months
from finops_lib.estate.others.azure_bill import COLUMNS, COST, invoice, reservation
from finops_lib.estate.others.fleet import fleet
from finops_lib.estate.others.ranges import Ranges

Read = Callable[[str], list[dict[str, Any]]]
Others = tuple[Path, dict[str, Any]]


def test_columns_are_those_of_a_customer_agreement(rows: Read) -> None:
    """Sixty-five in the order of the schema; dates are American, the end of a period belongs to it."""
    found = rows("azure/2026-02")
    assert tuple(found[0]) == COLUMNS
    assert len(COLUMNS) == 65
    assert {(row["billingPeriodStartDate"], row["billingPeriodEndDate"]) for row in found} == {
        ("02/01/2026", "02/28/2026")
    }
    assert {row["date"][:3] + row["date"][5:] for row in found} == {"02//2026"}


def test_cost_is_quantity_times_price(rows: Read) -> None:
    """For all use, in either view; the market price gives the other cost."""
    for name in ("azure/2026-07", "azure-amortized/2026-07"):
        for row in rows(name):
            if row["chargeType"] in ("Usage", "UnusedReservation"):
                assert Decimal(row["quantity"]) * Decimal(row["effectivePrice"]) == Decimal(row[COST])
            if row["chargeType"] == "Usage":
                market = Decimal(row["quantity"]) * Decimal(row["PayGPrice"])
                assert market == Decimal(row["paygCostInBillingCurrency"])


def test_the_two_views_differ_in_the_reservation_alone(rows: Read) -> None:
    """Bought and used at no cost in one, used at a rate and unused in the other; all else is the same."""
    views = {name: rows(f"{name}/2026-07") for name in ("azure", "azure-amortized")}
    kinds = {name: {row["chargeType"] for row in found} for name, found in views.items()}
    assert kinds["azure"] - kinds["azure-amortized"] == {"Purchase"}
    assert kinds["azure-amortized"] - kinds["azure"] == {"UnusedReservation"}
    used = {
        name: [row for row in found if row["pricingModel"] == "Reservation" and row["chargeType"] == "Usage"]
        for name, found in views.items()
    }
    assert {row[COST] for row in used["azure"]} == {"0"}
    assert all(Decimal(row[COST]) > 0 for row in used["azure-amortized"])
    plain = [
        [row for row in found if row["pricingModel"] == "OnDemand" and row["chargeType"] == "Usage"]
        for found in views.values()
    ]
    assert plain[0] == plain[1]


def test_used_and_unused_are_the_whole_reservation_each_day(others: Others, rows: Read) -> None:
    """Count times 24 hours times the rate; the month's price is a twelfth of a year, 730 hours."""
    bought = others[1]["azure"]["commitment"]
    whole = bought["count"] * Decimal(bought["hourly_rate"])
    days: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows("azure-amortized/2026-07"):
        if row["pricingModel"] == "Reservation":
            days[row["date"]] += Decimal(row[COST])
    assert len(days) == 31
    assert set(days.values()) == {whole * 24}
    bills = {row[COST] for row in rows("azure/2026-07") if row["chargeType"] == "Purchase"}
    assert {Decimal(cost) for cost in bills} == {whole * 730}


def test_invoices_of_closed_months_are_whole_cents(others: Others) -> None:
    """The rounding row sees to it; the open month has neither row nor invoice."""
    told = others[1]["azure"]["months"]
    for label, month in told.items():
        whole = Decimal(month["cost"]) * 100
        assert (whole == int(whole)) == (label != "2026-09"), label
    assert "rounding" not in told["2026-09"]["kinds"]


def test_a_refund_names_the_invoice_that_it_mends(rows: Read) -> None:
    """One row, negative, with the number of an invoice of two months before."""
    refunds = [row for row in rows("azure") if row["chargeType"] == "Refund"]
    assert len(refunds) == 1
    assert Decimal(refunds[0][COST]) < 0
    earlier = {row["invoiceId"]: row["billingPeriodStartDate"] for row in rows("azure")}
    month = int(refunds[0]["billingPeriodStartDate"][:2])
    assert int(earlier[refunds[0]["previousInvoiceId"]][:2]) == month - 2


def test_tags_are_json_with_and_without_braces(rows: Read) -> None:
    """Both ways occur and both can be read; some resources have none."""
    texts = {row["tags"] for row in rows("azure/2026-07")}
    braced = {text for text in texts if text.startswith("{")}
    bare = {text for text in texts - braced if text}
    assert braced
    assert bare
    assert "" in texts
    for text in (*braced, *(f"{{{text}}}" for text in bare)):
        assert isinstance(json.loads(text), dict)


def test_one_resource_group_is_written_in_two_cases(rows: Read) -> None:
    """Upper case on some days; the name is the same."""
    spellings = defaultdict(set)
    for row in rows("azure/2026-07"):
        spellings[row["resourceGroupName"].lower()].add(row["resourceGroupName"])
    assert max(map(len, spellings.values())) == 2


def test_the_anomaly_is_in_the_rows(others: Others, rows: Read) -> None:
    """On its days the meter costs a multiple of a usual day, on no other day; the extra is the truth's."""
    event = others[1]["azure"]["anomaly"]
    days: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows("azure"):
        if row["meterName"] == event["meter"] and row["SubscriptionId"] == event["account"]:
            month, day, year = row["date"].split("/")
            days[f"{year}-{month}-{day}"] += Decimal(row[COST])
    hit = {day: cost for day, cost in days.items() if event["start"] <= day < event["end"]}
    usual = median(cost for day, cost in days.items() if day not in hit)
    assert min(hit.values()) > 2 * usual
    # Extra is the share (percent - 100) / percent of what stands there.
    share = sum(hit.values()) * (event["percent"] - 100) / event["percent"]
    assert abs(share - Decimal(event["extra_list_cost"])) < Decimal("0.01")


def test_waste_has_no_owner_and_costs_each_day(others: Others, rows: Read) -> None:
    """The detached disk is there on all days and has no tag."""
    name = others[1]["azure"]["waste"]["resource"]
    found = [row for row in rows("azure/2026-06") if row["ResourceId"].endswith(name)]
    assert len(found) == 30
    assert {row["tags"] for row in found} == {""}
    told = others[1]["azure"]["waste_list_cost"]["2026-06"]
    assert sum(Decimal(row["paygCostInUsd"]) for row in found) == Decimal(told)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_a_reservation_is_never_used_up(seed: int) -> None:
    """It has more instances than lasting machines, and a month costs what 730 hours do."""
    ranges = Ranges()
    who = fleet("azure", seed=seed, rows=3000, days=413, ranges=ranges)
    bought = reservation(who, ranges)
    assert bought.count >= 1 + 3
    assert bought.monthly == bought.count * bought.rate_micro * 730 * 10_000


def test_an_open_month_has_no_invoice() -> None:
    """A closed one has eleven signs."""
    closed, still_open = months(2, step_hours=24)
    assert (len(invoice(7, closed)), invoice(7, still_open)) == (11, "")
