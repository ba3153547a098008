"""FOCUS 1.0 to 1.4, Cost and Usage. A delivery overwrites its period; a slice is named by its scope.

Columns that FOCUS does not know are kept as ``x_`` columns.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from finops_lib.billing import focus
from finops_lib.billing.formats.base import Fit, Format, fit_needed

NEEDED = ("BilledCost", "BillingPeriodStart", "ChargePeriodStart", "ChargeCategory")
_KNOWN = {
    item.name.lower(): item.name
    for dataset_version in focus.VERSIONS
    for item in focus.columns(version=dataset_version)
}
_NUMBERS = frozenset(
    item.name
    for version in focus.VERSIONS
    for item in focus.columns(version=version)
    if item.kind == "decimal"
)


def spelled(name: str) -> str:
    """How does FOCUS spell this column; unknown names stay as they are.

    Parameters
    ----------
    name : str
        A column name in any case.

    Returns
    -------
    str

    Examples
    --------
    >>> spelled("SkuPriceid"), spelled("x_Mine")
    ('SkuPriceId', 'x_Mine')
    """
    return _KNOWN.get(name.lower(), name)


def _fit(header: Sequence[str]) -> Fit:
    return fit_needed([spelled(name) for name in header], NEEDED)


def _version(header: Sequence[str]) -> str:
    return focus.version_of([spelled(name) for name in header])


def _to_focus(raw: pa.Table) -> pa.Table:
    return raw.rename_columns([spelled(name) for name in raw.column_names])


FOCUS = Format(
    name="FOCUS",
    delivery="overwrites",
    needed=NEEDED,
    fit=_fit,
    numeric=lambda name: spelled(name) in _NUMBERS,
    version=_version,
    to_focus=_to_focus,
)
