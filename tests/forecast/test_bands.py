"""What stands on the pictures: bands of each step's own sum, and a budget's sum as it grows."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from finops_lib.forecast.bands import bands, burned, history
from finops_lib.forecast.budget import Burn, burn
from finops_lib.forecast.budget_file import Budget


def test_history_ends_where_the_forecast_begins(outlook_of: Any) -> None:
    """Three days up to 20 July, then 21 July on; the sum of two series, the younger one nothing before."""
    outlook = outlook_of(
        {"a": [1.0, 1], "b": [1.0, 1]}, {"a": [[0.0] * 2] * 2, "b": [[0.0] * 2] * 2},
        values={"a": [1.0, 2, 3], "b": [10.0]},
    )  # fmt: skip
    past = history(outlook, series=["a", "b"])
    assert past["value"].tolist() == [1.0, 2.0, 13.0]
    assert past["time"].tolist() == list(pd.date_range("2026-07-18", periods=3))
    assert bands(outlook, series=["a", "b"])["time"].tolist() == list(pd.date_range("2026-07-21", periods=2))


@pytest.mark.usefixtures("plain_intervals")
def test_bands_are_those_of_each_step(outlook_of: Any) -> None:
    """Errors of -2 to 2 on the first step and none on the second: quartiles one below and one above."""
    outlook = outlook_of({"a": [10.0, 20.0]}, {"a": [[float(error), 0.0] for error in range(-2, 3)]})
    frame = bands(outlook, series=["a"], levels=(0.5,))
    assert frame["mid"].tolist() == [10.0, 20.0]
    assert (frame["low_50"].tolist(), frame["high_50"].tolist()) == ([9.0, 20.0], [11.0, 20.0])


@pytest.mark.usefixtures("plain_intervals")
def test_a_budgets_sum_grows_from_spent_to_landing(outlook_of: Any) -> None:
    """20 days of 10 are known; the line goes on from 200 and ends where the answer's landing is."""
    days = pd.date_range("2026-07-01", periods=20)
    spent = pd.DataFrame({"time": days, "cost": [Decimal(10)] * 19 + [None]})
    outlook = outlook_of({"a": [10.0] * 11}, {"a": [[-1.0] * 11, [0.0] * 11, [1.0] * 11]})
    budget = Budget("B", "ann", "month", Decimal(320), "EUR", datetime(2026, 1, 1, tzinfo=UTC))
    found = burn(budget, spent, outlook, currency="EUR")
    assert isinstance(found, Burn)
    frame = burned(found, spent, outlook, series=["a"])
    known = frame[frame["spent"].notna()]
    assert known["spent"].tolist() == [*(10.0 * day for day in range(20)), 190.0]
    assert known["mid"].iloc[-1] == 190.0
    assert known["time"].iloc[-1] == pd.Timestamp("2026-07-21")
    last = frame.iloc[-1]
    assert last["time"] == pd.Timestamp("2026-08-01")
    ends = [float(end) for end in (found.landing.low, found.landing.mid, found.landing.high)]
    np.testing.assert_allclose([last["low"], last["mid"], last["high"]], ends, atol=0.005)
    assert (np.diff(frame["mid"].dropna()) > 0).all()


def test_a_picture_over_time_needs_a_calendar(outlook_of: Any) -> None:
    """Series without times cannot be drawn."""
    outlook = outlook_of({"a": [1.0]}, {"a": [[0.0]] * 2}, end=None)
    with pytest.raises(ValueError, match="calendar"):
        bands(outlook, series=["a"])
