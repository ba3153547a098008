"""What does the bill say that each cluster costs: the charges for the machines that its report names."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from finops_lib.cost.exact import NONE, total
from finops_lib.errors import QueryError


def machines(report: pd.DataFrame) -> Mapping[str, str]:
    """In which cluster is each machine.

    Parameters
    ----------
    report : DataFrame
        From `cluster_report`.

    Returns
    -------
    mapping of str to str
        Identity of a machine, as the report writes it, to its cluster; one that was in several belongs to
        that in which it cost most.
    """
    costs: dict[str, dict[str, Fraction]] = {}
    for node, cluster, cost in report[["ResourceId", "Cluster", "Cost"]].itertuples(index=False, name=None):
        if node != NONE:
            known = isinstance(cost, Decimal) and cost.is_finite()
            found = costs.setdefault(str(node), {})
            found[str(cluster)] = found.get(str(cluster), Fraction(0)) + (Fraction(cost) if known else 0)
    return {node: max(found, key=lambda name: (found[name], name)) for node, found in costs.items()}


def cluster_bill(lines: pd.DataFrame, report: pd.DataFrame) -> dict[str, Decimal]:
    """What did each cluster's machines cost on the bill, all their charges together.

    Parameters
    ----------
    lines : DataFrame
        From `bill_lines`, with ``ResourceId`` and ``cost``, in one currency.
    report : DataFrame
        From `cluster_report`.

    Returns
    -------
    dict of str to Decimal
        Cluster to money, exact, for `cluster_costs`; a cluster of which the bill knows no machine is not in
        it. A bill that spells a machine in full (``arn:...:instance/i-1``) is understood by its end.

    Raises
    ------
    QueryError
        The lines do not tell resources apart.

    Examples
    --------
    >>> lines = pd.DataFrame({"ResourceId": ["arn:aws:ec2:eu:1:instance/i-1", "i-2"],
    ...     "cost": [Decimal(3), Decimal(4)]})
    >>> report = pd.DataFrame({"ResourceId": ["i-1"], "Cluster": ["c"], "Cost": [Decimal(9)]})
    >>> cluster_bill(lines, report)
    {'c': Decimal('3')}
    """
    if "ResourceId" not in lines:
        raise QueryError("lines without ResourceId", "a machine is found by it", "name it in detail")
    known = machines(report)
    found: dict[str, list[Decimal]] = {}
    for name, cost in zip(lines["ResourceId"], lines["cost"], strict=True):
        cluster = known.get(str(name)) or known.get(str(name).rpartition("/")[2])
        if cluster is not None and isinstance(cost, Decimal) and cost.is_finite():
            found.setdefault(cluster, []).append(cost)
    return {cluster: total(costs) or Decimal(0) for cluster, costs in sorted(found.items())}
