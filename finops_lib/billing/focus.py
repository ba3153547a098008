"""Which columns does FOCUS have, in which version, and what may stand in them.

The facts live in two tables beside this module. ``focus_columns.csv`` has one row a column of each
dataset; a cell under a version reads ``Mandatory`` or ``Mandatory null`` (empty cells are allowed),
and is empty where the column does not exist. Only facts of the specification are kept, no text of it.
The levels of 1.3 were not listed in the sources read: they are those of 1.4, with ``ProviderName``
and ``PublisherName`` still there. Columns older than 1.0 have ``since`` 1.0.

Source: FOCUS specification 1.0 to 1.4 (columns, feature levels, allowed values); ISO 4217.
"""

from __future__ import annotations

import csv
import importlib.resources
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from finops_lib.records import Record

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4")
DATASETS = ("Cost and Usage", "Contract Commitment", "Billing Period", "Invoice Detail")
KINDS = ("string", "decimal", "datetime", "json")
LEVELS = ("Mandatory", "Conditional", "Recommended", "Optional")
_BILL = "Cost and Usage"
_NEWEST = VERSIONS[-1]


@dataclass(frozen=True)
class Column(Record):
    """One FOCUS column of one dataset.

    ``level`` and ``nullable`` map each version that has the column to its feature level and to
    whether an empty cell is allowed. ``allowed`` is empty where any value is. ``since`` is the first
    version with the column, ``until`` the last one, empty while it is current.
    """

    dataset: str
    name: str
    kind: str
    level: Mapping[str, str] = field(hash=False)
    nullable: Mapping[str, bool] = field(hash=False)
    allowed: tuple[str, ...]
    since: str
    until: str = ""

    def is_mandatory(self, version: str) -> bool:
        """Say whether every bill of this version must carry the column.

        Parameters
        ----------
        version : str
            One of ``VERSIONS``.

        Returns
        -------
        bool
            False where the version does not have the column.
        """
        return self.level.get(version) == "Mandatory"


@dataclass(frozen=True)
class DatasetMatch(Record):
    """How well a header fits one dataset: columns known, share of the mandatory ones, those missing.

    ``share`` lies between 0 and 1 and counts the mandatory columns of ``version`` that are present.
    """

    dataset: str
    version: str
    known: int
    share: float
    missing: tuple[str, ...]


def columns(dataset: str = _BILL, *, version: str = _NEWEST) -> tuple[Column, ...]:
    """Which columns does this dataset have in this version, by name.

    Parameters
    ----------
    dataset : str
        One of ``DATASETS``.
    version : str
        One of ``VERSIONS``.

    Returns
    -------
    tuple of Column
        Empty where the version does not have the dataset.

    Raises
    ------
    ValueError
        The dataset or the version is unknown.

    Examples
    --------
    >>> [len(columns(version=version)) for version in VERSIONS]
    [43, 50, 57, 65, 65]
    """
    if version not in VERSIONS:
        raise ValueError(f"version {version!r}: FOCUS versions known are {', '.join(VERSIONS)}")
    return tuple(item for item in _dataset(dataset).values() if version in item.level)


def column(name: str, *, dataset: str = _BILL) -> Column:
    """Which facts does FOCUS state about this column, in any version.

    Parameters
    ----------
    name : str
        The column as FOCUS spells it.
    dataset : str
        One of ``DATASETS``.

    Returns
    -------
    Column

    Raises
    ------
    ValueError
        The dataset is unknown or never had the column.

    Examples
    --------
    >>> column("ProviderName").until, column("BilledCost").kind
    ('1.3', 'decimal')
    """
    found = _dataset(dataset).get(name)
    if found is None:
        raise ValueError(f"column {name!r}: no version of the FOCUS dataset {dataset!r} has it")
    return found


def lake_columns() -> tuple[Column, ...]:
    """Which columns does the lake keep: all of Cost and Usage in the newest version.

    Returns
    -------
    tuple of Column
        65 columns by name.
    """
    return columns()


def parent_category(subcategory: str) -> str:
    """Which ServiceCategory does this ServiceSubcategory belong to.

    Parameters
    ----------
    subcategory : str
        A value of ``ServiceSubcategory``.

    Returns
    -------
    str
        Empty where FOCUS does not list the subcategory.

    Examples
    --------
    >>> parent_category("Virtual Machines"), parent_category("Cheese")
    ('Compute', '')
    """
    return _parents().get(subcategory, "")


