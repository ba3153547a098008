"""What clusters cost on the bill: charges of their machines, found by name or by the end of it."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from finops_lib.cost.allocation.cluster_bill import cluster_bill, machines
from finops_lib.errors import QueryError

REPORT = pd.DataFrame(
    [
        ("i-1", "a", Decimal(1)),
        ("i-1", "b", Decimal(3)),
        ("i-2", "a", Decimal(2)),
        ("i-2", "b", None),
        ("(none)", "b", Decimal(9)),
    ],
    columns=["ResourceId", "Cluster", "Cost"],
    dtype=object,
)


def test_a_machine_belongs_to_the_cluster_in_which_it_cost_most() -> None:
    """i-1 moved to b; rows without a machine name none, and an unknown cost weighs nothing."""
    assert machines(REPORT) == {"i-1": "b", "i-2": "a"}


def test_all_charges_of_a_machine_count() -> None:
    """In full, short, and a credit; a longer name is another machine, and an unknown cost is left out."""
    names = ["arn:aws:ec2:eu:1:instance/i-1", "i-1", "i-1", "projects/p/i-2", "i-22", "(none)", "i-2"]
    costs = [Decimal(5), Decimal(1), Decimal(-2), Decimal(7), Decimal(100), Decimal(100), None]
    lines = pd.DataFrame({"ResourceId": names, "cost": costs}, dtype=object)
    assert cluster_bill(lines, REPORT) == {"a": Decimal(7), "b": Decimal(4)}


def test_lines_must_tell_resources_apart() -> None:
    """Else no machine can be found."""
    with pytest.raises(QueryError, match="lines without ResourceId"):
        cluster_bill(pd.DataFrame({"cost": []}), REPORT)
