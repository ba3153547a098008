"""P-values: uniform where nothing is wrong, small where something is, borrowed by short series."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from finops_lib.anomaly.calibrate import TAIL, p_values, pool

SERIES, DAYS = 4000, 300
SHAPES = {
    "normal": lambda draw, size: draw.normal(size=size),
    "student_4": lambda draw, size: draw.standard_t(4, size=size),
    "uniform": lambda draw, size: draw.uniform(-1, 1, size=size),
    "laplace": lambda draw, size: draw.laplace(size=size),
}


def clean(shape: str, seed: int) -> np.ndarray:
    """Draw scores and past ones of one shape, give p-values."""
    draw = np.random.default_rng(seed)
    past = np.abs(SHAPES[shape](draw, (SERIES, DAYS)))
    return p_values(np.abs(SHAPES[shape](draw, SERIES)), past, pool(past))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("level", [0.5, 0.1, 0.02, 0.004])
def test_p_values_of_clean_days_are_uniform(shape: str, level: float) -> None:
    """Over five seeds, 20,000 tests, the share below a level is at most the level, in the tail half more.

    Nor is it far below, but for scores that have an end and so no tail. The bounds have four standard errors
    to spare: a right share fails once in 30,000 runs.
    """
    p = np.concatenate([clean(shape, seed) for seed in range(5)])
    error = np.sqrt(level * (1 - level) / len(p))
    share = float((p <= level).mean())
    assert share < level * (1.0 if level >= TAIL else 1.5) + 4 * error
    if shape != "uniform" or level >= TAIL:
        assert share > level * (0.9 if level >= TAIL else 0.4) - 4 * error


def test_the_body_is_the_rank() -> None:
    """Of 999 scores 1 to 999 of each series, 500 are at least 500: half, borrowing changes nothing."""
    past = np.tile(np.arange(1.0, 1000.0), (50, 1))
    found = p_values(np.full(50, 500.0), past, pool(past))
    assert found == pytest.approx(np.full(50, 0.5), abs=0.002)


def test_far_beyond_the_past_is_far_below_its_rank() -> None:
    """Ten times the largest of 300 normal scores is less likely than 1 in a million, not than 1 in 301."""
    past = np.abs(np.random.default_rng(1).normal(size=(100, 300)))
    found = p_values(past.max(axis=1) * 10, past, pool(past))
    assert float(found.max()) < 1e-6


def test_p_values_fall_with_the_score() -> None:
    """A higher score never has a larger p-value."""
    past = np.abs(np.random.default_rng(2).standard_t(3, size=(1, 200)))
    scores = np.linspace(0.0, 30.0, 400)
    found = p_values(scores, np.repeat(past, 400, axis=0), pool(past))
    assert (np.diff(found) <= 1e-12).all()


def test_a_short_series_borrows() -> None:
    """Three own scores say little: the p-value is near that among all, and near its own rank with many."""
    draw = np.random.default_rng(4)
    every = np.abs(draw.normal(size=(200, 300)))
    loud = np.full((1, 300), np.nan)
    loud[0, :3] = 5.0
    short = p_values(np.array([3.0]), loud, pool(every))[0]
    loud[0] = np.abs(draw.normal(0, 4, 300))
    long = p_values(np.array([3.0]), loud, pool(every))[0]
    assert short < 0.06
    assert long > 0.3


def test_a_series_without_any_past_is_judged_by_what_is_assumed() -> None:
    """Where no series has a past, a score of 3 is one of thirty days, and one of 60 less than 1 in 1,000."""
    nothing = np.full((2, 0), np.nan)
    found = p_values(np.array([3.0, 60.0]), nothing, pool(nothing))
    assert 0.02 < found[0] < 0.2
    assert found[1] < 1e-3


def test_lumpy_scores_have_a_careful_tail() -> None:
    """Where a few past scores were of another kind, twice the largest is over 1 in 10,000."""
    past = np.full((3, 300), 0.01)
    past[:, ::30] = np.linspace(1.0, 5.0, 10)
    found = p_values(np.full(3, 10.0), past, pool(past))
    assert (found > 1e-4).all()
    assert (found < 0.05).all()


def test_what_has_no_score_has_no_p_value() -> None:
    """NaN stays NaN, in silence."""
    past = np.ones((1, 50))
    assert np.isnan(p_values(np.array([np.nan]), past, pool(past))).all()


def test_freedom_follows_the_tail() -> None:
    """The pool of Student scores has a reach nearer to its own than to the normal one."""
    draw = np.random.default_rng(6)
    heavy, light = (
        pool(np.abs(values)) for values in (draw.standard_t(3, (200, 300)), draw.normal(size=(200, 300)))
    )
    exact = [stats.t(3).isf(TAIL / 2), stats.norm.isf(TAIL / 2)]
    assert heavy.reach > 1.8 * light.reach
    starts = [
        heavy.ordered[int(len(heavy.ordered) * (1 - TAIL))],
        light.ordered[int(len(light.ordered) * (1 - TAIL))],
    ]
    assert starts == pytest.approx(exact, rel=0.05)
