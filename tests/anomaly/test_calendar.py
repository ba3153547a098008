"""Special days: edges of months and holidays, and an unknown country refused."""

from __future__ import annotations

from datetime import date

import pytest

from finops_lib.anomaly.calendar import HOLIDAY, day_kinds
from finops_lib.errors import QueryError


def test_edges_of_months() -> None:
    """The last of a leap February and the first of March are special."""
    assert day_kinds(date(2024, 2, 27), 5).tolist() == [0, 0, 2, 1, 0]


def test_a_holiday_counts_before_an_edge() -> None:
    """The first of January is a holiday where holidays are known, else a first of a month."""
    assert day_kinds(date(2026, 1, 1), 1, country="DE").tolist() == [HOLIDAY]
    assert day_kinds(date(2026, 1, 1), 1).tolist() == [1]


def test_each_year_has_its_own_holidays() -> None:
    """Easter Monday is on another day each year: 6 April 2026, 29 March 2027."""
    for day in (date(2026, 4, 6), date(2027, 3, 29)):
        assert day_kinds(day, 1, country="DE").tolist() == [HOLIDAY]


def test_an_unknown_country_is_refused() -> None:
    """The error names the value and a remedy."""
    with pytest.raises(QueryError, match=r"'Atlantis'.*write DE"):
        day_kinds(date(2026, 1, 1), 3, country="Atlantis")


def test_no_days_are_no_answer() -> None:
    """Nothing asked, nothing told."""
    assert day_kinds(date(2026, 1, 1), 0, country="US").tolist() == []
