"""Scores of days: calibrated on clean series of many kinds, large on planted events, the same in any unit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from finops_lib.anomaly.scores import DayKind, pooled, score_day
from finops_lib.anomaly.tracks import Tracks

DAYS, SERIES = 260, 120
Draw = np.random.Generator


def week(draw: Draw) -> np.ndarray:
    """Draw a weekly profile a series."""
    return np.exp(draw.normal(0, 0.3, (SERIES, 7)))[:, np.arange(DAYS) % 7]


def autocorrelated(draw: Draw) -> np.ndarray:
    """Draw series whose days hang together by 0.6."""
    noise = draw.normal(size=(SERIES, DAYS))
    for day in range(1, DAYS):
        noise[:, day] += 0.6 * noise[:, day - 1]
    return 100 * np.exp(0.05 * noise)


CLEAN: dict[str, Callable[[Draw], np.ndarray]] = {
    "independent": lambda draw: 100 + 10 * draw.normal(size=(SERIES, DAYS)),
    "seasonal": lambda draw: 100 * week(draw) * np.exp(0.05 * draw.normal(size=(SERIES, DAYS))),
    "autocorrelated": autocorrelated,
    "heavy": lambda draw: 100 * week(draw) * np.exp(0.03 * draw.standard_t(4, size=(SERIES, DAYS))),
    "weekends_are_quiet": lambda draw: (
        week(draw) * (100 + np.where(np.arange(DAYS) % 7 < 5, 15, 3) * draw.normal(size=(SERIES, DAYS)))
    ),
    "growing": lambda draw: 100 * np.exp(0.004 * np.arange(DAYS) + 0.05 * draw.normal(size=(SERIES, DAYS))),
    "now_and_then": lambda draw: np.where(
        draw.random((SERIES, DAYS)) < 0.1, draw.lognormal(3, 0.5, (SERIES, DAYS)), 0
    ),
}


def scored(values: np.ndarray, kinds: np.ndarray | None = None) -> Tracks:
    """Score every day of a table."""
    tracks = Tracks(np.atleast_2d(np.asarray(values, dtype=np.float64)).copy())
    for day in range(tracks.days):
        alike = (
            np.flatnonzero(kinds[:day] == kinds[day])
            if kinds is not None and kinds[day]
            else np.zeros(0, int)
        )
        score_day(tracks, day, kind=DayKind(alike, special=bool(kinds is not None and kinds[day])))
    return tracks


@pytest.mark.parametrize("kind", CLEAN)
def test_p_values_of_clean_series_are_nearly_uniform(kind: str) -> None:
    """After 100 days, over three seeds and 57,000 days: half are below a half, a twentieth below .05.

    Days of a series hang together, so the shares are held to a factor: .75 to 1.2 at a half, 1.6 at .05 and
    3 at .005, which a p-value from a normal distribution misses by far for heavy and lumpy days.
    """
    p = np.concatenate(
        [
            scored(CLEAN[kind](np.random.default_rng(seed))).notes["p_value"][:, 100:].ravel()
            for seed in range(3)
        ]
    )
    assert 0.375 < (p < 0.5).mean() < 0.6
    assert (p < 0.05).mean() < 0.08
    assert (p < 0.005).mean() < 0.015
    assert (p < 1e-6).mean() < 1e-4


def quiet(seed: int = 0) -> np.ndarray:
    """Draw one seasonal series with 5 % noise."""
    return CLEAN["seasonal"](np.random.default_rng(seed))[0]


@pytest.mark.parametrize(("factor", "sign"), [(2.0, 1), (0.3, -1)])
def test_a_spike_and_a_drop_are_seen_on_their_day(factor: float, sign: int) -> None:
    """Twice the day, or a third of it, is less likely than 1 in 3,000, and has its direction."""
    values = quiet()
    values[200] *= factor
    tracks = scored(values)
    assert tracks.notes["p_value"][0, 200] < 3e-4
    assert np.sign(tracks.notes["score"][0, 200]) == sign
    assert tracks.notes["p_value"][0, 201] > 0.01  # the day after is as usual


def test_a_slow_ramp_is_seen_though_no_day_is() -> None:
    """Growth by half in 28 days is seen before its end, while each day is near the day before."""
    values = quiet(3)
    values[200:] *= np.concatenate([np.linspace(1, 1.5, 28), np.full(DAYS - 228, 1.5)])
    tracks = scored(values)
    assert tracks.notes["p_value"][0, 200:228].min() < 1e-3
    assert np.abs(tracks.notes["surprise"][0, 200:228]).max() < 0.3


def test_a_change_of_unit_changes_no_score() -> None:
    """The same series in thousandths has the same p-values."""
    values = quiet(4)
    first, second = (scored(one).notes["p_value"] for one in (values, values * 1000))
    np.testing.assert_allclose(first, second, rtol=1e-3)


def test_the_future_changes_no_past_score() -> None:
    """What comes after a day does not touch its score."""
    values = quiet(5)
    other = values.copy()
    other[150:] *= 7
    first, second = (scored(one).notes["score"][0, :150] for one in (values, other))
    np.testing.assert_array_equal(first, second)


def test_fourteen_days_come_first() -> None:
    """A day is judged when fourteen before it are known, gaps not counted."""
    values = np.full(30, 5.0) + np.arange(30) % 2
    values[3] = np.nan
    p = scored(values).notes["p_value"][0]
    assert np.isnan(p[:15]).all()
    assert np.isfinite(p[15:]).all()


def test_a_constant_series_is_calm_until_it_moves() -> None:
    """Equal days are never odd; a tenth more is."""
    values = np.full(100, 42.0)
    values[90] = 46.2
    p = scored(values).notes["p_value"][0]
    assert np.nanmin(p[:90]) > 0.5
    assert p[90] < 1e-2


def test_zeros_are_calm_until_there_is_a_cost() -> None:
    """The first cost after zeros is a beginning and no move; twenty times it, three weeks later, is one."""
    values = np.zeros(130)
    values[[90, 100, 110]] = 0.5
    values[120] = 10.0
    p = scored(values).notes["p_value"][0]
    assert np.isnan(p[:91]).all()
    assert p[100] > 0.01
    assert p[120] < 0.01


def test_negative_costs_are_scored_like_others() -> None:
    """The mirror image of a series has the mirrored scores."""
    values = 100 + 10 * np.random.default_rng(7).normal(size=150)
    up, down = (scored(one).notes["score"][0, 14:] for one in (values - 100, 100 - values))
    np.testing.assert_allclose(up, -down, rtol=1e-4, atol=1e-4)


def test_month_fees_become_usual() -> None:
    """A fee on each first of a month is odd at first, and expected after half a year."""
    draw = np.random.default_rng(8)
    first = np.arange(390) % 30 == 0
    values = 100 + 2 * draw.normal(size=390) + np.where(first, 60.0, 0.0)
    tracks = scored(values, kinds=first.astype(int))
    late = tracks.notes["mid"][0, first][-3:]
    assert tracks.notes["mid"][0, 30] == pytest.approx(100, abs=5)
    assert late == pytest.approx(np.full(3, 160), abs=16)
    assert tracks.notes["p_value"][0, first][-3:].min() > 0.01


def test_two_spikes_are_not_learned_from_but_a_habit_is() -> None:
    """After two spikes a third is as rare as a first; after one every ten days it is a day like many."""
    values = {spikes: quiet(9) for spikes in ((), (150, 180), tuple(range(60, 210, 10)))}
    found = {}
    for spikes, days in values.items():
        days[[*spikes, 211]] *= 3
        found[len(spikes)] = float(scored(days).notes["p_value"][0, 211])
    assert found[0] < 1e-4
    assert found[2] < 10 * found[0]
    assert found[15] > 0.02


def together(seed: int, shared: float) -> Tracks:
    """Score thirty series that share one day's move, one of which makes another of its own."""
    draw = np.random.default_rng(seed)
    values = 100 * np.exp(0.05 * draw.normal(size=(30, 150)))
    values[:, 140] *= shared
    values[0, 140] *= 2
    return scored(values)


