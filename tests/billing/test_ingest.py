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

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import CHARGES, Lake
from finops_lib.errors import LakeError, RefusedDeliveryError
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
    with Engine(lake, as_of=as_of) as engine:
        return sorted(engine.query("SELECT BilledCost FROM charges")["BilledCost"])


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


@pytest.mark.parametrize("name", ["sp ace", "ünï", "100%", "quo'te", 'x"=1', "a[b]*"])
def test_a_lake_may_lie_in_any_folder(tmp_path: Path, name: str) -> None:
    """What was taken in is read again, and the same again changes nothing."""
    lake = Lake(tmp_path / name / "lake")
    bill = write(tmp_path / "bill.csv", charge("10"))
    take(lake, bill)
    (again,) = take(lake, bill).snapshots
    assert again.unchanged
    assert billed(lake) == [10]
    assert take(lake, write(tmp_path / "bill.csv", charge("12"))).snapshots[0].replaces == again.id
    assert billed(lake) == [12]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "bill.csv"])


@pytest.mark.parametrize("name", ["per%20c", "a#b", "c?d"])
def test_a_lake_in_a_folder_that_delta_loses_is_refused(tmp_path: Path, name: str) -> None:
    """Delta would not find it again; nothing is made."""
    bill = write(tmp_path / "bill.csv", charge("10"))
    with pytest.raises(LakeError, match=r"no #, no \? and no % with two digits stand in its path"):
        take(Lake(tmp_path / name / "lake"), bill)
    assert not list(tmp_path.rglob("*.parquet"))


def test_files_of_the_same_content_are_refused(lake: Lake, tmp_path: Path) -> None:
    """Their money would count twice; with force they do, and the single file then takes over."""
    one, other = (write(tmp_path / name, charge("10")) for name in ("a.csv", "b.csv"))
    with pytest.raises(RefusedDeliveryError) as caught:
        take(lake, one, other)
    assert str(caught.value) == (
        f"files {one} and {other}: they have the same content, and their money would count twice. "
        "Remedy: name one of them, or use --force if both are charged."
    )
    assert lake.snapshots() == ()
    take(lake, one, other, force=True)
    assert billed(lake) == [10, 10]
    assert not take(lake, one, force=True).snapshots[0].unchanged
    assert billed(lake) == [10]


def test_a_delivery_in_two_folders_is_refused(lake: Lake, tmp_path: Path) -> None:
    """The first delivery of a month beside the restated one is not a part of it."""
    for name, cost in (("first", "10"), ("second", "11")):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "part.csv", charge(cost))
    with pytest.raises(RefusedDeliveryError, match=r"one folder holds a delivery whole.*the newest last"):
        take(lake, tmp_path / "first", tmp_path / "second")
    assert lake.snapshots() == ()
    take(lake, tmp_path / "first", tmp_path / "second", force=True)
    assert billed(lake) == [10, 11]


def test_a_gap_in_the_middle_is_fewer_days(lake: Lake, tmp_path: Path) -> None:
    """The first and the last day are there, the one between them is not."""
    days = [charge("10", day=f"2026-07-0{number}") for number in (1, 2, 3)]
    take(lake, write(tmp_path / "bill.csv", *days))
    with pytest.raises(RefusedDeliveryError) as caught:
        take(lake, write(tmp_path / "bill.csv", days[0], days[2]))
    assert "it covers 2 days of 2026-07-01 to 2026-07-03, the one in place 3 days" in str(caught.value)
    assert len(billed(lake)) == 3


def test_no_column_is_lost_to_its_neighbour(lake: Lake, tmp_path: Path) -> None:
    """Three names that look alike as column names stay three columns."""
    take(lake, write(tmp_path / "bill.csv", charge("1", **{"my col": "A", "my-col": "B", "x_my_col": "C"})))
    (row,) = (
        row for path in lake.files(CHARGES) for row in pq.read_table(path, partitioning=None).to_pylist()
    )
    assert sorted(row[name] for name in row if name.startswith("x_my_col")) == ["A", "B", "C"]
    assert row["x_my_col"] == "C"


def test_tags_as_a_list_of_pairs_are_tags(lake: Lake, tmp_path: Path) -> None:
    """Key and value, as some writers spell a map."""
    rows = {name: [text] for name, text in charge("1").items()}
    pairs = pa.array([[{"key": "team", "value": "web"}]])
    pq.write_table(pa.table({**rows, "Tags": pairs}), tmp_path / "bill.parquet")
    take(lake, tmp_path / "bill.parquet")
    (row,) = (
        row for path in lake.files(CHARGES) for row in pq.read_table(path, partitioning=None).to_pylist()
    )
    assert (row["tag_team"], row["Tags"]) == ("web", '{"team":"web"}')


def test_tags_that_are_no_object_are_flagged(lake: Lake, tmp_path: Path) -> None:
    """They are kept, counted and priced."""
    told = take(lake, write(tmp_path / "bill.csv", charge("3", Tags="team=web"), charge("1")))
    assert [(flag.rows, flag.cost) for flag in told.flags if flag.rule == "tags_unreadable"] == [
        (1, {"USD": Decimal(3)})
    ]
