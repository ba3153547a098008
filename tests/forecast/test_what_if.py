"""What would change the answer: variants worked by hand, chances on shifted samples, and the exact edge."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.forecast import intervals
from finops_lib.forecast.contributions import Parts
from finops_lib.forecast.panel import Outlook, Panel
from finops_lib.forecast.paths import chance
from finops_lib.forecast.what_if import break_even, what_if

FLAT_THEN_UP = [8.0] * 7 + [10.0] * 6 + [24.0]


def parts_for(outlook: Outlook, said: Any) -> Parts:
    """Make parts of one model without calendar and changes."""
    table = np.array(said, dtype=float)[None]
    one = np.ones(table.shape[1:])
    return Parts(outlook.panel.names, ("m",), table, np.ones(table.shape[:2]), one, one * 0, one)


def differences(frame: pd.DataFrame) -> dict[str, float]:
    """Read the differences by variant."""
    return {str(name): float(by) for name, by in zip(frame["variant"], frame["difference"], strict=True)}


@pytest.mark.usefixtures("plain_intervals")
def test_every_variant_is_the_one_worked_by_hand(outlook_of: Any) -> None:
    """Two weeks: all 8; then 10 on six days and 24 on the last, 20 July. Two steps of 15 are forecast.

    Last week's mean is 84/7 = 12: growth stops at 24, 6 less. The week again begins with 10 and 10: 10 less.
    The shape is the mean of zeros and (-2, ..., +12): -1 and on the last day +6, so the last week without it
    is 11 on six days and 18: mean 12. Without the 18 it is 11: 1 less a step, 2 in all.
    """
    outlook = outlook_of(
        {"a": [15.0, 15.0]}, {"a": [[-1.0, 0], [0.0, 0], [3.0, 0]]}, values={"a": FLAT_THEN_UP}
    )
    frame = what_if(outlook, parts_for(outlook, [[15.0, 15.0]]), level=0.5)
    assert differences(frame) == pytest.approx(
        {
            "as forecast": 0, "growth stops": -6, "the last week comes again": -10, "without 2026-07-20": -2,
            "+10 % demand": 3, "-10 % demand": -3,
        }
    )  # fmt: skip
    assert frame["mid"].tolist() == pytest.approx([30.0, 24, 20, 28, 33, 27])
    # the sample is 29, 30, 33: its quartiles 29.5 and 31.5 move along, and stretch with demand
    assert frame["low"].tolist() == pytest.approx([29.5, 23.5, 19.5, 27.5, 29.5 * 1.1, 29.5 * 0.9])
    assert frame["high"].tolist() == pytest.approx([31.5, 25.5, 21.5, 29.5, 31.5 * 1.1, 31.5 * 0.9])
    assert frame["breach_probability"].isna().all()
    assert frame["flips"].isna().all()


@pytest.mark.usefixtures("plain_intervals")
def test_chances_are_those_of_the_moved_sample_and_flips_are_named(outlook_of: Any) -> None:
    """The sample 29, 30, 33 against 29.5: two of three above, (2 + 1/2) / 4; less than that is all below."""
    outlook = outlook_of(
        {"a": [15.0, 15.0]}, {"a": [[-1.0, 0], [0.0, 0], [3.0, 0]]}, values={"a": FLAT_THEN_UP}
    )
    frame = what_if(outlook, parts_for(outlook, [[15.0, 15.0]]), budget_left=Decimal("29.5"))
    assert frame["breach_probability"].tolist() == [0.625, 0.125, 0.125, 0.375, 0.875, 0.375]
    assert frame["flips"].tolist() == [False, True, True, True, False, True]


@pytest.mark.usefixtures("plain_intervals")
def test_changes_and_the_largest_series_are_taken_away(outlook_of: Any) -> None:
    """A launch of 5 on a's second day, a holiday that halves b's first; then b, the largest, is left out.

    Without changes a's second day is 10 again: 5 less. Growth stops at 1 for both: a loses 9 + 9 and b
    19/2 + 19. Of a alone the sample is 25 and 26.
    """
    outlook = outlook_of(
        {"a": [10.0, 15.0], "b": [10.0, 20.0]},
        {"a": [[0.0, 0], [1.0, 0]], "b": [[0.0, 0], [7.0, 0]]},
        values={"a": [1.0] * 14, "b": [1.0] * 14},
    )
    parts = dataclasses.replace(
        parts_for(outlook, [[10.0, 10.0], [20.0, 20.0]]),
        calendar=np.array([[1.0, 1.0], [0.5, 1.0]]), added=np.array([[0.0, 5.0], [0.0, 0.0]]),
    )  # fmt: skip
    frame = what_if(outlook, parts, level=0.5)
    found = differences(frame)
    assert found["without the known changes"] == -5
    assert found["growth stops"] == pytest.approx(-18 - 9.5 - 19)
    assert found["without b"] == -30
    row = frame[frame["variant"] == "without b"].iloc[0]
    assert (row["low"], row["mid"], row["high"]) == (25.0, 25.0, 25.75)
    assert "without the known changes" not in differences(what_if(outlook, parts, steps=[0]))


@pytest.mark.usefixtures("plain_intervals")
def test_no_variant_goes_below_zero_where_the_series_never_was(outlook_of: Any) -> None:
    """A contract's end takes 8 a day: of growth stopped at 1 nothing is left, not less than nothing."""
    outlook = outlook_of({"a": [2.0]}, {"a": [[-3.0], [3.0]]}, values={"a": [1.0] * 14})
    parts = dataclasses.replace(parts_for(outlook, [[10.0]]), added=np.array([[-8.0]]))
    frame = what_if(outlook, parts, level=0.9).set_index("variant")
    assert frame.loc["growth stops", "mid"] == 0.0
    assert (frame["low"] >= -0.9).all()
    assert frame.loc["growth stops", "low"] == 0.0


