"""The stream detector: planted oddities alarmed in time, the past alone used, odd streams answered."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from finops_lib.anomaly.stream import streamed

LENGTH, AT, DAY = 3000, 2000, 288


def metric(seed: int = 0, season: float = 10.0) -> np.ndarray:
    """Draw five-minute values with a day's wave."""
    wave = season * np.sin(2 * np.pi * np.arange(LENGTH) / DAY)
    return 50 + wave + np.random.default_rng(seed).normal(0, 1, LENGTH)


def first_after(values: np.ndarray, place: int = AT) -> int:
    """How many values after a place is the first alarm."""
    alarms = np.flatnonzero(streamed(values).alarms)
    return int(alarms[alarms >= place][0]) - place


@pytest.mark.parametrize("seed", range(3))
def test_a_spike_is_alarmed_at_once(seed: int) -> None:
    """A value far above all before has an alarm on itself."""
    values = metric(seed)
    values[AT] += 60
    assert first_after(values) == 0


def test_a_value_usual_at_another_time_is_seen() -> None:
    """A peak in the trough is within the range of values, and outside that of the time of day."""
    values = metric(1, season=30.0)
    trough = AT - AT % DAY + 3 * DAY // 4
    values[trough : trough + 6] += 40
    assert values[trough : trough + 6].max() < values[:trough].max()
    assert first_after(values, trough) < 6


def test_a_flat_line_is_seen() -> None:
    """A stream that stops moving is alarmed within half a day."""
    values = metric(2)
    values[AT:] = values[AT]
    assert first_after(values) < DAY // 2


def test_a_new_level_is_seen_within_half_a_day() -> None:
    """A level that no single value shows."""
    values = metric(3, season=0.0)
    values[AT:] += 3
    assert first_after(values) < DAY // 2


def test_clean_streams_are_seldom_alarmed() -> None:
    """Over 20 seeds of ten days, after two days there is less than one alarm a stream on average."""
    alarms = [streamed(metric(seed)).alarms[2 * DAY :].sum() for seed in range(20)]
    assert np.mean(alarms) < 1.0


def test_silence_follows_an_alarm() -> None:
    """No two alarms are nearer than the silence asked for."""
    values = metric(4) + np.where(np.arange(LENGTH) % 50 == 0, np.arange(LENGTH), 0.0)
    places = np.flatnonzero(streamed(values, silence_days=0.5).alarms)
    assert len(places) > 5
    assert np.diff(places).min() >= DAY // 2


def test_the_future_changes_no_past_score() -> None:
    """Scores before a place do not know what comes after it."""
    values = metric(5)
    other = values.copy()
    other[AT:] = 1e6
    first, second = (streamed(one).scores[:AT] for one in (values, other))
    np.testing.assert_allclose(first, second, atol=1e-9)


def test_a_unit_changes_no_alarm() -> None:
    """Percent and shares have the same alarms."""
    values = metric(6)
    values[AT] += 30
    np.testing.assert_array_equal(streamed(values).alarms, streamed(values / 100).alarms)


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(0),
        np.ones(1),
        np.zeros(3000),
        np.full(3000, np.nan),
        np.where(np.arange(3000) % 2, np.nan, 5.0),
    ],
)
def test_odd_streams_have_an_answer(values: np.ndarray) -> None:
    """Empty, one value, all equal, nothing known, half of it lost: no alarm, no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not streamed(values).alarms.any()


def test_minutes_are_above_zero() -> None:
    """No time between values is refused."""
    with pytest.raises(ValueError, match="minutes"):
        streamed(np.ones(5), minutes=0)
