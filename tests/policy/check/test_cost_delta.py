"""What a change costs, subtracted by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.policy.check.cost_delta import CostDelta, cost_delta
from finops_lib.policy.check.pricing import Monthly, NoPrice, Price, Pricer
from finops_lib.records import Resource


def thing(name: str, **properties: Any) -> Resource:
    """Make a resource of this name."""
    return Resource(name, "terraform", "aws", "t", name, "a/main.tf", 7, properties=properties)


def month(mid: int, high: int | None = None, currency: str = "USD") -> Monthly:
    """Make a price of a month."""
    return Monthly(Decimal(mid), Decimal(mid), Decimal(mid if high is None else high), currency, "")


def table(prices: Mapping[str, Price]) -> Pricer:
    """Price by name; what is not in the table has no price."""
    return lambda resource: prices.get(resource.name, NoPrice("no price"))


def delta(old: Mapping[str, Price], new: Mapping[str, Price], *, size: tuple[int, int] = (1, 1)) -> CostDelta:
    """Compare two states that hold just what the tables name."""
    before = [thing(name, size=size[0]) for name in old]
    after = [thing(name, size=size[1]) for name in new]
    return cost_delta(before, after, price_before=table(old), price_after=table(new))


def test_each_movement_is_a_row_and_the_largest_comes_first() -> None:
    """From 10 to 25, 40 gone, 5 come: 15 - 40 + 5 = -20 a month; what stays has no row."""
    found = delta(
        {"a": month(10), "b": month(40), "same": month(3)},
        {"a": month(25), "c": month(5), "same": month(3)},
    )
    assert [(row.address, row.change, row.delta) for row in found.rows] == [
        ("b", "removed", Decimal(-40)),
        ("a", "changed", Decimal(15)),
        ("c", "added", Decimal(5)),
    ]
    assert (found.total, found.total_most, found.unknown) == ({"USD": Decimal(-20)},) * 2 + (0,)


def test_the_most_members_are_told_apart() -> None:
    """A group whose largest size rises from 2 to 9 costs nothing yet, and 700 more at the most."""
    found = delta({"g": month(100, 200), "b": month(5)}, {"g": month(100, 900), "b": month(5, 5)})
    assert [row.address for row in found.rows] == ["g"]
    assert (found.total, found.total_most) == ({"USD": Decimal(0)}, {"USD": Decimal(700)})


def test_currencies_are_never_added() -> None:
    """Each has its own sum; one that changes within a resource is not known."""
    found = delta({"x": month(1)}, {"e": month(2, currency="EUR"), "x": month(1, currency="EUR")})
    assert found.total == {"EUR": Decimal(2)}
    assert [(row.address, row.reason) for row in found.rows if row.delta is None] == [
        ("x", "EUR and USD are never subtracted")
    ]


def test_what_is_not_known_is_counted_and_is_no_zero() -> None:
    """A price known on one side only gives no difference."""
    found = delta({"a": month(10)}, {"a": NoPrice("its size is not known"), "b": NoPrice("too new")})
    assert [(row.address, row.delta, row.reason) for row in found.rows] == [
        ("a", None, "after: its size is not known"),
        ("b", None, "after: too new"),
    ]
    assert (found.unknown, found.total) == (2, {})
    assert found.rows[0].before == month(10)


def test_what_cannot_be_priced_and_did_not_change_has_no_row() -> None:
    """Unpriced things would flood every report; once one changes it is told."""
    unknown = {"a": NoPrice("no price")}
    assert delta(unknown, unknown) == CostDelta()
    assert delta(unknown, unknown, size=(1, 2)).unknown == 1


def test_tags_move_no_price() -> None:
    """A new tag on something that cannot be priced is no cost."""
    price = table({})
    before, after = thing("a", tags={"team": "x"}), thing("a", tags={"team": "y"})
    assert cost_delta([before], [after], price_before=price, price_after=price) == CostDelta()


def test_two_things_of_one_address_are_refused() -> None:
    """An address is unique in an inventory."""
    price = table({})
    with pytest.raises(ValueError, match="address 'a': it comes twice in one inventory"):
        cost_delta([thing("a"), thing("a", size=2)], [], price_before=price, price_after=price)


PRICES = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 10**6).map(month))


@given(PRICES, PRICES)
def test_the_total_is_the_difference_of_both_bills(old: dict[str, Price], new: dict[str, Price]) -> None:
    """Summed row by row or summed apart and subtracted: the same; and back again is its negative."""
    there, back = delta(old, new), delta(new, old)
    bill = [sum(price.mid for price in state.values() if isinstance(price, Monthly)) for state in (old, new)]
    assert there.total.get("USD", 0) == bill[1] - bill[0]
    assert back.total == {currency: -amount for currency, amount in there.total.items()}
