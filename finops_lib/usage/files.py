"""What was used, from files: the long table itself, and what CloudWatch and Azure Monitor export.

A file is told by the columns that it has, whatever its name and the case of its letters:

- the long table, CSV or Parquet: ``resource``, ``metric``, ``time``, ``value``, ``unit``;
- CloudWatch: ``MetricName``, ``Timestamp``, ``Unit``, one or more of ``Average``, ``Maximum``, ``Sum``, and
  the resource in ``Dimensions`` or in a column of a dimension, such as ``InstanceId``;
- Azure Monitor: ``MetricName``, ``TimeGenerated``, ``ResourceId``, ``UnitName``, ``Average``, ``Maximum``,
  ``Total``.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Datapoint.html and
https://learn.microsoft.com/azure/azure-monitor/reference/tables/azuremetrics.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from finops_lib.billing.cells import TimeReader
from finops_lib.billing.source import Progress, Reading, Source, batches, open_source
from finops_lib.billing.source.base import TEXT
from finops_lib.errors import BillError, UsageError
from finops_lib.usage.series import HIGHEST, MEAN, METRICS, SCHEMA, SUM, TIME, Metric, series
from finops_lib.usage.units import unit_of

_DIMENSION = re.compile(
    r"""(?ix) ^[\[{] .*? "value" \s*:\s* "([^"]+)"   # [{"Name": "InstanceId", "Value": "i-1"}]
    | ^[{] \s* "[^"]+" \s*:\s* "([^"]+)"             # {"InstanceId": "i-1"}
    | ^ name= [^,;]+ [,;] \s* value= ([^,;]+)          # Name=InstanceId,Value=i-1
    | ^ [\w ]+ = ([^,;]+)                              # InstanceId=i-1""",
)  # how lists of dimensions are written
_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_NAMED: Mapping[str, str] = MappingProxyType(
    {
        "cpuutilization": "cpu_share",
        "percentage cpu": "cpu_share",
        "cpu_percent": "cpu_share",
        "mem_used_percent": "memory_share",
        "memoryutilization": "memory_share",
        "memory_percent": "memory_share",
    }
)  # metrics of the clouds that have a name here; others keep their own, in small letters


@dataclass(frozen=True)
class Layout:
    """Which column says what; several names are tried in turn. ``values`` are by how samples are joined."""

    name: str
    resource: tuple[str, ...]
    metric: str
    time: tuple[str, ...]
    unit: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    own: bool = False

    def found(self, header: Sequence[str]) -> dict[str, str] | None:
        """Which columns of this header play the parts, or None where one is missing."""
        there = {name.strip().lower(): name for name in header}
        parts = {"resource": self.resource, "metric": (self.metric,), "time": self.time, "unit": self.unit}
        chosen = {part: _first(there, names) for part, names in parts.items()}
        values = {how: _first(there, names) for how, names in self.values.items()}
        known = {how: name for how, name in values.items() if name}
        if not known or not all(chosen.values()):
            return None
        return {part: name for part, name in chosen.items() if name} | known


_IDS = (
    "dimensions",
    *"instanceid dbinstanceidentifier volumeid functionname autoscalinggroupname loadbalancer".split(),
    *"clustername cacheclusterid filesystemid".split(),
)
LAYOUTS = (
    Layout("usage table", ("resource",), "metric", ("time",), ("unit",), {MEAN: ("value",)}, own=True),
    Layout(
        "CloudWatch",
        _IDS,
        "metricname",
        ("timestamp", "time"),
        ("unit",),
        {MEAN: ("average",), HIGHEST: ("maximum",), SUM: ("sum",)},
    ),
    Layout(
        "Azure Monitor",
        ("resourceid", "_resourceid"),
        "metricname",
        ("timegenerated", "timegenerated [utc]", "timestamp"),
        ("unitname", "unit"),
        {MEAN: ("average",), HIGHEST: ("maximum",), SUM: ("total",)},
    ),
)


@dataclass(frozen=True)
class Read:
    """What a file holds: the table, what kind of file it is, and notes on what was left out."""

    table: pa.Table
    kind: str
    notes: tuple[str, ...] = ()


def read_table(path: Path, *, progress: Progress | None = None) -> Read:
    """What was used, after this file of rows.

    Parameters
    ----------
    path : Path
        CSV or Parquet, packed by gzip or not.
    progress : callable, optional
        Told the file's name, bytes read and bytes in all.

    Returns
    -------
    Read
        The table is checked, see `finops_lib.usage.series`.

    Raises
    ------
    UsageError
        The file cannot be read, its columns are none of the known ones, or its rows contradict each other.
    """
    try:
        source = open_source(path)
        layout, columns = _layout(source)
        if source.kind == "parquet":
            return Read(series(_parquet(path, columns)), layout.name)
        numeric = {name for part, name in columns.items() if part in (MEAN, HIGHEST, SUM)}
        parts = batches(source, numeric=numeric.__contains__, reading=Reading(), progress=progress)
        return _read(layout, columns, parts)
    except BillError as error:
        raise UsageError(error.value, error.rule, error.remedy) from error
    except pa.ArrowException as error:
        raise UsageError(f"file {path.name}", f"it can be read ({error})", "export it again") from error


def _layout(source: Source) -> tuple[Layout, dict[str, str]]:
    for layout in LAYOUTS:
        columns = layout.found(source.header)
        if columns:
            return layout, columns
    listed = ", ".join(repr(name[:40]) for name in source.header[:8])
    raise UsageError(
        f"file {source.path.name} with the columns {listed}",
        f"its columns are those of one of {', '.join(item.name for item in LAYOUTS)}",
        "name resource, metric, time, value and unit",
    )


def _parquet(path: Path, columns: Mapping[str, str]) -> pa.Table:
    """Read the long table as it is: its types are kept."""
    parts = ("resource", "metric", "time", MEAN, "unit")
    rows = pq.read_table(path, columns=[columns[part] for part in parts])
    return rows.select([columns[part] for part in parts]).rename_columns(SCHEMA.names)


def _read(layout: Layout, columns: Mapping[str, str], parts: Iterator[pa.Table]) -> Read:
    """Make the table of all batches, and say what was left out."""
    left: dict[str, int] = {}
    rows = [_rows(layout, columns, part, left) for part in parts]
    found = pa.concat_tables(rows) if rows else SCHEMA.empty_table()
    notes = tuple(f"{count:,} rows left out: {why}" for why, count in sorted(left.items()))
    return Read(series(found), layout.name, notes)


def _rows(layout: Layout, columns: Mapping[str, str], part: pa.Table, left: dict[str, int]) -> pa.Table:
    """Take the five columns of one batch; a row that cannot be read is counted with its reason."""
    words = {name: _words(part.column(columns[name])) for name in ("resource", "metric", "unit")}
    times = TimeReader().read(_words(part.column(columns["time"]))).values.cast(TIME, safe=False)
    metric = words["metric"] if layout.own else _mapped(words["metric"], _named)
    resource = words["resource"] if layout.own else _mapped(words["resource"], _id)
    values = _chosen(part, columns, metric)
    unit = words["unit"] if layout.own else _mapped(words["unit"], _known)
    table = pa.table([resource, metric, times, values, unit], names=SCHEMA.names)
    for name, why in (
        ("time", "no moment"),
        ("resource", "no resource"),
        ("metric", "no metric"),
        ("unit", "no unit"),
    ):
        table = _without(table, name, why, left)
    return _without(table, "value", "no number", left)


def _without(table: pa.Table, name: str, why: str, left: dict[str, int]) -> pa.Table:
    column = table.column(name)
    known = pc.is_valid(column)
    gone = table.num_rows - (pc.sum(known).as_py() or 0)
    if not gone:
        return table
    left[why] = left.get(why, 0) + gone
    return table.filter(known)


def _words(column: pa.ChunkedArray) -> pa.DictionaryArray:
    found = column.cast(TEXT) if not pa.types.is_dictionary(column.type) else column
    return found.unify_dictionaries().combine_chunks()


def _mapped(column: pa.DictionaryArray, change: object) -> pa.Array:
    """Change each distinct word; None makes its rows null."""
    words = [change(word) for word in column.dictionary.to_pylist()]  # type: ignore[operator]
    return pa.array(words, pa.string()).take(column.indices).dictionary_encode()


def _named(word: str) -> str | None:
    name = word.strip()
    return _NAMED.get(name.lower()) or "_".join(filter(None, _SNAKE.split(name))).lower() or None


def _id(word: str) -> str | None:
    """Take the id out of a list of dimensions: the value of the first."""
    found = _DIMENSION.match(word.strip())
    return (found[found.lastindex or 0] if found else word).strip() or None


def _known(word: str) -> str | None:
    try:
        return unit_of(word) and word
    except UsageError:
        return None


def _chosen(part: pa.Table, columns: Mapping[str, str], metric: pa.Array) -> pa.Array:
    """Take of each row the statistic that its metric is joined by, or the next one that the file has."""
    order = {how: _order(how, columns) for how in (MEAN, HIGHEST, SUM)}
    numbers = {how: _numbers(part.column(columns[how])) for how in (MEAN, HIGHEST, SUM) if how in columns}
    joined = pa.array(
        [METRICS.get(word, Metric("")).joined for word in metric.dictionary.to_pylist()], pa.string()
    )
    ways = joined.take(metric.indices)
    found = pa.nulls(part.num_rows, pa.float64())
    for how, others in order.items():
        best = pc.coalesce(*(numbers[other] for other in others))
        found = pc.if_else(pc.fill_null(pc.equal(ways, how), False), best, found)
    return found


def _order(how: str, columns: Mapping[str, str]) -> list[str]:
    return [name for name in dict.fromkeys((how, MEAN, SUM, HIGHEST)) if name in columns]


def _numbers(column: pa.ChunkedArray) -> pa.Array:
    """Read numbers; what is none is null."""
    text = column.cast(pa.string()).combine_chunks()
    try:
        return text.cast(pa.float64())
    except pa.ArrowInvalid:
        plain = pc.match_substring_regex(text, r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*$")
        return pc.utf8_trim_whitespace(pc.if_else(plain, text, None)).cast(pa.float64())


def _first(there: Mapping[str, str], names: Sequence[str]) -> str:
    return next((there[name] for name in names if name in there), "")
