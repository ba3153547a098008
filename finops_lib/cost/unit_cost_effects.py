"""Why did the cost of a unit move: other prices, or more or less of a resource for each unit.

Each is measured article by article (SKU and unit of quantity), where both prices are known; articles that
came or went and cost without a quantity are parts of their own, so that the parts add up to the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.cost.exact import NONE, difference, total
from finops_lib.cost.spend import question, refuse_mixture, tidy
from finops_lib.cost.split import money
from finops_lib.cost.sql import COSTS, Where, quoted, statement
from finops_lib.errors import QueryError
from finops_lib.records import Period, Record

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

ARTICLE = ("x_ProviderName", "ServiceName", "SkuId")
_NO_FILTER: Mapping[str, str] = {}
_PLACES = 20  # decimals of the parts, those of the lake
_ZERO = Decimal(0)
_MONEY = ("BillingCurrency", "cost", "Quantity")

QUANTITIES = """
SELECT {selected}, {unit} AS unit, sum({cost}) AS cost, sum({quantity}) AS quantity
FROM {relation}
WHERE {condition} AND "ChargeCategory" = 'Usage'
GROUP BY ALL
ORDER BY ALL
"""
_CONSUMED = '"ConsumedUnit" IS NOT NULL AND "ConsumedQuantity" IS NOT NULL'

Side = dict[tuple[str, ...], tuple[Fraction, Fraction]]  # article to cost and quantity


@dataclass(frozen=True)
class UnitCostChange(Record):
    """Why the cost of a unit moved: the parts add up to the change.

    Money for one unit of the metric, exact to 20 decimals. ``price`` is what other prices of the same
    articles did, ``efficiency`` what more or less of them for a unit did, ``new_and_ended`` are articles of
    one side only, ``other`` is cost without a quantity or of no usage. ``volume`` is what the change of
    ``units`` did to the whole cost, in money; it is no part of the unit's.
    """

    currency: str
    before: Decimal
    after: Decimal
    change: Decimal
    price: Decimal
    efficiency: Decimal
    new_and_ended: Decimal
    other: Decimal
    units_before: Decimal
    units_after: Decimal
    volume: Decimal


def quantities(
    engine: Engine,
    *,
    period: Period,
    cost: str = "EffectiveCost",
    article: Sequence[str] = ARTICLE,
    axis: str = "charge",
    where: Where = _NO_FILTER,
    currency: str | None = None,
) -> pd.DataFrame:
    """How much of each article was used, and what did it cost.

    Parameters
    ----------
    engine : Engine
        The open lake.
    period, cost, axis, where, currency
        As in `spend`; only usage has a quantity.
    article : sequence of str
        Columns that tell one article from another.

    Returns
    -------
    DataFrame
        The columns of ``article``, ``BillingCurrency``, ``Unit`` (of consumption, or of pricing where that
        is not told; ``(none)`` is unknown), ``cost`` and ``Quantity`` (exact).

    Raises
    ------
    QueryError, CurrencyError
        As in `spend`.
    """
    if cost not in COSTS:
        raise ValueError(f"cost {cost!r}: it is one of {', '.join(COSTS)}")
    asked = question(
        by=article, axis=axis, grain=None, period=period, where=where, currency=currency, rates=None
    )
    unit = f'CASE WHEN {_CONSUMED} THEN "ConsumedUnit" ELSE "PricingUnit" END'
    quantity = f'CASE WHEN {_CONSUMED} THEN "ConsumedQuantity" ELSE "PricingQuantity" END'
    sql, parameters = statement(
        engine, template=QUANTITIES, question=asked, cost=quoted(cost), unit=unit, quantity=quantity
    )
    answer = engine.query(sql, parameters)
    amounts = {"cost": "cost", "quantity": "Quantity"}
    found = tidy(engine, answer, question=asked, amounts=amounts, currency=currency, rates=None)
    found["Unit"] = pd.Series([NONE if pd.isna(unit) else str(unit) for unit in answer["unit"]], dtype="str")
    return found


def unit_cost_change(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    units_before: Decimal,
    units_after: Decimal,
    cost_before: Decimal | None = None,
    cost_after: Decimal | None = None,
) -> UnitCostChange:
    """Why did the cost of a unit move between two times: price, efficiency, articles that came or went.

    Parameters
    ----------
    before, after : DataFrame
        From `quantities`, in one currency: all columns but ``cost`` and ``Quantity`` name the article.
    units_before, units_after : Decimal
        Of the metric, above zero.
    cost_before, cost_after : Decimal, optional
        The whole cost, where it is more than that of usage (fees, tax); the sum of the frames otherwise.

    Returns
    -------
    UnitCostChange

    Raises
    ------
    QueryError
        There are no units, or a column is missing.
    CurrencyError
        The frames are in several currencies.

    Notes
    -----
    With price p (cost over quantity) and efficiency e (quantity over units), the unit's cost of an article
    is p x e, and its change is dp (e0 + e1) / 2 + de (p0 + p1) / 2: the Shapley value of two causes. The
    volume's part in the whole cost is likewise dn (u0 + u1) / 2.

    Examples
    --------
    A GPU hour went from 2 to 3 dollars, and 100 requests took 10 hours, then 8: price added
    1 x (0.10 + 0.08) / 2 = 0.09 dollars to a request, efficiency took 0.02 x (2 + 3) / 2 = 0.05.

    >>> def gpu(cost, hours):
    ...     return pd.DataFrame({"SkuId": ["gpu"], "Unit": "Hours", "BillingCurrency": "USD",
    ...         "cost": [Decimal(cost)], "Quantity": [Decimal(hours)]})
    >>> told = unit_cost_change(gpu(20, 10), gpu(24, 8), units_before=Decimal(100), units_after=Decimal(100))
    >>> [str(part.normalize()) for part in (told.before, told.after, told.price, told.efficiency)]
    ['0.2', '0.24', '0.09', '-0.05']
    """
    both = pd.concat([before, after], ignore_index=True)
    lost = [name for name in _MONEY if name not in both]
    if lost:
        raise QueryError(f"quantities without {', '.join(lost)}", f"they have {', '.join(_MONEY)}", "add it")
    refuse_mixture(both)
    if not all(number.is_finite() and number > 0 for number in (units_before, units_after)):
        raise QueryError(
            f"units {units_before} and {units_after}",
            "a unit's cost needs units above zero",
            "choose other times",
        )
    sides = _side(before, cost_before), _side(after, cost_after)
    units = Fraction(units_before), Fraction(units_after)
    parts = _effects(sides[0][0], sides[1][0], units)
    ends = [whole / number for (_, whole), number in zip(sides, units, strict=True)]
    parts.append(ends[1] - ends[0] - sum(parts, Fraction(0)))
    low, high = (_decimal(end) for end in ends)
    change = difference(high, low) or _ZERO
    price, efficiency, moved, other = _closed(change, [_decimal(part) for part in parts])
    volume = _decimal((units[1] - units[0]) * (ends[0] + ends[1]) / 2)
    currency = str(both["BillingCurrency"].iloc[0]) if len(both) else NONE
    return UnitCostChange(
        currency, low, high, change, price, efficiency, moved, other, units_before, units_after, volume
    )


def _side(frame: pd.DataFrame, whole: Decimal | None) -> tuple[Side, Fraction]:
    """Give each article of known cost and quantity these two, and the whole cost."""
    names = [name for name in frame if name not in set(_MONEY)]
    found: Side = {}
    for *key, cost, quantity in frame[[*names, "cost", "Quantity"]].itertuples(index=False):
        if _finite(cost) and _finite(quantity) and quantity > 0:
            had = found.get(tuple(map(str, key)), (Fraction(0), Fraction(0)))
            found[tuple(map(str, key))] = (had[0] + Fraction(cost), had[1] + Fraction(quantity))
    costs = total(cost for cost in frame["cost"] if _finite(cost))
    return found, Fraction(costs or _ZERO if whole is None else whole)


def _finite(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite()


def _effects(before: Side, after: Side, units: tuple[Fraction, Fraction]) -> list[Fraction]:
    price = efficiency = Fraction(0)
    for article in before.keys() & after.keys():
        (cost_0, much_0), (cost_1, much_1) = before[article], after[article]
        p_0, p_1, e_0, e_1 = cost_0 / much_0, cost_1 / much_1, much_0 / units[0], much_1 / units[1]
        price += (p_1 - p_0) * (e_0 + e_1) / 2
        efficiency += (e_1 - e_0) * (p_0 + p_1) / 2
    new = sum((cost for article, (cost, _) in after.items() if article not in before), Fraction(0))
    ended = sum((cost for article, (cost, _) in before.items() if article not in after), Fraction(0))
    return [price, efficiency, new / units[1] - ended / units[0]]


def _closed(change: Decimal, parts: Sequence[Decimal]) -> list[Decimal]:
    """Let the largest part take what rounding left over, at most a few units of the last decimal."""
    largest = max(range(len(parts)), key=lambda place: (abs(parts[place]), -place))
    left = difference(change, total(parts)) or _ZERO
    return [total([part, left if place == largest else None]) or _ZERO for place, part in enumerate(parts)]


def _decimal(amount: Fraction) -> Decimal:
    return money(round(amount * 10**_PLACES), places=_PLACES)
