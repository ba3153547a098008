from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.estate.calendar import months
from finops_lib.estate.others.onprem import INVENTORY, RATE_CARD, Machine, costs, machines
from finops_lib.estate.others.ranges import Ranges

Read = Callable[[str], list[dict[str, Any]]]
Others = tuple[Path, dict[str, Any]]
Row = dict[str, Any]


def rate(card: list[Row], name: str, month: str, site: str) -> Decimal:
    """Look for the one rate that holds on the first of a month at a site."""
    day = f"{month}-01"
    fits = [
        row for row in card
        if row["Rate"] == name and row["Site"] in ("", site) and row["ValidFrom"] <= day < row["ValidUntil"]
    ]  # fmt: skip
    assert len(fits) == 1, (name, month, site)
    return Decimal(fits[0]["Amount"])


def components(row: Row, card: list[Row], month: str) -> dict[str, Decimal]:
    """Work out a month's cost from the two files alone."""
    hours = monthrange(int(month[:4]), int(month[5:]))[1] * 24
    pairs = [pair.split(":") for pair in row["Licences"].split("|") if pair]
    energy = Decimal(row["PowerWatts"]) / 1000 * hours * rate(card, "pue", month, row["Site"])
    worth = Decimal(row["AcquisitionCost"]) - Decimal(row["ResidualValue"])
    return {
        "depreciation": worth / int(row["LifeMonths"]),
        "power": energy * rate(card, "power_kwh", month, row["Site"]),
        "space": int(row["RackUnits"]) * rate(card, "space_rack_unit_month", month, row["Site"]),
        "licences": sum(
            (int(n) * rate(card, f"licence:{name}", month, row["Site"]) for name, n in pairs), Decimal(0)
        ),
        "staff": int(row["StaffHoursMonth"]) * rate(card, "staff_hour", month, row["Site"]),
    }  # fmt: skip


@pytest.mark.parametrize(
    "month", ["2025-08", "2026-02", "2026-03", "2026-04", "2026-05", "2026-07", "2026-09"]
)
def test_the_files_cost_what_the_truth_says(others: Others, rows: Read, month: str) -> None:
    """Each component, worked out from inventory and rates alone."""
    card, inventory = rows("onprem/rate_card.csv"), rows("onprem/inventory.csv")
    standing = [
        row for row in inventory
        if row["AcquisitionDate"] <= f"{month}-01" and not "" < row["DecommissionDate"] <= f"{month}-01"
    ]  # fmt: skip
    found = [components(row, card, month) for row in standing]
    told = others[1]["onprem"]["months"][month]
    assert told["rows"] == len(standing)
    for name, cost in told["services"].items():
        assert sum(parts[name] for parts in found) == Decimal(cost), name
    assert sum(sum(parts.values()) for parts in found) == Decimal(told["cost"])


def test_columns_are_those_of_the_two_formats(rows: Read) -> None:
    """In their order."""
    assert tuple(rows("onprem/inventory.csv")[0]) == INVENTORY
    assert tuple(rows("onprem/rate_card.csv")[0]) == RATE_CARD


def test_machines_come_and_go_with_a_month(rows: Read) -> None:
    """One is new in May, one goes in March when its life is over; all lives go beyond what we see."""
    inventory = rows("onprem/inventory.csv")
    assert {row["AcquisitionDate"][8:] for row in inventory} == {"01"}
    assert inventory[1]["AcquisitionDate"] == "2026-05-01"
    gone = [row for row in inventory if row["DecommissionDate"]]
    assert [row["DecommissionDate"] for row in gone] == ["2026-03-01"]
    for row in inventory:
        year, month = int(row["AcquisitionDate"][:4]), int(row["AcquisitionDate"][5:7])
        end = year * 12 + month - 1 + int(row["LifeMonths"])
        assert end >= 2026 * 12 + 9 or (row in gone and end == 2026 * 12 + 2)


def test_the_anomaly_is_one_dear_month_at_one_site(others: Others, rows: Read) -> None:
    """Power costs a multiple there of what it costs a month earlier, and nothing like it elsewhere."""
    event = others[1]["onprem"]["anomaly"]
    prices = {
        (row["ValidFrom"][:7], row["Site"]): Decimal(row["Amount"])
        for row in rows("onprem/rate_card.csv") if row["Rate"] == "power_kwh"
    }  # fmt: skip
    dear = [key for key, price in prices.items() if price > Decimal("0.30")]
    assert dear == [(event["month"], event["site"])]
    assert Decimal(event["extra_cost"]) > 0


def test_the_spare_has_no_team_and_costs(others: Others, rows: Read) -> None:
    """Nobody is named for it, and it stands in all months."""
    waste = others[1]["onprem"]["waste"]
    spare = [row for row in rows("onprem/inventory.csv") if row["Kind"] == "spare"]
    assert [row["MachineId"] for row in spare] == [waste["machine"]]
    assert spare[0]["tag:team"] == ""
    card = rows("onprem/rate_card.csv")
    whole = sum(sum(components(spare[0], card, month).values()) for month in others[1]["onprem"]["months"])
    assert whole == Decimal(waste["cost"])


def test_a_month_worked_by_hand() -> None:
    """500 W for 720 hours at 1.38 and 20 cents: 360 kWh, 496.8 with the site's part, 99.36 dollars."""
    june = months(4, step_hours=24)[0]
    september = months(1, step_hours=24)[0]
    first = machines(1, count=1, ranges=Ranges())[0]
    machine = Machine(
        "M", "m", "server", "FRA1", {}, 100, 0, 48, first.bought, None, 500, 2, 8, (("windows", 8),), 3
    )  # fmt: skip
    assert costs(machine, september, 2000) == {
        "depreciation": 100, "power": Decimal("99.36"), "space": 37, "licences": Decimal("32.8"),
        "staff": 192,
    }  # fmt: skip
    # In June the site needs 144 hundredths.
    assert costs(machine, june, 2000)["power"] == Decimal("103.68")
