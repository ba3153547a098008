"""What is doubtful about a delivery though its rows are accepted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from finops_lib.billing.conform import Conformer
from finops_lib.billing.flags import Flags, added, by_currency
from finops_lib.privacy import People
from finops_lib.records import RuleCount

ENDS = datetime(2026, 8, 1, tzinfo=UTC)
LATER = datetime(2026, 9, 1, tzinfo=UTC)
GOOD = {
    "BilledCost": "5",
    "EffectiveCost": "5",
    "ListCost": "5",
    "ContractedCost": "5",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-07-01T00:00:00Z",
    "BillingPeriodEnd": "2026-08-01T00:00:00Z",
    "ChargePeriodStart": "2026-07-01T00:00:00Z",
    "ChargePeriodEnd": "2026-08-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "PricingUnit": "Hours",
}
Changes = Mapping[str, str | None]


def found(
    tmp_path: Path,
    *parts: list[Changes],
    now: datetime = LATER,
    variants: Mapping[str, set[str]] | None = None,
) -> dict[str, RuleCount]:
    """Flag batches of a good row with changes; each flag by its name."""
    conformer, flags = Conformer(People.open(tmp_path / "lake", {})), Flags()
    for rows in parts:
        names = dict.fromkeys(name for row in (GOOD, *rows) for name in row)
        lines = [{**dict.fromkeys(names), **GOOD, **row} for row in rows]
        batch = conformer.conform(pa.Table.from_pylist(lines))
        flags.add(batch.table, batch.faults)
    said = flags.found(now=now, ends=ENDS, variants=variants or {})
    assert all(item.action == "flag" for item in said)
    return {item.rule: item for item in said}


def used(first: int, after: int) -> Changes:
    """Use from a day of July up to, but not on, another."""
    return {
        "ChargePeriodStart": f"2026-07-{first:02}T00:00:00Z",
        "ChargePeriodEnd": f"2026-07-{after:02}T00:00:00Z",
    }


def test_a_sound_delivery_has_no_flag(tmp_path: Path) -> None:
    """A whole month of good rows is not doubted."""
    assert found(tmp_path, [{}]) == {}


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"EffectiveCost": "0"}, "effective_cost_zero"),
        ({"EffectiveCost": "0", "ChargeCategory": "Purchase"}, None),
        ({"EffectiveCost": "0", "CommitmentDiscountId": "sp-1"}, None),
        ({"EffectiveCost": None}, "effective_cost_missing"),
        ({"ChargePeriodStart": "2026-06-30T23:59:59Z", "ChargeCategory": "Tax"}, "outside_period"),
        ({"ChargePeriodStart": "2026-08-01T00:00:00Z", "ChargeCategory": "Tax"}, "outside_period"),
        ({"ChargePeriodStart": "2026-07-31T23:59:59Z", "ChargeCategory": "Tax"}, None),
        ({"PricingQuantity": "3", "PricingUnit": None}, "quantity_without_unit"),
        ({"ConsumedQuantity": "3"}, "quantity_without_unit"),
        ({"ConsumedQuantity": "3", "ConsumedUnit": "Hours"}, None),
        ({"ListUnitPrice": "2", "PricingQuantity": "3"}, "price_times_quantity"),
        ({"ContractedUnitPrice": "2", "PricingQuantity": "3"}, "price_times_quantity"),
        ({"ListUnitPrice": "5.04", "PricingQuantity": "1"}, None),
        ({"ListUnitPrice": "5.06", "PricingQuantity": "1"}, "price_times_quantity"),
        ({"ListUnitPrice": "2", "PricingQuantity": None}, None),
        ({"BillingCurrency": None}, "currency_missing"),
    ],
)
def test_each_doubtful_row_is_counted_and_priced(tmp_path: Path, changes: Changes, flag: str | None) -> None:
    """Over two batches the rows and their BilledCost add up under the one flag that fits."""
    said = found(tmp_path, [changes], [{}, {**changes, "BilledCost": "0.01"}])
    said.pop("currency_mix", None)
    code = "USD" if changes.get("BillingCurrency", "USD") else "XXX"
    expected = {flag: (2, {code: Decimal("5.01")})} if flag else {}
    assert {name: (item.rows, item.cost) for name, item in said.items()} == expected


def test_days_without_usage_are_missing(tmp_path: Path) -> None:
    """Days between two spans are named; a span of several days covers all of them."""
    said = found(tmp_path, [used(1, 4)], [used(6, 7)], [used(8, 31)])
    assert said["missing_days"].detail == "3 without usage: 2026-07-04, 2026-07-05, 2026-07-07"


def test_a_purchase_covers_no_day(tmp_path: Path) -> None:
    """Only usage says that a day was delivered."""
    said = found(tmp_path, [used(1, 2), {"ChargeCategory": "Purchase"}])
    assert said["partial_last_days"].detail == "usage ends on 2026-07-01, the period on 2026-08-01"


def test_the_last_days_may_still_grow(tmp_path: Path) -> None:
    """Days up to three before the delivery are incomplete; four days before is not."""
    fresh = found(tmp_path, [{}], now=datetime(2026, 8, 2, 23, tzinfo=UTC))
    assert fresh["partial_last_days"].detail == "from 2026-07-30 on the bill may still grow"
    assert found(tmp_path, [{}], now=datetime(2026, 8, 4, tzinfo=UTC)) == {}


def test_mixed_currencies_and_spellings_are_said(tmp_path: Path) -> None:
    """Each is named once, in order; a key with one spelling is not."""
    spelled = {"org": {"org", " Org"}, "team": {"team"}}
    said = found(tmp_path, [{}], [{"BillingCurrency": "EUR"}], variants=spelled)
    details = {name: item.detail for name, item in said.items()}
    assert details == {"currency_mix": "EUR, USD", "tag_key_variants": "' Org' | 'org'"}


def test_amounts_add_up_by_currency_exactly() -> None:
    """No currency enters another, a missing one is XXX, and no digit is lost."""
    cost = pa.array([Decimal(10**17), Decimal("1E-20"), Decimal(2), None], pa.decimal128(38, 20))
    codes = pa.array(["USD", "USD", None, "EUR"]).dictionary_encode()
    sums = by_currency(cost, codes)
    assert sums == {"USD": Decimal("100000000000000000.00000000000000000001"), "XXX": 2, "EUR": 0}
    assert added(sums, {"USD": Decimal("1E-20")})["USD"] - Decimal(10**17) == Decimal("2E-20")
