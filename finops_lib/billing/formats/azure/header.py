"""Which column of an Azure export is this, whatever its age, agreement, spelling or language.

Names are compared in lower case, by letters and digits alone and without accents. Exports made under
another language of the portal write the English name after the translated one: ``Kosten (Cost)``.
``columns.csv`` beside this module has one row a column: the name used in this package, the FOCUS
column it is copied to (empty where code reads it), whether it holds numbers, and its other names, best
first.

Source: Microsoft, "Understand cost details fields" and the schemas of cost and usage details for the
Enterprise, Customer and Partner Agreements, Cloud Solution Providers and pay-as-you-go.
"""

from __future__ import annotations

import csv
import importlib.resources
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.formats.azure.cells import plain
from finops_lib.billing.formats.base import Fit, fit_needed
from finops_lib.billing.formats.rows import Rows

NEEDED = ("CostInBillingCurrency", "Date", "MeterCategory", "SubscriptionId")
_ANY_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "CostInBillingCurrency": ("CostInBillingCurrency",),
        "Date": ("Date", "ServicePeriodStartDate"),
        "MeterCategory": ("MeterCategory", "MeterId", "ConsumedService"),
        "SubscriptionId": ("SubscriptionGuid", "SubscriptionName"),
    }
)
_ENGLISH = re.compile(r"\(([^()]*)\)\s*$")
_BOM = "\ufeff"
_DECIDING = ("Slice", "SourceCost", "SourceRow", "SourceFile")


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, str], ...]:
    text = importlib.resources.files(__package__).joinpath("columns.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def _known() -> Mapping[str, tuple[str, int]]:
    """The column each plain name means, and its place among the names of that column."""
    names = [(row["column"], [row["column"], *filter(None, row["also"].split("|"))]) for row in _table()]
    return {
        plain(name): (column, place) for column, all_names in names for place, name in enumerate(all_names)
    }


@lru_cache(maxsize=1)
def targets() -> Mapping[str, str]:
    """Which columns are copied as they are, and to which FOCUS or ``x_`` column.

    Returns
    -------
    dict of str to str
        Column of this package to target.

    Examples
    --------
    >>> targets()["MeterName"]
    'SkuMeter'
    """
    return {row["column"]: row["target"] for row in _table() if row["target"]}


@lru_cache(maxsize=1)
def _numbers() -> frozenset[str]:
    return frozenset(row["column"] for row in _table() if row["kind"] == "number")


def _found(name: str) -> tuple[str, int] | None:
    known = _known()
    english = _ENGLISH.search(name)
    return (known.get(plain(english[1])) if english else None) or known.get(plain(name))


def azure_column(name: str) -> str | None:
    """Which column of an Azure export is meant by this name.

    Parameters
    ----------
    name : str
        As a file spells it.

    Returns
    -------
    str or None
        The name used in this package; None for a column that is not known.

    Examples
    --------
    >>> azure_column("Kosten (Cost)"), azure_column("usage_quantity"), azure_column("Cost (EUR)")
    ('CostInBillingCurrency', 'Quantity', None)
    """
    found = _found(name)
    return found[0] if found else None


def is_number(name: str) -> bool:
    """Does this column hold numbers.

    Parameters
    ----------
    name : str
        As a file spells it.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_number("PreTaxCost"), is_number("tags")
    (True, False)
    """
    return azure_column(name) in _numbers()


def fit(header: Sequence[str]) -> Fit:
    """How much of what an Azure export needs does this header have.

    Parameters
    ----------
    header : sequence of str
        Column names of a file.

    Returns
    -------
    Fit
        Share 1 with a cost, a date, a meter or service, and a subscription, under any of their names.

    Examples
    --------
    >>> fit(["Date", "Cost"])
    Fit(share=0.5, missing=('MeterCategory', 'SubscriptionId'))
    """
    columns = {azure_column(name) for name in header}
    return fit_needed([need for need in NEEDED if columns & set(_ANY_OF[need])], NEEDED)


def renamed(raw: pa.Table) -> tuple[Rows, dict[str, pa.Array]]:
    """What stands in each known column, and in those that are not known.

    Parameters
    ----------
    raw : pyarrow.Table
        Text columns as a file names them.

    Returns
    -------
    tuple of Rows and dict of str to pyarrow.Array
        Known columns under the names of this package (of two that mean the same, row by row the better
        one that is not null), and the others under ``x_`` and their own name, without those that are
        empty in all rows.
    """
    raw = _without_bom(_typed(raw))
    places: dict[str, list[tuple[int, str]]] = {}
    unknown: dict[str, pa.Array] = {}
    for name in raw.column_names:
        found = _found(name)
        if found:
            places.setdefault(found[0], []).append((found[1], name))
        elif raw.column(name).null_count < raw.num_rows:
            unknown[_extra(name.lstrip(_BOM))] = raw.column(name).combine_chunks()
    rows = Rows(raw)
    known = {column: rows.first([name for _, name in sorted(names)]) for column, names in places.items()}
    length = {"": pa.nulls(raw.num_rows, pa.string())}  # a batch can lack every known column
    return Rows(pa.table(length | known)), unknown


def _extra(name: str) -> str:
    """Not a name that decides something elsewhere."""
    return f"x_azure_{name}" if name in _DECIDING else f"x_{name}"


def _typed(raw: pa.Table) -> pa.Table:
    """A column that is empty throughout may have no type."""
    for place, name in enumerate(raw.column_names):
        if pa.types.is_null(raw.column(place).type):
            raw = raw.set_column(place, name, pa.nulls(raw.num_rows, pa.string()))
    return raw


def _without_bom(raw: pa.Table) -> pa.Table:
    """Some exports repeat the byte order mark at the start of the first row."""
    if not raw.num_rows or not raw.num_columns:
        return raw
    first = raw.column(0)[0].as_py()
    if not first or not first.startswith(_BOM):
        return raw
    bare = pc.replace_substring_regex(Rows(raw).text(raw.column_names[0]), f"^{_BOM}+", "")
    return raw.set_column(0, raw.column_names[0], pc.if_else(pc.equal(bare, ""), None, bare))
