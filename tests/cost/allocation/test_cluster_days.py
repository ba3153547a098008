"""Daily cost of workloads by a cluster's own report: idle cost, long windows and unknown cost left out."""

from __future__ import annotations

from typing import Any

import pytest

from finops_lib.cost.allocation.cluster_days import cluster_days
from tests.cost.allocation.test_clusters import allocation

ROWS = [
    allocation("web/api", cost="1.5", cpu="1.5", team="w"),
    {**allocation("web/api", cost="0.5", cpu="0.5", team="w"), "properties.providerID": "i-2"},
    allocation("web/api", cost="2.5", cpu="2.5", day="02", team="w"),
    allocation("data/job", cost="2", cpu="2"),
    allocation("__idle__", cost="3", cpu="3"),
]


def test_days_are_told_by_workload_with_nodes_added_up(lake_of: Any) -> None:
    """On July 1 the API cost 1.5 and 0.5 on two nodes; idle cost is nobody's run."""
    found = cluster_days(lake_of(ROWS), tag="tag:team")
    told = {
        (f"{row.time:%d}", row.Namespace, row.Controller, row._5): row.value for row in found.itertuples()
    }
    assert told == {
        ("01", "web", "api", "w"): 2.0,
        ("02", "web", "api", "w"): 2.5,
        ("01", "data", "job", "(untagged)"): 2.0,
    }
    assert set(found["Cluster"]) == {"one"}
    assert set(found["BillingCurrency"]) == {"XXX"}


@pytest.mark.parametrize("tag", ["", "tag:nobody", "ServiceName", 'tag:"; DROP TABLE allocations; --'])
def test_a_label_that_no_report_has_is_left_out(lake_of: Any, tag: str) -> None:
    """So are columns, which are no labels."""
    found = cluster_days(lake_of(ROWS), tag=tag)
    assert list(found) == ["time", "Cluster", "Namespace", "Controller", "BillingCurrency", "value"]
    assert found["value"].sum() == 6.5


def test_a_window_longer_than_a_day_says_nothing_of_days(lake_of: Any) -> None:
    """A report of a week is not spread; what is left of the lake is told."""
    week = {
        **allocation("web/batch", cost="70", cpu="70", day="08"),
        "window.end": "2026-07-15T00:00:00Z",
        "end": "2026-07-15T00:00:00Z",
    }
    found = cluster_days(lake_of([*ROWS, week]))
    assert "batch" not in set(found["Controller"])
    assert found["value"].sum() == 6.5


def test_without_a_report_there_is_no_day(lake_of: Any, line: Any) -> None:
    """A bill is no report of a cluster."""
    assert cluster_days(lake_of([line()])).empty
