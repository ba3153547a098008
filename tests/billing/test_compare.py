"""What files share: repeated keys, sub-accounts that are lost, and days that cost the same."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops_lib.billing.cells import MONEY, TIME
from finops_lib.billing.compare import lost, repeated, same_cells

Line = tuple[str | None, int, str, str]  # sub-account, day of July, currency, cost


def files(folder: Path, *parts: list[str | None] | None) -> list[str]:
    """Write a file of keys for each part; None is one without the column."""
    paths = [folder / f"x_SnapshotId={number}" / "it's [a]*.parquet" for number in range(len(parts))]
    for path, keys in zip(paths, parts, strict=True):
        path.parent.mkdir(parents=True)
        pq.write_table(
            pa.table({"Other": ["k"]} if keys is None else {'a "Key"': pa.array(keys, pa.string())}), path
        )
    return [str(path) for path in paths]


@pytest.mark.parametrize(
    ("staged", "current", "found"),
    [
        ([["a", "b"]], [["c"], ["d"]], (0, "")),
        ([["a", "b", "c"]], [["c", "x"], ["b"]], (2, "b")),
        ([["a"], ["a"]], [], (1, "a")),
        ([["b", "a", "b", "a"]], [], (2, "a")),
        ([["a"]], [["x", "x"]], (0, "")),
        ([[None, None]], [[None]], (0, "")),
        ([None], [["a", "a"]], (0, "")),
        ([["a"]], [None], (0, "")),
        ([["a"], None], [None, ["a"]], (1, "a")),
    ],
    ids=["apart", "in place", "two new", "one new", "old", "null", "not new", "not old", "some"],
)
def test_values_that_new_files_repeat_are_counted(
    tmp_path: Path,
    staged: list[list[str | None] | None],
    current: list[list[str | None] | None],
    found: tuple[int, str],
) -> None:
    """Each value once, with the least of them; what only files in place repeat, and null, are no fault."""
    new, old = files(tmp_path / "new", *staged), files(tmp_path / "old", *current)
    assert repeated('a "Key"', staged=new, current=old) == found


def charges(folder: Path, *lines: Line) -> list[str]:
    """Write a file of charges of one service."""
    path = folder / "x_SnapshotId=a" / "part.parquet"
    path.parent.mkdir(parents=True)
    accounts, days, codes, costs = zip(*lines, strict=True)
    moments = [datetime(2026, 7, day, 5, tzinfo=UTC) for day in days]
    columns = {
        "SubAccountId": pa.array(accounts, pa.string()),
        "ChargePeriodStart": pa.array(moments, TIME),
        "ServiceName": pa.array(["Compute"] * len(lines)),
        "BillingCurrency": pa.array(codes),
        "BilledCost": pa.array([Decimal(cost) for cost in costs], MONEY),
    }
    pq.write_table(pa.table(columns), path)
    return [str(path)]


def test_a_sub_account_that_cost_something_and_is_gone_is_lost(tmp_path: Path) -> None:
    """B is lost; C cost nothing, A is still there, and a charge without a sub-account is nobody's."""
    old = charges(
        tmp_path / "old",
        ("A", 1, "USD", "1"),
        ("B", 1, "USD", "2"),
        ("C", 1, "USD", "0"),
        (None, 1, "USD", "9"),
    )  # fmt: skip
    new = charges(tmp_path / "new", ("A", 1, "USD", "7"))
    assert lost("SubAccountId", staged=new, current=old) == ["B"]
    assert lost("SubAccountId", staged=old, current=new) == []


def test_days_that_cost_the_same_are_counted(tmp_path: Path) -> None:
    """Of four days of A the first is the same in two lines; another cost, currency or day is not."""
    new = charges(
        tmp_path / "new",
        ("A", 1, "USD", "3"), ("A", 2, "USD", "5"), ("A", 3, "USD", "6"), ("A", 4, "USD", "0"),
        ("A", 5, "EUR", "8"),
    )  # fmt: skip
    old = charges(
        tmp_path / "old",
        ("A", 1, "USD", "1"), ("A", 1, "USD", "2"), ("A", 2, "USD", "4"), ("B", 3, "USD", "6"),
        ("A", 5, "USD", "8"),
    )  # fmt: skip
    assert same_cells(staged=new, current=old) == (1, 4)
