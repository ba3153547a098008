"""What do the quality checks look at: bills, usage days, levels and copies of every account.

Each question is one SQL text over all current deliveries; days are counted from 1970-01-01 in UTC, so
that no answer depends on the time zone of the engine's session (86400000000 microseconds are a day).
Each text is appended to the table ``bills``, which says whose bill of which period a delivery is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from finops_lib.billing.engine import Engine
from finops_lib.billing.quality.limits import Thresholds
from finops_lib.records import Snapshot

_BILLS = """
WITH bills AS (
    SELECT UNNEST($ids) AS x_SnapshotId, UNNEST($accounts) AS Account, UNNEST($periods) AS BillingPeriod
)"""

TOTALS = """
SELECT Account, BillingPeriod, BillingCurrency,
    MIN(EPOCH_US(BillingPeriodStart)) // 86400000000 AS FirstDay,
    (MAX(EPOCH_US(BillingPeriodEnd)) + 86400000000 - 1) // 86400000000 AS EndDay,
    COUNT(*) AS Rows,
    SUM(GREATEST(ABS(BilledCost), ABS(EffectiveCost))) AS Size
FROM charges JOIN bills USING (x_SnapshotId)
GROUP BY Account, BillingPeriod, BillingCurrency
ORDER BY Account, FirstDay, BillingPeriod, BillingCurrency
"""

USAGE_SPANS = """
SELECT Account,
    EPOCH_US(ChargePeriodStart) // 86400000000 AS FirstDay,
    GREATEST(EPOCH_US(ChargePeriodStart), EPOCH_US(ChargePeriodEnd) - 1) // 86400000000 AS LastDay
FROM charges JOIN bills USING (x_SnapshotId)
WHERE ChargeCategory = 'Usage' AND COALESCE(ChargeClass, '') <> 'Correction'
GROUP BY ALL
"""

LEVELS = """,
days AS (
    SELECT Account, BillingCurrency, ServiceName, ChargeDate, SUM(EffectiveCost) AS DayCost
    FROM daily JOIN bills USING (x_SnapshotId)
    WHERE ChargeCategory = 'Usage' AND COALESCE(ChargeClass, '') <> 'Correction'
    GROUP BY ALL
)
SELECT Account, BillingCurrency, ServiceName,
    YEAR(ChargeDate) * 12 + MONTH(ChargeDate) - 1 AS MonthNumber,
    COUNT(*) AS Days,
    MEDIAN(CAST(DayCost AS DOUBLE)) AS Level
FROM days
GROUP BY ALL
HAVING MEDIAN(CAST(DayCost AS DOUBLE)) > 0
"""

TAIL = """
SELECT Account, BillingPeriod, BillingCurrency, ChargeDate,
    SUM(RowCount) AS Rows, SUM(BilledCost) AS Cost
FROM daily JOIN bills USING (x_SnapshotId)
WHERE ChargeDate >= $since
GROUP BY ALL
"""

# Rows are first told apart by a hash; only the few with a twin are compared column by column.
_COPIES = """,
twins AS (SELECT HASH({columns}) AS Mark FROM charges GROUP BY Mark HAVING COUNT(*) > 1),
numbered AS (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY {columns} ORDER BY x_SnapshotId, x_SourceRow) AS Nth
    FROM charges WHERE HASH({columns}) IN (SELECT Mark FROM twins)
)
SELECT Account, BillingPeriod, BillingCurrency,
    COUNT(*) AS Copies, SUM(BilledCost) AS Cost,
    SUM(GREATEST(ABS(BilledCost), ABS(EffectiveCost))) AS CopiedSize,
    MIN(EPOCH_US(ChargePeriodStart)) // 86400000000 AS FirstDay,
    MAX(EPOCH_US(ChargePeriodStart)) // 86400000000 AS LastDay
