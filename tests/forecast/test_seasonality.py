"""Seasonal indices against the classical decomposition, and a test that noise passes as rarely as it says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.seasonal import seasonal_decompose
from statsmodels.tsa.stattools import acf

from finops_lib.forecast.seasonality import adjusted, indices, is_seasonal, trend

SEED = st.integers(0, 10_000)


def drawn(seed: int, *, season: int, steps: int, series: int = 2) -> np.ndarray:
    """Draw positive series with a trend and a season."""
    random = np.random.default_rng(seed)
    wave = random.uniform(0.5, 1.5, size=(series, season))[:, np.arange(steps) % season]
    return wave * (10 + 0.1 * np.arange(steps)) * random.lognormal(0, 0.05, size=(series, steps))


@pytest.mark.parametrize("season", [2, 3, 7, 12])
@pytest.mark.parametrize("multiply", [True, False])
@pytest.mark.parametrize("extra", [0, 1, 5])
def test_trend_and_indices_are_the_classical_decomposition(season: int, multiply: bool, extra: int) -> None:
    """As statsmodels decomposes each series, turned so that the first index follows the history."""
    steps = 4 * season + extra
    history = drawn(season, season=season, steps=steps)
    model = "multiplicative" if multiply else "additive"
    for row, values in enumerate(history):
        peer = seasonal_decompose(values, model=model, period=season)
        np.testing.assert_allclose(trend(history, season=season)[row], peer.trend, rtol=1e-9)
        ahead = [peer.seasonal[(steps + step) % season] for step in range(season)]
        found = indices(history, season=season, multiply=multiply)[row]
        np.testing.assert_allclose(found, ahead, rtol=1e-9, atol=1e-12)


def test_a_trend_by_hand() -> None:
    """Season 4 of 1 to 7 with an 8 at the end: half, three wholes, half: (0.5 + 2 + 3 + 4 + 2.5) / 4 = 3."""
    found = trend(np.array([[1.0, 2, 3, 4, 5, 6, 8]]), season=4)
    np.testing.assert_allclose(found, [[np.nan, np.nan, 3.0, 4.0, 5.125, np.nan, np.nan]])


def test_a_gap_blots_out_the_trend_in_reach_alone() -> None:
    """With a season of 3 a gap is in reach of itself and its two neighbours."""
    history = np.arange(1.0, 10.0)[None].copy()
    history[0, 4] = np.nan
    nan = np.nan
    np.testing.assert_array_equal(trend(history, season=3), [[nan, 2, 3, nan, nan, nan, 7, 8, nan]])


@given(SEED, st.integers(1, 9), st.integers(0, 30), st.booleans())
def test_indices_cancel_out(seed: int, season: int, steps: int, multiply: bool) -> None:
    """Factors are 1 and differences 0 in the mean, with gaps and short histories too."""
    history = drawn(seed, season=season, steps=steps)
    history[:, ::5] = np.nan
    found = indices(history, season=season, multiply=multiply)
    assert found.shape == (2, season)
    np.testing.assert_allclose(found.mean(axis=1), 1.0 if multiply else 0.0, atol=1e-9)


@pytest.mark.parametrize("multiply", [True, False])
def test_two_seasons_are_needed(multiply: bool) -> None:
    """With one step less there is no index, with two seasons there is."""
    history = np.array([[1.0, 2.0, 3.0, 6.0] * 2])
    neutral = 1.0 if multiply else 0.0
    assert (indices(history[:, 1:], season=4, multiply=multiply) == neutral).all()
    assert np.ptp(indices(history, season=4, multiply=multiply)) > 0.5


def by_definition(values: np.ndarray, season: int) -> bool:
    """Follow the test of the M4 competition: the seasonal lag against Bartlett's bound of the lags before."""
    if len(values) < 3 * season:
        return False
    lags = acf(values, nlags=season, fft=False)[1:]
    limit = 1.645 * math.sqrt((1 + 2 * sum(lag**2 for lag in lags[:-1])) / len(values))
    return bool(abs(lags[-1]) > limit)


@pytest.mark.parametrize("season", [2, 7, 12])
def test_the_test_is_its_definition(season: int) -> None:
    """Over 200 random walks, noises and waves, some long enough and some not, both answers come and agree."""
    answers = set()
    for seed in range(200):
        random = np.random.default_rng(seed)
        steps = int(random.integers(2 * season, 8 * season))
        wave = random.choice([0.0, 0.5, 3.0]) * np.sin(2 * np.pi * np.arange(steps) / season + 0.5)
        noise = random.normal(size=steps)
        values = wave + (noise.cumsum() if seed % 3 == 0 else noise)
        found = bool(is_seasonal(values[None], season=season)[0])
        assert found == by_definition(values, season)
        answers.add(found)
    assert answers == {True, False}


