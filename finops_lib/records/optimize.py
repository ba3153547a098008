"""What should change: a recommendation with its saving and its risk, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Self

from finops_lib.records.core import Record, content_id
from finops_lib.records.estimates import Estimate


@dataclass(frozen=True)
class NoRecommendation(Record):
    """A resource for which nothing is recommended, and why.

    ``kind`` is what was looked for, as in `Recommendation`.

    Examples
    --------
    >>> NoRecommendation("web", "cpu_request", "two days of history").to_json()["reason"]
    'two days of history'
    """

    resource: str
    kind: str
    reason: str

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read it back from what `to_json` gave.

        Parameters
        ----------
        found : mapping
            The three texts.

        Returns
        -------
        NoRecommendation
        """
        return cls(**found)


@dataclass(frozen=True)
class Recommendation(Record):
    """One change to one resource: what it is, what it should be, what that saves and risks.

    ``kind`` names the change, as ``cpu_request`` or ``instance_type``. ``from_`` and ``to`` give each setting
    its value, with its unit; in JSON they are ``from`` and ``to``. ``saving_month`` is money, below zero
    where the change costs. ``breach_probability`` is the share of time that the new size is expected to be
    too small (0 to 1); None where that is not known. ``backtest`` says how the same rule did in the past, by
    measure; None was not measured. ``evidence`` names snapshots and series. ``effort`` is ``low``, ``medium``
    or ``high``. ``owner`` and ``file`` are empty where nobody is named and no inventory was handed in.

    Examples
    --------
    >>> from decimal import Decimal
    >>> money = Estimate(Decimal(20), Decimal(25), Decimal(30), 0.8, "USD")
    >>> change = Recommendation("web", "cpu_request", {"cpu": "4"}, {"cpu": "2"}, money, 0.01, {}, "low use")
    >>> change.to_json()["from"], change.key == change.key
    ({'cpu': '4'}, True)
    """

    resource: str
    kind: str
    from_: Mapping[str, str]
    to: Mapping[str, str]
    saving_month: Estimate
    breach_probability: float | None
    backtest: Mapping[str, float | None]
    reason: str
    evidence: tuple[str, ...] = ()
    effort: str = "low"
    owner: str = ""
    file: str = field(default="")

    def __post_init__(self) -> None:
        chance = self.breach_probability
        if chance is not None and not (isfinite(chance) and 0 <= chance <= 1):
            raise ValueError(f"breach probability {chance}: it lies between 0 and 1, or is None")
        if not all(value is None or isfinite(value) for value in self.backtest.values()):
            raise ValueError(f"back-test {dict(self.backtest)}: what was not measured is None")
        if self.effort not in {"low", "medium", "high"}:
            raise ValueError(f"effort {self.effort!r}: it is low, medium or high")

    @property
    def key(self) -> str:
        """16 hexadecimal digits that stay while the same change to the same resource is recommended."""
        return content_id({"resource": self.resource, "kind": self.kind, "to": dict(self.to)})

    def to_json(self) -> dict[str, Any]:
        """Return the record as a dictionary; see `Record.to_json`.

        Returns
        -------
        dict
        """
        found = super().to_json()
        return {("from" if name == "from_" else name): value for name, value in found.items()}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read a recommendation back from what `to_json` gave.

        Parameters
        ----------
        found : mapping
            Decimals as strings.

        Returns
        -------
        Recommendation
        """
        fields = {name: value for name, value in found.items() if name != "from"}
        fields |= {"from_": dict(found["from"]), "evidence": tuple(found["evidence"])}
        return cls(**{**fields, "saving_month": Estimate.from_json(found["saving_month"])})
