"""Which columns have the lake's tables, and of which type."""

from __future__ import annotations

import pyarrow as pa

from finops_lib.billing import focus
from finops_lib.billing.cells import MONEY, TIME

_TYPES = {"decimal": MONEY, "datetime": TIME, "string": pa.string(), "json": pa.string()}
_OWN = (("x_ProviderName", pa.string()), ("x_PublisherName", pa.string()), ("x_SourceRow", pa.int64()))


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
    return pa.schema([*((item.name, _TYPES[item.kind]) for item in focus.lake_columns()), *_OWN])
