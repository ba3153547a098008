"""Taking a bill in: to the last decimal, once only, replaced as a whole, and never quietly shrunken."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import CHARGES, Lake
from finops_lib.errors import RefusedDeliveryError
from finops_lib.privacy import People
from finops_lib.records import Conformance

NOW = datetime(2026, 8, 20, tzinfo=UTC)
COSTS = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost")
AWS_HEADER = (
    "bill_billing_period_start_date",
    "bill_payer_account_id",
    "line_item_usage_start_date",
    "line_item_product_code",
    "line_item_line_item_type",
    "line_item_unblended_cost",
)
REMEDY = "check that the export is complete; if the provider did withdraw charges, use --force"


def charge(cost: str, day: str = "2026-07-01", **changes: str) -> dict[str, str]:
    """Write one charge."""
    return {
        **dict.fromkeys(COSTS, cost),
        "BillingAccountId": "111",
        "BillingCurrency": "USD",
        "BillingPeriodEnd": "2026-08-01T00:00:00Z",
        "BillingPeriodStart": "2026-07-01T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargePeriodEnd": f"{day}T23:00:00Z",
        "ChargePeriodStart": f"{day}T00:00:00Z",
        "ProviderName": "Cloud",
        "ServiceName": "Compute",
        "Tags": '{"team": "web"}',
        **changes,
    }


# Two days, a credit, the smallest amount the lake keeps, and a sum binary floats get wrong.
CHARGES_OF_JULY = (
    charge("0.1"),
    charge("0.2"),
    charge("10", day="2026-07-02"),
    charge("-1.5", ChargeCategory="Credit"),
    charge("0.00000000000000000001"),
)
SUM_OF_JULY = Decimal("8.80000000000000000001")


def text_of(*lines: Mapping[str, str]) -> str:
    """Write a bill."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, fieldnames=list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return file.getvalue()


def write(path: Path, *lines: Mapping[str, str]) -> Path:
    """Write a bill into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text_of(*lines), encoding="utf-8", newline="")
    return path


def take(lake: Lake, *paths: Path, force: bool = False, now: datetime = NOW) -> Conformance:
    """Take files in."""
    return ingest(paths, lake=lake, people=People.open(lake.root, {}), now=now, force=force)


def billed(lake: Lake, *, as_of: datetime | None = None) -> list[Decimal]:
    """Read the lake's BilledCost, smallest first."""
    found = [
        cost
        for path in lake.files(CHARGES, as_of=as_of)
        for cost in pq.read_table(path, columns=["BilledCost"], partitioning=None)[0].to_pylist()
    ]
    return sorted(found)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give an empty lake."""
    return Lake(tmp_path / "lake")


def test_accepted_and_quarantined_equal_the_source(lake: Lake, tmp_path: Path) -> None:
    """What is accepted and what is set aside are the file's own cost to the last decimal."""
    bad = charge("3.00000000000000000007", ChargeCategory="Nonsense")
    found = take(lake, write(tmp_path / "bill.csv", *CHARGES_OF_JULY, bad))
    assert found.accepted == {"USD": SUM_OF_JULY}
    assert found.quarantined == {"USD": Decimal("3.00000000000000000007")}
    assert found.source_cost == {"USD": Decimal("11.80000000000000000008")}
    assert not found.rounding
    assert (found.rows_read, found.rows_accepted, found.rows_quarantined) == (6, 5, 1)
    assert sum(billed(lake)) == SUM_OF_JULY


def test_more_decimals_than_the_lake_keeps_are_told_as_rounding(lake: Lake, tmp_path: Path) -> None:
    """A 21st decimal is lost to no sum: source is accepted, quarantined and rounding."""
    fine = charge("0.000000000000000000012")
    bad = charge("0.000000000000000000034", ChargeCategory="Nonsense")
    found = take(lake, write(tmp_path / "bill.csv", fine, bad))
    assert found.source_cost == {"USD": Decimal("0.000000000000000000046")}
    assert found.accepted == {"USD": Decimal("0.00000000000000000001")}
    assert found.quarantined == {"USD": Decimal("0.000000000000000000034")}
    assert found.rounding == {"USD": Decimal("0.000000000000000000002")}


def test_same_content_again_changes_nothing(lake: Lake, tmp_path: Path) -> None:
    """The same rows under another file name are told as unchanged and leave the lake as it is."""
    first = take(lake, write(tmp_path / "bill.csv", *CHARGES_OF_JULY))
    before = lake.digest()
    again = take(lake, write(tmp_path / "copy.csv", *CHARGES_OF_JULY))
    assert [item.unchanged for item in (*first.snapshots, *again.snapshots)] == [False, True]
    assert first.snapshots[0].id == again.snapshots[0].id
    assert lake.digest() == before
    assert len(lake.history()) == 1
    assert len(billed(lake)) == 5


def test_changed_bill_replaces_and_the_earlier_one_stays_readable(lake: Lake, tmp_path: Path) -> None:
    """A changed bill takes the place of the one before, which is still read as of its time."""
    first = take(lake, write(tmp_path / "bill.csv", charge("10")))
    earlier, before = NOW + timedelta(hours=1), lake.digest()
    bill = write(tmp_path / "bill.csv", charge("10"), charge("2"))
    second = take(lake, bill, now=NOW + timedelta(hours=2))
    assert second.snapshots[0].replaces == first.snapshots[0].id
    assert billed(lake) == [2, 10]
    assert billed(lake, as_of=earlier) == [10]
    assert lake.digest() != before
    assert lake.digest(as_of=earlier) == before
    assert [item.id for item in lake.snapshots(as_of=earlier)] == [first.snapshots[0].id]
    assert len(lake.history()) == 2


