"""The yardsticks of the anomaly benchmark: worth by hand, so that a wrong one cannot flatter."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.anomaly_measures import measured
from tests.benchmarks.anomaly_nab import normalised, raw, sigmoid
from tests.benchmarks.anomaly_sets import Injected, Planted, injected

WINDOWS = ((400, 499), (700, 799))


def alarms(*places: int) -> np.ndarray:
    found = np.zeros(1000, dtype=bool)
    found[list(places)] = True
    return found


def test_a_perfect_stream_has_a_hundred_and_silence_nothing() -> None:
    """Two windows, each won on its first value: 100 by every profile; no alarm at all: 0."""
    best = normalised([(alarms(400, 700), WINDOWS)])
    assert list(best.values()) == pytest.approx([100.0] * 3)
    assert list(normalised([(alarms(), WINDOWS)]).values()) == pytest.approx([0.0] * 3)


def test_an_early_win_is_worth_more_and_only_the_first_counts() -> None:
    """At the window's last value the sigmoid is near 0: sigma(-1/100) = .025 of sigma(-1) = .987."""
    late = raw(alarms(499), WINDOWS[:1], hit=1.0, wrong=0.11, lost=1.0)
    assert late == pytest.approx(sigmoid(-0.01) / sigmoid(-1.0))
    assert late == pytest.approx(0.0253, abs=1e-3)
    assert raw(alarms(410, 420, 499), WINDOWS[:1], hit=1.0, wrong=0.11, lost=1.0) == pytest.approx(
        raw(alarms(410), WINDOWS[:1], hit=1.0, wrong=0.11, lost=1.0)
    )


def test_a_false_alarm_costs_the_more_the_farther_behind() -> None:
    """Before all windows a whole weight, just behind one less, far behind nearly a whole one; early none."""
    silent = raw(alarms(), WINDOWS, hit=1.0, wrong=0.11, lost=1.0)
    cost = {
        at: silent - raw(alarms(at), WINDOWS, hit=1.0, wrong=0.11, lost=1.0) for at in (100, 200, 510, 690)
    }
    assert cost[100] == 0.0  # within the first 15 per cent
    assert cost[200] == pytest.approx(0.11)
    assert 0.0 < cost[510] < 0.05 < cost[690] < 0.11


def planted(*events: Planted) -> Injected:
    return Injected(("a", "b"), np.ones((2, 400)), events)


def test_recall_is_taken_at_the_rate_of_false_alarms() -> None:
    """Two events, one above every clean day, one below eighteen: half, until these are quieter."""
    events = (Planted(0, "spike", 200, 201, 202), Planted(1, "spike", 200, 201, 202))
    scores = np.zeros((2, 400))
    scores[0, 201], scores[1, 200] = 9.0, 1.0
    scores[0, 250:390:8] = 2.0
    found = measured(scores, planted(*events))
    assert found["recall_at_fa_0.10"] == 0.5
    assert found["median_delay_days"] == 1.0
    scores[0, 250:390:8] = 0.5
    assert measured(scores, planted(*events))["recall_at_fa_0.10"] == 1.0


def test_alarms_of_one_week_are_one() -> None:
    """A run of clean days above all else is one false alarm in 20 months, which .10 a month allows."""
    events = (Planted(0, "drop", 200, 201, 202),)
    scores = np.zeros((2, 400))
    scores[1, 300:330], scores[0, 200] = 5.0, 1.0
    assert measured(scores, planted(*events))["recall_at_fa_0.10"] == 1.0


def test_planted_events_come_from_the_seed_and_keep_the_past_clean() -> None:
    """The same seed gives the same series, another one others; no event is before 91 days."""
    first, again, other = (injected(None, seed=seed, quick=True) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.values, again.values)
    assert not np.array_equal(first.values, other.values)
    assert min(event.start for event in first.events) >= 91
    assert {event.kind for event in injected(None, seed=1, quick=False).events} == {
        "spike", "drop", "level_shift", "ramp",
    }  # fmt: skip
