"""P-values: uniform where nothing is wrong, small where something is, borrowed by short series."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtr

from finops_lib.anomaly.calibrate import START, p_values, pool

SERIES, DAYS = 4000, 300
SHAPES = {
    "normal": lambda draw, size: draw.normal(size=size),
    "student_6": lambda draw, size: draw.standard_t(6, size=size),
    "student_5": lambda draw, size: draw.standard_t(5, size=size),
    "laplace": lambda draw, size: draw.laplace(size=size),
}


def score(moves: np.ndarray) -> np.ndarray:
    """The power of ten by which a move is rare under Student's distribution of six degrees."""
    return np.asarray(-np.log10(2 * stdtr(6.0, -np.abs(moves))))


def clean(shape: str, seed: int) -> np.ndarray:
    """Draw scores and past ones of one shape, give p-values."""
    draw = np.random.default_rng(seed)
    past = score(SHAPES[shape](draw, (SERIES, DAYS)))
    return p_values(score(SHAPES[shape](draw, SERIES)), past, pool(past))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("level", [0.5, 0.15, 0.02, 0.002])
def test_p_values_of_clean_days_hold(shape: str, level: float) -> None:
    """Over five seeds, 20,000 tests, the share below a level is at most the level, in the tail half more.

    In the body it is near the level; in the tail of light shapes it may be below. The bounds have four
    standard errors to spare: a right share fails once in 30,000 runs.
    """
    p = np.concatenate([clean(shape, seed) for seed in range(5)])
    error = np.sqrt(level * (1 - level) / len(p))
    share = float((p <= level).mean())
    assert share < level * (1.0 if level > 0.1 else 1.5) + 4 * error
    if level > 0.1 or shape.startswith("student"):
        assert share > level * (0.9 if level > 0.1 else 0.4) - 4 * error


def test_the_body_is_the_rank() -> None:
    """Of 1,000 scores .001 to 1, 501 are at least .5: half, and the hundredth left out of the past."""
    past = np.tile(np.arange(1.0, 1001.0) / 1000, (50, 1))
    found = p_values(np.full(50, 0.5), past, pool(past))
    assert found == pytest.approx(np.full(50, 0.51), abs=0.002)


def test_the_tail_of_a_series_without_high_scores_is_what_is_assumed() -> None:
    """With no score beyond the start each half of a score divides the chance by e."""
    past = np.tile(np.linspace(0.0, START, 300), (2, 1))
    found = p_values(np.array([START + 1.0, START + 2.0]), past, pool(past))
    assert found[0] / found[1] == pytest.approx(np.exp(2.0))


def test_a_series_that_reaches_far_is_believed_slowly() -> None:
    """A hundred runs of five days at 2.5 beyond the start: a reach of (100 x 2.5 + 100 x .5) / 200 = 1.5."""
    past = np.zeros((1, 600))
    past[0, :500] = START + 2.5
    one, two = (p_values(np.array([START + more]), past, pool(past))[0] for more in (3.0, 4.5))
    assert one / two == pytest.approx(np.e)


def test_p_values_fall_with_the_score() -> None:
    """A higher score never has a larger p-value, across the start of the tail, too."""
    past = score(np.random.default_rng(2).standard_t(3, size=(1, 200)))
    scores = np.linspace(0.0, 30.0, 400)
    found = p_values(scores, np.repeat(past, 400, axis=0), pool(past))
    assert (np.diff(found) <= 1e-12).all()


def test_a_short_series_borrows() -> None:
    """Three own scores say little: the p-value is near that among all, and near its own rank with many."""
    draw = np.random.default_rng(4)
    every = score(draw.normal(size=(200, 300)))
    loud = np.full((1, 300), np.nan)
    loud[0, :3] = 0.9
    short = p_values(np.array([0.8]), loud, pool(every))[0]
    loud[0] = score(draw.normal(0, 4, 300))
    long = p_values(np.array([0.8]), loud, pool(every))[0]
    assert short < 0.17
    assert long > 0.45


def test_a_series_without_any_past_is_judged_by_what_is_assumed() -> None:
    """Where no series has a past, a score of 1 is one day in ten and the hundredth left out, 9 below 1e-5."""
    nothing = np.full((2, 0), np.nan)
    found = p_values(np.array([1.0, 9.0]), nothing, pool(nothing))
    assert found[0] == pytest.approx((1 + 100 * 0.1) / 101 + 0.01)
    assert found[1] < 1e-5


def test_what_has_no_score_has_no_p_value() -> None:
    """NaN stays NaN, in silence."""
    past = np.ones((1, 50))
    assert np.isnan(p_values(np.array([np.nan]), past, pool(past))).all()
