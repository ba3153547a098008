"""Smoothing against statsmodels with the same weights, against loops, and by what must hold always."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.holtwinters import Holt, SimpleExpSmoothing

from finops_lib.forecast import smoothing
from finops_lib.forecast.seasonality import indices

Method = Callable[..., np.ndarray]
METHODS: list[Method] = [smoothing.theta, smoothing.damped_trend, smoothing.seasonal_smoothing]
SEED = st.integers(0, 10_000)


def drawn(seed: int, *, steps: int = 60, series: int = 3, season: int = 7) -> np.ndarray:
    """Draw positive series with a trend, a season and noise."""
    random = np.random.default_rng(seed)
    wave = random.uniform(0.7, 1.3, size=(series, season))[:, np.arange(steps) % season]
    slope = random.uniform(-0.1, 0.3, size=(series, 1))
    return wave * (30 + slope * np.arange(steps)) * random.lognormal(0, 0.05, size=(series, steps))


def fitted(model: object, **weights: float) -> object:
    """Filter with these weights; nothing is estimated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that an optimizer had nothing to do
        return model.fit(optimized=False, **weights)  # type: ignore[attr-defined]


@pytest.mark.parametrize("alpha", [0.05, 0.3, 0.99])
def test_the_level_is_that_of_statsmodels(monkeypatch: pytest.MonkeyPatch, alpha: float) -> None:
    """Beginning with the first value, each weight gives the same last level."""
    monkeypatch.setattr(smoothing, "_LEVELS", np.array([alpha]))
    history = drawn(1)
    for row, level in zip(history, smoothing.smoothed_level(history), strict=True):
        model = SimpleExpSmoothing(row, initialization_method="known", initial_level=row[0])
        peer = fitted(model, smoothing_level=alpha)
        assert level == pytest.approx(peer.forecast(1)[0], rel=1e-9)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("alpha", "beta", "phi"), [(0.25, 0.1, 0.9), (0.8, 0.3, 0.98), (0.5, 0.0, 0.8)])
def test_the_damped_trend_is_that_of_statsmodels(
    monkeypatch: pytest.MonkeyPatch, alpha: float, beta: float, phi: float
) -> None:
    """Beginning with the first value and no slope, the same weights lead to the same forecast."""
    monkeypatch.setattr(smoothing, "_TRENDS", np.array([(alpha, beta, phi)]))
    history = drawn(2)
    found = smoothing.damped_trend(history, horizon=12, season=1)
    for row, ahead in zip(history, found, strict=True):
        model = Holt(
            row, damped_trend=True, initialization_method="known", initial_level=row[0], initial_trend=0.0
        )
        peer = fitted(model, smoothing_level=alpha, smoothing_trend=beta, damping_trend=phi)
        np.testing.assert_allclose(ahead, peer.forecast(12), rtol=1e-9)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("alpha", "beta", "gamma"), [(0.1, 0.05, 0.2), (0.5, 0.0, 0.4), (0.8, 0.05, 0.02)])
@pytest.mark.parametrize("steps", [56, 59])
def test_the_moving_season_is_that_of_statsmodels(
    monkeypatch: pytest.MonkeyPatch, alpha: float, beta: float, gamma: float, steps: int
) -> None:
    """Additive Holt-Winters, damped by 0.95, from the classical indices: whole seasons and part of one."""
    monkeypatch.setattr(smoothing, "_SEASONS", np.array([(alpha, beta, gamma)]))
    history = drawn(3, steps=steps)
    found = smoothing.seasonal_smoothing(history, horizon=17, season=7)
    first = indices(history, season=7, multiply=False)[:, (np.arange(7) - steps) % 7]
    for row, start, ahead in zip(history, first, found, strict=True):
        model = ETSModel(
            row, error="add", trend="add", damped_trend=True, seasonal="add", seasonal_periods=7,
            initialization_method="known", initial_level=row[0] - start[0], initial_trend=0.0,
            initial_seasonal=start,
        )  # fmt: skip
        # There the slope moves by its weight times the error, not times what the level moved.
        known = [row[0] - start[0], 0.0, *start]
        peer = model.smooth([alpha, alpha * beta, gamma * (1 - alpha), 0.95, *known])
        np.testing.assert_allclose(ahead, peer.forecast(17), rtol=1e-9)


def ses_with_drift(values: list[float], *, alpha: float, horizon: int) -> list[float]:
    """Give Theta as a mean of two lines, by plain loops over the steps."""
    steps = len(values)
    middle, mean = (steps + 1) / 2, sum(values) / steps
    slope = sum((t - middle) * (y - mean) for t, y in enumerate(values, start=1))
    slope /= sum((t - middle) ** 2 for t in range(1, steps + 1))
    start = mean - slope * middle
    level = 2 * values[0] - start - slope  # of the second line: twice the first value less the fitted one
    for t, y in enumerate(values, start=1):
        level += alpha * (2 * y - start - slope * t - level)
    return [(level + start + slope * (steps + ahead)) / 2 for ahead in range(1, horizon + 1)]