FROM numbered JOIN bills USING (x_SnapshotId)
WHERE Nth > 1
GROUP BY Account, BillingPeriod, BillingCurrency
"""


@dataclass(frozen=True)
class Bill:
    """All current deliveries of one account for one billing period: its days and currencies.

    ``first`` belongs to the period, ``end`` does not; both are ordinals of ``datetime.date``.
    """

    account: int
    period: str
    first: int
    end: int
    currencies: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """What every check looks at; each question to the lake is asked at most once.

    Accounts are numbered in the order of ``accounts``; days are ordinals of ``datetime.date``.
    """

    engine: Engine
    now: datetime
    limits: Thresholds
    history: tuple[Snapshot, ...]

    @cached_property
    def accounts(self) -> list[tuple[str, str]]:
        """Provider and account of each number."""
        return sorted({(item.provider, item.account) for item in self.engine.snapshots})

    def ask(self, text: str, **more: object) -> pd.DataFrame:
        """Run one of this module's texts over the current deliveries.

        Parameters
        ----------
        text : str
            SQL that goes on after the table ``bills``.
        **more : object
            Further parameters of the text.

        Returns
        -------
        pandas.DataFrame
        """
        current = self.engine.snapshots
        number = {account: index for index, account in enumerate(self.accounts)}
        bills = {
            "ids": [item.id for item in current],
            "accounts": [number[(item.provider, item.account)] for item in current],
            "periods": [item.billing_period for item in current],
        }
        return self.engine.query(_BILLS + text, bills | more)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """Rows and size of money by account, billing period and currency."""
        return self.ask(TOTALS)

    @cached_property
    def bills(self) -> dict[int, list[Bill]]:
        """Bills of each account, oldest first; a currency without any cost does not count."""
        bills: dict[int, list[Bill]] = {}
        for (_, period), rows in self.totals.groupby(["Account", "BillingPeriod"], sort=True):
            account = int(rows["Account"].iloc[0])
            spent = tuple(sorted(rows.loc[rows["Size"] > 0, "BillingCurrency"]))
            first, end = ordinal(rows["FirstDay"].min()), ordinal(rows["EndDay"].max())
            bills.setdefault(account, []).append(Bill(account, str(period), first, end, spent))
        return {account: sorted(items, key=lambda bill: bill.first) for account, items in bills.items()}

    @cached_property
    def usage_days(self) -> dict[int, set[int]]:
        """Days of each account, up to now, that some usage row covers."""
        days: dict[int, set[int]] = {}
        today = self.now.date().toordinal()
        for account, first, last in self.ask(USAGE_SPANS).to_numpy().tolist():
            days.setdefault(int(account), set()).update(range(ordinal(first), min(ordinal(last), today) + 1))
        return {account: found for account, found in days.items() if found}

    @cached_property
    def newest(self) -> dict[int, int]:
        """Last day of each account with usage, else with any charge, up to now."""
        newest = {account: max(days) for account, days in self.usage_days.items()}
        for item in self.engine.snapshots:
            account = self.accounts.index((item.provider, item.account))
            if item.last_day and account in self.bills and account not in self.usage_days:
                day = min(date.fromisoformat(item.last_day).toordinal(), self.now.date().toordinal())
                newest[account] = max(newest.get(account, day), day)
        return newest

    @cached_property
    def levels(self) -> pd.DataFrame:
        """Cost of the median day by account, currency, service and month."""
        return self.ask(LEVELS)

    def copies(self) -> pd.DataFrame:
        """Return the rows that equal an earlier one in all columns from the source, counted and priced.

        Returns
        -------
        pandas.DataFrame
        """
        own = [name for name in self.engine.columns if not name.startswith(("tag_", "x_Snap", "x_SourceRow"))]
        listed = ", ".join(f'"{name}"' for name in own)
        return self.ask(_COPIES.format(columns=listed))

    def tail(self, since: int) -> pd.DataFrame:
        """Return rows and cost by account, bill, currency and day from this day on.

        Parameters
        ----------
        since : int
            Ordinal of the first day.

        Returns
        -------
        pandas.DataFrame
        """
        return self.ask(TAIL, since=date.fromordinal(since))

    def finding(
        self, kind: str, account: int, *, days: tuple[int, int], text: str, **more: Any
    ) -> dict[str, Any]:
        """Return one finding as a row: by default without rows and money, pausing while in the fit window.

        Parameters
        ----------
        kind : str
            Name of the finding.
        account : int
            Number of the account.
        days : tuple of int
            Ordinals of the first and the last day touched.
        text : str
            What was found; the account's name is set before it.
        **more : object
            Columns that differ from the default.

        Returns
        -------
        dict
        """
        provider, name = self.accounts[account]
        first, last = date.fromordinal(days[0]), date.fromordinal(days[1])
        return {
            "Finding": kind,
            "Provider": provider,
            "Account": name,
            "BillingPeriod": f"{first:%Y-%m}",
            "BillingCurrency": "",
            "FirstDay": first,
            "LastDay": last,
            "Rows": 0,
            "Cost": Decimal(0),
            "Detail": f"{provider} {name}: {text}",
            "PausesModels": self.in_window(days[1]),
        } | more

    def in_window(self, day: int) -> bool:
        """Say whether this day still lies among those that models are fitted to.

        Parameters
        ----------
        day : int
            An ordinal.

        Returns
        -------
        bool
        """
        return self.now.date().toordinal() - day <= self.limits.fit_window_days


def ordinal(epoch_day: Any) -> int:
    """Which ordinal of ``datetime.date`` is this day counted from 1970-01-01.

    Parameters
    ----------
    epoch_day : int or numpy.integer
        Days since 1970-01-01.

    Returns
    -------
    int

    Examples
    --------
    >>> date.fromordinal(ordinal(20635))
    datetime.date(2026, 7, 1)
    """
    return int(epoch_day) + date(1970, 1, 1).toordinal()
