"""What the store holds, now and at any earlier moment."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import CHARGES, DAILY, TABLES, Lake
from finops_lib.errors import LakeError
from finops_lib.privacy import People
from finops_lib.records import Snapshot

LINE = {
    "BilledCost": "1",
    "BillingAccountId": "111",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-07-01T00:00:00Z",
    "BillingPeriodEnd": "2026-08-01T00:00:00Z",
    "ChargePeriodStart": "2026-07-01T00:00:00Z",
    "ChargePeriodEnd": "2026-08-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ProviderName": "Cloud",
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give a lake whose folder does not exist yet."""
    return Lake(tmp_path / "lake")


def take(lake: Lake, cost: str, **changes: str) -> Snapshot:
    """Take in a bill of one line and return its delivery."""
    bill = lake.root.with_name("bill.csv")
    with bill.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list({**LINE, **changes}))
        writer.writeheader()
        writer.writerow({**LINE, "BilledCost": cost, **changes})
    people = People.open(lake.root, {})
    return ingest([bill], lake=lake, people=people, now=datetime.now(UTC)).snapshots[0]


def test_an_empty_lake_answers_without_a_folder(lake: Lake) -> None:
    """Nothing is current, nothing landed, no table has a file, and asking makes no folder."""
    assert (lake.snapshots(), lake.history()) == ((), ())
    assert [lake.files(table) for table in TABLES] == [[]] * len(TABLES)
    lake.sweep()
    assert not lake.root.exists()


def test_as_of_shows_what_was_current_then(lake: Lake) -> None:
    """A delivery that was replaced is there as of earlier, and nothing before the first."""
    before = datetime.now(UTC)
    first = take(lake, "1")
    between = datetime.now(UTC)
    second = take(lake, "2.5")
    states = [lake.snapshots(as_of=moment) for moment in (before, between, None)]
    assert [[item.id for item in state] for state in states] == [[], [first.id], [second.id]]
    assert (states[1][0].cost, states[2][0].cost) == ({"USD": Decimal(1)}, {"USD": Decimal("2.5")})
    for table in (CHARGES, DAILY):
        files = lake.files(table, as_of=between)
        assert [Path(path).parent.name for path in files] == [f"x_SnapshotId={first.id}"]
        assert all(Path(path).is_file() for path in files)


def test_history_keeps_what_was_replaced(lake: Lake) -> None:
    """All landings are there, oldest first; only the last of one key is current."""
    first, second = take(lake, "1"), take(lake, "2")
    other = take(lake, "3", BillingAccountId="000")
    assert [item.id for item in lake.history()] == [first.id, second.id, other.id]
    assert second.replaces == first.id
    assert [item.account for item in lake.snapshots()] == ["000", "111"]


def test_the_digest_names_the_state(lake: Lake) -> None:
    """It changes with every landing, stays with unchanged content, and as of earlier is that of then."""
    digests = [lake.digest()]
    take(lake, "1")
    digests.append(lake.digest())
    between = datetime.now(UTC)
    assert take(lake, "1").unchanged
    assert lake.digest() == digests[-1]
    take(lake, "2")
    digests.append(lake.digest())
    assert len(set(digests)) == 3
    assert lake.digest(as_of=between) == digests[1]


def test_sweep_removes_only_folders_no_log_names(lake: Lake) -> None:
    """What a crash left goes; current and replaced deliveries stay, whole."""
    first, second = take(lake, "1"), take(lake, "2")
    for table in TABLES:
        left = lake.staged(table, "staged-crashed", 0)
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_bytes(b"half a file")
    lake.sweep()
    assert not list(lake.root.glob("*/*staged-crashed"))
    assert lake.staged(CHARGES, first.id, 0).is_file()
    assert lake.staged(CHARGES, second.id, 0).is_file()


def test_a_file_no_log_names_is_not_current(lake: Lake) -> None:
    """Only the log of the charges decides, not what lies in its folder."""
    first = take(lake, "1")
    stray = lake.staged(CHARGES, "stray", 0)
    stray.parent.mkdir()
    stray.write_bytes(lake.staged(CHARGES, first.id, 0).read_bytes())
    assert [item.id for item in lake.snapshots()] == [first.id]
    assert lake.files(CHARGES) == [str(lake.staged(CHARGES, first.id, 0))]


def test_a_lake_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    """A file where a folder must be is a LakeError that names the lake."""
    (tmp_path / "file").write_text("")
    lake = Lake(tmp_path / "file" / "lake")
    with pytest.raises(LakeError) as caught, lake.writing():
        pass
    assert caught.value.value == f"lake {lake.root}"


def test_a_column_in_another_case_is_the_same_column(lake: Lake) -> None:
    """Two deliveries spell an extra column differently; both land, and one question reads both."""
    take(lake, "1", x_CostCenter="a")
    take(lake, "2", x_costcenter="b", BillingAccountId="222")
    with Engine(lake) as engine:
        found = engine.query("SELECT x_CostCenter AS c FROM charges ORDER BY c")
    assert list(found["c"]) == ["a", "b"]
