"""One linear map for all series: against least squares on listed windows, and by what must hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.forecast.ridge import Ridge, exponentials, logs, normal

NAN = np.nan
WEEK = np.array([5.0, 6, 7, 6, 5, 2, 2])


def windows_of(row: np.ndarray, *, lags: int, horizon: int, season: int) -> tuple[np.ndarray, np.ndarray]:
    """List the normalised windows of one series and what came after them, one by one."""
    seen, came = [], []
    for first in range(len(row) - lags - horizon + 1):
        window, ahead = row[first : first + lags], row[first + lags : first + lags + horizon]
        level = sum(window[-season:]) / season
        spread = sum(abs(value - level) for value in window) / lags
        if not np.isfinite([*window, *ahead]).all() or spread <= 1e-9 * abs(level):
            continue
        seen.append([*((window - level) / spread), 1.0])
        came.append([min(max(value, -10.0), 10.0) for value in (ahead - level) / spread])
    return np.reshape(seen, (-1, lags + 1)), np.reshape(came, (-1, horizon))


def by_hand(history: np.ndarray, *, lags: int, horizon: int, season: int, kappa: float | None) -> np.ndarray:
    """Solve both least-squares problems with extra rows for the penalties, and lead each window on."""
    each = [windows_of(row, lags=lags, horizon=horizon, season=season) for row in history]
    seen, came = (np.concatenate([part[place] for part in each]) for place in (0, 1))
    penalty = np.sqrt(np.diag([1e-3] * lags + [1e-6]) * len(seen))
    nothing = np.zeros((lags + 1, horizon))
    pool = np.linalg.lstsq(np.vstack([seen, penalty]), np.vstack([came, nothing]))[0]
    square = (seen.T @ seen + penalty @ penalty) / len(seen)
    found = []
    for row, (x, y) in zip(history, each, strict=True):
        chosen = pool
        if kappa is not None:
            lent = np.sqrt(kappa) * np.linalg.cholesky(square).T
            chosen = np.linalg.lstsq(np.vstack([x, lent]), np.vstack([y, lent @ pool]))[0]
        window = row[-lags:]
        level = window[-season:].mean()
        spread = np.abs(window - level).mean()
        found.append(level + np.array([*((window - level) / max(spread, 1e-300)), 1.0]) @ chosen * spread)
    return np.array(found)


def drawn(seed: int, *, series: int = 3, steps: int = 60) -> np.ndarray:
    """Draw weekly series of different levels."""
    random = np.random.default_rng(seed)
    weeks = np.tile(WEEK, steps // 7 + 1)[:steps]
    return weeks * random.lognormal(0, 0.2, (series, steps)) * 3.0 ** np.arange(series)[:, None]


@pytest.mark.parametrize("kappa", [None, 300.0, 2.0])
@pytest.mark.parametrize("cut", [0, 9])
def test_pool_and_own_windows_are_least_squares_written_out(kappa: float | None, cut: int) -> None:
    """Over 100 steps the map equals that of listed windows up to the origin, for the pool and each series."""
    history = drawn(1, steps=100)
    model = Ridge(6, kappas=(kappa,))
    found = model(history, horizon=3, season=4, cuts=[0, 9])[model.names()[0]]
    expected = by_hand(history[:, : 100 - cut], lags=6, horizon=3, season=4, kappa=kappa)
    np.testing.assert_allclose(found[[0, 9].index(cut)], expected, rtol=2e-5)


def test_gaps_and_constants_teach_nothing() -> None:
    """Windows over unknown steps and constant windows are left out: the loop that skips them agrees."""
    history = drawn(2)
    history[0, :20], history[1, 10:25] = NAN, 4.0
    model = Ridge(5, kappas=(None, 10.0))
    found = model(history, horizon=2, season=3, cuts=[0])
    for name, kappa in zip(model.names(), model.kappas, strict=True):
        expected = by_hand(history, lags=5, horizon=2, season=3, kappa=kappa)
        np.testing.assert_allclose(found[name][0], expected, rtol=2e-5)


def test_values_far_outside_a_window_count_as_ten_spreads() -> None:
    """One value of a million in calm series leads to what the clipped loop says, not to a wild map."""
    history = drawn(3)
    history[0, 40] = 1e6
    found = Ridge(5, kappas=(None,))(history[:, :46], horizon=2, season=3, cuts=[0])["ridge_5_pool"][0]
    expected = by_hand(history[:, :46], lags=5, horizon=2, season=3, kappa=None)
    np.testing.assert_allclose(found[1:], expected[1:], rtol=1e-4)
    assert (np.abs(found[1:]) < 100).all()


def test_logarithms_are_the_same_map_of_logarithms() -> None:
    """The log form is the exponential of the written-out map of the logarithms."""
    history = drawn(4)
    found = Ridge(6, log=True, kappas=(50.0,))(history, horizon=2, season=4, cuts=[0])["ridge_6_log_50"][0]
    expected = np.exp(by_hand(np.log(history), lags=6, horizon=2, season=4, kappa=50.0))
    np.testing.assert_allclose(found, expected, rtol=2e-5)


def test_a_line_goes_on() -> None:
    """1, 2, ... 19 leads to 20, 21, 22: lags of 2 see a slope, and a thousandth of penalty is nearly none."""
    for name, found in Ridge(2)(np.arange(1.0, 20.0)[None], horizon=3, season=1, cuts=[0]).items():
        np.testing.assert_allclose(found[0, 0], [20.0, 21.0, 22.0], atol=1e-4, err_msg=name)


def test_growth_goes_on_in_logarithms() -> None:
    """3 % more each step stays 3 % more, to a hundredth of a per cent."""
    growth = 1.03 ** np.arange(40.0)[None]
    found = Ridge(4, log=True, kappas=(None,))(growth, horizon=3, season=1, cuts=[0])["ridge_4_log_pool"]
    np.testing.assert_allclose(found[0, 0], 1.03 ** np.arange(40.0, 43.0), rtol=1e-4)


def test_a_planted_week_with_a_trend_is_recovered() -> None:
    """Weeks that rise by 0.1 a day, two series of other sizes: each day of the next week to a per cent."""
    clock = np.arange(91)
    true = np.stack([np.tile(WEEK, 13) + 0.1 * clock, 10 * np.tile(WEEK, 13) + 0.3 * clock])
    for name, found in Ridge(14)(true[:, :84], horizon=7, season=7, cuts=[0]).items():
        np.testing.assert_allclose(found[0], true[:, 84:], rtol=0.01, err_msg=name)


def test_constants_stay_what_they_are() -> None:
    """A constant beside a lively series is forecast to the last digit; alone nothing can be learned."""
    history = np.stack([np.full(30, 5.3), drawn(5, series=1, steps=30)[0]])
    for found in Ridge(6)(history, horizon=4, season=3, cuts=[0, 3]).values():
        assert found[:, 0].tolist() == [[5.3] * 4] * 2
    for found in Ridge(6)(history[:1], horizon=4, season=3, cuts=[0]).values():
        assert np.isnan(found).all()


def test_a_window_that_is_not_full_has_no_answer() -> None:
    """A young series, a late gap, an origin with too short a past: NaN; the other series speaks."""
    history = drawn(6)
    history[0, :55], history[1, 57] = NAN, NAN
    found = Ridge(6, kappas=(None,))(history, horizon=2, season=3, cuts=[0, 55])["ridge_6_pool"]
    assert np.isfinite(found[0]).all(axis=1).tolist() == [False, False, True]
    assert np.isnan(found[1]).all()


def test_five_windows_are_the_least() -> None:
    """Lags of 4 and 2 ahead have four windows in 9 steps and five in 10."""
    history = drawn(7, series=1)
    for steps, answered in ((9, False), (10, True)):
        found = Ridge(4, kappas=(None,))(history[:, :steps], horizon=2, season=2, cuts=[0])["ridge_4_pool"]
        assert np.isfinite(found).all() == answered


def test_a_window_not_above_nothing_has_no_logarithm_and_does_not_disturb() -> None:
    """A zero silences the log form where a window holds it: now, but not at an origin before it."""
    history = drawn(8)
    before = Ridge(6, log=True)(history, horizon=2, season=3, cuts=[0, 7])
    history[1, -1] = 0.0
    after = Ridge(6, log=True)(history, horizon=2, season=3, cuts=[0, 7])
    for name, table in after.items():
        assert np.isnan(table[0, 1]).all()
        assert np.isfinite(table[0, [0, 2]]).all()
        np.testing.assert_array_equal(table[1], before[name][1])


def test_many_series_are_learned_from_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """With blocks of two series, three are the two together and the third alone, in the order given."""
    history = drawn(9)
    pairs = [Ridge(6)(history[rows], horizon=2, season=3, cuts=[0]) for rows in ([0, 1], [2])]
    monkeypatch.setattr("finops_lib.forecast.ridge._BLOCK", 2)
    for name, found in Ridge(6)(history, horizon=2, season=3, cuts=[0]).items():
        np.testing.assert_array_equal(found[0], np.concatenate([pair[name][0] for pair in pairs]))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_no_origin_sees_its_future(seed: int, log: bool) -> None:
    """Other values after an origin leave what is said there, and at all older ones, bit for bit."""
    history = drawn(seed % 1000)
    cuts, model = [0, 5, 11, 20], Ridge(6, log=log)
    before = model(history, horizon=3, season=3, cuts=cuts)
    for place, cut in enumerate(cuts[1:], start=1):
        changed = history.copy()
        changed[:, -cut:] *= np.random.default_rng(seed).lognormal(0, 1, (3, cut))
        for name, after in model(changed, horizon=3, season=3, cuts=cuts).items():
            np.testing.assert_array_equal(after[place:], before[name][place:])
            assert not np.array_equal(after[0], before[name][0])


def test_the_order_of_origins_does_not_matter() -> None:
    """Newest or oldest first, or one origin alone: the same answer for each."""
    history = drawn(10)
    several = Ridge(6)(history, horizon=3, season=3, cuts=[0, 7, 14])
    for cuts in ([14, 0, 7], [7]):
        for name, found in Ridge(6)(history, horizon=3, season=3, cuts=cuts).items():
            for place, cut in enumerate(cuts):
                np.testing.assert_allclose(found[place], several[name][cut // 7], rtol=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([1e-9, 10.0, 1e12]), st.booleans())
def test_the_unit_does_not_matter(seed: int, factor: float, log: bool) -> None:
    """Values times a factor: forecasts times the factor."""
    history = drawn(seed)
    found = Ridge(6, log=log)(history, horizon=3, season=3, cuts=[0])
    for name, larger in Ridge(6, log=log)(history * factor, horizon=3, season=3, cuts=[0]).items():
        np.testing.assert_allclose(larger, found[name] * factor, rtol=1e-3)


def test_variants_have_names_of_their_own() -> None:
    """Lags, form and how much the pool counts."""
    assert Ridge(12, kappas=(None, 7.0)).names() == ["ridge_12_pool", "ridge_12_7"]
    assert Ridge(12, log=True, kappas=(5.0,)).names() == ["ridge_12_log_5"]


def test_windows_become_alike_by_hand() -> None:
    """2, 4, 9 around the level 6.5 of the last two: distances 4.5, 2.5 and 2.5, in the mean 19/6."""
    away, level, spread = normal(np.array([[2.0, 4.0, 9.0], [20.0, 40.0, 90.0], [1.0, 1.0, 1.0]]), 2)
    assert away[0].tolist() == [-4.5, -2.5, 2.5]
    assert level.ravel().tolist() == [6.5, 65.0, 1.0]
    assert spread.ravel().tolist() == pytest.approx([9.5 / 3, 95.0 / 3, 0.0])
    np.testing.assert_allclose(away[1] / spread[1], away[0] / spread[0])


def test_dust_on_a_constant_is_no_spread() -> None:
    """Differences of a 10,000,000,000th of the level are rounding, not shape."""
    assert normal(np.array([[1.0, 1.0 + 1e-10, 1.0]]), 1)[2].item() == 0.0
    assert normal(np.array([[1.0, 1.0 + 1e-7, 1.0]]), 1)[2].item() > 0.0


def test_logarithms_need_a_value_above_nothing_and_come_back() -> None:
    """Zero or below has none, as a gap has none; no exponential is infinite."""
    values = np.array([[2.0, NAN, 3.0], [1.0, 0.0, 1.0], [1.0, -1.0, 1.0]])
    found = logs(values)
    np.testing.assert_array_equal(found[1:], [[0.0, NAN, 0.0]] * 2)
    np.testing.assert_allclose(exponentials(found[0]), [2.0, NAN, 3.0])
    assert np.isfinite(exponentials(np.array([800.0, 1e300]))).all()
