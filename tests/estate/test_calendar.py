from __future__ import annotations

from datetime import date

import pytest

from finops_lib.estate.calendar import day_number, day_of, months


def test_fourteen_months_end_in_a_partial_one() -> None:
    """August 2025 to September 2026, of which only the last is open."""
    found = months(14, step_hours=24)
    assert [found[0].label, found[-2].label, found[-1].label] == ["2025-08", "2026-08", "2026-09"]
    assert [month.open for month in found] == [False] * 13 + [True]


@pytest.mark.parametrize(("hours", "steps"), [(24, 31), (1, 744)])
def test_a_month_is_cut_into_whole_steps(hours: int, steps: int) -> None:
    """August has 31 days of 24 hours; every step lies on one of its days."""
    august = months(2, step_hours=hours)[0]
    assert len(august.starts) == steps
    assert {day_of(int(day)).month for day in august.days} == {8}


def test_a_day_has_its_number_and_back() -> None:
    """The two are inverse."""
    assert day_of(day_number(date(2026, 2, 28))) == date(2026, 2, 28)


@pytest.mark.parametrize(("count", "hours"), [(0, 24), (1, 12)])
def test_an_impossible_calendar_is_refused(count: int, hours: int) -> None:
    """No months, or steps that are neither an hour nor a day."""
    with pytest.raises(ValueError, match="at least one month"):
        months(count, step_hours=hours)
