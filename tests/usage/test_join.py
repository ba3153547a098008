"""Money beside use: each state of a resource with the samples of its time, and nothing dropped in silence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake.usage import UsageTable
from finops_lib.errors import QueryError
from finops_lib.privacy import People
from finops_lib.records import Period
from finops_lib.run.demo import sample_folder
from finops_lib.usage.files import read_table
from finops_lib.usage.join import Joined, join
from tests.cost.conftest import delivered, write_line
from tests.usage.samples import rows

JULY = Period.month("2026-07")
HOUR = 60
ARN = "arn:aws:ec2:eu-west-1:1:instance/i-0123456789abcdef0"


def charge(
    day: int, cost: str, *, size: str = "", tags: Mapping[str, str] | None = None, **more: str
) -> dict[str, str]:
    """Write a day's charge; the size stands in the meter's name."""
    meter = f"BoxUsage:{size}" if size else "DataTransfer"
    return write_line(
        day=f"2026-07-{day:02}", cost=cost, tags=tags, **{"ResourceId": "VM-1", "SkuMeter": meter, **more}
    )


def asked(folder: Path, charges: list[dict[str, str]], *samples: tuple[Any, ...], **more: Any) -> Joined:
    """Put both into a lake and join them."""
    lake = delivered(folder / "bill", charges)
    now, end = datetime(2026, 9, 1, tzinfo=UTC), JULY.end + timedelta(days=1)
    UsageTable(lake).land([rows(*samples)], scope="s", start=JULY.start, end=end, now=now)
    with Engine(lake) as engine:
        return join(engine, period=JULY, **more)


def cpu(resource: str, day: int, hour: float, value: float) -> tuple[Any, ...]:
    """Write a sample."""
    return resource, "cpu", ((day - 1) * 24 + hour) * HOUR, value, "cores"


def told(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Say rows; a moment as its day."""
    found = []
    for row in frame[list(columns)].itertuples(index=False):
        found.append(
            tuple(cell.day if isinstance(cell, datetime) else None if pd.isna(cell) else cell for cell in row)
        )
    return found


MATCHED = ("resource", "size", "valid_from", "valid_to", "cost", "samples", "mean", "highest")


def test_a_resource_that_changes_its_size_has_a_state_for_each(tmp_path: Path) -> None:
    """Large on the 1st and 2nd, small from the 3rd: the sample at midnight of the 3rd is the small one's."""
    charges = [
        charge(1, "5", size="m5.large"),
        charge(2, "6", size="m5.large"),
        charge(3, "1", size="m5.small"),
    ]
    found = asked(
        tmp_path, charges, cpu("vm-1", 1, 0, 2.0), cpu("vm-1", 2, 23.9, 4.0), cpu("vm-1", 3, 0, 0.5)
    )
    assert told(found.matched, *MATCHED) == [
        ("VM-1", "m5.large", 1, 3, Decimal(11), 2, 3.0, 4.0),
        ("VM-1", "m5.small", 3, 4, Decimal(1), 1, 0.5, 0.5),
    ]
    assert (len(found.no_usage), len(found.no_money)) == (0, 0)


def test_tags_make_a_state_and_what_a_line_does_not_say_makes_none(tmp_path: Path) -> None:
    """Traffic on the same days says no size: no change. The team changes on the 3rd and back on the 4th."""
    charges = [
        charge(day, "1", size="m5.large", tags={"team": team})
        for day, team in ((1, "a"), (2, "a"), (3, "b"), (4, "a"))
    ]
    charges += [charge(day, "0.25", tags=tags) for day, tags in ((1, {}), (3, {"team": "b"}))]
    found = asked(tmp_path, charges, *[cpu("vm-1", day, 12, float(day)) for day in (1, 2, 3, 4)])
    assert told(found.matched, "size", "valid_from", "valid_to", "cost", "mean") == [
        ("m5.large", 1, 3, Decimal("2.25"), 1.5),
        ("m5.large", 3, 4, Decimal("1.25"), 3.0),
        ("m5.large", 4, 5, Decimal(1), 4.0),
    ]
    assert found.matched["tags"].tolist() == [json.dumps({"team": team}) for team in ("a", "b", "a")]


def test_money_without_use_and_use_without_money_are_listed(tmp_path: Path) -> None:
    """Nobody measured one; charges of none; nobody charged one; and what the bill does not reach yet."""
    charges = [
        charge(1, "5"),
        charge(1, "7", ResourceId="idle"),
        charge(2, "3", ResourceId=""),
        charge(2, "-1", ResourceId="", BillingCurrency="EUR"),
    ]
    samples = (
        cpu("vm-1", 1, 5, 1.0),
        cpu("ghost", 1, 5, 1.0),
        cpu("ghost", 1, 6, 1.0),
        cpu("vm-1", 3, 0, 1.0),
    )
    found = asked(tmp_path, charges, *samples)
    assert told(found.no_usage, "resource", "currency", "cost") == [
        ("idle", "USD", Decimal(7)),
        (None, "EUR", Decimal(-1)),
        (None, "USD", Decimal(3)),
    ]
    assert told(found.no_money, "resource", "samples", "reason") == [
        ("ghost", 2, "no charge"),
        ("vm-1", 1, "not billed yet"),
    ]


