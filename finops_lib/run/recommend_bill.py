"""What the bill says of resources that may change: what they are, what each day cost, who follows whom."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from finops_lib.billing.engine import Engine
from finops_lib.cost.exact import total
from finops_lib.optimize.rightsize.paid import Paid
from finops_lib.records import Period
from finops_lib.usage.join import KEY

MACHINE, VOLUME, FUNCTION, OWN, OTHER = "machine", "volume", "function", "own machine", "other"
WORKLOAD = "workload"
OWN_LASTING = ("depreciation",)  # what does not end with the machine
PROVIDERS: Mapping[str, str] = {"AWS": "aws", "Microsoft": "azure", "Google Cloud": "gcp", "Oracle": "oci"}
_SIZE = re.compile(r"(?:BoxUsage|InstanceUsage|NodeUsage|SpotUsage|Multi-AZUsage):([\w.]+)")
_VOLUME = re.compile(
    r"volumeusage|ssd backed|managed disk|\bdisks?\b|block volume|pd capacity", re.IGNORECASE
)
_LICENCE = re.compile(r"windows|rhel|red hat|suse|sql server|oracle database", re.IGNORECASE)
_OWNERS = ("owner", "team")
_MONTH_DAYS = Decimal(730) / 24

LINES = """
WITH watched AS (SELECT DISTINCT {used_key} AS key FROM usage),
lines AS (
    SELECT *, {billed_key} AS key FROM charges
    WHERE "ResourceId" IS NOT NULL AND "ChargeCategory" = 'Usage'
        AND "ChargePeriodStart" >= $start AND "ChargePeriodStart" < $end
)
SELECT key, "ResourceId" AS resource, coalesce("SkuMeter", '') AS meter, coalesce("RegionId", '') AS region,
       coalesce("x_ProviderName", '') AS provider, coalesce("SubAccountId", '') AS account,
       lower(coalesce("ServiceSubcategory", '')) AS subcategory, lower(coalesce("ResourceType", '')) AS type,
       any_value("ChargeDescription") AS words, max("Tags") AS tags, "BillingCurrency" AS currency,
       "x_SnapshotId" AS snapshot, CAST("ChargePeriodStart" AS DATE) AS day,
       coalesce("PricingCategory" = 'Committed' OR "CommitmentDiscountStatus" = 'Used', FALSE) AS committed,
       sum("EffectiveCost") AS cost, sum("ListCost") AS listed
FROM lines
WHERE key IN (SELECT key FROM watched) OR regexp_matches("SkuMeter", $sizes)
    OR regexp_matches(lower("SkuMeter"), $volumes) OR lower("ServiceSubcategory") = 'serverless compute'
    OR "x_SnapshotId" IN (SELECT unnest($own))
GROUP BY ALL
ORDER BY ALL
"""


@dataclass(frozen=True)
class Billed:
    """A resource as billed in a window, by its leading meter.

    ``days`` has the effective cost, the part that commitments paid for, and the list cost of each day with a
    charge. ``currency`` is empty where it was billed in several. ``follows`` are ids that it had before.
    """

    resource: str
    kind: str
    provider: str
    region: str
    account: str
    meter: str
    size: str
    tags: Mapping[str, str]
    currency: str
    days: Mapping[date, tuple[Decimal, Decimal, Decimal | None]]
    licence: str = ""
    snapshots: tuple[str, ...] = ()
    follows: tuple[str, ...] = field(default=())

    @property
    def owner(self) -> str:
        """Who answers for it: its tag owner, else team."""
        low = {key.strip().lower(): value for key, value in self.tags.items() if value.strip()}
        return next((low[key] for key in _OWNERS if key in low), "")

    def paid(self, complete: Iterable[date]) -> Paid | None:
        """What did it cost on each complete day since its first charge; None where no saving can be told.

        Parameters
        ----------
        complete : iterable of date
            Days whose bill is whole.
        """
        if not self.currency or not self.days:
            return None
        first = min(self.days)
        nothing: tuple[Decimal, Decimal, Decimal | None] = (Decimal(0), Decimal(0), Decimal(0))
        found = [self.days.get(day, nothing) for day in complete if day >= first]
        cost = total([line[0] for line in found]) or Decimal(0)
        committed = total([line[1] for line in found]) or Decimal(0)
        listed = [line[2] for line in found]
        whole = None if any(amount is None for amount in listed) else total(listed)
        return Paid(
            self.currency, tuple(line[0] for line in found), min(max(committed, Decimal(0)), cost), whole
        )

    def own_month(self) -> Paid | None:
        """What does a machine of one's own cost in a month that ends with it, as days that are alike."""
        cost = total([line[0] for line in self.days.values()])
        months = {(day.year, day.month) for day in self.days}
        if not self.currency or cost is None:
            return None
        return Paid(self.currency, (cost / len(months) / _MONTH_DAYS,) * 30)


