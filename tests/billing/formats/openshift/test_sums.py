"""Exact columns: a naive product in Decimal says the same."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.cells import EXACT, MONEY, rounded
from finops_lib.billing.formats.openshift.sums import WIDE, grouped, product, quantities, total
from finops_lib.billing.formats.rows import Rows

SMALL = st.decimals(0, 10**10, places=6)
RATE = st.decimals(0, 10**6, places=12)


@given(
    st.lists(st.tuples(st.none() | SMALL, RATE), min_size=1, max_size=20),
    st.sampled_from([1, 3600, 7 * 2**30]),
)
def test_a_product_is_right_to_the_last_decimal(
    pairs: list[tuple[Decimal | None, Decimal]], unit: int
) -> None:
    """Quantity times rate over its unit, rounded once, also where the rate has no end."""
    factors = [EXACT.divide(rate, Decimal(unit)) for _, rate in pairs]
    quantity = pa.array([item for item, _ in pairs], MONEY)
    found = product(quantity, factors, pa.array(range(len(pairs)), pa.int32())).to_pylist()
    for cell, (amount, rate) in zip(found, pairs, strict=True):
        if amount is None:
            assert cell is None
        else:
            naive = rounded(EXACT.divide(EXACT.multiply(amount, rate), Decimal(unit)))
            assert abs(EXACT.subtract(cell, naive)) <= Decimal("1E-20")


def test_a_product_has_the_factor_of_its_group() -> None:
    """The second group has no price: its rows are unknown."""
    quantity = pa.array([Decimal(3), Decimal(3), None], MONEY)
    found = product(quantity, [Decimal(2), None], pa.array([0, 1, 0]))
    assert found.to_pylist() == [Decimal(6), None, None]


def test_a_factor_may_be_large() -> None:
    """A million million for one unit loses no digit of a small quantity."""
    found = product(pa.array([Decimal("0.000001")], MONEY), [Decimal(10) ** 12], pa.array([0]))
    assert found.to_pylist() == [Decimal(10) ** 6]


def test_parts_are_added_and_unknown_ones_left_out() -> None:
    """A sum of nothing known is unknown, not zero."""
    parts = [pa.array(cells, WIDE) for cells in ([Decimal(1), None, None], [Decimal(2), Decimal(3), None])]
    assert total(parts, 3).to_pylist() == [Decimal(3), Decimal(3), None]
    assert total([], 2).to_pylist() == [None, None]


def test_a_quantity_is_a_number_from_zero() -> None:
    """Exponents are numbers; what is none is kept with the name of its column."""
    found = quantities(Rows(pa.table({"use": ["0", "1.5E2", "-0.1", "inf", "1E30", None]})), "use")
    assert found.values.to_pylist() == [Decimal(0), Decimal(150), None, None, None, None]
    assert found.odd.to_pylist() == [None, None, "use -0.1", "use inf", "use 1E30", None]


def test_an_absent_column_groups_as_null() -> None:
    """All rows are in one group of nothing."""
    found = grouped(Rows(pa.table({"a": ["x", "x"]})), ["b"])
    assert (found.cells, found.codes.to_pylist()) == (((None,),), [0, 0])
