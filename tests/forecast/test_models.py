"""Who is asked: each model knows the past of each origin alone, and the right ones are chosen for a panel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.forecast import simple, smoothing
from finops_lib.forecast.models import LAGS, Model, Plain, forecast_frame, standard_models
from finops_lib.forecast.panel import SEASONS, Panel
from finops_lib.forecast.ridge import Ridge
from finops_lib.forecast.trees import Trees

NAN = np.nan
PLAIN = [
    "naive", "seasonal_naive", "drift", "run_rate", "profile", "theta", "damped_trend", "seasonal_smoothing",
]  # fmt: skip


def plain_models(step: str = "day", *, length: int = 70) -> list[Plain]:
    """Give the standard models that look at one history alone."""
    models = standard_models(step=step, season=SEASONS[step], series=40, length=length, horizon=7)
    return [model for model in models if isinstance(model, Plain)]


def drawn(seed: int, *, steps: int = 70) -> np.ndarray:
    """Draw a weekly series, a young one and a walk that falls below nothing."""
    random = np.random.default_rng(seed)
    weeks = np.tile([5.0, 6, 7, 6, 5, 2, 2], 10)[:steps]
    history = np.stack([weeks, 10 * weeks, np.zeros(steps)]) * random.lognormal(0, 0.1, (3, steps))
    history[1, : steps // 3] = NAN
    history[2] = np.cumsum(random.normal(0, 1, steps))
    return history


def test_a_method_is_given_each_origins_past_and_no_more() -> None:
    """For each origin the answer is that of the method on the history cut off there."""
    history, cuts = drawn(1), [0, 3, 20]
    for model in plain_models():
        found = model(history, horizon=5, season=7, cuts=cuts)[model.name]
        assert found.shape == (3, 3, 5)
        for place, cut in enumerate(cuts):
            past = history[:, : history.shape[1] - cut]
            expected = model.method(past, horizon=5, season=7)
            np.testing.assert_allclose(found[place], expected, rtol=1e-9, atol=1e-9, err_msg=model.name)


def test_a_method_looks_back_no_further_than_its_memory() -> None:
    """Memory 4 of ten steps, but never less than ten seasons: of 1 step that is 10, of 2 that is 20."""
    seen: list[int] = []

    def counting(history: np.ndarray, *, horizon: int, season: int) -> np.ndarray:
        seen.append(int(np.isfinite(history).sum(axis=1).max()))
        return history[:, -horizon:]

    for season in (1, 2):
        Plain("counting", counting, memory=4)(np.ones((1, 50)), horizon=1, season=season, cuts=[0, 1])
    assert seen == [10, 20]
    Plain("counting", counting, memory=30)(np.ones((1, 50)), horizon=1, season=1, cuts=[25, 0])
    assert seen[2] == 30


def test_a_model_may_have_a_season_of_its_own() -> None:
    """The season of three is taken, not the panel's of two."""
    model = Plain("own", simple.seasonal_naive, season=3)
    found = model(np.array([[1.0, 2.0, 3.0, 4.0]]), horizon=3, season=2, cuts=[0, 1])
    assert found["own"].tolist() == [[[2.0, 3.0, 4.0]], [[1.0, 2.0, 3.0]]]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([3, 9, 16]))
def test_no_origin_sees_its_future(seed: int, cut: int) -> None:
    """Other values after an origin leave what each plain model says there, bit for bit."""
    history, random = drawn(seed), np.random.default_rng(seed)
    changed = history.copy()
    changed[:, -cut:] += random.normal(0, 50, (3, cut))
    for model in plain_models():
        before, after = (
            model(table, horizon=4, season=7, cuts=[0, cut])[model.name] for table in (history, changed)
        )
        np.testing.assert_array_equal(after[1], before[1], err_msg=model.name)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-6, 10.0, 1e9]))
def test_the_unit_does_not_matter(seed: int, factor: float) -> None:
    """Values times a factor: what each plain model says is times the factor, too."""
    history = drawn(seed)
    for model in plain_models():
        found, larger = (
            model(table, horizon=4, season=7, cuts=[0])[model.name] for table in (history, history * factor)
        )
        np.testing.assert_allclose(larger, found * factor, rtol=1e-6, atol=1e-9 * factor, err_msg=model.name)


def test_a_constant_forecasts_itself_in_every_model() -> None:
    """Each standard model but the trees says 5.3 of a constant beside a lively series, or nothing."""
    history = np.stack([np.full(70, 5.3), drawn(3)[0]])
    models = standard_models(step="day", season=7, series=40, length=60, horizon=7)
    silent = []
    for model in models:
        if isinstance(model, Trees):
            continue
        for name, found in model(history, horizon=7, season=7, cuts=[0]).items():
            if np.isnan(found[0, 0]).any():
                silent.append(name)
            else:
                np.testing.assert_allclose(found[0, 0], 5.3, rtol=1e-9, err_msg=name)
    assert silent == []


