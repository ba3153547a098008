"""Broken, hostile and absurd bills: a clear error and an unchanged lake, or rows set aside and counted."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
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


def truncated(path: Path) -> None:
    """Write half of a gzip stream."""
    whole = gzip.compress("".join(f"{number}\n" for number in range(20_000)).join([OTHER, ""]).encode())
    path.write_bytes(whole[: len(whole) // 2])


def one_bad_part(path: Path) -> None:
    """Write a folder with a good and a truncated part."""
    path.mkdir()
    (path / "part-0.csv.gz").write_bytes(gzip.compress(OTHER.encode()))
    truncated(path / "part-1.csv.gz")


REFUSED: list[tuple[str, Callable[[Path], object], str]] = [
    ("truncated gzip", truncated, "truncated or damaged"),
    ("UTF-16", lambda path: path.write_text(OTHER, encoding="utf-16"), "its text is not UTF-8"),
    (
        "Latin-1",
        lambda path: path.write_bytes(text_of({"ServiceName": "Größe"}).encode("latin-1")),
        "its text is not UTF-8. Remedy: save or export it as UTF-8",
    ),
    ("header alone", lambda path: path.write_text(text_of()), "it has a header but no rows"),
    (
        "a name twice",
        lambda path: path.write_text("BilledCost," + OTHER),
        "the column name 'BilledCost' stands there more than once. Remedy: keep one of them",
    ),
    ("one bad part", one_bad_part, "file part-1.csv.gz: the gzip stream is truncated or damaged"),
    (
        "no bill at all",
        lambda path: path.write_text("a,b\n1,2\n"),
        "none of its columns belongs to a known export",
    ),
    (
        "nearly a bill",
        lambda path: path.write_text("BilledCost,ChargeCategory,ChargePeriodStart\n1,Usage,2026-07-01\n"),
        "it is nearest to FOCUS, but lacks BillingPeriodStart",
    ),
    ("empty", lambda path: path.write_bytes(b""), "it is empty. Remedy: export it again"),
    ("binary", lambda path: path.write_bytes(b"\x7fELF\x00\x01\n"), "it is neither CSV nor Parquet"),
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


def test_a_file_that_changes_while_it_is_read_is_refused(lake: Lake, tmp_path: Path) -> None:
    """A line that is appended during the reading is found, and nothing lands."""
    bill = tmp_path / "growing.csv"
    bill.write_text(OTHER)
    before, more = lake.digest(), [OTHER.splitlines()[1] + "\n"]

    def append(*_: object) -> None:
        with bill.open("a") as file:
            file.write(more.pop() if more else "")

    with pytest.raises(FinOpsError, match="it changed while it was read"):
        take(lake, bill, progress=append)
    assert lake.digest() == before


def test_a_file_that_may_not_be_read_is_refused(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The remedy names the right that is missing."""
    bill = tmp_path / "locked.csv"
    bill.write_text(OTHER)
    before, plain = lake.digest(), Path.open

    def guarded(path: Path, *arguments: str, **named: str) -> object:
        if path == bill:
            raise PermissionError(13, "Permission denied")
        return plain(path, *arguments, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", guarded)
    with pytest.raises(FinOpsError, match=r"this user may not read it. Remedy: grant read permission"):
        take(lake, bill)
    assert lake.digest() == before


def test_a_full_disk_leaves_the_lake_as_it_was(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says so, and no file of the delivery stays behind."""
    bill = tmp_path / "late.csv"
    bill.write_text(OTHER)
    before, files = lake.digest(), sorted(lake.root.rglob("*.parquet"))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(FinOpsError, match=r"No space left on device.*check free disk space"):
        take(lake, bill)
    assert (lake.digest(), sorted(lake.root.rglob("*.parquet"))) == (before, files)


@pytest.mark.parametrize(
    ("change", "rule", "cost"),
    [
        ({"BilledCost": "NULL"}, "cost_missing", "0"),
        ({"BilledCost": "NaN"}, "cost_not_a_number", "0"),
        ({"BilledCost": "Infinity"}, "cost_not_a_number", "0"),
        ({"BilledCost": "1e308"}, "cost_out_of_range", "1e308"),
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


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "=cmd('calc')!A0", "'; DROP TABLE charges; --"]
)
def test_hostile_text_is_kept_as_text(tmp_path: Path, text: str) -> None:
    """In every text field and tag, it comes out of the lake letter by letter."""
    bill, lake = tmp_path / "bill.csv", Lake(tmp_path / "lake")
    change = dict.fromkeys(("ServiceName", "ProviderName", "BillingAccountId"), text)
    bill.write_text(text_of({**change, "Tags": json.dumps({"team": text, text: "x"})}))
    assert take(lake, bill).rows_accepted == 1
    with Engine(lake) as engine:
        row = engine.query('SELECT ServiceName, "x_ProviderName", BillingAccountId, tag_team FROM charges')
    assert set(row.iloc[0]) == {text}


def test_a_tag_cell_of_a_megabyte_is_taken(tmp_path: Path) -> None:
    """The value is there in full length."""
    bill, lake = tmp_path / "bill.csv", Lake(tmp_path / "lake")
    with bill.open("w", newline="") as file:
        writer = csv.DictWriter(file, LINE)
        writer.writeheader()
        writer.writerow({**LINE, "Tags": json.dumps({"team": "x" * 1_000_000})})
    take(lake, bill)
    with Engine(lake) as engine:
        assert engine.query("SELECT length(tag_team) AS n FROM charges")["n"].tolist() == [1_000_000]
