"""One small bill of every format, for tests that spoil it: rows of given costs, written as the provider does."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow.parquet as pq

from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import CHARGES, Lake
from finops_lib.privacy import People
from finops_lib.records import Conformance

NOW = datetime(2026, 8, 20, tzinfo=UTC)
Row = Mapping[str, str]


@dataclass(frozen=True)
class Sample:
    """A bill of one format: a ``row`` of 1 dollar, and which of its columns are its cost, day, id and text.

    ``kind`` is ``csv``, ``lines`` (JSON, one object a line) or ``document`` (one JSON answer). ``scale`` is
    what stands in the column of the cost for one dollar. ``nested`` columns hold JSON. ``days`` are the first
    and last day that stand for the years 1 and 9999. ``texts`` is free text.
    """

    name: str
    row: Row
    cost: str
    day: str
    id: str
    tags: str
    texts: tuple[str, ...]
    kind: str = "csv"
    scale: int = 1
    nested: tuple[str, ...] = ()
    days: tuple[str, str] = ("0001-01-01T00:00:00Z", "9999-12-31T23:00:00Z")
    rates: str = ""
    header: tuple[str, ...] = ()

    def line(self, cost: str | int, number: int = 0, /, **changes: str) -> dict[str, str]:
        """Write one charge; a cost that is no number stays as it is."""
        told = cost if isinstance(cost, str) else str(cost * self.scale)
        return {**self.row, self.cost: told, self.id: f"{self.row[self.id]}{number}", **changes}

    def bill(self, *lines: Row, separator: str = ",") -> bytes:
        """Write a bill of these rows."""
        if self.kind == "csv":
            return self._csv(lines, separator)
        items = [self._object(line) for line in lines]
        if self.kind == "lines":
            return "".join(f"{item}\n" for item in items).encode()
        named = ",".join(f'"n{number}":{item}' for number, item in enumerate(items))
        return f'{{"code":200,"data":[{{{named}}}]}}'.encode()

    def of(self, *costs: str | int) -> bytes:
        """Write a bill of these costs."""
        return self.bill(*(self.line(cost, number) for number, cost in enumerate(costs)))

    def _csv(self, lines: Sequence[Row], separator: str) -> bytes:
        file = io.StringIO(newline="")
        names = list(self.header or dict.fromkeys(name for line in lines for name in line))
        writer = csv.DictWriter(file, fieldnames=names, delimiter=separator, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
        return file.getvalue().encode()

    def _object(self, line: Row) -> str:
        """Write an object whose names with dots are objects in it; numbers stand as they are told."""
        groups: dict[str, list[str]] = {}
        for name, text in line.items():
            outer, dot, inner = name.partition(".")
            raw = name in self.nested or (name == self.cost and _is_number(text))
            groups.setdefault(outer, []).append(
                f"{json.dumps(inner)}:{text if raw else json.dumps(text)}" if dot else
                (text if raw else json.dumps(text))
            )
        whole = {name: f"{{{','.join(items)}}}" if ":" in items[0] and _dotted(name, line) else items[0]
                 for name, items in groups.items()}
        return "{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in whole.items()) + "}"
