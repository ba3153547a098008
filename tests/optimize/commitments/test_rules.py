"""Rules see the past alone, and say what a plain second way says."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from finops_lib.optimize.commitments.demand import Demand
from finops_lib.optimize.commitments.rules import RULES, predictive, year

START = datetime(2026, 1, 5, tzinfo=UTC)


def daily(use: np.ndarray) -> Demand:
    return Demand(("vm",), use[None], START, 24, "USD")


def test_rules_of_the_field_look_at_thirty_days() -> None:
    """What lies before them changes nothing."""
    random = np.random.default_rng(2)
    late = random.uniform(5, 9, 30)
    for name in ("quantile_30_days", "minimum_30_days", "mean_30_days"):
        answers = {
            float(RULES[name](daily(np.concatenate([before, late])), np.array([0.3]))[0])
            for before in (np.zeros(50), np.full(50, 99.0))
        }
        assert len(answers) == 1
    both = daily(late), np.array([0.3])
    assert RULES["minimum_30_days"](*both)[0] == late.min()
    assert RULES["mean_30_days"](*both)[0] == pytest.approx(0.8 * late.mean())
    assert RULES["quantile_30_days"](*both)[0] == np.sort(late)[8]  # three in ten are below or at it


def test_ours_on_steady_use_is_what_is_used() -> None:
    """A flat year is committed to whole."""
    assert predictive(daily(np.full(365, 10.0)), np.array([0.3]))[0] == pytest.approx(10.0, rel=0.02)


def test_ours_is_silent_on_a_short_past() -> None:
    """Three weeks are no history."""
    assert np.isnan(predictive(daily(np.full(21, 10.0)), np.array([0.3]))[0])


def test_ours_falls_with_a_falling_use() -> None:
    """At -40 % a year half of the year to come is below 77 % of today: it commits to less."""
    use = 100.0 * 0.6 ** (np.arange(400) / 365)
    level = float(predictive(daily(use), np.array([0.3]))[0])
    assert 0.55 * use[-1] < level < 0.95 * use[-1]


def test_a_year_is_52_weeks() -> None:
    """In days or hours."""
    assert year(daily(np.ones(14))) == 364
    assert year(Demand(("vm",), np.ones((1, 168)), START, 1, "USD")) == 8736
