"""Which Azure region is this: exports name one region in several ways.

Source: Microsoft, list of Azure regions; names of ``ResourceLocation`` in cost and usage details.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_NOWHERE = frozenset({"", "none", "na", "null", "unassigned", "unknown", "others", "notapplicable"})
_OTHER = re.compile(r"[\s_/-]+")
_PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "ae": "uae",
        "au": "australia",
        "br": "brazil",
        "ca": "canada",
        "ch": "switzerland",
        "cn": "china",
        "de": "germany",
        "fr": "france",
        "ja": "japan",
        "kr": "korea",
        "no": "norway",
        "se": "sweden",
        "za": "southafrica",
    }
)
_TURNED: Mapping[str, str] = MappingProxyType(
    {
        "apeast": "eastasia",
        "apsoutheast": "southeastasia",
        "asiaeast": "eastasia",
        "asiasoutheast": "southeastasia",
        "eunorth": "northeurope",
        "euwest": "westeurope",
        "europenorth": "northeurope",
        "europewest": "westeurope",
        "incentral": "centralindia",
        "insouth": "southindia",
        "inwest": "westindia",
        "uscentral": "centralus",
        "useast": "eastus",
        "useast2": "eastus2",
        "useast3": "eastus3",
        "usnorthcentral": "northcentralus",
        "ussouthcentral": "southcentralus",
        "uswest": "westus",
        "uswest2": "westus2",
        "uswest3": "westus3",
        "uswestcentral": "westcentralus",
    }
)
_DIRECTION = re.compile(r"([a-z]{2})((?:north|south|east|west|central)+\d?)")


def region_id(location: str) -> str | None:
    """Which region is this location: its id in lower case without spaces.

    Parameters
    ----------
    location : str
        ``ResourceLocation`` as an export writes it.

    Returns
    -------
    str or None
        None where the cell says that there is none.

    Examples
    --------
    >>> region_id("US East 2"), region_id("UKSouth"), region_id("CA Central"), region_id("None")
    ('eastus2', 'uksouth', 'canadacentral', None)
    """
    bare = _OTHER.sub("", location.strip().lower())
    if bare in _NOWHERE:
        return None
    if bare in _TURNED:
        return _TURNED[bare]
    found = _DIRECTION.fullmatch(bare)
    return _PREFIXES[found[1]] + found[2] if found and found[1] in _PREFIXES else bare
