"""Spikes and steps: planted ones are found, and noise, trends, walks and weekends are left alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.forecast.shocks import Step, moved, steps_now, without_spikes

NAN = np.nan
DAYS = 140
WEEK = np.array([5.0, 6, 7, 6, 5, 2, 2])
SEEDS = range(100)

KINDS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "noise": lambda random: 50 + random.normal(0, 3, DAYS),
    "trend": lambda random: 50 + 0.5 * np.arange(DAYS) + random.normal(0, 3, DAYS),
    "growth": lambda random: 50 * np.exp(0.01 * np.arange(DAYS)) * random.lognormal(0, 0.05, DAYS),
    "walk": lambda random: 100 + np.cumsum(random.normal(0, 2, DAYS)),
    "weekend": lambda random: 10 * np.tile(WEEK, DAYS // 7) * random.lognormal(0, 0.08, DAYS),
    "free weekend": lambda random: (
        np.tile([5.0, 6, 7, 6, 5, 0, 0], DAYS // 7) * random.lognormal(0, 0.08, DAYS)
    ),
    "around nothing": lambda random: random.normal(0, 3, DAYS),
}


def drawn(kind: str) -> np.ndarray:
    """Draw a hundred series of this kind, one a seed."""
    return np.stack([KINDS[kind](np.random.default_rng(seed)) for seed in SEEDS])


def spiked(*places: int, by: float = 200.0, steps: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """Give a noisy series around 50 without and with spikes at these steps."""
    plain = 50 + np.random.default_rng(3).normal(0, 2, steps)
    found = plain.copy()
    found[list(places)] += by
    return plain, found


def removed(values: np.ndarray, *, season: int = 7) -> list[int]:
    """Say at which steps a series is no longer what it was."""
    return np.flatnonzero(without_spikes(values[None], season=season)[0] != values).tolist()


@pytest.mark.parametrize(
    ("places", "by"), [([40], 200.0), ([40], -200.0), ([40, 41], 200.0), ([30, 50], 200.0)]
)
def test_rare_spikes_are_removed_and_nothing_else(places: list[int], by: float) -> None:
    """Up or down, one step or two, once or twice: exactly these steps, and they lie near 50 again."""
    _, values = spiked(*places, by=by)
    assert removed(values) == places
    assert np.abs(without_spikes(values[None], season=7)[0] - 50).max() < 10


def test_a_spike_is_replaced_by_the_season_before() -> None:
    """Step 40 takes the value of step 33; where that was a spike, too, it takes the usual value."""
    _, values = spiked(40)
    assert without_spikes(values[None], season=7)[0, 40] == values[33]
    constant = np.full(60, 5.0)
    constant[45] = 90.0
    assert without_spikes(constant[None], season=7)[0].tolist() == [5.0] * 60


def test_from_the_third_on_spikes_belong_to_the_series() -> None:
    """Of four lone spikes the first two are removed, the others are kept."""
    _, values = spiked(30, 50, 65, 70)
    assert removed(values) == [30, 50]


def test_spikes_that_come_each_season_are_kept() -> None:
    """A charge each week from the start, or from a month after it: no week but its first is touched."""
    _, always = spiked(*range(3, 80, 7))
    _, later = spiked(*range(25, 80, 7))
    assert removed(always) == []
    assert removed(later) == [25]


def test_what_is_not_over_is_no_spike() -> None:
    """The last value may be the first of a new level; one step later it is known to be over."""
    _, last = spiked(79)
    _, over = spiked(78)
    assert removed(last) == []
    assert removed(over) == [78]
    assert 40 not in removed(spiked(40, 41, 42)[1])  # the third step after it is too late


def test_a_spike_before_two_seasons_cannot_be_told() -> None:
    """Nothing is usual yet at step 5, and too short a history stays as it is."""
    _, values = spiked(5)
    assert removed(values) == []
    assert removed(spiked(10, steps=15)[1]) == []


def test_a_value_no_larger_than_twice_what_came_before_is_no_spike() -> None:
    """After a value 15 above the usual, 25 above is nothing unseen, and 45 is."""
    for by, expected in ((25.0, []), (45.0, [50])):
        values = spiked(30, by=15.0)[1]
        values[50] += by
        assert removed(values) == expected
    assert removed(spiked(50, by=25.0)[1]) == [50]  # without the 15 before


def test_noise_and_unknown_beginnings_are_left_alone() -> None:
    """None of a hundred noisy, growing or weekly series is touched; unknown steps stay unknown."""
    for kind in ("noise", "growth", "weekend"):
        values = drawn(kind)
        values[:, :9] = NAN
        np.testing.assert_array_equal(without_spikes(values, season=7), values)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(20, 70))
def test_a_spike_is_judged_no_more_than_two_steps_ahead(seed: int, known: int) -> None:
    """What is made of all but the last two known values does not depend on what comes after them."""
    random = np.random.default_rng(seed)
    values = 50 + random.normal(0, 2, (3, 70))
    values[random.random(values.shape) < 0.06] += 200
    whole = without_spikes(values, season=7)
    then = without_spikes(values[:, :known], season=7)
    np.testing.assert_array_equal(whole[:, : known - 2], then[:, : known - 2])


@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-6, 10.0, 1e9]))
def test_spikes_do_not_depend_on_the_unit(seed: int, factor: float) -> None:
    """Values times a factor lead to the same spikes, and to the same values times the factor."""
    values = 50 + np.random.default_rng(seed).normal(0, 2, (2, 60))
    values[:, [25, 40]] += 300
    found = without_spikes(values, season=7)
    assert not np.array_equal(found, values)
    np.testing.assert_allclose(without_spikes(values * factor, season=7), found * factor, rtol=1e-9)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_step_is_seen_where_there_is_none(kind: str) -> None:
    """At most two of a hundred series without a step are said to have one."""
    assert len(steps_now(drawn(kind), season=7)) <= 2


@pytest.mark.parametrize("kind", ["noise", "trend", "walk", "weekend"])
@pytest.mark.parametrize("length", [7, 14])
def test_a_doubled_level_is_found(kind: str, length: int) -> None:
    """95 of a hundred series that doubled a week or two ago are found, on the right day and about twice."""
    values = drawn(kind)
    values[:, -length:] *= 2
    found = steps_now(values, season=7)
    assert sum(step.length == length and 1.6 < step.factor < 2.6 for step in found) >= 95
    assert len({step.series for step in found}) == len(found)


def test_a_fall_is_a_step_too_and_one_around_nothing_has_an_amount() -> None:
    """A third of the level left, and 40 more on values of either sign, which have no factor."""
    fallen, around = drawn("noise"), drawn("around nothing")
    fallen[:, -8:] /= 3
    around[:, -8:] += 40
    falls, rises = steps_now(fallen, season=7), steps_now(around, season=7)
    assert sum(step.length == 8 and 0.25 < step.factor < 0.45 and step.amount < 0 for step in falls) >= 95
    assert sum(step.factor == 1.0 and 35 < step.amount < 45 for step in rises) >= 95


def test_a_step_by_hand() -> None:
    """From 4, 5, 6 to 8, 10, 12: twice as high, by 5 in the median; from -1, 0, 1 to 9, 10, 11: by 10."""
    costs, both = [4.0, 5, 6] * 9 + [8.0, 10, 12], [-1.0, 0, 1] * 9 + [9.0, 10, 11]
    assert steps_now(np.array([costs, both]), season=3) == [Step(0, 3, 2.0, 5.0), Step(1, 3, 1.0, 10.0)]


def test_a_step_is_neither_too_new_nor_too_old() -> None:
    """Two steps are too few to tell, six are two seasons of three, seven the models see themselves."""
    for length, expected in ((2, []), (3, [3]), (6, [6]), (7, [])):
        values = np.array([[4.0, 5, 6] * 12])
        values[:, -length:] *= 2
        assert [step.length for step in steps_now(values, season=3)] == expected


def test_a_step_of_months_needs_three_of_them() -> None:
    """Twelve months a season: three on a new level are a step, two are not."""
    values = 100 * np.random.default_rng(2).lognormal(0, 0.05, (1, 120))
    three, two = values.copy(), values.copy()
    three[:, -3:] *= 2
    two[:, -2:] *= 2
    assert [step.length for step in steps_now(three, season=12)] == [3]
    assert steps_now(two, season=12) == []


def test_a_short_history_has_no_step() -> None:
    """Six earlier moments must have shown no such move: with a stride of 1 a season of 3 needs 23 steps."""
    # A window of 3 reaches 15 steps back; ends at 20, 19, ... 15 of 23 steps are six moments.
    for before, expected in ((19, 0), (20, 1)):
        values = np.array([([4.0, 5, 6] * 7)[:before] + [40.0] * 3])
        assert len(steps_now(values, season=3)) == expected


def test_a_ramp_and_a_series_that_moved_before_have_no_step() -> None:
    """Doubling within two months is none, nor is a doubling where the level was up by 70 % once before."""
    values = drawn("noise")
    ramp, again = values.copy(), values.copy()
    ramp[:, -60:] *= np.linspace(1, 2, 60)
    again[:, 60:75] *= 1.7
    again[:, -7:] *= 2
    assert len(steps_now(ramp, season=7)) <= 2
    assert len(steps_now(again, season=7)) <= 2


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-6, 10.0, 1e9]))
def test_a_step_goes_with_the_unit(seed: int, factor: float) -> None:
    """Values times a factor: the same series and days, the same factors, amounts times the factor."""
    values = 50 + np.random.default_rng(seed).normal(0, 2, (2, 80))
    values[0, -7:] *= 2
    found, other = (steps_now(table, season=7) for table in (values, values * factor))
    assert [(step.series, step.length) for step in found] == [(step.series, step.length) for step in other]
    assert [step.factor for step in other] == pytest.approx([step.factor for step in found])
    assert [step.amount for step in other] == pytest.approx([step.amount * factor for step in found])


def test_the_past_is_moved_and_the_new_level_is_not() -> None:
    """Twice the past of the first series, 7 more for the last, nothing between; no input changes."""
    values = np.array([[1.0, 2.0, 6.0], [1.0, 2.0, 3.0], [NAN, -1.0, 9.0]])
    before = values.copy()
    found = moved(values, [Step(0, 1, 2.0, 3.0), Step(2, 1, 1.0, 7.0)])
    np.testing.assert_array_equal(found, [[2.0, 4.0, 6.0], [1.0, 2.0, 3.0], [NAN, 6.0, 9.0]])
    np.testing.assert_array_equal(values, before)


def test_doubt_is_larger_in_the_first_season() -> None:
    """0.6 of a fall of 10 before seven days are over, 0.3 from the seventh on."""
    found = [Step(0, length, 0.5, -10.0).doubt(season=7) for length in (6, 7)]
    assert found == pytest.approx([6.0, 3.0])
