"""Where do the field's standard models lead: ETS, STL with ETS, Theta, unobserved components and ARIMA.

They are statsmodels' own, asked about one series at a time. NaN says that a model has no answer: the series
is too short or constant, or the search for parameters did not end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from statsmodels.tools.eval_measures import aicc
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.stl import STLForecast
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.seasonal import STL
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.statespace.structural import UnobservedComponents
from statsmodels.tsa.stattools import kpss

from finops_lib.forecast.models import Model, Plain
from finops_lib.forecast.one_by_one import REFUSED, one_by_one
from finops_lib.forecast.panel import FloatArray

_SEASONS = 2  # whole ones that a season is learnt from
_STRONG = 0.64  # a season from which on seasonal differences pay
_STATIONARY = 0.05  # level of the test that says whether to take differences
_LONG_SEASON = 12  # beyond, a season is a few waves, or is taken out first: a state a step is too slow
_WAVES = 4
_ORDERS = ((0, 1), (1, 0), (1, 1), (2, 0))  # autoregressive and moving-average terms that are tried
_STIFF = 13  # seasons over which the strength of a season is judged
_FIRST_VARIANCES = (0.3, 0.1, 1e-4, 0.01)  # of noise, level, slope and season, against that of the values
_DAMPED: Mapping[str, Any] = MappingProxyType({"trend": "add", "damped_trend": True})
_SILENT: Mapping[str, Any] = MappingProxyType({"disp": False, "warn_convergence": False})
_STUCK = 1  # an optimiser's mark for: out of iterations


def ets(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if level, a damped trend and a season, as far as the series shows them, go on.

    Of four models with additive errors (trend or none, season or none) the one with the least corrected
    information criterion answers; start values are heuristic and count as parameters.

    Parameters
    ----------
    history : ndarray
        [series, steps]; gaps are filled from the past.
    horizon, season : int
        Steps ahead, and steps in a season; it is looked at from two seasons on.

    Returns
    -------
    ndarray
        [series, horizon], in the series' unit; NaN without an answer. About 12 ms for 400 steps, season 7.

    Notes
    -----
    Hyndman, Koehler, Ord and Snyder (2008), Forecasting with Exponential Smoothing, ch. 2 and 7.

    Examples
    --------
    >>> ets(np.array([[5.0] * 30]), horizon=2, season=7).tolist()  # a constant needs no model
    [[nan, nan]]
    """
    return one_by_one(history, _ets, horizon=horizon, season=season)


