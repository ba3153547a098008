"""What do the credits of a row take off its cost, and which of them stand for a commitment.

All credits are money on the invoice (Google: the total of an invoice is the sum of cost and of all
credits), whatever their type. Credits that cannot be read leave the amount of their row unknown.

Source: Google Cloud, "Structure of Detailed data export", ``credits.type``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import reduce
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.cells import EXACT, money
from finops_lib.billing.formats.gcp.repr_text import canonical, parsed

OFFSET = "FEE_UTILIZATION_OFFSET"
_COMMITMENTS: Mapping[str, str] = MappingProxyType(
    {"COMMITTED_USAGE_DISCOUNT": "Usage", "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE": "Spend", OFFSET: "Spend"}
)
_BEFORE_TYPES = "committed usage discount"  # credits had a name only until September 2020
_LARGEST_EXPONENT, _SMALLEST_EXPONENT, _MOST_DIGITS = 100, -200, 200
_WIDE = pa.decimal256(60, 20)
_TEXT = pa.string()


@dataclass(frozen=True)
class Credits:
    """Credits of one row: their sum, and what the first of a commitment says.

    ``total`` is None where they cannot be read. ``category`` is the FOCUS CommitmentDiscountCategory;
    ``offset`` says that they pay back a commitment's fee. ``text`` is the list as JSON, amounts as numbers.
    """

    total: Decimal | None = Decimal(0)
    text: str | None = None
    category: str | None = None
    id: str | None = None
    name: str | None = None
    offset: bool = False


def read_credits(text: str) -> Credits:
    """Which credits does this cell list.

    Parameters
    ----------
    text : str
        A list of ``name``, ``amount``, ``type``, ``id``, ``full_name``; JSON or as Python prints it.

    Returns
    -------
    Credits

    Examples
    --------
    >>> read_credits("[{'name': 'a', 'amount': -0.1}, {'name': 'b', 'amount': -0.2}]").total
    Decimal('-0.3')
    >>> read_credits("[{'name': 'a', 'amount': None}]").total is None
    True
    """
    value = parsed(text)
    items = [] if value is None or value == {} else value if isinstance(value, list) else [value]
    listed = [item for item in items if isinstance(item, dict)]
    amounts = [found for item in listed if (found := _amount(item.get("amount"))) is not None]
    if len(amounts) < len(items):
        return Credits(None, text)
    plain = [item | {"amount": amount} for item, amount in zip(listed, amounts, strict=True)]
    return _described(plain, reduce(EXACT.add, amounts, Decimal(0))) if plain else Credits()


def _described(items: Sequence[dict[str, object]], total: Decimal) -> Credits:
    text = canonical(list(items))
    bound = [(kind, item) for item in items if (kind := _kind(item)) in _COMMITMENTS]
    if not bound:
        return Credits(total, text)
    kind, first = bound[0]
    return Credits(
        total,
        text,
        _COMMITMENTS[kind],
        _word(first, "id") or _word(first, "name"),
        _word(first, "full_name") or _word(first, "name"),
        any(kind == OFFSET for kind, _ in bound),
    )


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, Decimal | str):
        return None
    try:
        found = Decimal(value.replace("_", "x")) if isinstance(value, str) else value
    except InvalidOperation:
        return None
    if not found.is_finite() or len(found.as_tuple().digits) > _MOST_DIGITS:
        return None
    smallest = int(found.as_tuple().exponent)  # a finite number has a whole one
    return found if smallest >= _SMALLEST_EXPONENT and found.adjusted() <= _LARGEST_EXPONENT else None


def _kind(item: Mapping[str, object]) -> str:
    said = _word(item, "type")
    if said:
        return said.upper()
    before = (_word(item, "name") or _word(item, "id") or "").lower().startswith(_BEFORE_TYPES)
    return "COMMITTED_USAGE_DISCOUNT" if before else ""


def _word(item: Mapping[str, object], name: str) -> str | None:
    found = item.get(name)
    return found if isinstance(found, str) and found else None


@dataclass(frozen=True)
class CreditColumns:
    """What the credits of many rows say, as columns of text; ``offset`` is a mask."""

    total: pa.Array
    text: pa.Array
    category: pa.Array
    id: pa.Array
    name: pa.Array
    offset: pa.Array


def credit_columns(texts: pa.Array) -> CreditColumns:
    """Which credits do these cells list; equal cells are read once.

    Parameters
    ----------
    texts : pyarrow.StringArray
        One cell a row; null has no credits.

    Returns
    -------
    CreditColumns
        ``total`` is null where the credits cannot be read.
    """
    coded = pc.fill_null(texts, "[]").dictionary_encode()
    found = [read_credits(text) for text in coded.dictionary.to_pylist()]

    def column(value: Callable[[Credits], object], kind: pa.DataType = _TEXT) -> pa.Array:
        return pa.array([value(item) for item in found], kind).take(coded.indices)

    return CreditColumns(
        column(lambda item: None if item.total is None else _plain(item.total)),
        column(lambda item: item.text),
        column(lambda item: item.category),
        column(lambda item: item.id),
        column(lambda item: item.name),
        column(lambda item: item.offset, pa.bool_()),
    )


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize(EXACT):f}" if amount else "0"


def with_credits(cost: pa.Array, credit: pa.Array) -> pa.Array:
    """How much is a row's cost after its credits, to the last digit.

    Parameters
    ----------
    cost : pyarrow.StringArray
        The cost as text; null where unknown.
    credit : pyarrow.StringArray
        The sum of the credits, ``0`` for none, null where they cannot be read.

    Returns
    -------
    pyarrow.StringArray
        Costs without credits as they came; a text that is no number where either cannot be read.

    Examples
    --------
    >>> with_credits(pa.array(["0.10", "2"]), pa.array(["0", None])).to_pylist()
    ['0.10', '2 and credits that cannot be read']
    >>> with_credits(pa.array(["1.5"]), pa.array(["-0.25"])).cast(pa.decimal128(3, 2)).to_pylist()
    [Decimal('1.25')]
    """
    unread = pc.binary_join_element_wise(
        pc.fill_null(cost, "no cost"), pa.scalar("and credits that cannot be read"), " "
    )
    some = pc.and_(pc.is_valid(cost), pc.fill_null(pc.not_equal(credit, "0"), fill_value=False))
    billed = pc.replace_with_mask(cost, some, _added(cost.filter(some), credit.filter(some)))
    return pc.if_else(pc.is_null(credit), unread, billed)


def _added(cost: pa.Array, credit: pa.Array) -> pa.Array:
    """Add two columns of text; row by row only where a number has more than 20 decimals or is none."""
    try:
        return pc.add(money(cost).cast(_WIDE), money(credit).cast(_WIDE)).cast(_TEXT)
    except pa.ArrowInvalid:
        pairs = zip(cost.to_pylist(), credit.to_pylist(), strict=True)
        return pa.array([_sum(one, Decimal(two)) for one, two in pairs], _TEXT)


def _sum(cost: str, credit: Decimal) -> str:
    found = _amount(cost.strip())
    return f"{cost} is no amount" if found is None else _plain(EXACT.add(found, credit))
