"""How good is one joint plan: ours against separate advices, and against the best that could have been done.

``python -m tests.benchmarks.plan [--seed N] [--quick] --json``. 100 estates (10 with ``--quick``) are
planted, see `plan_estates`. Planners see a month and guesses of harm, and are judged by the month after it
with its true harm: ``share_of_optimum`` is what all estates save together, net of harm and effort, over
what they would have by the best actions and commitments of hindsight, found by trying all.
``double_counted_usd`` is how much more a month all estates are told to save than doing all of it would have
saved in the month that was seen. Peers: ``separate`` advises on each stage and on commitments as if it were
the only one; ``in_order`` takes the same actions and commits to what they leave. No file is read:
``--data`` is taken and not used.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from finops_lib.optimize.plan import plan
from finops_lib.optimize.plan_estate import Action
from finops_lib.optimize.windows import FloatArray
from tests.benchmarks.plan_estates import EFFORT, HOURS, MONTH_HOURS, MONTHS, Planted, optimum, planted
from tests.benchmarks.told import tell

ESTATES, QUICK_ESTATES = 100, 10
PACKAGES = ("finops-workbench", "numpy", "scipy")


@dataclass(frozen=True)
class Advice:
    """What to do, what to commit to by scope, and how much a month that is told to save in all."""

    done: tuple[Action, ...]
    levels: Mapping[str, float]
    told: Decimal


def ours(found: Planted) -> Advice:
    """Plan all together."""
    made = plan(found.seen, found.actions, effort=EFFORT, months=MONTHS)
    told = sum((step.saving for step in (*made.steps, *made.commits)), Decimal(0))
    return Advice(
        tuple(step.action for step in made.steps), {one.scope: one.level for one in made.commits}, told
    )


def separate(found: Planted) -> Advice:
    """Advise on each stage and on commitments as if nothing else were done, and add it all up."""
    done = _stagewise(found)
    before = _rest(found, found.seen.use, ())
    alone = sum(_told(found, (one,)) for one in done)
    levels = {scope: _quantile(rest, found.seen.discount[scope]) for scope, rest in before[0].items()}
    bought = sum(_bought(rest, levels[s], found.seen.discount[s]) for s, rest in before[0].items())
    return Advice(done, levels, Decimal(f"{alone + bought:.2f}"))


def in_order(found: Planted) -> Advice:
    """Take the same actions, and commit to what they leave."""
    done = _stagewise(found)
    after = _rest(found, found.seen.use, done)
    levels = {scope: _quantile(rest, found.seen.discount[scope]) for scope, rest in after[0].items()}
    bought = sum(_bought(rest, levels[s], found.seen.discount[s]) for s, rest in after[0].items())
    return Advice(done, levels, Decimal(f"{_told(found, done) + bought:.2f}"))


METHODS: dict[str, Callable[[Planted], Advice]] = {"ours": ours, "separate": separate, "in_order": in_order}


def _stagewise(found: Planted) -> tuple[Action, ...]:
    """Take of each stage the action of a resource that pays most by itself, at the price on demand."""
    done = []
    for place, name in enumerate(found.seen.names):
        by_stage: dict[str, tuple[float, Action]] = {}
        for one in (action for action in found.actions if action.resource == name):
            row = found.seen.use[place]
            net = float((row * (1 - one.left(HOURS))).mean()) * MONTH_HOURS
            net -= one.risk_month + EFFORT[one.effort] / MONTHS
            if net > by_stage.get(one.stage, (0.0, one))[0]:
                by_stage[one.stage] = (net, one)
        done += [one for _, one in by_stage.values()]
    return tuple(done)


def _rest(
    found: Planted, use: FloatArray, done: tuple[Action, ...]
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Work out plainly what is left of each scope beyond what is held, and what is paid beside scopes."""
    rest = {scope: np.zeros(HOURS) for scope in dict.fromkeys(found.seen.scopes)}
    beside = np.zeros(HOURS)
    for name, scope, row in zip(found.seen.names, found.seen.scopes, use, strict=True):
        mine = [one for one in done if one.resource == name]
        left = row * np.prod([one.left(HOURS) for one in mine], axis=0)
        if any(one.stage == "spot" for one in mine):
            beside = beside + left
        else:
            rest[scope] = rest[scope] + left
    return {s: np.maximum(total - found.seen.held[s], 0.0) for s, total in rest.items()}, beside


def _paid(found: Planted, use: FloatArray, done: tuple[Action, ...], levels: Mapping[str, float]) -> float:
    rest, beside = _rest(found, use, done)
    hourly = beside.copy()
    for scope, row in rest.items():
        level = levels.get(scope, 0.0)
        hourly += (1 - found.seen.discount[scope]) * level + np.maximum(row - level, 0.0)
    return float(hourly.mean()) * MONTH_HOURS


def _told(found: Planted, done: tuple[Action, ...]) -> float:
    return _paid(found, found.seen.use, (), {}) - _paid(found, found.seen.use, done, {})


def _quantile(rest: FloatArray, discount: float) -> float:
    return float(np.quantile(rest, discount, method="inverted_cdf"))


def _bought(rest: FloatArray, level: float, discount: float) -> float:
    return float((np.minimum(rest, level) - (1 - discount) * level).mean()) * MONTH_HOURS


def judged(found: Planted, advice: Advice) -> tuple[float, float]:
    """Give the net saving of the month to come, and what was told beyond the saving of the one seen."""
    nothing = _paid(found, found.future, (), {})
    net = nothing - _paid(found, found.future, advice.done, advice.levels) - found.burden(advice.done)
    real = _paid(found, found.seen.use, (), {}) - _paid(found, found.seen.use, advice.done, advice.levels)
    beyond = float(advice.told) - real
    return net, beyond if beyond > 0.011 else 0.0  # both ends are rounded to a cent


def results(*, seed: int, quick: bool) -> list[dict[str, Any]]:
    """Ask every planner about every estate."""
    saved = dict.fromkeys(METHODS, 0.0)
    twice, possible = dict.fromkeys(METHODS, 0.0), 0.0
    for found in planted(QUICK_ESTATES if quick else ESTATES, seed=seed):
        possible += _paid(found, found.future, (), {}) - optimum(found)
        for name, method in METHODS.items():
            net, beyond = judged(found, method(found))
            saved[name] += net
            twice[name] += beyond
    told = []
    for name in METHODS:
        told.append(_line(name, "share_of_optimum", saved[name] / possible))
        told.append(_line(name, "double_counted_usd", twice[name]))
    return told


def _line(method: str, metric: str, value: float) -> dict[str, Any]:
    sys.stderr.write(f"estates {method} {metric} {value:.4f}\n")
    return {"set": "estates", "method": method, "metric": metric, "value": round(float(value), 5)}


def main() -> None:
    """Measure and print one JSON object as the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.plan", description=__doc__)
    parser.add_argument("--data", type=Path, help="not used: all estates are planted")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="10 estates")
    parser.add_argument("--json", action="store_true", help="what is printed is JSON in any case")
    given = parser.parse_args()
    tell("plan", results(seed=given.seed, quick=given.quick), packages=PACKAGES)


if __name__ == "__main__":
    main()