@pytest.mark.parametrize(("season", "steps"), [(7, 120), (12, 120), (24, 240)])
def test_noise_passes_for_a_season_in_a_tenth_of_cases(season: int, steps: int) -> None:
    """Of 1,000 series of noise 5 to 12 per cent pass the two-sided test at 90 per cent."""
    noise = np.random.default_rng(season).normal(size=(1000, steps))
    assert 0.05 <= is_seasonal(noise, season=season).mean() <= 0.12


def test_a_clear_season_is_found() -> None:
    """A wave as large as the noise is found in at least 95 of 100 series of ten seasons."""
    random = np.random.default_rng(1)
    wave = math.sqrt(2) * np.sin(2 * np.pi * np.arange(70) / 7)
    assert is_seasonal(wave + random.normal(size=(1000, 70)), season=7).mean() >= 0.95


def test_a_season_shows_from_three_on() -> None:
    """One day in twelve at 9 is clear at lag twelve, but 35 steps are no three seasons."""
    spikes = np.where(np.arange(36) % 12 == 5, 9.0, 1.0)[None]
    assert is_seasonal(spikes, season=12).tolist() == [True]
    assert is_seasonal(spikes[:, 1:], season=12).tolist() == [False]


@pytest.mark.parametrize("value", [0.0, 0.1, 1e-9, 123456.789, -7.3])
def test_a_constant_has_no_season(value: float) -> None:
    """Not even that of the rounding of its mean."""
    assert not is_seasonal(np.full((1, 18), value), season=2).any()


def test_no_value_and_no_step_have_no_season() -> None:
    """All gaps, no steps, and what is infinite, pass without a warning."""
    assert is_seasonal(np.full((2, 30), np.nan), season=7).tolist() == [False, False]
    assert is_seasonal(np.empty((1, 0)), season=7).tolist() == [False]
    assert is_seasonal(np.full((1, 30), np.inf), season=7).tolist() == [False]


@given(SEED, st.sampled_from([2, 5, 7]), st.integers(0, 40), st.booleans())
def test_taking_the_season_out_and_giving_it_back_is_nothing(
    seed: int, season: int, steps: int, below: bool
) -> None:
    """Whole seasons without their season, given it back, are the history; above zero and below."""
    history = drawn(seed, season=season, steps=steps) - (15.0 if below else 0.0)
    flat, back, _ = adjusted(history, season=season)
    whole = steps // season * season
    np.testing.assert_allclose(back(flat[:, steps - whole :]), history[:, steps - whole :], atol=1e-9)


@given(SEED, st.floats(1e-6, 1e6))
def test_the_unit_does_not_matter(seed: int, factor: float) -> None:
    """Factors are the same, flat series are in the unit, whether a series has been below zero or not."""
    history = drawn(seed, season=7, steps=40) - np.array([[0.0], [11.0]])
    flat, _, factors = adjusted(history, season=7)
    other, _, same = adjusted(history * factor, season=7)
    np.testing.assert_allclose(same, factors, rtol=1e-9)
    np.testing.assert_allclose(other, flat * factor, rtol=1e-9, atol=1e-9 * factor)


def test_series_below_zero_have_differences() -> None:
    """-3 and 1 around -1: differences of 2, no factors, and the season comes back at another level."""
    flat, back, factors = adjusted(np.array([[-3.0, 1.0] * 9]), season=2)
    np.testing.assert_allclose(flat, -1.0)
    assert factors.tolist() == [[1.0, 1.0]]
    np.testing.assert_allclose(back(np.array([[5.0, 5.0, 5.0]])), [[3.0, 7.0, 3.0]])


def test_a_day_at_almost_nothing_does_not_blow_up_the_past() -> None:
    """A factor is never under a thousandth, so that what stands on such a day stays finite."""
    history = np.array([[1e-9, 2.0, 1.0] * 10])
    flat, _, factors = adjusted(history, season=3)
    assert factors.min() == pytest.approx(1e-3)
    assert np.abs(flat).max() < 1.5


@pytest.mark.parametrize("steps", [0, 5, 30])
def test_a_table_without_series_has_no_season(steps: int) -> None:
    """Empty answers of the right shape, however many steps no series has."""
    history = np.empty((0, steps))
    assert trend(history, season=7).shape == (0, steps)
    assert indices(history, season=7, multiply=True).shape == (0, 7)
    flat, back, factors = adjusted(history, season=7)
    assert (flat.shape, factors.shape, back(np.empty((0, 3))).shape) == ((0, steps), (0, 7), (0, 3))


@pytest.mark.parametrize("extra", range(7))
def test_planted_factors_come_back_on_any_weekday(extra: int) -> None:
    """However many days the last week has, the first index is that of the next day, exactly as planted."""
    week = np.array([1.2, 1.1, 1.0, 1.1, 1.2, 0.7, 0.7])  # mean 1
    found = indices(50.0 * np.resize(week, 28 + extra)[None], season=7, multiply=True)
    np.testing.assert_allclose(found[0], np.roll(week, -extra))
