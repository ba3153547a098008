"""Whole cents at every level: parts add up to their whole on random trees, none further off than a cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.cost.split import cut
from finops_lib.forecast.rounding import exact_sum, in_cents
from finops_lib.forecast.tree import WHOLE, Tree
from finops_lib.units import minor_digits

CENT = Decimal("0.01")


def random_tree(random: np.random.Generator) -> Tree:
    """Draw a tree of one to three levels over one to forty series, groups of any size."""
    series, depth = int(random.integers(1, 40)), int(random.integers(1, 4))
    labels = {f"level{place}": random.choice(list("abcde"), size=series) for place in range(depth)}
    return Tree.of(pd.DataFrame(labels, index=[f"s{place}" for place in range(series)]))


def test_parts_add_up_to_the_cent_on_a_thousand_trees() -> None:
    """Any sizes, signs and currencies: every node is the sum of its parts and within a cent of its floats."""
    random = np.random.default_rng(2026)
    for _ in range(1000):
        tree = random_tree(random)
        currency = str(random.choice(["USD", "JPY", "KWD"]))
        unit = Decimal(1).scaleb(-minor_digits(currency))
        sizes = random.normal(size=len(tree.series)) * 10.0 ** random.integers(-4, 9, size=len(tree.series))
        amounts = dict(zip(tree.series, sizes.tolist(), strict=True))
        found = in_cents(tree, amounts, currency=currency)
        assert set(found) == set(tree.members)
        for node, amount in found.items():
            parts = tree.parts(node)
            assert not parts or exact_sum(found[part] for part in parts) == amount
            raw = sum(Fraction(amounts[name]) for name in tree.members[node])
            assert abs(Fraction(amount) - raw) < Fraction(unit)
            assert amount.as_tuple().exponent == unit.as_tuple().exponent


def test_the_largest_remainders_get_the_cents() -> None:
    """1.004, 1.006 and 1.006 make 3.016, so 3.02: down to 3.00, and the two cents go to the larger rests."""
    parts = [Decimal("1.004"), Decimal("1.006"), Decimal("1.006")]
    assert cut(Decimal("3.02"), parts, unit=CENT) == [Decimal("1.00"), Decimal("1.01"), Decimal("1.01")]


def test_negative_amounts_are_rounded_the_same_way() -> None:
    """-0.006 and 0.001 make -0.005, which is 0.00 half to even: the one cent left goes to the larger rest."""
    # Down: -0.01 (rest 0.004) and 0.00 (rest 0.001); the first has the larger rest.
    found = cut(Decimal("0.00"), [Decimal("-0.006"), Decimal("0.001")], unit=CENT)
    assert found == [Decimal("0.00"), Decimal("0.00")]


@given(st.lists(st.decimals(-1000, 1000, places=6), min_size=1, max_size=30))
def test_a_cut_is_exact_and_close(parts: list[Decimal]) -> None:
    """The pieces add up to the rounded sum and each lies less than a cent from its share."""
    whole = exact_sum(parts).quantize(CENT)
    found = cut(whole, parts, unit=CENT)
    assert sum(found) == whole
    assert all(abs(piece - part) < CENT for piece, part in zip(found, parts, strict=True))


def test_a_series_without_an_amount_is_left_out_and_not_zero() -> None:
    """Its group has the others; a group that has no other is not there."""
    tree = Tree.of(pd.DataFrame({"team": ["web", "web", "ml"]}, index=["a", "b", "c"]))
    found = in_cents(tree, {"a": 1.5}, currency="EUR")
    assert {node: str(amount) for node, amount in found.items()} == {
        WHOLE: "1.50", ("web",): "1.50", ("web", "a"): "1.50",
    }  # fmt: skip
    assert in_cents(tree, {}, currency="EUR") == {}


def test_no_amount_is_minus_zero() -> None:
    """A forecast of minus nothing is written 0.00."""
    tree = Tree.of(pd.DataFrame({"team": ["web", "ml"]}, index=["a", "b"]))
    found = in_cents(tree, {"a": -0.0, "b": -0.001}, currency="EUR")
    assert {str(amount) for amount in found.values()} == {"0.00"}


def test_parts_of_another_whole_are_wrong_code() -> None:
    """A whole that is not the rounded sum of its parts cannot be cut."""
    with pytest.raises(ValueError, match="differ by less"):
        cut(Decimal("5.00"), [Decimal("1.00"), Decimal("1.00")], unit=CENT)
