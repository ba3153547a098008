from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal

import pytest

from finops_lib.estate.cur_bill import fields, snake

Read = Callable[[str], list[dict[str, str]]]
Row = dict[str, str]
MONTHS = ("2025-08", "2025-12", "2026-04", "2026-05", "2026-06", "2026-07", "2026-09")


def money(row: Row, name: str) -> Decimal:
    return Decimal(row[name] or "0")


def billed(row: Row) -> Decimal:
    """What FOCUS calls billed: nothing for covered use and its counter-entry."""
    kind = row["lineItem/LineItemType"]
    return (
        Decimal(0)
        if kind.startswith("SavingsPlan") and "Fee" not in kind
        else money(row, "lineItem/UnblendedCost")
    )


def effective(row: Row) -> Decimal:
    """What FOCUS calls effective, from the columns that CUR gives each kind of line item."""
    kind = row["lineItem/LineItemType"]
    if kind == "DiscountedUsage":
        return money(row, "reservation/EffectiveCost")
    if kind == "SavingsPlanCoveredUsage":
        return money(row, "savingsPlan/SavingsPlanEffectiveCost")
    if kind == "RIFee":
        upfront = money(row, "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod")
        return upfront + money(row, "reservation/UnusedRecurringFee")
    if kind == "SavingsPlanRecurringFee":
        return money(row, "savingsPlan/TotalCommitmentToDate") - money(row, "savingsPlan/UsedCommitment")
    bound = kind == "SavingsPlanNegation" or (kind == "Fee" and row["reservation/ReservationARN"])
    return Decimal(0) if bound else money(row, "lineItem/UnblendedCost")


def category(row: Row) -> str:
    kind = row["lineItem/LineItemType"]
    fees = {"RIFee", "SavingsPlanRecurringFee", "Fee"}
    names = {"Tax": "Tax", "Credit": "Credit", "Refund": "Credit", "EdpDiscount": "Adjustment"}
    return "Purchase" if kind in fees else names.get(kind, "Usage")


def sums(items: Iterable[tuple[tuple[str, ...], Decimal]]) -> dict[tuple[str, ...], Decimal]:
    found: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for key, amount in items:
        found[key] += amount
    return {key: amount for key, amount in found.items() if amount}


@pytest.mark.parametrize("month", MONTHS)
def test_both_formats_bill_the_same(read_bill: Read, month: str) -> None:
    """Billed cost by account, service and category, effective cost by account and service, exactly."""
    cur, focus = read_bill(f"cur/{month}"), read_bill(f"focus/{month}")
    ours = ("lineItem/UsageAccountId", "product/ProductName")
    theirs = ("SubAccountId", "ServiceName")
    assert sums(((*(row[name] for name in ours), category(row)), billed(row)) for row in cur) == sums(
        ((*(row[name] for name in theirs), row["ChargeCategory"]), Decimal(row["BilledCost"]))
        for row in focus
    )
    assert sums((tuple(row[name] for name in ours), effective(row)) for row in cur) == sums(
        (tuple(row[name] for name in theirs), Decimal(row["EffectiveCost"])) for row in focus
    )


def test_counter_entries_take_back_what_the_plan_covers(read_bill: Read) -> None:
    """Within account, product, usage type and day the two are zero together."""
    kinds = {"SavingsPlanCoveredUsage", "SavingsPlanNegation"}
    rows = [row for row in read_bill("cur/2026-07") if row["lineItem/LineItemType"] in kinds]
    names = (
        "lineItem/UsageAccountId",
        "lineItem/ProductCode",
        "lineItem/UsageType",
        "lineItem/UsageStartDate",
    )
    assert {row["lineItem/LineItemType"] for row in rows} == kinds
    assert (
        sums((tuple(row[name] for name in names), money(row, "lineItem/UnblendedCost")) for row in rows) == {}
    )


def test_reserved_use_is_its_upfront_and_its_recurring_part(read_bill: Read) -> None:
    """The two parts are the effective cost; the unblended cost is zero."""
    rows = [row for row in read_bill("cur/2026-07") if row["lineItem/LineItemType"] == "DiscountedUsage"]
    assert rows
    for row in rows:
        parts = money(row, "reservation/AmortizedUpfrontCostForUsage") + money(
            row, "reservation/RecurringFeeForUsage"
        )
        assert parts == money(row, "reservation/EffectiveCost")
        assert money(row, "lineItem/UnblendedCost") == 0


def test_every_kind_of_line_item_occurs(read_bill: Read) -> None:
    """Eleven kinds over the months."""
    found = {row["lineItem/LineItemType"] for month in MONTHS for row in read_bill(f"cur/{month}")}
    assert len(found) == 11
    assert {"Usage", "Fee", "Refund", "Credit", "Tax", "EdpDiscount"} <= found


def test_a_line_item_is_named_by_id_and_time(read_bill: Read) -> None:
    """No two rows of a bill share both."""
    rows = read_bill("cur/2026-07")
    keys = {(row["identity/LineItemId"], row["identity/TimeInterval"]) for row in rows}
    assert len(keys) == len(rows)


def test_cur_2_says_the_same_with_other_names(read_bill: Read) -> None:
    """Row for row the same cost; tags and product names in maps, tag keys as CUR 2.0 spells them."""
    old, new = read_bill("cur/2026-07"), read_bill("cur-2.0/2026-07")
    costs = [row["lineItem/UnblendedCost"] for row in old]
    assert costs == [row["line_item_unblended_cost"] for row in new]
    keys = {key for row in new if row["resource_tags"] for key in json.loads(row["resource_tags"])}
    assert {"user_team", "user_cost_center"} <= keys
    assert {json.loads(row["product"])["product_name"] for row in new} == {
        row["product/ProductName"] for row in old
    }


def test_legacy_tags_have_a_column_for_each_spelling(read_bill: Read) -> None:
    """Keys that differ in case or by a space are columns of their own."""
    names = set(read_bill("cur/2026-07")[0])
    assert {"resourceTags/user:team", "resourceTags/user:Team", "resourceTags/user: team"} <= names


def test_parquet_merges_the_columns_that_it_spells_alike() -> None:
    """Team and team become one column."""
    names = [field.name for field in fields(["Team", "team", "aws:createdBy"], parquet=True)]
    assert names[-2:] == ["resource_tags_user_team", "resource_tags_aws_created_by"]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("legacy", "new"),
    [
        ("identity/LineItemId", "identity_line_item_id"),
        ("reservation/ReservationARN", "reservation_reservation_a_r_n"),
        ("pricing/publicOnDemandCost", "pricing_public_on_demand_cost"),
        ("product/servicecode", "product_servicecode"),
    ],
)
def test_names_of_cur_2_follow_from_the_legacy_ones(legacy: str, new: str) -> None:
    """As AWS writes them."""
    assert snake(legacy) == new
