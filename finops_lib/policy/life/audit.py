"""What breaks a rule now, since when, and what was mended: one look at the estate against the last one.

Memory is handed in and given back as plain rows; where it is kept is for others to say. What could not be
looked at this time is not mended: it stays, and is told as not seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from finops_lib.errors import PolicyError
from finops_lib.records import Reason, Record, Resource, Verdict

NEW, LASTING, FIXED, UNSEEN = "new", "lasting", "fixed", "not seen"
STATES = (NEW, LASTING, FIXED, UNSEEN)
_DAY = 86_400  # seconds
COLUMNS = (
    "state", "rule", "outcome", "subject", "reason", "owner", "environment", "file", "line",
    "money_month", "currency", "first_seen", "age_days",
)  # fmt: skip


@dataclass(frozen=True)
class Violation(Record):
    """One thing that breaks one rule, since when; ``money_month`` is what it costs, None if unknown."""

    state: str
    rule: str
    outcome: str
    subject: str
    reason: str
    owner: str
    environment: str
    source: str
    file: str
    line: int
    money_month: Decimal | None
    currency: str
    first_seen: datetime

    @property
    def id(self) -> str:
        """The same for one rule and one thing, whenever it is looked at."""
        told = f"{len(self.rule)}:{self.rule}{self.subject}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def age_days(self, at: datetime) -> int:
        """Whole days since it was first seen."""
        return int((at - self.first_seen).total_seconds() // _DAY)


@dataclass(frozen=True)
class Audit(Record):
    """Violations by state at a moment; ``judged`` things were looked at."""

    at: datetime
    judged: int
    violations: tuple[Violation, ...]

    def of(self, state: str) -> tuple[Violation, ...]:
        """Return those of one state, the dearest first."""
        return tuple(one for one in self.violations if one.state == state)

    def money(self, state: str) -> dict[str, Decimal]:
        """Return what things of one state cost a month, by currency, each thing once; unknown is left out."""
        things = {one.subject: one for one in self.of(state) if one.money_month is not None}
        found: dict[str, Decimal] = {}
        for one in things.values():
            found[one.currency] = found.get(one.currency, Decimal(0)) + (one.money_month or 0)
        return dict(sorted(found.items()))

    def memory(self) -> list[dict[str, Any]]:
        """Return what the next audit is handed: all that is not mended, plain JSON."""
        return [one.to_json() for one in self.violations if one.state != FIXED]

    def table(self) -> pd.DataFrame:
        """Return one row a violation, in their order; money is exact."""
        rows = [
            [getattr(one, name) for name in COLUMNS[:-1]] + [one.age_days(self.at)] for one in self.violations
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))


def violations(
    verdicts: Iterable[Verdict],
    *,
    resources: Mapping[str, Resource],
    costs: Mapping[str, Decimal],
    currency: str,
    at: datetime,
) -> tuple[Violation, ...]:
    """What breaks a rule, by these verdicts.

    Parameters
    ----------
    verdicts : iterable of Verdict
        Of resources.
    resources : mapping
        Address to resource; a reason about something else is left out.
    costs : mapping
        Address to cost a month; one that is missing is not known.
    currency : str
        Of the costs, ISO 4217.
    at : datetime
        When it was looked at, with a time zone.

    Returns
    -------
    tuple of Violation
        One for each rule and thing, with its first reason; each is new as far as is known here.
    """
    found: dict[tuple[str, str], Violation] = {}
    for verdict in verdicts:
        for reason in verdict.reasons:
            resource = resources.get(reason.subject)
            if resource is not None and (reason.rule, reason.subject) not in found:
                cost = costs.get(reason.subject)
                found[reason.rule, reason.subject] = _violation(
                    verdict, reason, resource, cost, currency if cost is not None else "", at
                )
    return tuple(found.values())


def _violation(
    verdict: Verdict, reason: Reason, resource: Resource, cost: Decimal | None, currency: str, at: datetime
) -> Violation:
    return Violation(
        NEW,
        reason.rule,
        verdict.outcome,
        reason.subject,
        reason.reason,
        resource.owner,
        resource.environment,
        resource.source,
        resource.file,
        resource.line,
        cost,
        currency,
        at,
    )


def audited(
    before: Sequence[Mapping[str, Any]],
    now: Sequence[Violation],
    *,
    at: datetime,
    judged: int,
    sources: Iterable[str],
    unreadable: Iterable[str] = (),
) -> Audit:
    """What is new, what lasts, and what was mended since the last look.

    Parameters
    ----------
    before : sequence of mapping
        What `Audit.memory` gave the last time; empty for the first.
    now : sequence of Violation
        Of `violations`.
    at : datetime
        With a time zone.
    judged : int
        How many things were looked at.
    sources : iterable of str
        Kinds of sources that were looked at, as resources name them.
    unreadable : iterable of str
        Files that could not be read: what was seen in them is not mended for that.

    Returns
    -------
    Audit
        By state, within one by currency and the dearest first.

    Raises
    ------
    PolicyError
        The memory holds what is no violation.
    """
    known = {one.id: one for one in map(_remembered, before)}
    seen = {one.id for one in now}
    looked, lost = set(sources), set(unreadable)
    found = [
        replace(one, state=LASTING, first_seen=known[one.id].first_seen) if one.id in known else one
        for one in now
    ]
    for one in known.values():
        if one.id not in seen:
            missed = one.source not in looked or one.file in lost
            found.append(replace(one, state=UNSEEN if missed else FIXED))
    return Audit(at, judged, tuple(sorted(found, key=_order)))


def _remembered(row: Mapping[str, Any]) -> Violation:
    try:
        money = row["money_month"]
        return Violation(
            **{
                **row,
                "money_month": None if money is None else Decimal(money),
                "first_seen": datetime.fromisoformat(row["first_seen"]).astimezone(UTC),
            }
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise PolicyError(
            f"memory of the audit: {type(error).__name__}",
            "it holds violations as the last audit gave them",
            "begin anew without it",
        ) from error


def _order(one: Violation) -> tuple[int, bool, str, Decimal, str, str]:
    money = one.money_month
    return STATES.index(one.state), money is None, one.currency, -(money or Decimal(0)), one.subject, one.rule
