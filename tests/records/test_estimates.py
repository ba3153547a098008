"""Estimates and forecasts become JSON and come back, and refuse what cannot be."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from finops_lib.records import Estimate, Forecast, NoForecast, Period

AMOUNT = Estimate(Decimal("-1.50"), Decimal("0.10"), Decimal("12345678901234567.89"), 0.8, "EUR")


@pytest.mark.parametrize("period", [Period.month("2026-07"), None])
def test_a_forecast_comes_back_from_its_json_unchanged(period: Period | None) -> None:
    """Interval, period, measures and the parts left out survive text; what was not measured stays None."""
    left_out = (NoForecast(("web", "new"), "three days of history"),)
    found = Forecast(("web",), period, AMOUNT, "mint", 0.81, 0.7, without=left_out)
    again = Forecast.from_json(json.loads(json.dumps(found.to_json())))
    assert again == found
    assert (again.vs_seasonal_naive, again.without[0].path) == (None, ("web", "new"))
    assert again.id == found.id != Forecast(("web",), period, AMOUNT, "mint").id


def test_an_estimate_and_no_forecast_come_back_from_json() -> None:
    """All digits of the ends, the level and the unit; the path as a tuple."""
    assert Estimate.from_json(json.loads(json.dumps(AMOUNT.to_json()))) == AMOUNT
    reason = NoForecast(("a", "b"), "a gap")
    assert NoForecast.from_json(json.loads(json.dumps(reason.to_json()))) == reason


@pytest.mark.parametrize(
    ("ends", "level", "rule"),
    [
        (("2", "1", "3"), 0.8, "between low and high"),
        (("1", "3", "2"), 0.8, "between low and high"),
        (("1", "NaN", "2"), 0.8, "is a number"),
        (("1", "2", "Infinity"), 0.8, "is a number"),
        (("1", "2", "3"), 80.0, "between 0 and 1"),
        (("1", "2", "3"), 0.0, "between 0 and 1"),
        (("1", "2", "3"), float("nan"), "between 0 and 1"),
    ],
)
def test_an_estimate_that_cannot_be_is_wrong_code(ends: tuple[str, ...], level: float, rule: str) -> None:
    """The ends have an order, are numbers, and the level is a share of one."""
    low, mid, high = (Decimal(text) for text in ends)
    with pytest.raises(ValueError, match=rule):
        Estimate(low, mid, high, level, "EUR")


def test_a_measure_that_is_no_number_is_wrong_code() -> None:
    """A forecast without a back-test says None, never NaN."""
    with pytest.raises(ValueError, match="is None"):
        Forecast((), None, AMOUNT, "mint", mase=float("nan"))
