"""How well commitments are used: coverage and utilisation by hand, and what an export does not tell."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops_lib.cost.commitments import coverage, scorecard, utilisation
from finops_lib.cost.savings import effective_savings_rate
from finops_lib.errors import CurrencyError


@pytest.fixture
def charge(line: Any) -> Any:
    """Give a writer of usage that a commitment covers, or not."""

    def written(listed: str, effective: str, *, id_: str = "", status: str = "", **changes: str) -> Any:
        told = {
            "ListCost": listed,
            "ContractedCost": listed,
            "EffectiveCost": effective,
            "BilledCost": "0" if id_ else effective,
            "CommitmentDiscountId": id_,
            "CommitmentDiscountStatus": status or ("Used" if id_ else ""),
            "CommitmentDiscountType": "Savings Plan" if id_ else "",
            "PricingCategory": "Committed" if id_ else "Standard",
        }
        return line(**{**told, **changes})

    return written


@pytest.fixture
def engine(lake_of: Any, charge: Any) -> Any:
    """One plan: 60 used for 100 at list, 20 unused; 50 on demand beside it, 30 of spot, 40 of a bucket."""
    return lake_of(
        [
            charge("100", "60", id_="sp-1"),
            charge("0", "20", id_="sp-1", status="Unused"),
            charge("50", "50"),
            charge("30", "30", PricingCategory="Dynamic"),
            charge("40", "40", ServiceName="Object Storage", ServiceCategory="Storage"),
            charge("8", "8", ChargeCategory="Tax"),
        ]
    )


def test_utilisation_is_what_was_used_of_all_that_was_paid(engine: Any) -> None:
    """60 of 80; it saved 100 less 80."""
    found = utilisation(engine).iloc[0]
    assert (found["CommitmentDiscountId"], found["CommitmentDiscountType"]) == ("sp-1", "Savings Plan")
    assert (found["Used"], found["Unused"], found["Utilisation"]) == (60, 20, Decimal("0.75"))
    assert (found["Savings"], found["FeeNotSpread"], found["RowsUnknown"]) == (20, 0, 0)


def test_used_charges_without_a_list_price_are_used(lake_of: Any, charge: Any) -> None:
    """The provider states no list cost: 15 of 20 used, savings unknown."""
    engine = lake_of([charge("", "15", id_="r"), charge("0", "5", id_="r", status="Unused")])
    found = utilisation(engine).iloc[0]
    assert (found["Used"], found["Utilisation"], found["Savings"]) == (15, Decimal("0.75"), None)


def test_the_most_unused_commitment_comes_first(lake_of: Any, charge: Any) -> None:
    """By what it wastes, not by its share or name."""
    engine = lake_of(
        [
            charge("9", "9", id_="a"),
            charge("0", "1", id_="a", status="Unused"),
            charge("90", "90", id_="b"),
            charge("0", "5", id_="b", status="Unused"),
        ]
    )
    assert list(utilisation(engine)["CommitmentDiscountId"]) == ["b", "a"]


def test_a_fee_that_is_not_spread_says_nothing_of_use(lake_of: Any, charge: Any) -> None:
    """All of the cost stands on the fee and none on the usage: unknown, not a waste of 70."""
    fee = charge("70", "70", id_="cud", ChargeCategory="Purchase", CommitmentDiscountStatus="")
    found = utilisation(lake_of([fee, charge("100", "0", id_="cud")]))
    line = found.iloc[0]
    assert (line["Used"], line["Unused"], line["Utilisation"]) == (None, None, None)
    assert (line["FeeNotSpread"], line["Savings"]) == (70, 30)


def test_utilisation_by_month(lake_of: Any, charge: Any) -> None:
    """Wasted in June, used in July."""
    june = charge("0", "10", id_="a", status="Unused", **{"day": "2026-06-01"})
    found = utilisation(lake_of([june, charge("12", "10", id_="a")]), grain="month")
    told = {f"{line.time:%Y-%m}": line.Utilisation for line in found.itertuples()}
    assert told == {"2026-06": 0, "2026-07": 1}


def test_coverage_counts_what_could_be_covered(engine: Any) -> None:
    """100 of 150: spot, a service of which nothing is committed, tax and unused hours are no part of it."""
    found = coverage(engine).iloc[0]
    assert (found["Covered"], found["Eligible"], found["OnDemand"]) == (100, 150, 50)
    assert found["Coverage"] == Decimal(100) / 150


def test_coverage_by_account_and_in_a_filter(lake_of: Any, charge: Any) -> None:
    """Account 2 has nothing covered, of a service that could be; alone, it has nothing eligible."""
    engine = lake_of([charge("10", "6", id_="a", SubAccountId="1"), charge("5", "5", SubAccountId="2")])
    found = coverage(engine, by="SubAccountId")
    assert found[["SubAccountId", "Coverage"]].to_numpy().tolist() == [["1", 1], ["2", 0]]
    assert coverage(engine, where={"SubAccountId": "2"}).empty


def test_usage_without_a_list_cost_is_counted(lake_of: Any, charge: Any) -> None:
    """It is no part of either sum, and said."""
    found = coverage(lake_of([charge("10", "6", id_="a"), charge("", "5")])).iloc[0]
    assert (found["Coverage"], found["RowsUnknown"]) == (1, 1)


def test_the_scorecard_puts_them_side_by_side(engine: Any) -> None:
    """The savings rate is the one of the savings table."""
    found = scorecard(engine).iloc[0]
    rate = effective_savings_rate(engine).iloc[0]
    assert (found["Coverage"], found["Utilisation"]) == (Decimal(100) / 150, Decimal("0.75"))
    assert (found["SavingsRate"], found["Savings"]) == (rate["Rate"], rate["Savings"])
    assert (found["Unused"], found["OnDemand"]) == (20, 50)


def test_a_bill_without_commitments_has_none(lake_of: Any, charge: Any) -> None:
    """Empty tables, and a scorecard that says unknown."""
    engine = lake_of([charge("10", "10")])
    assert utilisation(engine).empty
    assert coverage(engine).empty
    found = scorecard(engine).iloc[0]
    assert (found["Coverage"], found["Utilisation"], found["Unused"]) == (None, None, None)
    assert found["SavingsRate"] == 0


def test_currencies_are_not_mixed(lake_of: Any, charge: Any) -> None:
    """Each is asked for by itself."""
    engine = lake_of([charge("10", "6", id_="a"), charge("10", "6", id_="b", BillingCurrency="EUR")])
    for asked in (utilisation, scorecard):
        with pytest.raises(CurrencyError, match="EUR, USD"):
            asked(engine)
    assert list(utilisation(engine, currency="EUR")["CommitmentDiscountId"]) == ["b"]
