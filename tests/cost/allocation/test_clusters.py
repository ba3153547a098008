"""A cluster's cost by namespace, workload and label: idle money by hand, sums to the last digit."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.cost.allocation.clusters import IDLE, cluster_costs, cluster_report, cluster_weights
from finops_lib.cost.exact import total
from finops_lib.errors import CurrencyError, QueryError
from finops_lib.records import Period

COLUMNS = ["Cluster", "ResourceId", "Namespace", "Workload", "Kind", "Cost", "CpuCost", "RamCost", "GpuCost"]


def report(*rows: tuple[str, str, str, str, Any, Any, Any]) -> pd.DataFrame:
    """Write rows of node, namespace, workload, kind, cost, processors and memory; one cluster, no GPU."""
    lines = [("c", *row[:4], *(number(cost) for cost in row[4:]), Decimal(0)) for row in rows]
    frame = pd.DataFrame(lines, columns=COLUMNS, dtype=object)
    return frame.assign(BillingCurrency="XXX")


def number(cost: object) -> Decimal | None:
    return None if cost is None else Decimal(str(cost))


# Web takes 6 of 8 of the processors and 1 of 5 of the memory; 8 of processors and 5 of memory lie idle.
TWO = report(
    ("n1", "web", "api", "workload", 7, 6, 1),
    ("n1", "data", "job", "workload", 6, 2, 4),
    ("n1", "(none)", "(none)", "idle", 13, 8, 5),
)


def costs(frame: pd.DataFrame, **asked: Any) -> dict[str, tuple[Decimal, Decimal]]:
    """Give own and idle money by name."""
    found = cluster_costs(frame, **asked)
    return {line.Name: (line.Own, line.Idle) for line in found.itertuples()}


def test_idle_money_goes_by_the_resource_that_lies_idle() -> None:
    """Web: 8 x 6/8 + 5 x 1/5 = 7; data: 8 x 2/8 + 5 x 4/5 = 6."""
    assert costs(TWO) == {"data": (6, 6), "web": (7, 7)}


def test_idle_money_can_be_split_evenly_or_shown() -> None:
    """Half of 13 each; or 13 on a line of its own."""
    assert costs(TWO, idle="even") == {"data": (6, Decimal("6.5")), "web": (7, Decimal("6.5"))}
    assert costs(TWO, idle="own") == {IDLE: (0, 13), "data": (6, 0), "web": (7, 0)}


def test_the_bill_is_what_is_split_not_the_report() -> None:
    """The report says 26 in all, the bill 52: everything doubles, and adds up to the bill."""
    assert costs(TWO, billed={"c": Decimal(52)}) == {"data": (12, 12), "web": (14, 14)}
    third = cluster_costs(TWO, billed={"c": Decimal("100.01")})
    assert total(third["Cost"]) == Decimal("100.01")


def test_an_adjusted_report_keeps_its_total() -> None:
    """Idle parts of 8 and 5 but 6.5 in all after adjustment: half of each, so web 3.5 and data 3."""
    adjusted = TWO.assign(Cost=[Decimal(7), Decimal(6), Decimal("6.5")])
    assert costs(adjusted) == {"data": (6, 3), "web": (7, Decimal("3.5"))}


def test_idle_money_beyond_processors_and_memory_goes_by_cost() -> None:
    """A report that names no parts: idle 13 by cost, 7 to 6."""
    bare = TWO.assign(CpuCost=None, RamCost=None, GpuCost=None)
    assert costs(bare) == {"data": (6, 6), "web": (7, 7)}


def test_shared_money_is_carried_like_idle_and_other_money_stays_where_it_is() -> None:
    """Shared 13 is split; what an unmounted volume costs belongs to no namespace."""
    frame = report(
        ("n1", "web", "api", "workload", 5, 0, 0),
        ("n1", "(none)", "(none)", "shared", 13, 0, 0),
        ("n1", "(none)", "(none)", "unmounted", 5, 0, 0),
    )
    assert costs(frame) == {"(none)": (5, Decimal("6.5")), "web": (5, Decimal("6.5"))}
    assert cluster_weights(frame, scope="Cluster")["c"][None] == (5, Fraction(13, 2))


def test_on_a_node_where_nothing_runs_idle_money_goes_to_the_cluster() -> None:
    """Node 2 is all idle: its 10 go to web and data by what they cost on node 1, 3 to 1."""
    frame = report(
        ("n1", "web", "api", "workload", 3, 0, 0),
        ("n1", "data", "job", "workload", 1, 0, 0),
        ("n2", "(none)", "(none)", "idle", 10, 0, 0),
    )
    found = cluster_weights(frame, scope="ResourceId")
    assert found["n2"] == {"web": (0, Fraction(15, 2)), "data": (0, Fraction(5, 2))}
    assert found["n1"] == {"web": (3, 0), "data": (1, 0)}


def test_a_cluster_where_nothing_runs_stays_idle() -> None:
    """All of it is idle, also when the bill says how much; without any cost there is nothing to say."""
    idle = report(("n1", "(none)", "(none)", "idle", 4, 0, 0))
    assert costs(idle) == {IDLE: (0, 4)}
    nothing = report(("n1", "web", "api", "workload", 0, 0, 0))
    assert costs(nothing, billed={"c": Decimal(9)}) == {IDLE: (0, 9)}


@pytest.mark.parametrize("cost", [None, "-5", "NaN", "1E+5000"])
def test_a_cost_that_is_no_weight_weighs_nothing(cost: str | None) -> None:
    """Unknown, below zero, or absurd: the others share the cluster."""
    frame = report(("n1", "web", "api", "workload", 2, 0, 0), ("n1", "odd", "x", "workload", cost, cost, 0))
    assert costs(frame, billed={"c": Decimal(8)}) == {"odd": (0, 0), "web": (8, 0)}


def test_a_report_in_two_currencies_is_refused() -> None:
    """Their amounts are no weights of one another."""
    mixed = TWO.assign(BillingCurrency=["USD", "EUR", "EUR"])
    with pytest.raises(CurrencyError, match="EUR, USD"):
        cluster_costs(mixed)


def test_a_level_that_the_report_lacks_is_refused() -> None:
    """A label must have been asked for."""
    with pytest.raises(QueryError, match="tag:team"):
        cluster_costs(TWO, level="tag:team")


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["n1", "n2"]),
        st.sampled_from(["web", "data", "(none)"]),
        st.sampled_from(["api", "job"]),
        st.sampled_from(["workload", "idle", "shared", "external"]),
        *[st.decimals(-5, 100, places=4)] * 3,
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None)
@given(ROWS, st.sampled_from(["proportional", "even", "own"]), st.decimals(-100, 10**6, places=5))
def test_nothing_of_a_cluster_is_lost(rows: list[Any], idle: str, billed: Decimal) -> None:
    """Own and idle make the cost, costs make the bill, and without a bill the report's own sum."""
    frame = report(*rows)
    found = cluster_costs(frame, idle=idle, billed={"c": billed})
    assert total(found["Cost"]) == billed
    assert all(line.Own + line.Idle == line.Cost for line in found.itertuples())
    counted = [max(cost, Decimal(0)) for cost in frame["Cost"]]
    assert total(cluster_costs(frame, idle=idle)["Cost"]) == total(counted)


