"""Baselines by hand and as loops over days; each series on its own, in any unit."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.forecast import simple

BASELINES = [
    simple.naive, simple.seasonal_naive, simple.naive2, simple.drift, simple.profile, simple.run_rate,
]  # fmt: skip
SEED = st.integers(0, 10_000)
Method = Callable[..., np.ndarray]


def drawn(seed: int, *, series: int = 3, steps: int = 29) -> np.ndarray:
    """Draw positive series with a weekly shape, so that Naive2 has a season to take."""
    random = np.random.default_rng(seed)
    week = np.array([1.0, 1.2, 1.1, 1.0, 0.9, 0.4, 0.3])[np.arange(steps) % 7]
    return week * random.lognormal(3, 0.1, size=(series, steps))


def mean_of(values: list[float]) -> float:
    """Average what is known, plainly."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def by_loops(method: Method, values: list[float], *, horizon: int, season: int) -> list[float]:
    """Say what each baseline is, for one series without gaps in the last season."""
    steps = len(values)
    if method is simple.naive:
        return [values[-1]] * horizon
    if method is simple.seasonal_naive:
        longer = list(values)
        for _ in range(horizon):
            longer.append(longer[-season])
        return longer[steps:]
    if method is simple.drift:
        slope = (values[-1] - values[0]) / (steps - 1)
        return [values[-1] + slope * ahead for ahead in range(1, horizon + 1)]
    if method is simple.run_rate:
        return [mean_of(values[-4 * season :])] * horizon
    weeks = [values[steps - season * back :][:season] for back in range(1, min(4, steps // season) + 1)]
    shape = [mean_of([week[day] - sum(week) / season for week in weeks]) for day in range(season)]
    return [sum(weeks[0]) / season + shape[ahead % season] for ahead in range(horizon)]


@pytest.mark.parametrize("method", [method for method in BASELINES if method is not simple.naive2])
@pytest.mark.parametrize("steps", [7, 16, 50])
def test_baselines_are_their_loops(method: Method, steps: int) -> None:
    """Over histories of one, two and more than four seasons, further ahead than a season."""
    history = drawn(steps, steps=steps)
    found = method(history, horizon=17, season=7)
    expected = [by_loops(method, row.tolist(), horizon=17, season=7) for row in history]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_naive2_by_hand() -> None:
    """Weeks of 2, 4, 6 around 4: factors 1/2, 1, 3/2, the last value 6 is 4 without its season."""
    history = np.array([[2.0, 4.0, 6.0] * 6])
    found = simple.naive2(history, horizon=4, season=3)
    np.testing.assert_allclose(found, [[2.0, 4.0, 6.0, 2.0]])


def test_naive2_without_a_season_is_naive() -> None:
    """A step, and a history of less than three seasons, have no season that a test could show."""
    for history in (np.array([[1.0] * 10 + [5.0] * 10]), np.array([[2.0, 4.0, 6.0] * 2 + [2.0]])):
        found = simple.naive2(history, horizon=3, season=3)
        np.testing.assert_array_equal(found, np.repeat(history[:, -1:], 3, axis=1))


@pytest.mark.parametrize("method", BASELINES)
@given(seed=SEED, factor=st.floats(1e-6, 1e6))
def test_the_unit_does_not_matter(method: Method, seed: int, factor: float) -> None:
    """Of the same values in another unit, the forecast is the same in that unit."""
    history = drawn(seed)
    one = method(history, horizon=9, season=7)
    np.testing.assert_allclose(method(history * factor, horizon=9, season=7), one * factor, rtol=1e-9)


@pytest.mark.parametrize("method", BASELINES)
@given(seed=SEED)
def test_a_series_does_not_depend_on_the_others(method: Method, seed: int) -> None:
    """Alone, in another order, and beside a series of gaps, it has the forecast that it has among all."""
    history = drawn(seed)
    all_of_them = method(history, horizon=9, season=7)
    beside = np.vstack([np.full_like(history[:1], np.nan), history[::-1]])
    np.testing.assert_array_equal(method(beside, horizon=9, season=7)[:0:-1], all_of_them)
    np.testing.assert_array_equal(method(history[1:2], horizon=9, season=7), all_of_them[1:2])


@pytest.mark.parametrize("method", [simple.naive, simple.seasonal_naive, simple.profile, simple.run_rate])
@given(seed=SEED, extra=st.integers(1, 40))
def test_what_is_older_than_four_seasons_does_not_count(method: Method, seed: int, extra: int) -> None:
    """These baselines look back four seasons: older values of any size change nothing."""
    history = drawn(seed, steps=28)
    older = np.hstack([np.full((3, extra), 1e6), history])
    np.testing.assert_array_equal(method(older, horizon=9, season=7), method(history, horizon=9, season=7))


@pytest.mark.parametrize("method", BASELINES)
@pytest.mark.parametrize("steps", [0, 1, 6])
def test_short_histories_give_an_answer_or_none(method: Method, steps: int) -> None:
    """The shape is right; what needs a season and has none is unknown, and so is all without a value."""
    found = method(drawn(1, steps=steps), horizon=9, season=7)
    silent = steps == 0 or method in (simple.seasonal_naive, simple.profile)
    assert found.shape == (3, 9)
    assert np.isnan(found).all() if silent else np.isfinite(found).all()


def test_drift_begins_with_the_first_value() -> None:
    """A series that begins late, at 4, and is 10 three steps on, grows by 2; a single value by 0."""
    nan = np.nan
    history = np.array([[nan, nan, 4.0, 5.0, nan, 10.0], [nan, nan, nan, nan, nan, 3.0], [nan] * 6])
    found = simple.drift(history, horizon=2, season=1)
    np.testing.assert_array_equal(found, [[12.0, 14.0], [3.0, 3.0], [nan, nan]])


def test_the_profile_leaves_out_seasons_with_gaps() -> None:
    """Seasons 1 3, (gap) 9 and 5 9: shapes -1 1 and -2 2, mean -1.5 1.5, on the level of 7."""
    history = np.array([[1.0, 3.0, np.nan, 9.0, 5.0, 9.0]])
    assert simple.profile(history, horizon=2, season=2).tolist() == [[5.5, 8.5]]


def test_the_run_rate_leaves_out_gaps() -> None:
    """The mean of 2 and 4 is 3, however many days between are unknown."""
    history = np.array([[2.0, np.nan, np.nan, 4.0], [np.nan] * 4])
    np.testing.assert_array_equal(simple.run_rate(history, horizon=1, season=1), [[3.0], [np.nan]])


@pytest.mark.parametrize("method", BASELINES)
def test_without_a_series_nothing_is_forecast(method: Method) -> None:
    """A table of no series and 20 steps: an empty forecast, no error."""
    assert method(np.empty((0, 20)), horizon=3, season=7).shape == (0, 3)


@pytest.mark.parametrize("method", BASELINES)
def test_a_constant_stays_constant(method: Method) -> None:
    """Nothing is invented on a series that never moved, at zero and below it included."""
    level = np.array([[7.0], [0.0], [-3.0]])
    found = method(np.repeat(level, 40, axis=1), horizon=9, season=7)
    np.testing.assert_allclose(found, np.repeat(level, 9, axis=1), atol=1e-12)
