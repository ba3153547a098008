"""The lake's charges as a FOCUS file: nothing lost, nothing added, never half a file."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing import focus
from finops_lib.billing.cells import EXACT, MONEY, TIME
from finops_lib.billing.engine import Engine
from finops_lib.billing.export import export_columns, export_focus
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.errors import LakeError, QueryError
from finops_lib.privacy import People

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
LINE = {
    "BilledCost": "1",
    "EffectiveCost": "1",
    "ListCost": "1",
    "ContractedCost": "1",
    "BillingAccountId": "111",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-07-01T00:00:00Z",
    "BillingPeriodEnd": "2026-08-01T00:00:00Z",
    "ChargePeriodStart": "2026-07-01T00:00:00Z",
    "ChargePeriodEnd": "2026-07-02T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeDescription": "an hour",
    "ProviderName": "Cloud",
    "PublisherName": "Seller",
    "ServiceName": "Compute",
    "Tags": '{"team": "web"}',
    "my column": "mine",
}
HOSTILE = [
    "=HYPERLINK(1)",
    "'; DROP TABLE charges; --",
    '"quoted", and\ttabbed',
    "two\nlines",
    "<script>alert(1)</script>",
    "Ω 東京 \N{RIGHT-TO-LEFT OVERRIDE}abc",
    "NaN",
]


def taken(folder: Path, *lines: Mapping[str, str], without: tuple[str, ...] = ()) -> Lake:
    """Take in a bill of a plain line changed by each of ``lines``."""
    bill = folder / "bill.csv"
    names = [*LINE, *(name for line in lines[:1] for name in line if name not in LINE)]
    with bill.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [name for name in names if name not in without], extrasaction="ignore")
        writer.writeheader()
        writer.writerows({**LINE, **line} for line in lines)
    lake = Lake(folder / "lake")
    ingest([bill], lake=lake, people=People.open(lake.root, {}), now=datetime.now(UTC))
    return lake


def exported(lake: Lake, path: Path, *, version: str = "1.2") -> pa.Table:
    """Export and read the file with pyarrow alone."""
    with Engine(lake) as engine:
        rows = export_focus(engine, path, version=version)
    found = pq.ParquetFile(path).read()
    assert rows == found.num_rows
    return found


def test_the_file_has_the_sums_of_the_lake_to_the_last_decimal(tmp_path: Path) -> None:
    """Twenty decimals, large and negative amounts; summed in Python over the cells of both."""
    costs = ["123456789012345678.00000000000000000001", "-0.1", "1E-20", "0.2", "3.00000000000000000007"]
    lake = taken(tmp_path, *({**dict.fromkeys(COSTS, cost), "ListCost": "2"} for cost in costs))
    found = exported(lake, tmp_path / "out.parquet")
    # By hand: ...678.00000000000000000001 - 0.1 + 0.00000000000000000001 + 0.2 + 3.00000000000000000007
    expected = Decimal("123456789012345681.10000000000000000009")
    for name in ("BilledCost", "EffectiveCost", "ContractedCost"):
        assert reduce(EXACT.add, found.column(name).to_pylist()) == expected
    with Engine(lake) as engine:
        held = engine.table("FROM charges SELECT sum(BilledCost) AS a, sum(ListCost) AS b").to_pylist()
    assert held == [{"a": expected, "b": Decimal(10)}]
    assert found.column("ListCost").to_pylist() == [Decimal(2)] * 5


def test_the_columns_are_those_of_focus_1_2_in_order_and_type(tmp_path: Path) -> None:
    """57 by name, then what the lake adds; tag columns and columns of later versions are left out."""
    schema = exported(taken(tmp_path, {}), tmp_path / "out.parquet").schema
    wanted = focus.columns(version="1.2")
    assert schema.names == [item.name for item in wanted] + ["x_SnapshotId", "x_SourceRow", "x_my_column"]
    kinds = {"decimal": MONEY, "datetime": TIME, "string": pa.string(), "json": pa.string()}
    assert [schema.field(item.name).type for item in wanted] == [kinds[item.kind] for item in wanted]


def test_a_file_of_1_4_speaks_of_service_providers(tmp_path: Path) -> None:
    """ProviderName is gone there, and what the bill said of it stays as an x_ column."""
    found = exported(taken(tmp_path, {}), tmp_path / "out.parquet", version="1.4")
    assert found.column_names[:65] == [item.name for item in focus.columns(version="1.4")]
    assert found.column("x_ProviderName").to_pylist() == ["Cloud"]
    assert "ProviderName" not in found.column_names


def test_provider_and_publisher_are_the_bills_own(tmp_path: Path) -> None:
    """Where the bill has none of them, the provider of the service stands for both."""
    names = ("ProviderName", "PublisherName")
    own = exported(taken(tmp_path, {}), tmp_path / "out.parquet")
    assert own.select(names).to_pylist() == [{"ProviderName": "Cloud", "PublisherName": "Seller"}]
    (tmp_path / "new").mkdir()
    lake = taken(tmp_path / "new", {"ServiceProviderName": "Sky"}, without=names)
    derived = exported(lake, tmp_path / "out.parquet")
    assert derived.select(names).to_pylist() == [{"ProviderName": "Sky", "PublisherName": "Sky"}]


def test_unknown_stays_unknown(tmp_path: Path) -> None:
    """An empty cost is null beside one of zero, and a column the bill lacks is null in every row."""
    found = exported(taken(tmp_path, {"ListCost": ""}, {"ListCost": "0"}), tmp_path / "out.parquet")
    assert found.column("ListCost").to_pylist() == [None, Decimal(0)]
    assert found.column("InvoiceId").to_pylist() == [None, None]
    assert found.column("PricingQuantity").to_pylist() == [None, None]


def test_hostile_text_is_unchanged(tmp_path: Path) -> None:
    """Formulas, quotes, mark-up, line breaks and other alphabets come out as they came in."""
    lake = taken(tmp_path, *({"ChargeDescription": text} for text in HOSTILE))
    found = exported(lake, tmp_path / "out.parquet")
    assert found.column("ChargeDescription").to_pylist() == HOSTILE


def test_a_file_may_be_named_with_quotes_and_signs(tmp_path: Path) -> None:
    """The name is a name, no SQL and no pattern."""
    folder = tmp_path / "it's [a] {folder} *"
    folder.mkdir()
    assert exported(taken(tmp_path, {}), folder / "o'ut?.parquet").num_rows == 1
    assert [path.name for path in folder.iterdir()] == ["o'ut?.parquet"]


def test_a_relative_name_lies_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without a folder is written into the working folder."""
    lake = taken(tmp_path, {})
    monkeypatch.chdir(tmp_path)
    assert exported(lake, Path("out.parquet")).num_rows == 1
    assert (tmp_path / "out.parquet").exists()


