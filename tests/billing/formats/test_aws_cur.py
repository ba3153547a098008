"""The AWS report in FOCUS words: golden cases worked by hand for each kind of line."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from finops_lib.billing.formats.aws_cur import AWS_CUR

BASE = {
    "bill_billing_period_start_date": "2026-07-01T00:00:00Z",
    "bill_payer_account_id": "111",
    "line_item_usage_start_date": "2026-07-01T00:00:00Z",
    "line_item_product_code": "AmazonEC2",
    "line_item_line_item_type": "Usage",
    "line_item_unblended_cost": "10",
    "pricing_public_on_demand_cost": "10",
    "savings_plan_savings_plan_effective_cost": None,
    "savings_plan_total_commitment_to_date": None,
    "savings_plan_used_commitment": None,
    "reservation_effective_cost": None,
    "reservation_unused_amortized_upfront_fee_for_billing_period": None,
    "reservation_unused_recurring_fee": None,
    "reservation_reservation_a_r_n": None,
}


def focus(**change: str | None) -> dict[str, str | None]:
    """Translate one line."""
    row = {**BASE, **change}
    raw = pa.table({name: pa.array([value], pa.string()) for name, value in row.items()})
    return {name: column[0] for name, column in AWS_CUR.to_focus(raw).to_pydict().items()}


@pytest.mark.parametrize(
    ("kind", "change", "category", "billed", "effective"),
    [
        ("Usage", {}, "Usage", "10", "10"),
        # Covered usage is billed in the plan's fee; what it costs in effect is its part of that fee.
        (
            "SavingsPlanCoveredUsage",
            {"savings_plan_savings_plan_effective_cost": "7"},
            "Usage",
            "0",
            "7",
        ),
        ("SavingsPlanNegation", {"line_item_unblended_cost": "-10"}, "Adjustment", "0", "0"),
        # Of a commitment of 8 dollars 7 were used: 1 is left.
        (
            "SavingsPlanRecurringFee",
            {
                "line_item_unblended_cost": "8",
                "savings_plan_total_commitment_to_date": "8",
                "savings_plan_used_commitment": "7",
            },
            "Purchase",
            "8",
            "1",
        ),
        ("SavingsPlanUpfrontFee", {"line_item_unblended_cost": "900"}, "Purchase", "900", "0"),
        (
            "DiscountedUsage",
            {"line_item_unblended_cost": "0", "reservation_effective_cost": "6"},
            "Usage",
            "0",
            "6",
        ),
        # Unused of the reservation: 0.5 of the upfront fee and 1.25 of the recurring one.
        (
            "RIFee",
            {
                "line_item_unblended_cost": "20",
                "reservation_unused_amortized_upfront_fee_for_billing_period": "0.5",
                "reservation_unused_recurring_fee": "1.25",
            },
            "Purchase",
            "20",
            "1.75",
        ),
        ("Fee", {"reservation_reservation_a_r_n": "arn:r"}, "Purchase", "10", "0"),
        ("Fee", {}, "Purchase", "10", "10"),
        ("Tax", {}, "Tax", "10", "10"),
        ("Credit", {"line_item_unblended_cost": "-3"}, "Credit", "-3", "-3"),
        ("Refund", {"line_item_unblended_cost": "-3"}, "Credit", "-3", "-3"),
    ],
)
def test_billed_and_effective_cost_of_each_kind(
    kind: str, change: dict[str, str], category: str, billed: str, effective: str
) -> None:
    """What is paid and what was used up are told apart; the file's own cost is kept beside them."""
    found = focus(line_item_line_item_type=kind, **change)
    costs = [found[name] for name in ("ChargeCategory", "BilledCost", "EffectiveCost", "x_SourceCost")]
    assert costs == [category, billed, effective, {**BASE, **change}["line_item_unblended_cost"]]


def test_a_refund_corrects() -> None:
    """Its class says so; that of usage is empty."""
    assert focus(line_item_line_item_type="Refund")["ChargeClass"] == "Correction"
    assert focus()["ChargeClass"] is None


def test_a_fee_that_does_not_say_what_was_used_is_unknown() -> None:
    """Unknown is not zero."""
    assert focus(line_item_line_item_type="RIFee")["EffectiveCost"] is None


def test_a_row_without_any_tag_keeps_its_place() -> None:
    """Of three rows the second has no tag: it is null, and the third keeps its own."""
    team = pa.array(["web", None, None])
    owner = pa.array([None, None, 'a "b"'])
    columns = {name: pa.array([value] * 3, pa.string()) for name, value in BASE.items()}
    tags = {"resourceTags/user:team": team, "resourceTags/user:note": owner}
    found = AWS_CUR.to_focus(pa.table(columns | tags)).column("Tags").to_pylist()
    assert [text and json.loads(text) for text in found] == [{"team": "web"}, None, {"note": 'a "b"'}]


def test_the_map_of_2_0_and_flattened_tags_say_the_same() -> None:
    """The owner of a key is cut off in both."""
    mapped, flat = focus(resource_tags='{"user_team": "web"}'), focus(resource_tags_user_team="web")
    assert json.loads(str(mapped["Tags"])) == json.loads(str(flat["Tags"])) == {"team": "web"}


def test_the_legacy_spelling_is_the_same_report() -> None:
    """lineItem/UnblendedCost is line_item_unblended_cost; each is recognised whole."""
    legacy = [
        "bill/BillingPeriodStartDate",
        "bill/PayerAccountId",
        "lineItem/LineItemType",
        "lineItem/UnblendedCost",
        "lineItem/UsageStartDate",
    ]
    assert AWS_CUR.fit(legacy).share == AWS_CUR.fit(list(BASE)).share == 1
    assert AWS_CUR.fit(legacy[:-1]).missing == ("line_item_usage_start_date",)


def test_two_spellings_of_a_column_stay_two_columns() -> None:
    """A report that has a column in both spellings is read by the one of 2.0."""
    row = {**BASE, "lineItem/UnblendedCost": "99"}
    raw = pa.table({name: pa.array([value], pa.string()) for name, value in row.items()})
    assert AWS_CUR.to_focus(raw).column("BilledCost").to_pylist() == ["10"]
