"""Titles and names on pictures: what they say, and that nothing in a name acts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.cbook import is_math_text

from finops_lib.cost.words import (
    coverage_title,
    movers_title,
    plain_text,
    ranked,
    short_money,
    tick,
    trend_title,
)


def daily(*lines: tuple[str, str, int]) -> pd.DataFrame:
    """Make an answer of (day, service, cost)."""
    frame = pd.DataFrame(lines, columns=["time", "ServiceName", "cost"])
    frame["time"] = pd.to_datetime(frame["time"])
    return frame.assign(
        BillingCurrency="USD", cost=pd.Series([Decimal(x) for x in frame["cost"]], dtype=object)
    )


@given(st.text(max_size=200))
def test_no_name_starts_a_formula_or_breaks_a_line(text: str) -> None:
    """Any text is drawn as itself: printable, at most 34 characters, never mathematics."""
    drawn = plain_text(text)
    assert not is_math_text(drawn)
    assert drawn.replace(r"\$", "$").isprintable()
    assert len(drawn.replace(r"\$", "$")) <= 34


def test_direction_marks_are_shown_as_a_dot() -> None:
    """A mark that turns text around cannot hide what follows."""
    assert plain_text("a\u202eb\x00c") == "a·b·c"


@pytest.mark.parametrize(
    ("amount", "expected"), [("99.994", r"\$99.99"), ("100.4", r"\$100"), ("-12345.6", r"-\$12,346")]
)
def test_short_money_drops_cents_nobody_reads(amount: str, expected: str) -> None:
    """From 100 on, whole units."""
    assert short_money(Decimal(amount), currency="USD") == expected


@pytest.mark.parametrize(
    ("value", "largest", "expected"),
    [(0, 9, "0"), (20000, 20000, "CHF 20k"), (2500, 20000, "CHF 2.5k"), (2500, 3000, "CHF 2,500"),
     (0.5, 1, "CHF 0.50"), (0.025, 0.1, "CHF 0.025"), (-1000, 2000, "-CHF 1,000")],
)  # fmt: skip
def test_marks_of_one_axis_are_written_alike(value: float, largest: float, expected: str) -> None:
    """Thousands only where the axis reaches ten of them; small steps keep their digits."""
    assert tick(float(value), currency="CHF", largest=largest) == expected


def test_the_trend_says_the_mean_and_the_largest_part() -> None:
    """Days of 10 and 20, the third is filling up: 15 a day, of which A is 20 of 30."""
    frame = daily(
        ("2026-07-01", "A", 10), ("2026-07-02", "A", 10), ("2026-07-02", "B", 10), ("2026-07-03", "B", 99)
    )
    said = trend_title(frame, by="ServiceName", grain="day", incomplete=frozenset({date(2026, 7, 3)}))
    assert said == r"\$15.00 a day on average; A is 66.7 % of it"
    every = frozenset(date(2026, 7, day) for day in (1, 2, 3))
    assert "still filling up" in trend_title(frame, by="ServiceName", grain="day", incomplete=every)


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ({"change": Decimal(5), "change_share": None}, "M cost €5.00 more than the month before"),
        ({"change": Decimal(0), "change_share": Decimal(0)}, "M cost as much as the month before"),
        ({"change": None, "change_share": None}, "The change to M is unknown: a month has no charges"),
    ],
)
def test_the_movers_say_the_change(whole: Any, expected: str) -> None:
    """More, the same, unknown."""
    assert movers_title(whole, currency="EUR", month="M") == expected


def test_the_rest_of_a_ranking_is_one_line() -> None:
    """Three lines, one named; the sum is kept."""
    frame = daily(("2026-07-01", "A", 1), ("2026-07-01", "B", 3), ("2026-07-01", "C", 2))
    assert ranked(frame, by="ServiceName", n=1) == [("B", Decimal(3)), ("all other (2)", Decimal(3))]
    assert len(ranked(frame, by="ServiceName", n=3)) == 3


def test_coverage_says_the_best_and_how_many_are_poor() -> None:
    """One tag is said alone."""
    frame = pd.DataFrame({"Key": ["a", "b"], "Coverage": [Decimal("0.9"), Decimal("0.1")]})
    assert coverage_title(frame) == "The tag a is on 90.0 % of the usage cost; 1 of 2 tags on under half"
    assert coverage_title(frame.head(1)) == "The tag a is on 90.0 % of the usage cost"
