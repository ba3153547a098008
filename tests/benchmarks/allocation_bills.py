"""Bills and rules drawn at random, for the proof that nothing is lost: any amount, any rule, any order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import numpy as np
import pandas as pd

from finops_lib.cost.allocation.rules import Rule, RuleFile

TEAMS = ("web", "data", "ml", "ops", "(unallocated)", 'a "b"', "0", "Ünal")
ACCOUNTS = ("1", "2", "3", "(none)", "(empty)")
NODES = ("arn:aws:ec2:eu:1:instance/n1", "n2", "n3", "(none)")
METRICS = ("requests", "requests", "seats", "seats", "nothing", "broken")
SHARED = 20  # bills to one set of usage and report
CURRENCIES = ("USD", "JPY", "KWD", "tokens")
LABEL, ACCOUNT, NODE = "tag:team", "SubAccountId", "ResourceId"


@dataclass(frozen=True)
class Case:
    """One bill with the rules and grounds to split it by."""

    lines: pd.DataFrame
    rules: RuleFile
    usage: pd.DataFrame
    clusters: pd.DataFrame


def case(seed: int, *, most_lines: int = 12) -> Case:
    """Draw one case; the same seed draws the same."""
    random = np.random.default_rng(seed)
    count = int(random.integers(0, most_lines + 1))
    lines = pd.DataFrame(
        {
            LABEL: random.choice([*TEAMS[:4], "(untagged)", "(empty)", '"(untagged)"'], count),
            ACCOUNT: random.choice(ACCOUNTS, count),
            NODE: random.choice(NODES, count),
            "BillingCurrency": [str(random.choice(CURRENCIES))] * count,
            "cost": [amount(random) for _ in range(count)],
        },
        dtype=object,
    )
    rules = [rule(random, number) for number in range(int(random.integers(1, 7)))]
    return Case(lines, RuleFile("1", tuple(rules)), *grounds(seed // SHARED))


@lru_cache(maxsize=4)
def grounds(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw usage and a report that several bills share."""
    random = np.random.default_rng((1, seed))
    return usage(random), report(random)


def amount(random: np.random.Generator) -> Decimal | None:
    """Draw a cost: cents, fractions of them, nothing, credits, astronomic ones, and some unknown."""
    sign = int(random.choice([-1, 1, 1, 1]))
    digits = int(random.integers(0, 10 ** int(random.integers(1, 18))))
    places = int(random.choice([0, 2, 2, 10, 20, 28]))
    drawn = random.random()
    if drawn < 0.03:
        return [None, Decimal("NaN"), Decimal("Infinity")][int(random.integers(3))]
    return Decimal(0) if drawn < 0.1 else Decimal(sign * digits).scaleb(-places)


def teams(random: np.random.Generator) -> tuple[str, ...]:
    """Draw some teams."""
    return tuple(random.permutation(TEAMS)[: int(random.integers(1, len(TEAMS)))].tolist())


def rule(random: np.random.Generator, number: int) -> Rule:
    """Draw a rule of any method."""
    method = str(random.choice(["direct", "proportional", "fixed", "even", "usage", "shapley", "cluster"]))
    to = teams(random) if random.random() < 0.3 else ()
    known = {
        "direct": {"by": str(random.choice([LABEL, ACCOUNT])), "teams": mapped(random)},
        "proportional": {"to": to},
        "fixed": {"shares": agreed(random)},
        "even": {"to": to},
        "usage": {"to": to, "metric": str(random.choice(METRICS))},
        "shapley": {
            "to": to,
            "metric": str(random.choice(METRICS)),
            "game": str(random.choice(["peak", "largest"])),
            "block": Decimal(int(random.integers(0, 3))),
        },
        "cluster": {
            "by": NODE,
            "level": str(random.choice(["namespace", "workload", LABEL])),
            "idle": str(random.choice(["proportional", "even", "own"])),
        },
    }
    where = {ACCOUNT: tuple(random.choice(ACCOUNTS, 2).tolist())} if random.random() < 0.4 else {}
    source = str(random.choice(TEAMS)) if random.random() < 0.4 else ""
    return Rule(f"rule {number}", method, where, source, **known[method])  # type: ignore[arg-type]


def mapped(random: np.random.Generator) -> dict[str, str]:
    """Draw which values stand for which team, or that each stands for itself."""
    if random.random() < 0.5:
        return {}
    return {str(random.choice([*ACCOUNTS, *TEAMS])): str(random.choice(TEAMS)) for _ in range(4)}


def agreed(random: np.random.Generator) -> dict[str, Decimal]:
    """Draw shares that add up to one."""
    chosen = teams(random)
    cuts = np.sort(random.integers(0, 1001, len(chosen) - 1)).tolist()
    ends = zip([0, *cuts], [*cuts, 1000], strict=True)
    return {team: Decimal(high - low) / 1000 for team, (low, high) in zip(chosen, ends, strict=True)}


def usage(random: np.random.Generator) -> pd.DataFrame:
    """Draw what teams used, with gaps, and one metric that cannot be read."""
    count = int(random.integers(0, 40))
    rows = {
        "consumer": random.choice([*TEAMS, None, ""], count),  # type: ignore[list-item]
        "metric": random.choice(["requests", "seats"], count),
        "value": random.gamma(0.3, 10.0, count) * random.choice([0.0, 1.0, 1e6], count),
        "time": random.integers(0, 4, count),
    }
    broken = {
        "consumer": "web",
        "metric": "broken",
        "value": str(random.choice(["-1", "x", "nan"])),
        "time": 0,
    }
    return pd.concat([pd.DataFrame(rows, dtype=object), pd.DataFrame([broken])], ignore_index=True)


def report(random: np.random.Generator) -> pd.DataFrame:
    """Draw what clusters say of themselves."""
    count = int(random.integers(1, 12))
    costs = {
        name: [amount(random) for _ in range(count)] for name in ("Cost", "CpuCost", "RamCost", "GpuCost")
    }
    names = {
        "Cluster": random.choice(["c1", "c2"], count),
        NODE: random.choice(["n1", "n2", "(none)"], count),
        "Namespace": random.choice(["web", "kube", "(none)"], count),
        "Workload": random.choice(["api", "job", "(none)"], count),
        "Kind": random.choice(["workload", "workload", "idle", "shared", "unmounted"], count),
        LABEL: random.choice(["web", "data", "(untagged)"], count),
        "BillingCurrency": ["XXX"] * count,
    }
    return pd.DataFrame({**names, **costs}, dtype=object)
