"""The columns of the lake's tables and their types."""

from __future__ import annotations

import pyarrow as pa
import pytest

from finops_lib.billing import focus
from finops_lib.billing.schema import EXTRA, charge_schema, stored_schema

CODED = pa.dictionary(pa.int32(), pa.string())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("BilledCost", pa.decimal128(38, 20)),
        ("ChargePeriodStart", pa.timestamp("us", tz="UTC")),
        ("BillingCurrency", pa.string()),
        ("Tags", pa.string()),
        ("x_SourceRow", pa.int64()),
    ],
)
def test_a_charge_column_has_its_type(name: str, kind: pa.DataType) -> None:
    """Money keeps 20 decimals, times are UTC, JSON is text."""
    assert charge_schema().field(name).type == kind


def test_own_columns_come_after_those_of_focus() -> None:
    """Former provider, former publisher and row number are the last three, and no name comes twice."""
    names = charge_schema().names
    assert names[-3:] == ["x_ProviderName", "x_PublisherName", "x_SourceRow"]
    assert len(set(names)) == len(names) == 68


def test_stored_dictionaries_are_text_and_the_delivery_comes_last() -> None:
    """Other types stay as they are."""
    found = stored_schema([pa.schema([("RegionId", CODED), ("x_SourceRow", pa.int64())])])
    assert found == pa.schema(
        [("RegionId", pa.string()), ("x_SourceRow", pa.int64()), ("x_SnapshotId", pa.string())]
    )


def test_files_with_different_columns_make_one_table() -> None:
    """Each column once, in the order of its first file."""
    first = pa.schema([("tag_org", CODED), ("RegionId", pa.string())])
    second = pa.schema([("RegionId", CODED), ("tag_team", pa.string())])
    assert stored_schema([first, second]).names == ["tag_org", "RegionId", "tag_team", "x_SnapshotId"]


def test_one_column_has_one_type() -> None:
    """Text and a number under one name are not merged."""
    schemas = [pa.schema([("x_Size", pa.string())]), pa.schema([("x_Size", pa.int64())])]
    with pytest.raises(pa.ArrowTypeError, match="x_Size"):
        stored_schema(schemas)


def test_typed_extras_are_kept_under_their_own_name() -> None:
    """Each has the prefix of columns that FOCUS does not know, a kind that can be typed, and one spelling."""
    assert {name[:2] for name in EXTRA} == {"x_"}
    assert set(EXTRA.values()) == {"decimal", "datetime"}
    assert len({name.lower() for name in EXTRA}) == len(EXTRA)
    assert not {name.removeprefix("x_") for name in EXTRA} & {item.name for item in focus.lake_columns()}
    assert not EXTRA.keys() & set(charge_schema().names)
