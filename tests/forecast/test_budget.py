"""Will a budget hold: chances, days and sizes counted by hand, and what must be true of any of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops_lib.errors import CurrencyError, QueryError
from finops_lib.forecast.budget import Burn, burn
from finops_lib.forecast.budget_file import Budget
from finops_lib.records import NoForecast, Period

JULY = Period.month("2026-07")
REST = 11  # days from the 21st to the 31st


def budget_of(amount: str, **changes: Any) -> Budget:
    """Make a monthly budget in euro."""
    fields = {"name": "Web", "owner": "ann", "period": "month", "currency": "EUR"}
    since = datetime(2026, 1, 1, tzinfo=UTC)
    return Budget(**{**fields, "amount": Decimal(amount), "valid_from": since, **changes})


def spent_of(daily: str, *, days: int = 20, first: str = "2026-07-01") -> pd.DataFrame:
    """Spend the same on each day."""
    times = pd.date_range(first, periods=days, freq="D")
    return pd.DataFrame({"time": times, "cost": [Decimal(daily)] * days, "BillingCurrency": "EUR"})


def flat(outlook_of: Any, errors: list[float], *, daily: float = 10.0, **more: Any) -> Any:
    """Forecast the same for each of the eleven days left; each origin erred by one amount on each day."""
    return outlook_of({"a": [daily] * REST}, {"a": [[error] * REST for error in errors]}, **more)


def found_of(answer: Burn | NoForecast) -> Burn:
    """Narrow the type."""
    assert isinstance(answer, Burn)
    return answer


@pytest.mark.usefixtures("plain_intervals")
def test_a_budget_by_hand(outlook_of: Any) -> None:
    """Spent 20 x 10, eleven days to come at 10 and errors -2, 0, 1, 2 a day, against 315."""
    found = found_of(burn(budget_of("315"), spent_of("10"), flat(outlook_of, [-2, 0, 1, 2]), currency="EUR"))
    # What may come: 88, 110, 121, 132; needed for a breach: more than 115. Two of four: (2 + 1/2) / 5.
    assert found.breach_probability == 0.5
    assert found.spent == Decimal(200)
    assert (found.rest.mid, found.landing.mid) == (Decimal("110.00"), Decimal("310.00"))
    # Over by 121 - 115 = 6 and 132 - 115 = 17, so 11.50 if it is, and half of it to be expected.
    assert found.overspend_if_breached == Decimal("11.50")
    assert found.expected_overspend == Decimal("5.75")
    # At 11 a day 115 is passed on the eleventh day (121), at 12 on the tenth (120): 30 and 31 July.
    assert found.expected_date is not None
    assert [found.expected_date.low.day, found.expected_date.mid.day, found.expected_date.high.day] == [
        30,
        30,
        31,
    ]
    assert found.breached_on is None
    # 20 of 31 days are gone, 200 of 315 spent; on the forecast's path 200 of 310 lie before today.
    assert found.elapsed_share == pytest.approx(20 / 31)
    assert found.pace == pytest.approx((200 / 315) / (20 / 31))
    assert found.path_pace == pytest.approx(310 / 315)
    assert "as likely as not (50 %), around 2026-07-30" in found.verdict


@pytest.mark.usefixtures("plain_intervals")
def test_the_path_knows_seasons_where_the_run_rate_does_not(outlook_of: Any) -> None:
    """Half a month dear, the rest cheap and known to be: the run rate cries, the path does not."""
    outlook = flat(outlook_of, [0.0, 0.0], daily=1.0)
    found = found_of(burn(budget_of("211"), spent_of("10"), outlook, currency="EUR"))
    assert found.pace is not None
    assert found.pace > 1.4
    assert found.path_pace == pytest.approx(1.0)
    assert found.breach_probability == 0.0


@pytest.mark.usefixtures("plain_intervals")
@pytest.mark.parametrize(("amount", "chance"), [("309.99", 1.0), ("310.00", 0.0), ("310.01", 0.0)])
def test_without_doubt_the_answer_is_yes_or_no(outlook_of: Any, amount: str, chance: float) -> None:
    """310 for certain: a cent less is a breach on the last day, the amount itself is none."""
    found = found_of(burn(budget_of(amount), spent_of("10"), flat(outlook_of, [0, 0, 0]), currency="EUR"))
    assert found.breach_probability == chance
    assert found.verdict.startswith("A breach is certain" if chance else "A breach is ruled out")
    if chance:
        assert found.expected_date is not None
        assert found.expected_date.low == found.expected_date.high == datetime(2026, 7, 31, tzinfo=UTC)
        assert found.expected_overspend == Decimal("0.01")
    else:
        assert (found.expected_date, found.overspend_if_breached) == (None, None)


@pytest.mark.usefixtures("plain_intervals")
def test_a_budget_passed_already_says_since_when(outlook_of: Any) -> None:
    """10 a day pass 95 on the tenth; a refund that brings it back below is no breach so far."""
    outlook = flat(outlook_of, [-1, 1])
    found = found_of(burn(budget_of("95"), spent_of("10"), outlook, currency="EUR"))
    assert found.breached_on == datetime(2026, 7, 10, tzinfo=UTC)
    assert found.expected_date is None
    assert found.verdict.startswith("Over the budget since 2026-07-10")
    refund = pd.DataFrame({"time": [pd.Timestamp("2026-07-20")], "cost": [Decimal(-150)]})
    back = found_of(burn(budget_of("95"), pd.concat([spent_of("10"), refund]), outlook, currency="EUR"))
    assert (back.spent, back.breached_on) == (Decimal(50), None)
    assert back.expected_date is not None


@pytest.mark.usefixtures("plain_intervals")
def test_only_the_period_up_to_what_is_known_counts_as_spent(outlook_of: Any) -> None:
    """June and days that the outlook still forecasts are left out; unknown costs are counted, not zero."""
    spent = spent_of("10", days=60, first="2026-06-01")
    spent.loc[len(spent)] = [pd.Timestamp("2026-07-05"), None, "EUR"]
    found = found_of(burn(budget_of("315"), spent, flat(outlook_of, [0, 1]), currency="EUR"))
    assert (found.spent, found.unknown) == (Decimal(200), 1)
    assert found.period == JULY


@pytest.mark.usefixtures("plain_intervals")
def test_spent_is_exact_to_the_last_digit(outlook_of: Any) -> None:
    """Three hundred million and a trillionth keep all their digits."""
    exact = "300000000.000000000001"
    spent = pd.DataFrame({"time": [pd.Timestamp("2026-07-02")] * 2, "cost": [Decimal(exact)] * 2})
    found = found_of(burn(budget_of("1000000000"), spent, flat(outlook_of, [0, 1]), currency="EUR"))
    assert found.spent == Decimal("600000000.000000000002")
    assert json.loads(json.dumps(found.to_json()))["spent"] == "600000000.000000000002"


@pytest.mark.usefixtures("plain_intervals")
def test_a_period_to_come_has_nothing_spent_and_starts_later(outlook_of: Any) -> None:
    """Known up to 21 July, asked for August: only August's 31 days count."""
    outlook = outlook_of({"a": [1.0] * REST + [2.0] * 31}, {"a": [[0.0] * 42] * 2})
    found = found_of(
        burn(budget_of("61"), spent_of("10"), outlook, currency="EUR", period=Period.month("2026-08"))
    )
    assert (found.spent, found.rest.mid, found.elapsed_share, found.pace) == (
        Decimal(0),
        Decimal(62),
        0.0,
        None,
    )
    assert found.expected_date is not None
    assert found.expected_date.mid == datetime(2026, 8, 31, tzinfo=UTC)


