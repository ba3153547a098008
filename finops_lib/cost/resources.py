"""Which resources are there: one model over virtual machines, clusters, functions and machines of one's own.

A resource is what a provider bills under one ``ResourceId``, or a workload that a cluster's report names.
Its kind and size come from adapters, one for each kind: the first that knows it decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from finops_lib.cost.exact import total
from finops_lib.cost.spend import question, tidy
from finops_lib.cost.sql import statement
from finops_lib.records import Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

OTHER = "other"
_COLUMNS = [
    "ResourceId", "Kind", "Size", "Provider", "RegionId", "SubAccountId", "BillingCurrency", "EffectiveCost",
]  # fmt: skip
_BY = (
    "ResourceId", "x_ProviderName", "RegionId", "SubAccountId", "ServiceCategory", "ServiceSubcategory",
    "ResourceType", "SkuMeter", "x_SnapshotId",
)  # fmt: skip
_MACHINES = ("instance", "instances", "virtualmachines", "virtualmachinescalesets")
_INSTANCE = re.compile(r"(?:BoxUsage|InstanceUsage|NodeUsage|SpotUsage|Multi-AZUsage):([\w.]+)")

COSTS = """
SELECT {selected}, sum("EffectiveCost") AS cost
FROM {relation}
WHERE {condition} AND "ResourceId" IS NOT NULL
GROUP BY {groups}
ORDER BY {groups}
"""

WORKLOADS = """
SELECT coalesce("ResourceName", "ResourceId") AS resource, "BillingAccountId" AS cluster,
       "SubAccountId" AS namespace, "BillingCurrency" AS currency, sum("EffectiveCost") AS cost
FROM allocations
WHERE "ChargePeriodStart" >= $start AND "ChargePeriodStart" < $end
GROUP BY ALL
ORDER BY ALL
"""


class Told(NamedTuple):
    """What the bill says of a resource, in small letters, and whether its machine is one's own."""

    category: str
    subcategory: str
    type: str
    own: bool


ADAPTERS: tuple[tuple[str, Callable[[Told], bool]], ...] = (
    ("own machine", lambda told: told.own),
    ("function", lambda told: told.subcategory == "serverless compute"),
    ("container", lambda told: told.subcategory == "containers"),
    ("virtual machine", lambda told: told.subcategory == "virtual machines"),
    ("virtual machine", lambda told: told.category == "compute" and told.type.endswith(_MACHINES)),
    ("database", lambda told: told.category == "databases"),
    ("bucket", lambda told: told.subcategory == "object storage"),
    ("disk", lambda told: told.category == "storage"),
    ("network", lambda told: told.category == "networking"),
    ("model", lambda told: told.category == "ai and machine learning"),
)


def kind_of(told: Told) -> str:
    """Which kind of resource is this.

    Parameters
    ----------
    told : Told
        What the bill says of it.

    Returns
    -------
    str
        ``other`` where no adapter knows it.

    Examples
    --------
    >>> kind_of(Told("compute", "serverless compute", "", False)), kind_of(Told("web", "", "", False))
    ('function', 'other')
    """
    return next((kind for kind, knows in ADAPTERS if knows(told)), OTHER)


def resources(engine: Engine, *, period: Period, currency: str | None = None) -> pd.DataFrame:
    """Which resources cost something in the period, of which kind and size.

    Parameters
    ----------
    engine : Engine
        The open lake.
    period : Period
        Charges that start in it.
    currency : str, optional
        Only charges in this currency.

    Returns
    -------
    DataFrame
        One row for each resource and currency, by kind and id: ``ResourceId``, ``Kind`` (see ``ADAPTERS``;
        ``workload`` for one that a cluster's report names), ``Size`` (instance type; None where the bill
        does not say it), ``Provider``, ``RegionId``, ``SubAccountId``, ``BillingCurrency`` and
        ``EffectiveCost`` (exact). A workload's cost explains that of the machines it ran on: the two are
        never added.

    Raises
    ------
    QueryError, CurrencyError
        As in `spend`.
    """
    asked = question(
        by=_BY, axis="charge", grain=None, period=period, where={}, currency=currency, rates=None
    )
    sql, parameters = statement(engine, template=COSTS, question=asked)
    found = tidy(
        engine, engine.query(sql, parameters), question=asked, amounts={"cost": "EffectiveCost"},
        currency=currency, rates=None, mixed=True,
    )  # fmt: skip
    own = {item.id for item in engine.snapshots if item.source == "machine inventory"}
    lines = [_line(row, own) for row in found.to_dict("records")]
    frame = pd.DataFrame([*_merged(lines), *_workloads(engine, period)], columns=_COLUMNS)
    return frame.sort_values(["Kind", "ResourceId", "BillingCurrency"], ignore_index=True)


def kinds(found: pd.DataFrame) -> pd.DataFrame:
    """How many resources of each kind are there, and what do they cost.

    Parameters
    ----------
    found : DataFrame
        From `resources`.

    Returns
    -------
    DataFrame
        ``Kind``, ``Resources`` (a count), ``BillingCurrency`` and ``EffectiveCost`` (exact).
    """
    grouped = found.groupby(["Kind", "BillingCurrency"], sort=True, as_index=False)
    summed = grouped.agg(Resources=("ResourceId", "nunique"), EffectiveCost=("EffectiveCost", total))
    return summed[["Kind", "Resources", "BillingCurrency", "EffectiveCost"]]


def _line(row: Mapping[Any, Any], own: set[str]) -> tuple[object, ...]:
    category, subcategory, kind = (
        str(row[name]).lower() for name in ("ServiceCategory", "ServiceSubcategory", "ResourceType")
    )
    told = Told(category, subcategory, kind, row["x_SnapshotId"] in own)
    instance = _INSTANCE.search(str(row["SkuMeter"]))
    return (
        row["ResourceId"], kind_of(told), instance[1] if instance else None, row["x_ProviderName"],
        row["RegionId"], row["SubAccountId"], row["BillingCurrency"], row["EffectiveCost"],
    )  # fmt: skip


def _merged(lines: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Make one row of a resource's charges: kind and size are those of its largest charge."""
    parts: dict[tuple[object, object], list[tuple[object, ...]]] = {}
    for line in lines:
        parts.setdefault((line[0], line[6]), []).append(line)
    return [_largest(items) for items in parts.values()]


def _largest(items: list[tuple[object, ...]]) -> tuple[object, ...]:
    ordered = sorted(items, key=_cost, reverse=True)
    size = next((item[2] for item in ordered if item[2]), None)
    costs = [item[7] for item in items if isinstance(item[7], Decimal)]
    return (*ordered[0][:2], size, *ordered[0][3:7], total(costs))


def _cost(item: tuple[object, ...]) -> Decimal:
    return item[7] if isinstance(item[7], Decimal) else Decimal(0)


def _workloads(engine: Engine, period: Period) -> list[tuple[object, ...]]:
    found = engine.query(WORKLOADS, {"start": period.start, "end": period.end})
    return [
        (
            row["resource"],
            "workload",
            None,
            row["cluster"],
            "",
            row["namespace"],
            row["currency"],
            row["cost"],
        )
        for row in found.to_dict("records")
        if row["resource"]
    ]
