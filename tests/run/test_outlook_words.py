"""The words of a forecast: lines and sentences, with what is unknown said and not made up."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from finops_lib.forecast.budget import Burn, Days
from finops_lib.forecast.saturation import Saturation
from finops_lib.records import Estimate, Forecast, NoForecast, Period
from finops_lib.run.outlook_words import (
    BUDGET_COLUMNS,
    LIMIT_COLUMNS,
    budget_line,
    called,
    coming,
    days_text,
    ends,
    held,
    limit_line,
    short,
)

JULY = Period.month("2026-07")
DAYS = tuple(datetime(2026, 7, day, tzinfo=UTC) for day in (20, 24, 29))
AMOUNT = Estimate(Decimal("900.10"), Decimal("1000.20"), Decimal("1200.30"), 0.8, "EUR")
WHOLE = Forecast((), JULY, AMOUNT, "wls", coverage_backtest=0.75, mase=1.23456, vs_seasonal_naive=0.9)


def burn_of(**changes: object) -> Burn:
    """Make the burn of a budget of 1,100."""
    fields = {
        "budget": "Web", "owner": "ann", "period": JULY, "amount": Decimal(1100), "currency": "EUR",
        "known_until": DAYS[0], "spent": Decimal("600.005"), "unknown": 0, "rest": AMOUNT, "landing": AMOUNT,
        "breach_probability": 0.25678, "breached_on": None, "expected_date": Days(*DAYS),
        "overspend_if_breached": Decimal("50.5"), "expected_overspend": Decimal(12), "elapsed_share": 1 / 3,
        "spent_share": Decimal("0.55"), "path_share": None, "pace": 1.65, "path_pace": 0.987654,
        "without": (),
        "verdict": "A breach is unlikely (26 %)",
    }  # fmt: skip
    return Burn(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_budget_fills_its_columns() -> None:
    """Amounts exact, the chance in per cent, the days with their range."""
    line = dict(zip(BUDGET_COLUMNS, budget_line(burn_of()), strict=True))
    assert line["Period"] == "2026-07"
    assert (line["Spent"], line["Mid"], line["Overspend"]) == (
        Decimal("600.005"),
        AMOUNT.mid,
        Decimal("50.5"),
    )
    assert (line["Breach"], line["Pace"]) == ("26 %", 0.99)
    assert line["Expected"] == "2026-07-24 (07-20 to 07-29)"


def test_a_budget_is_called_by_its_period() -> None:
    """The months of a quarter are both named; those of a month once."""
    quarter = Period(JULY.start, Period.month("2026-09").end)
    assert (called(burn_of()), called(burn_of(period=quarter))) == ("Web, 2026-07", "Web, 2026-07 to 2026-09")


def test_a_budget_that_is_passed_says_since_when() -> None:
    """The day is known; what cannot be over has no overspend, which is not unknown."""
    passed = burn_of(breached_on=DAYS[0], expected_date=None, overspend_if_breached=None)
    line = dict(zip(BUDGET_COLUMNS, budget_line(passed), strict=True))
    assert (line["Expected"], line["Overspend"]) == ("since 2026-07-20", "")
    nothing = dict(zip(BUDGET_COLUMNS, budget_line(NoForecast(("Web",), "too short")), strict=True))
    assert (nothing["Breach"], nothing["Expected"], nothing["Amount"]) == ("unknown", "too short", None)
    assert days_text(None) == ""


def test_the_days_of_a_breach_are_as_short_as_they_can_be() -> None:
    """One day is one date; the year is written twice where it turns."""
    assert days_text(Days(DAYS[0], DAYS[0], DAYS[0])) == "2026-07-20"
    turned = Days(DAYS[0], DAYS[1], DAYS[2].replace(year=2027))
    assert days_text(turned) == "2026-07-24 (2026-07-20 to 2027-07-29)"


def saturation_of(**changes: object) -> Saturation:
    """Make the answer for a disk."""
    fields = {
        "name": "Disk", "unit": "GiB", "limit": 1234567.0, "now": 3.5, "known_until": DAYS[0], "ends": DAYS,
        "chances": (0.1, 1 / 3, 0.6), "early": DAYS[0], "median": DAYS[2], "late": None, "beyond": 0.4,
        "paths": 9, "verdict": "words",
    }  # fmt: skip
    return Saturation(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_limit_fills_its_columns() -> None:
    """Numbers in the limit's own unit; a day beyond the forecast is empty, a use that is a gap unknown."""
    line = dict(zip(LIMIT_COLUMNS, limit_line(saturation_of()), strict=True))
    assert (line["Amount"], line["Now"], line["Exceeded"]) == ("1.23457e+06", "3.5", "60 %")
    assert (line["Early"], line["Late"], line["Reason"]) == ("2026-07-20", "", "")
    assert limit_line(saturation_of(now=None))[2] is None
    assert limit_line(NoForecast(("Disk",), "no use"))[-1] == "no use"


def test_parts_without_a_forecast_are_said_beside_it() -> None:
    """The amount is too low by them, so the cell for reasons is not empty."""
    partly = Forecast((), JULY, AMOUNT, "wls", without=(NoForecast(("x",), "it has no value"),))
    assert ends(partly)["Reason"] == "without 1 of its parts, which have no forecast: it has no value"


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (Decimal(800), "about €1,000 (80 %: €900 to €1,200), +25.0 % against as many days before."),
        (None, "about €1,000 (80 %: €900 to €1,200)."),
        (Decimal(0), "about €1,000 (80 %: €900 to €1,200)."),
    ],
)
def test_what_comes_is_one_sentence(before: Decimal | None, said: str) -> None:
    """Against what came before where that is known and not nothing."""
    assert coming(WHOLE, before=before) == f"The 31 days from 2026-07-01 will cost {said}"


def test_the_answer_is_short_enough_for_a_list_of_reports() -> None:
    """Middle and interval, without cents."""
    assert short(WHOLE) == "€1,000 (€900 to €1,200)"


def test_small_amounts_keep_their_cents() -> None:
    """Below a hundred, cents are most of what there is to say; without a calendar there is no day."""
    small = Forecast((), None, Estimate(Decimal("1.25"), Decimal("2.5"), Decimal(3), 0.8, "EUR"), "wls")
    assert coming(small, before=None) == "What is to come will cost about €2.50 (80 %: €1.25 to €3.00)."
    assert coming(NoForecast((), "too short"), before=None) == "There is no forecast: too short."


def test_the_past_is_told_as_far_as_it_is_known() -> None:
    """Origins, both plain methods and coverage; or that there is nothing to judge by."""
    past = {"origins": 6.0, "coverage_80": 0.81}
    assert held(past, WHOLE, 0.7) == (
        "Forecasts repeated with what was known then: 6; their error was 0.90 of that of seasonal naive, "
        "0.70 of that of the run rate, 80 % intervals held on 81 % of days."
    )
    bare = Forecast((), JULY, AMOUNT, "wls")
    assert held({"origins": 1.0}, bare, None) == "Forecasts repeated with what was known then: 1."
    assert held({}, WHOLE, None) == "No past forecast can be judged: the history is too short."
