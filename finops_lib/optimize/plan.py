"""What should be done together: one plan in which no saving is counted twice.

A plan treats each resource in one way, so that all together cost least: what is left of every resource, the
best commitment to it on top of those in place, risk and effort. Then its actions are put in order, and each
is worth what it takes off the cost that the ones before it left: the parts add up to the whole, to the cent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from finops_lib.optimize.commitments.demand import WEEK_HOURS
from finops_lib.optimize.commitments.propose import money
from finops_lib.optimize.plan_estate import MONTH_HOURS, STAGES, Action, Estate, State, states
from finops_lib.optimize.plan_ledger import Ledger
from finops_lib.optimize.plan_search import cheapest
from finops_lib.optimize.windows import FloatArray

EFFORT = {"low": 50.0, "medium": 400.0, "high": 2000.0}  # money for people's time, once


@dataclass(frozen=True)
class Step:
    """One action of a plan, worth what it takes off the cost that the steps before it left.

    ``saving`` is exact and by month; ``weekly`` [weeks] the same by each week of the window, in money a
    month; ``alone`` what the action would save if it were the only one.
    """

    action: Action
    saving: Decimal
    weekly: FloatArray
    alone: Decimal


@dataclass(frozen=True)
class Commit:
    """What to commit to once the steps are done: money an hour at list price, on top of what is held."""

    scope: str
    level: float
    saving: Decimal
    weekly: FloatArray


@dataclass(frozen=True)
class Plan:
    """What to do, in order, and what it is worth.

    ``before`` and ``after`` are the cost a month of what is not paid already; the savings of ``steps`` and
    ``commits`` add up to their difference exactly. ``left_out`` are actions that are not in the plan.
    """

    steps: tuple[Step, ...]
    commits: tuple[Commit, ...]
    before: Decimal
    after: Decimal
    left_out: tuple[Action, ...]
    currency: str

    @property
    def saving(self) -> Decimal:
        """Money a month."""
        return self.before - self.after


def plan(
    estate: Estate,
    actions: Sequence[Action],
    *,
    effort: Mapping[str, float] | None = None,
    months: int = 12,
) -> Plan:
    """Which actions should be done, in which order, and what does each save after those before it.

    Parameters
    ----------
    estate : Estate
        Resources and their use.
    actions : sequence of Action
        What could be done; resources that the estate does not know are left out.
    effort : mapping of str to float, optional
        Money that an action of low, medium or high effort costs once; by default ``EFFORT``.
    months : int
        Over which effort has to pay for itself.

    Returns
    -------
    Plan

    Examples
    --------
    >>> estate = Estate(("web",), np.full((1, 168), 10.0), ("vm",), discount={"vm": 0.2})
    >>> found = plan(estate, [Action("web", "rightsize", "size", 0.5)], effort={"low": 0.0})
    >>> [step.saving for step in found.steps], [commit.saving for commit in found.commits]
    ([Decimal('3650.00')], [Decimal('730.00')])
    >>> found.before, found.after  # 10 an hour; half of it at 80 %
    (Decimal('7300.00'), Decimal('2920.00'))
    """
    prices = {name: once / months for name, once in (effort or EFFORT).items()}
    by_resource: dict[str, list[Action]] = {name: [] for name in estate.names}
    for one in actions:
        by_resource.get(one.resource, []).append(one)
    ways = [states(by_resource[name], estate=estate, effort_month=prices) for name in estate.names]
    chosen: list[State] = [way[0] for way in ways]
    for scope in dict.fromkeys(estate.scopes):
        rows = [place for place, name in enumerate(estate.scopes) if name == scope]
        for place, state in zip(
            rows, cheapest(estate, scope, rows, [ways[row] for row in rows]), strict=True
        ):
            chosen[place] = state
    return _ordered(estate, chosen, actions)


def _ordered(estate: Estate, chosen: Sequence[State], actions: Sequence[Action]) -> Plan:
    """Put the actions in order and give each what it takes off the cost that is left."""
    taken = [one for state in chosen for one in state.actions]
    ledger = Ledger(estate)
    alone = {id(one): _month(ledger.saves(one)) for one in taken}
    order = sorted(taken, key=lambda one: (STAGES.index(one.stage), -alone[id(one)], one.resource))
    total = _month(ledger.hourly())
    before = left = money(total)
    steps = []
    for one in order:
        saved = ledger.do(one)
        total -= _month(saved)
        steps.append(Step(one, left - money(total), weekly(saved), money(alone[id(one)])))
        left = money(total)
    commits = _commits(ledger, estate, total)
    after = left - sum((commit.saving for commit in commits), Decimal(0))
    inside = {id(one) for one in taken}
    left_out = tuple(one for one in actions if id(one) not in inside)
    return Plan(tuple(steps), commits, before, after, left_out, estate.currency)


def _commits(ledger: Ledger, estate: Estate, total: float) -> tuple[Commit, ...]:
    """Commit scope by scope, rounding what is left of the cost and not each saving."""
    found = []
    for scope in dict.fromkeys(estate.scopes):
        level, saved = ledger.committed(scope)
        if level > 0:
            left = total - _month(saved)
            found.append(Commit(scope, level, money(total) - money(left), weekly(saved)))
            total = left
    return tuple(found)


def _month(hourly: FloatArray) -> float:
    return float(hourly.mean()) * MONTH_HOURS


def weekly(hourly: FloatArray) -> FloatArray:
    """How much was it in each week, in money a month; what is shorter than two weeks is one.

    Parameters
    ----------
    hourly : ndarray
        [hours], money an hour.

    Examples
    --------
    >>> weekly(np.repeat([1.0, 3.0], 168)).tolist()
    [730.0, 2190.0]
    """
    parts = np.array_split(hourly, max(len(hourly) // WEEK_HOURS, 1))
    return np.array([_month(part) for part in parts])