@pytest.mark.parametrize(
    ("smaller", "rule"),
    [
        (
            (charge("4"), charge("0.5", day="2026-07-02")),
            "it costs 4.5 USD, the one in place 10; less than half is not believed",
        ),
        (
            (charge("10"),),
            "it covers 2026-07-01 to 2026-07-01, the one in place 2026-07-01 to 2026-07-02; "
            "a new delivery covers at least the same days",
        ),
    ],
    ids=["cost", "days"],
)
def test_shrunken_bill_is_refused_unless_forced(
    smaller: tuple[dict[str, str], ...], rule: str, lake: Lake, tmp_path: Path
) -> None:
    """Less than half the cost, or fewer days, is refused with the lake unchanged; force accepts it."""
    take(lake, write(tmp_path / "bill.csv", charge("4"), charge("6", day="2026-07-02")))
    before = lake.digest()
    less = write(tmp_path / "less.csv", *smaller)
    with pytest.raises(RefusedDeliveryError) as caught:
        take(lake, less)
    assert str(caught.value) == f"delivery Cloud 111 2026-07: {rule}. Remedy: {REMEDY}."
    assert lake.digest() == before
    forced = take(lake, less, force=True)
    assert not forced.snapshots[0].unchanged
    assert billed(lake) == sorted(Decimal(line["BilledCost"]) for line in smaller)


def test_half_the_cost_is_still_believed(lake: Lake, tmp_path: Path) -> None:
    """Exactly half of the cost in place is accepted without force."""
    take(lake, write(tmp_path / "bill.csv", charge("10")))
    take(lake, write(tmp_path / "half.csv", charge("5")))
    assert billed(lake) == [5]


def test_folder_of_parts_is_one_delivery(lake: Lake, tmp_path: Path) -> None:
    """All parts of a folder, nested ones too, make one delivery; manifests and hidden files are no parts."""
    folder = tmp_path / "export"
    write(folder / "part-0.csv", *CHARGES_OF_JULY[:2])
    (folder / "part-1.csv.gz").write_bytes(gzip.compress(text_of(*CHARGES_OF_JULY[2:4]).encode()))
    write(folder / "more" / "part-2.csv", *CHARGES_OF_JULY[4:])
    (folder / "manifest.json").write_text("{}")
    (folder / "_SUCCESS").write_text("")
    found = take(lake, folder)
    assert found.accepted == {"USD": SUM_OF_JULY}
    assert [(item.key, item.rows) for item in found.snapshots] == [(("Cloud", "111", "2026-07", ""), 5)]


def test_two_accounts_make_two_deliveries(lake: Lake, tmp_path: Path) -> None:
    """One file of two billing accounts lands as two deliveries, and each is replaced by itself."""
    found = take(lake, write(tmp_path / "bill.csv", charge("1"), charge("2", BillingAccountId="222")))
    assert [(item.account, item.cost) for item in found.snapshots] == [
        ("111", {"USD": Decimal(1)}),
        ("222", {"USD": Decimal(2)}),
    ]
    take(lake, write(tmp_path / "second.csv", charge("3", BillingAccountId="222")))
    assert billed(lake) == [1, 3]


def test_mixed_formats_are_refused(lake: Lake, tmp_path: Path) -> None:
    """Files of two formats are not parts of one export."""
    report = tmp_path / "report.csv"
    cells = "2026-07-01T00:00:00Z,111,2026-07-01T00:00:00Z,AmazonEC2,Usage,1"
    report.write_text(f"{','.join(AWS_HEADER)}\n{cells}\n")
    with pytest.raises(RefusedDeliveryError) as caught:
        take(lake, write(tmp_path / "bill.csv", *CHARGES_OF_JULY), report)
    assert str(caught.value) == (
        "files of AWS Cost and Usage Report and FOCUS: the files of one call are parts of one export. "
        "Remedy: ingest each export by itself."
    )
    assert lake.snapshots() == ()


@pytest.mark.parametrize("kind", ["csv.gz", "text.parquet", "typed.parquet"])
def test_compressed_and_parquet_give_the_sums_of_csv(kind: str, lake: Lake, tmp_path: Path) -> None:
    """The same rows give the same costs however they are packed."""
    path = tmp_path / f"bill.{kind}"
    if kind == "csv.gz":
        path.write_bytes(gzip.compress(text_of(*CHARGES_OF_JULY).encode()))
    else:
        table = pa.Table.from_pylist(list(CHARGES_OF_JULY))
        for name in COSTS if kind == "typed.parquet" else ():
            place = table.column_names.index(name)
            table = table.set_column(place, name, table[name].cast(pa.decimal128(38, 20)))
        pq.write_table(table, path)
    plain = Lake(tmp_path / "plain")
    wanted = take(plain, write(tmp_path / "bill.csv", *CHARGES_OF_JULY))
    found = take(lake, path)
    assert found.source_cost == wanted.source_cost == {"USD": SUM_OF_JULY}
    assert found.accepted == wanted.accepted
    assert found.rows_accepted == wanted.rows_accepted == 5
    assert billed(lake) == billed(plain)
