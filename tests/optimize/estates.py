"""Small estates drawn by chance, for tests of the plan."""

from __future__ import annotations

import numpy as np

from finops_lib.optimize.plan_estate import Action, Estate

FREE = {"low": 0.0, "medium": 0.0, "high": 0.0}


def drawn(seed: int, *, resources: int = 4, hours: int = 168) -> tuple[Estate, list[Action]]:
    """Draw resources in two scopes and one without, and one to three actions on each."""
    random = np.random.default_rng(seed)
    names = tuple(f"r{number}" for number in range(resources))
    use = random.uniform(0.5, 5.0, (resources, 1)) * random.uniform(0.3, 1.0, (resources, hours))
    scopes = tuple(random.choice(["vm", "db", ""], resources).tolist())
    estate = Estate(
        names, use, scopes,
        held={"vm": float(random.uniform(0, 4)), "db": float(random.uniform(0, 2))},
        discount={"vm": 0.3, "db": 0.5}, first_hour=int(random.integers(0, 168)),
    )  # fmt: skip
    actions = []
    for name in names:
        stages = random.choice(
            ["rightsize", "switch_off", "schedule", "spot"], int(random.integers(1, 4)), False
        )
        for stage in stages.tolist():
            keeps: float | tuple[float, ...] = float(random.uniform(0.2, 1.1))
            if stage == "schedule":
                keeps = tuple(random.integers(0, 2, 168).astype(float).tolist())
            if stage == "switch_off":
                keeps = 0.0
            risk = float(random.uniform(0, 300))
            actions.append(Action(name, stage, stage, keeps, breach_probability=0.5, breach_cost=risk))
    return estate, actions


def priced(estate: Estate, done: list[Action], levels: dict[str, float]) -> float:
    """Price an estate plainly, hour by hour, by the month: what is beyond what is held, and commitments."""
    hours = estate.use.shape[1]
    total = 0.0
    for hour in range(hours):
        beside, by_scope = 0.0, dict.fromkeys(estate.scopes, 0.0)
        for place, name in enumerate(estate.names):
            amount, spot = float(estate.use[place, hour]), False
            for one in done:
                if one.resource == name:
                    shares = one.keeps if isinstance(one.keeps, tuple) else (one.keeps,)
                    amount *= shares[(estate.first_hour + hour) % len(shares)]
                    spot = spot or one.stage == "spot"
            beside += amount if spot else 0.0
            by_scope[estate.scopes[place]] += 0.0 if spot else amount
        for scope, amount in by_scope.items():
            rest = max(amount - (estate.held.get(scope, 0.0) if scope else 0.0), 0.0)
            level = levels.get(scope, 0.0)
            total += (1 - estate.discount.get(scope, 0.0)) * level + max(rest - level, 0.0) if level else rest
        total += beside
    return total / hours * 730