@pytest.mark.usefixtures("plain_intervals")
def test_a_period_that_is_over_is_certain(outlook_of: Any) -> None:
    """June cost 300: over 299.99, not over 300."""
    spent = spent_of("10", days=30, first="2026-06-01")
    outlook = flat(outlook_of, [-5, 5])
    june = Period.month("2026-06")
    answers = [
        found_of(burn(budget_of(amount), spent, outlook, currency="EUR", period=june))
        for amount in ("299.99", "300")
    ]
    assert [found.breach_probability for found in answers] == [1.0, 0.0]
    assert answers[0].breached_on == datetime(2026, 6, 30, tzinfo=UTC)


@pytest.mark.usefixtures("plain_intervals")
def test_hours_make_days_and_a_month_makes_a_quarter(outlook_of: Any) -> None:
    """The same question in hours and in months."""
    hours = outlook_of(
        {"a": [1.0] * 24}, {"a": [[0.0] * 24] * 2}, step="hour", end=datetime(2026, 7, 31, tzinfo=UTC)
    )
    found = found_of(burn(budget_of("300"), spent_of("10", days=30), hours, currency="EUR"))
    assert found.landing.mid == Decimal(324)
    months = outlook_of(
        {"a": [100.0] * 2}, {"a": [[0.0] * 2] * 2}, step="month", end=datetime(2026, 8, 1, tzinfo=UTC)
    )
    quarter = budget_of("450", period="quarter")
    found = found_of(burn(quarter, spent_of("10", days=31), months, currency="EUR"))
    assert (found.landing.mid, found.breach_probability) == (Decimal(510), 1.0)
    assert found.expected_date is not None
    assert found.expected_date.mid == datetime(2026, 9, 1, tzinfo=UTC)


def test_what_cannot_be_answered_says_why(outlook_of: Any) -> None:
    """A horizon too short, no series with a forecast, no past error: a reason, no number."""
    short = outlook_of({"a": [1.0] * 5}, {"a": [[0.0] * 5] * 2})
    nothing = outlook_of({"a": [1.0] * REST}, {"a": [[0.0] * REST] * 2}, missing={"b": "three days old"})
    cases = [
        (short, None, "ends on 2026-07-26, before the period's end 2026-08-01"),
        (nothing, ["b"], "b: three days old"),
        (nothing, [], "no series is in its scope"),
    ]
    for outlook, series, reason in cases:
        answer = burn(budget_of("9"), spent_of("1"), outlook, currency="EUR", series=series)
        assert isinstance(answer, NoForecast)
        assert answer.path == ("Web",)
        assert reason in answer.reason


