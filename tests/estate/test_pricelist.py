"""The price file can be read, and has each size that a machine of the company has or could have."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from finops_lib.billing.prices import catalogue, instance
from finops_lib.estate.company import company
from finops_lib.estate.machines import UNITS
from finops_lib.estate.telemetry import INVENTORY_FILE, PRICES_FILE, write_telemetry


def test_prices_are_those_of_the_machines(tmp_path: Path) -> None:
    """Each machine's size of today costs in the price file what the inventory says, and is as large."""
    write_telemetry(tmp_path, company(20_260_918, slots=160), days=1)
    found = catalogue(tmp_path / PRICES_FILE)
    with (tmp_path / INVENTORY_FILE).open(encoding="utf-8", newline="") as file:
        machines = [row for row in csv.DictReader(file) if row["kind"] not in {"volume", "workload"}]
    assert machines
    for row in machines:
        told = instance(found, provider="aws", region=row["region"], instance_type=row["size"])
        assert told.usd_per_hour_on_demand == Decimal(row["usd_hour"])
        assert (told.vcpu, told.memory_gib) == (Decimal(row["vcpu"]), Decimal(row["memory_gib"]))


def test_sizes_of_one_ladder_cost_in_proportion(tmp_path: Path) -> None:
    """An xlarge costs twice a large, in each region; tasks count four units."""
    write_telemetry(tmp_path, company(20_260_918, slots=160), days=1)
    found = catalogue(tmp_path / PRICES_FILE)["usd_per_hour_on_demand"]
    assert found["aws", "us-east-1", "m6i.xlarge"] == 2 * found["aws", "us-east-1", "m6i.large"]
    frankfurt = found["aws", "eu-central-1", "4_vcpu_8_gib"]
    assert frankfurt == Decimal("0.046147") * UNITS["fargate"]  # .04048 and 14 %, in millionths
