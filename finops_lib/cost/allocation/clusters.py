"""What does each part of a Kubernetes cluster cost, with the idle part split: namespace, workload or label.

A cluster's report (allocation rows) explains the charges for its nodes; its prices need not be those of the
bill, so its amounts serve as weights and the bill's cost is what is split. Idle money of processors, of
memory and of GPUs goes by what workloads cost of each, the rest of it by their whole cost; on a node where
nothing runs, idle money is split over the workloads of the node's cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.billing.tags import tag_column
from finops_lib.cost.exact import label, null_mark
from finops_lib.cost.spend import refuse_mixture
from finops_lib.cost.split import apportioned, counted, money
from finops_lib.cost.sql import quoted
from finops_lib.errors import QueryError
from finops_lib.records import Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

IDLE = "(idle)"
WORKLOAD = "workload"
_SHARED = ("idle", "shared")  # kinds of rows that workloads carry
_RESOURCES = ("CpuCost", "RamCost", "GpuCost")
_KEYS: Mapping[str, str] = {
    "Cluster": "BillingAccountId",
    "ResourceId": "ResourceId",
    "Namespace": "SubAccountId",
    "Workload": "x_Controller",
    "Kind": "x_AllocationKind",
}
_LEVELS = {"namespace": "Namespace", "workload": "Workload"}
_NO_BILL: Mapping[str, Decimal] = {}
_NOTHING = Fraction(0)
_LONGEST = 100  # digits of an amount on a side

REPORT = """
SELECT {selected}, "BillingCurrency" AS currency, sum("EffectiveCost") AS cost,
       {parts}
