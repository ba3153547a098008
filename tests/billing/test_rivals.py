"""Deliveries that would count money twice, or lose some, are refused; what shares none lands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops_lib.billing.lake import CHARGES, Lake
from finops_lib.billing.rivals import refuse_overlaps, refuse_repeated
from finops_lib.billing.schema import Written
from finops_lib.errors import RefusedDeliveryError
from finops_lib.records import RuleCount, Snapshot


def delivery(
    first: str = "2026-07-01",
    last: str = "2026-07-20",
    *,
    cost: Mapping[str, str] | None = None,
    flags: tuple[RuleCount, ...] = (),
) -> Snapshot:
    """Make one delivery for July."""
    return Snapshot(
        provider="AWS",
        account="1",
        billing_period="2026-07",
        scope="",
        id="a",
        content="b",
        source="bill.csv",
        rows=1,
        quarantined=0,
        cost={code: Decimal(text) for code, text in (cost or {"USD": "100"}).items()},
        first_day=first,
        last_day=last,
        delivered=datetime(2026, 8, 1, tzinfo=UTC),
        flags=flags,
    )


def window(scope: str, **changes: str) -> Snapshot:
    """Make a delivery of a window."""
    return replace(delivery(), scope=scope, **({"id": scope} | changes))  # type: ignore[arg-type]  # all text


JULY, MIDDLE, AUGUST = "2026-07-01/2026-08-01", "2026-07-31/2026-08-02", "2026-08-01/2026-09-01"


@pytest.mark.parametrize("landed", [False, True])
@pytest.mark.parametrize("other", [JULY, AUGUST, "2026-07-30/2026-08-03", "2026-07-31/2026-08-01"])
def test_windows_that_share_time_are_refused(other: str, landed: bool) -> None:
    """Among those that are to land, and with one in place; one within the other shares time too."""
    fresh = [window(other), window(MIDDLE)]
    with pytest.raises(RefusedDeliveryError) as caught:
        refuse_overlaps(fresh[landed:], fresh[:landed])
    assert str(caught.value) == (
        f"window {MIDDLE} of AWS 1: it overlaps the window {other}, and cost in both would count twice. "
        "Remedy: ask for windows that follow one another; with --force both are kept."
    )


@pytest.mark.parametrize(
    "others",
    [
        [window(AUGUST)],
        [window("2026-06-01/2026-07-01")],
        [window(MIDDLE, account="2")],
        [window(MIDDLE, provider="GCP")],
        [window("part"), window("a/b/c"), window("")],
        [window(JULY, id="new", billing_period="2026-08")],
        [window(MIDDLE, id="old")],
    ],
    ids=["after", "before", "account", "provider", "no window", "two months", "replaced"],
)
def test_what_shares_no_money_is_not_refused(others: list[Snapshot]) -> None:
    """Windows that touch, of others, the same one in two months, and one that is replaced."""
    refuse_overlaps([window(JULY, replaces="old")], others)
    refuse_overlaps([window(JULY, replaces="old"), *(item for item in others if item.id != "old")], [])


def staged(folder: Path, name: str, keys: list[str | None], *, column: str = "x_RowKey") -> Written:
    """Write a file of charges that is to land."""
    path = folder / f"x_SnapshotId={name}" / "part.parquet"
    path.parent.mkdir()
    table = pa.table({column: pa.array(keys, pa.string())})
    pq.write_table(table, path)
    return Written(CHARGES, name, path, len(keys), table.schema)


def test_rows_that_two_new_files_share_are_refused(tmp_path: Path) -> None:
    """Each key counts once, however often it is there; a long one is cut."""
    files = [
        staged(tmp_path, "a", ["k2" * 99, "k3", None]),
        staged(tmp_path, "b", ["k3", "k3", "k2" * 99, None]),
    ]
    with pytest.raises(RefusedDeliveryError) as caught:
        refuse_repeated([delivery()], files, lake=Lake(tmp_path / "lake"), column="x_RowKey")
    assert str(caught.value) == (
        f"2 rows, among them RowKey {'k2' * 40}: another slice holds them already, "
        "and their money would count twice. Remedy: leave that file out; with --force both are kept."
    )


def test_without_a_key_nothing_is_compared(tmp_path: Path) -> None:
    """A format that has none, files that lack it, files of other tables, and no file at all."""
    lake = Lake(tmp_path / "lake")
    twice = staged(tmp_path, "a", ["k1", "k1"])
    refuse_repeated([delivery()], [twice], lake=lake, column="")
    refuse_repeated(
        [delivery()], [staged(tmp_path, "b", ["k1", "k1"], column="x_Other")], lake=lake, column="x_RowKey"
    )
    refuse_repeated([delivery()], [replace(twice, table="daily")], lake=lake, column="x_RowKey")
    refuse_repeated([], [], lake=lake, column="x_RowKey")
