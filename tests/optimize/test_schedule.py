"""A schedule is learned from weeks, judged on the newest one, and worth a fifth of the hours."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.optimize.rightsize.paid import Paid
from finops_lib.optimize.schedule import Runs, hours_on, plan, schedules
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import NoRecommendation, Recommendation

MONDAY = datetime(2026, 8, 3, tzinfo=UTC)
PAID = Paid("USD", (Decimal(24),) * 28)  # 730 a month


def _office(weeks: int = 4) -> FloatArray:
    """Used from 8 to 18 on working days, quiet at night and on the weekend."""
    day = np.full(24, 0.2)
    day[8:18] = 5.0
    week = np.concatenate([np.tile(day, 5), np.full(48, 0.2)])
    return np.tile(week, weeks)


def _asked(
    level: FloatArray, *, start: datetime = MONDAY, paid: Paid | None = PAID
) -> list[Recommendation | NoRecommendation]:
    return schedules([Runs("i-1", level, paid, "web")], start=start)


def test_office_hours_are_found() -> None:
    """12 of 24 hours on five days are needed, 60 of 168: 108/168 of 730 are saved."""
    [found] = _asked(_office())
    assert isinstance(found, Recommendation)
    assert found.to == {"on": "working days 07:00 to 19:00 UTC"}
    assert (found.from_, found.breach_probability) == ({"on": "always"}, 0.0)
    assert found.saving_month.mid == Decimal("469.29")


def test_the_first_hour_of_the_window_may_be_any() -> None:
    """A window that begins on Thursday at 5 tells the same hours."""
    start = datetime(2026, 8, 6, 5, tzinfo=UTC)
    [found] = _asked(np.roll(_office(), -(3 * 24 + 5)), start=start)
    assert isinstance(found, Recommendation)
    assert found.to == {"on": "working days 07:00 to 19:00 UTC"}


def test_a_saturday_is_its_own_stretch() -> None:
    """An hour of use on Saturday makes three hours on both days of the weekend."""
    level = _office()
    level[5 * 24 + 10] = 5.0
    assert plan(level, first_hour=0).told == "working days 07:00 to 19:00, weekend 09:00 to 12:00 UTC"


def test_a_newest_week_that_woke_stops_it() -> None:
    """Night work in 6 of the 108 hours off, in the week that the plan did not see, is 6 %: no schedule."""
    level = _office()
    level[-168:-162] = 5.0
    assert _asked(level) == [
        NoRecommendation(
            "i-1", "schedule", "in the newest week it was used in 6% of the hours that were quiet before"
        )
    ]


def test_hours_in_which_it_was_off_save_nothing() -> None:
    """What is stopped at night already has nothing to stop: no answer is needed."""
    level = _office()
    level[level < 1] = np.nan
    assert _asked(level) == []


@pytest.mark.parametrize("level", [np.full(672, 5.0), np.full(672, 0.1), np.full(672, np.nan)])
def test_what_is_always_or_never_used_has_no_schedule(level: FloatArray) -> None:
    """Always used: no hour is free. Never used: that is idle, not a schedule. Unseen: nothing is known."""
    assert _asked(level) == []


def test_two_weeks_are_too_few() -> None:
    """Two weeks may be a holiday."""
    assert _asked(_office(2)) == [
        NoRecommendation("i-1", "schedule", "2.0 weeks of use are known, 3 are needed for a schedule")
    ]


@pytest.mark.parametrize(
    ("paid", "reason"),
    [
        (None, "its cost is not known: a saving cannot be told"),
        (Paid("USD", (Decimal(0),) * 9), "it cost nothing in these days: there is no price to save at"),
    ],
)
def test_without_a_price_nothing_is_saved(paid: Paid | None, reason: str) -> None:
    """A price of zero or none is named."""
    assert _asked(_office(), paid=paid) == [NoRecommendation("i-1", "schedule", reason)]


def test_a_database_that_few_ask_at_night_is_not_off() -> None:
    """At night it is quiet, but at a fifth of its own peak: somebody asks it, and it has no schedule."""
    day = np.full(24, 0.3)
    day[8:18] = 1.5
    assert _asked(np.tile(day, 28)) == []


@given(st.sets(st.integers(0, 167), min_size=1))
def test_words_of_a_plan_name_its_hours(used: set[int]) -> None:
    """Whatever hours are used: what is told reads back as what is needed."""
    level = np.full(168, 0.1)
    level[sorted(used)] = 5.0
    week = plan(level, first_hour=0)
    found = hours_on(week.told)
    assert found is not None
    assert found.tolist() == week.needed.tolist()


@pytest.mark.parametrize("told", ["", "never", " UTC", "always", "working days 7:00 to 9:00 UTC", "UTC\n"])
def test_words_that_name_no_hours(told: str) -> None:
    """Other words are no plan."""
    assert hours_on(told) is None
