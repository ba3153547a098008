"""What stands in the lake, delivery by delivery, as tables a reader can follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.cost.exact import label
from finops_lib.records import Record, Snapshot

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
    "Scope",
    "FirstDay",
    "LastDay",
    "Rows",
    "SetAside",
    "Delivered",
    "Id",
]
_FLAG = ["Provider", "Account", "Period", "Rule", "Action", "Rows", "BillingCurrency", "Cost", "Detail"]


def delivery_table(snapshots: Sequence[Snapshot]) -> pd.DataFrame:
    """Which deliveries stand in the lake, newest billing period first.

    Parameters
    ----------
    snapshots : sequence of Snapshot
        Current deliveries.

    Returns
    -------
    DataFrame
        One row a delivery; ``Rows`` and ``SetAside`` are counts, ``Delivered`` is UTC.
    """
    ordered = sorted(snapshots, key=lambda item: item.key)
    lines = [
        (item.provider, item.account, item.billing_period, item.scope, item.first_day, item.last_day,
         item.rows, item.quarantined, item.delivered, item.id)
        for item in sorted(ordered, key=lambda item: item.billing_period, reverse=True)
    ]  # fmt: skip
    return pd.DataFrame(lines, columns=_DELIVERY)


def flag_table(snapshots: Sequence[Snapshot]) -> pd.DataFrame:
    """Which rules were broken in which delivery, by how many rows and for how much.

    Parameters
    ----------
    snapshots : sequence of Snapshot
        Current deliveries.

    Returns
    -------
    DataFrame
        One row for each delivery, rule and currency; ``Cost`` is exact, None where no money is involved.
    """
    lines = [
        (*item.key[:3], flag.rule, flag.action, flag.rows, code, flag.cost.get(code), flag.detail)
        for item in sorted(snapshots, key=lambda item: item.key)
        for flag in item.flags
        for code in flag.cost or ("",)
    ]
    return pd.DataFrame(lines, columns=_FLAG).astype({"Cost": object})


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
