"""Small bills written as their provider does, for tests that spoil them; they stand in ``samples``."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import CHARGES, Lake
from finops_lib.privacy import People
from finops_lib.records import Conformance

NOW = datetime(2026, 8, 20, tzinfo=UTC)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Sample:
    """A bill of one format: a ``row`` of one dollar, and which of its columns are cost, day, id and tags.

    ``told`` is the format's name; ``texts`` are columns of free text and where they are kept; ``tag`` writes
    a tag ``note`` into a cell. ``kind`` is ``csv``, ``lines`` (JSON, one object a line) or ``document`` (one
    JSON answer), ``nested`` the columns that hold JSON. ``currency`` is the column of the currency, ``code``
    what the lake keeps. ``unit`` stands in the column of the cost for one dollar. ``needed`` is a column
    without which the file is none of this format, ``optional`` one that may be absent. ``rates`` is the
    file of prices that it needs.
    """

    name: str
    told: str
    row: Mapping[str, str]
    cost: str
    day: str
    id: str
    tags: str
    tag: Callable[[str], str]
    texts: Mapping[str, str]
    needed: str
    optional: str
    currency: str = ""
    code: str = "USD"
    kind: str = "csv"
    unit: int = 1
    nested: tuple[str, ...] = ()
    rates: str = ""

    def line(self, cost: str | int, number: int = 0, **changes: str) -> dict[str, str]:
        """Write one charge; a cost that is text stays as it is."""
        told = cost if isinstance(cost, str) else str(cost * self.unit)
        return {**self.row, self.cost: told, self.id: f"{self.row[self.id]}{number}", **changes}

    def bill(self, *lines: Mapping[str, str], separator: str = ",") -> bytes:
        """Write a bill of these rows."""
        if self.kind == "csv":
            file = io.StringIO(newline="")
            names = dict.fromkeys(name for line in lines for name in line)
            writer = csv.DictWriter(file, list(names), delimiter=separator, lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
            return file.getvalue().encode()
        items = [json.dumps(self._object(line), ensure_ascii=False) for line in lines]
        if self.kind == "lines":
            return "".join(f"{item}\n" for item in items).encode()
        named = ",".join(f'"n{number}":{item}' for number, item in enumerate(items))
        return f'{{"code":200,"data":[{{{named}}}]}}'.encode()

    def of(self, *costs: str | int) -> bytes:
        """Write a bill of these costs."""
        return self.bill(*(self.line(cost, number) for number, cost in enumerate(costs)))

    def _object(self, line: Mapping[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, text in line.items():
            outer, _, inner = name.partition(".")
            holder = found.setdefault(outer, {}) if inner else found
            holder[inner or outer] = self._value(name, text)
        return found

    def _value(self, name: str, text: str) -> Any:
        try:
            if name == self.cost:
                return int(text) if text.isdigit() else float(text)
            return json.loads(text) if name in self.nested else text
        except ValueError:
            return text


def take(lake: Lake, sample: Sample, path: Path, *, progress: Progress | None = None) -> Conformance:
    """Take one file or folder in, with the prices that its format needs."""
    rates = lake.root.with_name("rates") if sample.rates else None
    if rates:
        rates.write_text(sample.rates)
    people = People.open(lake.root, {})
    return ingest([path], lake=lake, people=people, now=NOW, rates=rates, progress=progress)


def charges(lake: Lake) -> list[dict[str, Any]]:
    """Read all current rows, of charges and of what explains them."""
    return [row for path in lake.files(CHARGES) for row in pq.read_table(path, partitioning=None).to_pylist()]
