"""Words of a forecast: a chance is never rounded to certainty, sentences carry day and amount."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.forecast.words import breach_text, likelihood, percent, saturation_text

DAYS = (datetime(2026, 7, 20), datetime(2026, 7, 24), datetime(2026, 7, 29))  # noqa: DTZ001 - words only
END = datetime(2026, 8, 1)  # noqa: DTZ001 - words only


@given(st.floats(0, 1))
def test_only_certainty_is_called_certain(chance: float) -> None:
    """0 and 100 per cent, "certain" and "ruled out" are kept for 0 and 1."""
    assert (percent(chance) in {"0 %", "100 %"}) == (chance in {0.0, 1.0})
    assert (likelihood(chance) in {"certain", "ruled out"}) == (chance in {0.0, 1.0})


@pytest.mark.parametrize(
    ("chance", "word"),
    [(0.9, "very likely"), (0.66, "likely"), (0.33, "as likely as not"), (0.1, "unlikely"),
     (0.0999, "very unlikely")],
)  # fmt: skip
def test_words_begin_at_their_bounds(chance: float, word: str) -> None:
    """Each bound belongs to the higher word."""
    assert likelihood(chance) == word


def test_a_breach_in_words() -> None:
    """To come, passed already, and ruled out."""
    more = Decimal("1200")
    assert breach_text(0.95, breached_on=None, dates=DAYS, overspend=more, currency="USD") == (
        "A breach is very likely (95 %), around 2026-07-24 (2026-07-20 to 2026-07-29), "
        "then by about $1,200.00"
    )
    assert breach_text(0.999, breached_on=DAYS[0], dates=None, overspend=more, currency="USD") == (
        "Over the budget since 2026-07-20; at the end by about $1,200.00 with a chance of >99 %"
    )
    assert breach_text(0.2, breached_on=DAYS[0], dates=None, overspend=None, currency="USD") == (
        "Over the budget since 2026-07-20"
    )
    assert breach_text(0.3, breached_on=None, dates=DAYS, overspend=None, currency="USD").endswith("29)")
    assert breach_text(0.0, breached_on=None, dates=None, overspend=None, currency="USD") == (
        "A breach is ruled out"
    )


def test_a_limit_in_words() -> None:
    """Now, about a day with its range, and not within the horizon."""
    early, median, late = DAYS
    said = [
        saturation_text(0.0, exceeded=True, early=early, median=early, late=early, end=END),
        saturation_text(0.05, exceeded=False, early=early, median=median, late=late, end=END),
        saturation_text(0.4, exceeded=False, early=early, median=median, late=None, end=END),
        saturation_text(0.97, exceeded=False, early=None, median=None, late=None, end=END),
    ]
    assert said == [
        "The limit is exceeded now",
        "Exceeded about 2026-07-24 (80 %: 2026-07-20 to 2026-07-29)",
        "Exceeded about 2026-07-24 (80 %: 2026-07-20 to after 2026-08-01)",
        "Not exceeded before 2026-08-01 with a chance of 97 %",
    ]
