"""What teams are shown and charged, and the way from a line of the bill to a team, worked by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from finops_lib.cost.allocation.allocate import Allocation, allocate
from finops_lib.cost.allocation.rule_file import parse
from finops_lib.cost.allocation.tables import chargeback, dispute, showback, team_name
from finops_lib.cost.exact import difference, total
from finops_lib.errors import QueryError
from tests.benchmarks.allocation_bills import case

RULES = parse(
    """
version = "1"
[[rule]]
name = "tag"
method = "direct"
by = "tag:team"
[[rule]]
name = "split the platform"
method = "fixed"
from = "platform"
where = { ServiceName = "K8s" }
shares = { web = 0.75, data = 0.25 }
[[rule]]
name = "network"
method = "even"
where = { ServiceName = "VPC" }
to = ["web", "data", "ml"]
""",
    name="rules.toml",
)


def split(*lines: tuple[str, str, str], currency: str = "USD") -> Allocation:
    """Split lines of team, service and cost."""
    bill = pd.DataFrame(lines, columns=["tag:team", "ServiceName", "cost"], dtype=object)
    bill["cost"] = pd.Series([Decimal(cost) for cost in bill["cost"]], dtype=object)
    return allocate(bill.assign(BillingCurrency=currency), rules=RULES)


# The platform's 40 go 30 to web and 10 to data; of 1 of network everybody has a third; 2 of tax nobody has.
DAY = split(
    ("web", "Compute", "10"),
    ("platform", "K8s", "40"),
    ("platform", "Storage", "5"),
    ("(untagged)", "VPC", "1"),
    ("(untagged)", "Tax", "2"),
)


def rows(table: pd.DataFrame, *columns: str) -> list[list[Any]]:
    """Give these columns, amounts to the cent."""
    return [
        [value.quantize(Decimal("0.01")) if isinstance(value, Decimal) else value for value in line]
        for line in table[list(columns)].itertuples(index=False)
    ]


def money(*texts: str) -> list[Decimal]:
    """Read amounts."""
    return [Decimal(text) for text in texts]


def test_showback_tells_own_cost_from_shares() -> None:
    """Web: 10 of its own and 30.33 of others'; the platform keeps 5; what nobody has stands last."""
    assert rows(showback(DAY), "Team", "Direct", "Shared", "Cost") == [
        ["data", *money("0.00", "10.33", "10.33")],
        ["ml", *money("0.00", "0.33", "0.33")],
        ["platform", *money("5.00", "0.00", "5.00")],
        ["web", *money("10.00", "30.33", "40.33")],
        ["(unallocated)", *money("0.00", "2.00", "2.00")],
    ]
    assert total(showback(DAY)["Cost"]) == 58
    assert total(showback(DAY)["Share"]) == pytest.approx(Decimal(1))


def test_every_table_names_its_rules() -> None:
    """Version and id, in each row, so that a table that travels alone can be asked by which rules."""
    for table in (showback(DAY), chargeback(DAY), dispute(DAY)):
        assert set(table["Rules"]) == {f"1 ({RULES.id})"}


IDLE_RULES = """
version = "1"
[[rule]]
name = "nodes"
method = "cluster"
where = { ServiceName = "VM" }
[[rule]]
name = "data pays web"
method = "fixed"
from = "data"
shares = { web = 0.5, data = 0.5 }
"""
# Of 12 in the report 8 run (6 web, 2 data) and 4 are idle, shared 3 to 1; the bill has 24 for the node.
REPORT = pd.DataFrame(
    [
        ("c", "n", "web", "workload", "6"),
        ("c", "n", "data", "workload", "2"),
        ("c", "n", "(none)", "idle", "4"),
    ],
    columns=["Cluster", "ResourceId", "Namespace", "Kind", "Cost"],
).assign(Workload="w", BillingCurrency="XXX")


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        # 24 is twice the report: web 12 own and 6 idle, data 4 and 2.
        (IDLE_RULES.partition("[[rule]]\nname = \"data pays")[0], [("data", "2", "4"), ("web", "6", "12")]),
        # Data's 6 go on to web by halves: the idle part of it is no longer told apart.
        (IDLE_RULES, [("data", "0", "3"), ("web", "6", "15")]),
        (IDLE_RULES.replace('{ ServiceName = "VM" }', '{ ServiceName = "VM" }\nidle = "own"', 1),
         [("(idle)", "8", "0"), ("data", "0", "2"), ("web", "0", "14")]),
    ],
)  # fmt: skip
def test_idle_money_of_a_cluster_is_told_apart(rules: str, told: list[tuple[str, str, str]]) -> None:
    """What a team pays for empty space is neither its own nor a share of others' charges."""
    costs = [Decimal(cost) for cost in REPORT["Cost"]]
    report = REPORT.assign(
        Cost=pd.Series(costs, dtype=object), CpuCost=None, RamCost=None, GpuCost=None
    ).astype(object)
    bill = pd.DataFrame(
        {"ServiceName": ["VM"], "ResourceId": "n", "BillingCurrency": "USD", "cost": [Decimal(24)]}
    )
    table = showback(allocate(bill, rules=parse(rules, name="r.toml"), clusters=report))
    found = rows(table, "Team", "Idle", "Shared")
    assert found == [
        [team, Decimal(idle).quantize(Decimal("0.01")), Decimal(shared)] for team, idle, shared in told
    ]
    assert total(table["Cost"]) == 24


def test_showback_by_a_column_of_the_bill() -> None:
    """Items in the order of teams and services."""
    found = showback(DAY, by=["ServiceName"])
    assert rows(found[found["Team"] == "data"], "ServiceName", "Cost") == [
        ["K8s", Decimal("10.00")],
        ["VPC", Decimal("0.33")],
    ]


