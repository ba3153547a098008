from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.cost.savings import effective_savings_rate
from finops_lib.estate.truth import Truth
from finops_lib.privacy import People
from finops_lib.records import Period, plain

NOW = datetime(2026, 9, 20, tzinfo=UTC)
ENVIRON = {"FINOPS_PRIVACY_KEY": "0123456789abcdef" * 2}
TOTALS = """
SELECT strftime(BillingPeriodStart, '%Y-%m') AS month, SubAccountId AS account,
       sum(BilledCost) AS billed, sum(EffectiveCost) AS effective
FROM charges GROUP BY ALL
"""
Totals = dict[tuple[str, str], tuple[str, str]]


def totals(lake: Lake) -> Totals:
    with Engine(lake) as engine:
        frame = engine.query(TOTALS)
    return {
        (row["month"], row["account"]): (plain(Decimal(row["billed"])), plain(Decimal(row["effective"])))
        for row in frame.to_dict("records")
    }


def told(truth: Truth) -> Totals:
    return {
        (month, account): (costs["BilledCost"], costs["EffectiveCost"])
        for month, accounts in truth.totals.items()
        for account, costs in accounts.items()
    }


@pytest.mark.parametrize("form", ["focus", "cur", "cur-2.0"])
def test_a_lake_from_either_format_holds_the_truth(
    estate: tuple[Path, Truth], tmp_path: Path, form: str
) -> None:
    """Billed and effective cost by account and month are those of the truth, nothing set aside."""
    folder, truth = estate
    lake = Lake(tmp_path / "lake")
    people = People.open(tmp_path / "lake", ENVIRON)
    months = [folder / form / month for month in truth.months]
    found = ingest(months, lake=lake, people=people, now=NOW)
    assert found.rows_quarantined == 0
    assert totals(lake) == told(truth)


def test_the_savings_rate_does_not_depend_on_the_format(estate: tuple[Path, Truth], tmp_path: Path) -> None:
    """What is left unused of commitments stands on usage in FOCUS and on the fee in the AWS report."""
    folder, _ = estate
    rates = []
    for form in ("focus", "cur"):
        lake = Lake(tmp_path / form / "lake")
        people = People.open(lake.root, ENVIRON)
        ingest([folder / form / "2026-07"], lake=lake, people=people, now=NOW)
        with Engine(lake) as engine:
            rates.append(effective_savings_rate(engine, period=Period.month("2026-07")).iloc[0])
    focus, cur = rates
    assert focus["UnusedCommitment"] > 0
    assert [focus[name] for name in ("Rate", "Savings", "UnusedCommitment", "OnDemandEquivalent")] == [
        cur[name] for name in ("Rate", "Savings", "UnusedCommitment", "OnDemandEquivalent")
    ]


def test_nobody_is_named_in_the_lake(estate: tuple[Path, Truth], tmp_path: Path) -> None:
    """No name and no address of the truth is left in any cell."""
    folder, truth = estate
    lake = Lake(tmp_path / "lake")
    people = People.open(tmp_path / "lake", ENVIRON)
    ingest([folder / "focus" / "2026-07"], lake=lake, people=people, now=NOW)
    with Engine(lake) as engine:
        text = " ".join(
            engine.query("SELECT DISTINCT Tags FROM charges WHERE Tags IS NOT NULL")["Tags"]
        ).lower()
    planted = [word.lower() for kind in ("names", "addresses") for word in truth.people[kind]]
    assert [word for word in planted if word in text] == []
