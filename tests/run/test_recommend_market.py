"""Spot and own licences are told where the inventory says enough, and else why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from finops_lib.optimize.commitments.licence_file import Owned
from finops_lib.optimize.inventory_file import Item
from finops_lib.records import NoRecommendation, Recommendation
from finops_lib.run.recommend_market import brought, spots
from finops_lib.run.recommend_world import World, by_key
from finops_lib.run.recommending import DAYS, Files, advise
from tests.run.sizedlakes import ARN, BUSY, GIB, NEW, desk_of, lake_of

SERVICE = {
    "interruptible": True,
    "interruptions_hour": Decimal("0.1"),
    "restart_hours": Decimal("0.1"),
    "members": Decimal(10),
}
JOB = SERVICE | {
    "members": None,
    "job_hours": Decimal(10),
    "checkpoint_hours": Decimal(1),
    "deadline_hours": Decimal(30),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two machines of m5.xlarge at .192 an hour, of which spot costs .06."""
    assert GIB
    folder = tmp_path_factory.mktemp("market")
    (folder / "prices.csv").write_text(
        "provider,region,instance_type,vcpu,memory_gib,usd_per_hour_on_demand,usd_per_hour_spot\n"
        "aws,us-east-1,m5.xlarge,4,16,0.192,0.06\naws,us-east-1,m5.large,2,8,0.096,\n"
    )
    with desk_of(lake_of(folder / "x")) as desk:
        yield advise(desk, files=Files.read(prices=str(folder / "prices.csv")), days=DAYS).world


def asked(world: World, **fields: Any) -> Recommendation | NoRecommendation:
    """Ask about one machine with these fields in the inventory."""
    told = replace(world, items=by_key([Item(f"{ARN}{BUSY}", "instance", **fields)]))
    [found] = spots(told, [BUSY])
    return found


def test_a_service_runs_on_spot_with_its_spare_members(world: World) -> None:
    """Out for 1 % of the time, 11 machines keep ten up in 99 %: 11 at .06 for ten at .192 are 34 %."""
    found = asked(world, **SERVICE)
    assert isinstance(found, Recommendation)
    assert (found.kind, dict(found.to)) == ("spot", {"market": "spot"})
    # 4.608 a day are 140.16 a month; 1 - 11 * .06 / (10 * .192) of it.
    assert found.saving_month.mid == Decimal("91.98")
    assert found.breach_probability == 0.01


def test_a_job_pays_for_what_is_lost(world: World) -> None:
    """Interrupted every ten hours, with a checkpoint an hour, it costs little more than the spot price."""
    found = asked(world, **JOB)
    assert isinstance(found, Recommendation)
    assert Decimal(90) < found.saving_month.mid < Decimal("96.36")  # the whole discount, nothing lost


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (SERVICE | {"interruptions_hour": None},
         "how often it is interrupted is not known: name interruptions_hour and restart_hours"),
        (SERVICE | {"members": None}, "name job_hours, checkpoint_hours and deadline_hours, or members"),
        (SERVICE | {"size": "m5.large"}, "the price file has no spot price for its type"),
        (SERVICE | {"size": "m5.huge"}, "its type has no price in the catalogue"),
        (JOB | {"deadline_hours": Decimal(10)}, "late with a chance of"),
        (SERVICE | {"restart_hours": Decimal(24), "members": Decimal(1)},
         "to keep 1 up in 99% of the time takes more than spot saves"),
    ],
)  # fmt: skip
def test_why_it_stays_on_demand(world: World, fields: dict[str, Any], why: str) -> None:
    """What is missing is named; nothing is guessed."""
    found = asked(world, **fields)
    assert isinstance(found, NoRecommendation)
    assert found.reason.startswith(why)


def test_who_may_not_be_interrupted_is_not_asked(world: World) -> None:
    """No word in the inventory is a no."""
    for item in (Item(f"{ARN}{BUSY}", "instance"), Item(f"{ARN}{BUSY}", "instance", interruptible=False)):
        assert spots(replace(world, items=by_key([item])), [BUSY]) == []


def licensed(world: World, **fields: Any) -> World:
    """Give both machines a licence of .02 for a vCPU and hour within their price: .08 of .192."""
    price = fields.pop("licence_vcpu_hour", Decimal("0.02"))
    items = [
        Item(f"{ARN}{name}", "instance", licence="windows", licence_vcpu_hour=price, **fields)
        for name in (BUSY, NEW)
    ]
    return replace(world, items=by_key(items))


def test_an_owned_licence_is_brought_where_it_fits(world: World) -> None:
    """Four cores are enough for one of two: .08 an hour are 58.40 a month; the other stays as it is."""
    found = brought(licensed(world), [BUSY, NEW], [Owned("Windows", 4, "USD")])
    made = [item for item in found if isinstance(item, Recommendation)]
    silent = [item for item in found if isinstance(item, NoRecommendation)]
    assert [(item.kind, item.saving_month.mid) for item in made] == [("licence", Decimal("58.40"))]
    assert dict(made[0].to) == {"licence": "Windows brought, 4 cores"}
    assert [item.reason for item in silent] == [
        "what is owned saves more elsewhere, and no further licence pays here"
    ]


def test_a_licence_is_bought_where_it_pays(world: World) -> None:
    """Four cores at 10 a month are 40: with none owned, each machine saves 18.40."""
    found = brought(licensed(world), [BUSY, NEW], [Owned("windows", 0, "USD", 1, Decimal(10))])
    assert [item.saving_month.mid for item in found if isinstance(item, Recommendation)] == [
        Decimal("18.40"),
        Decimal("18.40"),
    ]
    assert all(
        isinstance(item, NoRecommendation)
        for item in brought(licensed(world), [BUSY], [Owned("windows", 0, "USD", 16, Decimal(10))])
    )


def test_why_a_licence_is_not_brought(world: World) -> None:
    """Its price is not known, or it is paid in another money; other licences are not asked about."""
    [found] = brought(licensed(world, licence_vcpu_hour=None), [BUSY], [Owned("windows", 8, "USD")])
    assert isinstance(found, NoRecommendation)
    assert found.reason == "its price holds a licence (windows) whose own price is not known"
    [found] = brought(licensed(world), [BUSY], [Owned("windows", 8, "EUR")])
    assert isinstance(found, NoRecommendation)
    assert found.reason == "it is paid in USD, and the licence not"
    assert brought(licensed(world), [BUSY, NEW], [Owned("rhel", 8, "USD")]) == []
