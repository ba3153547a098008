from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from finops_lib.estate.company import Company, company
from finops_lib.estate.others.write import write_others
from finops_lib.estate.write import slots_for

SEED, AWS_ROWS, ROWS = 11, 10_000, 6_000
Read = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def who() -> Company:
    """The company whose AWS bill the other tests of the estate write."""
    return company(SEED, slots=slots_for(AWS_ROWS, 14))


@pytest.fixture(scope="session")
def others(tmp_path_factory: pytest.TempPathFactory, who: Company) -> tuple[Path, dict[str, Any]]:
    """Write all other bills once, fourteen months."""
    folder = tmp_path_factory.mktemp("others")
    return folder, write_others(folder, who=who, seed=SEED, months=14, rows=ROWS)


@pytest.fixture(scope="session")
def rows(others: tuple[Path, dict[str, Any]]) -> Read:
    """Read one file, or all below a folder by name, with nothing but gzip, csv and json."""

    def read(name: str) -> list[dict[str, Any]]:
        place = others[0] / name
        paths = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
        return [row for path in paths for row in rows_of(path)]

    return read


def rows_of(path: Path) -> list[dict[str, Any]]:
    text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
    if path.name.startswith("allocation"):
        return [row for window in json.loads(text, parse_float=str)["data"] for row in window.values()]
    if path.name.startswith("export"):
        return [json.loads(line, parse_float=str) for line in text.splitlines()]
    return list(csv.DictReader(io.StringIO(text, newline="")))