def test_a_planted_week_is_recovered_by_the_models_that_know_seasons() -> None:
    """Ten equal weeks: the next one to a millionth; the models without a season miss it."""
    weeks = np.tile([5.0, 6, 7, 6, 5, 2, 2], (1, 10))
    right = {
        model.name
        for model in plain_models()
        if np.allclose(model(weeks, horizon=7, season=7, cuts=[0])[model.name][0], weeks[:, :7], rtol=1e-6)
    }
    assert right == {"seasonal_naive", "profile", "theta", "damped_trend", "seasonal_smoothing"}


def test_a_planted_line_is_followed_by_the_models_that_know_trends() -> None:
    """From 10 by 2 a day to 148: drift and damped trend say 150 to 162, to 3 %, no other does."""
    line = 10 + 2.0 * np.arange(70)[None]
    for model in plain_models():
        found = model(line, horizon=7, season=7, cuts=[0])[model.name][0, 0]
        near = np.allclose(found, np.arange(150, 163, 2), rtol=0.03)
        assert near == (model.name in {"drift", "damped_trend"}), model.name


@pytest.mark.parametrize("step", sorted(SEASONS))
def test_models_of_each_step(step: str) -> None:
    """Long series of each step: all plain models, each window length in both forms, and both trees."""
    models = standard_models(step=step, season=SEASONS[step], series=40, length=600, horizon=4)
    weekly = ["weekly_naive", "weekly_profile", "weekly_smoothing"] if step == "hour" else []
    assert [model.name for model in models if isinstance(model, Plain)] == PLAIN + weekly
    ridges = [(model.lags, model.log) for model in models if isinstance(model, Ridge)]
    assert ridges == [(lags, log) for lags in LAGS[step] for log in (False, True)]
    trees = [model for model in models if isinstance(model, Trees)]
    assert [model.log for model in trees] == [False, True]
    assert trees[0].phases[0][0] in {SEASONS[step], 13}


def test_windows_that_do_not_fit_are_not_asked() -> None:
    """Lags of 14 and 14 ahead need 29 steps before the oldest origin."""
    for length, expected in ((28, []), (29, [14]), (43, [14, 28])):
        models = standard_models(step="day", season=7, series=40, length=length, horizon=14)
        assert sorted({model.lags for model in models if isinstance(model, Ridge)}) == expected


def test_few_series_learn_no_long_map() -> None:
    """Two series of 200 steps hold 2 * (200 - 56) * 4 / 14 = 82 lags' worth of futures for a lag of 56, and
    for one of 112 only 2 * 88 * 4 / 14 = 50; forty series hold twenty times as much.
    """
    for series, expected in ((2, [14, 28, 56]), (40, [14, 28, 56, 112, 182])):
        models = standard_models(step="day", season=7, series=series, length=200, horizon=14)
        assert sorted({model.lags for model in models if isinstance(model, Ridge)}) == expected


def test_hours_see_the_week_from_three_weeks_on() -> None:
    """504 hours are three weeks; one less and no model looks at weeks. Their season is 168 hours."""
    short, long = (
        list(standard_models(step="hour", season=24, series=40, length=length, horizon=24))
        for length in (503, 504)
    )
    assert not any(isinstance(model, Plain) and model.season for model in short)
    weekly = {model.name: model.season for model in long if isinstance(model, Plain) and model.season}
    assert weekly == {"weekly_naive": 168, "weekly_profile": 168, "weekly_smoothing": 168}


def test_a_frame_has_one_row_a_series_model_and_step() -> None:
    """Two series, two variants of one model: times start where each series ends."""

    def two(history: np.ndarray, *, horizon: int, season: int, cuts: Sequence[int]) -> dict[str, np.ndarray]:
        last = np.repeat(history[None, :, -1:], horizon, axis=2)
        assert (list(cuts), season) == ([0], 7)
        return {"low": last, "high": last + 10.0}

    ends = (datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC))
    panel = Panel(("a", "b"), (np.array([1.0]), np.array([2.0, 3.0])), "day", 7, ends)
    model: Model = two
    frame = forecast_frame(panel, model, horizon=2)
    assert frame[["series", "model", "step", "value"]].to_numpy().tolist() == [
        ["a", "low", 1, 1.0], ["a", "low", 2, 1.0], ["b", "low", 1, 3.0], ["b", "low", 2, 3.0],
        ["a", "high", 1, 11.0], ["a", "high", 2, 11.0], ["b", "high", 1, 13.0], ["b", "high", 2, 13.0],
    ]  # fmt: skip
    days = ["2026-01-31", "2026-02-01", "2026-02-02", "2026-02-03"] * 2
    assert frame["time"].tolist() == [pd.Timestamp(day) for day in days]


def test_a_frame_of_months_starts_at_months() -> None:
    """After a series that ends with January come February and March, whatever their lengths."""
    panel = Panel(("a",), (np.array([4.0, 5.0]),), "month", 12, (datetime(2026, 2, 1, tzinfo=UTC),))
    frame = forecast_frame(panel, Plain("theta", smoothing.theta), horizon=2)
    assert frame["time"].tolist() == [pd.Timestamp("2026-02-01"), pd.Timestamp("2026-03-01")]
    assert frame["model"].unique().tolist() == ["theta"]
