"""What did people say of earlier anomalies, and how is each team's threshold set by it.

A label is what a person said of one anomaly: ``real``, ``planned`` (it is what it says, and was wanted) or
``false alarm``. Planned ones are no news either, so they count against the threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from finops_lib.records import Anomaly, Record

REAL, PLANNED, FALSE_ALARM = "real", "planned", "false alarm"
LABELS = (REAL, PLANNED, FALSE_ALARM)
LEAST_LABELS = 5  # of one team; with fewer, those of all teams speak for it
_PRIOR_REAL, _PRIOR_ALL = 1.0, 2.0  # what is believed before any label
_DAYS_A_WEEK = 7.0


@dataclass(frozen=True)
class Label(Record):
    """What a team said of an anomaly with this p-value, ``at`` this moment."""

    team: str
    p_value: float
    said: str
    at: datetime
    key: str = ""

    def __post_init__(self) -> None:
        if self.said not in LABELS:
            raise ValueError(f"label {self.said!r}: it is one of {', '.join(LABELS)}")
        if not 0 <= self.p_value <= 1:
            raise ValueError(f"p-value {self.p_value}: it lies between 0 and 1")


def chance_real(labels: Sequence[Label], *, team: str, p_value: float) -> float | None:
    """How likely does an anomaly with this p-value matter to the team, as its labels say.

    Parameters
    ----------
    labels : sequence of Label
        The newest label of an anomaly counts.
    team : str
        With fewer than five labels those of all teams are used.
    p_value : float
        Of the anomaly.

    Returns
    -------
    float or None
        0 to 1, never falling with a smaller p-value; None with fewer than five labels in all.

    Notes
    -----
    Isotonic regression on the p-values by pooling adjacent violators (Ayer and others 1955), each pool shrunk
    by one real of two.

    Examples
    --------
    >>> day = datetime(2026, 7, 1)
    >>> said = [Label("web", 1e-9, "real", day, str(n)) for n in range(6)]
    >>> said += [Label("web", 1e-2, "false alarm", day, f"f{n}") for n in range(6)]
    >>> chance_real(said, team="web", p_value=1e-10), chance_real(said, team="web", p_value=0.05)
    (0.875, 0.125)
    """
    used = _of_team(labels, team)
    if len(used) < LEAST_LABELS:
        return None
    order = sorted(used, key=lambda label: label.p_value)
    places = np.array([label.p_value for label in order])
    pools = _falling(np.array([label.said == REAL for label in order], dtype=np.float64))
    at = min(max(int(np.searchsorted(places, p_value, side="right")) - 1, 0), len(order) - 1)
    return float(pools[at])


def thresholds(
    labels: Sequence[Label], *, precision: float = 0.5, alerts_a_week: float | None = None, now: datetime,
    weeks: float = 8.0, told: Iterable[tuple[str, float, datetime]] = (),
) -> Mapping[str, float]:  # fmt: skip
    """Up to which p-value should each team hear of anomalies.

    Parameters
    ----------
    labels : sequence of Label
        The newest label of an anomaly counts.
    precision : float
        Share of what is told that should be real, 0 to 1.
    alerts_a_week : float, optional
        The team's budget; None is no limit.
    now : datetime
        The moment from which the last ``weeks`` are counted.
    weeks : float
        How long the budget is looked back upon.
    told : iterable of tuple
        Team, p-value and moment of each anomaly that was found, told or not.

    Returns
    -------
    mapping
        Team to the largest p-value that holds both; 1 where nothing speaks against it, 0 where nothing can
        hold the precision. The team "" stands for all labels.

    Examples
    --------
    >>> day = datetime(2026, 7, 1)
    >>> said = [Label("web", 1e-9, "real", day, str(n)) for n in range(6)]
    >>> said += [Label("web", 1e-2, "false alarm", day, f"f{n}") for n in range(12)]
    >>> thresholds(said, precision=0.8, now=day)["web"]
    1e-09
    """
    if not 0 < precision < 1:
        raise ValueError(f"precision {precision}: it lies between 0 and 1")
    since = now - timedelta(days=_DAYS_A_WEEK * weeks)
    heard = [(team, p) for team, p, at in told if since <= at <= now]
    teams = sorted({"", *(label.team for label in labels), *(team for team, _ in heard)})
    found = {}
    for team in teams:
        limit = _precise(_of_team(labels, team), precision)
        if alerts_a_week is not None:
            mine = sorted(p for other, p in heard if other == team)
            most = int(alerts_a_week * weeks)
            limit = min(limit, (mine[most - 1] if most else 0.0) if len(mine) > most else 1.0)
        found[team] = limit
    return found


def judged(anomaly: Anomaly, said: str, *, team: str, at: datetime) -> Label:
    """Which label does a person's word on an anomaly make."""
    return Label(team, anomaly.p_value, said, at, anomaly.key)


def _of_team(labels: Sequence[Label], team: str) -> list[Label]:
    newest: dict[tuple[str, str], Label] = {}
    for number, label in enumerate(sorted(labels, key=lambda one: one.at)):
        newest[label.team, label.key or str(number)] = label
    mine = [label for label in newest.values() if label.team == team]
    return mine if len(mine) >= LEAST_LABELS else list(newest.values())


def _precise(labels: Sequence[Label], precision: float) -> float:
    """The largest p-value up to which the labels hold the precision."""
    if len(labels) < LEAST_LABELS:
        return 1.0
    order = sorted(labels, key=lambda label: label.p_value)
    p = np.array([label.p_value for label in order])
    share = np.cumsum([label.said == REAL for label in order]) / np.arange(1, len(order) + 1)
    last = np.append(p[1:] != p[:-1], True)  # equal p-values are told together or not at all
    good = np.flatnonzero((share >= precision) & last)
    if not len(good):
        return 0.0
    return 1.0 if good[-1] == len(order) - 1 else float(p[good[-1]])


def _falling(real: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    pools: list[tuple[float, int]] = []
    for value in real:
        pools.append((float(value), 1))
        while len(pools) > 1 and pools[-1][0] * pools[-2][1] >= pools[-2][0] * pools[-1][1]:
            (total, count), (before, others) = pools.pop(), pools.pop()
            pools.append((total + before, count + others))
    chances = [(total + _PRIOR_REAL) / (count + _PRIOR_ALL) for total, count in pools]
    every = np.repeat(chances, [count for _, count in pools])
    return np.minimum.accumulate(every)
