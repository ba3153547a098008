"""What would each row have cost at list and at contracted price.

A price is given for one ``UnitOfMeasure`` and the quantity counts these (0.0004 of ``10K``): list cost
is PayGPrice x Quantity, contracted cost UnitPrice x Quantity, where both are in the billing currency.
A price of 0 beside a cost, or for usage under a commitment, is no price but a gap; what was not used
has no list cost.

Source: Microsoft, "Convert Cost Management data to FOCUS" (list and contracted costs).
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.cells import EXACT, MONEY, SCALE, money, rounded
from finops_lib.billing.formats.azure.cells import coded, each, plain
from finops_lib.billing.formats.rows import Rows

_ZERO = r"^\s*[+-]?(0+\.?0*|\.0+)([eE][+-]?[0-9]+)?\s*$"
_FACTOR = pa.decimal128(37, SCALE)
_PRODUCT = pa.decimal256(37, SCALE)
_LARGEST = Decimal(10) ** 18
_LONGEST = 60
_NOTHING = pa.scalar(None, pa.string())


def is_zero(column: pa.Array) -> pa.BooleanArray:
    """Which of these cells say 0.

    Parameters
    ----------
    column : pyarrow.Array
        Text.

    Returns
    -------
    pyarrow.BooleanArray
        False for null and for what is no number.

    Examples
    --------
    >>> is_zero(pa.array(["0.00", "0E-9", "1", None])).to_pylist()
    [True, True, False, False]
    """
    return pc.fill_null(pc.match_substring_regex(column, _ZERO), fill_value=False)


def prices(rows: Rows, *, free: pa.BooleanArray, used: pa.BooleanArray) -> dict[str, pa.Array]:
    """What are the unit prices of each row, and the costs at them.

    Parameters
    ----------
    rows : Rows
        A batch under the names of this package.
    free : pyarrow.BooleanArray
        Rows that cost nothing by themselves: only there a price of 0 is one.
    used : pyarrow.BooleanArray
        Rows that can have a list and a contracted cost.

    Returns
    -------
    dict of str to pyarrow.Array
        Text; a price in another currency than the bill's stands under ``PricingCurrency`` alone.
    """
    currency, billing = (each(coded(rows, name), plain) for name in ("PricingCurrency", "BillingCurrency"))
    same = pc.fill_null(pc.equal(currency, billing), pc.is_null(currency))
    quantity = rows.text("Quantity")
    columns: dict[str, pa.Array] = {}
    for word, name in (("List", "PayGPrice"), ("Contracted", "UnitPrice")):
        price = _known(rows.text(name), free)
        here = pc.if_else(same, price, _NOTHING)
        columns[f"{word}UnitPrice"] = here
        columns[f"{word}Cost"] = product(here, quantity)
        columns[f"PricingCurrency{word}UnitPrice"] = pc.if_else(pc.is_valid(currency), price, _NOTHING)
    said = _known(rows.text("PaygCostInBillingCurrency"), free)
    columns["ListCost"] = pc.coalesce(said, columns["ListCost"])
    for name in ("ListCost", "ContractedCost"):
        columns[name] = pc.if_else(used, columns[name], _NOTHING)
    return columns


def priced_cost(rows: Rows) -> pa.Array:
    """What does each row cost in the currency of its prices.

    Parameters
    ----------
    rows : Rows
        A batch under the names of this package.

    Returns
    -------
    pyarrow.Array
        Text; null where the currency is not said, or where it is not the bill's and no cost in it is said.
    """
    currency, billing = (each(coded(rows, name), plain) for name in ("PricingCurrency", "BillingCurrency"))
    same = pc.if_else(pc.equal(currency, billing), rows.text("CostInBillingCurrency"), _NOTHING)
    said = pc.if_else(pc.is_valid(currency), rows.text("CostInPricingCurrency"), _NOTHING)
    return pc.coalesce(said, same)


def _known(price: pa.Array, free: pa.BooleanArray) -> pa.Array:
    return pc.if_else(pc.and_(is_zero(price), pc.invert(free)), _NOTHING, price)


def product(price: pa.Array, quantity: pa.Array) -> pa.Array:
    """How much are these quantities at these prices, to the last of 20 decimals.

    Parameters
    ----------
    price : pyarrow.Array
        Text, currency a unit.
    quantity : pyarrow.Array
        Text, units.

    Returns
    -------
    pyarrow.Array
        Text, currency; null where one of them is missing, is no number, or the amount is 1E18 or more.

    Examples
    --------
    >>> product(pa.array(["0.1", "x"]), pa.array(["4E-4", "1"])).to_pylist()
    ['0.00004000000000000000', None]
    """
    try:
        wide = [money(part).cast(_FACTOR).cast(_PRODUCT) for part in (price, quantity)]
        exact = pc.round(pc.multiply(*wide), ndigits=SCALE, round_mode="half_to_even")
        return exact.cast(MONEY).cast(pa.string())
    except pa.ArrowInvalid:
        return each(pc.binary_join_element_wise(price, quantity, "\x1f"), _multiplied)


def _multiplied(pair: str) -> str | None:
    factors = [_number(text) for text in pair.split("\x1f")[:2]]
    if None in factors:
        return None
    amount = EXACT.multiply(*(factor for factor in factors if factor is not None))
    return f"{rounded(amount):f}" if abs(amount) < _LARGEST else None


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.strip().replace("_", "x")) if len(text) <= _LONGEST else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and abs(found.adjusted()) <= _LONGEST else None
