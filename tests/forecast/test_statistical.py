"""Standard models: what was planted comes back, as statsmodels says it, and hostile series hurt nobody."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from joblib import Parallel, delayed
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.stl import STLForecast
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.statespace.structural import UnobservedComponents

from finops_lib.forecast import statistical
from finops_lib.forecast.ensemble import forecast
from finops_lib.forecast.models import Model, Plain
from finops_lib.forecast.panel import Panel
from finops_lib.forecast.simple import seasonal_naive
from finops_lib.forecast.statistical import STATISTICAL

WEEK = np.array([6.0, 8.0, 5.0, 3.0, -2.0, -11.0, -9.0])
METHODS = (
    statistical.ets,
    statistical.stl_ets,
    statistical.theta,
    statistical.unobserved_components,
    statistical.arima,
)


def planted(seed: int, *, steps: int = 140, noise: float = 1.0, slope: float = 0.3) -> np.ndarray:
    """Make a rising line with a week on it."""
    time = np.arange(steps)
    return 100 + slope * time + WEEK[time % 7] + np.random.default_rng(seed).normal(0, noise, steps)


@pytest.mark.parametrize("method", METHODS)
def test_a_planted_trend_and_week_come_back(method: Any) -> None:
    """Over eight seeds the mean error against the noiseless future stays below 1.2, with noise of 1.

    Theta halves the slope of 0.3, which costs 0.15 * 7.5 = 1.1 in the mean of 14 steps, so 1.6 there.
    Seasonal naive errs by about 3: 2.1 to 4.2 of trend in two weeks, and the noise.
    """
    rows = np.stack([planted(seed)[:126] for seed in range(8)])
    future = planted(0, noise=0.0)[126:]
    errors = np.abs(method(rows, horizon=14, season=7) - future).mean(axis=1)
    assert errors.mean() < (1.6 if method is statistical.theta else 1.2)
    assert np.abs(seasonal_naive(rows, horizon=14, season=7) - future).mean() > 2.5


@pytest.mark.parametrize("method", METHODS)
def test_hostile_rows_are_unknown_and_leave_the_others_alone(method: Any) -> None:
    """Constant, short, huge, infinite and empty series have no answer; the good one's is as if alone."""
    good = planted(1, steps=60)
    rows = np.stack([good] * 7)
    rows[1] = 5.0
    rows[2, :-11] = np.nan
    rows[3, 7] = 1e300
    rows[4, 9] = np.inf
    rows[5] = np.nan
    rows[6] = 0.0
    found = method(rows, horizon=3, season=7)
    np.testing.assert_array_equal(found[:1], method(good[None], horizon=3, season=7))
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1:]).all()


@pytest.mark.parametrize("method", METHODS)
def test_gaps_are_filled_from_the_week_before(method: Any) -> None:
    """Two lost days give what the days a week before them would give; steps before the first are cut off."""
    holed, whole = planted(2, steps=60), planted(2, steps=60)
    holed[[30, 41]], whole[[30, 41]] = np.nan, whole[[23, 34]]
    padded = np.concatenate([np.full(5, np.nan), holed])[None]
    found = method(padded, horizon=3, season=7)
    np.testing.assert_allclose(found, method(whole[None], horizon=3, season=7), rtol=1e-12)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
@pytest.mark.parametrize("method", METHODS)
def test_the_unit_does_not_matter(method: Any, unit: float) -> None:
    """In millionths and in millions the forecast is the same, in that unit, to a thousandth."""
    values = planted(3, steps=60)[None]
    found = method(values * unit, horizon=5, season=7) / unit
    np.testing.assert_allclose(found, method(values, horizon=5, season=7), rtol=1e-3)


def test_ets_is_the_best_of_four_by_the_corrected_criterion() -> None:
    """Each of the four is asked directly; its likelihood, parameters and start values are weighed by hand."""
    values, found = planted(4), []
    for trend in (None, "add"):
        for wave in (None, "add"):
            fit = ETSModel(
                values, trend=trend, damped_trend=bool(trend), seasonal=wave,
                seasonal_periods=7 if wave else None, initialization_method="heuristic",
            ).fit(disp=False)  # fmt: skip
            count = 1 + 2 * bool(trend) + bool(wave) + 1 + bool(trend) + 6 * bool(wave) + 1
            penalty = 2 * count + 2 * count * (count + 1) / (len(values) - count - 1)
            found.append((penalty - 2 * fit.llf, fit.forecast(7)))
    said = statistical.ets(values[None], horizon=7, season=7)[0]
    np.testing.assert_allclose(said, min(found, key=lambda pair: pair[0])[1], rtol=2e-3)


