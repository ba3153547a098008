"""Changes of a small lake go into one plan: beside a commitment they save what the bill loses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from finops_lib.run.commit_files import CommitFiles
from finops_lib.run.committing import prepared
from finops_lib.run.recommend_plan import Terms, planned
from finops_lib.run.recommending import DAYS, Advice, Files, advise
from tests.run.sizedlakes import ARN, BUSY, IDLE, NEW, SIZE, day_and_night, desk_of, lake_of, line, use

SCOPE = "AWS / Compute / us-east-1"
PLAN = {
    "CommitmentDiscountId": "plan-1",
    "CommitmentDiscountStatus": "Used",
    "CommitmentDiscountType": "Savings Plan",
    "CommitmentDiscountCategory": "Spend",
    "PricingCategory": "Committed",
}
COVERED, ON_DEMAND = "2.304", "4.608"  # a day, at half the price and in full


def committed(count: int) -> Iterator[Mapping[str, str]]:
    """Write three machines of 4.608 a day, of which a commitment at half the price covers some."""
    for day in range(21):
        for place, name in enumerate((BUSY, IDLE, NEW)):
            held = PLAN | {"ListCost": ON_DEMAND} if place < count else {"PricingCategory": "Standard"}
            cost = COVERED if place < count else ON_DEMAND
            yield line(day, f"{ARN}{name}", SIZE, cost, ServiceName="Compute", **held)


def used() -> dict[tuple[str, str], np.ndarray]:
    found = {key: value for key, value in use().items() if key[0] in {BUSY, IDLE}}
    return {**found, (NEW, "cpu"): day_and_night(3.0, 3.4)}


def advised(folder: Path, count: int) -> Advice:
    with desk_of(lake_of(folder / "x", lines=list(committed(count)), used=used())) as desk:
        return advise(desk, files=Files(), days=DAYS)


def saved(advice: Advice) -> dict[str, Decimal]:
    return {
        item.resource.removeprefix(ARN): item.saving_month.mid
        for item in advice.recommendations
        if item.kind != "commitment"
    }


def test_without_commitments_each_saves_at_its_own_rate(tmp_path: Path) -> None:
    """4.608 a day are 140.16 a month; half the size is half of it."""
    assert saved(advised(tmp_path, 0)) == {IDLE: Decimal("140.16"), BUSY: Decimal("70.08")}


def test_another_machine_takes_over_the_commitment(tmp_path: Path) -> None:
    """One of three machines is covered: what it no longer uses covers another, which was paid in full."""
    found = advised(tmp_path, 1)
    assert saved(found) == {IDLE: Decimal("140.16"), BUSY: Decimal("70.08")}
    assert found.plans["USD"].left == {SCOPE: pytest.approx(0.5)}


def test_what_a_commitment_pays_for_in_any_case_is_not_saved(tmp_path: Path) -> None:
    """All three are covered: nothing that is switched off takes a cent off the bill until the plan ends."""
    found = advised(tmp_path, 3)
    assert saved(found) == {}
    reasons = {item.resource: item.reason for item in found.not_recommended}
    why = "beside commitments in place and all else in the plan it saves no more than it costs to do"
    assert reasons[f"{ARN}{IDLE}"] == reasons[f"{ARN}{BUSY}"] == why


def test_terms_are_what_the_bill_shows(tmp_path: Path) -> None:
    """Two machines covered are 9.216 a day, .384 an hour on demand; a renewal saves half again."""
    with desk_of(lake_of(tmp_path / "x", lines=list(committed(2)), used=used())) as desk:
        [(currency, terms)] = prepared(desk, files=CommitFiles()).terms().items()
    assert currency == "USD"
    assert terms.held == {SCOPE: pytest.approx(0.384)}
    assert terms.discount == {SCOPE: pytest.approx(0.5)}


def test_a_scope_without_use_in_the_window_changes_nothing(tmp_path: Path) -> None:
    """Terms of another scope, or of a currency without changes, leave each change at its own rate."""
    with desk_of(lake_of(tmp_path / "x", lines=list(committed(0)), used=used())) as desk:
        found = advise(desk, files=Files(), days=DAYS)
        changes = [one for one in found.recommendations if one.kind != "commitment"]
        terms = {
            code: Terms(("x_ProviderName", "ServiceName", "RegionId"), {"x": 1.0}, {})
            for code in ("EUR", "USD")
        }
        again = planned(desk.engine, found.world, changes, terms=terms)
    assert {one.recommendation.saving_month.mid for one in again["USD"].ranked} == {
        Decimal("140.16"),
        Decimal("70.08"),
    }
    assert again["EUR"].ranked == ()


def test_what_goes_in_one_currency_stays_in_the_other(tmp_path: Path) -> None:
    """Half of three machines goes in dollars; the one in euros, of the same scope, is there in full."""
    more = {"BillingCurrency": "EUR", "ServiceName": "Compute", "ListCost": ON_DEMAND}
    lines = [*committed(1), *(line(day, f"{ARN}euro", SIZE, ON_DEMAND, **more) for day in range(21))]
    with desk_of(lake_of(tmp_path / "x", lines=lines, used=used())) as desk:
        found = advise(desk, files=Files(), days=DAYS)
    hourly = {one.currency: float(one.gross.use.mean()) for one in found.commitments.sold}
    assert hourly == {"EUR": pytest.approx(4.608 / 24), "USD": pytest.approx(3 * 4.608 / 24 / 2)}
