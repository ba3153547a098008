"""The resource model: one adapter for each kind, a resource's charges in one row, workloads beside them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops_lib.cost.resources import Told, kind_of, kinds, resources
from finops_lib.records import Period

JULY = Period.month("2026-07")


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (Told("compute", "virtual machines", "", own=False), "virtual machine"),
        (
            Told("compute", "other (compute)", "microsoft.compute/virtualmachines", own=False),
            "virtual machine",
        ),
        (Told("compute", "serverless compute", "function", own=False), "function"),
        (Told("compute", "containers", "task", own=False), "container"),
        (Told("databases", "caching", "", own=False), "database"),
        (Told("storage", "object storage", "", own=False), "bucket"),
        (Told("storage", "block storage", "", own=False), "disk"),
        (Told("networking", "content delivery", "", own=False), "network"),
        (Told("ai and machine learning", "generative ai", "", own=False), "model"),
        (Told("databases", "", "database", own=True), "own machine"),
        (Told("management and governance", "support", "", own=False), "other"),
    ],
)
def test_each_kind_has_its_adapter(told: Told, kind: str) -> None:
    """The first adapter that knows a resource decides: a machine of one's own is one, whatever runs on it."""
    assert kind_of(told) == kind


def test_the_charges_of_a_resource_are_one_row(lake_of: Any, line: Any) -> None:
    """Use and traffic of one machine: its kind is that of the larger charge, its size what a meter says."""
    machine = {"ServiceSubcategory": "Virtual Machines", "SkuMeter": "BoxUsage:m6i.xlarge"}
    traffic = {"ServiceCategory": "Networking", "ServiceSubcategory": "", "SkuMeter": "Out"}
    engine = lake_of(
        [
            line(cost="10", ResourceId="i-1", **machine),
            line(cost="2", ResourceId="i-1", **machine | traffic),
            line(cost="5", ResourceId="i-2", **machine | {"SkuMeter": "Hours"}),
            line(cost="7", ResourceId="", **machine),
            line(cost="9", ResourceId="i-1", day="2026-06-30", **machine),
        ]
    )
    found = resources(engine, period=JULY)
    assert found[["ResourceId", "Kind", "EffectiveCost"]].to_numpy().tolist() == [
        ["i-1", "virtual machine", Decimal(12)],
        ["i-2", "virtual machine", Decimal(5)],
    ]
    assert found["Size"].tolist()[0] == "m6i.xlarge"
    assert kinds(found).to_numpy().tolist() == [["virtual machine", 2, "USD", Decimal(17)]]


def test_currencies_stand_apart(lake_of: Any, line: Any) -> None:
    """One resource billed in two currencies is two rows."""
    engine = lake_of([line(cost="1", ResourceId="a"), line(cost="2", ResourceId="a", BillingCurrency="EUR")])
    found = resources(engine, period=JULY)
    assert list(zip(found["BillingCurrency"], found["EffectiveCost"], strict=True)) == [
        ("EUR", Decimal(2)),
        ("USD", Decimal(1)),
    ]
