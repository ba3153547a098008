"""How is money split so that nothing is lost: exact shares, parts that add up, whole cents.

Money is counted in whole numbers of a unit so small that every amount is a multiple of it; a part is the
difference of two rounded running totals, so parts add up to their whole whatever its sign and size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from finops_lib.cost.exact import total
from finops_lib.errors import QueryError

Weight = int | float | Decimal | Fraction
Counts = NDArray[np.object_]  # whole numbers of any length

SHARE_PLACES = 18
ONE = 10**SHARE_PLACES
_FEWEST_PLACES = 20  # those of the lake
_REACH = 100  # digits before and behind the point
_EXACT = Context(prec=1000)
_ZERO = Decimal(0)


def apportioned(count: int, weights: Sequence[Weight]) -> tuple[int, ...] | None:
    """How many units of a whole number goes to each weight, so that they add up to it.

    Parameters
    ----------
    count : int
        Units, of any sign.
    weights : sequence of int, float, Decimal or Fraction
        Of at least zero, in one unit.

    Returns
    -------
    tuple of int or None
        Each less than one unit from its exact part, the largest remainders rounded up; None where the
        weights are none or all zero, and nothing says how to split.

    Raises
    ------
    ValueError
        A weight is below zero or no number.

    Source: the largest remainder method, as Hamilton proposed it for seats.

    Examples
    --------
    >>> apportioned(100, [1, 1, 1]), apportioned(-7, [0.5, 0.5]), apportioned(5, [0])
    ((34, 33, 33), (-3, -4), None)
    """
    exact = [_fraction(weight) for weight in weights]
    scale = lcm(*(weight.denominator for weight in exact))
    parts = [weight.numerator * (scale // weight.denominator) for weight in exact]
    whole = sum(parts)
    if whole == 0:
        return None
    floors = [part * count // whole for part in parts]
    # The remainder of each division orders them; equal ones are served as they stand.
    order = sorted(range(len(parts)), key=lambda place: (-(parts[place] * count % whole), place))
    more = set(order[: count - sum(floors)])
    return tuple(floor + (place in more) for place, floor in enumerate(floors))


def shares(weights: Sequence[Weight]) -> tuple[int, ...] | None:
    """Which share of the whole has each weight, so that the shares add up to exactly one.

    Parameters
    ----------
    weights : sequence of int, float, Decimal or Fraction
        As in `apportioned`.

    Returns
    -------
    tuple of int or None
        Each in units of 10^-18.

    Raises
    ------
    ValueError
        As in `apportioned`.

    Examples
    --------
    >>> shares([2, 1]), shares([0, 0])
    ((666666666666666667, 333333333333333333), None)
    """
    return apportioned(ONE, weights)


def _fraction(weight: Weight) -> Fraction:
    try:
        found = Fraction(weight) if _near(weight) else None
    except (ValueError, OverflowError):
        found = None
    if found is None or found < 0:
        raise ValueError(f"weight {str(weight)[:80]}: a weight is a number of at least zero")
    return found


def _near(weight: Weight) -> bool:
    return not isinstance(weight, Decimal) or (weight.is_finite() and abs(weight.adjusted()) <= 4 * _REACH)


def counted(amounts: Iterable[Decimal]) -> tuple[Counts, int]:
    """How many of a common unit is each amount, so that all are whole numbers.

    Parameters
    ----------
    amounts : iterable of Decimal
        Money in one currency.

    Returns
    -------
    tuple of array of int and int
        The counts, and how many decimals the unit has: 20, or more where an amount has more.

    Raises
    ------
    QueryError
        An amount has over 100 digits before or behind the point, or is no number.

    Examples
    --------
    >>> counts, places = counted([Decimal("0.5"), Decimal("-2")])
    >>> [int(count) // 10**19 for count in counts], places
    ([5, -20], 20)
    """
    listed = list(amounts)
    for amount in listed:
        if not amount.is_finite() or amount.adjusted() > _REACH or _places(amount) > _REACH:
            raise QueryError(
                f"cost {str(amount)[:80]}", f"money has at most {_REACH} digits on a side", "correct the bill"
            )
    places = max([_FEWEST_PLACES, *map(_places, listed)])
    counts = np.empty(len(listed), dtype=object)
    counts[:] = [int(_EXACT.scaleb(amount, places)) for amount in listed]
    return counts, places


def _places(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def money(count: int, *, places: int) -> Decimal:
    """Which amount is this many units: the way back from `counted`.

    Parameters
    ----------
    count : int
        Units.
    places : int
        Decimals of the unit.

    Returns
    -------
    Decimal

    Examples
    --------
    >>> money(1250, places=3)
    Decimal('1.250')
    """
    return _EXACT.scaleb(Decimal(int(count)), -places)


def parted(counts: Counts, parts: Sequence[int]) -> Counts:
    """How much of each amount goes to each share, to the last unit.

    Parameters
    ----------
    counts : array of int
        Amounts in units, of any sign.
    parts : sequence of int
        From `shares`: they add up to one.

    Returns
    -------
    array of int
        One row for an amount and one column for a share: less than one unit from the exact product, of the
        sign of the amount or zero; every row adds up to its amount.

    Examples
    --------
    >>> parted(np.array([100, -7], dtype=object), shares([1, 1, 1])).tolist()
    [[33, 33, 34], [-3, -2, -2]]
    """
    if sum(parts) != ONE or min(parts) < 0:
        raise ValueError(f"shares {parts}: they are at least zero and add up to {ONE}")
    ends = np.cumsum(np.array([0, *parts], dtype=object))
    return np.diff(np.multiply.outer(counts, ends) // ONE, axis=1)


def cut(whole: Decimal, parts: Sequence[Decimal], *, unit: Decimal) -> list[Decimal]:
    """How much of an amount in whole units goes to each part, so that nothing is left.

    Parameters
    ----------
    whole : Decimal
        A multiple of ``unit``, less than one unit from the sum of ``parts``.
    parts : sequence of Decimal
        Exact shares, in the same unit of money.
    unit : Decimal
        The smallest amount, for example 0.01.

    Returns
    -------
    list of Decimal
        Multiples of ``unit`` that add up to ``whole``, each at most one unit from its part.

    Source: the largest remainder method, as Hamilton proposed it for seats.

    Examples
    --------
    >>> cents = cut(Decimal("0.05"), [Decimal("0.025"), Decimal("0.025")], unit=Decimal("0.01"))
    >>> [str(part) for part in cents]
    ['0.03', '0.02']
    """
    floors = [part.quantize(unit, rounding=ROUND_FLOOR, context=_EXACT) for part in parts]
    left = int(_EXACT.divide(_EXACT.subtract(whole, total(floors) or _ZERO), unit))
    if not 0 <= left <= len(parts):
        raise ValueError(f"{whole} and parts of {total(parts)}: they differ by less than {unit}")
    order = sorted(range(len(parts)), key=lambda place: (_EXACT.subtract(floors[place], parts[place]), place))
    more = set(order[:left])
    return [_EXACT.add(floor, unit if place in more else _ZERO) + 0 for place, floor in enumerate(floors)]