def test_direct_money_that_moves_on_directly_stays_direct() -> None:
    """From the platform by a second tag: still the team's own."""
    rules = parse(
        """
version = "1"
[[rule]]
name = "account"
method = "direct"
by = "account"
[[rule]]
name = "tag"
method = "direct"
from = "platform"
by = "tag:team"
""",
        name="rules.toml",
    )
    bill = pd.DataFrame(
        {"account": ["platform"], "tag:team": ["web"], "BillingCurrency": "USD", "cost": [Decimal(3)]}
    )
    assert rows(showback(allocate(bill, rules=rules)), "Team", "Direct", "Shared") == [
        ["web", *money("3.00", "0.00")]
    ]


def test_cents_are_shared_out_by_largest_remainder() -> None:
    """1.00 by three: 33 cents each would lose one; the first of equal remainders has it."""
    thirds = split(("(untagged)", "VPC", "1.00"))
    assert [str(amount) for amount in chargeback(thirds)["Amount"]] == ["0.33", "0.33", "0.34"]


def test_items_add_up_to_what_their_team_is_charged() -> None:
    """Three items of 0.005 are 0.015, charged 0.02, not 0.00 or 0.03."""
    found = chargeback(split(*[("web", name, "0.005") for name in "ABC"]), by=["ServiceName"])
    assert [str(amount) for amount in found["Amount"]] == ["0.01", "0.01", "0.00"]


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "1"), ("USD", "1.25"), ("KWD", "1.250")])
def test_the_smallest_unit_is_that_of_the_currency(currency: str, amount: str) -> None:
    """No decimals in yen, three in dinars."""
    charged = chargeback(split(("web", "A", "1.25"), currency=currency))
    assert [str(value) for value in charged["Amount"]] == [amount]


def test_an_empty_bill_charges_nobody() -> None:
    """Empty tables with their columns."""
    nothing = split()
    assert list(chargeback(nothing)) == ["Team", "BillingCurrency", "Exact", "Amount", "Rules"]
    assert (len(showback(nothing)), len(chargeback(nothing)), len(dispute(nothing))) == (0, 0, 0)


def test_a_dispute_goes_from_line_to_team() -> None:
    """Web's part of the cluster: 40 to the platform by its tag, three quarters of it to web."""
    found = dispute(DAY, team="web", where={"ServiceName": "K8s"})
    columns = ("Step", "Rule", "From", "To", "LineCost", "Share", "Amount")
    assert rows(found, *columns) == [
        [1, "tag", "bill", "platform", *money("40.00", "1.00", "40.00")],
        [2, "split the platform", "platform", "web", *money("40.00", "0.75", "30.00")],
    ]
    assert list(found["Weight"]) == ["platform", "0.75"]
    assert list(found["Unit"]) == ["tag:team", "agreed share"]
    assert list(found["ShareBound"]) == [0, 0]


def test_a_dispute_of_a_team_that_gives_away_shows_both() -> None:
    """The platform got 45 and gave 40."""
    found = dispute(DAY, team="platform")
    assert rows(found, "From", "To", "Amount") == [
        ["bill", "platform", Decimal("40.00")],
        ["platform", "web", Decimal("30.00")],
        ["platform", "data", Decimal("10.00")],
        ["bill", "platform", Decimal("5.00")],
    ]


def test_money_that_nobody_has_says_why() -> None:
    """The tax had no tag, and no rule is for it; the network, which has found its teams, is not named."""
    found = dispute(DAY, team="(unallocated)")
    assert rows(found, "ServiceName", "To", "Amount", "Reason") == [
        ["Tax", "(unallocated)", Decimal("0.00"), "tag:team has no value"]
    ]


def test_all_steps_can_be_seen() -> None:
    """Without a team: each line with what each rule did to it, dry steps too."""
    found = dispute(DAY, where={"ServiceName": "VPC"})
    assert list(found["To"]) == ["(unallocated)", "web", "data", "ml"]
    assert list(found["Reason"]) == ["tag:team has no value", "", "", ""]


def test_a_hostile_name_is_no_mark() -> None:
    """A tag that spells like our word for nobody is told apart."""
    found = split(("(unallocated)", "A", "1"), ("(untagged)", "A", "2"))
    assert rows(showback(found), "Team", "Cost") == [
        ['"(unallocated)"', Decimal("1.00")],
        ["(unallocated)", Decimal("2.00")],
    ]
    assert rows(dispute(found, team='"(unallocated)"'), "To", "Amount") == [
        ['"(unallocated)"', Decimal("1.00")]
    ]


def test_what_is_not_there_is_refused() -> None:
    """A team without a part, a column that the lines lack."""
    with pytest.raises(QueryError, match="team 'nobody'"):
        dispute(DAY, team="nobody")
    for ask in (
        lambda: showback(DAY, by=["RegionId"]),
        lambda: chargeback(DAY, by=["RegionId"]),
        lambda: dispute(DAY, where={"RegionId": "x"}),
    ):
        with pytest.raises(QueryError, match="column 'RegionId'"):
            ask()


def test_the_steps_to_a_team_less_those_from_it_are_its_cost() -> None:
    """On random bills and rules, exactly, for every team."""
    for seed in range(60):
        drawn = case(seed)
        found = allocate(drawn.lines, rules=drawn.rules, usage=drawn.usage, clusters=drawn.clusters)
        for team, cost in found.costs().items():
            steps = dispute(found, team=team_name(team))
            if team is not None:
                got, given = (
                    total(steps.loc[steps[side] == team_name(team), "Amount"]) or Decimal(0)
                    for side in ("To", "From")
                )
                assert difference(got, given) == cost, (seed, team)