@pytest.mark.usefixtures("plain_intervals")
def test_without_any_past_error_there_is_no_chance(outlook_of: Any) -> None:
    """Errors all unknown."""
    answer = burn(budget_of("9"), spent_of("1"), flat(outlook_of, [np.nan]), currency="EUR")
    assert answer == NoForecast(("Web",), "no past error of such a forecast is known")


@pytest.mark.usefixtures("plain_intervals")
def test_a_series_without_forecast_is_named(outlook_of: Any) -> None:
    """The answer covers the others and says what is not in it."""
    outlook = flat(outlook_of, [0, 1], missing={"b": "too new"})
    found = found_of(burn(budget_of("315"), spent_of("10"), outlook, currency="EUR"))
    assert found.without == (NoForecast(("b",), "too new"),)


def test_two_currencies_are_refused(outlook_of: Any) -> None:
    """In the costs, in the outlook, or in the budget: no euro is held against a dollar."""
    outlook = flat(outlook_of, [0, 1])
    mixed = spent_of("1").assign(BillingCurrency=["EUR"] * 19 + ["USD"])
    for budget, spent, currency in (
        (budget_of("9"), mixed, "EUR"),
        (budget_of("9"), spent_of("1"), "USD"),
        (budget_of("9", currency="USD"), spent_of("1"), "EUR"),
    ):
        with pytest.raises(CurrencyError, match="one currency"):
            burn(budget, spent, outlook, currency=currency)


def test_odd_questions_are_refused(outlook_of: Any) -> None:
    """No calendar, ends apart, weeks across the edge, a budget that does not hold, an unknown series."""
    spent = spent_of("1")
    no_calendar = flat(outlook_of, [0, 1], end=None)
    weeks = outlook_of({"a": [1.0] * 5}, {"a": [[0.0] * 5] * 2}, step="week")
    later = budget_of("9", valid_from=datetime(2027, 1, 1, tzinfo=UTC))
    for budget, outlook, rule in (
        (budget_of("9"), no_calendar, "calendar"),
        (budget_of("9"), weeks, "whole steps"),
        (later, flat(outlook_of, [0, 1]), "does not hold"),
    ):
        with pytest.raises(QueryError, match=rule):
            burn(budget, spent, outlook, currency="EUR")
    with pytest.raises(ValueError, match="'z'"):
        burn(budget_of("9"), spent, flat(outlook_of, [0, 1]), currency="EUR", series=["z"])


def test_series_that_end_apart_are_refused(outlook_of: Any) -> None:
    """What is spent and what is to come would overlap for one of them."""
    outlook = outlook_of({"a": [1.0] * REST, "b": [1.0] * REST}, {name: [[0.0] * REST] * 2 for name in "ab"})
    ends = (datetime(2026, 7, 21, tzinfo=UTC), datetime(2026, 7, 20, tzinfo=UTC))
    object.__setattr__(outlook.panel, "ends", ends)
    with pytest.raises(QueryError, match="end from 2026-07-20 to 2026-07-21"):
        burn(budget_of("9"), spent_of("1"), outlook, currency="EUR")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.floats(-9, 30), min_size=2, max_size=12),
    st.decimals("200.01", 600, places=2),
    st.decimals("0.01", 200, places=2),
)
def test_more_budget_is_never_more_likely_breached(
    outlook_of: Any, errors: list[float], amount: Decimal, more: Decimal
) -> None:
    """Chance and expected excess fall with the amount; ends keep their order; the date lies in the rest."""
    outlook = flat(outlook_of, errors)
    small, large = (
        found_of(burn(budget_of(str(one)), spent_of("10"), outlook, currency="EUR"))
        for one in (amount, amount + more)
    )
    assert 0 <= large.breach_probability <= small.breach_probability <= 1
    assert large.expected_overspend <= small.expected_overspend
    for found in (small, large):
        days = found.expected_date
        if days is not None:
            assert datetime(2026, 7, 21, tzinfo=UTC) <= days.low <= days.mid <= days.high < JULY.end


def test_stated_chances_come_true_as_often_as_stated(outlook_of: Any) -> None:
    """Over 400 simulated months the mean chance lies within 5 points of the share breached (1.96 s.e.)."""
    stated, breached = [], []
    for seed in range(400):
        random = np.random.default_rng(seed)
        errors = random.normal(size=(30, REST)).tolist()
        outlook = outlook_of({"a": [10.0] * REST}, {"a": errors})
        room = float(random.normal()) * np.sqrt(REST)
        amount = f"{310 + room:.2f}"
        found = found_of(burn(budget_of(amount), spent_of("10"), outlook, currency="EUR"))
        stated.append(found.breach_probability)
        breached.append(random.normal(size=REST).sum() > room)
    assert abs(np.mean(stated) - np.mean(breached)) < 0.05
    brier = np.mean((np.array(stated) - np.array(breached)) ** 2)
    assert brier < 0.75 * np.mean(breached) * (1 - np.mean(breached))
