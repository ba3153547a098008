"""What explains an incident, and what does not although it is near."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops_lib.anomaly.incidents import Incident
from finops_lib.anomaly.suppress import Plan, explained, money_a_day
from finops_lib.anomaly.windows import Window
from tests.anomaly.odd import day, odd, one, team

WEB = {"tag:team": ("web",)}
MOVE = Window("Move", "ann", "new hall", WEB, day(3), day(5))
LAUNCH = Plan("Launch", day(3), amount=Decimal(50), currency="EUR", scope=WEB)


def is_told(incident: Incident, *, windows: tuple[Window, ...] = (), plans: tuple[Plan, ...] = ()) -> bool:
    """Say whether it is left."""
    left, gone = explained([incident], windows=windows, plans=plans)
    assert len(left) + len(gone) == 1
    return left == (incident,)


def test_a_window_explains_what_lies_in_it() -> None:
    """Its name, owner and reason stand beside the incident that it explains."""
    incident = one(odd(labels=team("web")))
    left, (gone,) = explained([incident], windows=[MOVE])
    assert left == ()
    assert (gone.incident, gone.by, gone.name, gone.owner, gone.reason) == (
        incident,
        "window",
        "Move",
        "ann",
        "new hall",
    )


@pytest.mark.parametrize(
    "incident",
    [one(odd(labels=team("api"))), one(odd()), one(odd(first=3, days=3, labels=team("web")))],
    ids=["another team", "the whole bill", "a day longer"],
)
def test_a_window_explains_no_more_than_it_covers(incident: Incident) -> None:
    """Another part, a wider part, or a longer time is told."""
    assert is_told(incident, windows=(MOVE,))


def test_a_window_can_have_a_limit() -> None:
    """40 a day are below 50; 60 are told, and so are dollars beside a limit in euros."""
    capped = Window("Move", "ann", "hall", WEB, day(3), day(5), most=Decimal(50), currency="EUR")
    assert not is_told(one(odd(mid=80, days=2, labels=team("web"))), windows=(capped,))
    assert is_told(one(odd(mid=120, days=2, labels=team("web"))), windows=(capped,))
    assert is_told(one(odd(mid=10, labels=team("web"), unit="USD")), windows=(capped,))


@pytest.mark.parametrize(
    ("incident", "told"),
    [
        (one(odd("level_shift", first=4, mid=62, labels=team("web"))), False),
        (one(odd("level_shift", first=4, mid=63, labels=team("web"))), True),
        (one(odd("level_shift", first=7, mid=50, labels=team("web"))), True),
        (one(odd("level_shift", first=4, mid=-50, labels=team("web"))), True),
        (one(odd("level_shift", first=4, mid=50, labels=team("web"), unit="USD")), True),
        (one(odd("level_shift", first=4, mid=50, labels=team("api"))), True),
    ],
    ids=["a quarter more", "more than that", "late", "a fall", "another currency", "another team"],
)
def test_a_plan_explains_what_was_announced(incident: Incident, told: bool) -> None:
    """50 a day were: 62 are within a quarter, 63 are not; time, direction, currency and part must fit."""
    assert is_told(incident, plans=(LAUNCH,)) is told


def test_the_end_of_a_plan_is_a_fall() -> None:
    """What came with the plan goes with it: 50 less on its last day are expected, 50 more are not."""
    sale = Plan("Sale", day(1), day(10), Decimal(50), "EUR", WEB)
    assert not is_told(one(odd("drop", first=10, mid=-50, labels=team("web"))), plans=(sale,))
    assert is_told(one(odd(first=10, mid=50, labels=team("web"))), plans=(sale,))


def test_a_plan_without_an_amount_explains_any() -> None:
    """Nobody said how much."""
    assert not is_told(one(odd(mid=9999, labels=team("web"))), plans=(Plan("Move", day(3), scope=WEB),))


def test_money_a_day_is_the_impact_over_its_days() -> None:
    """90 in three days."""
    assert money_a_day(one(odd(mid=90, days=3))) == 30