@pytest.mark.parametrize(
    ("billed", "measured", "same"),
    [
        (ARN, "i-0123456789abcdef0", True),
        ("i-0123456789abcdef0", ARN, True),
        ("/Subscriptions/S/virtualMachines/V", "/subscriptions/s/virtualmachines/v", True),
        ("/subscriptions/a/virtualMachines/v", "/subscriptions/b/virtualMachines/v", False),
        ("app-1", "x/app-1", False),
        ("i-0123456789abcdef0", "i-0123456789abcdef1", False),
    ],
)
def test_an_id_is_the_same_in_an_arn_and_in_any_case(
    tmp_path: Path, billed: str, measured: str, same: bool
) -> None:
    """But not where only its last word is: two groups may have a machine of one name."""
    found = asked(tmp_path, [charge(1, "5", ResourceId=billed)], cpu(measured, 1, 5, 1.0))
    assert (len(found.matched), len(found.no_usage), len(found.no_money)) == (
        (1, 0, 0) if same else (0, 1, 1)
    )


def test_no_money_is_lost_or_counted_twice(tmp_path: Path) -> None:
    """Each cost stands in one state: once for each metric, or without use; purchases are kept."""
    charges = [charge(day, f"{day}.01", size="a.b", tags={"t": str(day // 3)}) for day in range(1, 9)]
    charges += [
        charge(4, "100", ResourceId="only-bought", ChargeCategory="Purchase", ChargeFrequency="One-Time")
    ]
    samples = [cpu("vm-1", 4, 1, 1.0), ("vm-1", "memory", 75.0 * HOUR, 1.0, "GiB")]
    found = asked(tmp_path, charges, *samples)
    assert sorted(found.matched["metric"]) == ["cpu", "memory"]
    once = found.matched.drop_duplicates(["resource", "valid_from", "currency"])
    assert once["cost"].sum() + found.no_usage["cost"].sum() == sum(
        Decimal(line["EffectiveCost"]) for line in charges
    )


def test_money_of_another_kind_is_refused(tmp_path: Path) -> None:
    """And a lake without allocations has none to join."""
    with pytest.raises(QueryError, match="it is charges or allocations"):
        asked(tmp_path, [charge(1, "5")], cpu("vm-1", 1, 5, 1.0), money="budgets; DROP TABLE x")
    (tmp_path / "x").mkdir()
    found = asked(tmp_path / "x", [charge(1, "5")], cpu("a/b/c", 1, 5, 1.0), money="allocations")
    assert told(found.no_money, "resource", "reason") == [("a/b/c", "no charge")]


def test_a_workload_is_joined_with_what_a_clusters_report_says_of_it(tmp_path: Path) -> None:
    """On the sample company: its report names cluster, namespace and controller, and so do samples."""
    lake = delivered(tmp_path / "bill", [charge(1, "5")])
    part = sorted((sample_folder() / "opencost" / "2026-07").iterdir())
    ingest(part, lake=lake, people=People.open(lake.root, {}), now=datetime(2026, 8, 21, tzinfo=UTC))
    name = "Lantern-prod-eks/tracking/eta-worker/main"
    now = datetime(2026, 9, 1, tzinfo=UTC)
    UsageTable(lake).land([rows(cpu(name, 2, 1, 0.1))], scope="s", start=JULY.start, end=JULY.end, now=now)
    with Engine(lake) as engine:
        found = join(engine, period=JULY, money="allocations")
        (wanted,) = engine.query(
            'SELECT sum("EffectiveCost") AS cost FROM allocations WHERE "x_Controller" = \'eta-worker\''
        )["cost"]
    costs = (
        found.matched["cost"].tolist()
        + found.no_usage.query("resource.str.endswith('/eta-worker')")["cost"].tolist()
    )
    assert set(found.matched["resource"]) == {"lantern-prod-eks/tracking/eta-worker"}
    assert sum(costs) == wanted
    assert found.no_money.empty


def test_the_sample_companys_machines_have_both(tmp_path: Path) -> None:
    """Its bill of September and its usage: what is in both is matched, what is billed alone is told."""
    lake = delivered(tmp_path / "bill", [charge(1, "5")])
    bill = sorted((sample_folder() / "focus" / "2026-09").iterdir())
    ingest(bill, lake=lake, people=People.open(lake.root, {}), now=datetime(2026, 9, 18, tzinfo=UTC))
    table = read_table(sample_folder() / "usage" / "usage.parquet").table
    start, end = datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
    UsageTable(lake).land([table], scope="s", start=start, end=end, now=end)
    with Engine(lake) as engine:
        found = join(engine, period=Period.month("2026-09"))
        billed = engine.query(
            """SELECT DISTINCT "ResourceId" AS id FROM charges WHERE "ChargePeriodStart" >= '2026-09-01'
            AND "ChargeCategory" = 'Usage' AND "ResourceId" IS NOT NULL"""
        )
    september = pc.field("time") >= pa.scalar(JULY.end + timedelta(days=31))
    measured = set(table.filter(september).column("resource").to_pylist())
    assert set(found.matched["resource"]) == measured & set(billed["id"])
    assert found.matched["resource"].nunique() > 60
    assert set(found.no_usage["resource"].dropna()) >= set(billed["id"]) - measured
