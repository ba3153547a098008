"""Damaged, hostile and absurd bills: an exact error and an unchanged lake, or rows set aside and counted."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Context, Decimal
from pathlib import Path
from typing import Any, NoReturn

import pyarrow.parquet as pq
import pytest

from finops_lib.billing import focus
from finops_lib.billing.formats import FORMATS
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import CHARGES, Lake
from finops_lib.errors import FinOpsError
from finops_lib.privacy import People
from finops_lib.records import Conformance

Progress = Callable[[str, int, int], None]
Attack = Callable[[Path, pytest.MonkeyPatch], Progress | None]

NOW = datetime(2026, 8, 20, tzinfo=UTC)
COSTS = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost")
UTF8 = "file bad: its text is not UTF-8. Remedy: save or export it as UTF-8."
KNOWN = ", ".join(form.name for form in FORMATS)
MEGABYTE = 1 << 20
EXACT = Context(prec=400)


def charge(cost: str = "1", **changes: str) -> dict[str, str]:
    """Write one charge."""
    return {
        **dict.fromkeys(COSTS, cost),
        "BillingAccountId": "111",
        "BillingCurrency": "USD",
        "BillingPeriodEnd": "2026-08-01T00:00:00Z",
        "BillingPeriodStart": "2026-07-01T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargePeriodEnd": "2026-07-02T00:00:00Z",
        "ChargePeriodStart": "2026-07-01T00:00:00Z",
        "ProviderName": "Cloud",
        "ServiceName": "Compute",
        "Tags": "{}",
        **changes,
    }


def text_of(*lines: Mapping[str, str]) -> str:
    """Write a bill."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, fieldnames=list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return file.getvalue()


def take(lake: Lake, path: Path, progress: Progress | None = None) -> Conformance:
    """Take one file or folder in."""
    return ingest([path], lake=lake, people=People.open(lake.root, {}), now=NOW, progress=progress)