def test_stl_theta_and_components_say_what_statsmodels_says() -> None:
    """Asked directly, in the series' own unit, each gives the same to a five-hundredth."""
    values = planted(5)
    kind = {"trend": "add", "damped_trend": True, "initialization_method": "heuristic"}
    stl = STLForecast(values, ETSModel, model_kwargs=kind, period=7).fit(fit_kwargs={"disp": False})
    components = UnobservedComponents(values, level="local linear trend", seasonal=7).fit(disp=False)
    direct = {
        statistical.stl_ets: stl.forecast(7),
        statistical.theta: ThetaModel(values, period=7).fit().forecast(7),
        statistical.unobserved_components: components.forecast(7),
    }
    for method, expected in direct.items():
        np.testing.assert_allclose(method(values[None], horizon=7, season=7)[0], expected, rtol=2e-3)


def test_arima_finds_an_autoregression_around_a_mean() -> None:
    """Values that return by 0.6 to 50: no differences, and the direct (1, 0, 0) with a mean says the same."""
    noise = np.random.default_rng(6).normal(0, 1, 200)
    values = np.zeros(200)
    for step in range(1, 200):
        values[step] = 0.6 * values[step - 1] + noise[step]
    values += 50
    found = statistical.arima(values[None], horizon=30, season=1)[0]
    direct = SARIMAX(values, order=(1, 0, 0), trend="c").fit(disp=False)
    np.testing.assert_allclose(found, direct.forecast(30), atol=0.1)
    assert abs(found[-1] - 50) < 0.5  # far ahead it is the mean


def test_arima_takes_out_a_long_season_first() -> None:
    """A day of 24 hours on a random walk: the wave comes again, to a tenth of its height."""
    walk = np.cumsum(np.random.default_rng(7).normal(0, 0.1, 240))
    wave = 10 * np.sin(2 * np.pi * np.arange(264) / 24)
    found = statistical.arima((50 + walk + wave[:240])[None], horizon=24, season=24)[0]
    assert np.abs(found - (50 + walk[-1] + wave[240:])).max() < 1.0


@pytest.mark.parametrize("season", [1, 7, 20])
def test_too_few_steps_for_a_season_still_have_an_answer(season: int) -> None:
    """Thirteen steps do not show a season of 7 or 20: all but STL, which needs one, go without it."""
    rows = planted(8, steps=13, slope=2.0)[None]
    answers = [np.isfinite(method(rows, horizon=2, season=season)).all() for method in METHODS]
    assert answers == [True, False, True, True, True]


def test_a_search_that_does_not_end_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one iteration no model that searches is done."""
    short = {**statistical._SILENT, "maxiter": 1}
    monkeypatch.setattr(statistical, "_SILENT", short)
    rows = planted(9, steps=60)[None]
    for method in METHODS:
        if method is not statistical.theta:  # its search is out of reach
            assert np.isnan(method(rows, horizon=2, season=7)).all()


def test_threads_change_nothing() -> None:
    """Two threads at once give what one after the other gives."""
    rows = np.stack([planted(seed, steps=60) for seed in range(4)])
    alone = [method(rows, horizon=3, season=7) for method in METHODS]
    at_once = Parallel(n_jobs=2, prefer="threads")(
        delayed(method)(rows, horizon=3, season=7) for method in METHODS
    )
    for one, other in zip(alone, at_once, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_back_test_judges_all_of_them() -> None:
    """Beside seasonal naive, each of the five has an error for each series."""
    rows = tuple(planted(seed, steps=49) for seed in (10, 11))
    naive: tuple[Model, ...] = (Plain("seasonal_naive", seasonal_naive),)
    outlook = forecast(Panel(("a", "b"), rows, "day", 7), horizon=7, models=(*naive, *STATISTICAL))
    table = outlook.accuracy.pivot_table(index="model", columns="series", values="mase")
    five = ["arima", "ets", "stl_ets", "theta_statsmodels", "unobserved_components"]
    assert np.isfinite(table.loc[[*five, "seasonal_naive"]].to_numpy()).all()
    assert (table.loc[five].mean(axis=1) < table.loc["seasonal_naive"].mean()).sum() >= 4
