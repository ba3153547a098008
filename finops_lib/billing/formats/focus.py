"""FOCUS 1.0 to 1.4, Cost and Usage. A delivery overwrites its period; a slice is named by its scope.

Columns that FOCUS does not know are kept as ``x_`` columns. Some names older than 1.0 are still written, by
Oracle for one (``Provider``): they stand for the newer ones where these are absent.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import pyarrow as pa

from finops_lib.billing import focus
from finops_lib.billing.formats.base import Fit, Format, fit_needed
from finops_lib.billing.formats.translate import respelled

_OWN_COST = "x_SourceCost"  # to a format's table this is the file's own cost; in a file it is any column
_BEFORE = MappingProxyType(
    {
        "invoiceissuer": "InvoiceIssuerName",
        "provider": "ProviderName",
        "publisher": "PublisherName",
        "usagequantity": "ConsumedQuantity",
        "usageunit": "ConsumedUnit",
    }
)
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


def _named(header: Sequence[str]) -> list[str]:
    """Spell the columns as FOCUS does, older names only where newer ones are free; the cost is BilledCost."""
    names = respelled(respelled(header, spelled), lambda name: _BEFORE.get(name.lower(), name))
    free = _OWN_COST
    while free in names:
        free += "_"
    return [free if name == _OWN_COST else name for name in names]


def _is_number(name: str) -> bool:
    return _BEFORE.get(name.lower(), spelled(name)) in _NUMBERS


def _fit(header: Sequence[str]) -> Fit:
    return fit_needed(_named(header), NEEDED)


def _version(header: Sequence[str]) -> str:
    return focus.version_of(_named(header))


def _to_focus(raw: pa.Table) -> pa.Table:
    return raw.rename_columns(_named(raw.column_names))


FOCUS = Format(
    name="FOCUS",
    delivery="overwrites",
    needed=NEEDED,
    fit=_fit,
    numeric=_is_number,
    version=_version,
    to_focus=_to_focus,
)
