"""A leak is told from load, growth of a day, and restarts."""

from __future__ import annotations

import numpy as np

from finops_lib.optimize.leaks import leaks
from finops_lib.optimize.windows import FloatArray, Histories

DAYS, A_DAY = 28, 24


def _asked(use: FloatArray) -> Histories:
    names = tuple(f"w{row}" for row in range(len(use)))
    return Histories(names, use, 86_400 // A_DAY, np.full(len(use), 10.0), "memory")


def test_a_saw_of_a_week_leaks() -> None:
    """Memory climbs from 1 to 7 in seven days, four times: 24 rises in 24 days, restarts left out."""
    climb = np.tile(np.arange(1.0, 8.0), 4)
    told = leaks(_asked(np.repeat(climb, A_DAY)[None, :]))[0]
    assert told.startswith("memory rose on 24 of 24 days between restarts, by 600 % of its usual level")


def test_a_flat_heap_and_a_gap_do_not_leak() -> None:
    """What does not move, and what was never seen, is no leak."""
    use = np.vstack([np.full(DAYS * A_DAY, 4.0), np.full(DAYS * A_DAY, np.nan)])
    assert leaks(_asked(use)) == ("", "")


def test_a_slow_rise_that_comes_to_little_does_not_leak() -> None:
    """Every day a thousandth more is 2.7 % in four weeks: growth, for which a size has room."""
    use = np.repeat(1.0 + 0.001 * np.arange(DAYS), A_DAY)[None, :]
    assert leaks(_asked(use)) == ("",)


def test_load_is_hardly_ever_taken_for_a_leak() -> None:
    """Of 500 loads with a weekly season and noise at most 1 % is called a leak."""
    rng = np.random.default_rng(5)
    week = 1.0 + 0.3 * np.sin(np.arange(DAYS * A_DAY) * 2 * np.pi / (7 * A_DAY))
    use = 4.0 * week * rng.lognormal(0.0, 0.15, size=(500, DAYS * A_DAY))
    assert sum(map(bool, leaks(_asked(use)))) <= 5


def test_planted_leaks_are_found_under_load() -> None:
    """Of 200 leaks that double the memory in ten days under a load with noise, at least 95 % are found."""
    rng = np.random.default_rng(6)
    age = np.arange(DAYS * A_DAY) % (10 * A_DAY) / (10 * A_DAY)
    use = (1.0 + age) * 2.0 * rng.uniform(1.0, 1.1, size=(200, DAYS * A_DAY))
    assert sum(map(bool, leaks(_asked(use)))) >= 190


def test_nothing_measured_leaks_nothing() -> None:
    """A table without a row, or without a step, is no leak."""
    assert leaks(_asked(np.empty((0, DAYS * A_DAY)))) == ()
    assert leaks(_asked(np.empty((1, 0)))) == ("",)
