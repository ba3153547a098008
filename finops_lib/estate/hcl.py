"""How are resources named and tagged in code: labels, quoted text, ids of the bill, required tags."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from finops_lib.estate import calendar
from finops_lib.estate.company import Company, Slot

REQUIRED_TAGS = ("team", "environment", "cost-center")
_MONTHS = 14


def label(slot: Slot) -> str:
    """What is a resource called in code: letters, digits and underscores.

    Parameters
    ----------
    slot : Slot
        Its place.

    Returns
    -------
    str
        For example ``parcel_api_007``.
    """
    word = re.sub(r"[^a-z0-9]+", "_", slot.tags.get("application", "")).strip("_")
    return f"{word or 'unnamed'}_{slot.number:03d}"


def quoted(text: str) -> str:
    r"""How is this text written in HCL: quotes and backslashes escaped, templates not started.

    Parameters
    ----------
    text : str
        Anything.

    Returns
    -------
    str

    Examples
    --------
    >>> print(quoted('a "b" ${c}'))
    "a \"b\" $${c}"
    """
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def ids(who: Company, slot: Slot) -> list[str]:
    """Which ids does the bill have for this place, over all its months.

    Parameters
    ----------
    who : Company
        The company.
    slot : Slot
        The place.

    Returns
    -------
    list of str
        One, or one a month where the resource is renewed.
    """
    span = calendar.months(_MONTHS, step_hours=24)
    return list(dict.fromkeys(slot.resource_id(who.seed, month.ordinal) for month in span))


def missing_tags(tags: Mapping[str, str]) -> list[str]:
    """Which required tags are not there or empty, however the key is spelt.

    Parameters
    ----------
    tags : mapping
        As written.

    Returns
    -------
    list of str
        Of `REQUIRED_TAGS`.

    Examples
    --------
    >>> missing_tags({" Team": "data", "environment": ""})
    ['environment', 'cost-center']
    """
    written = {key.strip().lower() for key, value in tags.items() if value.strip()}
    return [key for key in REQUIRED_TAGS if key not in written]


def declared_tags(slot: Slot) -> dict[str, str]:
    """Which tags does a person write: all but those that the provider sets itself.

    Parameters
    ----------
    slot : Slot
        The resource's place.

    Returns
    -------
    dict
    """
    return {key: value for key, value in slot.tags.items() if not key.startswith("aws:")}