def test_the_first_row_is_the_interval_and_the_chance_of_the_forecast(outlook_of: Any) -> None:
    """With the real intervals, ends and chance are those that `intervals` and `paths` give."""
    random = np.random.default_rng(0)
    outlook = outlook_of(
        {"a": [15.0, 16.0], "b": [5.0, 5.0]},
        {name: random.normal(0, 2, (9, 2)).tolist() for name in "ab"},
        values={"a": FLAT_THEN_UP, "b": FLAT_THEN_UP},
    )
    parts = parts_for(outlook, outlook.mid)
    frame = what_if(outlook, parts, series=["a"], budget_left=32.5, level=0.8)
    low, mid, high = intervals.interval(outlook, series=["a"], level=0.8)
    first = frame.iloc[0]
    assert (first["low"], first["mid"], first["high"]) == pytest.approx((low, mid, high))
    sample = intervals.distribution(outlook, series=["a"])
    assert first["breach_probability"] == chance(sample, 32.5)
    assert not any(str(name).startswith("without a") for name in frame["variant"])


def test_a_season_of_its_own_and_series_without_a_calendar_are_named_plainly() -> None:
    """A season of 3 days is called a season; without times its step has a number; one step has no variant."""
    for season, expected in ((3, ["without step 3 of the last season"]), (1, [])):
        panel = Panel(("a",), (np.array([1.0, 1, 1, 1, 1, 9]),), "day", season)
        outlook = Outlook(panel, np.ones((1, 1)), np.zeros((2, 1, 1)), np.ones(1), pd.DataFrame(), {})
        names = list(what_if(outlook, parts_for(outlook, [[1.0]]))["variant"])
        assert "the last season comes again" in names
        assert [name for name in names if "step" in name] == expected


def test_hours_are_named_by_day_and_hour(outlook_of: Any) -> None:
    """The last of 24 hours before 21 July stands out."""
    outlook = outlook_of({"a": [1.0]}, {"a": [[0.0], [0.0]]}, values={"a": [1.0] * 47 + [9.0]}, step="hour")
    names = list(what_if(outlook, parts_for(outlook, [[1.0]]))["variant"])
    assert "without 2026-07-20 23:00" in names
    assert "the last day comes again" in names


@given(
    st.lists(st.floats(-20, 20), min_size=2, max_size=12).filter(lambda errors: len(set(errors)) > 1),
    st.floats(1, 300),
)
def test_the_answer_turns_over_exactly_at_the_edge(errors: list[float], left: float) -> None:
    """A hair beyond the share, or the shift, a breach is more likely than not; a hair before it is not."""
    panel = Panel(("a",), (np.array([90.0, 110.0]),), "day", 7)
    table = np.array(errors)[:, None, None]
    outlook = Outlook(panel, np.array([[100.0]]), table, np.ones(1), pd.DataFrame(), {})
    found, sample = break_even(outlook, budget_left=left), intervals.distribution(outlook)
    assert chance(sample + found.shift + 1e-6, left) > 0.5
    assert chance(sample + found.shift - 1e-6, left) <= 0.5
    assert found.share is not None
    assert chance(sample * (1 + found.share) * (1 + 1e-9), left) > 0.5
    assert chance(sample * (1 + found.share) * (1 - 1e-9), left) <= 0.5
    assert ("more" in found.verdict) == (found.shift >= 0)


def test_an_edge_that_no_share_reaches_is_told_as_an_amount() -> None:
    """The budget is overdrawn by 10 already: no share of the rest, but 30 less than 20 would do."""
    panel = Panel(("a",), (np.array([9.0, 11.0]),), "day", 7)
    outlook = Outlook(panel, np.array([[20.0]]), np.zeros((4, 1, 1)), np.ones(1), pd.DataFrame(), {})
    found = break_even(outlook, budget_left=Decimal(-10))
    assert found.share is None
    assert found.shift == pytest.approx(-30.0)
    assert found.verdict == "The answer flips if the rest costs 30.00 less"
    assert break_even(outlook, budget_left=0).share == -1.0
