"""When is more of the same trouble news."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops_lib.anomaly.growth import Size, grew
from finops_lib.anomaly.priority import priority
from tests.anomaly.odd import day, odd, one

TOLD = Size(Decimal(20), Decimal(20), 1, "EUR")


@pytest.mark.parametrize(
    ("money", "days", "news"),
    [(40, 2, False), (118, 2, False), (120, 2, True), (60, 8, True), (59, 8, False), (140, 7, False)],
)
def test_three_times_as_much_is_news_by_the_day_or_after_a_week(money: int, days: int, news: bool) -> None:
    """Told as 20 in one day: 60 a day is news at once, 60 in all once it lasted a week longer."""
    assert grew(TOLD, Size(Decimal(money), Decimal(money) / days, days, "EUR")) is news
    fallen = Size(-TOLD.money, -TOLD.daily, 1, "EUR")
    assert grew(fallen, Size(-Decimal(money), -Decimal(money) / days, days, "EUR")) is news


def test_another_currency_or_direction_is_no_growth() -> None:
    """Neither can be held against what was told."""
    assert not grew(TOLD, Size(Decimal(900), Decimal(900), 1, "JPY"))
    assert not grew(TOLD, Size(Decimal(-900), Decimal(-900), 1, "EUR"))


def test_the_size_is_that_of_the_incident_and_comes_back_from_json() -> None:
    """90 in three days are 30 a day."""
    incident = one(odd(mid=90, days=3))
    size = Size.of(incident, priority(incident, now=day(6)))
    assert size == Size(Decimal(90), Decimal(30), 3, "EUR")
    assert Size.from_json(size.to_json()) == size
