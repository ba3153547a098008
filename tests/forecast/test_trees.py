"""Boosted trees over the panel: what they learn, what they must not see, and that they repeat themselves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from finops_lib.forecast.trees import PHASES, Trees

NAN = np.nan
WEEK = np.array([5.0, 6, 7, 6, 5, 2, 2])
SMALL = ((7, 2),)  # windows of 16 steps


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Hold the trees to one thread: many on a busy machine wait for one another."""
    with threadpool_limits(limits=1):
        yield


def drawn(seed: int, *, series: int = 4, steps: int = 63) -> np.ndarray:
    """Draw noisy weekly series, each twice as large as the one before."""
    random = np.random.default_rng(seed)
    weeks = np.tile(WEEK, steps // 7 + 1)[:steps]
    return weeks * random.lognormal(0, 0.04, (series, steps)) * 2.0 ** np.arange(series)[:, None]


def said(
    history: np.ndarray, *, cuts: tuple[int, ...] = (0,), log: bool = False, seed: int = 1
) -> np.ndarray:
    """Ask for three days ahead."""
    (found,) = Trees(SMALL, log=log, seed=seed)(history, horizon=3, season=7, cuts=cuts).values()
    return found


def test_a_planted_week_is_recovered_at_each_level() -> None:
    """Series around 5, 10, 20 and 40 that end on a Sunday: the next three days, to 15 %."""
    np.testing.assert_allclose(said(drawn(1))[0], WEEK[:3] * 2.0 ** np.arange(4)[:, None], rtol=0.15)


def test_a_young_series_learns_from_its_neighbours() -> None:
    """Sixteen days are one window and no row to learn from: the panel knows what comes on day seventeen."""
    history = drawn(2, steps=70)
    history[0, :54] = NAN
    found = said(history)[0, 0]
    np.testing.assert_allclose(found, WEEK[:3], rtol=0.2)


def test_no_origin_sees_its_future() -> None:
    """Other values after an origin leave what is said there, and at all older ones, bit for bit."""
    history, cuts = drawn(3, steps=70), (0, 4, 8, 12)
    before = said(history, cuts=cuts)
    for place, cut in ((1, 4), (2, 8), (3, 12)):
        changed = history.copy()
        changed[:, -cut:] *= np.random.default_rng(cut).lognormal(0, 1, (4, cut))
        after = said(changed, cuts=cuts)
        np.testing.assert_array_equal(after[place:], before[place:])
        assert not np.array_equal(after[0], before[0])
    assert np.isfinite(before).all()


def test_the_order_of_origins_does_not_matter() -> None:
    """The oldest origin may come first, or be left out: the present has its own, newest trees."""
    history = drawn(4)
    newest, oldest = said(history, cuts=(0, 4, 8)), said(history, cuts=(8, 4, 0))
    np.testing.assert_array_equal(newest, oldest[::-1])
    np.testing.assert_array_equal(newest[0], said(history)[0])


def test_the_same_seed_says_the_same_and_another_seed_something_else() -> None:
    """The seed alone chooses: twice the same bits with one, other numbers with the next."""
    history = drawn(5)
    first, again, other = said(history), said(history), said(history, seed=2)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    np.testing.assert_allclose(first, other, rtol=0.3)


def test_the_unit_does_not_matter() -> None:
    """Values times 1024 and over 1024, whose digits are the same: forecasts times and over it."""
    history = drawn(6)
    found = said(history)
    for factor in (1024.0, 1 / 1024):
        np.testing.assert_allclose(said(history * factor), found * factor, rtol=1e-9)


def test_a_series_of_another_unit_is_one_of_the_panel() -> None:
    """A copy of a series in thousandths is forecast as the series itself, in thousandths."""
    history = drawn(7)
    history[3] = history[0] / 1024
    found = said(history)[0]
    np.testing.assert_allclose(found[3] * 1024, found[0], rtol=1e-9)


def test_logarithms_double_where_the_history_doubles() -> None:
    """In the log form the answer is above 0, near the week, and named as such."""
    history = drawn(8)
    found = said(history, log=True)[0]
    np.testing.assert_allclose(found, WEEK[:3] * 2.0 ** np.arange(4)[:, None], rtol=0.25)
    assert list(Trees(SMALL, log=True)(history[:1, :9], horizon=1, season=7, cuts=[0])) == ["trees_log"]


def test_a_window_not_above_nothing_has_no_logarithm() -> None:
    """A zero in the last window: no answer in the log form, but in the plain form; the others have both."""
    history = drawn(9)
    history[1, -2] = 0.0
    assert np.isfinite(said(history, log=True)[0]).all(axis=1).tolist() == [True, False, True, True]
    assert np.isfinite(said(history)).all()


def test_a_constant_stays_what_it_is() -> None:
    """Beside lively series a constant is forecast to the last digit."""
    history = drawn(10, series=5)
    history[2] = 5.3
    assert said(history)[0, 2].tolist() == [5.3] * 3


def test_a_window_that_is_not_full_has_no_answer() -> None:
    """A late gap and a series of 15 days are unknown; the other three speak."""
    history = drawn(11, series=5)
    history[0, -5], history[4, :-15] = NAN, NAN
    assert np.isfinite(said(history)[0]).all(axis=1).tolist() == [False, True, True, True, False]


def test_too_few_windows_teach_nothing() -> None:
    """133 windows of three steps are 399 rows, one too few; 134 are enough."""
    # 16 + 3 steps a window: 4 series of 51 steps have 33 windows each, a fifth of 19 or 20 steps 1 or 2.
    for steps, answered in ((19, False), (20, True)):
        history = np.concatenate([drawn(12, steps=51), drawn(13, series=1, steps=51)])
        history[4, : 51 - steps] = NAN
        assert np.isfinite(said(history)).all() == answered


def test_of_many_windows_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for 420 rows 140 of 180 windows are drawn, by the seed: another answer, near that of all."""
    history = drawn(15)
    every = said(history)
    monkeypatch.setattr("finops_lib.forecast.trees._ROWS", 420)
    few, again = said(history), said(history)
    np.testing.assert_array_equal(few, again)
    assert not np.array_equal(few, every)
    np.testing.assert_allclose(few, every, rtol=0.35)


def test_what_was_learned_needs_a_full_window_to_answer() -> None:
    """The panel knows ten weeks, but each series lost its last day: nobody is answered."""
    history = drawn(16)
    history[:, -1] = NAN
    assert np.isnan(said(history)).all()


def test_only_constants_or_next_to_nothing_known_is_no_error() -> None:
    """Constants alone, one step, or an origin before the first step: no answer."""
    for history, cuts in ((np.full((4, 63), 2.0), (0,)), (np.ones((1, 1)), (0,)), (drawn(14), (0, 62))):
        found = said(history, cuts=cuts)
        assert np.isnan(found[-1]).all()


def test_each_step_has_its_seasons() -> None:
    """Hours see a day and a week, days a week, weeks a quarter and a year, months a year."""
    seen = {step: [season for season, _ in phases] for step, phases in PHASES.items()}
    assert seen == {"hour": [24, 168], "day": [7], "week": [13, 52], "month": [12]}
