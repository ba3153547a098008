"""Whose cost is it: which share of the money carries a tag, and where the untagged money sits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from finops_lib.cost.exact import EMPTY, UNTAGGED, share, total
from finops_lib.cost.spend import spend
from finops_lib.cost.sql import Where
from finops_lib.records import Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine
    from finops_lib.units import Rates

_NO_FILTER: Mapping[str, str] = {}
_MISSING = (UNTAGGED, EMPTY)


def tag_coverage(
    engine: Engine,
    *,
    keys: Sequence[str] = (),
    cost: str = "EffectiveCost",
    axis: str = "charge",
    period: Period | None = None,
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """Which share of the usage cost carries each tag.

    Parameters
    ----------
    engine : Engine
        The open lake.
    keys : sequence of str
        Tag keys, without ``tag:``; none means every key of the lake.
    cost, axis, period, where, currency, rates
        As in `spend`. Without a filter on ``ChargeCategory`` only usage counts: tax, credits, purchases
        and adjustments cannot be tagged.

    Returns
    -------
    DataFrame
        One row for each key, best covered first: ``Key``, ``BillingCurrency``, ``Tagged``, ``Untagged``,
        ``Total`` (exact Decimal) and ``Coverage`` (share; None when the total is zero or unknown). A tag
        with an empty value counts as untagged. No row when there is no usage.

    Raises
    ------
    QueryError, CurrencyError
        As in `spend`.
    """
    lines: list[dict[str, Any]] = []
    for key in keys or engine.tag_keys:
        frame = spend(
            engine, by=f"tag:{key}", cost=cost, axis=axis, period=period, where=_usage(where),
            currency=currency, rates=rates,
        )  # fmt: skip
        if len(frame):
            lines.append(_coverage(frame, key))
    columns = ["Key", "BillingCurrency", "Tagged", "Untagged", "Total", "Coverage"]
    lines.sort(key=_rank)
    return pd.DataFrame(lines, columns=columns)


def untagged(
    engine: Engine,
    *,
    key: str,
    by: str = "ServiceName",
    cost: str = "EffectiveCost",
    period: Period | None = None,
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """Where does the money without this tag sit, most first.

    Parameters
    ----------
    engine : Engine
        The open lake.
    key : str
        A tag key, without ``tag:``.
    by : str
        A FOCUS column or ``tag:key`` to look at.
    cost, period, where, currency, rates
        As in `tag_coverage`.

    Returns
    -------
    DataFrame
        ``by``, ``BillingCurrency``, ``cost`` (exact), ``Share`` of all money without the tag.

    Raises
    ------
    QueryError, CurrencyError
        As in `spend`.
    """
    missing = {**_usage(where), f"tag:{key}": _MISSING}
    frame = spend(engine, by=by, cost=cost, period=period, where=missing, currency=currency, rates=rates)
    known = frame[frame["cost"].notna()]
    order = sorted(range(len(known)), key=lambda row: (-known["cost"].iloc[row], row))
    whole = total(known["cost"])
    shares = [share(amount, whole) for amount in known["cost"]]
    ranked = known.assign(Share=pd.Series(shares, index=known.index, dtype=object))
    return ranked.iloc[order].reset_index(drop=True)


def _usage(where: Where) -> dict[str, str | Sequence[str]]:
    return {**where, "ChargeCategory": where.get("ChargeCategory", "Usage")}


def _rank(line: dict[str, Any]) -> tuple[Decimal, str]:
    return -(line["Coverage"] or Decimal(0)), line["Key"]


def _coverage(frame: pd.DataFrame, key: str) -> dict[str, Any]:
    lacking = frame[f"tag:{key}"].isin(_MISSING)
    tagged = total(frame.loc[~lacking, "cost"]) or Decimal(0)
    whole = total(frame["cost"])
    return {
        "Key": key,
        "BillingCurrency": frame["BillingCurrency"].iloc[0],
        "Tagged": tagged,
        "Untagged": total(frame.loc[lacking, "cost"]) or Decimal(0),
        "Total": whole,
        "Coverage": share(tagged, whole),
    }
