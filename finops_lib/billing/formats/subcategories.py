"""Services of a provider by name: tables that list them under the FOCUS ServiceSubcategory they have.

A subcategory has one ServiceCategory, so that a table says both and they never contradict each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OTHER = "Other (Other)"  # of services that no table lists
_BETWEEN = "|"


def by_name(table: Mapping[str, str], *, prefix: str = "", lower: bool = False) -> Mapping[str, str]:
    """Which subcategory has each name of this table.

    Parameters
    ----------
    table : mapping of str to str
        Subcategory to names, with ``|`` between them.
    prefix : str
        What every name begins with.
    lower : bool
        Whether names are told apart in lower case.

    Returns
    -------
    mapping of str to str

    Raises
    ------
    ValueError
        A name stands in the table twice.

    Examples
    --------
    >>> by_name({"Containers": "ECS|EKS"}, lower=True)["eks"]
    'Containers'
    """
    found: dict[str, str] = {}
    for subcategory, names in table.items():
        for name in names.split(_BETWEEN):
            key = prefix + (name.lower() if lower else name)
            if key in found:
                raise ValueError(f"{name}: it has one subcategory, not {found[key]} and {subcategory}")
            found[key] = subcategory
    return MappingProxyType(found)


def beginning(names: Mapping[str, str], name: str) -> str:
    """Which subcategory has the longest of these names that this one begins with.

    Parameters
    ----------
    names : mapping of str to str
        From `by_name`.
    name : str
        A service.

    Returns
    -------
    str
        ``Other (Other)`` where none fits.

    Examples
    --------
    >>> names = by_name({"Object Storage": "Storage", "Data Migration": "Storage Transfer"})
    >>> beginning(names, "Storage Transfer Service"), beginning(names, "My Storage")
    ('Data Migration', 'Other (Other)')
    """
    starts = [start for start in names if name.startswith(start)]
    return names[max(starts, key=len)] if starts else OTHER
