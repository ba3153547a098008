"""A small lake of two months whose move can be worked by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.cost.conftest import write_line

SERVICES, TEAMS = ("S1", "S2", "S3", "S4"), ("a", "b", "c", "d")
JUNE, JULY = "2026-06-10", "2026-07-10"
NEW, ENDED = 15, -5


def quiet() -> Iterator[Mapping[str, str]]:
    """Write 10 h at 1.00 for each service and team in both months; S3 of team c rose to 50 h in July."""
    for day in (JUNE, JULY):
        for service in SERVICES:
            for team in TEAMS:
                hours = "50" if (day, service, team) == (JULY, "S3", "c") else "10"
                yield write_line(
                    day=day, cost=hours, PricingQuantity=hours, ServiceName=service, tags={"team": team},
                    ResourceId=f"{service}-{team}", RegionId="x",
                )  # fmt: skip


def moved() -> list[Mapping[str, str]]:
    """Add a resource that ended (5.00), three new ones (15.00) and a credit of 1.00: +49.00 on 165.00."""
    more = {"ServiceName": "S4", "tags": {"team": "d"}, "RegionId": "x"}
    return [
        *quiet(),
        write_line(day=JUNE, cost="5", ResourceId="old", **more),
        *(write_line(day=JULY, cost=cost, ResourceId=f"new{cost}", **more) for cost in ("4", "5", "6")),
        write_line(day=JULY, cost="-1", ResourceId="S1-a", ChargeCategory="Credit", ServiceName="S1",
                   tags={"team": "a"}, RegionId="x"),
    ]  # fmt: skip