@pytest.mark.parametrize("seed", range(3))
def test_a_move_that_all_parts_make_is_no_part_s_own(seed: int) -> None:
    """Halved on one day, all thirty are as usual but the one that doubled against the others."""
    p = together(seed, 0.5).notes["p_value"][:, 140]
    assert p[0] < 6e-3
    assert (p[1:] < 0.01).sum() <= 2
    assert np.median(p[1:]) > 0.2


def test_a_sum_keeps_the_move_that_it_makes() -> None:
    """The same halved day is odd in a series that stands alone."""
    draw = np.random.default_rng(3)
    values = 100 * np.exp(0.05 * draw.normal(size=(30, 150)))
    values[:, 140] *= 0.5
    tracks, alone = Tracks(values), np.arange(30) == 0
    for day in range(150):
        score_day(tracks, day, alone=alone)
    p = tracks.notes["p_value"][:, 140]
    assert p[0] < 6e-3
    assert np.median(p[1:]) > 0.2


def test_some_series_scored_again_see_what_all_had_in_common() -> None:
    """Three of thirty, scored again alone, get what they had, as the common move is as it was noted."""
    tracks = together(5, 0.5)
    before = tracks.notes["p_value"][:3, 140].copy()
    part = tracks.rows(np.arange(3))
    score_day(part, 140, shared=pooled(tracks, 140))
    np.testing.assert_allclose(part.notes["p_value"][:, 140], before, rtol=1e-5)
