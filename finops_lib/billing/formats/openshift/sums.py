"""Exact arithmetic on columns of usage: quantity times price, where prices are few and rows are many.

Money has 20 decimals, as in the lake, and up to 40 digits before them, so that no sum overflows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.cells import EXACT, MONEY, SCALE, amounts
from finops_lib.billing.formats.rows import Rows

WIDE = pa.decimal256(60, SCALE)
_QUANTITY = pa.decimal256(38, SCALE)
_FACTOR_DIGITS = 37
_BETWEEN = "\x1f"


@dataclass(frozen=True)
class Groups:
    """Rows that agree in some columns: the distinct cells of each group, and the group of each row."""

    cells: tuple[tuple[str | None, ...], ...]
    codes: pa.Array


def grouped(rows: Rows, names: Sequence[str]) -> Groups:
    """Which rows agree in all these columns.

    Parameters
    ----------
    rows : Rows
        A batch.
    names : sequence of str
        Column names; an absent column is null.

    Returns
    -------
    Groups

    Examples
    --------
    >>> found = grouped(Rows(pa.table({"a": ["x", "y", "x"], "b": ["1", None, "1"]})), ["a", "b"])
    >>> found.cells, found.codes.to_pylist()
    ((('x', '1'), ('y', None)), [0, 1, 0])
    """
    cells = [pc.replace_substring(pc.fill_null(rows.text(name), ""), _BETWEEN, " ") for name in names]
    whole = pc.binary_join_element_wise(*cells, _BETWEEN).dictionary_encode()
    parts = (text.split(_BETWEEN) for text in whole.dictionary.to_pylist())
    return Groups(tuple(tuple(cell or None for cell in part) for part in parts), whole.indices)


@dataclass(frozen=True)
class Quantities:
    """A column of use: values that count, and the text of each cell that is none (else null)."""

    values: pa.Array
    odd: pa.Array


def quantities(rows: Rows, name: str) -> Quantities:
    """How much was used, by row; a cell that is no number from zero is told apart from an empty one.

    Parameters
    ----------
    rows : Rows
        A batch.
    name : str
        Column name.

    Returns
    -------
    Quantities

    Examples
    --------
    >>> found = quantities(Rows(pa.table({"use": ["1.5", None, "-1", "many"]})), "use")
    >>> found.values.is_valid().to_pylist(), found.odd.to_pylist()
    ([True, False, False, False], [None, None, 'use -1', 'use many'])
    """
    text = rows.text(name)
    found = amounts(text).values
    known = pc.fill_null(pc.greater_equal(found, pa.scalar(Decimal(0), MONEY)), fill_value=False)
    odd = pc.and_(pc.is_valid(text), pc.invert(known))
    said = pc.binary_join_element_wise(pa.scalar(name), text, " ")
    return Quantities(
        pc.if_else(known, found, pa.scalar(None, MONEY)), pc.if_else(odd, said, pa.scalar(None, pa.string()))
    )


def product(quantity: pa.Array, factors: Sequence[Decimal | None], codes: pa.Array) -> pa.Array:
    """How much money is each quantity, at the factor of its group.

    Parameters
    ----------
    quantity : pyarrow.Decimal128Array
        As ``quantities`` reads them.
    factors : sequence of Decimal or None
        Money for one unit, by group, below 1E36; 37 digits of the largest count, so that a product of a
        quantity below 1E14 is right in all its 20 decimals.
    codes : pyarrow.Array
        The group of each row.

    Returns
    -------
    pyarrow.Decimal256Array
        Null where the quantity or the factor is.

    Examples
    --------
    >>> third = Decimal(1) / Decimal(3)
    >>> product(pa.array([Decimal(6), None], MONEY), [third], pa.array([0, 0])).to_pylist()[0] == 2
    True
    """
    before = max([0, *(factor.adjusted() + 1 for factor in factors if factor)])
    kind = pa.decimal256(_FACTOR_DIGITS, _FACTOR_DIGITS - 1 - before)
    step = Decimal(1).scaleb(-kind.scale)
    exact = [None if item is None else item.quantize(step, ROUND_HALF_EVEN, EXACT) for item in factors]
    found = pc.multiply(quantity.cast(_QUANTITY), pa.array(exact, kind).take(codes))
    if found.type.scale > SCALE:
        found = pc.round(found, ndigits=SCALE, round_mode="half_to_even")
    return found.cast(WIDE)


def total(parts: Sequence[pa.Array], rows: int) -> pa.Array:
    """How much are these parts together, row by row; a null part counts as nothing.

    Parameters
    ----------
    parts : sequence of pyarrow.Decimal256Array
        Money.
    rows : int
        Length, for the case that there is no part.

    Returns
    -------
    pyarrow.Decimal256Array
        Null where all parts are null, or there is none.

    Examples
    --------
    >>> one, two = pa.array([Decimal(1), None], WIDE), pa.array([Decimal(2), None], WIDE)
    >>> [item and int(item) for item in total([one, two], 2).to_pylist()]
    [3, None]
    """
    whole = pa.nulls(rows, WIDE)
    for part in parts:
        both = pc.add(pc.fill_null(whole, Decimal(0)), pc.fill_null(part, Decimal(0))).cast(WIDE)
        whole = pc.if_else(pc.or_(pc.is_valid(whole), pc.is_valid(part)), both, pa.scalar(None, WIDE))
    return whole
