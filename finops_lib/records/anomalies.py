"""What was found odd: an anomaly with its money, how sure it is, and the cells that it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Self

from finops_lib.records.core import Record, content_id
from finops_lib.records.estimates import Estimate


@dataclass(frozen=True)
class Cause(Record):
    """A cell that an anomaly's money lies in; one without any column is the rest.

    Examples
    --------
    >>> Cause({"ServiceName": "Compute"}, Decimal("12.50")).to_json()
    {'cell': {'ServiceName': 'Compute'}, 'amount': '12.5'}
    """

    cell: Mapping[str, str]
    amount: Decimal

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read it back from what `to_json` gave.

        Parameters
        ----------
        found : mapping
            ``amount`` as a string.

        Returns
        -------
        Cause
        """
        return cls(dict(found["cell"]), Decimal(found["amount"]))


@dataclass(frozen=True)
class Anomaly(Record):
    """Cost that was not to be expected, in one series of a hierarchy.

    ``kind`` is one of ``spike``, ``drop``, ``level_shift``, ``ramp``, ``new``, ``vanished``, or a security
    signal. ``series`` leads from the whole, which has the empty path, to its part; ``labels`` gives each step
    of the path its column. It lasted from ``start`` to before ``end`` (UTC; as far as is known) and was
    ``found`` when what came before that moment was known. ``cost_impact`` is what was spent above (below,
    where negative) what was expected in that time. ``p_value`` is the chance of something as odd where
    nothing is wrong, ``chance_real`` the chance that it matters to people, as their labels say. Amounts of
    ``causes`` add up to the middle of ``cost_impact``. ``evidence`` says in words what was seen, ``changes``
    names known changes near it.

    Examples
    --------
    >>> day = datetime.fromisoformat("2026-07-03T00:00:00+00:00")
    >>> money = Estimate(Decimal(90), Decimal(100), Decimal(120), 0.8, "EUR")
    >>> odd = Anomaly("spike", ("web",), {"tag:team": "web"}, day, day, day, money, 0.001)
    >>> odd.key == Anomaly("spike", ("web",), {"tag:team": "web"}, day, day, day, money, 0.5).key
    True
    """

    kind: str
    series: tuple[str, ...]
    labels: Mapping[str, str]
    start: datetime
    end: datetime
    found: datetime
    cost_impact: Estimate
    p_value: float
    chance_real: float | None = None
    causes: tuple[Cause, ...] = ()
    evidence: tuple[str, ...] = ()
    changes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not (isfinite(self.p_value) and 0 <= self.p_value <= 1):
            raise ValueError(f"p-value {self.p_value}: it lies between 0 and 1")
        if self.end < self.start:
            raise ValueError(f"from {self.start} to {self.end}: the end comes after the start")

    @property
    def key(self) -> str:
        """16 hexadecimal digits that stay the same while more of the same anomaly is seen."""
        place = {"series": self.series, "columns": sorted(self.labels)}
        return content_id({"kind": self.kind, **place, "start": self.start})

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read an anomaly back from what `to_json` gave.

        Parameters
        ----------
        found : mapping
            Decimals and times as strings.

        Returns
        -------
        Anomaly
        """
        moments = {name: datetime.fromisoformat(found[name]) for name in ("start", "end", "found")}
        lists = {name: tuple(found[name]) for name in ("series", "evidence", "changes")}
        causes = tuple(Cause.from_json(one) for one in found["causes"])
        impact = Estimate.from_json(found["cost_impact"])
        return cls(**{**found, **moments, **lists, "causes": causes, "cost_impact": impact})