FROM allocations
WHERE "ChargePeriodStart" >= $start AND "ChargePeriodStart" < $end
GROUP BY ALL
ORDER BY ALL
"""

Weights = dict[str | None, tuple[Fraction, Fraction]]
Sums = dict[str | None, list[Fraction]]  # by name: cost in all, then of each resource


def cluster_report(engine: Engine, *, period: Period, labels: Sequence[str] = ()) -> pd.DataFrame:
    """What do the clusters' own reports say that ran in this period, and what did it cost there.

    Parameters
    ----------
    engine : Engine
        The open lake.
    period : Period
        Half-open, UTC.
    labels : sequence of str
        Keys of labels to carry, without ``tag:``.

    Returns
    -------
    DataFrame
        ``Cluster``, ``ResourceId`` (of the node), ``Namespace``, ``Workload``, ``Kind`` (``workload``,
        ``idle``, ``shared`` ...), one ``tag:key`` for each label, ``BillingCurrency`` (of the report;
        ``XXX`` where it names none), ``Cost``, ``CpuCost``, ``RamCost``, ``GpuCost`` (exact; None is
        unknown). Texts are written as `spend` writes them.

    Raises
    ------
    QueryError
        No report has such a label.
    """
    known = engine.table("SELECT * FROM allocations LIMIT 0").column_names
    named = {**_KEYS, **{f"tag:{key}": tag_column(key) for key in labels}}
    lost = [name for name, column in named.items() if name.startswith("tag:") and column not in known]
    if lost:
        near = ", ".join(name for name in known if name.startswith("tag_")) or "none"
        raise QueryError(
            f"label {lost[0]!r}", "a label is one that a cluster's report has", f"columns of labels: {near}"
        )
    selected = [f"{_or_null(column, known)} AS k{place}" for place, column in enumerate(named.values())]
    parts = [f"sum({_or_null('x_' + name, known)}) AS {name}" for name in _RESOURCES]
    sql = REPORT.format(selected=", ".join(selected), parts=", ".join(parts))
    found = engine.query(sql, {"start": period.start, "end": period.end})
    return _named(found, list(named))


def _or_null(name: str, known: Sequence[str]) -> str:
    number = name.endswith("Cost")
    return quoted(name) if name in known else f"CAST(NULL AS {'DECIMAL(38, 20)' if number else 'VARCHAR'})"


def _named(found: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    columns = {
        name: [label(value, name=name) for value in found[f"k{place}"]] for place, name in enumerate(names)
    }
    columns["Kind"] = [WORKLOAD if kind == null_mark("Kind") else kind for kind in columns["Kind"]]
    columns["BillingCurrency"] = [label(code, name="BillingCurrency") for code in found["currency"]]
    money_columns = {"Cost": found["cost"], **{name: found[name] for name in _RESOURCES}}
    amounts = {
        name: [value if isinstance(value, Decimal) else None for value in values]
        for name, values in money_columns.items()
    }
    return pd.DataFrame({**columns, **amounts}, dtype=object)


def cluster_weights(
    report: pd.DataFrame, *, scope: str, level: str = "namespace", idle: str = "proportional"
) -> dict[str, Weights]:
    """How much of each cluster or node is whose, in the money of the report.

    Parameters
    ----------
    report : DataFrame
        From `cluster_report`.
    scope : str
        ``Cluster`` or ``ResourceId``: what is split.
    level : str
        ``namespace``, ``workload`` or ``tag:key``: what it is split to.
    idle : str
        ``proportional`` to what workloads cost, ``even`` over those of the scope, or ``own``: a line of its
        own, ``(idle)``.

    Returns
    -------
    dict
        Scope to name to a pair: what its workloads cost, and its part of idle and shared money. The name is
        None for what no name of this level stands for. A cost below zero or unknown weighs nothing.

    Raises
    ------
    QueryError
        The report has no such label.
    CurrencyError
        The report is in several currencies.
    """
    column = _LEVELS.get(level, level)
    if column not in report:
        raise QueryError(f"level {level!r}", "it is in the cluster's report", "ask the report for this label")
    refuse_mixture(report)
    clusters: dict[str, Sums] = {}
    scopes: dict[str, tuple[Sums, list[Fraction], Sums]] = {}
    told = report[[scope, "Cluster", "Kind", column, "Cost", *_RESOURCES]]
    for key, cluster, kind, name, *costs in told.itertuples(index=False, name=None):
        whole = clusters.setdefault(str(cluster), {})
        own, unused, _ = scopes.setdefault(str(key), ({}, [_NOTHING] * len(costs), whole))
        holder = None if name == null_mark(column) else str(name)
        if kind in _SHARED:
            _add(unused, costs)
        else:
            _add(own.setdefault(holder, [_NOTHING] * len(costs)), costs)
            _add(whole.setdefault(holder, [_NOTHING] * len(costs)), costs)
    found: dict[str, Weights] = {}
    for key, (own, unused, whole) in sorted(scopes.items()):
        busy = own if _runs(own) else whole if _runs(whole) else {}
        parts = _idle_parts(unused, busy, idle)
        names = dict.fromkeys((*own, *parts))
        found[key] = {
            name: (own[name][0] if name in own else _NOTHING, parts.get(name, _NOTHING)) for name in names
        }
    return found


def _add(sums: list[Fraction], costs: Sequence[object]) -> None:
    sums[:] = [before + _weight(cost) for before, cost in zip(sums, costs, strict=True)]


def _runs(sums: Sums) -> bool:
    return any(costs[0] for costs in sums.values())


def _weight(cost: object) -> Fraction:
    known = isinstance(cost, Decimal) and cost.is_finite() and abs(cost.adjusted()) <= _LONGEST
    return Fraction(cost) if isinstance(cost, Decimal) and known and cost > 0 else _NOTHING


def _idle_parts(costs: Sequence[Fraction], busy: Sums, idle: str) -> dict[str | None, Fraction]:
    """Split the idle and shared money of a scope; what has nobody to go to stays idle."""
    if idle == "own" or not busy:
        return {IDLE: costs[0]} if costs[0] else {}
    if idle == "even":
        return dict.fromkeys(busy, costs[0] / len(busy))
    # Adjustments may make the parts more or less than the whole: they say how to split it, not how much.
    known = sum(costs[1:], _NOTHING)
    scale = min(Fraction(1), costs[0] / known) if known else _NOTHING
    found = dict.fromkeys(busy, _NOTHING)
    for place, amount in enumerate([costs[0] - known * scale, *(cost * scale for cost in costs[1:])]):
        used = place if any(sums[place] for sums in busy.values()) else 0
        whole = sum((sums[used] for sums in busy.values()), _NOTHING)
        for name, sums in busy.items():
            found[name] += amount * sums[used] / whole
    return found


def cluster_costs(
    report: pd.DataFrame,
    *,
    level: str = "namespace",
    idle: str = "proportional",
    billed: Mapping[str, Decimal] = _NO_BILL,
) -> pd.DataFrame:
    """What does each namespace, workload or label of each cluster cost, idle money included.

    Parameters
    ----------
    report : DataFrame
        From `cluster_report`.
    level, idle : str
        As in `cluster_weights`.
    billed : mapping of str to Decimal
        Cluster to what the bill says that it cost; a cluster that is not named costs what its report says.

    Returns
    -------
    DataFrame
        ``Cluster``, ``Name`` (``(none)`` or ``(untagged)`` for what has none), ``Own``, ``Idle`` and
        ``Cost``, exact: those of a cluster add up to its whole cost, and ``Own`` and ``Idle`` to ``Cost``.

    Raises
    ------
    QueryError, CurrencyError
        As in `cluster_weights`.
    """
    missing = null_mark(_LEVELS.get(level, level))
    lines: list[tuple[object, ...]] = []
    for cluster, weights in cluster_weights(report, scope="Cluster", level=level, idle=idle).items():
        flat = [part for pair in weights.values() for part in pair]
        counts, places = counted([billed[cluster]] if cluster in billed else [])
        whole = int(counts[0]) if len(counts) else round(sum(flat, _NOTHING) * 10**places)
        parts = apportioned(whole, flat)
        names, parts = (list(weights), parts) if parts else ([IDLE], (0, whole))
        for name, own, unused in zip(names, parts[::2], parts[1::2], strict=True):
            amounts = (money(count, places=places) for count in (own, unused, own + unused))
            lines.append((cluster, missing if name is None else name, *amounts))
    columns = ["Cluster", "Name", "Own", "Idle", "Cost"]
    return pd.DataFrame(lines, columns=columns, dtype=object).sort_values(columns[:2], ignore_index=True)