def test_rows_stand_in_groups_and_in_the_order_of_the_bill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With groups of 2048 rows, 5000 rows are three of them, in order."""
    monkeypatch.setattr("finops_lib.billing.export.ROW_GROUP", 2048)
    lake = taken(tmp_path, *({"BilledCost": str(number)} for number in range(5000)))
    found = exported(lake, tmp_path / "out.parquet")
    assert found.column("x_SourceRow").to_pylist() == list(range(1, 5001))
    assert found.column("BilledCost").to_pylist() == [Decimal(number) for number in range(5000)]
    assert pq.ParquetFile(tmp_path / "out.parquet").num_row_groups == 3


def test_an_earlier_state_of_the_lake_can_be_exported(tmp_path: Path) -> None:
    """The engine says as of when."""
    lake = taken(tmp_path, {"BilledCost": "1"})
    between = datetime.now(UTC)
    taken(tmp_path, {"BilledCost": "2"})
    with Engine(lake, as_of=between) as engine:
        export_focus(engine, tmp_path / "out.parquet")
    assert pq.ParquetFile(tmp_path / "out.parquet").read().column("BilledCost").to_pylist() == [Decimal(1)]


def test_an_empty_lake_is_refused_and_leaves_the_file_alone(tmp_path: Path) -> None:
    """The error names the remedy; a file that was there is the same, byte by byte."""
    path = tmp_path / "out.parquet"
    path.write_bytes(b"before")
    with Engine(Lake(tmp_path / "none")) as engine, pytest.raises(QueryError) as caught:
        export_focus(engine, path)
    assert str(caught.value) == (
        "the lake has no charge: an export holds at least one row. Remedy: ingest a bill first."
    )
    assert path.read_bytes() == b"before"


def test_an_unknown_version_is_a_wrong_argument(tmp_path: Path) -> None:
    """The versions known are said."""
    with Engine(Lake(tmp_path / "none")) as engine, pytest.raises(ValueError, match=r"version '2\.0'"):
        export_focus(engine, tmp_path / "out.parquet", version="2.0")


def test_a_file_that_breaks_off_leaves_the_one_in_place(tmp_path: Path) -> None:
    """A lake whose file is damaged cannot be read to its end: no half file, nothing left beside it."""
    lake = taken(tmp_path, {})
    path = tmp_path / "out" / "out.parquet"
    path.parent.mkdir()
    path.write_bytes(b"before")
    with Engine(lake) as engine:
        for part in (tmp_path / "lake" / "cost_and_usage").rglob("*.parquet"):
            data = bytearray(part.read_bytes())
            data[4 : len(data) // 2] = bytes(len(data) // 2 - 4)
            part.write_bytes(data)
        with pytest.raises(LakeError, match=r"export .*out\.parquet"):
            export_focus(engine, path)
    assert path.read_bytes() == b"before"
    assert [item.name for item in path.parent.iterdir()] == ["out.parquet"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """The error names the file and the remedy; the folder is not made."""
    with Engine(taken(tmp_path, {})) as engine, pytest.raises(LakeError) as caught:
        export_focus(engine, tmp_path / "gone" / "out.parquet")
    assert str(caught.value).startswith(f"export {tmp_path / 'gone' / 'out.parquet'}: ")
    assert caught.value.remedy == "name a file in a folder that has space, and see that the lake is whole"
    assert not (tmp_path / "gone").exists()


def test_a_folder_in_the_place_of_the_file_is_said(tmp_path: Path) -> None:
    """The whole file cannot be put there, and is not left beside it."""
    place = tmp_path / "out" / "out.parquet"
    place.mkdir(parents=True)
    with Engine(taken(tmp_path, {})) as engine, pytest.raises(LakeError, match="it can be written"):
        export_focus(engine, place)
    assert [item.name for item in place.parent.iterdir()] == ["out.parquet"]


@given(
    present=st.lists(
        st.one_of(
            st.sampled_from([item.name for item in focus.lake_columns()]),
            st.sampled_from(["x_ProviderName", "x_PublisherName", "x_b", "x_a", "tag_team"]),
        ),
        unique=True,
    ),
    version=st.sampled_from(focus.VERSIONS),
)
def test_every_version_has_its_columns_whatever_the_lake_has(present: list[str], version: str) -> None:
    """First the version's, then x_ columns by name; a source is always a column of the lake."""
    found = export_columns(present, version=version)
    wanted = [item.name for item in focus.columns(version=version)]
    assert list(found)[: len(wanted)] == wanted
    extra = list(found)[len(wanted) :]
    assert extra == sorted(name for name in extra if name.startswith("x_"))
    assert {source for sources in found.values() for source in sources} <= set(present)
    assert {"x_a", "x_b"} & set(present) <= set(extra)
