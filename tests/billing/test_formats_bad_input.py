"""Damaged files of every format: an exact error, and a lake as it was before."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pyarrow.parquet as pq
import pytest

from finops_lib.billing.formats import FORMATS
from finops_lib.billing.formats.aws_cur import snake
from finops_lib.billing.lake import Lake
from finops_lib.errors import FinOpsError
from tests.billing.bills import Progress, Sample, take
from tests.billing.samples import OPENCOST, SAMPLES

Attack = Callable[[Sample, Path, pytest.MonkeyPatch], Progress | None]

EVERY = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
UTF8 = "file bad: its text is not UTF-8. Remedy: save or export it as UTF-8."
GZIP = (
    "the gzip stream is truncated or damaged "
    "(Compressed file ended before the end-of-stream marker was reached). Remedy: download it again."
)
EMPTY = {"csv": "it has a header but no rows", "lines": "it holds no rows", "document": "it holds no rows"}
NO_BILL = (
    f"file bad: its columns are those of no known export ({', '.join(form.name for form in FORMATS)}); "
    "the first, FOCUS, needs BilledCost, BillingPeriodStart, ChargePeriodStart, ChargeCategory. "
    "Remedy: name a bill, not another file."
)


def truncated(sample: Sample, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut a packed file short."""
    path.write_bytes(gzip.compress(sample.of(5, 6))[:-20])


