"""What does an instance type cost and how large is it, as a price file says: vCPU, memory, USD an hour.

A catalogue is a CSV file, plain or gzipped, with the columns ``provider``, ``region``, ``instance_type`` and
``usd_per_hour_on_demand``, and where known ``vcpu``, ``memory_gib``, ``gpu``, ``architecture`` and
``usd_per_hour_spot``, in any order and case. An empty cell is unknown; a price of zero is too, and is marked.

Names meet in a normal form: in small letters, a region without blanks (``West Europe`` is ``westeurope``), a
type with ``_`` for blanks and without a leading ``Standard`` (``Standard_D2s_v3`` and ``D2s v3`` are
``d2s_v3``). Rows that agree in all cells count once; rows that disagree about one type are refused.

Without a file stands a small selection of common types, ``instances.csv``: public on-demand list prices for
Linux in USD an hour of AWS us-east-1 (July 2026), Azure eastus and westeurope (June 2026) and Google
us-central1 and europe-west1 (mid 2026). Spot prices change from day to day and are not in it.
"""

from __future__ import annotations

import csv
import gzip
import importlib.resources
import io
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pandas as pd

from finops_lib.errors import QueryError, SettingsError
from finops_lib.records import Record

COLUMNS = (
    "provider",
    "region",
    "instance_type",
    "vcpu",
    "memory_gib",
    "gpu",
    "architecture",
    "usd_per_hour_on_demand",
    "usd_per_hour_spot",
)
NEEDED = ("provider", "region", "instance_type", "usd_per_hour_on_demand")
_PRICES = ("usd_per_hour_on_demand", "usd_per_hour_spot")
_NUMBERS = ("vcpu", "memory_gib", "gpu", *_PRICES)
_SHIPPED = "instances.csv"
_LARGEST = Decimal(10) ** 9
Key = tuple[str, str, str]
Row = dict[str, str | Decimal | bool | None]


@dataclass(frozen=True)
class Instance(Record):
    """One instance type in one region: ``memory_gib`` in GiB, prices in USD an hour; None is unknown."""

    provider: str
    region: str
    instance_type: str
    vcpu: Decimal | None
    memory_gib: Decimal | None
    gpu: Decimal | None
    architecture: str | None
    usd_per_hour_on_demand: Decimal | None
    usd_per_hour_spot: Decimal | None


def normal_key(provider: str, region: str, instance_type: str) -> Key:
    """Under which names do two spellings of one instance type meet.

    Parameters
    ----------
    provider, region, instance_type : str
        As a bill or a price file writes them.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> normal_key("Azure", "West Europe", "Standard_D2s_v3")
    ('azure', 'westeurope', 'd2s_v3')
    >>> normal_key("azure", "westeurope", "D2s v3")
    ('azure', 'westeurope', 'd2s_v3')
    """
    kind = "_".join(instance_type.lower().split()).removeprefix("standard_")
    return provider.strip().lower(), "".join(region.lower().split()), kind


def catalogue(path: Path | None = None) -> pd.DataFrame:
    """Which instance types are there, how large are they and what do they cost.

    Parameters
    ----------
    path : Path, optional
        CSV, plain or gzipped; the shipped selection where none is named.

    Returns
    -------
    pandas.DataFrame
        ``COLUMNS``, one row a type and region, in the order of the file; sizes and prices (USD an hour) are
        Decimal, None where unknown. ``zero_price`` says that the file gave a price of zero, so that its sum
        counts them. The index is the normal form of provider, region and type.

    Raises
    ------
    SettingsError
        The file cannot be read or lacks a column, a number is negative or none, a row names no type, or two
        rows disagree about one type.

    Examples
    --------
    >>> found = catalogue()
    >>> found.loc[("aws", "us-east-1", "m5.large"), "usd_per_hour_on_demand"]
    Decimal('0.096')
    """
    name = _SHIPPED if path is None else path.name
    found: dict[Key, Row] = {}
    places: dict[Key, int] = {}
    for place, cells in _rows(_text(path), name):
        row = _row(cells, name, place)
        key = normal_key(cells["provider"], cells["region"], cells["instance_type"])
        if _essence(found.setdefault(key, row)) != _essence(row):
            raise SettingsError(
                f"catalogue {name}, rows {places[key]} and {place}: {cells['instance_type']!r} in "
                f"{cells['region']!r}",
                "two rows say different things of one instance type",
                "keep one of them",
            )
        places.setdefault(key, place)
    if not found:
        raise SettingsError(f"catalogue {name}", "it has no instance type", "name a file that has rows")
    index = pd.MultiIndex.from_tuples(list(found), names=["provider_key", "region_key", "type_key"])
    frame = pd.DataFrame(list(found.values()), index=index, columns=[*COLUMNS, "zero_price"], dtype=object)
    return frame.astype({"zero_price": bool}).sort_index()


def _essence(row: Row) -> tuple[object, ...]:
    """What a row says, apart from the spelling of its names."""
    return tuple(row[name] for name in (*_NUMBERS, "architecture"))


def _text(path: Path | None) -> str:
    if path is None:
        shipped = importlib.resources.files("finops_lib.billing").joinpath(_SHIPPED)
        return shipped.read_text(encoding="utf-8")
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise SettingsError(
            f"catalogue {path}", f"it cannot be read ({error})", "name a UTF-8 CSV file, plain or gzipped"
        ) from error


