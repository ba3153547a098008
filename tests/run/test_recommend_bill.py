"""The bill says what a resource is, what each day cost, and what it was before it was renewed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.records import Period
from finops_lib.run.recommend_bill import (
    FUNCTION,
    MACHINE,
    VOLUME,
    Billed,
    billed,
    complete_days,
    days_of,
    own_snapshots,
    tags_of,
)
from tests.run.sizedlakes import ARN, BUSY, DAYS, END, GONE, NEW, OLD, SIZE, START, lake_of, line
from tests.run.sizedlakes import FUNCTION as MAIL
from tests.run.sizedlakes import VOLUME as DISK

JULY = Period(START, END)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Billed]:
    lake = lake_of(tmp_path_factory.mktemp("bill") / "x")
    with Engine(lake) as engine:
        return billed(engine, period=JULY)


def test_kind_size_and_place_are_those_of_the_leading_meter(found: dict[str, Billed]) -> None:
    """A machine is known by its hours, though its traffic costs more; a volume and a function by theirs."""
    busy = found[BUSY]
    assert (busy.kind, busy.size, busy.region, busy.provider) == (MACHINE, "m5.xlarge", "us-east-1", "aws")
    assert sum(cost for cost, _, _ in busy.days.values()) == Decimal("4.608") * DAYS
    assert (found[DISK].kind, found[MAIL].kind) == (VOLUME, FUNCTION)


def test_a_renewed_machine_is_one_with_what_it_was(found: dict[str, Billed]) -> None:
    """The new id has the days of both; the old one is no resource of its own."""
    assert OLD not in found
    assert found[NEW].follows == (f"{ARN}{OLD}",)
    assert len(found[NEW].days) == DAYS
    assert found[NEW].owner == "ml"


def test_what_just_ended_follows_nobody(found: dict[str, Billed]) -> None:
    """Its tags are its own: no other machine began where it ended."""
    assert found[GONE].follows == ()
    assert max(found[GONE].days) == date(2026, 7, 3)


def test_two_that_could_both_be_the_new_one_are_not_guessed(tmp_path: Path) -> None:
    """One ends and two alike begin: who follows whom cannot be told."""
    ids = ("i-0ccccccc1", "i-0ccccccc2", "i-0ccccccc3")
    lines = [
        line(day, f"{ARN}{name}", SIZE, "1")
        for name, days in zip(ids, (range(3), range(3, 6), range(3, 6)), strict=True)
        for day in days
    ]
    with Engine(lake_of(tmp_path / "x", lines=lines)) as engine:
        told = billed(engine, period=JULY)
    assert {name: told[name].follows for name in ids} == dict.fromkeys(ids, ())


def test_a_day_off_costs_nothing_and_a_day_that_is_not_whole_does_not_count() -> None:
    """Of four complete days from its first on, one has no charge; the one before it began is not its own."""
    days = {date(2026, 7, day): (Decimal(2), Decimal(1), Decimal(3)) for day in (2, 4, 5)}
    item = Billed("a", MACHINE, "aws", "r", "1", "m", "s", {}, "USD", days)
    paid = item.paid([date(2026, 7, day) for day in (1, 2, 3, 4)])
    assert paid is not None
    assert (paid.days, paid.committed, paid.listed) == (
        (Decimal(2), Decimal(0), Decimal(2)),
        Decimal(2),
        Decimal(6),
    )


def test_two_currencies_or_an_unknown_list_price_are_not_added() -> None:
    """A cost in two currencies is no cost; a list price that one day lacks is unknown."""
    day = date(2026, 7, 1)
    lines = {day: (Decimal(2), Decimal(0), None)}
    assert Billed("a", MACHINE, "aws", "r", "1", "m", "s", {}, "", lines).paid([day]) is None
    paid = Billed("a", MACHINE, "aws", "r", "1", "m", "s", {}, "USD", lines).paid([day])
    assert paid is not None
    assert paid.listed is None


def test_a_month_of_ones_own_machine_is_thirty_equal_days() -> None:
    """91.25 in each of two months are 3 a day."""
    days = {date(2026, month, 1): (Decimal("91.25"), Decimal(0), None) for month in (7, 8)}
    paid = Billed("a", "own machine", "", "r", "", "", "", {}, "EUR", days).own_month()
    assert paid is not None
    assert paid.month == Decimal("91.25")


def test_commitments_and_sizes_are_read_from_the_lines(tmp_path: Path) -> None:
    """Of 4 a day 3 are paid for by a commitment; a size is written in full; Windows is a licence."""
    lines = [
        line(0, "db-x", "InstanceUsage:db.m6g.2xl", "3", PricingCategory="Committed"),
        line(0, "db-x", "InstanceUsage:db.m6g.2xl", "1", SkuPriceId="other"),
        line(
            0, "db-x", "InstanceUsage:db.m6g.2xl", "0", ChargeDescription="m6g Windows hours", SkuPriceId="z"
        ),
    ]
    used = {("db-x", "cpu"): __import__("numpy").ones(504)}
    with Engine(lake_of(tmp_path / "x", lines=lines, used=used)) as engine:
        item = billed(engine, period=JULY)["db-x"]
    assert item.size == "db.m6g.2xlarge"
    assert item.days[date(2026, 7, 1)][:2] == (Decimal(4), Decimal(3))


def test_whole_days_end_with_the_bill() -> None:
    """A bill that reaches the 3rd with the 2nd still filling up has two whole days; no bill has none."""
    window = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 5, tzinfo=UTC)
    days = complete_days(*window, reach=date(2026, 7, 3), incomplete=[date(2026, 7, 2)])
    assert days == [date(2026, 7, 1), date(2026, 7, 3)]
    assert complete_days(*window, reach=None, incomplete=[]) == []


@pytest.mark.parametrize("text", [None, "", "[1]", "{", '"x"'])
def test_tags_that_cannot_be_read_are_none(text: str | None) -> None:
    """Hostile text is no tag."""
    assert tags_of(text) == {}


def test_a_cost_that_is_not_known_adds_nothing_and_its_list_price_is_unknown() -> None:
    """One line of a day without a list price makes that of the day unknown."""
    day = date(2026, 7, 1)
    rows = [
        {"day": day, "cost": None, "committed": False, "listed": None},
        {"day": day, "cost": Decimal(2), "committed": True, "listed": Decimal(3)},
    ]
    assert days_of(rows) == {day: (Decimal(2), Decimal(2), None)}


def test_a_lake_without_machines_of_ones_own_has_no_inventory(tmp_path: Path) -> None:
    """Bills alone are no inventory."""
    with Engine(lake_of(tmp_path / "x", used={})) as engine:
        assert own_snapshots(engine) == []
