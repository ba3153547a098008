"""Which money goes with which use: the bill and samples by resource and time, as the resource was then.

A resource changes: its size, its tags. The bill tells each state and when it held, from one charge to the
next, half-open. Samples belong to the state of their moment. Ids are compared without regard to case, and
where one side writes an id of AWS within an ARN, by that id alone. Money that nobody measured and use that
nobody charged are not dropped but listed.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from finops_lib.billing.engine import Engine
from finops_lib.errors import QueryError
from finops_lib.records import Period

CHARGES, ALLOCATIONS = "charges", "allocations"
NO_CHARGE, NOT_BILLED_YET = "no charge", "not billed yet"
_KEY = """CASE WHEN regexp_matches(lower({0}), '(^|[/:])[a-z]+-[0-9a-f]{{8,17}}$')
    THEN regexp_extract(lower({0}), '([a-z]+-[0-9a-f]{{8,17}})$', 1) ELSE lower({0}) END"""
_SIZE = "(?:BoxUsage|InstanceUsage|NodeUsage|SpotUsage|Multi-AZUsage):([A-Za-z0-9_.]+)"
_MACHINES = {
    "resource": '"ResourceId"',
    "size": f"""nullif(regexp_extract(coalesce("SkuMeter", ''), '{_SIZE}', 1), '')""",
    "used": "resource",
    "chosen": """ "ChargeCategory" = 'Usage' """,
}
_WORKLOADS = {
    "resource": """concat_ws('/', "BillingAccountId", "SubAccountId", {name})""",
    "size": "CAST(NULL AS VARCHAR)",
    "used": "regexp_extract(resource, '^[^/]+/[^/]+/[^/]+')",
    "chosen": "true",
}

PARTS = """
WITH lines AS (
    SELECT {resource} AS resource, "ChargePeriodStart" AS start, "ChargePeriodEnd" AS stop, {size} AS size,
           "Tags" AS tags, "BillingCurrency" AS currency, "EffectiveCost" AS cost, {chosen} AS tells
    FROM {money}
    WHERE "ChargePeriodStart" >= $start AND "ChargePeriodStart" < $end
), slots AS (
    SELECT resource, start, max(stop) AS stop, max(size) AS size,
           coalesce(max(nullif(tags, '{{}}')), max(tags)) AS tags
    FROM lines WHERE resource IS NOT NULL AND tells GROUP BY resource, start
), filled AS (
    SELECT resource, start, stop,
           coalesce(last_value(size IGNORE NULLS) OVER before,
                    first_value(size IGNORE NULLS) OVER later) AS size,
           coalesce(last_value(tags IGNORE NULLS) OVER before,
                    first_value(tags IGNORE NULLS) OVER later) AS tags
    FROM slots
    WINDOW before AS (PARTITION BY resource ORDER BY start ROWS UNBOUNDED PRECEDING),
           later AS (PARTITION BY resource ORDER BY start ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
), marked AS (
    SELECT *, CASE WHEN row_number() OVER one = 1 OR size IS DISTINCT FROM lag(size) OVER one
                     OR tags IS DISTINCT FROM lag(tags) OVER one THEN 1 ELSE 0 END AS changed
    FROM filled WINDOW one AS (PARTITION BY resource ORDER BY start)
), numbered AS (
    SELECT *, sum(changed) OVER (PARTITION BY resource ORDER BY start ROWS UNBOUNDED PRECEDING) AS version
    FROM marked
), merged AS (
    SELECT resource, version, any_value(size) AS size, any_value(tags) AS tags, min(start) AS valid_from,
           max(stop) AS stop
    FROM numbered GROUP BY resource, version
), states AS (
    SELECT resource, {resource_key} AS key, size, tags, valid_from,
           coalesce(lead(valid_from) OVER (PARTITION BY resource ORDER BY version), stop) AS valid_to
    FROM merged
), priced AS (
    SELECT states.*, lines.currency, sum(lines.cost) AS cost
    FROM states JOIN lines ON lines.resource = states.resource
        AND lines.start >= states.valid_from AND lines.start < states.valid_to
    GROUP BY ALL
), samples AS (
    SELECT resource, {used_key} AS key, metric, unit, time, value
    FROM usage WHERE time >= $start AND time < $end
), used AS (
    SELECT states.resource, valid_from, metric, unit, count(*) AS samples, avg(value) AS mean,
           CAST(max(value) AS DOUBLE) AS highest
    FROM samples JOIN states ON samples.key = states.key AND time >= valid_from AND time < valid_to
    GROUP BY ALL
)
"""
MATCHED = """
SELECT priced.resource, priced.size, priced.tags, priced.valid_from, priced.valid_to, currency, cost,
       metric, unit, samples, mean, highest
FROM priced JOIN used ON used.resource = priced.resource AND used.valid_from = priced.valid_from
ORDER BY priced.resource, priced.valid_from, currency, metric, unit
"""
NO_USAGE = """
SELECT resource, size, tags, valid_from, valid_to, currency, cost
FROM priced ANTI JOIN used ON used.resource = priced.resource AND used.valid_from = priced.valid_from
UNION ALL
SELECT NULL, NULL, NULL, min(start), max(stop), currency, sum(cost)
FROM lines WHERE resource IS NULL GROUP BY currency
UNION ALL
SELECT resource, NULL, NULL, min(start), max(stop), currency, sum(cost)
FROM lines ANTI JOIN priced ON priced.resource = lines.resource AND priced.currency = lines.currency
    AND lines.start >= priced.valid_from AND lines.start < priced.valid_to
WHERE resource IS NOT NULL GROUP BY resource, currency
ORDER BY ALL
"""
NO_MONEY = """
SELECT samples.resource, metric, unit, count(*) AS samples, min(time) AS first, max(time) AS last,
       CASE WHEN time >= (SELECT max(stop) FROM lines) THEN 'not billed yet' ELSE 'no charge' END AS reason
FROM samples ANTI JOIN states ON samples.key = states.key AND time >= valid_from AND time < valid_to
GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True)
class Joined:
    """What matches and what does not; each sum of ``cost`` is exact, in the currency of its row.

    ``matched`` has a row for each state of a resource, currency and metric: ``resource``, ``size``, ``tags``
    (JSON), ``valid_from``, ``valid_to``, ``currency``, ``cost``, ``metric``, ``unit``, ``samples`` (a count),
    ``mean`` and ``highest``; the cost stands beside each metric and is never added over them. ``no_usage``
    has states and charges that no sample goes with (``resource`` None: charges of no resource), ``no_money``
    samples of no charge, by ``reason``: the bill may not be there yet.
    """

    matched: pd.DataFrame
    no_usage: pd.DataFrame
    no_money: pd.DataFrame


