"""Into which series is the cost cut for a forecast: the largest by name, the others together."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from finops_lib.cost.series import dense
from finops_lib.forecast.tree import Tree

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

OTHER = "(other)"
TEAM, ACCOUNT = "tag:team", "SubAccountName"
_RECENT_DAYS = 90
_OWN_NAMES = ("[", "budget ", "limit ")  # how names begin that are no series of the cost

Labels = tuple[str, ...]


@dataclass(frozen=True)
class Cut:
    """The cost of a lake as daily series of groups and their parts, small ones together.

    ``by`` names the columns of the groups and their parts (or the groups alone); ``daily`` has ``time``,
    these columns, ``BillingCurrency`` and ``cost`` (float, NaN unknown), up to and including ``last``;
    ``labels`` maps the name of each series to its group and part; ``kept`` maps what the lake says of a group
    and part to what it is counted under; ``delivered`` are the days with any charge.
    """

    by: tuple[str, ...]
    daily: pd.DataFrame
    last: pd.Timestamp
    labels: Mapping[str, Labels]
    kept: Mapping[Labels, Labels]
    delivered: tuple[pd.Timestamp, ...]

    @property
    def tree(self) -> Tree:
        """The whole, its groups and their series."""
        groups = {name: labels[0] for name, labels in self.labels.items()}
        return Tree.of(pd.DataFrame({self.by[0]: pd.Series(groups, dtype=object)}))

    @property
    def folded(self) -> int:
        """How many groups or parts are counted under "(other)"."""
        return sum(raw != shown for raw, shown in self.kept.items())

    def frame(self) -> pd.DataFrame:
        """Return ``series``, ``time``, ``value`` and ``BillingCurrency`` of every day of each series."""
        filled = dense(self.daily, last=self.last, delivered=self.delivered)
        names = {labels: name for name, labels in self.labels.items()}
        pairs = zip(*(filled[column] for column in self.by), strict=True)
        return filled.assign(series=[names[pair] for pair in pairs])

    def shown(self, name: str) -> str:
        """How is this series called before a reader.

        Parameters
        ----------
        name : str
            Of a series of this cut; any other is returned as it is.

        Returns
        -------
        str
        """
        return " / ".join(self.labels.get(name, (name,)))

    def series_of(self, groups: Collection[str] | None) -> list[str]:
        """Which series make up these groups.

        Parameters
        ----------
        groups : collection of str, optional
            As they are shown; None is all.

        Returns
        -------
        list of str
        """
        return [name for name, labels in self.labels.items() if groups is None or labels[0] in groups]

    def recent(self, frame: pd.DataFrame, *, days: int) -> dict[str, float]:
        """What does each series cost a day, in the mean of the last days.

        Parameters
        ----------
        frame : DataFrame
            From `finops_lib.cost.series.accrued` by the columns of this cut.
        days : int
            How many of the last days, a count.

        Returns
        -------
        dict of str to float
            Only series that cost something.
        """
        first = self.last - pd.Timedelta(days=days - 1)
        late = frame[(frame["time"] >= first) & (frame["time"] <= self.last)]
        names = {labels: name for name, labels in self.labels.items()}
        found: dict[str, float] = {}
        columns = (late[column] for column in self.by)
        for *raw, cost in zip(*columns, late["cost"].astype("float64"), strict=True):
            name = names.get(self.kept.get(tuple(raw), ()))
            if name is not None and np.isfinite(cost):
                found[name] = found.get(name, 0.0) + cost / days
        return found


def default_group(engine: Engine) -> str:
    """By which column are teams told apart, where nobody says it.

    Parameters
    ----------
    engine : Engine
        The open lake.

    Returns
    -------
    str
        ``tag:team`` where the lake has this tag, else ``SubAccountName``.
    """
    return TEAM if TEAM.removeprefix("tag:") in engine.tag_keys else ACCOUNT


def cut(
    days: pd.DataFrame,
    *,
    by: Sequence[str],
    last: pd.Timestamp,
    largest: int,
    wanted: Collection[str] = (),
) -> Cut:
    """Into which series is this cost cut.

    Parameters
    ----------
    days : DataFrame
        From `finops_lib.cost.series.accrued` by these columns, in one currency.
    by : sequence of str
        The column of the groups, and perhaps that of their parts.
    last : Timestamp
        The last day of the series.
    largest : int
        How many series, those with most cost in the last 90 days, keep their name; half as many groups do.
        What is left of each group, and the groups left, are counted as "(other)".
    wanted : collection of str
        Groups that keep their name in any case.

    Returns
    -------
    Cut
        Its series add up to the whole, whatever is counted under "(other)".

    Examples
    --------
    >>> frame = pd.DataFrame({"time": pd.Timestamp("2026-07-01"), "Team": list("abcd"), "cost": [9, 5, 1, 1]})
    >>> found = cut(frame.assign(BillingCurrency="EUR"), by=["Team"], last=frame["time"][0], largest=4)
    >>> sorted(found.labels), found.folded
    (['(other)', 'a', 'b'], 2)
    """
    by, until = tuple(by), days[days["time"] <= last]
    size = _sizes(until, by, last)
    kept = _kept(size, groups=max(largest // 2, 1), largest=largest, wanted=wanted)
    daily = until.assign(cost=until["cost"].astype("float64"))
    pairs = [kept[pair] for pair in zip(*(daily[column] for column in by), strict=True)]
    for place, column in enumerate(by):
        daily[column] = pd.Series([pair[place] for pair in pairs], index=daily.index, dtype="str")
    keys = ["time", *by, "BillingCurrency"]
    summed = daily.groupby(keys, sort=True)["cost"].sum(min_count=1).reset_index()
    delivered = tuple(sorted(set(until["time"])))
    return Cut(by, summed, last, _named(dict.fromkeys(kept.values())), kept, delivered)


def _sizes(days: pd.DataFrame, by: Sequence[str], last: pd.Timestamp) -> dict[Labels, tuple[float, float]]:
    """Give each group and part what it cost of late, and in all, whatever the sign."""
    size = days["cost"].astype("float64").abs().fillna(0.0)
    late = size.where(days["time"] > last - pd.Timedelta(days=_RECENT_DAYS), 0.0)
    both = pd.DataFrame({"late": late, "all": size}).groupby([days[column] for column in by], sort=True).sum()
    keys = [key if isinstance(key, tuple) else (key,) for key in both.index]
    return {
        tuple(map(str, key)): (float(late), float(every))
        for key, late, every in zip(keys, both["late"], both["all"], strict=True)
    }


def _kept(
    size: Mapping[Labels, tuple[float, float]], *, groups: int, largest: int, wanted: Collection[str]
) -> dict[Labels, Labels]:
    """Say under which names each group and part is counted."""
    heads = _largest(_added({pair: pair[:1] for pair in size}, size), groups)
    named = {head for (head,) in heads} | set(wanted)
    first = {pair: pair if pair[0] in named else (OTHER, *pair[1:]) for pair in size}
    if all(len(pair) == 1 for pair in size):
        return first
    pairs = _largest(_added(first, size), largest)
    return {raw: pair if pair in pairs else (pair[0], OTHER) for raw, pair in first.items()}


def _added(
    to: Mapping[Labels, Labels], size: Mapping[Labels, tuple[float, float]]
) -> dict[Labels, tuple[float, float]]:
    found: dict[Labels, tuple[float, float]] = {}
    for raw, shown in to.items():
        late, every = found.get(shown, (0.0, 0.0))
        found[shown] = (late + size[raw][0], every + size[raw][1])
    return found


def _largest(size: Mapping[Labels, tuple[float, float]], count: int) -> set[Labels]:
    ranked = sorted(size, key=lambda labels: (-size[labels][0], -size[labels][1], labels))
    return set(ranked if len(ranked) <= count + 1 else ranked[:count])  # one alone is no "(other)"


def _named(pairs: Mapping[Labels, None]) -> dict[str, Labels]:
    """Give each series a name that no other has, whatever its labels hold."""
    plain = {" / ".join(pair): pair for pair in pairs}
    if len(plain) == len(pairs) and not any(name.startswith(_OWN_NAMES) for name in plain):
        return plain
    return {json.dumps(["series", *pair], ensure_ascii=False): pair for pair in pairs}
