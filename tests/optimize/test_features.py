"""Features: alike for alike shapes of any size, and blind to gaps."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.optimize.features import FLOOR, LEVELS, described, level_of

DAY = 24


def wave(seed: int, *, days: int = 6) -> np.ndarray:
    """Draw a daily wave with noise, far above the floor."""
    clock = np.arange(days * DAY)
    noise = np.random.default_rng(seed).lognormal(0, 0.1, len(clock))
    return 0.3 * (1 + 0.5 * np.sin(2 * np.pi * clock / DAY)) * noise


def test_features_do_not_depend_on_other_rows_nor_on_how_many_there_are() -> None:
    """A row in a table of more rows than are looked at in one go is described as it is alone."""
    table = np.tile(wave(1), (1001, 1))
    table[700] = wave(2)
    found = described(table, steps_a_day=DAY)
    np.testing.assert_array_equal(found[700], described(wave(2)[None, :], steps_a_day=DAY)[0])
    np.testing.assert_array_equal(found[1000], found[0])


def test_a_larger_workload_of_the_same_shape_looks_the_same() -> None:
    """But for the first feature, twice the use changes no more than the floor explains."""
    small, large = described(np.stack([wave(3), 2 * wave(3)]), steps_a_day=DAY)
    assert large[0] - small[0] == pytest.approx(np.log(2), abs=0.02)
    np.testing.assert_allclose(small[1:], large[1:], atol=0.12)


def test_percentiles_are_read_back() -> None:
    """Each level comes back as numpy's quantile of the known samples."""
    use = wave(4)
    use[5:9] = np.nan
    seen = described(use[None, :], steps_a_day=DAY)
    for level in LEVELS:
        assert level_of(seen, level)[0] == pytest.approx(np.nanquantile(use, level), rel=1e-9)


def test_the_last_day_is_seen() -> None:
    """Twice the use on the last day alone moves what is seen of the last day, by log 2 but for the floor."""
    flat = np.full(5 * DAY, 0.2)
    jump = flat.copy()
    jump[-DAY:] *= 2
    by_day = described(np.stack([flat, jump]), steps_a_day=DAY)[:, 10:16]  # median of days against p99
    most, least, mean, spread, last, before = by_day[1] - by_day[0]
    apart = np.log((0.4 + FLOOR) / (0.2 + FLOOR))
    assert last == pytest.approx(most) and before == pytest.approx(least)
    assert last - before == pytest.approx(apart)
    assert spread == pytest.approx(apart * 0.4) and mean - before == pytest.approx(apart / 5)


def test_gaps_and_young_workloads_are_described_by_what_is_known() -> None:
    """No feature is unknown, whether days are missing or there is a single sample."""
    gaps, young = wave(5), np.full(6 * DAY, np.nan)
    gaps[DAY : 3 * DAY] = np.nan
    young[-1] = 0.4
    assert np.isfinite(described(np.stack([gaps, young]), steps_a_day=DAY)).all()
    assert np.isfinite(described(np.array([[0.5, np.nan]]), steps_a_day=DAY)).all()
