"""What a day should have cost: a week found again, a spike not learned, few days not over-read."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.anomaly.baseline import EXPERTS, WINDOW, baseline

WEEK = np.array([10.0, 12.0, 11.0, 10.0, 9.0, 4.0, 3.0])
NOBODY = np.full((1, len(EXPERTS)), np.nan)


def expected(window: np.ndarray, ahead: int = 0) -> float:
    """Ask for one day of one series."""
    found = baseline(window[None, :])
    level = found.level(NOBODY)
    return float((level + found.season(ahead, level))[0])


@pytest.mark.parametrize("ahead", range(7))
def test_a_week_repeats(ahead: int) -> None:
    """Nine equal weeks lead to expect the same weekday again, by its own value."""
    assert expected(np.tile(WEEK, 9), ahead) == pytest.approx(WEEK[ahead])


def test_a_season_grows_with_the_level() -> None:
    """After the level doubled for four weeks, a Sunday is expected at twice 3, not at 3 plus the rise."""
    window = np.tile(WEEK, 9)
    window[-28:] *= 2
    assert expected(window, 6) == pytest.approx(6.0, rel=0.05)
    assert expected(window, 0) == pytest.approx(20.0, rel=0.05)


def test_a_season_around_zero_is_added() -> None:
    """Weeks below zero have the same season, which no ratio could tell."""
    assert expected(np.tile(WEEK - 30.0, 9), 5) == pytest.approx(-26.0)


def test_a_spike_yesterday_is_not_expected_again() -> None:
    """One day of a hundred times the cost moves no expectation by a tenth."""
    window = np.tile(WEEK, 9)
    window[-1] *= 100
    assert expected(window) == pytest.approx(10.0, rel=0.1)


def test_noise_is_no_season() -> None:
    """On independent days the expected days differ from one another by less than half the days' spread."""
    draw = np.random.default_rng(3)
    windows = 100 + 10 * draw.normal(size=(200, WINDOW))
    found = baseline(windows)
    assert float(found.profile.std()) < 2.5  # without shrinkage it is 10 * 1.25 / 3 = 4.2


def test_gaps_are_filled_from_the_same_weekday() -> None:
    """A lost week changes nothing where all weeks are equal, and is counted as not known."""
    window = np.tile(WEEK, 9)
    window[21:28] = np.nan
    assert expected(window, 5) == pytest.approx(4.0)
    assert baseline(window[None, :]).known[0] == 56


def test_the_better_expert_has_more_weight() -> None:
    """Where the median of 28 days was eight times as near, it alone is believed but for 1 in 500."""
    window = np.full(WINDOW, 10.0)
    window[-7:] = 20.0
    level = baseline(window[None, :]).level(np.array([[8.0, 8.0, 1.0]]))
    assert float(level[0]) == pytest.approx(10.0 + 10.0 * 2 / (2 + 512), rel=1e-6)


def test_a_change_of_unit_changes_nothing() -> None:
    """A thousand times the values is a thousand times the answer."""
    draw = np.random.default_rng(5)
    window = np.tile(WEEK, 9) * np.exp(draw.normal(0, 0.1, WINDOW))
    assert expected(window * 1000) == pytest.approx(1000 * expected(window))


def test_nothing_known_is_zero_without_a_warning() -> None:
    """A window without one value has no known day and level 0."""
    found = baseline(np.full((1, WINDOW), np.nan))
    assert (float(found.known[0]), float(found.level(NOBODY)[0])) == (0.0, 0.0)


def test_a_size_is_never_nothing() -> None:
    """Of a series of zeros the day's own amount is the unit, and 1 on a day of zero."""
    found = baseline(np.zeros((2, WINDOW)))
    assert found.size(np.zeros(2), np.array([40.0, 0.0])).tolist() == [40.0, 1.0]
