"""Exact sums and labels that no two values share."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.cost.exact import EMPTY, NONE, UNTAGGED, converted, difference, label, share, total, unlabel

AMOUNTS = st.decimals(min_value=-(10**17), max_value=10**17, places=20)
NAMES = st.sampled_from(["tag:team", "RegionId"])
TEXTS = st.one_of(st.text(), st.sampled_from([UNTAGGED, NONE, EMPTY, f'"{NONE}"', f'""{UNTAGGED}', '"']))


@given(st.lists(AMOUNTS, min_size=1))
def test_a_sum_loses_no_digit(amounts: list[Decimal]) -> None:
    """37 digits and 20 decimals add up as fractions do."""
    assert Fraction(total(amounts) or 0) == sum(map(Fraction, amounts))


@given(AMOUNTS, AMOUNTS)
def test_a_difference_loses_no_digit(after: Decimal, before: Decimal) -> None:
    """After less before, as fractions."""
    assert Fraction(difference(after, before) or 0) == Fraction(after) - Fraction(before)


def test_unknown_stays_unknown() -> None:
    """None is not zero in any of them."""
    one = Decimal(1)
    assert total([None, one]) == 1
    assert [total([]), difference(None, one), difference(one, None), converted(None, one)] == [None] * 4
    assert [share(None, one), share(one, None), share(one, Decimal(0))] == [None] * 3


@given(TEXTS, NAMES)
def test_a_label_leads_back_to_its_value(text: str, name: str) -> None:
    """Whatever the text, also one that spells like our marks, it is found again."""
    assert unlabel(label(text, name=name), name=name) == text
    assert unlabel(label(None, name=name), name=name) is None


@given(st.lists(TEXTS, unique=True, max_size=10), NAMES)
def test_no_two_values_have_one_label(texts: list[str], name: str) -> None:
    """Different values, and no value, look different."""
    labels = [label(text, name=name) for text in [*texts, None]]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("1.50"), "1.5"),
        (datetime(2026, 7, 1, tzinfo=UTC), "2026-07-01T00:00:00+00:00"),
        (7, "7"),
        (float("nan"), "(none)"),
    ],
)
def test_other_values_are_written_plainly(value: object, expected: str) -> None:
    """Numbers without trailing zeros, times in ISO 8601, NaN as none."""
    assert label(value, name="RegionId") == expected
