"""The forecast of a lake: parts add up to the cent, months to what is spent, and the past is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops_lib.cost.spend import spend
from finops_lib.forecast.tree import WHOLE
from finops_lib.records import Forecast, Period
from finops_lib.run.forecasting import NAIVE, OURS, RUN_RATE, Numbers
from finops_lib.run.looking import Asked, look_ahead
from finops_lib.run.watched import Files
from tests.run.lakes import desk_of, lake_of, lines


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Numbers:
    """Forecast July and some days of August of the small lake, from the end of June on."""
    desk = desk_of(lake_of(tmp_path_factory.mktemp("numbers") / "bill", lines()))
    asked = Asked(("tag:team", "ServiceCategory"), 40, 0.8, 10)
    found: Numbers = look_ahead(desk, Numbers, asked=asked, files=Files())
    return found


def test_parts_add_up_to_the_cent_at_every_level(numbers: Numbers) -> None:
    """Services to their team, teams to the whole; no interval is turned round."""
    mids = {node: found.amount.mid for node, found in numbers.answers.items() if isinstance(found, Forecast)}
    assert set(mids) == set(numbers.answers)
    for node, mid in mids.items():
        below = numbers.tree.parts(node)
        assert not below or sum(mids[part] for part in below) == mid
    assert all(
        found.amount.low <= found.amount.mid <= found.amount.high
        for found in numbers.answers.values()
        if isinstance(found, Forecast)
    )


def test_the_forecast_follows_the_week_and_the_level(numbers: Numbers) -> None:
    """July has 23 weekdays of 16 to 17 and 8 days of weekend of 10 to 11, seven parts each."""
    period, spent, rest = numbers.months[0]
    assert (period, spent) == (Period.month("2026-07"), Decimal(0))
    assert isinstance(rest, Forecast)
    assert 7 * (23 * 15 + 8 * 9) < float(rest.amount.mid) < 7 * (23 * 18 + 8 * 12)
    assert len(numbers.months) == 1  # August is not reached to its end


def test_what_was_spent_before_is_exact(numbers: Numbers) -> None:
    """The forty days before July are May 22 to June 30: the sum of their charges, to the digit."""
    days = spend(numbers.desk.engine, grain="day")
    late = days[days["time"] >= "2026-05-22"]
    assert len(late) == 40
    assert numbers.before() == sum(late["cost"])


def test_a_longer_time_than_is_known_has_no_before(numbers: Numbers) -> None:
    """122 days are known; half of a longer time would not be comparable."""
    asked = Asked(("tag:team",), 123, 0.8, 5)
    assert (
        Numbers(numbers.desk, asked, numbers.cut, numbers.watch, numbers.base, numbers.beside).before()
        is None
    )


def test_the_back_test_stands_beside_the_forecast(numbers: Numbers) -> None:
    """The whole and each team have the models' errors; ours against the run rate is their ratio."""
    for node in (WHOLE, ("web",), ("ml",)):
        errors = numbers.accuracy(node).set_index("model")["mase"]
        assert {OURS, NAIVE, RUN_RATE} <= set(errors.index)
        assert numbers.against_run_rate(node) == pytest.approx(errors[OURS] / errors[RUN_RATE])
    assert 0 < (numbers.past["origins"] or 0) <= len(numbers.cuts)
    whole = numbers.answers[WHOLE]
    assert isinstance(whole, Forecast)
    assert numbers.past["mase"] == pytest.approx(whole.mase)


def test_what_drives_the_forecast_adds_up_to_it(numbers: Numbers) -> None:
    """From the run rate to what the models see: nothing is left over."""
    driven = numbers.drivers()
    whole = numbers.answers[WHOLE]
    assert isinstance(whole, Forecast)
    assert driven["amount"].sum() == pytest.approx(float(whole.amount.mid), abs=0.01)
    assert driven["part"].iloc[0] == "run rate"


def test_replayed_budgets_are_of_every_group(numbers: Numbers) -> None:
    """Four series, two groups of several and the whole, each at the same past days: as many cases as both."""
    assert numbers.replays.cases % 6 == 0
    assert numbers.replays.cases > 0
    assert numbers.at_stake() is None
