"""What stands in a file: its kind, its text, and its digest."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops_lib.billing.source import Reading, batches, expand, open_source
from finops_lib.billing.unreadable import BLOCK
from finops_lib.errors import UnreadableBillError

CSV = b"Cost,Name\n0.10000000000000000001,a\nNULL,\n,NULL\n007,null\n"


def read(path: Path) -> tuple[dict[str, list[str | None]], Reading]:
    """Read a whole file; ``Cost`` is its numeric column."""
    reading = Reading()
    parts = list(batches(open_source(path), numeric=lambda name: name == "Cost", reading=reading))
    return pa.concat_tables(parts).to_pydict(), reading


@pytest.mark.parametrize("name", ["bill.csv", "bill.parquet", "bill.csv.gz", "bill"])
def test_content_and_not_the_name_decides_the_kind(tmp_path: Path, name: str) -> None:
    """Each content is told apart under any name."""
    path = tmp_path / name
    path.write_bytes(CSV)
    plain = open_source(path)
    path.write_bytes(gzip.compress(CSV))
    zipped = open_source(path)
    pq.write_table(pa.table({"Cost": ["1"], "Name": ["a"]}), path)
    found = [(item.kind, item.gzipped, item.header) for item in (plain, zipped, open_source(path))]
    header = ("Cost", "Name")
    assert found == [("csv", False, header), ("csv", True, header), ("parquet", False, header)]


@pytest.mark.parametrize("zipped", [False, True])
def test_cells_stay_text_and_blank_or_null_is_null(tmp_path: Path, zipped: bool) -> None:
    """No digit or leading zero is lost; only a blank and ``NULL`` are null, ``null`` is a word."""
    path = tmp_path / "bill"
    path.write_bytes(gzip.compress(CSV) if zipped else CSV)
    rows, _ = read(path)
    assert rows == {
        "Cost": ["0.10000000000000000001", None, None, "007"],
        "Name": ["a", None, None, "null"],
    }


def test_parquet_cells_are_written_as_a_csv_would(tmp_path: Path) -> None:
    """Maps become JSON objects, times ISO 8601 in UTC, decimals keep their digits, ``NULL`` is null."""
    path = tmp_path / "bill"
    columns = {
        "Cost": pa.array([Decimal("1.0000000001"), None], pa.decimal128(20, 10)),
        "Tags": pa.array([[("team", "web"), ("env", "prod")], None], pa.map_(pa.string(), pa.string())),
        "Start": pa.array([datetime(2026, 7, 1, 2, tzinfo=UTC), None], pa.timestamp("ns", "UTC")),
        "Name": pa.array(["NULL", ""]).dictionary_encode(),
    }
    pq.write_table(pa.table(columns), path)
    rows, _ = read(path)
    start, unknown = rows.pop("Start")
    assert (datetime.fromisoformat(start or ""), unknown) == (datetime(2026, 7, 1, 2, tzinfo=UTC), None)
    assert rows == {
        "Cost": ["1.0000000001", None],
        "Tags": ['{"team":"web","env":"prod"}', None],
        "Name": [None, None],
    }


def test_the_digest_is_that_of_the_unpacked_content(tmp_path: Path) -> None:
    """The same CSV, gzipped or not, is the same content; a Parquet file is hashed as it lies there."""
    plain, zipped, parquet = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    plain.write_bytes(CSV)
    zipped.write_bytes(gzip.compress(CSV))
    pq.write_table(pa.table({"Cost": ["1"]}), parquet)
    digests = [read(path)[1].digest for path in (plain, zipped, parquet)]
    raw = hashlib.sha256(CSV).hexdigest()
    assert digests == [raw, raw, hashlib.sha256(parquet.read_bytes()).hexdigest()]


def test_a_row_of_another_width_is_reported_and_not_read(tmp_path: Path) -> None:
    """Rows with too many cells are kept as text beside the others."""
    path = tmp_path / "bill"
    path.write_bytes(b"Cost,Name\n1,a\n2,b,c\n3,d\n")
    rows, reading = read(path)
    assert rows == {"Cost": ["1", "3"], "Name": ["a", "d"]}
    assert [text for _, text in reading.bad_lines] == ["2,b,c"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "it is empty"),
        (b"a\x00b\n", "it is neither CSV, JSON nor Parquet"),
        (b"Cost,Name,Cost\n", "the column name 'Cost' stands there more than once"),
    ],
)
def test_what_is_no_bill_is_refused_with_its_rule(tmp_path: Path, content: bytes, rule: str) -> None:
    """The error names the rule that the file breaks."""
    path = tmp_path / "bill.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableBillError) as caught:
        open_source(path)
    assert caught.value.rule == rule


def test_a_folder_stands_for_its_parts_without_manifests(tmp_path: Path) -> None:
    """Parts come in order of name, each once; manifests and hidden files are passed over."""
    for name in ("b.csv", "a.csv", "manifest.json", ".hidden.csv", "_delta_log/x.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(CSV)
    assert expand([tmp_path, tmp_path / "a.csv"]) == [tmp_path / "a.csv", tmp_path / "b.csv"]


def test_json_is_told_from_its_first_letter(tmp_path: Path) -> None:
    """Behind spaces and a byte order mark, under any name, packed or not."""
    path = tmp_path / "bill.csv"
    for text in (b'{"Cost": 1}\n', b'\xef\xbb\xbf {"Cost": 1}', b'[{"Cost": 1}]', b'[\n{"Cost": 1}]'):
        for content in (text, gzip.compress(text)):
            path.write_bytes(content)
            source = open_source(path)
            assert (source.kind, source.gzipped, source.header) == ("json", content != text, ("Cost",))
            assert read(path)[0] == {"Cost": ["1"]}
            assert read(path)[1].digest == hashlib.sha256(text).hexdigest()


def test_a_letter_at_the_end_of_a_block_is_whole(tmp_path: Path) -> None:
    """A single line that is longer than a block may have a letter of several bytes just there."""
    path = tmp_path / "bill"
    start = b'[{"Cost": 1, "Name": "'
    for cut in range(1, 4):
        letters = b"x" * (BLOCK - len(start) - cut) + "\U0001f600".encode()
        path.write_bytes(start + letters + b'"}]')
        assert read(path)[0] == {"Cost": ["1"], "Name": [letters.decode()]}


def test_a_folder_of_json_alone_stands_for_its_files(tmp_path: Path) -> None:
    """Beside other parts, JSON describes them and is passed over, in folders below too."""
    for name in ("b.json", "a.json", "more/c.JSON", ".hidden.json", "notes.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert [path.name for path in expand([tmp_path])] == ["a.json", "b.json", "c.JSON"]
    (tmp_path / "more" / "part.jsonl").write_text("{}")
    assert [path.name for path in expand([tmp_path])] == ["part.jsonl"]
    assert expand([tmp_path / "a.json"]) == [tmp_path / "a.json"]


def test_a_folder_without_a_bill_is_refused(tmp_path: Path) -> None:
    """What only describes bills, or is hidden, is none."""
    for name in ("README.md", ".a.csv", "_SUCCESS", "a.csv.sha256"):
        (tmp_path / name).write_text("x")
    with pytest.raises(UnreadableBillError) as caught:
        expand([tmp_path])
    assert str(caught.value) == (
        f"folder {tmp_path}: it holds no export file. Remedy: name the folder of the parts."
    )
