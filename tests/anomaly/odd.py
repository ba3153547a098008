"""Anomalies in a line: kind, days of July 2026, money and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from finops_lib.anomaly.incidents import Incident
from finops_lib.records.anomalies import Anomaly, Cause
from finops_lib.records.estimates import Estimate


def day(number: int, hour: int = 0) -> datetime:
    """Give the moment of a day counted from July 1, 2026, which may lie in another month."""
    return datetime(2026, 7, 1, hour, tzinfo=UTC) + timedelta(days=number - 1)


def money(mid: object, *, unit: str = "EUR", spread: str = "0.1") -> Estimate:
    """Give an estimate with a tenth to either side."""
    middle = Decimal(str(mid))
    width = abs(middle) * Decimal(spread)
    return Estimate(middle - width, middle, middle + width, 0.8, unit)


def odd(  # noqa: PLR0913  one argument for each field
    kind: str = "spike",
    *,
    first: int = 3,
    days: int = 1,
    mid: object = 100,
    labels: Mapping[str, str] | None = None,
    causes: Sequence[tuple[Mapping[str, str], object]] = (),
    found: int | None = None,
    p: float = 0.001,
    chance: float | None = None,
    changes: Sequence[str] = (),
    evidence: Sequence[str] = (),
    unit: str = "EUR",
) -> Anomaly:
    """Make an anomaly."""
    there = dict(labels or {})
    return Anomaly(
        kind,
        tuple(there.values()),
        there,
        day(first),
        day(first + days),
        day(first + days if found is None else found),
        money(mid, unit=unit),
        p,
        chance,
        tuple(Cause(dict(cell), Decimal(str(amount))) for cell, amount in causes),
        tuple(evidence),
        tuple(changes),
    )


def team(name: str) -> dict[str, str]:
    """Label a series with a team."""
    return {"tag:team": name}


def one(*causes: Anomaly) -> Incident:
    """Make an incident of these causes."""
    return Incident(causes)
