"""List and contracted costs of Azure rows, worked by hand."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.cells import EXACT
from finops_lib.billing.formats.azure.prices import is_zero, priced_cost, prices, product
from finops_lib.billing.formats.rows import Rows

AMOUNTS = st.decimals(-(10**6), 10**6, places=9, allow_nan=False)


def priced(*, free: bool = False, used: bool = True, **cells: str | None) -> dict[str, Decimal | str | None]:
    """Unit prices and costs of one row; costs as numbers."""
    rows = Rows(pa.table({name: pa.array([cell], pa.string()) for name, cell in cells.items()}))
    found = prices(rows, free=pa.array([free]), used=pa.array([used]))
    texts = {name: column[0].as_py() for name, column in found.items()}
    return {
        name: Decimal(text) if text is not None and name.endswith("Cost") else text
        for name, text in texts.items()
    }


def test_a_price_is_for_one_unit_of_measure() -> None:
    """0.0004 of 10K at 0.1 a 10K cost 0.00004, at 0.08 by contract 0.000032: the 10,000 play no part."""
    found = priced(Quantity="0.0004", UnitOfMeasure="10K", PayGPrice="0.1", UnitPrice="0.08")
    assert found["ListCost"] == Decimal("0.00004")
    assert found["ContractedCost"] == Decimal("0.000032")
    assert (found["ListUnitPrice"], found["ContractedUnitPrice"]) == ("0.1", "0.08")


@pytest.mark.parametrize(("quantity", "price"), [(None, "1"), ("1", None), ("x", "1"), ("1", "NaN")])
def test_a_missing_or_unreadable_part_makes_the_cost_unknown(quantity: str | None, price: str | None) -> None:
    """Unknown is not zero."""
    assert priced(Quantity=quantity, PayGPrice=price)["ListCost"] is None


def test_a_price_of_zero_counts_only_where_the_row_is_free() -> None:
    """Purchases carry a list price of 0 that would make savings negative."""
    assert priced(Quantity="1", PayGPrice="0")["ListCost"] is None
    assert priced(Quantity="1", PayGPrice="0.00", free=True)["ListCost"] == 0
    assert priced(Quantity="1", PaygCostInBillingCurrency="0")["ListCost"] is None


def test_what_was_not_used_has_no_list_cost() -> None:
    """The price is known, yet nothing was used at it."""
    found = priced(Quantity="2", PayGPrice="3", UnitPrice="2", PaygCostInBillingCurrency="6", used=False)
    assert (found["ListCost"], found["ContractedCost"], found["ListUnitPrice"]) == (None, None, "3")


def test_the_list_cost_of_the_file_comes_first() -> None:
    """It is in the billing currency, whatever the pricing currency is."""
    cells = {"PayGPrice": "3", "Quantity": "2", "PricingCurrency": "USD", "BillingCurrency": "EUR"}
    found = priced(PaygCostInBillingCurrency="5.40", **cells)
    assert found["ListCost"] == Decimal("5.40")
    assert (found["ListUnitPrice"], found["PricingCurrencyListUnitPrice"]) == (None, "3")


@pytest.mark.parametrize(
    ("pricing", "billing", "cost"),
    [("USD", "EUR", None), ("usd", "USD", 6), (None, "EUR", 6), ("USD", None, None), (None, None, 6)],
)
def test_prices_in_another_currency_make_no_cost(
    pricing: str | None, billing: str | None, cost: int | None
) -> None:
    """Two currencies are never mixed; a file without a pricing currency has one."""
    found = priced(Quantity="2", PayGPrice="3", PricingCurrency=pricing, BillingCurrency=billing)
    assert found["ListCost"] == cost


@pytest.mark.parametrize(
    ("price", "quantity", "amount"),
    [
        ("0.1", "4E-4", "0.00004"),
        ("-2", "3", "-6"),
        # More decimals than the quick way takes: 0.(21 zeros)1 x 100 = 0.(19 zeros)1.
        ("0.0000000000000000000001", "100", "0.00000000000000000001"),
        # A half of the last decimal goes to the even side.
        ("0.00000000000000000001", "0.5", "0"),
        ("0.00000000000000000003", "0.5", "0.00000000000000000002"),
        ("99999999", "9999999", "999999890000001"),
        ("1E9", "1E9", None),
        ("1E+50000000", "1", None),
        ("9" * 70, "0", None),
        ("1_0", "1", None),
        (" 2 ", "3", "6"),
    ],
)
def test_products_are_exact(price: str, quantity: str, amount: str | None) -> None:
    """To the last of 20 decimals, on the quick way and one by one; too large is unknown."""
    found = product(pa.array([price]), pa.array([quantity])).to_pylist()[0]
    assert (None if found is None else Decimal(found)) == (None if amount is None else Decimal(amount))


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1), st.booleans())
def test_both_ways_multiply_like_decimals(pairs: list[tuple[Decimal, Decimal]], odd: bool) -> None:
    """One unreadable cell sends the batch the slow way, which gives the same amounts."""
    texts = [(str(one), str(two)) for one, two in pairs] + ([("x", "1")] if odd else [])
    found = product(*(pa.array(part) for part in zip(*texts, strict=True))).to_pylist()
    assert [Decimal(text) for text in found if text is not None] == [EXACT.multiply(*pair) for pair in pairs]


def test_zero_has_many_spellings() -> None:
    """A number is told from a text without reading it as one."""
    zeros = ["0", "0.000", "-0", "0E-9", ".0", " 0 ", "0e+5"]
    others = ["1", "0.01", "1E-9", "", "x0", "O", None]
    assert is_zero(pa.array(zeros + others)).to_pylist() == [True] * len(zeros) + [False] * len(others)


@pytest.mark.parametrize(
    ("pricing", "billing", "said", "cost"),
    [
        ("USD", "EUR", "5", "5"),
        ("USD", "EUR", None, None),
        ("usd", "USD", None, "4"),
        ("USD", "USD", "5", "5"),
        ("USD", None, None, None),
        (None, "EUR", "5", None),
        (None, None, None, None),
    ],
)
def test_the_cost_in_the_currency_of_the_prices(
    pricing: str | None, billing: str | None, said: str | None, cost: str | None
) -> None:
    """What is said in it, or the bill's where both are one; a currency that is not said has none."""
    cells = {"PricingCurrency": pricing, "BillingCurrency": billing, "CostInPricingCurrency": said}
    row = cells | {"CostInBillingCurrency": "4"}
    rows = Rows(pa.table({name: pa.array([cell], pa.string()) for name, cell in row.items()}))
    assert priced_cost(rows).to_pylist() == [cost]
