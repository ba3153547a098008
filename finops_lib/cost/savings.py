"""How good are our rates: the effective savings rate, with what it cannot know said beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.cost.exact import difference, share, total
from finops_lib.cost.spend import question, tidy
from finops_lib.cost.sql import SAVINGS, Where, statement
from finops_lib.records import Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine
    from finops_lib.units import Rates

_NO_FILTER: Mapping[str, str] = {}
_ZEROED = '"EffectiveCost" = 0 AND "BilledCost" <> 0'
_BOUGHT = "\"ChargeCategory\" = 'Purchase'"
# A commitment's purchase costs, in effect, nothing; what an export leaves there was used by nobody.
_UNUSED = (
    "(\"CommitmentDiscountStatus\" = 'Unused'"
    f' OR ({_BOUGHT} AND "CommitmentDiscountId" IS NOT NULL)) AND "EffectiveCost" IS NOT NULL'
)
_PRICED = (
    '"ListCost" IS NOT NULL AND "ListCost" <> 0 AND "EffectiveCost" IS NOT NULL'
    ' AND ("CommitmentDiscountStatus" IS NULL OR "CommitmentDiscountStatus" <> \'Unused\')'
    f" AND NOT (coalesce({_ZEROED}, FALSE)) AND NOT {_BOUGHT}"
)
_UNKNOWN = (
    f'"EffectiveCost" IS NULL AND (NOT {_BOUGHT} OR "CommitmentDiscountId" IS NOT NULL)'
    f" OR {_ZEROED} AND NOT {_BOUGHT}"
)
_AMOUNTS = {
    "list_cost": "OnDemandEquivalent",
    "effective_cost": "EffectiveCost",
    "unused_cost": "UnusedCommitment",
    "unpriced_cost": "CostWithoutListPrice",
}


def effective_savings_rate(
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
    """Which share of the price without any discount do we save.

    The rate is savings over the on-demand equivalent, where savings are the on-demand equivalent less what
    the usage and the unused part of commitments cost. It is taken over usage charges (not tax, credits,
    adjustments or purchases, but for the unused part that an export leaves on a commitment's fee) that state
    a list cost. A list cost that is missing or zero says nothing: such
    rows count neither as savings nor as loss, their cost is shown as ``CostWithoutListPrice``. An effective
    cost of zero beside a billed cost that is not zero is no saving either, but a gap in the export.

    Parameters
    ----------
    engine : Engine
        The open lake.
    by, axis, grain, period, where, currency, rates
        As in `spend`.

    Returns
    -------
    DataFrame
        The columns of ``by`` (and ``time``), ``BillingCurrency``, ``Rate`` (share of
        ``OnDemandEquivalent``; None when nothing is priced), ``Savings`` (exact Decimal),
        ``OnDemandEquivalent``, ``EffectiveCost`` (of the same rows), ``UnusedCommitment``,
        ``CostWithoutListPrice``, ``UnknownShare`` (of effective cost without a list price) and
        ``RowsUnknown``, a count of rows whose effective cost is missing or unfit.

    Raises
    ------
    QueryError, CurrencyError
        As in `spend`.

    Source: FinOps Foundation, "How to Calculate Effective Savings Rate (ESR)"; FOCUS columns ListCost,
    EffectiveCost, CommitmentDiscountStatus.
    """
    used = {**where, "ChargeCategory": where.get("ChargeCategory", ("Usage", "Purchase"))}
    asked = question(by=by, axis=axis, grain=grain, period=period, where=used, currency=currency, rates=rates)
    sql, parameters = statement(
        engine, template=SAVINGS, question=asked,
        priced=f"({_PRICED})", unused=f"coalesce({_UNUSED}, FALSE)", bought=f"({_BOUGHT})", unknown=_UNKNOWN,
    )  # fmt: skip
    answer = engine.query(sql, parameters)
    frame = tidy(
        engine, answer, question=asked, amounts=_AMOUNTS, counts={"rows_unknown": "RowsUnknown"},
        currency=currency, rates=rates,
    )  # fmt: skip
    return _rated(frame)


def _rated(frame: pd.DataFrame) -> pd.DataFrame:
    said = [name for name in _AMOUNTS.values() if name in frame]
    frame = frame[[any(line) for line in zip(*(frame[name] for name in said), strict=True)]]
    lines = [_line(*amounts) for amounts in zip(*(frame[name] for name in _AMOUNTS.values()), strict=True)]
    rated = pd.DataFrame(lines, columns=["Savings", "Rate", "UnknownShare"], index=frame.index, dtype=object)
    counts = frame.pop("RowsUnknown")
    amounts = [frame.pop(name) for name in _AMOUNTS.values()]
    return pd.concat([frame, rated[["Rate", "Savings"]], *amounts, rated["UnknownShare"], counts], axis=1)


def _line(
    listed: Decimal | None, effective: Decimal | None, unused: Decimal | None, unpriced: Decimal | None
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    paid = total([effective, unused])
    savings = None if listed is None or listed <= 0 else difference(listed, paid)
    unknown = share(unpriced or Decimal(0), total([paid, unpriced]))
    return savings, share(savings, listed), unknown
