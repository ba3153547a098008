"""One delivery while it is read: counts, files and the residual."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops_lib.billing.conform import Conformer
from finops_lib.billing.delivery import Delivery, moved
from finops_lib.billing.flags import Costs
from finops_lib.billing.lake import CHARGES, DAILY, Lake
from finops_lib.privacy import People
from finops_lib.records import ALLOCATION_KIND

GOOD = {
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-07-01T00:00:00Z",
    "BillingPeriodEnd": "2026-08-01T00:00:00Z",
    "ChargePeriodStart": "2026-07-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ProviderName": "Cloud",
    "ServiceName": "Compute",
}


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    """Give an empty delivery."""
    return Delivery(Lake(tmp_path / "lake"), ("Cloud", "1", "2026-07", ""), "staged-1")


def typed(delivery: Delivery, *costs: str, tags: str = "{}") -> pa.Table:
    """Conform one row for each cost."""
    rows = [{**GOOD, "BilledCost": cost, "Tags": tags} for cost in costs]
    return Conformer(People.open(delivery.lake.root, {})).conform(pa.Table.from_pylist(rows)).table


def add(delivery: Delivery, *costs: str, tags: str = "{}") -> None:
    """Add rows whose cost is wholly the file's own."""
    cost = {"USD": sum(map(Decimal, costs), Decimal(0))}
    delivery.add(typed(delivery, *costs, tags=tags), cost=cost, source=cost)


@pytest.mark.parametrize(
    ("accepted", "source", "gap"),
    [
        ({"USD": "1.5"}, {"USD": "1.5"}, {}),
        ({"USD": "1.5"}, {"USD": "1.50000000000000000001"}, {"USD": "1E-20"}),
        ({"USD": "2"}, {"USD": "1.5", "EUR": "3"}, {"USD": "-0.5", "EUR": "3"}),
        ({"USD": "2"}, {}, {"USD": "-2"}),
    ],
)
def test_the_residual_is_what_no_row_carries(
    delivery: Delivery, accepted: dict[str, str], source: dict[str, str], gap: dict[str, str]
) -> None:
    """The file's own cost less the accepted, by currency, without zeros."""

    def money(texts: dict[str, str]) -> Costs:
        return {code: Decimal(text) for code, text in texts.items()}

    delivery.add(typed(delivery, "1"), cost=money(accepted), source=money(source))
    assert delivery.residual() == money(gap)


def test_counts_and_money_grow_with_each_batch(delivery: Delivery) -> None:
    """Rows, held rows and costs add up; a flush writes what is held and counts on."""
    add(delivery, "1", "0.1")
    add(delivery, "0.2")
    assert (delivery.rows, delivery.held_rows) == (3, 3)
    delivery.flush()
    add(delivery, "4")
    assert (delivery.rows, delivery.held_rows, delivery.accepted) == (4, 1, {"USD": Decimal("5.3")})
    assert (str(delivery.starts), str(delivery.ends)) == (
        "2026-07-01 00:00:00+00:00",
        "2026-08-01 00:00:00+00:00",
    )


def test_a_new_tag_column_starts_a_second_file(delivery: Delivery) -> None:
    """The first file keeps its columns; the second has both, also for rows without the new one."""
    add(delivery, "1", "2", tags='{"team": "a"}')
    delivery.flush()
    add(delivery, "4", tags='{"org": "b"}')
    delivery.flush()
    add(delivery, "8", tags='{"team": "c"}')
    charges = [item for item in delivery.close() if item.table == CHARGES]
    assert [item.rows for item in charges] == [2, 2]
    first, second = (pq.read_table(item.path, partitioning=None) for item in charges)
    assert "tag_org" not in first.column_names
    assert second.select(["tag_team", "tag_org"]).to_pydict() == {
        "tag_team": [None, "c"],
        "tag_org": ["b", None],
    }


def test_a_known_tag_column_stays_in_one_file(delivery: Delivery) -> None:
    """A batch that lacks a column of the file does not start another one."""
    add(delivery, "1", tags='{"team": "a"}')
    delivery.flush()
    add(delivery, "2")
    assert [(item.table, item.rows) for item in delivery.close()] == [(CHARGES, 2), (DAILY, 1)]


def test_the_cube_of_all_parts_is_one_row_a_day_and_service(delivery: Delivery) -> None:
    """Cubes of several flushes are merged: costs and rows add up."""
    add(delivery, "0.1", "0.2")
    delivery.flush()
    add(delivery, "1")
    daily = next(item for item in delivery.close() if item.table == DAILY)
    rows = pq.read_table(daily.path, partitioning=None).select(["RowCount", "BilledCost"]).to_pylist()
    assert rows == [{"RowCount": 3, "BilledCost": Decimal("1.3")}]


def test_moved_files_lie_under_the_final_id(delivery: Delivery) -> None:
    """Every file exists at its new path and none is left at the provisional one."""
    add(delivery, "1")
    files = moved(delivery.close(), "final")
    assert {item.snapshot for item in files} == {"final"}
    assert all(item.path == delivery.lake.staged(item.table, "final", 0) for item in files)
    assert all(item.path.is_file() for item in files)
    assert not list(delivery.lake.root.glob("*/*=staged-1"))


def test_a_rest_writes_and_closes_but_loses_nothing(delivery: Delivery) -> None:
    """What was read can be read on disk at once; more rows start another file, and their cube is one."""
    add(delivery, "1", "2")
    delivery.rest()
    assert delivery.held_rows == 0
    assert pq.read_table(delivery.files[0].path, partitioning=None).num_rows == delivery.files[0].rows == 2
    delivery.rest()
    add(delivery, "4")
    written = delivery.close()
    assert [(item.table, item.rows) for item in written] == [(CHARGES, 2), (CHARGES, 1), (DAILY, 1)]
    assert delivery.rows == 3


def test_an_explaining_delivery_has_no_cube(delivery: Delivery) -> None:
    """Its rows are written, and stand in no total."""
    delivery.kind = ALLOCATION_KIND
    add(delivery, "1")
    delivery.flush()
    add(delivery, "2")
    assert [(item.table, item.rows) for item in delivery.close()] == [(CHARGES, 2)]


def noted(delivery: Delivery, name: str, *cells: str | None) -> None:
    """Add rows that have this column too."""
    rows = pa.Table.from_pylist([{**GOOD, "BilledCost": "1", name: cell} for cell in cells])
    conformed = Conformer(People.open(delivery.lake.root, {})).conform(rows).table
    delivery.add(conformed, cost={}, source={})


def test_the_first_and_last_moment_of_export_are_kept(delivery: Delivery) -> None:
    """Over all batches, in UTC; rows that do not tell it change nothing."""
    add(delivery, "1")
    noted(delivery, "x_ExportTime", None)
    assert delivery.exported is None
    noted(delivery, "x_ExportTime", "2026-07-02T09:00:00+02:00", None, "2026-07-02T08:00:00Z")
    noted(delivery, "x_ExportTime", "2026-07-02T07:30:00Z", "yesterday")
    add(delivery, "1")
    assert delivery.exported == (datetime(2026, 7, 2, 7, tzinfo=UTC), datetime(2026, 7, 2, 8, tzinfo=UTC))


def test_views_of_cost_are_collected(delivery: Delivery) -> None:
    """Each once, over all batches; a row that names none has none."""
    noted(delivery, "x_CostView", "actual", None, "actual")
    assert delivery.views == {"actual"}
    noted(delivery, "x_CostView", "amortized")
    add(delivery, "1")
    assert delivery.views == {"actual", "amortized"}
