"""What a table's log says, and that nothing is done to a table whose log is lost."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import CHARGES, Lake
from finops_lib.billing.lake.log import edge, landed, version_at
from finops_lib.errors import LakeError
from finops_lib.privacy import People

LINE = {
    "BilledCost": "1",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-07-01",
    "ChargePeriodStart": "2026-07-01",
    "ChargeCategory": "Usage",
}
FIRST = datetime(2026, 8, 1, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give a lake that got a bill of 1 and, a day later, one of 2."""
    store, bill = Lake(tmp_path / "lake"), tmp_path / "bill.csv"
    people = People.open(store.root, {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"})
    for day, cost in enumerate(("1", "2")):
        with bill.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(LINE))
            writer.writeheader()
            writer.writerow({**LINE, "BilledCost": cost})
        ingest([bill], lake=store, people=people, now=FIRST + timedelta(days=day))
    return store


def test_the_log_names_every_delivery_and_its_moment(lake: Lake) -> None:
    """Both landed; before the first there is no version, and each moment has its own."""
    delta = DeltaTable(str(lake.root / CHARGES))
    assert landed(delta) == {item.id for item in lake.history()}
    moments = [FIRST - timedelta(seconds=1), FIRST, FIRST + timedelta(hours=23), FIRST + timedelta(days=1)]
    first, second = version_at(delta, moments[1]), version_at(delta, moments[3])
    assert [version_at(delta, moment) for moment in moments] == [None, first, first, second]
    assert first is not None
    assert second is not None
    assert first < second


def test_no_table_has_no_delivery() -> None:
    """Nothing landed where nothing is."""
    assert landed(None) == set()


def test_a_lake_whose_history_is_lost_is_not_swept(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its commits nothing is known to be left over: it is refused, and every file stays."""
    files = sorted(lake.root.rglob("*.parquet"))
    monkeypatch.setattr(DeltaTable, "history", lambda *_: [])
    with pytest.raises(LakeError, match="its history can be read"):
        lake.sweep()
    assert len(files) > 4
    assert sorted(lake.root.rglob("*.parquet")) == files


def test_what_the_file_system_raises_is_a_lake_error() -> None:
    """With the cause in it."""
    with pytest.raises(LakeError, match="No space left"), edge(Path("lake")):
        raise OSError(28, "No space left on device")