def join(engine: Engine, *, period: Period, money: str = CHARGES) -> Joined:
    """Which money goes with which use in this period, and what goes with nothing.

    Parameters
    ----------
    engine : Engine
        The open lake.
    period : Period
        Charges that start in it, and samples in it.
    money : str
        ``charges``, or ``allocations`` for the workloads that a cluster's report names (these explain
        charges and are never added to them): then ids are ``cluster/namespace/workload``.

    Returns
    -------
    Joined

    Raises
    ------
    QueryError
        ``money`` is neither, or the lake cannot be asked.
    """
    if money not in (CHARGES, ALLOCATIONS):
        raise QueryError(f"money {money[:80]!r}", f"it is {CHARGES} or {ALLOCATIONS}", "name one of the two")
    words = dict(_MACHINES if money == CHARGES else _WORKLOADS)
    if money == ALLOCATIONS:
        known = "x_Controller" in set(engine.query("DESCRIBE allocations")["column_name"])
        name = 'coalesce("x_Controller", "ResourceName")' if known else '"ResourceName"'
        words["resource"] = words["resource"].format(name=name)
    words |= {"money": money, "resource_key": _KEY.format("resource"), "used_key": _KEY.format(words["used"])}
    asked = {"start": period.start, "end": period.end}
    found = (engine.query(f"{PARTS}{sql}".format(**words), asked) for sql in (MATCHED, NO_USAGE, NO_MONEY))
    return Joined(*found)
