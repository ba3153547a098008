"""What stands in the lake, delivery by delivery, as tables a reader can follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from finops_lib.cost.exact import label, total
from finops_lib.records import Record, RuleCount, Snapshot

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

QUARANTINED = """
SELECT "Rule" AS rule, "BillingCurrency" AS currency, count(*) AS row_count,
       sum(TRY_CAST("BilledCostText" AS DECIMAL(38, 20))) AS cost,
       count(*) - count(TRY_CAST("BilledCostText" AS DECIMAL(38, 20))) AS unreadable
FROM quarantine
GROUP BY 1, 2
ORDER BY 1, 2
"""

_DELIVERY = [
    "Provider",
    "Account",
    "Period",
    "Deliveries",
    "FirstDay",
    "LastDay",
    "Rows",
    "SetAside",
    "Delivered",
]
_FLAG = ["Rule", "Detail", "Deliveries", "Periods", "Rows", "BillingCurrency", "Cost"]
_NO_MONEY = "-"


def delivery_table(snapshots: Sequence[Snapshot]) -> pd.DataFrame:
    """What stands in the lake of each account and billing period, newest period first.

    Parameters
    ----------
    snapshots : sequence of Snapshot
        Current deliveries.

    Returns
    -------
    DataFrame
        One row for each provider, account and period: ``Deliveries`` (the slices that it came in),
        ``Rows`` and ``SetAside`` are counts, ``FirstDay`` and ``LastDay`` the days of usage, ``Delivered``
        the newest delivery, UTC.
    """
    bills: dict[tuple[str, str, str], list[Snapshot]] = {}
    for item in sorted(snapshots, key=lambda item: item.key):
        bills.setdefault(item.key[:3], []).append(item)
    lines = [(*key, *_bill_line(items)) for key, items in bills.items()]
    lines.sort(key=lambda line: line[2], reverse=True)
    return pd.DataFrame(lines, columns=_DELIVERY)


def _bill_line(items: Sequence[Snapshot]) -> tuple[int, str, str, int, int, datetime]:
    return (
        len(items),
        min((item.first_day for item in items if item.first_day), default=""),
        max(item.last_day for item in items),
        sum(item.rows for item in items),
        sum(item.quarantined for item in items),
        max(item.delivered for item in items),
    )


def flag_table(snapshots: Sequence[Snapshot]) -> pd.DataFrame:
    """Which rules were broken, in how many deliveries, by how many rows and for how much.

    Parameters
    ----------
    snapshots : sequence of Snapshot
        Current deliveries.

    Returns
    -------
    DataFrame
        One row for each rule, detail and currency: ``Deliveries`` and ``Rows`` are counts, ``Periods`` the
        first and last billing period, ``Cost`` the exact sum, ``-`` where no money is involved.
    """
    found: dict[tuple[str, str, str], list[tuple[str, RuleCount]]] = {}
    for item in sorted(snapshots, key=lambda item: item.billing_period):
        for flag in item.flags:
            for code in flag.cost or ("",):
                found.setdefault((flag.rule, flag.detail, code), []).append((item.billing_period, flag))
    lines = [_flag_line(*key, same) for key, same in sorted(found.items())]
    return pd.DataFrame(lines, columns=_FLAG).astype({"Cost": object})


def _flag_line(rule: str, detail: str, code: str, same: Sequence[tuple[str, RuleCount]]) -> tuple[Any, ...]:
    periods = [period for period, _ in same]
    span = periods[0] if periods[0] == periods[-1] else f"{periods[0]} to {periods[-1]}"
    rows = sum(flag.rows for _, flag in same)
    cost = total(flag.cost[code] for _, flag in same) if code else _NO_MONEY
    return rule, detail, len(same), span, rows, code, cost


def quarantine_table(engine: Engine) -> pd.DataFrame:
    """Which rules set rows aside, how many and for how much.

    Parameters
    ----------
    engine : Engine
        The open lake.

    Returns
    -------
    DataFrame
        ``Rule``, ``BillingCurrency``, ``Rows``, ``Cost`` (exact sum of the billed costs that are numbers) and
        ``RowsWithoutCost`` whose billed cost is none.
    """
    found = engine.query(QUARANTINED)
    return pd.DataFrame(
        {
            "Rule": found["rule"],
            "BillingCurrency": [label(code, name="BillingCurrency") for code in found["currency"]],
            "Rows": found["row_count"],
            "Cost": found["cost"],
            "RowsWithoutCost": found["unreadable"],
        }
    )


def limit_table(limits: Record) -> pd.DataFrame:
    """Which thresholds were in force.

    Parameters
    ----------
    limits : Record
        Thresholds of any room.

    Returns
    -------
    DataFrame
        ``Threshold`` and ``Value``.
    """
    lines = [(name, str(value)) for name, value in limits.to_json().items()]
    return pd.DataFrame(lines, columns=["Threshold", "Value"], dtype="str")


def verdict(found: pd.DataFrame, ready: pd.DataFrame, *, quarantined: int, rows: int) -> tuple[str, ...]:
    """Can the bills be trusted, in sentences.

    Parameters
    ----------
    found, ready : DataFrame
        From ``findings`` and ``readiness``.
    quarantined, rows : int
        Rows set aside and rows accepted, counts.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> ready = pd.DataFrame({"Ready": [True, False]})
    >>> verdict(pd.DataFrame({"Finding": ["missing_day"]}), ready, quarantined=1, rows=99)
    ('1 of 100 rows was set aside.', '1 finding across deliveries: missing_day 1.',
     '1 of 2 accounts is ready for models.')
    """
    whole = rows + quarantined
    counts = found["Finding"].value_counts().sort_index() if len(found) else pd.Series(dtype="int64")
    named = ", ".join(f"{name} {count}" for name, count in counts.items())
    ending = "finding" if len(found) == 1 else "findings"
    able = int(ready["Ready"].sum())
    return (
        f"{quarantined:,} of {whole:,} rows {_were(quarantined)} set aside.",
        f"{len(found):,} {ending} across deliveries{': ' + named if named else ''}.",
        f"{able:,} of {len(ready):,} accounts {'is' if able == 1 else 'are'} ready for models.",
    )


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
