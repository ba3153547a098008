"""Past forecasts of a sum: errors and intervals counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from finops_lib.backtest import crps
from finops_lib.forecast.panel import Outlook, Panel
from finops_lib.forecast.track import track


def outlook(errors: Any, values: list[list[float]]) -> Outlook:
    """Make an outlook of one step a season, whose errors are given as [origins, series, horizon]."""
    found = np.asarray(errors, dtype=float)
    names = tuple("ab"[: len(values)])
    panel = Panel(names, tuple(np.array(row) for row in values), "day", 1)
    mid = np.full((len(values), found.shape[2]), 10.0)
    return Outlook(panel, mid, found, np.ones(len(values)), pd.DataFrame(), {})


def test_the_error_is_that_of_the_sum_in_its_own_steps() -> None:
    """Errors of +3 and -1 make 2; the sum moves by 1, 2, 1 from day to day, 4 / 3 in the mean.

    Cut 1 knows all but the last day, so what came is 4 + 8 = 12 and the forecast was 10; cut 2 saw 3 + 8 = 11
    come and had forecast 13. MASE: (2 + 2) / 2 / (4 / 3) = 1.5; bias: (-2 + 2) / 2 = 0; SMAPE: the mean of
    200 * 2 / 22 and 200 * 2 / 24 per cent.
    """
    found = track(
        outlook([[[3.0], [-1.0]], [[-1.0], [-1.0]]], [[1.0, 2.0, 3.0, 4.0], [7.0, 7.0, 8.0, 8.0]]),
        ["a", "b"],
        cuts=[1, 2],
    )
    assert found["mase"] == pytest.approx(1.5)
    assert found["bias"] == 0.0
    assert found["smape"] == pytest.approx((400 / 22 + 400 / 24) / 2)
    assert found["origins"] == 2.0


def test_an_interval_is_made_without_the_origin_that_it_is_judged_by(plain_intervals: None) -> None:
    """Errors 1, 2, 3 and a wild 100: the wild one lies outside what the others make, the others lie in it.

    With plain quantiles of the other errors, 80 %: without 1 the interval is 2.2 to 80.6 around the forecast
    (1 is out); without 2 it is 1.4 to 80.6 (in), without 3 1.2 to 80.4 (in), without 100 1.2 to 2.8 (out).
    """
    errors = [[[1.0]], [[2.0]], [[3.0]], [[100.0]]]
    history = [[float(day) for day in range(1, 9)]]
    found = track(outlook(errors, history), ["a"], cuts=[1, 2, 3, 4])
    assert found["coverage_80"] == 0.5
    samples = [(1.0, [2, 3, 100]), (2.0, [1, 3, 100]), (3.0, [1, 2, 100]), (100.0, [1, 2, 3])]
    expected = np.mean([crps(error, np.array(others, dtype=float)) for error, others in samples])
    assert found["crps"] == pytest.approx(float(expected))


def test_the_width_of_an_interval_is_scored_with_its_misses(plain_intervals: None) -> None:
    """Three errors of 0 and one of 4, steps of 1; only the origin with the 4 misses, by 4 each time.

    Each of the three others has the sample 0, 0, 4, so 0 to 3.2 at 80 %: score 3.2. The last has 0 to 0 and
    misses by 4: 2 / 0.2 * 4 = 40. The mean is (3 * 3.2 + 40) / 4 = 12.4.
    """
    errors = [[[0.0]], [[0.0]], [[0.0]], [[4.0]]]
    history = [[float(day) for day in range(1, 9)]]
    found = track(outlook(errors, history), ["a"], cuts=[1, 2, 3, 4])
    assert found["msis_80"] == pytest.approx(12.4)


def test_what_cannot_be_judged_is_unknown() -> None:
    """No error known, or a history without a step: None, never NaN."""
    found = track(outlook(np.full((2, 1, 1), np.nan), [[1.0, 2.0, 4.0]]), ["a"], cuts=[1, 2])
    assert found["origins"] == 0.0
    assert {value for name, value in found.items() if name != "origins"} == {None}
    constant = track(outlook([[[0.0]], [[1.0]]], [[5.0, 5.0, 5.0]]), ["a"], cuts=[1, 2])
    assert constant["mase"] is None
    assert constant["smape"] is not None
