"""What all readers share: content is hashed while it is read, names are unique, text is UTF-8."""

from __future__ import annotations

import gzip
import hashlib
import io
from pathlib import Path

import pytest

from finops_lib.billing.source.base import Digesting, Source, content, decoded, text_of, unique
from finops_lib.errors import UnreadableBillError

BILL = Path("bill.csv")
TEXT = b"Cost\n" + b"1\n" * 100


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_what_is_read_is_hashed_however_it_is_read(size: int) -> None:
    """Pieces of any size, and line by line, give the digest of the whole; each read is told."""
    told: list[int] = []
    stream = Digesting(io.BytesIO(TEXT), lambda: told.append(1))
    while stream.read(size):
        pass
    lines = Digesting(io.BytesIO(TEXT), lambda: None)
    assert list(io.BufferedReader(lines, size))[:2] == [b"Cost\n", b"1\n"]
    assert stream.sha256.digest() == lines.sha256.digest() == hashlib.sha256(TEXT).digest()
    assert len(told) == -(-len(TEXT) // size) + 1


@pytest.mark.parametrize("zipped", [False, True])
def test_content_is_unpacked_and_progress_counts_packed_bytes(tmp_path: Path, zipped: bool) -> None:
    """The text comes unpacked; done and all are bytes of the file as it lies there."""
    path = tmp_path / "bill"
    path.write_bytes(gzip.compress(TEXT) if zipped else TEXT)
    told: list[tuple[str, int, int]] = []
    source = Source(path, "csv", zipped, ("Cost",))
    with content(source, progress=lambda *said: told.append(said)) as stream:
        assert stream.read() == TEXT
    size = path.stat().st_size
    assert told[-1] == ("bill", size, size)


def test_packed_text_is_unpacked_only_when_asked() -> None:
    """What is not said to be packed comes as it is."""
    packed = gzip.compress(TEXT)
    for zipped, wanted in ((True, TEXT), (False, packed)):
        with decoded(io.BytesIO(packed), gzipped=zipped) as stream:
            assert stream.read() == wanted


def test_names_lose_their_outer_spaces() -> None:
    """Inner spaces and the order stay."""
    assert unique(BILL, [" Cost ", "a b", "Name"]) == ("Cost", "a b", "Name")


def test_a_name_that_stands_there_twice_is_refused() -> None:
    """Also where only spaces tell the two apart; each name is said once."""
    with pytest.raises(UnreadableBillError) as caught:
        unique(BILL, ["Cost", "b", " Cost", "b", "b", "c"])
    assert str(caught.value) == (
        "header of bill.csv: the column name 'Cost', 'b' stands there more than once. "
        "Remedy: keep one of them."
    )


def test_text_is_utf_8_with_or_without_its_mark() -> None:
    """The byte order mark is no letter; other encodings are refused by name."""
    assert text_of(BILL, b"\xef\xbb\xbf\xc3\xa9") == text_of(BILL, b"\xc3\xa9") == "é"
    with pytest.raises(UnreadableBillError) as caught:
        text_of(BILL, "é".encode("latin-1"))
    assert str(caught.value) == ("file bill.csv: its text is not UTF-8. Remedy: save or export it as UTF-8.")
