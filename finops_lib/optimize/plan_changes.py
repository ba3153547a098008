"""Changes that were found one by one, made into one plan: none of their savings is counted twice.

Each change was priced as if it were the only one. Here they become actions on what each resource costs; the
plan keeps those that go together, and says what each saves after the ones before it and beside commitments.
Changes that cost money are needed, not wished for: they are done first and keep their price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from finops_lib.optimize import idle, schedule
from finops_lib.optimize.commitments import demand, licences, spot
from finops_lib.optimize.plan import EFFORT, Plan, plan
from finops_lib.optimize.plan_estate import Action, Estate
from finops_lib.optimize.plan_told import Ranked, told
from finops_lib.optimize.rightsize import gpus, hosts
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import NoRecommendation, Recommendation

MONTHS = 12
_STAGES: Mapping[str, str] = {
    gpus.KIND: "gpus",
    licences.KIND: "licence",
    idle.KIND: "switch_off",
    hosts.KIND: "switch_off",
    schedule.KIND: "schedule",
    spot.KIND: "spot",
}
_SIZE_STAGE = "rightsize"
_FREE = dict.fromkeys(EFFORT, 0.0)  # the ranking counts effort; here it would hide what is small


@dataclass(frozen=True)
class Row:
    """What one resource costs in each hour, [hours], and the scope of commitments it is in; empty is none.

    In a scope ``use`` is at the price without commitments. ``month`` is what the resource costs in a month at
    its own rate, of which the savings of its changes are shares.
    """

    use: FloatArray
    scope: str
    month: float


@dataclass(frozen=True)
class Scopes:
    """What commitments cover or could: ``rest`` is use an hour of a scope by all that has no change.

    ``held`` and ``discount`` are as in `finops_lib.optimize.plan_estate.Estate`; ``first_hour`` is the hour
    of the week in which the hours begin, from Monday 0 UTC.
    """

    rest: Mapping[str, FloatArray]
    held: Mapping[str, float]
    discount: Mapping[str, float]
    first_hour: int = 0


NO_SCOPES = Scopes({}, {}, {})


@dataclass(frozen=True)
class Joint:
    """Changes that go together in one currency, what is left of each scope's use, and what is left out.

    ``left`` are shares of today's use, by scope, above 1 where it grows; further commitments are to be sized
    on what is left.
    """

    plan: Plan
    ranked: tuple[Ranked, ...]
    silent: tuple[NoRecommendation, ...]
    left: Mapping[str, float]


def joint(
    changes: Sequence[Recommendation], rows: Mapping[str, Row], *, scopes: Scopes = NO_SCOPES, seed: int = 0
) -> Joint:
    """Which of these changes go together, and what does each save beside the others.

    Parameters
    ----------
    changes : sequence of Recommendation
        Of one currency, each priced as if it were the only one.
    rows : mapping of str to Row
        By resource, as long as one another; every changed resource has one.
    scopes : Scopes
        Commitments in place and to be had.
    seed : int
        Of the draws behind low and high.

    Returns
    -------
    Joint
        ``silent`` are changes that the plan leaves out, with the reason.

    Examples
    --------
    >>> from finops_lib.records import Estimate
    >>> def change(kind, amount):
    ...     ends = Estimate(Decimal(amount), Decimal(amount), Decimal(amount), 0.8, "USD")
    ...     return Recommendation("web", kind, {}, {}, ends, 0.0, {}, "seen")
    >>> web = {"web": Row(np.full(168, 10.0), "", 7300.0)}
    >>> found = joint([change("instance_type", "3650"), change("schedule", "3650")], web)
    >>> [str(one.recommendation.saving_month.mid) for one in found.ranked]  # half, then half of what is left
    ['3650.00', '1825.00']
    """
    currency = changes[0].saving_month.unit if changes else ""
    needed = [one for one in changes if one.saving_month.mid <= 0]
    wished = [one for one in changes if one.saving_month.mid > 0]
    grown = _grown(needed, rows)
    names = tuple(dict.fromkeys(one.resource for one in changes))
    if not names:
        return Joint(Plan((), (), Decimal(0), Decimal(0), (), currency), (), (), {})
    estate = Estate(
        (*names, *_beside(scopes.rest, names)),
        np.vstack([*(grown[name].use for name in names), *scopes.rest.values()]),
        (*(grown[name].scope for name in names), *scopes.rest),
        scopes.held, scopes.discount, currency, scopes.first_hour,
    )  # fmt: skip
    actions = [_action(one, rows[one.resource], first=scopes.first_hour) for one in wished]
    made = plan(estate, actions, effort=_FREE)
    ranked, silent = told(made, inventory=_people(wished), months=MONTHS, seed=seed)
    kept = [one for one in ranked if one.recommendation.kind != demand.KIND]
    return Joint(made, (*kept, *map(valued, needed)), silent, _left(made, estate, rows))


def _beside(rest: Mapping[str, FloatArray], names: Sequence[str]) -> Iterator[str]:
    """Name all that has no change, scope by scope, as no resource is named."""
    mark = "(no change)"
    while any(name.endswith(mark) for name in names):
        mark = f"({mark})"
    return (f"{scope} {mark}" for scope in rest)


def valued(change: Recommendation) -> Ranked:
    """What is a change worth in a month, once what it costs to make is taken off over a year.

    Parameters
    ----------
    change : Recommendation
        With its saving and effort.
    """
    return Ranked(change, float(change.saving_month.mid) - EFFORT[change.effort] / MONTHS)


def _grown(needed: Sequence[Recommendation], rows: Mapping[str, Row]) -> dict[str, Row]:
    """Make the resources larger that need to be."""
    found = dict(rows)
    for one in needed:
        row = found[one.resource]
        factor = 1.0 - float(one.saving_month.mid) / row.month if row.month > 0 else 1.0
        found[one.resource] = Row(row.use * factor, row.scope, row.month * factor)
    return found


def _action(change: Recommendation, row: Row, *, first: int) -> Action:
    money = change.saving_month
    keeps = max(1.0 - float(money.mid) / row.month, 0.0)
    return Action(
        change.resource,
        _STAGES.get(change.kind, _SIZE_STAGE),
        change.kind,
        keeps if change.kind != schedule.KIND else _by_hour(change, row.use, keeps, first),
        change.from_,
        change.to,
        (float(money.low / money.mid), float(money.high / money.mid)),
        change.breach_probability,
        0.0,
        change.effort,
        change.reason,
        change.evidence,
        change.backtest,
    )


def _by_hour(change: Recommendation, use: FloatArray, keeps: float, first: int) -> float | tuple[float, ...]:
    """Let a schedule save what it was priced at in its hours off, and in the others only what is beyond."""
    hours = schedule.hours_on(change.to.get("on", ""))
    if hours is None:
        return keeps
    on = float(use[hours[(first + np.arange(len(use))) % len(hours)]].sum())
    whole = float(use.sum())
    if not 0 < on < whole:
        return keeps
    shares = (min(keeps * whole / on, 1.0), max(keeps * whole - on, 0.0) / (whole - on))
    return tuple(np.where(hours, *shares).tolist())


def _people(changes: Sequence[Recommendation]) -> pd.DataFrame:
    known = {one.resource: (one.resource, one.owner, one.file) for one in changes}
    return pd.DataFrame(known.values(), columns=["resource", "owner", "file"])


def _left(made: Plan, estate: Estate, rows: Mapping[str, Row]) -> dict[str, float]:
    """Which share of each scope's use today is there once all is done; what goes to spot is gone from it."""
    use = estate.use.copy()
    place = {name: number for number, name in enumerate(estate.names)}
    for step in made.steps:
        row = place[step.action.resource]
        gone = step.action.stage == "spot"
        use[row] *= 0.0 if gone else step.action.left(use.shape[1], first=estate.first_hour)
    today = [
        rows[name].use if name in rows else now for name, now in zip(estate.names, estate.use, strict=True)
    ]
    before, after = np.sum(today, axis=1), use.sum(axis=1)
    found = {}
    for scope in dict.fromkeys(name for name in estate.scopes if name):
        mine = [number for number, name in enumerate(estate.scopes) if name == scope]
        found[scope] = float(after[mine].sum() / before[mine].sum()) if before[mine].sum() > 0 else 1.0
    return found
