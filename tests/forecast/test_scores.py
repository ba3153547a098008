"""How good were forecasts of a sum: coverage, scaled error and seasonal naive by hand."""

from __future__ import annotations

from typing import Any

import pytest

from finops_lib.forecast.scores import scores


@pytest.mark.usefixtures("plain_intervals")
def test_scores_by_hand(outlook_of: Any) -> None:
    """Two series whose errors partly cancel, seven-day seasons, origins 2 and 4 days before the end."""
    history = [float(day % 7) for day in range(21)]
    history[19] += 6  # one day differs from its weekday
    outlook = outlook_of(
        {"a": [5.0, 5.0], "b": [5.0, 5.0]},
        {"a": [[2.0, 2.0], [4.0, -4.0]], "b": [[-1.0, 1.0], [0.0, 0.0]]},
        values={"a": history, "b": [0.0] * 21},
    )
    found = scores(outlook, ["a", "b"], level=0.8, cuts=[2, 4])
    # Sums err by 1, 3, 4, -4: 3 in the mean. One of 14 seasonal steps is 6, the others 0.
    assert found["mase"] == pytest.approx(3 / (6 / 14))
    # The first origin forecasts days 19 and 20 and misses one by 6, the other 17 and 18: 6 over four days.
    assert found["vs_seasonal_naive"] == pytest.approx(3 / 1.5)
    assert found["coverage_backtest"] is None  # two origins: one other is no interval


@pytest.mark.usefixtures("plain_intervals")
def test_coverage_counts_sums_within_what_the_others_make(outlook_of: Any) -> None:
    """Errors -10, -1, 0, 1, 10: without itself each of the middle three is inside, the two ends are not."""
    outlook = outlook_of({"a": [5.0]}, {"a": [[-10.0], [-1.0], [0.0], [1.0], [10.0]]})
    assert scores(outlook, ["a"], level=0.8)["coverage_backtest"] == pytest.approx(3 / 5)


@pytest.mark.usefixtures("plain_intervals")
def test_what_is_not_known_is_none(outlook_of: Any) -> None:
    """No error, a history shorter than a season, a constant one: no measure, never NaN."""
    nan = float("nan")
    outlook = outlook_of({"a": [5.0]}, {"a": [[nan], [nan]]})
    nothing = {"coverage_backtest": None, "mase": None, "vs_seasonal_naive": None}
    assert scores(outlook, ["a"], level=0.8, cuts=[1, 2]) == nothing
    short = outlook_of({"a": [5.0]}, {"a": [[1.0]]})
    assert scores(short, ["a"], level=0.8, cuts=[1]) == nothing
    constant = outlook_of({"a": [5.0]}, {"a": [[1.0]]}, values={"a": [3.0] * 30})
    assert scores(constant, ["a"], level=0.8, cuts=[1]) == nothing


@pytest.mark.usefixtures("plain_intervals")
def test_only_the_steps_asked_for_are_summed(outlook_of: Any) -> None:
    """The second step alone holds in all cases, both together do not."""
    errors = [[-30.0, 1.0], [0.0, 1.0], [30.0, 1.0]]
    outlook = outlook_of({"a": [5.0, 5.0]}, {"a": errors})
    assert scores(outlook, ["a"], level=0.8, steps=range(1, 2))["coverage_backtest"] == 1.0
    assert scores(outlook, ["a"], level=0.8)["coverage_backtest"] == pytest.approx(1 / 3)