@pytest.mark.parametrize("alpha", [0.05, 0.3, 0.8])
def test_theta_is_the_loop_over_both_lines(monkeypatch: pytest.MonkeyPatch, alpha: float) -> None:
    """The mean of the fitted line and the smoothed second line, with each weight."""
    monkeypatch.setattr(smoothing, "_LEVELS", np.array([alpha]))
    history = drawn(4)
    found = smoothing.theta(history, horizon=9, season=1)
    expected = [ses_with_drift(row.tolist(), alpha=alpha, horizon=9) for row in history]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_theta_is_that_of_statsmodels(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the weight that statsmodels fits, on walks long enough to forget how the level began."""
    walks = 100 + np.random.default_rng(5).normal(0.1, 1.0, size=(3, 400)).cumsum(axis=1)
    walks += np.random.default_rng(6).normal(0.0, 0.7, size=walks.shape)
    for row in walks:
        peer = ThetaModel(row, period=1, deseasonalize=False).fit()
        alpha = float(peer.params["alpha"])
        assert 0.1 < alpha < 0.95
        monkeypatch.setattr(smoothing, "_LEVELS", np.array([alpha]))
        found = smoothing.theta(row[None], horizon=9, season=1)[0]
        np.testing.assert_allclose(found, peer.forecast(9), rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_the_weights_with_the_least_error_are_taken(monkeypatch: pytest.MonkeyPatch, method: Method) -> None:
    """Each series gets what one of the grid's weights gives alone: series differ in which."""
    history = drawn(6, series=12)
    names = {"theta": "_LEVELS", "damped_trend": "_TRENDS", "seasonal_smoothing": "_SEASONS"}
    grid = getattr(smoothing, names[method.__name__])
    found = method(history, horizon=5, season=7)
    alone = []
    for weights in grid:
        monkeypatch.setattr(smoothing, names[method.__name__], np.array([weights]))
        alone.append(method(history, horizon=5, season=7))
    away = np.abs(np.stack(alone) - found).max(axis=2)
    assert away.min(axis=0).max() < 1e-9
    assert len(set(away.argmin(axis=0).tolist())) > 1


def test_the_best_weight_of_the_level_by_loops() -> None:
    """The sum of squared one-step errors is least for the chosen one of nine weights."""
    history = drawn(7, series=8)
    grid = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.99)
    for row, found in zip(history, smoothing.smoothed_level(history), strict=True):
        tried = []
        for alpha in grid:
            level, lost = row[0], 0.0
            for value in row[1:]:
                lost += (value - level) ** 2
                level += alpha * (value - level)
            tried.append((lost, level))
        assert found == pytest.approx(min(tried)[1], rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25)
@given(seed=SEED, factor=st.floats(1e-6, 1e6))
def test_the_unit_does_not_matter(method: Method, seed: int, factor: float) -> None:
    """Of the same values in another unit, the forecast is the same in that unit."""
    history = drawn(seed)
    one = method(history, horizon=9, season=7)
    np.testing.assert_allclose(method(history * factor, horizon=9, season=7), one * factor, rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25)
@given(seed=SEED)
def test_a_series_does_not_depend_on_the_others(method: Method, seed: int) -> None:
    """Alone, and among others in another order, it has the same forecast."""
    history = drawn(seed)
    together = method(history, horizon=9, season=7)
    np.testing.assert_allclose(method(history[::-1], horizon=9, season=7)[::-1], together, rtol=1e-12)
    np.testing.assert_allclose(method(history[1:2], horizon=9, season=7), together[1:2], rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25)
@given(seed=SEED, late=st.integers(1, 20))
def test_a_series_that_begins_late_is_as_one_without_the_wait(method: Method, seed: int, late: int) -> None:
    """Unknown steps before the first value change nothing."""
    history = drawn(seed)
    waited = np.hstack([np.full((3, late), np.nan), history])
    expected = method(history, horizon=9, season=7)
    np.testing.assert_allclose(method(waited, horizon=9, season=7), expected, rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_gaps_are_skipped_and_nothing_gives_nothing(method: Method) -> None:
    """With every eleventh value unknown the forecast is near the one of all; nothing known gives nothing."""
    history = drawn(8)
    torn = history.copy()
    torn[:, 3::11] = np.nan
    expected = method(history, horizon=7, season=7)
    np.testing.assert_allclose(method(torn, horizon=7, season=7), expected, rtol=0.35)
    assert np.isnan(method(np.full((1, 20), np.nan), horizon=4, season=7)).all()
    assert method(np.empty((2, 0)), horizon=4, season=7).shape == (2, 4)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [0.0, 7.0, -3.5])
def test_a_constant_goes_on(method: Method, value: float) -> None:
    """Whatever the weights, what never moved stays where it is."""
    np.testing.assert_allclose(method(np.full((1, 40), value), horizon=9, season=7), value, atol=1e-9)


def test_a_straight_line_by_hand() -> None:
    """10, 12, ... 48: Theta goes on with half of 2 a step; a damped trend with less at each step."""
    line = np.arange(10.0, 50.0, 2.0)[None]
    # The second line of a straight line is itself: its level lags, but each step ahead adds half of 2.
    np.testing.assert_allclose(np.diff(smoothing.theta(line, horizon=6, season=1)), 1.0)
    steps = np.diff(smoothing.damped_trend(line, horizon=6, season=1))[0]
    assert (steps > 0).all()
    np.testing.assert_allclose(steps[1:] / steps[:-1], 0.98)


def test_a_season_needs_two_of_itself() -> None:
    """With one step less than two seasons, and without a season, the moving season has no answer."""
    history = drawn(9, steps=13)
    assert np.isnan(smoothing.seasonal_smoothing(history, horizon=3, season=7)).all()
    assert np.isnan(smoothing.seasonal_smoothing(history, horizon=3, season=1)).all()
    assert np.isfinite(smoothing.seasonal_smoothing(drawn(9, steps=14), horizon=3, season=7)).all()
