"""Which labels do pods, nodes and volumes of an OpenShift report carry.

Prometheus writes an underscore for every letter that it cannot spell, and ``label_`` before each key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import orjson

_OTHER = re.compile(r"[^a-z0-9]+")


def label_key(text: str) -> str:
    """Under which name do a label and the tag key of a rate meet.

    Parameters
    ----------
    text : str
        ``label_instance_type`` in a report, ``instance-type`` in a cost model.

    Returns
    -------
    str

    Examples
    --------
    >>> label_key("label_instance_type"), label_key("instance-type")
    ('instance_type', 'instance_type')
    """
    return _OTHER.sub("_", text.lower().removeprefix("label_")).strip("_")


@lru_cache(maxsize=100_000)
def pairs(text: str | None) -> Mapping[str, str] | None:
    """Which labels does this text hold, without the ``label_`` before each key.

    Parameters
    ----------
    text : str or None
        ``label_app:web|label_team:shop``, or a JSON object.

    Returns
    -------
    mapping of str to str, or None
        None where it can be read as neither.

    Examples
    --------
    >>> pairs("label_app:web|label_team:shop"), pairs("?")
    ({'app': 'web', 'team': 'shop'}, None)
    """
    if not text:
        return {}
    if text.startswith("{"):
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError:
            return None
        return {key.removeprefix("label_"): str(value) for key, value in found.items()}
    parts = [part.partition(":") for part in text.split("|") if part]
    if not all(mark for _, mark, _ in parts):
        return None
    return {key.removeprefix("label_"): value for key, _, value in parts}


@lru_cache(maxsize=100_000)
def labels(*texts: str | None) -> Mapping[str, str]:
    """Which labels has something that is described in several cells, by the names that prices use.

    Parameters
    ----------
    *texts : str or None
        Cells as ``pairs`` reads them; a later one goes before an earlier one, an unreadable one has none.

    Returns
    -------
    mapping of str to str
        By ``label_key``.

    Examples
    --------
    >>> labels("label_App-Name:web", "label_app_name:api"), labels("?", None)
    ({'app_name': 'api'}, {})
    """
    return {label_key(key): value for text in texts for key, value in (pairs(text) or {}).items()}
