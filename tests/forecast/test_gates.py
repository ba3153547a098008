"""Gaps are filled from the past alone, and no forecast runs away: against plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.forecast.gates import filled, in_reach

VALUE = st.one_of(st.just(math.nan), st.just(math.inf), st.floats(-1e6, 1e6))
ROWS = st.integers(1, 25).flatmap(
    lambda steps: st.lists(st.lists(VALUE, min_size=steps, max_size=steps), min_size=1, max_size=3)
)
FORECASTS = st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=5)


def filled_by_loops(values: list[float], season: int) -> list[float]:
    """Walk through one series and fill each gap."""
    full: list[float] = []
    for value in values:
        before = full[-season] if len(full) >= season else math.nan
        last = full[-1] if full else math.nan
        full.append(value if math.isfinite(value) else before if math.isfinite(before) else last)
    return full


@given(ROWS, st.integers(1, 9))
def test_a_gap_is_filled_as_by_hand(rows: list[list[float]], season: int) -> None:
    """The value a season before, filled itself if need be, else the last one; what is infinite is a gap."""
    expected = [filled_by_loops(row, season) for row in rows]
    np.testing.assert_array_equal(filled(np.array(rows), season=season), expected)


@given(ROWS, st.integers(1, 9), st.data())
def test_what_fills_a_gap_does_not_know_the_future(
    rows: list[list[float]], season: int, data: st.DataObject
) -> None:
    """Up to any moment, the filled history is the filled part of the history up to it."""
    history = np.array(rows)
    until = data.draw(st.integers(1, history.shape[1]))
    whole = filled(history, season=season)
    np.testing.assert_array_equal(filled(history[:, :until], season=season), whole[:, :until])


@given(ROWS, st.integers(1, 9))
def test_known_values_stay_and_gaps_before_the_first_too(rows: list[list[float]], season: int) -> None:
    """After the first value nothing is unknown; before it all is; the input is not changed."""
    history = np.array(rows)
    kept = history.copy()
    found = filled(history, season=season)
    np.testing.assert_array_equal(history, kept)
    known = np.isfinite(history)
    np.testing.assert_array_equal(found[known], history[known])
    np.testing.assert_array_equal(np.isfinite(found), np.maximum.accumulate(known, axis=1))


def test_no_steps_and_no_series_pass() -> None:
    """Empty tables keep their shape."""
    assert filled(np.empty((2, 0)), season=7).shape == (2, 0)
    assert filled(np.empty((0, 5)), season=7).shape == (0, 5)


def held(value: float, known: list[float], recent: int) -> float:
    """Hold one forecast of one series within the reach of what its origin knows."""
    if math.isnan(value):
        return value
    last = [one for one in known[-recent:] if math.isfinite(one)]
    negative = any(math.isfinite(one) and one < 0 for one in known)
    low, high = (min(last), max(last)) if last else (-math.inf, math.inf)
    reach = 3 * (high - low) if last else 0.0
    bottom = low - reach if negative else max(low - reach, 0.0)
    kept = min(max(value, bottom), high + reach)
    return kept if math.isfinite(kept) else math.nan


@given(ROWS, FORECASTS, st.integers(1, 9), st.lists(st.integers(0, 30), min_size=1, max_size=4))
def test_each_origin_holds_its_forecasts_as_by_hand(
    rows: list[list[float]], ahead: list[float], recent: int, cuts: list[int]
) -> None:
    """Three ranges of what that origin saw last, never below 0 for a series that was not, never infinite."""
    history, steps = np.array(rows), len(rows[0])
    forecast = np.broadcast_to(np.array(ahead), (len(cuts), len(rows), len(ahead))).copy()
    found = in_reach(forecast, history, cuts=cuts, recent=recent)
    expected = [
        [[held(value, row[: max(steps - cut, 0)], recent) for value in ahead] for row in rows] for cut in cuts
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert not np.isinf(found).any()


def test_reach_by_hand() -> None:
    """4, 6, 5 span 2: the top is 6 + 6, the bottom 4 - 6, or 0 for a series that never was below."""
    forecast = np.array([[[50.0, -50.0, 7.0, np.inf]] * 2])
    history = np.array([[100.0, 4.0, 6.0, 5.0], [-1.0, 4.0, 6.0, 5.0]])
    found = in_reach(forecast, history, cuts=[0], recent=3)
    assert found.tolist() == [[[12.0, 0.0, 7.0, 12.0], [12.0, -2.0, 7.0, 12.0]]]


def test_what_nothing_known_can_hold_is_unknown_where_infinite() -> None:
    """An origin before the first value, or before the history, keeps what is finite and not negative."""
    forecast = np.array([[[np.inf, -np.inf, 5.0, np.nan]]] * 2)
    found = in_reach(forecast, np.array([[np.nan, 3.0]]), cuts=[1, 9], recent=7)
    np.testing.assert_array_equal(found, [[[np.nan, 0.0, 5.0, np.nan]]] * 2)


def test_an_origin_does_not_reach_further_for_what_came_later() -> None:
    """A jump, and a first value below zero, after the origin, do not widen its reach."""
    calm, history = np.array([[4.0, 5.0, 4.0]]), np.array([[4.0, 5.0, 4.0, 900.0, -7.0]])
    forecast = np.array([[[999.0, -999.0]]])
    expected = in_reach(forecast, calm, cuts=[0], recent=7)
    assert expected.tolist() == [[[8.0, 1.0]]]
    np.testing.assert_array_equal(in_reach(forecast, history, cuts=[2], recent=7), expected)


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_what_never_moved_does_not_begin_to(value: float) -> None:
    """Without a range there is no reach: the constant is the forecast."""
    found = in_reach(np.array([[[9.0, -9.0]]]), np.full((1, 8), value), cuts=[0], recent=7)
    assert found.tolist() == [[[value, value]]]


@given(st.integers(0, 1000), st.floats(1e-6, 1e6))
def test_the_unit_does_not_matter(seed: int, factor: float) -> None:
    """What is held in one unit is held at the same place in another."""
    random = np.random.default_rng(seed)
    history, forecast = random.normal(5, 2, size=(2, 20)), random.normal(5, 30, size=(3, 2, 4))
    one = in_reach(forecast, history, cuts=[0, 3, 6], recent=7)
    other = in_reach(forecast * factor, history * factor, cuts=[0, 3, 6], recent=7)
    np.testing.assert_allclose(other, one * factor, rtol=1e-9, atol=1e-12 * factor)
