"""What a file is and what reading it found: shared by the readers of each kind."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
from isal import igzip

from finops_lib.billing.unreadable import encoding
from finops_lib.errors import UnreadableBillError

TEXT = pa.dictionary(pa.int32(), pa.string())
NULLS = ("", "NULL")

Numeric = Callable[[str], bool]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Source:
    """One readable file: its path, ``csv``, ``json`` or ``parquet``, whether gzipped, and its column names.

    Of a CSV, ``separator`` stands between the cells, ``above`` counts the lines above its header, and
    ``short`` the last columns that no row has a cell for; of JSON, ``lines`` says whether each line is an
    object of its own.
    """

    path: Path
    kind: str
    gzipped: bool
    header: tuple[str, ...]
    separator: str = ","
    above: int = 0
    short: int = 0
    lines: bool = False


@dataclass
class Reading:
    """What reading found: the content's sha256, and the rows that are not of the file's own form.

    ``bad_lines`` holds their places and texts, ``bad_rule`` the rule that they break.
    """

    digest: str = ""
    bad_lines: list[tuple[int, str]] = field(default_factory=list)
    bad_rule: str = "columns_do_not_match"


class Digesting(io.RawIOBase):
    """Hashes what is read through it and tells how far the file is read.

    Parameters
    ----------
    stream : binary file
        The unpacked content.
    told : callable
        Called after each read.
    """

    def __init__(self, stream: IO[bytes], told: Callable[[], None]) -> None:
        super().__init__()
        self._stream, self._told = stream, told
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        """Return that it can be read.

        Returns
        -------
        bool
        """
        return True

    def read(self, size: int = -1) -> bytes:
        """Read and hash.

        Parameters
        ----------
        size : int
            Bytes wanted; -1 is all.

        Returns
        -------
        bytes
        """
        data = self._stream.read(size)
        self.sha256.update(data)
        self._told()
        return data

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # a wider buffer
        """Read and hash into a buffer, for line by line reading.

        Parameters
        ----------
        buffer : bytearray or memoryview
            Filled from its start.

        Returns
        -------
        int
            Bytes read.
        """
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def decoded(raw: IO[bytes], *, gzipped: bool) -> Iterator[IO[bytes]]:
    """Read a file's content unpacked.

    Parameters
    ----------
    raw : binary file
        As it lies on disk.
    gzipped : bool
        Whether it is packed.

    Yields
    ------
    binary file
    """
    if not gzipped:
        yield raw
        return
    with igzip.IGzipFile(fileobj=raw) as stream:  # type: ignore[no-untyped-call]  # typed in part only
        yield cast("IO[bytes]", stream)


@contextmanager
def content(source: Source, *, progress: Progress | None) -> Iterator[Digesting]:
    """Open a file's content, hashed while it is read.

    Parameters
    ----------
    source : Source
        A CSV or JSON file.
    progress : callable or None
        Told the file's name, bytes read and bytes in all.

    Yields
    ------
    Digesting
    """
    size = source.path.stat().st_size
    with source.path.open("rb") as raw, decoded(raw, gzipped=source.gzipped) as stream:
        yield Digesting(stream, lambda: progress(source.path.name, raw.tell(), size) if progress else None)


def unique(path: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Which columns has this header, each name once and without outer spaces.

    Parameters
    ----------
    path : Path
        The file.
    names : sequence of str
        As they stand there.

    Returns
    -------
    tuple of str

    Raises
    ------
    UnreadableBillError
        A name stands there twice.
    """
    clean = tuple(name.strip() for name in names)
    twice = sorted({name for name in clean if clean.count(name) > 1})
    if twice:
        listed = ", ".join(repr(name[:80]) for name in twice[:5])
        raise UnreadableBillError(
            f"header of {path.name}",
            f"the column name {listed} stands there more than once",
            "keep one of them",
        )
    return clean


def text_of(path: Path, data: bytes) -> str:
    """Read a piece of a file as text.

    Parameters
    ----------
    path : Path
        The file.
    data : bytes
        UTF-8, with or without a byte order mark.

    Returns
    -------
    str

    Raises
    ------
    UnreadableBillError
        It is no UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise encoding(path) from None
