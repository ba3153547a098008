"""Who could own the money that carries no tag: the tags of each charge's neighbours as evidence.

How far to trust a kind of evidence is measured on the bill itself: each tagged charge is asked whom its
neighbours would have named, had it no tag.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from finops_lib.cost.exact import EMPTY, null_mark, share, total
from finops_lib.cost.spend import refuse_mixture, spend
from finops_lib.cost.split import SHARE_PLACES, counted, money, parted, shares
from finops_lib.cost.sql import Where
from finops_lib.errors import QueryError
from finops_lib.records import Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine
    from finops_lib.units import Rates

NOBODY = "(nobody)"
EVIDENCE: tuple[tuple[str, ...], ...] = (
    ("ResourceId",),
    ("SubAccountId", "ServiceName", "RegionId"),
    ("SubAccountId", "ServiceName"),
    ("SubAccountId",),
)
_NO_FILTER: Mapping[str, str] = {}
_ZERO = Decimal(0)
_NO_EVIDENCE = "none"

Key = tuple[object, ...]


def ownerless(
    engine: Engine,
    *,
    key: str,
    evidence: Sequence[Sequence[str]] | None = None,
    cost: str = "EffectiveCost",
    period: Period | None = None,
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """Who could own each charge without this tag.

    Parameters
    ----------
    engine : Engine
        The open lake.
    key : str
        A tag key, without ``tag:``.
    evidence : sequence of sequences of str, optional
        As in `candidates`; by default the resource, each other tag, and the account with service and region.
    cost, period, where, currency, rates
        As in `spend`; without a filter on ``ChargeCategory`` only usage counts.

    Returns
    -------
    DataFrame
        From `candidates`.

    Raises
    ------
    QueryError, CurrencyError
        As in `spend`.
    """
    used = {**where, "ChargeCategory": where.get("ChargeCategory", "Usage")}
    if evidence is None:
        others = [(f"tag:{other}",) for other in engine.tag_keys if other != key]
        evidence = (EVIDENCE[0], *others, *EVIDENCE[1:])
    columns = tuple(dict.fromkeys(name for names in evidence for name in names))
    lines = spend(
        engine,
        by=(*columns, f"tag:{key}"),
        cost=cost,
        period=period,
        where=used,
        currency=currency,
        rates=rates,
    )
    return candidates(lines, key=key, evidence=evidence)


def candidates(
    lines: pd.DataFrame, *, key: str, evidence: Sequence[Sequence[str]] = EVIDENCE
) -> pd.DataFrame:
    """Which owners do the tagged neighbours of each untagged line suggest, and for how much of it.

    A line's neighbours are the tagged lines with the same values in the first columns of ``evidence`` for
    which there are any; each owner is suggested in proportion to its cost among them. Evidence is asked in
    the order of its reliability on this bill; what cannot be measured keeps its place.

    Parameters
    ----------
    lines : DataFrame
        The columns of ``evidence``, ``tag:key``, ``BillingCurrency`` (one) and ``cost``, as `spend` gives
        them.
    key : str
        A tag key, without ``tag:``.
    evidence : sequence of sequences of str
        Columns that neighbours have in common, what is expected to be the strongest evidence first; the
        first are what tells one resource from another.

    Returns
    -------
    DataFrame
        One row for each untagged line of known cost and candidate: the columns of ``evidence``,
        ``BillingCurrency``, ``cost`` (of the line), ``Owner`` (``(nobody)`` where nothing speaks for
        anyone), ``Share`` (of the neighbours' cost), ``Amount`` (exact; those of a line add up to its cost)
        ``Evidence`` (the columns, or ``none``) and its ``Reliability`` (share of tagged money whose owner it
        names first, from other resources; None is not measured). Lines of the largest cost first.

    Raises
    ------
    QueryError
        A column is missing.
    CurrencyError
        The lines are in several currencies.

    Examples
    --------
    >>> lines = pd.DataFrame({"SubAccountId": ["1", "1", "1"], "tag:team": ["web", "data", "(untagged)"],
    ...     "BillingCurrency": "USD", "cost": [Decimal(3), Decimal(1), Decimal(8)]})
    >>> found = candidates(lines, key="team", evidence=[["SubAccountId"]])
    >>> [(owner, int(amount)) for owner, amount in zip(found["Owner"], found["Amount"])]
    [('web', 6), ('data', 2)]
    """
    tag = f"tag:{key}"
    columns = list(dict.fromkeys(name for names in evidence for name in names))
    lost = [name for name in (*columns, tag, "BillingCurrency", "cost") if name not in lines]
    if lost:
        raise QueryError(f"lines without {', '.join(lost)}", "evidence is looked for in them", "ask for them")
    refuse_mixture(lines)
    finite = [isinstance(cost, Decimal) and cost.is_finite() for cost in lines["cost"]]
    known = lines[np.array(finite, dtype=bool)]
    bare = known[tag].isin([null_mark(tag), EMPTY])
    owners = _ordered([_Evidence(list(names), evidence[0], tag, known[~bare]) for names in evidence])
    rows: list[tuple[object, ...]] = []
    untagged = known.loc[bare, [*columns, "BillingCurrency", "cost"]]
    order = sorted(range(len(untagged)), key=lambda row: (-abs(untagged["cost"].iloc[row]), row))
    for line in untagged.iloc[order].to_dict("records"):
        rows += [(*line.values(), *found) for found in _suggested(line, owners)]
    told = ["Owner", "Share", "Amount", "Evidence", "Reliability"]
    return pd.DataFrame(rows, columns=[*untagged.columns, *told], dtype=object)


class _Evidence:
    """Who owns what has these columns in common, and how often that is right."""

    def __init__(self, names: list[str], unit: Sequence[str], tag: str, tagged: pd.DataFrame) -> None:
        self.names = names
        self.owners: dict[Key, dict[str, Decimal]] = {}
        own: dict[tuple[Key, Key, str], Decimal] = {}
        wanted = [*names, *unit, tag, "cost"]
        for *values, owner, cost in tagged[wanted].itertuples(index=False, name=None):
            key, item = tuple(values[: len(names)]), tuple(values[len(names) :])
            if not self.gap(key):
                sums, name = self.owners.setdefault(key, {}), _told(str(owner))
                sums[name] = total([sums.get(name), cost]) or _ZERO
                own[key, item, name] = total([own.get((key, item, name)), cost]) or _ZERO
        self.reliability = self._measured(own)

    def gap(self, values: Sequence[object]) -> bool:
        """Say whether one of the columns has no value: a gap is nothing in common."""
        return any(value in (null_mark(name), EMPTY) for name, value in zip(self.names, values, strict=True))

    def _measured(self, own: Mapping[tuple[Key, Key, str], Decimal]) -> Decimal | None:
        hit = whole = _ZERO
        items: dict[tuple[Key, Key], dict[str, Decimal]] = {}
        for (key, item, owner), cost in own.items():
            items.setdefault((key, item), {})[owner] = cost
        for (key, _), mine in items.items():
            known = self.owners[key].items()
            others = {owner: cost - mine.get(owner, _ZERO) for owner, cost in known}
            best = max(others, key=lambda owner: (others[owner], owner))
            if others[best] > 0:
                whole += sum(map(abs, mine.values()), _ZERO)
                hit += abs(mine.get(best, _ZERO))
        return share(hit, whole)


def _ordered(found: list[_Evidence]) -> list[_Evidence]:
    measured = sorted(
        (one for one in found if one.reliability is not None), key=lambda one: -(one.reliability or _ZERO)
    )
    rest = iter(measured)
    return [one if one.reliability is None else next(rest) for one in found]


def _told(owner: str) -> str:
    """Write an owner so that it does not look like nobody."""
    return f'"{owner}"' if owner.strip('"') == NOBODY else owner


def _suggested(
    line: Mapping[Hashable, object], evidence: Sequence[_Evidence]
) -> list[tuple[str, Decimal, Decimal, str, Decimal | None]]:
    cost = line["cost"]
    amount = cost if isinstance(cost, Decimal) else _ZERO
    for one in evidence:
        sums = one.owners.get(tuple(line[name] for name in one.names), {})
        parts = shares([max(cost, _ZERO) for cost in sums.values()])
        if parts is not None:
            counts, places = counted([amount])
            given = [money(count, places=places) for count in parted(counts, parts)[0]]
            said = [money(part, places=SHARE_PLACES) for part in parts]
            found = zip(sums, said, given, strict=True)
            ranked = sorted((item for item in found if item[1]), key=lambda item: (-item[1], item[0]))
            return [(*item, ", ".join(one.names), one.reliability) for item in ranked]
    return [(NOBODY, Decimal(1), amount, _NO_EVIDENCE, None)]


def ranked_owners(found: pd.DataFrame) -> pd.DataFrame:
    """Who could own how much of the untagged money, most first.

    Parameters
    ----------
    found : DataFrame
        From `candidates`.

    Returns
    -------
    DataFrame
        ``Owner`` (``(nobody)`` last), ``BillingCurrency``, ``Low`` (lines for which there is no other
        candidate), ``Mid`` (by the shares; these add up to the untagged cost), ``High`` (all lines for
        which it is a candidate) and ``Lines``, a count. ``Low`` and ``High`` are bounds of what the
        evidence allows, not of a probability.

    Examples
    --------
    >>> lines = pd.DataFrame({"SubAccountId": ["1", "1", "1"], "tag:team": ["web", "data", "(untagged)"],
    ...     "BillingCurrency": "USD", "cost": [Decimal(3), Decimal(1), Decimal(8)]})
    >>> ranked = ranked_owners(candidates(lines, key="team", evidence=[["SubAccountId"]]))
    >>> [(line.Owner, int(line.Low), int(line.Mid), int(line.High)) for line in ranked.itertuples()]
    [('web', 0, 6, 8), ('data', 0, 2, 8)]
    """
    lines = []
    for owner, rows in found.groupby("Owner", sort=True):
        sure = rows["Share"] == 1
        low = [c if s else min(c, _ZERO) for c, s in zip(rows["cost"], sure, strict=True)]
        high = [c if s else max(c, _ZERO) for c, s in zip(rows["cost"], sure, strict=True)]
        sums = (total(low), total(rows["Amount"]), total(high))
        lines.append((owner, rows["BillingCurrency"].iloc[0], *sums, len(rows)))
    lines.sort(key=lambda line: (line[0] == NOBODY, -(line[3] or _ZERO), line[0]))
    columns = ["Owner", "BillingCurrency", "Low", "Mid", "High", "Lines"]
    return pd.DataFrame(lines, columns=columns, dtype=object)
