"""Public holidays: by country and year, and no country that is not known."""

from __future__ import annotations

from datetime import date

import pytest

from finops_lib.cost.public_holidays import public_holidays
from finops_lib.errors import QueryError


def test_each_country_and_year_has_its_own() -> None:
    """October 3 is free in Germany alone, Easter Monday moves; a year that is not asked has none."""
    german = public_holidays("DE", years=[2026, 2026])
    assert {date(2026, 10, 3), date(2026, 4, 6)} <= german
    assert date(2026, 10, 3) not in public_holidays("US", years=[2026])
    assert date(2025, 4, 21) in public_holidays("DE", years=[2025])
    assert {day.year for day in german} == {2026}


@pytest.mark.parametrize("country", ["XX", "de", "Germany", ""])
def test_a_country_that_is_not_known_is_refused(country: str) -> None:
    """Also where no year is asked: a misspelt one would otherwise have no holidays in silence."""
    with pytest.raises(QueryError, match="holidays are known by ISO 3166 code"):
        public_holidays(country, years=[])
