"""From bills and cluster reports to teams, on the sample company: every method, conserved to the cent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.cost.allocation.allocate import allocate
from finops_lib.cost.allocation.cluster_bill import machines
from finops_lib.cost.allocation.clusters import cluster_report
from finops_lib.cost.allocation.tables import chargeback, dispute, showback
from finops_lib.cost.exact import difference, total
from finops_lib.cost.split import money
from finops_lib.estate.sharing import METRICS_FILE, RULES_FILE
from finops_lib.estate.whole import write_whole
from finops_lib.records import Period
from finops_lib.run.allocated import Allocated, open_allocation
from finops_lib.run.allocating import ROWS
from finops_lib.run.demo import fill_lake
from finops_lib.run.desk import Desk, open_desk
from finops_lib.run.show import SUMMARY_TYPE
from finops_lib.units import cents

ENVIRON = {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"}
MONTH = "2026-08"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write three months of the company, and take in all its bills."""
    folder = tmp_path_factory.mktemp("estate")
    write_whole(folder / "samples", rows=6_000, seed=11, months=3)
    fill_lake(folder / "lake", samples=folder / "samples", environ=ENVIRON)
    return folder


@pytest.fixture(scope="module")
def desk(samples: Path) -> Iterator[Desk]:
    """Open its lake in September, looking at August."""
    found = open_desk(str(samples / "lake"), month=MONTH, now="2026-09-20")
    with found.engine:
        yield found


@pytest.fixture(scope="module")
def august(desk: Desk, samples: Path) -> Allocated:
    """Split August by the company's own rules."""
    files = {"rules": samples / "samples" / RULES_FILE, "metrics": samples / "samples" / METRICS_FILE}
    return open_allocation(desk, **{name: str(path) for name, path in files.items()})


def test_all_bills_are_with_teams_or_with_nobody_to_the_cent(august: Allocated) -> None:
    """Exactly the month's total that the bills state, and in whole cents what is charged."""
    whole = august.desk.totals()["effective"]
    assert whole is not None
    assert total(showback(august.allocation)["Cost"]) == whole
    assert total(chargeback(august.allocation)["Amount"]) == cents(whole, currency="USD")
    assert august.allocation.residual == 0
    items = chargeback(august.allocation, by=["ServiceName"])
    assert total(items["Amount"]) == cents(whole, currency="USD")
    told = json.loads(json.dumps(august.summary().bundle[SUMMARY_TYPE]))
    assert sum(Decimal(team["amount"]) for team in told["teams"]) == cents(whole, currency="USD")


def test_every_rule_places_money(august: Allocated) -> None:
    """Direct, proportional, fixed, even, usage, Shapley and cluster: none of them is there for show."""
    found = august.applied().set_index("Rule")
    assert (found["Lines"] > 0).all()
    assert {"direct", "proportional", "fixed", "even", "usage", "shapley", "cluster"} == set(found["Method"])
    assert not [note for note in august.noted() if "placed nothing" in note]


@pytest.mark.parametrize("level", ["namespace", "workload", "tag:team"])
def test_cluster_cost_on_the_bill_goes_down_to_each_level(august: Allocated, level: str) -> None:
    """Own and idle add up to each part, and the parts of all clusters to the charges for their machines."""
    found = august.clusters(level)
    nodes = set(cluster_report(august.desk.engine, period=august.period)["ResourceId"])
    lines = august.allocation.lines
    charged = [
        cost
        for name, cost in zip(lines["ResourceId"], lines["cost"], strict=True)
        if name.rpartition("/")[2] in nodes and cost is not None
    ]
    assert total(found["Cost"]) == total(charged) != 0
    assert all(row.Own + row.Idle == row.Cost for row in found.itertuples())
    assert (total(found["Idle"]) or 0) > 0
    assert len(found) > found["Cluster"].nunique()


def test_a_teams_part_of_a_cluster_is_that_of_its_workloads(august: Allocated) -> None:
    """What a team got of a cluster of one machine is what its label costs there, idle money included."""
    assert august.report is not None
    homes = machines(august.report)
    single = {name: node for node, name in homes.items() if list(homes.values()).count(name) == 1}
    by_label = august.clusters("tag:team")
    checked = 0
    for step in august.allocation.steps:
        cluster = {node: name for name, node in single.items()}.get(step.key.rpartition("/")[2])
        if step.rule.method != "cluster" or cluster is None:
            continue
        shown = by_label[by_label["Cluster"] == cluster].set_index("Name")["Cost"]
        for place, team in enumerate(step.split.teams):
            given = money(sum(step.given[:, place]), places=august.allocation.places)
            assert abs(given - shown[team or "(untagged)"]) < Decimal("1e-12")
            checked += 1
    assert checked