JULY = Period.month("2026-07")


def allocation(name: str, *, cost: str, cpu: str, day: str = "01", **labels: str) -> dict[str, str]:
    """Write one row of an OpenCost report."""
    namespace, _, controller = name.partition("/")
    opens, closes = f"2026-07-{day}T00:00:00Z", f"2026-07-{int(day) + 1:02d}T00:00:00Z"
    idle = name == "__idle__"
    return {
        "name": name,
        "properties.cluster": "one",
        "properties.namespace": "" if idle else namespace,
        "properties.controller": controller,
        "properties.providerID": "i-1",
        "properties.labels": json.dumps(labels),
        "window.start": opens,
        "window.end": closes,
        "start": opens,
        "end": closes,
        "cpuCost": cpu,
        "ramCost": "0",
        "totalCost": cost,
    }


def test_a_report_is_read_from_the_lake(lake_of: Any) -> None:
    """Two days of the month add up; 3 of idle money go 2 to 1; August is not asked for."""
    engine = lake_of(
        [
            allocation("web/api", cost="1.5", cpu="1.5", team="w"),
            allocation("web/api", cost="2.5", cpu="2.5", day="02", team="w"),
            allocation("data/job", cost="2", cpu="2"),
            allocation("__idle__", cost="3", cpu="3"),
        ]
    )
    found = cluster_report(engine, period=JULY, labels=["team"])
    assert [list(row) for row in found[["Workload", "Kind", "tag:team", "Cost"]].to_numpy()] == [
        ["job", "workload", "(untagged)", 2],
        ["api", "workload", "w", 4],
        ["(none)", "idle", "(untagged)", 3],
    ]
    assert set(found["ResourceId"]) == {"i-1"}
    assert costs(found) == {"data": (2, 1), "web": (4, 2)}
    assert costs(found, level="workload") == {"api": (4, 2), "job": (2, 1)}
    assert costs(found, level="tag:team") == {"(untagged)": (2, 1), "w": (4, 2)}
    assert cluster_report(engine, period=Period.month("2026-08")).empty


def test_a_lake_without_a_report_has_none(lake_of: Any, line: Any) -> None:
    """No rows, no crash; a label that no report has is refused."""
    engine = lake_of([line()])
    assert cluster_report(engine, period=JULY).empty
    assert cluster_costs(cluster_report(engine, period=JULY)).empty
    with pytest.raises(QueryError, match="tag:team"):
        cluster_report(engine, period=JULY, labels=["team"])
