"""Spreads: right for normal moves, deaf to events, steady over a year, the rest from other series."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.anomaly.spreads import middle_ratio, of_windows, trimmed, usual


def test_the_spread_of_normal_moves_is_their_standard_deviation() -> None:
    """Over 400 series of a year of days with deviation 3 the mean spread is 3 within a fiftieth."""
    past = np.random.default_rng(1).normal(0, 3, (400, 365)).astype(np.float32)
    assert usual(past).mean() == pytest.approx(3.0, rel=0.02)


def test_events_do_not_widen_it() -> None:
    """One day in eight a hundred times as large: not a fifth wider; a plain deviation is 35 times as wide."""
    past = np.random.default_rng(2).normal(0, 1, (200, 365)).astype(np.float32)
    wild = past.copy()
    wild[:, ::8] *= 100
    assert usual(wild).mean() < 1.25 * usual(past).mean()


def test_a_year_steadies_what_two_months_show() -> None:
    """Two months at 4 after a year at 1: between both, as a geometric mean of 4 and little over 1."""
    past = np.tile(np.array([1.0, -1.0], dtype=np.float32), (1, 200))[:, :365].copy()
    past[:, -60:] *= 4
    recent, year = 4 / 0.515, 1 / 0.515
    assert usual(past)[0] == pytest.approx(np.sqrt(recent * year), rel=0.01)


def test_what_is_not_known_is_not_counted() -> None:
    """Of 1, 2, 3, 90 and an unknown the lowest three count: 2; of nothing nothing is told."""
    rows = np.array([[1.0, np.nan, 2.0, 3.0, 90.0], [np.nan] * 5], dtype=np.float32)
    found = trimmed(rows)
    assert found[0] == 2.0
    assert np.isnan(found[1])
    assert np.isnan(usual(rows[1:])).all()
    assert np.isnan(trimmed(rows[:, :0])).all()


def test_few_windows_lean_on_all_series() -> None:
    """With 24 windows half by own logarithm, with none wholly by the middle: sqrt(2 x .5) = 1, and .5."""
    found = of_windows(np.array([2.0, 2.0]), np.ones(2), np.array([24.0, 0.0]), middle=0.5)
    assert found == pytest.approx([1.0, 0.5])


def test_the_middle_needs_twelve_series_that_are_parts() -> None:
    """Eleven say nothing; of thirteen, one of them a sum that stands alone, the median of twelve is told."""
    own = np.append(np.full(12, 0.4), 9.0)
    alone = np.append(np.zeros(12, dtype=bool), True)
    windows = np.full(13, 5.0)
    assert middle_ratio(own, np.ones(13), windows, alone=alone) == pytest.approx(0.4)
    assert middle_ratio(own[:11], np.ones(11), windows[:11], alone=alone[:11]) == 0.0
