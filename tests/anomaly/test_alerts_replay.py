"""Months of incidents replayed day by day: how much quieter it gets, and what that costs."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from finops_lib.anomaly.alerts import Rules, alerts
from finops_lib.anomaly.incidents import Incident
from finops_lib.anomaly.lifecycle import Alert
from finops_lib.anomaly.measure import Quiet, Real, measure
from finops_lib.anomaly.windows import Window
from finops_lib.records.anomalies import Anomaly
from tests.anomaly.odd import day, odd, team

DAYS = 90
FALLS = {"spike": "drop", "new": "vanished"}
WINDOW = Window(
    "w", "ann", "known", {"tag:team": ("t0",)}, day(1), day(200), most=Decimal(50), currency="EUR"
)


def happening(chance: random.Random, number: int, name: str) -> tuple[Real, str, float]:
    """Make a real incident of a team's service in a region: where and when, its kind and its money."""
    kind = chance.choice(["spike", "spike", "level_shift", "ramp", "new"])
    lasts = 1 if kind == "spike" else chance.randint(3, 8)
    sign = chance.choice([1, 1, 1, -1])
    cell = {
        "tag:team": f"t{chance.randrange(20)}",
        "ServiceName": f"s{chance.randrange(8)}",
        "RegionId": chance.choice(["eu", "us", "ap"]),
    }
    real = Real(name, cell, day(number), day(number + lasts), rises=sign > 0)
    return real, kind if sign > 0 else FALLS.get(kind, kind), sign * round(chance.lognormvariate(4, 1), 2)


def signs(chance: random.Random, real: Real, kind: str, money: float) -> Iterator[Anomaly]:
    """Show it in three of four series that it is in, some with their cause, some a day late."""
    first, last = ((moment - day(1)).days + 1 for moment in (real.start, real.end))
    for names in (
        ("tag:team",),
        ("tag:team", "ServiceName"),
        tuple(real.cell),
        ("ServiceName",),
        ("RegionId",),
    ):
        if chance.random() < 0.25:
            continue
        labels = {name: real.cell[name] for name in names}
        rest = {name: value for name, value in real.cell.items() if name not in names}
        seen, begun = round(money * chance.uniform(0.85, 1.15), 2), first + chance.choice([0, 0, 0, 1])
        causes = [(rest, seen * 0.9), ({}, seen * 0.1)] if rest and chance.random() < 0.6 else []
        yield odd(
            kind,
            first=begun,
            days=max(1, last - begun),
            found=begun + (1 if last - first == 1 else 2),
            mid=seen,
            labels=labels,
            causes=causes,
            p=10 ** -chance.uniform(2.5, 6),
        )


def season(seed: int) -> tuple[list[Anomaly], list[Real]]:
    """Make ninety days: 1.2 incidents a day, a total that shows them, and a false alarm a week."""
    chance = random.Random(seed)  # noqa: S311  a replay, no secret
    anomalies, truth = [], []
    for number in range(1, DAYS + 1):
        for _ in range(chance.choice([0, 0, 1, 1, 2, 3])):
            real, kind, money = happening(chance, number, f"{len(truth)}")
            truth.append(real)
            anomalies += signs(chance, real, kind, money)
            if abs(money) > 60:
                anomalies.append(odd("spike" if money > 0 else "drop", first=number, mid=money))
        if chance.random() < 1 / 7:
            anomalies.append(odd(first=number, mid=20, labels=team(f"t{chance.randrange(20)}"), p=0.004))
    return anomalies, truth


def replay(anomalies: list[Anomaly], truth: list[Real]) -> Quiet:
    """Run a round a day; an alert is about what it says at its end."""
    before: tuple[Alert, ...] = ()
    told: dict[str, Incident] = {}
    hidden: dict[str, Incident] = {}
    for number in range(2, DAYS + 15):
        found = alerts(anomalies, now=day(number), before=before, rules=Rules(windows=(WINDOW,)))
        before = found.alerts
        told |= {one.key: one.incident for one in found.alerts if one.told is not None}
        hidden |= {one.incident.key: one.incident for one in found.suppressed}
    return measure(anomalies, truth, told=told.values(), suppressed=hidden.values())


def test_alerts_are_fewer_and_few_incidents_are_lost() -> None:
    """Over six seasons, 650 incidents, three anomalies make an alert, and correlation loses at most 2 %.

    Twenty other seasons lost 0.55 % to it: 2 % are exceeded by chance less than once in ten thousand times.
    The window hides one team of twenty, below 50 euros a day, and at most that share may be lost to it.
    """
    seasons = [replay(*season(seed)) for seed in range(6)]
    lost = Counter(step for quiet in seasons for step in quiet.lost.values())
    detected = sum(quiet.detected for quiet in seasons)
    assert detected > 550
    assert lost["correlation"] <= 0.02 * detected
    assert 0 < lost["suppression"] <= 0.05 * detected
    assert sum(quiet.anomalies for quiet in seasons) >= 3 * sum(quiet.alerts for quiet in seasons)
    assert all(quiet.missed_in_all is not None and quiet.missed_in_all < 0.1 for quiet in seasons)
