"""What stands beside the bill: cost of a cluster's workloads, and cores of machines of one's own."""

from __future__ import annotations

from typing import Any

from finops_lib.billing.engine import Engine
from finops_lib.records import Period
from finops_lib.run.recommend_bill import WORKLOAD, Billed, days_of, own_snapshots, tags_of
from finops_lib.usage.join import KEY, key_of

WORKLOADS = """
SELECT {key} AS key, any_value(path) AS resource, "BillingCurrency" AS currency, "x_SnapshotId" AS snapshot,
       CAST("ChargePeriodStart" AS DATE) AS day, max("Tags") AS tags, sum("EffectiveCost") AS cost
FROM (SELECT *, concat_ws('/', "BillingAccountId", "SubAccountId", {name}) AS path FROM allocations
      WHERE "ChargePeriodStart" >= $start AND "ChargePeriodStart" < $end AND {name} IS NOT NULL)
GROUP BY ALL
ORDER BY ALL
"""
CORES = """
SELECT "ResourceId" AS resource, max("x_Cores") AS cores FROM charges
WHERE "x_SnapshotId" IN (SELECT unnest($own)) AND "ResourceId" IS NOT NULL GROUP BY ALL
"""


def allocated(engine: Engine, *, period: Period) -> dict[str, Billed]:
    """What did each workload of a cluster cost, as the cluster's report says.

    Parameters
    ----------
    engine : Engine
        The open lake.
    period : Period
        Charges that start in it.

    Returns
    -------
    dict of str to Billed
        By ``cluster/namespace/workload`` in small letters.
    """
    known = "x_Controller" in set(engine.query("DESCRIBE allocations")["column_name"])
    name = 'coalesce("x_Controller", "ResourceName")' if known else '"ResourceName"'
    sql = WORKLOADS.format(key=KEY.format("path"), name=name)
    frame = engine.query(sql, {"start": period.start, "end": period.end})
    return {
        str(key): _workload(
            [{str(part): value for part, value in row.items()} for row in rows.to_dict("records")]
        )
        for key, rows in frame.groupby("key", sort=True)
    }


def _workload(rows: list[dict[str, Any]]) -> Billed:
    currencies = {row["currency"] for row in rows}
    return Billed(
        rows[-1]["resource"],
        WORKLOAD,
        "",
        "",
        "",
        "",
        "",
        tags_of(rows[-1]["tags"]),
        currencies.pop() if len(currencies) == 1 else "",
        days_of([row | {"committed": False, "listed": None} for row in rows]),
        snapshots=tuple(sorted({row["snapshot"] for row in rows})),
    )


def own_cores(engine: Engine) -> dict[str, float]:
    """How many cores has each machine of one's own, as its inventory in the lake says; by key of the id.

    Parameters
    ----------
    engine : Engine
        The open lake.
    """
    own = own_snapshots(engine)
    if not own or "x_Cores" not in engine.columns:
        return {}
    rows = engine.query(CORES, {"own": own}).to_dict("records")
    found = {key_of(str(row["resource"])): float(str(row["cores"] or 0)) for row in rows}
    return {key: cores for key, cores in found.items() if cores > 0}
