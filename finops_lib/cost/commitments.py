"""How well are commitments used: coverage, utilisation, what is unused, and the rate they save.

What a charge saves and what a commitment leaves unused is said in `savings`, once; here it is looked at by
commitment and beside the usage that no commitment covers.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from finops_lib.cost.exact import NONE, difference, share, total
from finops_lib.cost.savings import effective_savings_rate
from finops_lib.cost.spend import four_costs
from finops_lib.cost.sql import Where
from finops_lib.records import Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine
    from finops_lib.units import Rates

_NO_FILTER: Mapping[str, str] = {}
_SERVICE = ("x_ProviderName", "ServiceName")
_STATUS, _PRICING = "CommitmentDiscountStatus", "PricingCategory"
_ID, _TYPE = "CommitmentDiscountId", "CommitmentDiscountType"
ELIGIBLE = ("Standard", "Committed", NONE)  # what is bought at a price of the moment cannot be committed to
_ZERO = Decimal(0)


def utilisation(
    engine: Engine,
    *,
    axis: str = "charge",
    grain: str | None = None,
    period: Period | None = None,
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """Which share of each commitment was used, and what did the rest cost.

    Parameters
    ----------
    engine : Engine
        The open lake.
    axis, grain, period, where, currency, rates
        As in `spend`.

    Returns
    -------
    DataFrame
        ``time`` (if there is a grain), ``CommitmentDiscountId``, ``CommitmentDiscountType``,
        ``BillingCurrency``, ``Used`` and ``Unused`` (effective cost, exact), ``Utilisation`` (share of
        both that was used; None where they are zero), ``FeeNotSpread``, ``Savings`` (against list price,
        less what was paid in all; None where nothing states a list cost) and ``RowsUnknown``, a count of
        rows whose effective cost is missing or unfit. The most unused first. An export that leaves the
        whole cost of a commitment on its fee, and none on the usage, does not say how much was used: the
        first three are None then, and the cost is in ``FeeNotSpread``.

    Raises
    ------
    QueryError, CurrencyError
        As in `spend`.

    Source: FOCUS columns CommitmentDiscountStatus and EffectiveCost: a commitment's used and unused charges
    carry all of its amortised cost.
    """
    found = effective_savings_rate(
        engine, by=(_ID, _TYPE), axis=axis, grain=grain, period=period, where=where, currency=currency,
        rates=rates,
    )  # fmt: skip
    found = found[found[_ID] != NONE]
    columns = ["Used", "Unused", "Utilisation", "FeeNotSpread", "Savings", "RowsUnknown"]
    lines = [_used(line) for line in found.to_dict("records")]
    told = pd.DataFrame(lines, columns=columns, index=found.index, dtype=object)
    keys = [name for name in ("time", _ID, _TYPE, "BillingCurrency") if name in found]
    order = sorted(range(len(told)), key=lambda row: (-(told["Unused"].iloc[row] or _ZERO), row))
    return pd.concat([found[keys], told], axis=1).iloc[order].reset_index(drop=True)


def _used(line: Mapping[Hashable, Any]) -> tuple[object, ...]:
    used = total([line["EffectiveCost"], line["CostWithoutListPrice"]]) or _ZERO
    left, known = line["UnusedCommitment"] or _ZERO, (line["Savings"], line["RowsUnknown"])
    if not used and line["OnDemandEquivalent"]:
        return (None, None, None, left, *known)
    return (used, left, share(used, total([used, left])), _ZERO, *known)


def coverage(
    engine: Engine,
    *,
    by: str | Sequence[str] = (),
    axis: str = "charge",
    grain: str | None = None,
    period: Period | None = None,
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """Which share of the usage that commitments could cover do they cover, at list price.

    Usage can be covered when it is bought at a standing price (standard or committed, not at one of the
    moment) from a service of which a commitment covers something in the answer.

    Parameters
    ----------
    engine : Engine
        The open lake.
    by, axis, grain, period, where, currency, rates
        As in `spend`.

    Returns
    -------
    DataFrame
        ``time`` (if there is a grain), the columns of ``by``, ``BillingCurrency``, ``Covered`` and
        ``Eligible`` (list cost, exact), ``OnDemand`` (their difference: what a further commitment could
        cover), ``Coverage`` (share; None where nothing is eligible) and ``RowsUnknown``, a count of eligible
        rows without a list cost. A group without such usage has no row.

    Raises
    ------
    QueryError, CurrencyError
        As in `spend`.
    """
    keys = [by] if isinstance(by, str) else list(by)
    asked = tuple(dict.fromkeys((*keys, *_SERVICE, _STATUS)))
    used: dict[str, str | Sequence[str]] = {"ChargeCategory": "Usage", _PRICING: ELIGIBLE, **where}
    found = four_costs(
        engine, by=asked, axis=axis, grain=grain, period=period, where=used, currency=currency, rates=rates
    )
    services = [tuple(line) for line in found[list(_SERVICE)].itertuples(index=False)]
    covered = {service for service, status in zip(services, found[_STATUS], strict=True) if status == "Used"}
    eligible = found[np.array([service in covered for service in services], dtype=bool)]
    eligible = eligible[eligible[_STATUS] != "Unused"]
    groups = [name for name in ("time", *keys, "BillingCurrency") if name in found]
    lines = [_covered(rows, groups) for _, rows in eligible.groupby(groups, sort=True)]
    columns = [*groups, "Covered", "Eligible", "OnDemand", "Coverage", "RowsUnknown"]
    return pd.DataFrame(lines, columns=columns, dtype=object)


def _covered(rows: pd.DataFrame, groups: Sequence[str]) -> tuple[object, ...]:
    inside = total(rows.loc[rows[_STATUS] == "Used", "ListCost"]) or _ZERO
    whole = total(rows["ListCost"]) or _ZERO
    unknown = int(rows["ListRowsUnknown"].sum())
    return (
        *rows[list(groups)].iloc[0],
        inside,
        whole,
        difference(whole, inside),
        share(inside, whole),
        unknown,
    )


def scorecard(
    engine: Engine,
    *,
    axis: str = "charge",
    period: Period | None = None,
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """How do the commitments do in all: coverage, utilisation, effective savings rate, unused cost.

    Parameters
    ----------
    engine : Engine
        The open lake.
    axis, period, where, currency, rates
        As in `spend`.

    Returns
    -------
    DataFrame
        One row for each currency: ``BillingCurrency``, ``Coverage``, ``Utilisation``, ``SavingsRate``
        (shares; None is unknown), ``Unused`` (of commitments whose export tells it; None where none does),
        ``OnDemand`` and ``Savings`` (exact). The rate is that of `effective_savings_rate`, over all usage
        that states a list cost.

    Raises
    ------
    QueryError, CurrencyError
        As in `spend`.
    """
    lines = []
    asked = {"axis": axis, "period": period, "where": where, "currency": currency, "rates": rates}
    rated = effective_savings_rate(engine, **asked)  # type: ignore[arg-type]  # one mapping, three questions
    reach = coverage(engine, **asked)  # type: ignore[arg-type]  # as above
    use = utilisation(engine, **asked)  # type: ignore[arg-type]  # as above
    for line in rated.to_dict("records"):
        code = line["BillingCurrency"]
        one = reach[reach["BillingCurrency"] == code]
        used, unused = (total(use.loc[use["BillingCurrency"] == code, name]) for name in ("Used", "Unused"))
        shares = (_first(one["Coverage"]), share(used, total([used, unused])), line["Rate"])
        lines.append((code, *shares, unused, _first(one["OnDemand"]), line["Savings"]))
    columns = ["BillingCurrency", "Coverage", "Utilisation", "SavingsRate", "Unused", "OnDemand", "Savings"]
    return pd.DataFrame(lines, columns=columns, dtype=object)


def _first(values: pd.Series) -> Decimal | None:
    value = values.iloc[0] if len(values) else None
    return value if isinstance(value, Decimal) else None
