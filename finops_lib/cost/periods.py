"""Which billing periods are closed: what the invoice issuer says, beside what the lake holds of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.cost.exact import label

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

OPEN, CLOSED, UNKNOWN = "Open", "Closed", "unknown"
BEFORE_CLOSING, NOT_IN_LAKE = "delivered before the period closed", "not in the lake"
_COLUMNS = ["InvoiceIssuerName", "BillingPeriod", "Status", "LastUpdated", "Delivered", "Finding"]
_WORDS = ["InvoiceIssuerName", "BillingPeriod", "Status", "Finding"]

PERIODS = """
WITH said AS (
    SELECT "InvoiceIssuerName" AS issuer, "BillingPeriodStart" AS starts,
           coalesce(max_by("BillingPeriodStatus", "BillingPeriodLastUpdated"), max("BillingPeriodStatus"))
               AS status,
           max("BillingPeriodLastUpdated") AS updated
    FROM billing_periods
    GROUP BY 1, 2
), billed AS (
    SELECT DISTINCT coalesce("InvoiceIssuerName", "ServiceProviderName") AS issuer,
           "BillingPeriodStart" AS starts, "x_SnapshotId" AS snapshot
    FROM charges
)
SELECT issuer, starts, status, updated, snapshot
FROM said FULL JOIN billed USING (issuer, starts)
ORDER BY issuer, starts, snapshot
"""


def billing_periods(engine: Engine) -> pd.DataFrame:
    """Is each billing period open or closed, and does the lake hold it as it was closed.

    Parameters
    ----------
    engine : Engine
        The open lake.

    Returns
    -------
    DataFrame
        One row for each invoice issuer and period, newest first: ``InvoiceIssuerName``, ``BillingPeriod``
        (YYYY-MM), ``Status`` (``Open``, ``Closed``, or ``unknown`` where no Billing Period dataset says it),
        ``LastUpdated`` and ``Delivered`` (UTC; the newest delivery of its charges; None where there is
        none) and ``Finding``: empty, ``delivered before the period closed`` (charges may be missing) or
        ``not in the lake``.
    """
    found = engine.query(PERIODS)
    delivered = {item.id: item.delivered for item in engine.snapshots}
    lines = []
    for (issuer, starts), rows in found.groupby(["issuer", "starts"], dropna=False, sort=True):
        status, updated = _said(rows)
        moments = [delivered[key] for key in rows["snapshot"] if key in delivered]
        newest = max(moments, default=None)
        lines.append((
            label(issuer, name="InvoiceIssuerName"), f"{starts:%Y-%m}", status, updated, newest,
            _finding(status, updated, newest),
        ))  # fmt: skip
    frame = pd.DataFrame(lines, columns=_COLUMNS, dtype=object)
    frame = frame.astype(dict.fromkeys(_WORDS, "str"))
    return frame.sort_values(
        ["BillingPeriod", "InvoiceIssuerName"], ascending=[False, True], ignore_index=True
    )


def settled(engine: Engine) -> Mapping[str, bool]:
    """Of which deliveries is it said whether their billing period is settled.

    Parameters
    ----------
    engine : Engine
        The open lake.

    Returns
    -------
    mapping of str to bool
        Delivery id to whether its period is closed, by all its issuers that say so, and was delivered after
        that. A delivery whose period nobody speaks of is not there.
    """
    if not any(item.kind == "billing_period" for item in engine.beside):
        return {}
    found = engine.query(PERIODS)
    delivered = {item.id: item.delivered for item in engine.snapshots}
    answers: dict[str, bool] = {}
    for (_, _), rows in found.groupby(["issuer", "starts"], sort=True):
        status, updated = _said(rows)
        for key in rows["snapshot"]:
            if status != UNKNOWN and key in delivered:
                whole = status == CLOSED and (updated is None or delivered[key] >= updated)
                answers[key] = whole and answers.get(key, True)
    return answers


def _said(rows: pd.DataFrame) -> tuple[str, datetime | None]:
    status, updated = rows["status"].iloc[0], rows["updated"].iloc[0]
    moment = None if pd.isna(updated) else pd.Timestamp(updated).to_pydatetime().astimezone(UTC)
    return (UNKNOWN if pd.isna(status) else str(status)), moment


def _finding(status: str, updated: datetime | None, newest: datetime | None) -> str:
    if newest is None:
        return NOT_IN_LAKE
    if status == CLOSED and updated is not None and newest < updated:
        return BEFORE_CLOSING
    return ""
