"""One incident is one cause: the anomalies that show it, its money counted once, and where it lies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from finops_lib.records import Record
from finops_lib.records.anomalies import Anomaly
from finops_lib.records.estimates import Estimate

_DAY = timedelta(days=1)
_HALF = 2


def cell_of(anomaly: Anomaly) -> dict[str, str]:
    """Where does an anomaly lie: its series, and the cell that at least half of its money comes from.

    Parameters
    ----------
    anomaly : Anomaly

    Returns
    -------
    dict of str to str
        Column or ``tag:key`` to value; empty for the whole.

    Examples
    --------
    >>> from datetime import UTC
    >>> from finops_lib.records.anomalies import Cause
    >>> day, money = datetime(2026, 7, 3, tzinfo=UTC), Estimate(*map(Decimal, (8, 10, 12)), 0.8, "EUR")
    >>> causes = (Cause({"RegionId": "eu"}, Decimal(6)), Cause({}, Decimal(4)))
    >>> cell_of(Anomaly("spike", ("web",), {"tag:team": "web"}, day, day, day, money, 0.01, None, causes))
    {'tag:team': 'web', 'RegionId': 'eu'}
    """
    whole = anomaly.cost_impact.mid
    alike = [cause for cause in anomaly.causes if cause.cell and (cause.amount > 0) == (whole > 0)]
    most = max(alike, key=lambda cause: abs(cause.amount), default=None)
    if most is None or abs(most.amount) * _HALF < abs(whole):
        return dict(anomaly.labels)
    return {**anomaly.labels, **most.cell}


def within(cell: Mapping[str, str], scope: Mapping[str, Sequence[str]]) -> bool:
    """Say whether all of a cell lies in a scope; an empty scope is everything.

    Parameters
    ----------
    cell : mapping of str to str
        Column to value.
    scope : mapping of str to sequence of str
        Column to the values that count.

    Returns
    -------
    bool
        False where the cell says nothing on a column of the scope: part of it lies outside.

    Examples
    --------
    >>> within({"tag:team": "web"}, {"tag:team": ("web", "api")}), within({}, {"tag:team": ("web",)})
    (True, False)
    """
    return all(cell.get(column) in values for column, values in scope.items())


def days_of(anomaly: Anomaly) -> int:
    """How many days did it last so far: at least one, begun days count."""
    return max(1, -((anomaly.start - anomaly.end) // _DAY))


def together(anomalies: Iterable[Anomaly]) -> Estimate:
    """How much money is in these anomalies, each piece counted once.

    Series of one shape (the same columns) hold different money and are added; series of another shape show
    the same money again, so the shape with the most counts. An anomaly below another one is in it already.

    Parameters
    ----------
    anomalies : iterable of Anomaly
        At least one, all in one currency.

    Returns
    -------
    Estimate
        Ends are added to ends, which is never too narrow; the level is the least of them.

    Raises
    ------
    ValueError
        There is none, or they are in several currencies.

    Examples
    --------
    >>> from datetime import UTC
    >>> day = datetime(2026, 7, 3, tzinfo=UTC)
    >>> def spike(column, name, money):
    ...     estimate = Estimate(Decimal(money), Decimal(money), Decimal(money), 0.8, "EUR")
    ...     return Anomaly("spike", (name,), {column: name}, day, day, day, estimate, 0.01)
    >>> together([spike("team", "web", 60), spike("team", "api", 30), spike("region", "eu", 80)]).mid
    Decimal('90')
    """
    found = list(anomalies)
    if len({one.cost_impact.unit for one in found}) != 1:
        raise ValueError(f"{len(found)} anomalies: they are added in one currency, and there is one at least")
    shapes: dict[frozenset[str], list[Estimate]] = defaultdict(list)
    for one in _topmost(found):
        shapes[frozenset(one.labels)].append(one.cost_impact)
    sums = [
        tuple(sum((getattr(each, end) for each in shape), Decimal(0)) for end in ("low", "mid", "high"))
        for shape in shapes.values()
    ]
    low, mid, high = max(sums, key=lambda ends: abs(ends[1]))
    return Estimate(low, mid, high, min(one.cost_impact.level for one in found), found[0].cost_impact.unit)


def _topmost(found: Sequence[Anomaly]) -> list[Anomaly]:
    """Keep of each series its largest, and none that lies below another one."""
    best: dict[tuple[str, ...], Anomaly] = {}
    for one in sorted(found, key=lambda each: (-abs(each.cost_impact.mid), each.key)):
        best.setdefault(one.series, one)
    return [one for path, one in best.items() if not any(path[:depth] in best for depth in range(len(path)))]


@dataclass(frozen=True)
class Incident(Record):
    """Anomalies with one cause.

    ``causes`` show where it comes from, the one with the most money first, which leads; ``symptoms`` are
    wider or narrower series in which it can be seen too, and whose money is in the causes already. ``why``
    says in words what holds them together; it is empty for a single anomaly.
    """

    causes: tuple[Anomaly, ...]
    symptoms: tuple[Anomaly, ...] = ()
    why: tuple[str, ...] = ()

    @property
    def lead(self) -> Anomaly:
        """The anomaly that names it."""
        return self.causes[0]

    @property
    def members(self) -> tuple[Anomaly, ...]:
        """All anomalies, causes first."""
        return self.causes + self.symptoms

    @cached_property
    def cell(self) -> dict[str, str]:
        """Where it lies: what the cells of all its causes have in common."""
        first, *others = (cell_of(one).items() for one in self.causes)
        return {column: value for column, value in first if all((column, value) in one for one in others)}

    @cached_property
    def impact(self) -> Estimate:
        """Money above (below, where negative) what was expected, over the time it lasted."""
        return together(self.causes)

    @property
    def start(self) -> datetime:
        """When the first of its causes began, UTC."""
        return min(one.start for one in self.causes)

    @property
    def end(self) -> datetime:
        """Until when it was seen, UTC."""
        return max(one.end for one in self.causes)

    @property
    def days(self) -> int:
        """Days that it lasted so far, a count."""
        return max(1, -((self.start - self.end) // _DAY))

    @property
    def key(self) -> str:
        """16 hexadecimal digits: that of the anomaly that leads."""
        return self.lead.key

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read an incident back from what `to_json` gave."""
        causes, symptoms = (
            tuple(Anomaly.from_json(one) for one in found[name]) for name in ("causes", "symptoms")
        )
        return cls(causes, symptoms, tuple(found["why"]))


def finding(
    kind: str, *, labels: Mapping[str, str], start: datetime, end: datetime, at_stake: Estimate, seen: str
) -> Anomaly:
    """What does an anomaly look like that is no guess: drift, or a bill that is late or was restated.

    Parameters
    ----------
    kind : str
        Such as ``drift`` or ``late_bill``.
    labels : mapping of str to str
        Where it lies.
    start, end : datetime
        With a time zone.
    at_stake : Estimate
        Money that is affected.
    seen : str
        What was seen, in words.

    Returns
    -------
    Anomaly
        With a p-value of 0 and a chance of 1: it is a fact.
    """
    path = tuple(labels.values())
    return Anomaly(kind, path, dict(labels), start, end, end, at_stake, 0.0, 1.0, evidence=(seen,))
