"""Which columns have the lake's tables, and of which type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from finops_lib.billing import focus
from finops_lib.billing.cells import MONEY, TIME

_TYPES = {"decimal": MONEY, "datetime": TIME, "string": pa.string(), "json": pa.string()}
_OWN = (("x_ProviderName", pa.string()), ("x_PublisherName", pa.string()), ("x_SourceRow", pa.int64()))

EXTRA = MappingProxyType(
    {
        **dict.fromkeys(("x_ExportTime", "x_WindowStart", "x_WindowEnd"), "datetime"),
        **dict.fromkeys(
            (
                "x_CostAdjustment",
                "x_CpuCost",
                "x_CreditCost",
                "x_ExternalCost",
                "x_GpuCost",
                "x_LoadBalancerCost",
                "x_NetworkCost",
                "x_PersistentVolumeCost",
                "x_RamCost",
                "x_SharedCost",
                "x_CpuCoreHours",
                "x_GpuHours",
                "x_RamGibHours",
            ),
            "decimal",
        ),
    }
)  # columns that FOCUS does not have and that are more than text, with their kind
KEY = "x_SnapshotId"


@dataclass(frozen=True)
class Written:
    """One Parquet file that lies in a table's folder but that no log names yet."""

    table: str
    snapshot: str
    path: Path
    rows: int
    schema: pa.Schema


def charge_schema() -> pa.Schema:
    """Which columns every charge has; tag columns and further ``x_`` columns come with the bills.

    Returns
    -------
    pyarrow.Schema
        65 FOCUS columns, former provider and publisher, and the row's number in its file.

    Examples
    --------
    >>> len(charge_schema().names)
    68
    """
    return pa.schema([*dataset_schema(focus.lake_columns()), *_OWN])


def dataset_schema(columns: Sequence[focus.Column]) -> pa.Schema:
    """Which types have these columns in the lake.

    Parameters
    ----------
    columns : sequence of Column
        Of any FOCUS dataset.

    Returns
    -------
    pyarrow.Schema
    """
    return pa.schema([(item.name, _TYPES[item.kind]) for item in columns])


def stored_schema(schemas: Sequence[pa.Schema]) -> pa.Schema:
    """Which columns has a table of these files: dictionaries are text, the delivery's id comes last.

    Parameters
    ----------
    schemas : sequence of pyarrow.Schema
        Columns of the files.

    Returns
    -------
    pyarrow.Schema
    """
    merged = pa.unify_schemas(
        [pa.schema([(field.name, _plain_type(field.type)) for field in item]) for item in schemas]
    )
    return merged.append(pa.field(KEY, pa.string()))


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
