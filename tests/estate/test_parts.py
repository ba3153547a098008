from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from finops_lib.estate.calendar import months
from finops_lib.estate.charges import Balances, Block, usage_blocks
from finops_lib.estate.company import company
from finops_lib.estate.focus_bill import as_focus, fields
from finops_lib.estate.parts import PartWriter

MONTH = months(2, step_hours=24)[0]
WHO = company(1, slots=40)


def write(
    folder: Path, *, rows: int = 1_000_000, file_type: str = "csv.gz", small: bool = False
) -> list[Path]:
    with PartWriter(folder, fields(), file_type, rows, as_focus, small) as bill:
        for block in usage_blocks(WHO, MONTH, balances=Balances.of(WHO, MONTH)):
            bill.write(block)
    return sorted(folder.iterdir())


def lines(paths: list[Path]) -> list[bytes]:
    return [line for path in paths for line in gzip.decompress(path.read_bytes()).splitlines()[1:]]


def test_parts_hold_at_most_so_many_rows_and_all_of_them(tmp_path: Path) -> None:
    """Parts of 100 rows, each with a header, are together the one part."""
    many, one = write(tmp_path / "many", rows=100), write(tmp_path / "one")
    assert [path.name for path in many[:2]] == ["part-00000.csv.gz", "part-00001.csv.gz"]
    assert [len(lines([path])) for path in many[:-1]] == [100] * (len(many) - 1)
    assert lines(many) == lines(one)


@pytest.mark.parametrize("small", [True, False])
def test_the_same_rows_are_the_same_bytes(tmp_path: Path, *, small: bool) -> None:
    """No time and no name in the gzip header."""
    first, second = (write(tmp_path / name, small=small)[0].read_bytes() for name in ("a", "b"))
    assert first == second
    assert (first[3], first[4:8]) == (0, b"\0\0\0\0")


def test_plain_and_packed_say_the_same(tmp_path: Path) -> None:
    """Csv is csv.gz unpacked."""
    (plain,) = write(tmp_path / "plain", file_type="csv")
    (packed,) = write(tmp_path / "packed")
    assert plain.read_bytes() == gzip.decompress(packed.read_bytes())


def test_parquet_has_the_same_rows(tmp_path: Path) -> None:
    """As many, with decimals."""
    (path,) = write(tmp_path / "parquet", file_type="parquet")
    table = pq.read_table(path)
    assert table.num_rows == len(lines(write(tmp_path / "csv")))
    assert str(table.schema.field("BilledCost").type) == "decimal128(38, 10)"


def test_no_rows_make_no_file(tmp_path: Path) -> None:
    """A delivery without rows leaves an empty folder."""
    none = np.zeros(0, dtype=np.int64)
    amounts = dict.fromkeys(("quantity", "billed", "effective"), none)
    with PartWriter(tmp_path, fields(), "csv", 10, as_focus) as bill:
        bill.write(Block((), none, none, none, amounts))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("file_type", "rows"), [("xlsx", 10), ("csv", 0)])
def test_an_impossible_part_is_refused(tmp_path: Path, file_type: str, rows: int) -> None:
    """The message lists the types of file."""
    with pytest.raises(ValueError, match=r"csv\.gz, csv, parquet"):
        PartWriter(tmp_path, fields(), file_type, rows, as_focus)
