"""Events: kind, span and money of planted ones, the interval around the money, and what is no event."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.anomaly.kinds import LONGEST, Event, events

DAYS, AT = 160, 100


def series(seed: int = 1, noise: float = 2.0) -> np.ndarray:
    """Draw days around 100."""
    return 100 + noise * np.random.default_rng(seed).normal(size=DAYS)


def found(values: np.ndarray, days: list[int]) -> list[Event]:
    """Tell which days were found odd, and ask for events."""
    odd = np.zeros(len(values), dtype=bool)
    odd[days] = True
    score = np.sign(values - 100) * np.where(odd, 9.0, 0.5)
    return events(values, odd, np.where(odd, 1e-6, 0.5), score)


def test_a_spike_of_two_days() -> None:
    """Two days at +80 are one spike with 160 in it, from its first day to the day after its last."""
    values = series()
    values[AT : AT + 2] += 80
    [event] = found(values, [AT, AT + 1])
    assert (event.kind, event.start, event.end, event.found) == ("spike", AT, AT + 2, AT)
    assert event.mid == pytest.approx(160, abs=10)
    assert event.low < 160 < event.high
    assert event.actual - event.expected == pytest.approx(event.mid)
    assert not event.lasting


def test_a_drop_has_negative_money() -> None:
    """A day at 20 instead of 100 is a drop of 80."""
    values = series(2)
    values[AT] = 20
    [event] = found(values, [AT])
    assert (event.kind, event.end - event.start) == ("drop", 1)
    assert event.mid == pytest.approx(-80, abs=6)


def test_a_level_shift_lasts_until_it_is_usual() -> None:
    """A step of +50 holds 50 a day for five weeks, then it is the usual."""
    values = series(3)
    values[AT:] += 50
    [event] = found(values, list(range(AT, AT + 20)))
    assert (event.kind, event.start) == ("level_shift", AT)
    assert event.end - event.start == LONGEST
    assert event.mid == pytest.approx(50 * LONGEST, rel=0.1)


def test_a_level_shift_that_ends_is_one_event() -> None:
    """Ten days at +50 and back: the return, odd by what was learned since, is not told beside it."""
    values = series(4)
    values[AT : AT + 10] += 50
    [event] = found(values, [AT, AT + 1, AT + 9, AT + 10, AT + 11])
    assert (event.kind, event.start, event.end) == ("level_shift", AT, AT + 10)


def test_a_ramp_begins_before_it_is_found() -> None:
    """Growth of 4 a day, found on its tenth day, begins within its first four."""
    values = series(5)
    values[AT : AT + 28] += 4.0 * np.arange(1, 29)
    [event] = found(values, [AT + 9, AT + 12])
    assert event.kind == "ramp"
    assert AT <= event.start <= AT + 3
    assert event.found == AT + 9


def test_a_series_that_is_gone_has_vanished() -> None:
    """Nothing from a day on: vanished from that day, while it lasts."""
    values = series(6)
    values[AT:] = 0
    [event] = found(values, list(range(AT, AT + 10)))
    assert (event.kind, event.start) == ("vanished", AT)


def test_two_days_of_nothing_are_a_drop_yet() -> None:
    """At the end of what is known, two days of nothing are a drop, three have vanished."""
    values = series(7)
    values[-2:] = 0
    assert [event.kind for event in found(values, [DAYS - 2, DAYS - 1])] == ["drop"]
    values[-3:] = 0
    assert [event.kind for event in found(values, [DAYS - 3, DAYS - 2])] == ["vanished"]


def test_a_thousandfold_says_that_a_unit_may_have_changed() -> None:
    """From 100 to 100,000 for good: a level shift with that remark."""
    values = series(8)
    values[AT:] *= 1000
    [event] = found(values, list(range(AT, DAYS)))[:1]
    assert event.kind == "level_shift"
    assert any("a unit may have changed" in text for text in event.evidence)


def test_the_interval_holds_the_money_four_times_in_five() -> None:
    """Over 300 seeds the true money of five days at +30 lies in the 80 % interval in 70 to 95 % of them."""
    held = 0
    for seed in range(300):
        values = series(seed, noise=8.0)
        values[AT : AT + 5] += 60
        event = found(values, [AT])[0]
        truth = 60.0 * 5 if event.end - event.start == 5 else 60.0 * (event.end - event.start)
        held += event.low <= truth + (values[event.start : event.end].sum() * 0) <= event.high
    assert 0.70 <= held / 300 <= 0.95


def test_no_odd_day_no_event() -> None:
    """Nothing found odd is nothing told."""
    assert found(series(9), []) == []


def test_gaps_within_an_event_hold_no_money() -> None:
    """A day that is not known within a shift adds nothing to its money."""
    values = series(10)
    values[AT : AT + 6] += 50
    values[AT + 2] = np.nan
    event = found(values, [AT])[0]
    assert event.end == AT + 6
    assert event.mid == pytest.approx(250, rel=0.1)


def test_an_event_before_anything_is_known_has_no_ground() -> None:
    """The first known day marked odd is held against nothing, without a warning."""
    values = np.full(40, np.nan)
    values[30:] = 5.0
    assert len(found(values, [30])) <= 1
