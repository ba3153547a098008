"""Planted estates: a month that planners see, the month after it, and the best that could have been done.

Two scopes of three or four resources: servers of the day, steady ones and idle ones, some of the use held
already. For each some sizes, switching off, a schedule and spot, each with a true chance of harm that
planners know by a guess only. The optimum is found by trying every way to treat every resource of a scope.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from finops_lib.optimize.plan_estate import Action, Estate
from finops_lib.optimize.windows import FloatArray

HOURS, MONTH_HOURS, MONTHS = 4 * 168, 730.0, 12
EFFORT = {"low": 50.0, "medium": 400.0, "high": 2000.0}
_OFFICE = tuple(1.0 if day < 5 and 7 <= hour < 19 else 0.0 for day in range(7) for hour in range(24))


@dataclass(frozen=True)
class Planted:
    """What planners see, what comes, and the true money a month that each action risks."""

    seen: Estate
    future: FloatArray
    actions: tuple[Action, ...]
    harm: dict[int, float]

    def burden(self, done: tuple[Action, ...]) -> float:
        """Money a month for true harm and for effort."""
        return sum(self.harm[self.actions.index(one)] + EFFORT[one.effort] / MONTHS for one in done)


def planted(count: int, *, seed: int) -> Iterator[Planted]:
    """Make estates."""
    for number in range(count):
        yield _estate(np.random.default_rng([seed, number]))


def _estate(draw: np.random.Generator) -> Planted:
    rows, actions, harm, scopes = [], [], {}, []
    for scope in ("vm", "db"):
        for place in range(int(draw.integers(3, 5))):
            name = f"{scope}-{place}"
            kind = str(draw.choice(["day", "steady", "idle"], p=[0.4, 0.4, 0.2]))
            rows.append(_use(draw, kind))
            scopes.append(scope)
            for action, true in _actions(draw, name, kind, price=float(rows[-1].mean())):
                harm[len(actions)] = true
                actions.append(action)
    use = np.array(rows)
    of = np.array(scopes)
    held = {name: float(draw.uniform(0, 0.6) * use[of == name].sum(axis=0).mean()) for name in ("vm", "db")}
    discount = {name: float(draw.uniform(0.2, 0.5)) for name in ("vm", "db")}
    names = tuple(dict.fromkeys(f"{scope}-{scopes[:n].count(scope)}" for n, scope in enumerate(scopes)))
    seen = Estate(names, use[:, :HOURS], tuple(scopes), held, discount)
    return Planted(seen, use[:, HOURS:], tuple(actions), harm)


def _use(draw: np.random.Generator, kind: str) -> FloatArray:
    hours = np.arange(2 * HOURS)
    size, clock = float(np.exp(draw.normal(0.5, 0.8))), hours % 24
    shape = np.ones(len(hours))
    if kind == "day":
        shape = 1.0 + draw.uniform(0.2, 0.9) * np.cos(2 * np.pi * (clock - 14) / 24)
    days = np.exp(np.repeat(draw.normal(0, 0.08, len(hours) // 24), 24))
    return np.asarray(size * shape * days * np.exp(draw.normal(0, 0.05, len(hours))))


def _actions(
    draw: np.random.Generator, name: str, kind: str, *, price: float
) -> Iterator[tuple[Action, float]]:
    """Make some actions; what harm truly costs a month stands beside what the planner is told."""
    month = price * MONTH_HOURS
    told = float(np.exp(draw.normal(0, 0.3)))
    for keeps, chance in ((0.5, 0.05), (0.75, 0.01)):
        if draw.random() < 0.6:
            cost = float(draw.uniform(0, 5) * month)
            true = chance * float(np.exp(draw.normal(0, 0.5)))
            effort = str(draw.choice(["low", "medium"]))
            yield _action(name, "rightsize", keeps, min(true * told, 1.0), cost, effort), true * cost
    if kind == "idle" or draw.random() < 0.1:
        cost, true = float(5 * month), 0.02 if kind == "idle" else 0.6
        yield _action(name, "switch_off", 0.0, min(true * told, 1.0), cost, "low"), true * cost
    if kind == "day" and draw.random() < 0.6:
        cost, true = float(2 * month), float(draw.uniform(0, 0.1))
        yield _action(name, "schedule", _OFFICE, true * told, cost, "medium"), true * cost
    if draw.random() < 0.5:
        cost, true = float(month), float(draw.uniform(0, 0.4))
        yield _action(name, "spot", 0.35, min(true * told, 1.0), cost, "medium"), true * cost


def _action(
    name: str, stage: str, keeps: float | tuple[float, ...], chance: float, cost: float, effort: str
) -> Action:
    return Action(
        name, stage, stage, keeps, to={stage: str(keeps)[:8]}, breach_probability=chance, breach_cost=cost,
        effort=effort,
    )  # fmt: skip


def ways(found: Planted, name: str) -> list[tuple[Action, ...]]:
    """List every way to treat a resource: at most one size, and nothing beside switching off."""
    mine = [one for one in found.actions if one.resource == name]
    subsets = [tuple(one for one, taken in zip(mine, bits, strict=True) if taken)
               for bits in product((False, True), repeat=len(mine))]  # fmt: skip
    return [
        way
        for way in subsets
        if len({one.stage for one in way}) == len(way)
        and (len(way) < 2 or "switch_off" not in {one.stage for one in way})
    ]


def optimum(found: Planted) -> float:
    """Find the least cost a month of the time to come, over every way and every commitment."""
    return sum(_least(found, scope) for scope in ("vm", "db"))


def _least(found: Planted, scope: str) -> float:
    rows = [place for place, of in enumerate(found.seen.scopes) if of == scope]
    inside, beside = [np.zeros((1, HOURS))], [np.zeros(1)]
    for row in rows:
        parts, costs = [], []
        for way in ways(found, found.seen.names[row]):
            left = found.future[row] * np.prod([one.left(HOURS) for one in way], axis=0)
            spot = any(one.stage == "spot" for one in way)
            parts.append(np.zeros(HOURS) if spot else left)
            costs.append(found.burden(way) + (left.mean() * MONTH_HOURS if spot else 0.0))
        inside.append(np.array(parts))
        beside.append(np.array(costs))
    least = np.inf
    for picks in product(*(range(len(part)) for part in inside[:-1])):
        base = np.sum([part[pick] for part, pick in zip(inside[:-1], picks, strict=True)], axis=0)
        cost = sum(float(part[pick]) for part, pick in zip(beside[:-1], picks, strict=True)) + beside[-1]
        rest = np.maximum(base + inside[-1] - found.seen.held[scope], 0.0)
        least = min(least, float((cost + _with_best(rest, found.seen.discount[scope])).min()))
    return least


def _with_best(rest: FloatArray, discount: float) -> FloatArray:
    """Pay for what is left with the best commitment: an empirical quantile of it."""
    level = np.quantile(rest, discount, axis=1, method="inverted_cdf")[:, None]
    return np.asarray(((1 - discount) * level + np.maximum(rest - level, 0.0)).mean(axis=1) * MONTH_HOURS)
