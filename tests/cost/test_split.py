"""Splitting money: shares by hand, sums to the last unit, and what is no weight and no amount."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.cost.split import ONE, apportioned, counted, cut, money, parted, shares
from finops_lib.errors import QueryError

WEIGHTS = st.lists(
    st.integers(0, 10**12) | st.floats(0, 1e12) | st.fractions(0, 1000), min_size=1, max_size=9
)
Weights = list[int | float | Fraction]
SETTLED = settings(deadline=None)
COUNTS = st.integers(-(10**40), 10**40)
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=30)


def test_units_go_to_the_largest_remainders() -> None:
    """10 by 1, 1, 4: exact 1.67, 1.67, 6.67; floors 1, 1, 6 leave 2 for equal remainders, in order."""
    assert apportioned(10, [1, 1, 4]) == (2, 2, 6)
    assert apportioned(10, [1, 4, 1]) == (2, 7, 1)


def test_weights_of_zero_say_nothing() -> None:
    """No weight at all and only zeros have no split; one zero among others gets none."""
    assert (apportioned(5, []), apportioned(5, [0, 0.0])) == (None, None)
    assert shares([0, 3]) == (0, ONE)


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf"), Decimal("-0.1"), Decimal("1E+5000")])
def test_what_is_no_weight_is_refused(weight: float) -> None:
    """Below zero, not finite, or so large that nobody could have meant it."""
    with pytest.raises(ValueError, match="a weight is a number of at least zero"):
        shares([1, weight])


@SETTLED
@given(COUNTS, WEIGHTS)
def test_apportioned_units_add_up_and_are_near(count: int, weights: Weights) -> None:
    """Nothing is left over, and each part is less than one unit from count times weight over all."""
    parts = apportioned(count, weights)
    whole = sum(map(Fraction, weights), Fraction(0))
    if parts is None:
        assert whole == 0
        return
    assert sum(parts) == count
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - count * Fraction(weight) / whole) < 1


@SETTLED
@given(st.lists(COUNTS, min_size=1, max_size=5), WEIGHTS.filter(any))
def test_parted_rows_add_up_and_keep_the_sign(counts: list[int], weights: Weights) -> None:
    """Each row sums to its amount; no part has the other sign; each is less than a unit from its product."""
    fair = shares(weights)
    assert fair is not None
    split = parted(np.array(counts, dtype=object), fair)
    assert [sum(row) for row in split] == counts
    for count, row in zip(counts, split, strict=True):
        for part, share in zip(row, fair, strict=True):
            assert part * count >= 0
            assert abs(part - Fraction(count * share, ONE)) < 1


@pytest.mark.parametrize("parts", [(ONE, 1), (ONE + 1, -1)])
def test_shares_that_are_none_are_refused(parts: tuple[int, ...]) -> None:
    """More than one in all, or a share below zero."""
    with pytest.raises(ValueError, match="add up to"):
        parted(np.array([1], dtype=object), parts)


@SETTLED
@given(st.lists(AMOUNTS, max_size=5))
def test_amounts_come_back_from_their_units(amounts: list[Decimal]) -> None:
    """Counting and writing are each other's way back, to the last of 30 decimals."""
    counts, places = counted(amounts)
    assert [money(count, places=places) for count in counts] == amounts


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1E+101", "1E-101"])
def test_what_is_no_money_is_refused(text: str) -> None:
    """Not finite, or of more digits than any money has."""
    with pytest.raises(QueryError, match="at most 100 digits"):
        counted([Decimal(1), Decimal(text)])


@SETTLED
@given(st.lists(st.decimals(-(10**6), 10**6, places=9), min_size=1, max_size=9))
def test_cents_add_up_to_the_rounded_whole(parts: list[Decimal]) -> None:
    """Whatever the parts, the cents add up, each at most one from its part."""
    cent = Decimal("0.01")
    whole = sum(parts, Decimal(0)).quantize(cent)
    found = cut(whole, parts, unit=cent)
    assert sum(found, Decimal(0)) == whole
    assert all(abs(mine - part) <= cent for mine, part in zip(found, parts, strict=True))


def test_a_whole_that_is_not_of_these_parts_is_refused() -> None:
    """1.00 is no sum of 0.30 and 0.30."""
    with pytest.raises(ValueError, match=r"differ by less than 0\.01"):
        cut(Decimal("1.00"), [Decimal("0.3")] * 2, unit=Decimal("0.01"))