def utf_16(sample: Sample, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write two bytes a letter."""
    path.write_bytes(sample.of(5, 6).decode().encode("utf-16"))


def latin_1(sample: Sample, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write one letter that is no UTF-8, in the last row."""
    name = list(sample.texts)[-1]
    content = sample.bill(sample.line(5), sample.line(6, 1, **{name: "Détection"}))
    path.write_bytes(content.decode().encode("latin-1"))


def no_rows(sample: Sample, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Export a month in which nothing happened."""
    content = {"lines": b"[]", "document": b'{"code":200,"data":[{}]}'}
    path.write_bytes(content.get(sample.kind) or sample.of(5).splitlines(keepends=True)[0])


def twice(sample: Sample, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name the cost twice."""
    name = sample.cost.encode()
    content = sample.of(5, 6)
    path.write_bytes(
        content.replace(name, name + b"," + name, 1)
        if sample.kind == "csv"
        else content.replace(b'"%b":' % name, b'"%b":1,"%b":' % (name, name), 1)
    )


def lacking(sample: Sample, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out a column that is needed."""
    line = sample.line(5)
    path.write_bytes(sample.bill({name: text for name, text in line.items() if name != sample.needed}))


def other(sample: Sample, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name roses."""
    path.write_bytes(b"name,colour\nrose,red\n" if sample.kind == "csv" else b'[{"name":"rose"}]')


def bad_part(sample: Sample, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a truncated part after a good one and before another."""
    path.mkdir()
    for number in range(3):
        whole = gzip.compress(sample.bill(sample.line(5, number)))
        (path / f"part-{number}.gz").write_bytes(whole[:-20] if number == 1 else whole)


def growing(sample: Sample, path: Path, monkeypatch: pytest.MonkeyPatch) -> Progress:
    """Append to the file once reading has begun."""
    path.write_bytes(sample.of(5, 6))
    rest = [b"\n"]

    def append(name: str, done: int, whole: int) -> None:
        with path.open("ab") as file:
            file.write(rest.pop() if rest else b"")

    return append


def forbidden(sample: Sample, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the file refuse to be opened, for root too."""
    path.write_bytes(sample.of(5, 6))
    opened = Path.open

    def refuse(self: Path, *args: Any, **options: Any) -> Any:
        if self == path:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)


def full(sample: Sample, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk be full at the first rows written."""
    path.write_bytes(sample.of(5, 6))

    def refuse(*args: Any, **options: Any) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", refuse)


def of_repeated(sample: Sample) -> str:
    """Say what a name that stands there twice is told."""
    if sample.kind == "csv":
        return (
            f"header of bad: the column name '{sample.cost}' stands there more than once. "
            "Remedy: keep one of them."
        )
    return (
        f"file bad: it is no whole JSON (the name '{sample.cost}' stands there more than once). "
        "Remedy: download or export it again."
    )


def of_lacking(sample: Sample) -> str:
    """Say which column is missed."""
    return (
        f"file bad: it is nearest to {sample.told}, but lacks {snake(sample.needed)}. "
        "Remedy: export it again with these columns."
        if sample.name == "aws-cur"
        else f"file bad: it is nearest to {sample.told}, but lacks {sample.needed}. "
        "Remedy: export it again with these columns."
    )


@pytest.fixture
def lake(tmp_path: Path, sample: Sample) -> Lake:
    """Give a lake that holds one good bill of the format, of 1 dollar."""
    bill = tmp_path / "good"
    bill.write_bytes(sample.bill(sample.line(1, 99)))
    store = Lake(tmp_path / "lake")
    take(store, sample, bill)
    return store


def files(lake: Lake) -> dict[Path, bytes]:
    """Read every data file of a lake."""
    return {path: path.read_bytes() for path in lake.root.rglob("*.parquet")}


def refusal(attack: Attack, sample: Sample, lake: Lake, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Take a bad file in and give what is said; the lake must stay as it was."""
    digest, before = lake.digest(), files(lake)
    progress = attack(sample, folder / "bad", monkeypatch)
    with pytest.raises(FinOpsError) as caught:
        take(lake, sample, folder / "bad", progress=progress)
    assert lake.digest() == digest
    assert files(lake) == before
    return str(caught.value)


@EVERY
@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (truncated, lambda _: f"file bad: {GZIP}"),
        (utf_16, lambda _: UTF8),
        (latin_1, lambda _: UTF8),
        (
            no_rows,
            lambda sample: f"file bad: {EMPTY[sample.kind]}. Remedy: export a period that has charges.",
        ),
        (twice, of_repeated),
        (lacking, of_lacking),
        (other, lambda _: NO_BILL),
        (bad_part, lambda _: f"file part-1.gz: {GZIP}"),
        (
            growing,
            lambda _: (
                "file bad: it changed while it was read. "
                "Remedy: wait until the export is complete, then ingest again."
            ),
        ),
        (
            forbidden,
            lambda _: (
                "file bad: this user may not read it. Remedy: grant read permission or run as its owner."
            ),
        ),
    ],
    ids=lambda found: found.__name__ if found.__name__ != "<lambda>" else "",
)
def test_bad_file_of_any_format_is_refused_whole(
    attack: Attack,
    said: Callable[[Sample], str],
    sample: Sample,
    lake: Lake,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file that cannot be read whole says why, in the same words for every format, and nothing lands."""
    assert refusal(attack, sample, lake, tmp_path, monkeypatch) == said(sample)


@EVERY
def test_full_disk_changes_nothing(
    sample: Sample, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that cannot be written leave the lake as it was, whatever format they come in."""
    assert refusal(full, sample, lake, tmp_path, monkeypatch) == (
        f"lake {lake.root}: it cannot be read or written ([Errno 28] No space left on device). "
        "Remedy: check free disk space and permissions; nothing was changed."
    )


@pytest.mark.parametrize("sample", [OPENCOST], ids=["opencost"])
@pytest.mark.parametrize("answer", ['{"code":200,"data":null}', '{"code":500,"data":null,"message":"no"}'])
def test_an_answer_without_data_holds_no_rows(answer: str, sample: Sample, tmp_path: Path) -> None:
    """An answer of the cluster that brings nothing is an empty window, not an unknown file."""
    (tmp_path / "bad").write_text(answer)
    with pytest.raises(FinOpsError) as caught:
        take(Lake(tmp_path / "lake"), sample, tmp_path / "bad")
    assert str(caught.value) == "file bad: it holds no rows. Remedy: export a period that has charges."
