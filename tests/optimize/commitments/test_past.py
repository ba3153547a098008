"""Rules are asked of a tenant's own past, if it is long enough."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.optimize.commitments.past import backtest_of, past
from tests.optimize.commitments.conftest import demand_of


def test_a_steady_past_is_kept_nearly_whole() -> None:
    """Two years of days of 10: every rule but four fifths of the mean saves all that was possible."""
    found = past(demand_of(np.full((1, 728), 10.0), step_hours=24), {"a": 0.3}).set_index("rule")
    assert found.loc["predictive", "share_of_optimum"] == pytest.approx(1.0, abs=0.02)
    assert found.loc["quantile_30_days", "share_of_optimum"] == pytest.approx(1.0)
    assert found.loc["mean_30_days", "share_of_optimum"] == pytest.approx(0.8)
    assert (found["origins"] == found["origins"].iloc[0]).all()


def test_a_short_past_has_no_row_and_others_are_not_asked() -> None:
    """Three weeks; a scope without an offer."""
    assert past(demand_of(np.full((1, 21), 10.0), step_hours=24), {"a": 0.3}).empty
    assert past(demand_of(np.full((1, 728), 10.0), step_hours=24), {}).empty
    assert backtest_of(past(demand_of(np.ones((1, 9)), step_hours=24), {"a": 0.3}), ["a"], {}) == {
        "windows": None,
        "share_of_optimum": None,
        "best_other": None,
        "worst_saving": None,
    }
