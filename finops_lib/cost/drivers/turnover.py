"""Which services replace their resources by themselves, so that no single resource of theirs is new or ended.

A fleet that scales, or an export that gives its lines new ids, ends as many resources as it begins. Told one
by one they would hide what the service did; so they are counted by what was bought of them.
"""

from __future__ import annotations

import pandas as pd

from finops_lib.cost.drivers.leaves import added_up, keys_of
from finops_lib.cost.exact import null_mark

_RESOURCE, _SERVICE = "ResourceId", "ServiceName"
_NONE = null_mark(_RESOURCE)


def replaced(
    before: pd.DataFrame, after: pd.DataFrame, *, least_share: float = 0.5, least_resources: int = 3
) -> tuple[str, ...]:
    """Which services had most of their usage on resources that ended, and as much of it on new ones.

    Parameters
    ----------
    before, after : DataFrame
        From `leaves` of two periods, with ``ResourceId`` and ``ServiceName`` among their columns.
    least_share : float
        The smaller of what ended and what is new, over the larger of the two periods' usage, 0 to 1.
    least_resources : int
        So many resources must have ended and as many begun, a count: one machine in the place of another is
        told as it is.

    Returns
    -------
    tuple of str
        Sorted names.

    Examples
    --------
    Three machines of 10 give way to three of 12:

    >>> from decimal import Decimal
    >>> def period(names, cost):
    ...     lines = [{"ResourceId": name, "ServiceName": "Compute", "Used": True, "Usage": cost}
    ...              for name in names]
    ...     return pd.DataFrame(lines)
    >>> replaced(period("abc", Decimal(10)), period("xyz", Decimal(12)))
    ('Compute',)
    """
    sides = [_by_resource(table) for table in (before, after)]
    if any(side.empty for side in sides):
        return ()
    joined = pd.concat(sides, axis=1, keys=["Before", "After"])
    single = joined.index.get_level_values(_RESOURCE) != _NONE
    ended = joined.loc[single & joined["After"].isna(), "Before"].groupby(level=_SERVICE)
    new = joined.loc[single & joined["Before"].isna(), "After"].groupby(level=_SERVICE)
    turned = pd.concat([ended.sum(), new.sum()], axis=1, join="inner").min(axis=1)
    many = pd.concat([ended.count(), new.count()], axis=1, join="inner").min(axis=1) >= least_resources
    whole = joined.groupby(level=_SERVICE).sum().max(axis=1).reindex(turned.index)
    return tuple(sorted(turned.index[many & (turned > 0) & (turned >= least_share * whole)]))


def pooled(table: pd.DataFrame, *, services: tuple[str, ...]) -> pd.DataFrame:
    """How do leaves look when the resources of these services are not told apart.

    Parameters
    ----------
    table : DataFrame
        From `leaves`.
    services : tuple of str
        From `replaced`.

    Returns
    -------
    DataFrame
        As `leaves` gives; the leaves of those services have no ``ResourceId``, and those of the same keys are
        added up.
    """
    chosen = table[_SERVICE].isin(services)
    if not chosen.any():
        return table
    together = added_up(table[chosen].assign(**{_RESOURCE: _NONE}), keys=keys_of(table))
    return pd.concat([table[~chosen], together], ignore_index=True)


def _by_resource(table: pd.DataFrame) -> pd.Series:
    """Add up the size of usage by service and resource, as floats: it serves a choice, not a report."""
    used = table[table["Used"].astype(bool)]
    sizes = used["Usage"].astype(float).abs()
    return sizes.groupby([used[_SERVICE], used[_RESOURCE]]).sum()
