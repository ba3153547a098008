"""Files that are no bill, and rows that are no charge: an error and an unchanged lake, or set aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.errors import FinOpsError
from finops_lib.privacy import People
from finops_lib.records import Conformance

NOW = datetime(2026, 8, 20, tzinfo=UTC)
ENVIRON = {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"}
LINE = {
    "BilledCost": "1",
    "EffectiveCost": "1",
    "BillingCurrency": "USD",
    "BillingAccountId": "111",
    "BillingPeriodStart": "2026-07-01T00:00:00Z",
    "BillingPeriodEnd": "2026-08-01T00:00:00Z",
    "ChargePeriodStart": "2026-07-01T00:00:00Z",
    "ChargePeriodEnd": "2026-08-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ServiceName": "Compute",
    "ProviderName": "Cloud",
    "Tags": "{}",
}


def text_of(*changes: dict[str, str]) -> str:
    """Write one line of a bill for each set of changes."""
    lines = [",".join(LINE)]
    for change in changes:
        cells = ('"' + value.replace('"', '""') + '"' for value in {**LINE, **change}.values())
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


GOOD = text_of({}, {"BilledCost": "2.25"})
OTHER = text_of({"BilledCost": "7"}, {"BilledCost": "9"})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give a lake that holds one good bill."""
    bill = tmp_path / "good.csv"
    bill.write_text(GOOD)
    store = Lake(tmp_path / "lake")
    take(store, bill)
    return store


def take(store: Lake, path: Path, **more: Callable[[str, int, int], None]) -> Conformance:
    """Take one bill, or a folder of parts, in."""
    return ingest([path], lake=store, people=People.open(store.root, ENVIRON), now=NOW, **more)  # type: ignore[arg-type]


REFUSED: list[tuple[str, Callable[[Path], object], str]] = [
    (
        "nearly a bill",
        lambda path: path.write_text("BilledCost,ChargeCategory,ChargePeriodStart\n1,Usage,2026-07-01\n"),
        "it is nearest to FOCUS, but lacks BillingPeriodStart",
    ),
    ("empty", lambda path: path.write_bytes(b""), "it is empty. Remedy: export it again"),
    ("binary", lambda path: path.write_bytes(b"\x7fELF\x00\x01\n"), "it is neither CSV, JSON nor Parquet"),
    ("torn Parquet", lambda path: path.write_bytes(b"PAR1 and no more"), "it is damaged"),
    ("nowhere", lambda _: None, "it does not exist. Remedy: check the path"),
    ("no row good", lambda path: path.write_text(text_of({"BilledCost": "x"})), "no row could be accepted"),
]


@pytest.mark.parametrize(("case", "write", "said"), REFUSED, ids=[case for case, _, _ in REFUSED])
def test_a_bad_file_is_refused_whole(
    lake: Lake, tmp_path: Path, case: str, write: Callable[[Path], object], said: str
) -> None:
    """The error says what is wrong; the lake's state and files are those of before."""
    bill = tmp_path / case
    write(bill)
    before, files = lake.digest(), sorted(lake.root.rglob("*.parquet"))
    with pytest.raises(FinOpsError) as found:
        take(lake, bill)
    assert said in str(found.value)
    assert (lake.digest(), sorted(lake.root.rglob("*.parquet"))) == (before, files)


@pytest.mark.parametrize(
    ("change", "rule", "cost"),
    [
        ({"BilledCost": "3", "ChargePeriodStart": "0001-01-01T00:00:00Z"}, "date_out_of_range", "3"),
        ({"BilledCost": "3", "ChargePeriodEnd": "9999-12-31T00:00:00Z"}, "date_out_of_range", "3"),
        ({"BilledCost": "3", "ChargePeriodStart": "yesterday"}, "date_unreadable", "3"),
        ({"BilledCost": "3", "ChargeCategory": "Cheese"}, "charge_category_unknown", "3"),
        ({"BilledCost": "3", "BillingCurrency": "ZZZ"}, "currency_unknown", "3"),
    ],
)
def test_an_absurd_row_is_set_aside_with_its_rule(
    tmp_path: Path, change: dict[str, str], rule: str, cost: str
) -> None:
    """The good row of 1 is accepted; the sums of both are those of the file, to the last decimal."""
    bill, lake = tmp_path / "bill.csv", Lake(tmp_path / "lake")
    bill.write_text(text_of({}, change))
    told = take(lake, bill)
    assert (told.rows_read, told.rows_accepted, told.rows_quarantined) == (2, 1, 1)
    assert [(flag.rule, flag.rows) for flag in told.flags if flag.action == "quarantine"] == [(rule, 1)]
    assert told.accepted == {"USD": Decimal(1)}
    assert sum(told.quarantined.values(), Decimal(0)) == Decimal(cost)
    assert sum(told.source_cost.values(), Decimal(0)) == 1 + Decimal(cost)
    with Engine(lake) as engine:
        assert engine.query("SELECT Rule FROM quarantine")["Rule"].tolist() == [rule]
