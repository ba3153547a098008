"""A cluster's report and an inventory say what the bill does not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.lake import Lake
from finops_lib.records import Period
from finops_lib.run.demo import sample_folder
from finops_lib.run.ingesting import take_in
from finops_lib.run.recommend_beside import allocated, own_cores
from tests.run.sizedlakes import NOW, lake_of

JULY = Period.month("2026-07")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Take in a month of a cluster's report, and the machines of one's own."""
    place, samples = tmp_path_factory.mktemp("beside") / "lake", sample_folder()
    key = {"FINOPS_PRIVACY_KEY": "0123456789abcdef" * 2}
    take_in([samples / "opencost" / "2026-07"], lake_root=place, environ=key, now=NOW)
    own = samples / "onprem"
    take_in([own / "inventory.csv"], lake_root=place, environ=key, now=NOW, rates=own / "rate_card.csv")
    return place


def test_each_workload_has_the_cost_of_the_report(lake: Path) -> None:
    """Days of all its nodes add up to the report's sum; a report without a currency has the unknown one."""
    with Engine(Lake(lake)) as engine:
        found = allocated(engine, period=JULY)
        told = engine.query(
            'SELECT sum("EffectiveCost") AS cost FROM allocations WHERE "x_Controller" = \'kafka\''
            " AND \"ChargePeriodStart\" >= '2026-07-01' AND \"ChargePeriodStart\" < '2026-08-01'"
        )["cost"].iloc[0]
    kafka = found["lantern-staging-eks/data/kafka"]
    assert sum((cost for cost, _, _ in kafka.days.values()), Decimal(0)) == told
    assert (kafka.kind, len(kafka.days), kafka.currency) == ("workload", 31, "XXX")


def test_cores_are_those_of_the_inventory(lake: Path) -> None:
    """LF-1001 has 64; what has none, as a switch, is not told as zero."""
    with Engine(Lake(lake)) as engine:
        found = own_cores(engine)
    assert found["lf-1001"] == 64.0
    assert min(found.values()) > 0


def test_a_lake_without_either_has_none(tmp_path: Path) -> None:
    """A bill alone names no workload and no machine of one's own."""
    with Engine(lake_of(tmp_path / "x", used={})) as engine:
        assert (allocated(engine, period=JULY), own_cores(engine)) == ({}, {})