def version_of(header: Iterable[str], *, dataset: str = _BILL) -> str:
    """Which FOCUS version does this header speak.

    The newest version that introduced any column present; but a column that was removed later holds
    the header at the last version that had it. A header which lacks mandatory columns of that version,
    but has all those of a newer one, speaks the newer one: a 1.4 bill without conditional columns
    differs from 1.3 only in what was removed.

    Parameters
    ----------
    header : iterable of str
        Column names; unknown ones do not count.
    dataset : str
        One of ``DATASETS``.

    Returns
    -------
    str
        One of ``VERSIONS``; the oldest one that has the dataset where no column is known.

    Examples
    --------
    >>> version_of(["BilledCost", "SkuMeter"]), version_of(["InvoiceDetailId", "ProviderName"])
    ('1.1', '1.3')
    """
    names = frozenset(header)
    known = [item for name, item in _dataset(dataset).items() if name in names]
    last = min((item.until for item in known if item.until), default=_NEWEST)
    oldest = min(item.since for item in _dataset(dataset).values())
    found = min(max((item.since for item in known), default=oldest), last)
    if _mandatory(dataset, found) <= names:
        return found
    newer = [v for v in VERSIONS if found < v <= last and _mandatory(dataset, v) <= names]
    return newer[0] if newer else found


def dataset_of(header: Iterable[str]) -> DatasetMatch:
    """Which dataset does this header fit best, and what does it lack.

    The dataset with the most columns present wins; between equals the larger share of mandatory ones.

    Parameters
    ----------
    header : iterable of str
        Column names; unknown ones do not count.

    Returns
    -------
    DatasetMatch
        ``known`` is 0 where nothing fits.

    Examples
    --------
    >>> dataset_of(["BillingPeriodStart", "BillingPeriodEnd", "BillingPeriodStatus"]).dataset
    'Billing Period'
    """
    names = frozenset(header)
    return max((_match(names, dataset) for dataset in DATASETS), key=lambda match: (match.known, match.share))


def is_currency(code: str) -> bool:
    """Say whether this is an ISO 4217 code, spelled in capitals.

    Parameters
    ----------
    code : str
        For example ``USD``; ``XXX`` (no currency) is one.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_currency("EUR"), is_currency("eur"), is_currency("XXX")
    (True, False, True)
    """
    return code in _currencies()


def minor_digits(code: str) -> int | None:
    """How many decimals does an invoice in this currency have.

    Parameters
    ----------
    code : str
        An ISO 4217 code.

    Returns
    -------
    int or None
        None for metals, funds and unknown codes, which have no minor unit.

    Examples
    --------
    >>> minor_digits("USD"), minor_digits("JPY"), minor_digits("XAU")
    (2, 0, None)
    """
    digits = _currencies().get(code, "")
    return int(digits) if digits else None


def _match(names: frozenset[str], dataset: str) -> DatasetMatch:
    version = version_of(names, dataset=dataset)
    wanted = _mandatory(dataset, version)
    missing = tuple(sorted(wanted - names))
    known = len(names & _dataset(dataset).keys())
    return DatasetMatch(dataset, version, known, 1 - len(missing) / len(wanted), missing)


def _mandatory(dataset: str, version: str) -> frozenset[str]:
    return frozenset(item.name for item in _dataset(dataset).values() if item.is_mandatory(version))


def _dataset(dataset: str) -> Mapping[str, Column]:
    if dataset not in DATASETS:
        raise ValueError(f"dataset {dataset!r}: FOCUS datasets known are {', '.join(DATASETS)}")
    return _facts()[dataset]


@lru_cache(maxsize=1)
def _facts() -> Mapping[str, Mapping[str, Column]]:
    facts: dict[str, dict[str, Column]] = {dataset: {} for dataset in DATASETS}
    for row in _read("focus_columns.csv"):
        facts[row["dataset"]][row["column"]] = _column(row)
    return MappingProxyType({name: MappingProxyType(items) for name, items in facts.items()})


def _column(row: Mapping[str, str]) -> Column:
    cells = {version: row[version].split(" ") for version in VERSIONS if row[version]}
    return Column(
        dataset=row["dataset"],
        name=row["column"],
        kind=row["kind"],
        level=MappingProxyType({version: words[0] for version, words in cells.items()}),
        nullable=MappingProxyType({version: words[1:] == ["null"] for version, words in cells.items()}),
        # a subcategory is written as parent/subcategory; no other allowed value has a slash
        allowed=tuple(text.rpartition("/")[2] for text in row["allowed"].split("|") if text),
        since=row["since"],
        until=row["until"],
    )


@lru_cache(maxsize=1)
def _parents() -> Mapping[str, str]:
    cells = [row["allowed"] for row in _read("focus_columns.csv") if row["column"] == "ServiceSubcategory"]
    pairs = [text.partition("/") for text in cells[0].split("|")]
    return MappingProxyType({child: parent for parent, _, child in pairs})


@lru_cache(maxsize=1)
def _currencies() -> Mapping[str, str]:
    return MappingProxyType({row["code"]: row["minor_digits"] for row in _read("currencies.csv")})


def _read(name: str) -> list[dict[str, str]]:
    text = importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
