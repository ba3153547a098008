"""Rows of Parquet: typed cells as a CSV would write them, records as columns of their own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops_lib.billing.source import Reading, batches, open_source, parquet_rows
from finops_lib.errors import UnreadableBillError

JULY = datetime(2026, 7, 1, tzinfo=UTC)
NANOSECONDS = 1_782_864_000_000_000_123  # 2026-07-01T00:00:00Z and 123 ns


def read(path: Path, **columns: pa.Array) -> dict[str, list[str | None]]:
    """Write a file and read it whole; ``Cost`` is its numeric column."""
    pq.write_table(pa.table(columns), path)
    parts = list(batches(open_source(path), numeric=lambda name: name == "Cost", reading=Reading()))
    table = pa.concat_tables(parts)
    plain = {
        name
        for name, column in zip(table.column_names, table.columns, strict=True)
        if column.type == "string"
    }
    assert plain == {"Cost"} & set(table.column_names)
    return table.to_pydict()


def test_a_record_is_columns_of_their_own(tmp_path: Path) -> None:
    """Null where a field is null, and where the whole record is."""
    service = pa.array([{"id": "a", "n": 1}, None, {"id": None, "n": 2}])
    assert read(tmp_path / "bill", service=service, Cost=pa.array(["1", "2", "3"])) == {
        "service.id": ["a", None, None],
        "service.n": ["1", None, "2"],
        "Cost": ["1", "2", "3"],
    }


def test_the_header_names_the_columns_of_the_rows(tmp_path: Path) -> None:
    """In the order of the file, the fields of a record where it stands."""
    record = pa.array([{"id": "a", "labels": {"x": 1}}])
    read(
        tmp_path / "bill", a=pa.array(["1"]), **{" r ": record}, labels=pa.array([{"x": 1}]), z=pa.array([1])
    )
    assert open_source(tmp_path / "bill").header == ("a", "r.id", "r.labels", "labels", "z")


def test_what_is_deeper_stays_json(tmp_path: Path) -> None:
    """Records, lists and maps within a record; whole what is named like tags or labels."""
    kind = pa.struct(
        [
            ("id", pa.struct([("x", pa.decimal128(5, 2))])),
            ("list", pa.list_(pa.int64())),
            ("map", pa.map_(pa.string(), pa.string())),
        ]
    )
    deep = pa.array([{"id": {"x": Decimal("1.50")}, "list": [1, 2], "map": [("a", "b")]}, None], kind)
    assert read(tmp_path / "bill", deep=deep, Tags=pa.array([{"team": "web", "org": None}, None])) == {
        "deep.id": ['{"x":"1.50"}', None],
        "deep.list": ["[1,2]", None],
        "deep.map": ['{"a":"b"}', None],
        "Tags": ['{"team":"web","org":null}', None],
    }


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        (pa.array([[(1, "a")]], pa.map_(pa.int32(), pa.string())), ['{"1":"a"}']),
        (pa.array([[{"key": "a", "value": "1"}, {"key": None, "value": "2"}]]), ['{"a":"1","null":"2"}']),
        (pa.array([[(b"k", "a")]], pa.map_(pa.binary(), pa.string())), ["{b'k': 'a'}"]),
    ],
    ids=["numbers", "null", "bytes"],
)
def test_keys_that_are_no_text_are_no_crash(tmp_path: Path, column: pa.Array, cells: list[str]) -> None:
    """They are written as JSON writes them, or, where it cannot, kept as text."""
    assert read(tmp_path / "bill", Tags=column) == {"Tags": cells}


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (pa.array([JULY], pa.timestamp("us", "Europe/Berlin")), JULY),
        (pa.array([NANOSECONDS], pa.timestamp("ns", "UTC")), JULY),
        (
            pa.array([1_782_864_000_250], pa.timestamp("ms", "Asia/Kolkata")),
            JULY.replace(microsecond=250_000),
        ),
        (pa.array([1_782_864_000], pa.timestamp("s")), JULY),
    ],
    ids=["zone", "nanoseconds", "milliseconds", "no zone"],
)
def test_a_moment_is_written_in_utc(tmp_path: Path, column: pa.Array, cell: datetime) -> None:
    """Whatever the zone of the column; without one it is UTC; finer than a microsecond is cut off."""
    (found,) = read(tmp_path / "bill", at=column)["at"]
    assert datetime.fromisoformat(found or "") == cell


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (pa.array([Decimal("1.5")], pa.decimal256(50, 3)), "1.500"),
        (pa.array([0.1]), "0.1"),
        (pa.array([float("nan")]), "nan"),
        (pa.array([date(2026, 7, 1)]), "2026-07-01"),
        (pa.array([True]), "true"),
        (pa.array([5]).dictionary_encode(), "5"),
        (pa.array(["a"], pa.large_string()), "a"),
        (pa.array([b"a"]), "a"),
        (pa.nulls(1), None),
    ],
)
def test_other_types_are_their_text(tmp_path: Path, column: pa.Array, cell: str | None) -> None:
    """The shortest text that says the same; no number becomes null."""
    assert read(tmp_path / "bill", Cost=column) == {"Cost": [cell]}


def test_all_parts_of_a_file_are_read_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows come in order, and the last thing told is the whole size."""
    monkeypatch.setattr(parquet_rows, "_ROWS", 3)
    path = tmp_path / "bill"
    pq.write_table(pa.table({"Cost": [str(number) for number in range(7)]}), path)
    told: list[tuple[str, int, int]] = []
    parts = batches(
        open_source(path), numeric=lambda _: True, reading=Reading(), progress=lambda *said: told.append(said)
    )
    assert [part.column("Cost").to_pylist() for part in parts] == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    size = path.stat().st_size
    assert told == [("bill", size * done // 7, size) for done in (3, 6, 7)]


def test_a_file_without_rows_has_its_header(tmp_path: Path) -> None:
    """And no batch."""
    path = tmp_path / "bill"
    pq.write_table(pa.table({"Cost": pa.array([], pa.string())}), path)
    source = open_source(path)
    assert source.header == ("Cost",)
    assert list(batches(source, numeric=lambda _: True, reading=Reading())) == []


def broken_text() -> pa.Array:
    """Make text of one byte that is no UTF-8."""
    ends = pa.py_buffer(b"\0\0\0\0\1\0\0\0")
    return pa.Array.from_buffers(pa.string(), 1, [None, ends, pa.py_buffer(b"\xff")])


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            {"a.b": pa.array(["1"]), "a": pa.array([{"b": 1}])},
            "header of bad: the column name 'a.b' stands there more than once. Remedy: keep one of them.",
        ),
        ({"a": broken_text()}, "file bad: its text is not UTF-8. Remedy: save or export it as UTF-8."),
        ({"a": pa.array([b"\xff"])}, "file bad: its text is not UTF-8. Remedy: save or export it as UTF-8."),
    ],
    ids=["twice when flat", "text", "bytes"],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, columns: dict[str, Any], said: str) -> None:
    """The error names the file and the rule."""
    with pytest.raises(UnreadableBillError) as caught:
        read(tmp_path / "bad", **columns)
    assert str(caught.value) == said