def rows(lake: Lake) -> list[dict[str, Any]]:
    """Read all current charges."""
    return [row for path in lake.files(CHARGES) for row in pq.read_table(path, partitioning=None).to_pylist()]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give a lake that holds one good bill of 1 dollar."""
    bill = tmp_path / "good.csv"
    bill.write_text(text_of(charge()))
    store = Lake(tmp_path / "lake")
    take(store, bill)
    return store


BIGGER = text_of(charge("5"), charge("6"))


def holds(content: bytes) -> Attack:
    """Make an attack of a file's content alone."""

    def attack(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path.write_bytes(content)

    return attack


def bad_part(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a truncated part after a good one and before another."""
    path.mkdir()
    for number in range(3):
        (path / f"part-{number}.csv.gz").write_bytes(gzip.compress(BIGGER.encode()))
    (path / "part-1.csv.gz").write_bytes(gzip.compress(BIGGER.encode())[:-20])


def growing(path: Path, monkeypatch: pytest.MonkeyPatch) -> Progress:
    """Append a row once reading has begun."""
    path.write_text(BIGGER)
    rest = [BIGGER.splitlines()[1] + "\n"]

    def append(name: str, done: int, whole: int) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(rest.pop() if rest else "")

    return append


def forbidden(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the file refuse to be opened, for root too."""
    path.write_text(BIGGER)
    opened = Path.open

    def refuse(self: Path, *args: Any, **options: Any) -> Any:
        if self == path:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)


def full(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk be full at the first rows written."""
    path.write_text(BIGGER)

    def refuse(*args: Any, **options: Any) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", refuse)


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        pytest.param(
            holds(gzip.compress(BIGGER.encode())[:-20]),
            "file bad: the gzip stream is truncated or damaged "
            "(Compressed file ended before the end-of-stream marker was reached). Remedy: download it again.",
            id="truncated-gzip",
        ),
        pytest.param(holds(BIGGER.encode("utf-16")), UTF8, id="utf-16"),
        pytest.param(
            holds(text_of(charge("5", ServiceName="Détection")).encode("latin-1")), UTF8, id="latin-1"
        ),
        pytest.param(
            holds(BIGGER.splitlines(keepends=True)[0].encode()),
            "file bad: it has a header but no rows. Remedy: export a period that has charges.",
            id="no-rows",
        ),
        pytest.param(
            holds(BIGGER.replace("ServiceName", "BilledCost", 1).encode()),
            "header of bad: the column name 'BilledCost' stands there more than once. "
            "Remedy: keep one of them.",
            id="duplicate-columns",
        ),
        pytest.param(
            holds(b"name,colour\nrose,red\n"),
            f"file bad: its columns are those of no known export ({KNOWN}); "
            "the first, FOCUS, needs BilledCost, BillingPeriodStart, ChargePeriodStart, ChargeCategory. "
            "Remedy: name a bill, not another file.",
            id="not-a-bill",
        ),
        pytest.param(
            bad_part,
            "file part-1.csv.gz: the gzip stream is truncated or damaged "
            "(Compressed file ended before the end-of-stream marker was reached). Remedy: download it again.",
            id="one-bad-part",
        ),
        pytest.param(
            growing,
            "file bad: it changed while it was read. "
            "Remedy: wait until the export is complete, then ingest again.",
            id="changing",
        ),
        pytest.param(
            forbidden,
            "file bad: this user may not read it. Remedy: grant read permission or run as its owner.",
            id="no-permission",
        ),
        pytest.param(
            full,
            "lake {lake}: it cannot be read or written ([Errno 28] No space left on device). "
            "Remedy: check free disk space and permissions; nothing was changed.",
            id="disk-full",
        ),
    ],
)
def test_bad_bill_is_refused_whole(
    attack: Attack, said: str, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bill that cannot be read or written whole says why, and leaves the lake as it was."""
    before, files = lake.digest(), sorted(lake.root.rglob("*.parquet"))
    progress = attack(tmp_path / "bad", monkeypatch)
    with pytest.raises(FinOpsError) as caught:
        take(lake, tmp_path / "bad", progress)
    assert str(caught.value) == said.format(lake=lake.root)
    assert lake.digest() == before
    assert sorted(lake.root.rglob("*.parquet")) == files


@pytest.mark.parametrize(
    ("change", "rule", "cost"),
    [
        ({"BilledCost": "NULL"}, "cost_missing", "0"),
        ({"BilledCost": "NaN"}, "cost_not_a_number", "0"),
        ({"BilledCost": "Infinity"}, "cost_not_a_number", "0"),
        ({"BilledCost": "1e308"}, "cost_out_of_range", "1e308"),
        ({"ChargePeriodStart": "0001-01-01T00:00:00Z"}, "date_out_of_range", "7"),
        ({"ChargePeriodStart": "9999-12-31T23:59:59Z"}, "date_out_of_range", "7"),
    ],
    ids=["null", "nan", "infinity", "1e308", "year-1", "year-9999"],
)
def test_absurd_row_is_set_aside(
    change: dict[str, str], rule: str, cost: str, lake: Lake, tmp_path: Path
) -> None:
    """A row that would make a total wrong is set aside with its rule and cost; good rows are accepted."""
    bill = tmp_path / "bill.csv"
    bill.write_text(text_of(charge("5"), charge("7", **change), charge("6.5"), charge("7", **change)))
    found = take(lake, bill)
    broken = [item for item in found.flags if item.action == "quarantine"]
    assert [(item.rule, item.rows) for item in broken] == [(rule, 2)]
    assert broken[0].cost.get("USD", 0) == found.quarantined.get("USD", 0) == 2 * Decimal(cost)
    assert found.accepted == {"USD": Decimal("11.5")}
    assert found.source_cost == {"USD": EXACT.add(2 * Decimal(cost), Decimal("11.5"))}
    assert (found.rows_read, found.rows_accepted, found.rows_quarantined) == (4, 2, 2)
    assert sorted(row["BilledCost"] for row in rows(lake)) == [5, Decimal("6.5")]


FREE_TEXT = [item.name for item in focus.lake_columns() if item.kind == "string" and not item.allowed]


@pytest.mark.parametrize(
    "text",
    ["<script>alert('x')</script>", '=cmd("calc")', "x" * MEGABYTE],
    ids=["script", "formula", "megabyte-tag"],
)
def test_hostile_text_is_kept_verbatim(text: str, lake: Lake, tmp_path: Path) -> None:
    """Markup, formulas and a tag of 1 MB are only text: kept as they came, in every text field."""
    names = [name for name in FREE_TEXT if name != "BillingCurrency"] if len(text) < MEGABYTE else []
    tags = json.dumps({"note": text})
    bill = tmp_path / "bill.csv"
    bill.write_text(text_of(charge("5", **dict.fromkeys(names, text), Tags=tags)))
    found = take(lake, bill)
    assert found.rows_accepted == 1
    kept = next(row for row in rows(lake) if row["BilledCost"] == 5)
    assert {name: kept[name] for name in names} == dict.fromkeys(names, text)
    assert kept["Tags"] == tags
    assert kept["tag_note"] == text
