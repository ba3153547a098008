"""Who could own what no rule placed: neighbours that a direct rule placed speak, shares do not."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from finops_lib.cost.allocation.allocate import allocate
from finops_lib.cost.allocation.leftover import leftover
from finops_lib.cost.allocation.owners import ranked_owners
from finops_lib.cost.allocation.rule_file import parse
from finops_lib.cost.exact import total
from finops_lib.errors import QueryError
from tests.benchmarks.allocation_bills import ACCOUNT, NODE, case

RULES = parse(
    """
version = "1"
[[rule]]
name = "tag"
method = "direct"
by = "tag:team"
[[rule]]
name = "tax"
method = "even"
where = { ServiceName = "Tax" }
to = ["ops"]
""",
    name="rules.toml",
)
# Account 1: web has 3, data 1; 8 of it and -2 of a credit are nobody's. Account 2: only a tax share of ops.
BILL = pd.DataFrame(
    [
        ("1", "web", "VM", 3),
        ("1", "data", "VM", 1),
        ("1", "(untagged)", "VM", 8),
        ("1", "(untagged)", "Credit", -2),
        ("2", "(untagged)", "Tax", 5),
        ("2", "(untagged)", "VM", 7),
    ],
    columns=["SubAccountId", "tag:team", "ServiceName", "cost"],
    dtype=object,
).assign(BillingCurrency="USD")
BILL["cost"] = pd.Series([Decimal(cost) for cost in BILL["cost"]], dtype=object)


def test_neighbours_placed_directly_are_the_evidence() -> None:
    """Web could own three quarters of 8 - 2; ops, which only has a share of a tax, is no candidate for 7."""
    found = ranked_owners(leftover(allocate(BILL, rules=RULES), evidence=[["SubAccountId"]]))
    assert [(line.Owner, line.Low, line.Mid, line.High) for line in found.itertuples()] == [
        ("web", Decimal(-2), Decimal("4.5"), Decimal(8)),
        ("data", Decimal(-2), Decimal("1.5"), Decimal(8)),
        ("(nobody)", Decimal(7), Decimal(7), Decimal(7)),
    ]


def test_a_line_of_which_a_part_is_placed_has_only_its_rest_ranked() -> None:
    """Of 10 a cluster's report leaves 4 to nobody: just these are looked for an owner."""
    nothing = dict.fromkeys(("CpuCost", "RamCost", "GpuCost"))
    report = pd.DataFrame(
        {"Namespace": ["web", "(none)"], "Cost": [Decimal(6), Decimal(4)], "Cluster": "c", "ResourceId": "n"}
    ).assign(Workload="w", Kind="workload", BillingCurrency="XXX", **nothing)
    rules = parse('version = "1"\n[[rule]]\nname = "n"\nmethod = "cluster"', name="r.toml")
    bill = pd.DataFrame(
        {"ResourceId": ["n"], "SubAccountId": "1", "BillingCurrency": "USD", "cost": [Decimal(10)]}
    )
    found = leftover(allocate(bill, rules=rules, clusters=report), evidence=[["SubAccountId"]])
    assert [(line.Owner, line.Amount) for line in found.itertuples()] == [("(nobody)", Decimal(4))]


@pytest.mark.parametrize("seed", range(7000, 7060))
def test_the_amounts_add_up_to_what_is_unallocated(seed: int) -> None:
    """On random bills and rules, to the last digit."""
    one = case(seed)
    split = allocate(one.lines, rules=one.rules, usage=one.usage, clusters=one.clusters)
    found = leftover(split, evidence=[[NODE], [ACCOUNT]])
    assert (total(found["Amount"]) or 0) == split.costs().get(None, 0)


def test_evidence_that_the_bill_lacks_is_asked_for() -> None:
    """With the columns that are lost."""
    with pytest.raises(QueryError, match="lines without RegionId: evidence is looked for in them"):
        leftover(allocate(BILL, rules=RULES), evidence=[["RegionId"]])
