"""What is known of a resource comes from the one that knows best, and unknown stays unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from finops_lib.optimize.inventory_file import Item
from finops_lib.run.recommend_bill import FUNCTION as FUNCTION_KIND
from finops_lib.run.recommend_bill import MACHINE, OTHER, WORKLOAD, Billed
from finops_lib.run.recommend_bill import VOLUME as VOLUME_KIND
from finops_lib.run.recommend_world import World, by_key, newest
from finops_lib.run.recommending import DAYS, Files, advise
from tests.run.sizedlakes import (
    ARN,
    BLIND,
    BUSY,
    FUNCTION,
    GIB,
    GONE,
    HOURS,
    NEW,
    POD,
    VOLUME,
    day_and_night,
    desk_of,
    lake_of,
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with desk_of(lake_of(tmp_path_factory.mktemp("world") / "x")) as desk:
        yield advise(desk, files=Files(), days=DAYS).world


def test_kinds_come_from_inventory_bill_and_metrics(world: World) -> None:
    """The bill knows machines, volumes and functions; requests make a workload; an inventory overrules."""
    kinds = [world.kind(key) for key in (BUSY, VOLUME, FUNCTION, POD)]
    assert kinds == [MACHINE, VOLUME_KIND, FUNCTION_KIND, WORKLOAD]
    told = replace(world, items=by_key([Item(f"{ARN}{BUSY}", "volume")]))
    assert told.kind(BUSY) == VOLUME_KIND


def test_a_resource_that_only_an_inventory_names_is_there(world: World) -> None:
    """It has its kind, its id and no samples; one that was renewed is not told twice."""
    told = replace(world, items=by_key([Item("x-1", "cache", team="web")]))
    assert "x-1" in told.keys
    assert (told.kind("x-1"), told.resource("x-1"), told.owner("x-1")) == (MACHINE, "x-1", "web")
    assert not told.watched("x-1")
    assert told.paid("x-1") is None


def test_gone_is_what_is_neither_billed_nor_used(world: World) -> None:
    """Three days of 21; what is billed until the end is there, whether it is watched or not."""
    assert world.gone(GONE) == date(2026, 7, 4)
    assert [world.gone(key) for key in (BUSY, BLIND, NEW, POD)] == [None] * 4


def test_one_member_uses_the_mean_or_what_the_busiest_did(world: World) -> None:
    """Two pods of .4 cores together use .2 each by day; a machine without a count is one."""
    assert world.each("cpu", [POD])[0].max() == pytest.approx(0.2)
    assert world.each("cpu", [BUSY])[0].max() == pytest.approx(1.2)


def test_sizes_are_those_of_catalogue_requests_and_inventory(world: World) -> None:
    """m5.xlarge has 4 vCPU and 16 GiB; a pod's memory ends at its request, its CPU nowhere."""
    assert world.capacity("cpu", [BUSY]).tolist() == [4.0]
    assert world.capacity("memory", [BUSY]).tolist() == [16 * GIB]
    assert world.capacity("memory", [POD]).tolist() == [4 * GIB]
    assert np.isnan(world.capacity("cpu", [POD])).all()
    limited = replace(
        world, items=by_key([Item(POD, "workload", cpu_limit=Decimal(2), memory_limit_gib=Decimal(8))])
    )
    assert limited.capacity("cpu", [POD]).tolist() == [2.0]
    assert limited.capacity("memory", [POD]).tolist() == [8 * GIB]
    unknown = replace(world, items=by_key([Item("x-1", "host", vcpu=Decimal(0))]))
    assert np.isnan(unknown.capacity("cpu", ["x-1"])).all()


def test_a_share_of_a_machine_becomes_cores(tmp_path: Path) -> None:
    """What a cloud tells as a share of 0 to 1 is that share of the 4 vCPU."""
    used = {(BUSY, "cpu_share"): day_and_night(0.1, 0.25)}
    with desk_of(lake_of(tmp_path / "x", used=used)) as desk:
        found = advise(desk, files=Files(), days=DAYS).world
        assert found.each("cpu", [BUSY])[0].max() == pytest.approx(1.0)


def test_a_workload_costs_what_the_cluster_reports_by_container(world: World) -> None:
    """Two containers of 1 and 3 requested cores share 4 a day as 1 and 3."""
    day = date(2026, 7, 1)
    report = Billed("c/n/w", WORKLOAD, "", "", "", "", "", {}, "USD", {day: (Decimal(4), Decimal(0), None)})
    names = {"cpu_request": ["c/n/w/a", "c/n/w/b"]}
    used = replace(world.used, names=names, _read={})
    used._read["cpu_request"] = ({"c/n/w/a": 0, "c/n/w/b": 1}, np.array([[1.0] * HOURS, [3.0] * HOURS]))
    told = replace(world, used=used, billed={}, allocated={"c/n/w": report}, complete=[day])
    costs = [told.paid(name) for name in names["cpu_request"]]
    assert [cost.days for cost in costs if cost] == [(Decimal("1.00"),), (Decimal("3.00"),)]


def test_an_inventory_prices_members_by_the_day(world: World) -> None:
    """Two pods at .10 an hour are 4.80 a day, told as the inventory's price."""
    told = replace(world, items=by_key([Item(POD, "workload", usd_hour=Decimal("0.10"))]))
    paid = told.paid(POD)
    assert paid is not None
    assert (paid.days[0], len(paid.days), paid.currency) == (Decimal("4.80"), 21, "USD")
    assert "price:inventory" in told.evidence(POD)


def test_what_nothing_is_known_of_is_other(world: World) -> None:
    """A resource with samples of its own making is no machine."""
    used = replace(world.used, names={"widgets": ["z"]}, _read={"widgets": ({"z": 0}, np.ones((1, HOURS)))})
    told = replace(world, used=used, billed={})
    assert told.kind("z") == OTHER


def test_the_newest_known_value_counts() -> None:
    """Gaps at the end are passed over; nothing known is NaN."""
    assert newest(np.array([1.0, 2.0, np.nan])) == 2.0
    assert np.isnan(newest(np.array([np.nan])))