def stl_ets(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if the last season comes again on a smoothed level with a damped trend.

    Parameters
    ----------
    history : ndarray
        [series, steps]; gaps are filled from the past.
    horizon, season : int
        Steps ahead, and steps in a season: at least 2, and two seasons of history.

    Returns
    -------
    ndarray
        [series, horizon], in the series' unit; NaN without an answer. About 4 ms for 400 steps, season 7.

    Notes
    -----
    Cleveland et al. (1990), Journal of Official Statistics 6(1); smoother over seven seasons.
    """
    return one_by_one(history, _stl_ets, horizon=horizon, season=season)


def theta(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if the smoothed level goes on with half the slope of the whole history.

    Parameters
    ----------
    history : ndarray
        [series, steps]; gaps are filled from the past.
    horizon, season : int
        Steps ahead, and steps in a season, which is taken out where it tests as there.

    Returns
    -------
    ndarray
        [series, horizon], in the series' unit; NaN without an answer. About 5 ms for 400 steps, season 7.

    Notes
    -----
    Assimakopoulos and Nikolopoulos (2000), International Journal of Forecasting 16(4). `smoothing.theta` is
    the same idea for all series at once, on a grid.
    """
    return one_by_one(history, _theta, horizon=horizon, season=season, centred=False)


def unobserved_components(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if a level and slope that wander, and a season that changes slowly, go on.

    Parameters
    ----------
    history : ndarray
        [series, steps]; gaps are filled from the past.
    horizon, season : int
        Steps ahead, and steps in a season; one longer than 12 steps is four waves.

    Returns
    -------
    ndarray
        [series, horizon], in the series' unit; NaN without an answer. About 40 ms for 200 steps, season 7.

    Notes
    -----
    Harvey (1989), Forecasting, Structural Time Series Models and the Kalman Filter: local linear trend,
    estimated by maximum likelihood from an approximately diffuse start.
    """
    return one_by_one(history, _components, horizon=horizon, season=season)


def arima(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if the steps from value to value go on as they followed each other.

    Whether to take differences is tested; of four orders the one with the least corrected information
    criterion answers. A strong season of up to 12 steps is differenced, a longer one taken out by STL.

    Parameters
    ----------
    history : ndarray
        [series, steps]; gaps are filled from the past.
    horizon, season : int
        Steps ahead, and steps in a season.

    Returns
    -------
    ndarray
        [series, horizon], in the series' unit; NaN without an answer. About 200 ms for 200 steps, season 7.

    Notes
    -----
    Differences and orders after Hyndman and Khandakar (2008), Journal of Statistical Software 27(3);
    test: Kwiatkowski et al. (1992); strength of season: Wang, Smith and Hyndman (2006).
    """
    return one_by_one(history, _arima, horizon=horizon, season=season)


def _has_season(values: FloatArray, season: int) -> bool:
    return season > 1 and len(values) >= _SEASONS * season


def _ets(values: FloatArray, horizon: int, season: int) -> FloatArray:
    waves = (False, True) if _has_season(values, season) else (False,)
    tries = [partial(_ets_fit, values, season, trend, wave) for wave in waves for trend in (False, True)]
    return np.asarray(_best(tries).forecast(horizon))


def _ets_fit(values: FloatArray, season: int, trend: bool, wave: bool) -> tuple[float, Any]:
    model = ETSModel(
        values,
        **_DAMPED if trend else {},
        seasonal="add" if wave else None,
        seasonal_periods=season if wave else None,
        initialization_method="heuristic",
    )
    fit = model.fit(**_SILENT)
    states = 1 + trend + (season - 1) * wave
    return _score(fit, parameters=len(fit.params) + states + 1), fit


def _stl_ets(values: FloatArray, horizon: int, season: int) -> FloatArray:
    if not _has_season(values, season):
        raise ValueError("no season to take out")
    kind = {**_DAMPED, "initialization_method": "heuristic"}
    model = STLForecast(values, ETSModel, model_kwargs=kind, period=season)
    fit = model.fit(fit_kwargs=_SILENT)
    if not np.isfinite(_score(fit.model_result, parameters=1)):
        raise ArithmeticError("not converged")
    return np.asarray(fit.forecast(horizon))


def _theta(values: FloatArray, horizon: int, season: int) -> FloatArray:
    model = ThetaModel(values, period=season, deseasonalize=_has_season(values, season))
    return np.asarray(model.fit().forecast(horizon))


def _components(values: FloatArray, horizon: int, season: int) -> FloatArray:
    wave: dict[str, Any] = {}
    if _has_season(values, season):
        waves = {"freq_seasonal": [{"period": season, "harmonics": _WAVES}]}
        wave = {"seasonal": season} if season <= _LONG_SEASON else waves
    model = UnobservedComponents(values, level="local linear trend", **wave)
    start = np.var(values) * np.array(_FIRST_VARIANCES)[: len(model.param_names)]
    fit = model.fit(start, low_memory=True, cov_type="none", **_SILENT)
    if not np.isfinite(_score(fit, parameters=len(start))):
        raise ArithmeticError("not converged")
    return np.asarray(fit.forecast(horizon))


def _arima(values: FloatArray, horizon: int, season: int) -> FloatArray:
    wave = _wave(values, season)
    if wave is None or season <= _LONG_SEASON:
        return _differenced(values, horizon, season if wave is not None else 0)
    again = wave[len(wave) - season + np.arange(horizon) % season]
    return _differenced(values - wave, horizon, 0) + again


def _wave(values: FloatArray, season: int) -> FloatArray | None:
    """Find the season, where it is strong."""
    if not _has_season(values, season):
        return None
    parts = STL(values, season, seasonal=_STIFF).fit()
    strength = 1.0 - np.var(parts.resid) / np.var(parts.resid + parts.seasonal)
    return np.asarray(parts.seasonal) if strength >= _STRONG else None


def _differenced(values: FloatArray, horizon: int, season: int) -> FloatArray:
    """Choose the order on the differences; let it answer for the values."""
    moves = values[season:] - values[:-season] if season else values
    wanders = kpss(moves, result_object=True).pvalue < _STATIONARY
    rest: dict[str, Any] = {
        "trend": "n" if wanders else "c",
        "seasonal_order": (0, 1, 1, season) if season else (0, 0, 0, 0),
        "concentrate_scale": True,
    }
    tries = [partial(_arima_fit, values, (p, int(wanders), q), rest) for p, q in _ORDERS]
    best = _best(tries)
    whole = SARIMAX(values, order=best.model.order, **rest)
    return np.asarray(whole.filter(best.params).forecast(horizon))


def _arima_fit(values: FloatArray, order: tuple[int, int, int], rest: dict[str, Any]) -> tuple[float, Any]:
    model = SARIMAX(values, order=order, simple_differencing=True, **rest)
    fit = model.fit(low_memory=True, cov_type="none", **_SILENT)
    return _score(fit, parameters=len(fit.params) + 1), fit


def _score(fit: Any, *, parameters: int) -> float:
    """Corrected information criterion; without limit where the search ended too early."""
    if fit.mle_retvals["warnflag"] == _STUCK or not np.isfinite(fit.llf):
        return float("inf")
    return float(aicc(fit.llf, fit.nobs, parameters))


def _best(tries: Sequence[Callable[[], tuple[float, Any]]]) -> Any:
    """Fit all; one that fails leaves the choice to the others."""
    fits = []
    for attempt in tries:
        try:
            fits.append(attempt())
        except REFUSED:
            continue
    score, best = min(fits, key=lambda fit: fit[0])  # none is refused as an empty sequence
    if not np.isfinite(score):
        raise ArithmeticError("none converged")
    return best


STATISTICAL: tuple[Model, ...] = (
    Plain("ets", ets, memory=400),
    Plain("stl_ets", stl_ets, memory=400),
    Plain("theta_statsmodels", theta, memory=400),
    Plain("unobserved_components", unobserved_components, memory=200),
    Plain("arima", arima, memory=200),
)
"""The models of this module for a back-test: `ensemble.forecast(panel, models=(*..., *STATISTICAL))`.

They look back 200 to 400 steps, or ten seasons. 20 daily series at six origins take about 40 s, most of it
ARIMA; more threads make them no faster, but other models may run beside them.
"""