def billed(engine: Engine, *, period: Period) -> dict[str, Billed]:
    """Which resources that may change does the bill name in this period.

    Parameters
    ----------
    engine : Engine
        The open lake.
    period : Period
        Charges that start in it.

    Returns
    -------
    dict of str to Billed
        By `finops_lib.usage.join.key_of` of the id: all that samples name, and besides machines, volumes,
        functions and machines of one's own that nobody watches. Renewed resources come once, under the id
        that they have last.
    """
    own = own_snapshots(engine)
    asked: dict[str, object] = {"start": period.start, "end": period.end, "sizes": _SIZE.pattern, "own": own}
    asked["volumes"] = _VOLUME.pattern
    keys = {"used_key": KEY.format("resource"), "billed_key": KEY.format('"ResourceId"')}
    frame = engine.query(LINES.format(**keys), asked)
    found = {
        str(key): _one(
            [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")], own
        )
        for key, rows in frame.groupby("key", sort=True)
    }
    return _renewed(found)


def own_snapshots(engine: Engine) -> list[str]:
    """Which deliveries are inventories of machines of one's own."""
    return sorted(item.id for item in engine.snapshots if item.source == "machine inventory")


def _one(rows: list[dict[str, Any]], own: list[str]) -> Billed:
    kind = _kind(rows, own)
    leading = rows if kind == OWN else _leading(rows)
    first = leading[-1]
    currencies = {row["currency"] for row in leading}
    size = _SIZE.search(first["meter"])
    licence = _LICENCE.search(str(first["words"] or ""))
    return Billed(
        first["resource"],
        kind,
        PROVIDERS.get(first["provider"], first["provider"].lower()),
        first["region"],
        first["account"],
        first["meter"],
        _spelled(size[1]) if size else "",
        tags_of(first["tags"]),
        currencies.pop() if len(currencies) == 1 else "",
        days_of([row for row in leading if kind != OWN or row["meter"] not in OWN_LASTING]),
        licence[0] if licence and kind == MACHINE else "",
        tuple(sorted({row["snapshot"] for row in leading})),
    )


def _kind(rows: list[dict[str, Any]], own: list[str]) -> str:
    if any(row["snapshot"] in own for row in rows):
        return OWN
    if any(_SIZE.search(row["meter"]) for row in rows):
        return MACHINE
    if any(row["subcategory"] == "serverless compute" for row in rows):
        return FUNCTION
    return VOLUME if any(_VOLUME.search(row["meter"]) for row in rows) else OTHER


def _leading(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the meter of the machine or volume itself, else the one that costs most."""
    costs: dict[str, Decimal] = {}
    for row in rows:
        costs[row["meter"]] = costs.get(row["meter"], Decimal(0)) + _known(row["cost"])
    chosen = max(
        costs, key=lambda meter: (bool(_SIZE.search(meter)), bool(_VOLUME.search(meter)), costs[meter])
    )
    return [row for row in rows if row["meter"] == chosen]


def days_of(rows: list[dict[str, Any]]) -> dict[date, tuple[Decimal, Decimal, Decimal | None]]:
    """What do these rows come to on each day: effective cost, the part by commitments, list cost."""
    found: dict[date, tuple[Decimal, Decimal, Decimal | None]] = {}
    for row in rows:
        before = found.get(row["day"], (Decimal(0), Decimal(0), Decimal(0)))
        cost = _known(row["cost"])
        listed = None if before[2] is None or row["listed"] is None else before[2] + row["listed"]
        found[row["day"]] = (before[0] + cost, before[1] + (cost if row["committed"] else 0), listed)
    return found


def _known(amount: Decimal | None) -> Decimal:
    return amount if isinstance(amount, Decimal) else Decimal(0)


def _spelled(size: str) -> str:
    """Write a size in full: bills shorten ``2xlarge`` to ``2xl``."""
    return f"{size}arge" if size.endswith("xl") else size


def tags_of(text: object) -> dict[str, str]:
    """Which tags does this cell hold; none where it cannot be read."""
    try:
        found = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _renewed(found: Mapping[str, Billed]) -> dict[str, Billed]:
    """Join a resource with the one that it became: the same in all but id, the day after, and no other is."""
    ends: dict[tuple[Any, ...], list[str]] = {}
    starts: dict[tuple[Any, ...], list[str]] = {}
    for key, item in found.items():
        if item.size or item.kind == OTHER:
            like = (item.provider, item.account, item.region, item.meter, tuple(sorted(item.tags.items())))
            ends.setdefault((*like, max(item.days) + timedelta(days=1)), []).append(key)
            starts.setdefault((*like, min(item.days)), []).append(key)
    after = {
        old[0]: starts[like][0]
        for like, old in ends.items()
        if len(old) == 1 and len(starts.get(like, ())) == 1
    }
    kept = dict(found)
    for old in sorted(after, key=lambda key: min(found[key].days)):
        before, now = kept.pop(old), kept[after[old]]
        follows = (*before.follows, before.resource)
        days = {**before.days, **now.days}
        snapshots = tuple(sorted({*before.snapshots, *now.snapshots}))
        kept[after[old]] = replace(now, days=days, follows=follows, snapshots=snapshots)
    return kept


def complete_days(
    start: datetime, end: datetime, *, reach: date | None, incomplete: Iterable[date]
) -> list[date]:
    """Which days of a window are whole in the bill.

    Parameters
    ----------
    start, end : datetime
        The window, half-open.
    reach : date, optional
        Last day with a charge; none is no whole day.
    incomplete : iterable of date
        Days still filling up.

    Returns
    -------
    list of date

    Examples
    --------
    >>> from datetime import UTC
    >>> window = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 5, tzinfo=UTC)
    >>> found = complete_days(*window, reach=date(2026, 7, 3), incomplete=[date(2026, 7, 2)])
    >>> [day.day for day in found]
    [1, 3]
    """
    filling = set(incomplete)
    days = pd.date_range(start.date(), (end - timedelta(microseconds=1)).date(), freq="D")
    found = [day.date() for day in days]
    return [day for day in found if reach is not None and day <= reach and day not in filling]
