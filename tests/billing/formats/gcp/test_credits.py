"""Credits: their sum to the last digit, whatever they are written in, and the commitment behind them."""

from __future__ import annotations

import json
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.cells import EXACT
from finops_lib.billing.formats.gcp.credits import Credits, credit_columns, read_credits, with_credits

AMOUNTS = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=12)


def credit(kind: str, amount: float = -1.5, **more: str) -> str:
    """Write one credit as Google does."""
    return json.dumps([{"name": "n", "amount": amount, "full_name": "Full", "id": "i", "type": kind, **more}])


@pytest.mark.parametrize(
    ("kind", "category", "offset"),
    [
        ("COMMITTED_USAGE_DISCOUNT", "Usage", False),
        ("COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE", "Spend", False),
        ("FEE_UTILIZATION_OFFSET", "Spend", True),
        ("SUSTAINED_USAGE_DISCOUNT", None, False),
        ("DISCOUNT", None, False),
        ("FREE_TIER", None, False),
        ("PROMOTION", None, False),
        ("RESELLER_MARGIN", None, False),
        ("SUBSCRIPTION_BENEFIT", None, False),
        ("A_TYPE_OF_TOMORROW", None, False),
    ],
)
def test_every_type_is_money_and_three_are_commitments(kind: str, category: str | None, offset: bool) -> None:
    """All take their amount off; only commitments have a category, an id and a name."""
    found = read_credits(credit(kind))
    assert (found.total, found.category, found.offset) == (Decimal("-1.5"), category, offset)
    assert (found.id, found.name) == (("i", "Full") if category else (None, None))


def test_a_commitment_is_found_among_other_credits() -> None:
    """The sum is that of all; the name where no full one is given is the short one."""
    items = [
        {"name": "Free", "amount": -0.1, "type": "FREE_TIER"},
        {"name": "Committed Usage Discount: CPU", "amount": -0.2},
    ]
    found = read_credits(repr(items))
    assert (found.total, found.category) == (Decimal("-0.3"), "Usage")
    assert (found.id, found.name) == ("Committed Usage Discount: CPU",) * 2


@pytest.mark.parametrize("text", ["[]", "None", "null", "nan", "{}", "array([], dtype=object)"])
def test_no_credits_are_nothing(text: str) -> None:
    """An empty list in any spelling is zero, and leaves no text."""
    assert read_credits(text) == Credits()


@pytest.mark.parametrize(
    "text",
    [
        "[{'name': 'a'}]",
        "[{'amount': None}]",
        "[{'amount': nan}]",
        "[{'amount': 'much'}]",
        "[{'amount': '1_0'}]",
        "[{'amount': 'Infinity'}]",
        "[{'amount': True}]",
        "[{'amount': [1]}]",
        "[{'amount': 1e101}]",
        "[{'amount': 1e-201}]",
        f"[{{'amount': {'1' * 201}}}]",
        "[None]",
        "[1]",
        "5",
        "'text'",
        "[{'amount': 1}, {'amount': }]",
        "[{'amount': 1}, ...]",
        "a text",
    ],
)
def test_credits_that_cannot_be_read_are_unknown(text: str) -> None:
    """One amount that is none makes the sum unknown, not smaller; the text stays."""
    assert read_credits(text) == Credits(None, text)


@given(st.lists(AMOUNTS, max_size=5))
def test_the_sum_is_exact_in_every_spelling(amounts: list[Decimal]) -> None:
    """JSON numbers, JSON texts, printed numbers and printed decimals give one sum, one text."""
    plain = [f"{amount:f}" for amount in amounts]
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    texts = [
        "[" + ",".join(f'{{"amount": {amount}}}' for amount in plain) + "]",
        repr([{"amount": amount} for amount in plain]),
        "[" + ", ".join(f"{{'amount': {amount}, 'id': None}}" for amount in plain) + "]",
        repr([{"amount": amount} for amount in amounts]),
    ]
    assert [read_credits(text).total for text in texts] == [total] * 4
    assert len({read_credits(text).text for text in texts}) == 1


@given(st.text(max_size=80) | st.text("[]{}'\":,amount naeE+-.0123456789", max_size=80))
def test_no_credits_crash_and_the_amount_is_the_credits_exactly(text: str) -> None:
    """Whatever stands in the cell: billed less cost is the credits, or billed is no number."""
    columns = credit_columns(pa.array([text, None]))
    told, none = columns.total.to_pylist()
    billed = with_credits(pa.array(["10.00000000000000000001", "7"]), columns.total).to_pylist()
    assert (none, billed[1]) == ("0", "7")
    if told is None:
        assert billed[0] == "10.00000000000000000001 and credits that cannot be read"
    else:
        assert EXACT.subtract(Decimal(billed[0]), Decimal("10.00000000000000000001")) == Decimal(told)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=6), st.booleans())
def test_cost_and_credits_are_added_as_by_hand(pairs: list[tuple[Decimal, Decimal]], tiny: bool) -> None:
    """The quick way for whole columns and the exact one, for a number with 30 decimals, agree."""
    costs = [cost for cost, _ in pairs] + [Decimal("1E-30")] * tiny
    off = [amount for _, amount in pairs] + [Decimal("-1")] * tiny
    found = with_credits(
        pa.array([str(cost) for cost in costs], pa.string()), pa.array([f"{x:f}" for x in off], pa.string())
    )
    assert [Decimal(text) for text in found.to_pylist()] == [
        EXACT.add(*pair) for pair in zip(costs, off, strict=True)
    ]


@pytest.mark.parametrize("cost", ["NaN", "", "abc", "1e150", "1_0"])
def test_a_cost_that_is_none_never_loses_its_credits(cost: str) -> None:
    """Where the sum cannot be made, billed cost is no number; an unknown cost stays unknown."""
    billed = with_credits(pa.array([cost, None]), pa.array(["-1", "-1"])).to_pylist()
    assert billed == [f"{cost} is no amount", None]


def test_small_amounts_keep_their_size() -> None:
    """Zeros at the end of an exponent are no zeros at the end of a number: 1E-10 less 2E-10."""
    found = with_credits(pa.array(["1E-10", "5"]), pa.array(["-0.0000000002", "-5"])).to_pylist()
    assert [Decimal(text) for text in found] == [Decimal("-1E-10"), Decimal(0)]
