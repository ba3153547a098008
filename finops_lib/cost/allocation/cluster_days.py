"""What did each workload of a Kubernetes cluster cost on each day, as numbers to watch.

The amounts are those of the clusters' own reports, in their own prices. The same money is on the bill as the
charges of the nodes, so that no sum may hold both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.billing.tags import tag_column
from finops_lib.cost.exact import label
from finops_lib.cost.sql import quoted

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

CLUSTER = ("Cluster", "Namespace", "Controller")
_COLUMNS = ("BillingAccountId", "SubAccountId", "x_Controller")
_NOT_RUN = ("idle", "shared", "overhead")  # kinds of rows that move with what runs, or against it

DAYS = """
SELECT CAST("ChargePeriodStart" AS DATE) AS t, {selected}, "BillingCurrency" AS currency,
       CAST(sum("EffectiveCost") AS DOUBLE) AS cost
FROM allocations
WHERE "ChargePeriodEnd" - "ChargePeriodStart" <= INTERVAL 1 DAY AND {ran}
GROUP BY ALL
HAVING count("EffectiveCost") > 0
ORDER BY ALL
"""


def cluster_days(engine: Engine, *, tag: str = "") -> pd.DataFrame:
    """What did the clusters' reports say of each day, workload by workload, idle and shared cost left out.

    Parameters
    ----------
    engine : Engine
        The open lake.
    tag : str
        ``tag:key`` of a label to carry; empty, or one that no report has, is none.

    Returns
    -------
    DataFrame
        ``time`` (UTC days), ``Cluster``, ``Namespace``, ``Controller``, the tag, ``BillingCurrency`` (of the
        report; ``XXX`` where it names none) and ``value`` (float). Reports of windows longer than a day say
        nothing of days and are left out. Without a report it has no row.
    """
    known = engine.table("SELECT * FROM allocations LIMIT 0").column_names
    wanted = dict(zip(CLUSTER, _COLUMNS, strict=True))
    carried = tag_column(tag.removeprefix("tag:")) if tag.startswith("tag:") else ""
    if carried in known:
        wanted[tag] = carried
    texts = [quoted(column) if column in known else "CAST(NULL AS VARCHAR)" for column in wanted.values()]
    kind = "x_AllocationKind"
    left_out = ", ".join(f"'{word}'" for word in _NOT_RUN)
    ran = f"coalesce({quoted(kind)}, '') NOT IN ({left_out})" if kind in known else "true"
    selected = ", ".join(f"{text} AS k{place}" for place, text in enumerate(texts))
    found = engine.query(DAYS.format(selected=selected, ran=ran))
    columns: dict[str, object] = {"time": pd.to_datetime(found["t"])}
    for place, name in enumerate(wanted):
        values = found[f"k{place}"]
        words = {value: label(value, name=name) for value in values.dropna().unique()}
        columns[name] = values.map(words).fillna(label(None, name=name)).astype(object)
    columns["BillingCurrency"] = [label(code, name="BillingCurrency") for code in found["currency"]]
    return pd.DataFrame({**columns, "value": found["cost"].astype("float64")})
