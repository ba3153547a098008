"""The daily cost that is watched for what is odd: small parts, their sums, and the days not to be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from finops_lib.anomaly.pauses import Pause
from finops_lib.anomaly.tracks import KEEP
from finops_lib.cost.allocation.cluster_days import CLUSTER, cluster_days
from finops_lib.cost.levelled import levelled_days, newest_whole_day
from finops_lib.run.desk import Desk
from finops_lib.run.odd_asked import PATH, RESOURCE, Asked

WATCHED = ("Usage", "Purchase")  # taxes, credits and adjustments follow these, on days of their own
MONEY_DAYS = 28
_KEYS = ["time", "BillingCurrency"]


@dataclass(frozen=True)
class Costs:
    """Costs by day and small part, up to ``last`` (None: there is no whole day), and what was left out.

    ``days`` has ``time``, the columns of the parts, ``BillingCurrency`` and ``value`` (float). ``unsure``
    counts parts that say their cost on some days only, ``unsure_money`` is what they do say.
    """

    days: pd.DataFrame
    last: date | None
    names: tuple[str, ...]
    unsure: int = 0
    unsure_money: float = 0.0
    resources: int = 0

    @property
    def currency(self) -> str:
        """ISO 4217 code; empty where nothing was charged."""
        return str(self.days["BillingCurrency"].iloc[0]) if len(self.days) else ""

    @property
    def usual(self) -> float:
        """What does a day cost, in the mean of the last four weeks."""
        if self.last is None:
            return 0.0
        late = self.days["time"] > pd.Timestamp(self.last - timedelta(days=MONEY_DAYS))
        return float(self.days.loc[late, "value"].sum()) / MONEY_DAYS

    def series(self, by: Sequence[str]) -> pd.DataFrame:
        """Which series do these columns make, for a detector: one row for each day with a charge.

        Parameters
        ----------
        by : sequence of str
            Columns from the coarsest to the finest.
        """
        keys = [*by, *_KEYS]
        return self.days.groupby(keys, sort=True)["value"].sum(min_count=1).reset_index()


def watched(desk: Desk, asked: Asked, *, most_resources: int) -> Costs:
    """What did each small part cost on each day that a detector can remember.

    Parameters
    ----------
    desk : Desk
        The open lake, in one currency.
    asked : Asked
        Hierarchies, dimensions and the last day.
    most_resources : int
        With more of them, resources are watched only where a hierarchy names them.

    Returns
    -------
    Costs

    Raises
    ------
    QueryError
        A column is not in the lake.
    CurrencyError
        The lake has several currencies and none was named.
    """
    names = dict.fromkeys([*(name for path in asked.hierarchies for name in path), *asked.dimensions])
    resources = _resources(desk)
    if 0 < resources <= most_resources:
        names[RESOURCE] = None
    money: dict[str, Any] = {"cost": desk.cost, "currency": desk.currency or None, "rates": desk.rates}
    found = levelled_days(desk.engine, by=list(names), where={"ChargeCategory": WATCHED}, **money)
    newest = newest_whole_day(found, filling=desk.incomplete)
    if newest is None:
        return Costs(found.drop(columns="long").iloc[:0], None, tuple(names), resources=resources)
    last = min(newest.date(), asked.until or newest.date())
    inside = (found["time"] <= pd.Timestamp(last)) & (
        found["time"] > pd.Timestamp(last - timedelta(days=KEEP))
    )
    return _sure(found[inside].drop(columns="long"), last, tuple(names), resources)


def clustered(desk: Desk, asked: Asked, *, last: date | None) -> Costs:
    """What did the workloads of Kubernetes clusters cost on each day, by the clusters' own reports.

    Parameters
    ----------
    desk : Desk
        The open lake.
    asked : Asked
        Whether they are watched.
    last : date or None
        The last day watched of the bill; later ones are left out.

    Returns
    -------
    Costs
        In the currency of most rows; parts in another one count as ``unsure``. There is no last day where no
        report is in the lake, or they are not asked for.
    """
    found = cluster_days(desk.engine, tag=asked.team)
    names = tuple(name for name in found.columns if name not in {"value", *_KEYS})
    if found.empty or last is None or not asked.clusters:
        return Costs(found.iloc[:0], None, names)
    inside = (found["time"] <= pd.Timestamp(last)) & (
        found["time"] > pd.Timestamp(last - timedelta(days=KEEP))
    )
    money = found["BillingCurrency"].value_counts().sort_index().idxmax()
    mine = found["BillingCurrency"] == money
    others = found[inside & ~mine]
    days = found[inside & mine].reset_index(drop=True)
    if days.empty:
        return Costs(days, None, names)
    count, left = len(others[list(CLUSTER)].drop_duplicates()), float(others["value"].sum())
    return Costs(days, days["time"].max().date(), names, count, left)


def _resources(desk: Desk) -> int:
    if RESOURCE not in desk.engine.columns:
        return 0
    answer = desk.engine.query('SELECT count(DISTINCT "ResourceId") AS n FROM charges')
    return int(answer["n"].iloc[0])


def _sure(days: pd.DataFrame, last: date, names: tuple[str, ...], resources: int) -> Costs:
    """Leave out the parts that do not always say their cost: a sum with them would rise and fall by that."""
    parts = days.groupby([*names, "BillingCurrency"], sort=False).ngroup()
    unsure = days["value"].isna().groupby(parts).transform("any").astype(bool)
    left = float(days.loc[unsure, "value"].sum())
    count = int(parts[unsure].nunique())
    return Costs(days[~unsure].reset_index(drop=True), last, names, count, left, resources)


def pauses(desk: Desk, costs: Costs, by: Sequence[str]) -> list[Pause]:
    """Which days of which series are not to be trusted, as the quality of the bills says.

    Parameters
    ----------
    desk : Desk
        The open lake.
    costs : Costs
        Up to the last day watched.
    by : sequence of str
        Columns of the hierarchy; where the first is the provider, only that provider's part pauses.

    Returns
    -------
    list of Pause
        Days still filling up, and findings that pause models.
    """
    if costs.last is None:
        return []
    first = costs.last - timedelta(days=KEEP)
    found = [
        Pause(day, day + timedelta(days=1), "still filling up")
        for day in desk.incomplete
        if first < day <= costs.last
    ]
    quality = desk.findings()
    for _, row in quality[quality["PausesModels"]].iterrows():
        start, end = max(_day(row["FirstDay"]), first), min(_day(row["LastDay"]), costs.last)
        if start <= end:
            part = (str(row["Provider"]),) if by and by[0] == PATH[0] else ()
            found.append(Pause(start, end + timedelta(days=1), str(row["Detail"]), part))
    return list(dict.fromkeys(found))


def _day(value: object) -> date:
    return date.fromisoformat(str(value)[:10])


def floor_of(costs: Costs, asked: Asked, *, per_mille: int) -> Decimal:
    """From how much money a day on is something told: what was asked, or a share of the usual cost of a day.

    Parameters
    ----------
    costs : Costs
        What is watched.
    asked : Asked
        Perhaps with a floor.
    per_mille : int
        The share otherwise, in thousandths.

    Examples
    --------
    >>> days = pd.DataFrame({"time": pd.date_range("2026-07-01", periods=28), "value": 100.0})
    >>> costs = Costs(days, date(2026, 7, 28), ())
    >>> floor_of(costs, Asked((("ServiceName",),), 30, 0.1), per_mille=5)
    Decimal('0.50')
    """
    if asked.floor is not None:
        return asked.floor
    return Decimal(round(max(costs.usual, 0.0) * per_mille / 1000, 2)).quantize(Decimal("0.01"))
