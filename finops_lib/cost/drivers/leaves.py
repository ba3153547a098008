"""What was charged, at the finest line that has a price: the leaves of a bill for one period.

A leaf is one SKU of one resource in one unit. Its money is kept apart by what can move it: usage at the price
before commitments, what commitments take off or add, credits, and all else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from finops_lib.cost.exact import converted, difference, total
from finops_lib.cost.spend import question, refuse_mixture, tidy
from finops_lib.cost.sql import COSTS, LEAVES, Where, quoted, share_of_days, statement
from finops_lib.errors import QueryError
from finops_lib.records import Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine
    from finops_lib.units import Rates

_NO_FILTER: Mapping[str, str] = {}
_ZERO = Decimal(0)
DAYS = "days"
DETAIL = ("ResourceId", "ServiceName", "SkuId", "PricingUnit")
KINDS = ("Usage", "Commitments", "Credits", "Other")
_AMOUNTS = {
    "usage_cost": "Usage",
    "commitment_cost": "Commitments",
    "credit_cost": "Credits",
    "cost": "Cost",
    "quantity": "Quantity",
}
_COMMITTED = '("CommitmentDiscountId" IS NOT NULL OR "CommitmentDiscountStatus" IS NOT NULL)'
_USED = "(\"ChargeCategory\" = 'Usage' AND \"CommitmentDiscountStatus\" IS DISTINCT FROM 'Unused')"
_PAID = "(\"ChargeCategory\" IN ('Usage', 'Purchase'))"


def leaves(  # noqa: PLR0913 - one question, each part of it named by the caller
    engine: Engine,
    *,
    period: Period,
    by: Sequence[str] = (),
    detail: Sequence[str] = DETAIL,
    cost: str = "EffectiveCost",
    axis: str = "charge",
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """What did each leaf of the bill cost in this period, for how much of what, and by which doing.

    Parameters
    ----------
    engine : Engine
        The open lake.
    period : Period
        Half-open, UTC.
    by : sequence of str
        FOCUS columns or ``tag:key`` that a later table is split by.
    detail : sequence of str
        Columns that tell one leaf from another besides ``by``; none at all to compare with a forecast by
        ``by``.
    axis : str
        As in `spend`, or ``days``: a charge counts with those of its days that are in the period (which is of
        whole days), each with as much. A rate is still that of the day on which it begins.
    cost, where, currency, rates
        As in `spend`.

    Returns
    -------
    DataFrame
        The columns of ``by`` and ``detail`` as text, ``BillingCurrency`` (the currency billed in), ``Usage``,
        ``Commitments``, ``Credits`` and ``Other`` (exact Decimal, zero where there is none; with ``rates`` in
        the target currency), the same four before conversion as ``LocalUsage`` …, ``Quantity`` (of
        PricingUnit; None when a used row does not say it, or its units differ), ``Used`` (whether there was
        usage) and ``RowsUnknown``, a count of rows whose cost is missing and which add nothing.

    Raises
    ------
    QueryError, CurrencyError
        As in `spend`.
    """
    if cost not in COSTS:
        raise ValueError(f"cost {cost!r}: it is one of {', '.join(COSTS)}")
    names = tuple(dict.fromkeys([*by, *detail]))
    grain = None if rates is None else ("day" if rates.daily else "month")
    asked = question(
        by=names, axis="charge" if axis == DAYS else axis, grain=grain, period=period, where=where,
        currency=currency if rates is None else None, rates=None,
    )  # fmt: skip
    asked = replace(asked, overlapping=axis == DAYS)
    parts = _parts(cost, spread=axis == DAYS)
    sql, parameters = statement(engine, template=LEAVES, question=asked, cube=False, **parts)
    frame = tidy(
        engine, engine.query(sql, parameters), question=asked, amounts=_AMOUNTS,
        counts={"unknown": "RowsUnknown"}, currency=asked.currency, rates=None, mixed=True,
    )  # fmt: skip
    if rates is None:
        refuse_mixture(frame)
    return _added(_filled(frame), keys=[*asked.by, "BillingCurrency"], currency=currency, rates=rates)


def planned_leaves(plan: pd.DataFrame, *, by: Sequence[str], amount: str, quantity: str = "") -> pd.DataFrame:
    """How does a plan or forecast look as leaves, so that an actual can be compared with it.

    Parameters
    ----------
    plan : DataFrame
        With the columns of ``by`` and ``BillingCurrency``; lines of the same are added up.
    by : sequence of str
        Columns with the labels that `spend` writes.
    amount, quantity : str
        Columns of exact Decimal: money, and if there is one the quantity planned.

    Returns
    -------
    DataFrame
        As `leaves` gives without ``detail``: all money is usage. Lines without an amount are left out.

    Raises
    ------
    QueryError
        A column is missing.
    """
    for name in (*by, amount, "BillingCurrency", *([quantity] if quantity else [])):
        if name not in plan:
            raise QueryError(
                f"column {name!r}",
                "a plan has its dimensions, an amount and BillingCurrency",
                f"its columns are {', '.join(map(str, plan.columns))}",
            )
    known = plan[plan[amount].notna()].reset_index(drop=True)
    keys = [*by, "BillingCurrency"]
    frame = known[keys].copy()
    nothing = pd.Series([_ZERO] * len(known), dtype=object)
    for name in KINDS:
        frame[name] = frame[f"Local{name}"] = known[amount].astype(object) if name == "Usage" else nothing
    frame["Quantity"] = known[quantity] if quantity else None
    frame["Quantity"] = frame["Quantity"].astype(object)
    return added_up(frame.assign(Used=True, RowsUnknown=0), keys=keys)


def keys_of(table: pd.DataFrame) -> list[str]:
    """Which columns tell the leaves of this table apart.

    Parameters
    ----------
    table : DataFrame
        From `leaves` or `planned_leaves`.

    Returns
    -------
    list of str
    """
    amounts = {*KINDS, *(f"Local{name}" for name in KINDS), "Quantity", "Used", "RowsUnknown"}
    return [name for name in table.columns if name not in amounts]


def added_up(frame: pd.DataFrame, *, keys: list[str]) -> pd.DataFrame:
    """What do leaves of the same keys come to together.

    Parameters
    ----------
    frame : DataFrame
        As `leaves` gives, where keys may come twice.
    keys : list of str
        Columns that tell leaves apart.

    Returns
    -------
    DataFrame
        A quantity that one of the used leaves does not say is unknown; one that was not used has none to say.
    """
    if frame.empty:
        return frame
    money = [*KINDS, *(f"Local{name}" for name in KINDS)]
    adders: dict[str, Any] = {
        **dict.fromkeys(money, total),
        "Quantity": _all_known,
        "Used": "max",
        "RowsUnknown": "sum",
    }
    told = [
        (_ZERO if amount is None and not used else amount)
        for amount, used in zip(frame["Quantity"], frame["Used"], strict=True)
    ]
    filled = frame.assign(Quantity=pd.Series(told, index=frame.index, dtype=object))
    grouped = filled.groupby(keys, as_index=False, sort=True).agg(adders)
    return grouped.assign(Quantity=grouped["Quantity"].where(grouped["Used"].astype(bool), None))


def _parts(cost: str, *, spread: bool) -> dict[str, str]:
    paid, contracted, quantity = (
        share_of_days(quoted(name)) if spread else quoted(name)
        for name in (cost, "ContractedCost", "PricingQuantity")
    )
    discounted = cost in {"EffectiveCost", "BilledCost"}
    base = f"CASE WHEN {_COMMITTED} THEN coalesce({contracted}, {paid}) ELSE {paid} END"
    parts = {"used": _USED, "committed": _COMMITTED, "paid": _PAID, "quantity": quantity}
    return {**parts, "cost": paid, "base": f"({base})" if discounted else paid}


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    """Put zero where a kind has no rows, and what no kind took into ``Other``."""
    used = [amount is not None for amount in frame["Usage"]]
    for name in ("Cost", "Usage", "Commitments", "Credits"):
        frame[name] = pd.Series([amount or _ZERO for amount in frame[name]], index=frame.index, dtype=object)
    taken = [
        total(kinds) for kinds in zip(frame["Usage"], frame["Commitments"], frame["Credits"], strict=True)
    ]
    other = [difference(whole, part) for whole, part in zip(frame["Cost"], taken, strict=True)]
    return frame.assign(Other=pd.Series(other, index=frame.index, dtype=object), Used=used).drop(
        columns="Cost"
    )


def _added(
    frame: pd.DataFrame, *, keys: list[str], currency: str | None, rates: Rates | None
) -> pd.DataFrame:
    """Keep local amounts beside converted ones, and add up the days."""
    for name in KINDS:
        frame[f"Local{name}"] = frame[name]
    if rates is None or currency is None or frame.empty:
        return frame.drop(columns="time", errors="ignore")
    days = zip(frame.pop("time"), frame["BillingCurrency"], strict=True)
    known = [rates.rate(day=day.date(), source=source, target=currency) for day, source in days]
    for name in KINDS:
        amounts = [converted(amount, rate) for amount, rate in zip(frame[name], known, strict=True)]
        frame[name] = pd.Series(amounts, index=frame.index, dtype=object)
    return added_up(frame, keys=keys)


def _all_known(amounts: pd.Series) -> Decimal | None:
    return None if amounts.isna().any() else total(amounts)
