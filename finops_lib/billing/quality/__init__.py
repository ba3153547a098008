"""Can models trust what the lake holds: late, restated, missing, doubled or jumping bills, across deliveries.

Nothing is repaired, filled or dropped here: each finding says which bill, which days, how many rows and
how much money, and whether models should wait. Checks of single rows and single files belong to
``conform``; these look over all current deliveries of an account at once. Days are UTC days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pandas as pd

from finops_lib.billing.engine import Engine
from finops_lib.billing.quality.checks import CHECKS
from finops_lib.billing.quality.limits import Thresholds
from finops_lib.billing.quality.view import View
from finops_lib.records import Snapshot

__all__ = ["COLUMNS", "FINDINGS", "READINESS_COLUMNS", "Thresholds", "findings", "readiness"]

FINDINGS = tuple(CHECKS)
COLUMNS = (
    "Finding",
    "Provider",
    "Account",
    "BillingPeriod",
    "BillingCurrency",
    "FirstDay",
    "LastDay",
    "Rows",
    "Cost",
    "Detail",
    "PausesModels",
)
READINESS_COLUMNS = ("Provider", "Account", "Ready", "Reasons", "FitUntil")


def findings(
    engine: Engine, *, now: datetime, thresholds: Thresholds, history: Sequence[Snapshot] = ()
) -> pd.DataFrame:
    """Which bills are late, restated, incomplete, doubled or jumping, and should models wait.

    - ``late_bill``: the newest usage day ended more than ``late_after_days`` before ``now``, or a whole
      stretch between two delivered billing periods has no bill.
    - ``restated_bill``: a delivery took over from one that was settled (delivered ``incomplete_days``
      after its last day) or costs less now, and the billed cost of a currency moved by more than
      ``restated_share``. An open month that grows is not restated.
    - ``missing_day``: a day inside a delivered billing period, between the account's first and last
      usage day, that no usage row covers; only for accounts with usage on most days (``daily_share``).
    - ``duplicated_rows``: copies of rows equal in every column the lake keeps from the source, more than
      ``duplicate_share`` of a bill's rows. FOCUS has no row key, so equal rows may be right: they are
      counted and priced, never dropped; models wait only where the copies' money exceeds the share too.
    - ``currency_jump``: the currencies of two neighbouring billing periods differ, or the level changes
      like a rate or unit error does, everywhere at once: both the median over services and the sum of
      the median day's usage cost move by more than ``jump_ratio`` from one month to the next.
    - ``partial_last_days``: the last ``incomplete_days`` days of an account's newest bill, unless it covers
      its whole period and came that long after its end. Fits leave them out; nothing pauses.

    Parameters
    ----------
    engine : Engine
        The lake to look at.
    now : datetime
        The moment of asking, with a time zone.
    thresholds : Thresholds
        Where each finding begins.
    history : sequence of Snapshot
        Every delivery ever, as ``Lake.history`` gives it, oldest first; those after ``now`` do not
        count, and without it no bill is restated.

    Returns
    -------
    pandas.DataFrame
        One row a finding with ``COLUMNS``. ``FirstDay`` and ``LastDay`` are the days touched; ``Rows``
        the rows touched; ``Cost`` their exact BilledCost in ``BillingCurrency`` (a restatement: new
        less old; empty currency and zero where no money can be named).

    Raises
    ------
    ValueError
        ``now`` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError(f"now {now.isoformat()}: a moment carries a time zone")
    known = tuple(item for item in history if item.delivered <= now)
    view = View(engine, now.astimezone(UTC), thresholds, known)
    rows = [row for check in CHECKS.values() for row in check(view)] if engine.snapshots else []
    rows.sort(key=lambda row: tuple(str(row[name]) for name in COLUMNS[1:6]))
    rows.sort(key=lambda row: FINDINGS.index(row["Finding"]))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({"Rows": "int64", "PausesModels": "bool", "Cost": object})


def covered_days(engine: Engine, *, now: datetime, thresholds: Thresholds) -> pd.DataFrame:
    """Which days does each account's usage cover; a monthly charge covers its whole month.

    Parameters
    ----------
    engine : Engine
        The lake to look at.
    now : datetime
        The moment of asking, with a time zone; later days do not count.
    thresholds : Thresholds
        Where each finding begins.

    Returns
    -------
    pandas.DataFrame
        ``Provider``, ``Account`` and ``time`` (a day, UTC), one row for each day covered.
    """
    view = View(engine, now.astimezone(UTC), thresholds, ())
    rows = [
        (*view.accounts[account], datetime.combine(date.fromordinal(day), time()))
        for account, days in sorted(view.usage_days.items())
        for day in sorted(days)
    ]
    return pd.DataFrame(rows, columns=["Provider", "Account", "time"])


def readiness(found: pd.DataFrame, snapshots: Sequence[Snapshot]) -> pd.DataFrame:
    """Which accounts may models be fitted to, and up to which day.

    Parameters
    ----------
    found : pandas.DataFrame
        What ``findings`` returned.
    snapshots : sequence of Snapshot
        The current deliveries, as ``Engine.snapshots`` gives them.

    Returns
    -------
    pandas.DataFrame
        One row for each provider and account with ``READINESS_COLUMNS``: ``Ready`` is false while a finding
        pauses models, ``Reasons`` holds these findings' details, ``FitUntil`` is the last complete day.
    """
    rows = []
    for provider, account in sorted({(item.provider, item.account) for item in snapshots}):
        own = found[(found["Provider"] == provider) & (found["Account"] == account)]
        reasons = list(own.loc[own["PausesModels"], "Detail"])
        last_day = max(item.last_day for item in snapshots if item.key[:2] == (provider, account))
        rows.append((provider, account, not reasons, "; ".join(reasons), _fit_until(own, last_day)))
    return pd.DataFrame(rows, columns=list(READINESS_COLUMNS)).astype({"Ready": "bool"})


def _fit_until(own: pd.DataFrame, last_day: str) -> date | None:
    partial = own.loc[own["Finding"] == "partial_last_days", "FirstDay"]
    if len(partial):
        first: date = min(partial)
        return first - timedelta(days=1)
    return date.fromisoformat(last_day) if last_day else None