def _rows(text: str, name: str) -> Iterable[tuple[int, dict[str, str]]]:
    """The cells of each row by the catalogue's names; row 1 is the first below the header."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = ["_".join(cell.lower().split()) for cell in next(lines, [])]
        for column in COLUMNS:
            if header.count(column) > 1 or (column in NEEDED and column not in header):
                raise SettingsError(
                    f"catalogue {name}: {header.count(column)} columns {column!r}",
                    "it has this column once",
                    f"a catalogue needs {', '.join(NEEDED)}; correct its header",
                )
        for place, cells in enumerate((line for line in lines if any(line)), start=1):
            if len(cells) != len(header):
                raise SettingsError(
                    f"catalogue {name}, row {place}",
                    f"it has {len(cells)} cells, the header {len(header)}",
                    "correct the row",
                )
            by_name = dict(zip(header, cells, strict=True))
            yield place, {column: by_name.get(column, "").strip() for column in COLUMNS}
    except csv.Error as error:
        raise SettingsError(
            f"catalogue {name}: {error}", "a catalogue is CSV", "save it again as CSV"
        ) from error


def _row(cells: Mapping[str, str], name: str, place: int) -> Row:
    for column in ("provider", "region", "instance_type"):
        if not cells[column]:
            raise SettingsError(
                f"catalogue {name}, row {place}: {column} is empty",
                "a row names a provider, a region and an instance type",
                "fill it in, or take the row out",
            )
    numbers = {column: _number(cells[column], column, name, place) for column in _NUMBERS}
    zero = any(numbers[column] == 0 for column in _PRICES)
    known = {column: numbers[column] or None for column in _PRICES}
    texts = {column: cells[column] or None for column in COLUMNS if column not in _NUMBERS}
    return {**texts, **numbers, **known, "architecture": cells["architecture"].lower() or None} | {
        "zero_price": zero
    }


def _number(text: str, column: str, name: str, place: int) -> Decimal | None:
    try:
        found = Decimal(text.replace("_", "x")) if text else None
    except InvalidOperation:
        found = Decimal("NaN")
    if found is not None and not (found.is_finite() and 0 <= found < _LARGEST):
        raise SettingsError(
            f"catalogue {name}, row {place}: {column} {text[:80]!r}",
            "it is a number from zero to a thousand million, or empty where unknown",
            "correct the cell",
        )
    return found


def instance(frame: pd.DataFrame, *, provider: str, region: str, instance_type: str) -> Instance:
    """How large is this instance type and what does it cost in this region.

    Parameters
    ----------
    frame : pandas.DataFrame
        From ``catalogue``.
    provider, region, instance_type : str
        In any spelling that ``normal_key`` brings together.

    Returns
    -------
    Instance

    Raises
    ------
    QueryError
        The catalogue does not have it.

    Examples
    --------
    >>> instance(catalogue(), provider="azure", region="West Europe", instance_type="D2s v3").vcpu
    Decimal('2')
    """
    key = normal_key(provider, region, instance_type)
    if key not in frame.index:
        raise QueryError(
            f"{instance_type!r} of {provider!r} in {region!r}",
            "the catalogue has no price for it",
            "name a price file that has it",
        )
    [found] = frame.loc[[key]].to_dict("records")
    return Instance(**{column: found[column] for column in COLUMNS})


def fitting(
    frame: pd.DataFrame,
    *,
    provider: str,
    region: str,
    vcpu: Decimal,
    memory_gib: Decimal,
    architecture: str | None = None,
    gpu: int = 0,
) -> pd.DataFrame:
    """Which instance types are large enough, the cheapest first.

    Parameters
    ----------
    frame : pandas.DataFrame
        From ``catalogue``.
    provider, region : str
        Where.
    vcpu, memory_gib : Decimal
        The least that is needed: virtual CPUs, a count, and memory in GiB.
    architecture : str, optional
        ``amd64`` or ``arm64``; any where not said.
    gpu : int
        The least number of GPUs.

    Returns
    -------
    pandas.DataFrame
        Rows of the catalogue by on-demand price, then by size and name. A type whose price or size is
        unknown is left out: it cannot be said to fit. Empty where none fits.

    Examples
    --------
    >>> found = fitting(catalogue(), provider="aws", region="us-east-1", vcpu=Decimal(4),
    ...                 memory_gib=Decimal(16), architecture="amd64")
    >>> list(found["instance_type"])[:3]
    ['t3.xlarge', 'm5.xlarge', 'm6i.xlarge']
    """
    where = normal_key(provider, region, "")[:2]
    here = frame[[key[:2] == where for key in frame.index]]
    least = {"vcpu": vcpu, "memory_gib": memory_gib, "usd_per_hour_on_demand": Decimal(0)}
    if gpu:
        least["gpu"] = Decimal(gpu)
    fits = [
        all(row[column] is not None and row[column] >= limit for column, limit in least.items())
        and architecture in {None, row["architecture"]}
        for row in here.to_dict("records")
    ]
    return here[fits].sort_values(["usd_per_hour_on_demand", "vcpu", "memory_gib", "instance_type"])
