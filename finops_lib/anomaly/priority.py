"""How much would be lost if nobody was told: the chance that it is real x money a day x days x tier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from math import e, log
from typing import Any, Self

from finops_lib.anomaly.incidents import Incident, within
from finops_lib.anomaly.suppress import money_a_day
from finops_lib.records import Record

_ENDS_BY_ITSELF = frozenset({"spike", "drop"})
_STILL_SEEN = timedelta(days=2)  # bills of the last day or two may be missing yet


@dataclass(frozen=True)
class Tier(Record):
    """How much a service matters: ``weight`` 1 is an ordinary one.

    Examples
    --------
    >>> Tier("shop", 3, {"tag:team": ("web",)}).weight
    3
    """

    name: str
    weight: Decimal | int
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Stakes(Record):
    """What an alert is worth.

    ``days`` pass until somebody would notice without an alert (the next monthly review, as a rule).
    ``fall`` is what a euro less is worth beside a euro more: it may be an outage, and may be a saving.
    ``prior`` is the share of real ones among what is flagged at all (0 to 1), where labels say nothing.
    The first of ``tiers`` that an incident lies in weighs it; in none it weighs 1.
    """

    days: int = 15
    fall: Decimal = Decimal("0.25")
    prior: float = 0.5
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True)
class Priority(Record):
    """An expected loss and its factors: ``chance`` x ``daily`` money in ``currency`` x ``days`` x ``weight``.

    Examples
    --------
    >>> Priority(0.5, Decimal(40), 3, Decimal(2), "EUR").loss
    Decimal('120.00')
    """

    chance: float
    daily: Decimal
    days: int
    weight: Decimal
    currency: str
    tier: str = ""

    @property
    def loss(self) -> Decimal:
        """Expected loss, in ``currency``, to the hundredth: it ranks, and is no sum of a bill."""
        exact = Decimal(repr(round(self.chance, 6))) * abs(self.daily) * self.days * self.weight
        return exact.quantize(Decimal("0.01"))

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read a priority back from what `to_json` gave."""
        return cls(**{**found, "daily": Decimal(found["daily"]), "weight": Decimal(found["weight"])})


def chance_from_p(p_value: float, *, prior: float = 0.5) -> float:
    """How likely is something real at most, if all that is known is its p-value.

    Parameters
    ----------
    p_value : float
        0 to 1.
    prior : float
        Share of real ones before it was looked at, 0 to 1, both excluded.

    Returns
    -------
    float
        0 to 1. A p-value of .05 is far from a chance of 95 %.

    Source: Sellke, Bayarri, Berger (2001), Calibration of p values for testing precise null hypotheses, The
    American Statistician 55: the odds against are at least -e p ln p, for p below 1/e.

    Examples
    --------
    >>> round(chance_from_p(0.05), 3), round(chance_from_p(0.001), 3), chance_from_p(0.6)
    (0.711, 0.982, 0.5)
    """
    against = 1.0 if p_value >= 1 / e else (-e * p_value * log(p_value) if p_value else 0.0)
    return prior / (prior + (1 - prior) * against)


def chance_of(incident: Incident, *, prior: float = 0.5) -> float:
    """How likely is an incident real: as likely as the surest of its anomalies.

    They are seen in one another's data, so that no more may be made of their number.

    Parameters
    ----------
    incident : Incident
    prior : float
        As in `chance_from_p`.

    Returns
    -------
    float
        0 to 1.
    """
    return max(
        chance_from_p(one.p_value, prior=prior) if one.chance_real is None else one.chance_real
        for one in incident.causes
    )


def days_at_stake(incident: Incident, *, now: datetime, days: int) -> int:
    """How many days would it go on unseen.

    Parameters
    ----------
    incident : Incident
    now : datetime
        With a time zone.
    days : int
        Until somebody would notice without an alert.

    Returns
    -------
    int
        For what ends by itself, or has ended, the days that it lasted; else ``days``.
    """
    lasting = any(one.kind not in _ENDS_BY_ITSELF for one in incident.causes)
    seen = now - incident.end <= _STILL_SEEN
    return max(days, incident.days) if lasting and seen else incident.days


def priority(incident: Incident, *, now: datetime, stakes: Stakes | None = None) -> Priority:
    """How much is lost, as is to be expected, if nobody is told.

    Parameters
    ----------
    incident : Incident
    now : datetime
        With a time zone.
    stakes : Stakes, optional
        What an alert is worth.

    Returns
    -------
    Priority
        Its ``loss`` ranks alerts of one currency.
    """
    worth = stakes or Stakes()
    tier = next((one for one in worth.tiers if within(incident.cell, one.scope)), Tier("", 1))
    daily = money_a_day(incident)
    weight = Decimal(tier.weight) * (worth.fall if daily < 0 else 1)
    days = days_at_stake(incident, now=now, days=worth.days)
    chance = chance_of(incident, prior=worth.prior)
    return Priority(chance, daily, days, weight, incident.impact.unit, tier.name)


def ranked(priorities: Sequence[Priority]) -> list[int]:
    """In which order do these matter: places in the sequence, the greatest loss of each currency first.

    Amounts of two currencies are not compared: the currencies take turns.

    Parameters
    ----------
    priorities : sequence of Priority

    Returns
    -------
    list of int

    Examples
    --------
    >>> losses = [(10, "EUR"), (900, "JPY"), (20, "EUR")]
    >>> ranked([Priority(1.0, Decimal(money), 1, Decimal(1), unit) for money, unit in losses])
    [2, 1, 0]
    """
    by_currency: dict[str, list[int]] = {}
    for place in sorted(range(len(priorities)), key=lambda each: -priorities[each].loss):
        by_currency.setdefault(priorities[place].currency, []).append(place)
    turns = [(turn, unit, place) for unit, some in by_currency.items() for turn, place in enumerate(some)]
    return [place for _, _, place in sorted(turns)]
