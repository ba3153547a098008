"""Who pays for which charge: a bill worked by hand, 10,000 random ones, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from finops_lib.cost.allocation.allocate import Allocation, allocate, bill_lines, proved
from finops_lib.cost.allocation.clusters import cluster_report
from finops_lib.cost.allocation.rule_file import parse
from finops_lib.cost.allocation.rules import RuleFile
from finops_lib.cost.allocation.tables import chargeback
from finops_lib.cost.exact import total
from finops_lib.errors import CurrencyError, QueryError
from finops_lib.records import Period
from finops_lib.units import cents
from tests.benchmarks.allocation_bills import Case, case

BILLS, PARTS = 10_000, 10
RULES = parse(
    """
version = "1"
[[rule]]
name = "team tag"
method = "direct"
by = "tag:team"
[[rule]]
name = "accounts"
method = "direct"
by = "SubAccountId"
map = { "222222222222" = "web" }
where = { ChargeCategory = "Usage" }
[[rule]]
name = "tax"
method = "proportional"
where = { ChargeCategory = "Tax" }
to = ["web", "data"]
""",
    name="rules.toml",
)


def known(lines: pd.DataFrame) -> list[Decimal]:
    """Give the costs that are known."""
    return [cost for cost in lines["cost"] if isinstance(cost, Decimal) and cost.is_finite()]


def exact_sum(amounts: Any) -> Fraction:
    """Add up without decimals, by another way than the product."""
    return sum((Fraction(amount) for amount in amounts), Fraction(0))


def run(found: Case) -> Allocation:
    """Split one random bill."""
    return allocate(found.lines, rules=found.rules, usage=found.usage, clusters=found.clusters)


def test_a_bill_finds_its_teams(lake_of: Any, line: Any) -> None:
    """Data 30 by tag, web 8 + 2 by tag and account; 8 of tax go 2 to 6; a credit without a tag stays."""
    engine = lake_of(
        [
            line(cost="30", tags={"team": "data"}, SubAccountId="1"),
            line(cost="8", tags={"team": "web"}, SubAccountId="1"),
            line(cost="2"),
            line(cost="8", ChargeCategory="Tax"),
            line(cost="-1", ChargeCategory="Credit"),
        ]
    )
    lines = bill_lines(engine, rules=RULES, detail=["ServiceName"])
    assert {"ChargeCategory", "SubAccountId", "tag:team", "ServiceName", "cost"} <= set(lines)
    found = allocate(lines, rules=RULES)
    assert found.costs() == {"data": 36, "web": 12, None: -1}
    assert (found.currency, found.unknown, found.residual) == ("USD", 0, 0)
    assert total(found.costs().values()) == 47


def test_another_cost_and_period_can_be_asked_for(lake_of: Any, line: Any) -> None:
    """Billed 5 in July; the 7 of June are not asked for."""
    engine = lake_of([line(BilledCost="5", EffectiveCost="1", tags={"team": "web"}), line(day="2026-06-01")])
    july = Period.month("2026-07")
    lines = bill_lines(engine, rules=RULES, cost="BilledCost", period=july)
    assert allocate(lines, rules=RULES).costs() == {"web": 5}


def test_a_column_that_the_lake_lacks_is_refused(lake_of: Any, line: Any) -> None:
    """A rule on a tag that no charge carries, and lines without the columns of the rules."""
    with pytest.raises(QueryError, match="tag:team"):
        bill_lines(lake_of([line()]), rules=RULES)
    with pytest.raises(QueryError, match="lines without ChargeCategory, SubAccountId, tag:team"):
        allocate(pd.DataFrame({"BillingCurrency": [], "cost": []}), rules=RULES)


def bill(*costs: object, currency: object = "USD") -> pd.DataFrame:
    """Write lines that the rules leave alone."""
    frame = pd.DataFrame({"cost": list(costs)}, dtype=object)
    names = {"ChargeCategory": "Usage", "SubAccountId": "1", "tag:team": "web"}
    return frame.assign(BillingCurrency=currency, **names)


def test_an_empty_bill_has_no_cost() -> None:
    """No lines: no teams, nothing unknown, nothing left."""
    found = allocate(bill(), rules=RULES)
    assert (found.costs(), found.currency, found.unknown, found.residual) == ({}, "", 0, 0)


def test_unknown_costs_are_counted_and_not_taken_for_zero() -> None:
    """Three of four lines have no number."""
    found = allocate(bill(Decimal(2), None, Decimal("NaN"), float("nan")), rules=RULES)
    assert (found.costs(), found.unknown) == ({"web": 2}, 3)


def test_currencies_are_not_mixed() -> None:
    """Neither silently nor to the cent."""
    with pytest.raises(CurrencyError, match="EUR, USD"):
        allocate(bill(Decimal(1), Decimal(1), currency=["USD", "EUR"]), rules=RULES)


def test_costs_of_any_precision_come_back() -> None:
    """30 decimals and 30 digits are not rounded."""
    costs = [Decimal("1E-30"), Decimal("123456789012345678901234567890.5"), Decimal("-0.1")]
    assert exact_sum(allocate(bill(*costs), rules=RULES).costs().values()) == exact_sum(costs)


def test_the_proof_finds_a_lost_unit() -> None:
    """One unit less in one part is named."""
    found = allocate(bill(Decimal(1)), rules=RULES)
    lost = Allocation(
        found.rules, found.lines, found.line, found.team, found.count - 1, found.places, found.steps, 0
    )
    with pytest.raises(ArithmeticError, match="differ from the bill by 1E-20 USD"):
        proved(lost)


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_lost_on_random_bills(part: int) -> None:
    """10,000 bills of any amounts and rules: parts add up to each line and the bill, to the last digit."""
    for seed in range(part * BILLS // PARTS, (part + 1) * BILLS // PARTS):
        drawn = case(seed)
        found = run(drawn)
        costs = known(drawn.lines)
        assert exact_sum(found.costs().values()) == exact_sum(costs), seed
        assert found.unknown == len(drawn.lines) - len(costs)
        for step in found.steps:
            assert not step.split.teams or (step.given.sum(axis=1) == step.taken).all(), seed


@pytest.mark.parametrize("part", range(2))
def test_what_is_charged_adds_up_to_the_cent(part: int) -> None:
    """Items add up to teams and teams to the rounded bill, each within two units of its exact cost."""
    for seed in range(part * 400, (part + 1) * 400):
        found = run(case(seed))
        table = chargeback(found, by=["SubAccountId"])
        whole = total(known(found.lines)) or Decimal(0)
        charged = total(table["Amount"]) or Decimal(0)
        assert charged == cents(whole, currency=found.currency), seed
        unit = cents(Decimal(1), currency=found.currency).as_tuple().exponent
        near = 2 * Fraction(Decimal(1).scaleb(int(unit)))
        gaps = [Fraction(line.Amount) - Fraction(line.Exact) for line in table.itertuples()]
        assert all(abs(gap) <= near for gap in gaps), seed


def test_random_bills_try_every_method_with_and_without_an_answer() -> None:
    """The proof would be worth little if rules seldom placed anything."""
    seen = {
        (step.rule.method, bool(step.split.teams)) for seed in range(300) for step in run(case(seed)).steps
    }
    methods = {"direct", "proportional", "even", "usage", "shapley", "cluster"}
    assert seen == {(method, placed) for method in methods for placed in (True, False)} | {("fixed", True)}


def test_lines_in_another_order_cost_the_same() -> None:
    """Direct and fixed rules look at each line alone."""
    drawn = case(7)
    lines = bill(*[Decimal(n) / 7 for n in range(9)]).assign(**{"tag:team": list("abcabcabc")})
    order = np.random.default_rng(1).permutation(len(lines))
    one = allocate(lines, rules=RULES, usage=drawn.usage)
    other = allocate(lines.iloc[order].reset_index(drop=True), rules=RULES, usage=drawn.usage)
    assert one.costs() == other.costs()


def test_a_cluster_rule_takes_its_weights_from_the_report(lake_of: Any, line: Any) -> None:
    """A lake that holds no report: the node stays unallocated, and the bill is whole."""
    engine = lake_of([line(cost="12", ResourceId="arn:aws:ec2:eu:1:instance/i-1")])
    rules = parse('version = "1"\n[[rule]]\nname = "nodes"\nmethod = "cluster"', name="rules.toml")
    lines = bill_lines(engine, rules=rules)
    empty = cluster_report(engine, period=Period.month("2026-07"))
    assert allocate(lines, rules=rules, clusters=empty).costs() == {None: 12}
    row = {"Cluster": "c", "ResourceId": "i-1", "Kind": "workload", "BillingCurrency": "XXX", "Workload": "x"}
    told = [{**row, "Namespace": "web", "Cost": Decimal(2)}, {**row, "Namespace": "data", "Cost": Decimal(1)}]
    report = pd.DataFrame(told).assign(CpuCost=None, RamCost=None, GpuCost=None)
    assert allocate(lines, rules=rules, clusters=report).costs() == {
        "data": Decimal("3.999999999999999996"),
        "web": Decimal("8.000000000000000004"),
    }


def test_a_whole_cluster_can_be_named_by_a_tag() -> None:
    """Two nodes of the report are one cluster of the bill: 1 to 3 by what they cost."""
    text = """
version = "1"
[[rule]]
name = "cluster"
method = "cluster"
by = "tag:cluster"
level = "workload"
"""
    lines = pd.DataFrame({"tag:cluster": ["c"], "BillingCurrency": ["USD"], "cost": [Decimal(8)]})
    row = {"Cluster": "c", "Kind": "workload", "BillingCurrency": "XXX", "Namespace": "x"}
    told = [
        {**row, "ResourceId": "n1", "Workload": "api", "Cost": Decimal(1)},
        {**row, "ResourceId": "n2", "Workload": "job", "Cost": Decimal(3)},
    ]
    report = pd.DataFrame(told).assign(CpuCost=None, RamCost=None, GpuCost=None)
    found = allocate(lines, rules=parse(text, name="rules.toml"), clusters=report)
    assert found.costs() == {"api": 2, "job": 6}


def test_a_rule_file_is_kept_with_its_answer() -> None:
    """Which version split this bill can be asked later."""
    found = allocate(bill(Decimal(1)), rules=RuleFile("9", RULES.rules))
    assert found.rules.label == f"9 ({RULES.id})"