def test_idle_money_may_stay_on_a_line_of_its_own(august: Allocated) -> None:
    """Nobody's workload then pays for empty room, and the bill is conserved all the same."""
    rules = tuple(replace(rule, idle="own") for rule in august.rules.rules)
    found = allocate(
        august.allocation.lines, rules=replace(august.rules, rules=rules), clusters=august.report
    )
    idle = showback(found).set_index("Team")
    assert idle.loc["(idle)", "Cost"] > 0
    assert idle.loc["(idle)", "Idle"] == idle.loc["(idle)", "Cost"]
    assert total(idle["Cost"]) == total(showback(august.allocation)["Cost"])


def test_the_unallocated_is_ranked_by_who_could_own_it(august: Allocated) -> None:
    """Real teams, most first, with bounds around the middle; the middles are all of it."""
    found = august.owners
    assert total(found["Mid"]) == august.allocation.costs()[None]
    named = found[found["Owner"] != "(nobody)"]
    assert len(named) >= 3
    assert list(named["Mid"]) == sorted(named["Mid"], reverse=True)
    assert set(named["Owner"]) <= {"platform", "checkout", "tracking", "data", "mobile", "ml", "security"}
    assert all(row.Low <= row.Mid <= row.High for row in named.itertuples())


def test_a_row_of_the_bill_can_be_followed_to_its_teams(august: Allocated) -> None:
    """Each row by itself: the steps that gave a queue's charge to teams add up to what the row says."""
    rows = august.split(detail=ROWS)
    assert rows.costs().keys() == august.allocation.costs().keys()
    queues = rows.lines[rows.lines["ServiceName"] == "Amazon Simple Queue Service"]
    steps = dispute(rows, where={"ServiceName": "Amazon Simple Queue Service"})
    one = queues.loc[queues["cost"].map(lambda cost: cost is not None and cost > 0)].iloc[0]
    mine = steps[
        (steps["x_SourceRow"] == one["x_SourceRow"]) & (steps["x_SnapshotId"] == one["x_SnapshotId"])
    ]
    assert total(mine.loc[mine["From"] == "bill", "Amount"]) == one["cost"]
    assert list(mine["Step"]) == sorted(mine["Step"])
    assert set(steps["Rules"]) == {august.rules.label}


def test_what_a_team_is_shown_is_what_its_steps_gave_it(august: Allocated) -> None:
    """What came to it less what left it, of all lines."""
    for team in ("tracking", "ml"):
        steps = dispute(august.allocation, team=team)
        came, left = (total(steps.loc[steps[end] == team, "Amount"]) for end in ("To", "From"))
        shown = august.shown.set_index("Team").loc[team, "Cost"]
        assert difference(came, left or Decimal(0)) == shown


def test_unit_costs_have_their_parts(august: Allocated) -> None:
    """Customers, requests, tokens and GPU hours; price, efficiency and the rest add up to the change."""
    for asked in august.measured:
        change = august.unit_change(asked)
        if change is None:  # this small bill may lack a service in one of the months, and says so
            assert any(asked.name in note for note in august.noted()) or asked.metric != "customers"
            continue
        parts = [change.price, change.efficiency, change.new_and_ended, change.other]
        assert total(parts) == change.change == difference(change.after, change.before)


def test_commitments_have_a_scorecard(august: Allocated) -> None:
    """Coverage, utilisation, rate and what was left unused; by quantity, too."""
    card = august.scorecard.iloc[0]
    assert 0 < card["Coverage"] <= 1
    assert 0 < card["Utilisation"] < 1
    assert card["Unused"] > 0
    assert 0 < card["SavingsRate"] < 1
    known = august.quantities[august.quantities["Utilisation"].notna()]
    assert set(known["CommitmentDiscountUnit"]) == {"Hrs", "USD"}
    assert all(0 < value <= 1 for value in known["Utilisation"])


def test_another_month_has_its_own_rules(samples: Path) -> None:
    """Of the two entries for support one holds in July, and without metrics the bill is conserved, too."""
    desk = open_desk(str(samples / "lake"), month="2026-07", now="2026-09-20")
    with desk.engine:
        found = open_allocation(desk, rules=str(samples / "samples" / RULES_FILE))
        assert [rule.name for rule in found.rules.rules].count("support") == 1
        assert found.allocation.residual == 0
        assert found.rules.at(Period.month("2026-07")).id == found.rules.id
