from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from finops_lib.estate.truth import Truth
from finops_lib.estate.write import write_estate

Rows = Iterator[dict[str, str]]


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """Write a small estate once: 10 thousand rows in each of three formats."""
    folder = tmp_path_factory.mktemp("estate")
    return folder, write_estate(folder, rows=10_000, seed=11, formats=("focus", "cur", "cur-2.0"))


@pytest.fixture(scope="session")
def read_bill(estate: tuple[Path, Truth]) -> Callable[[str], list[dict[str, str]]]:
    """Read one delivery with nothing but gzip and csv, for example ``focus/2026-07``."""

    def read(name: str) -> list[dict[str, str]]:
        return [row for path in sorted((estate[0] / name).iterdir()) for row in rows_of(path.read_bytes())]

    return read


def rows_of(packed: bytes) -> Sequence[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(gzip.decompress(packed).decode(), newline="")))
