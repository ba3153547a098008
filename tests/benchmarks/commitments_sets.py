"""Planted use by the hour: a past that rules may see, and the year after it that they are judged by.

Level: the same rate each year, or for the harder sets the same amount. On top: days and weeks of any depth,
errors of days that last from not at all to weeks, steps up or down that stay, a quiet turn of the year,
spikes, outages, noise of hours. Nothing of it is shared with any rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from finops_lib.optimize.commitments.demand import Demand
from finops_lib.optimize.windows import FloatArray

RATES = {"stationary": 0.0, "decline": -0.4, "growth": 0.6, "decline_linear": -0.4, "growth_linear": 0.6}
YEAR_DAYS, YEAR_HOURS = 365, 365 * 24
_START = datetime(2024, 3, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """One scope: what is known, what an offer saves, and what comes."""

    past: Demand
    discount: float
    future: FloatArray


def planted(name: str, count: int, *, seed: int) -> Iterator[Case]:
    """Make the cases of one set."""
    for number in range(count):
        draw = np.random.default_rng([seed, list(RATES).index(name), number])
        days = int(draw.integers(180, 500))
        use = _use(draw, rate=RATES[name], past=days, linear="linear" in name)
        past = Demand(("vm",), use[None, : days * 24], _START, 1, "USD")
        yield Case(past, float(draw.uniform(0.2, 0.6)), use[days * 24 :])


def _use(draw: np.random.Generator, *, rate: float, past: int, linear: bool) -> FloatArray:
    days = np.arange(past + YEAR_DAYS)
    year = (days - past) / YEAR_DAYS
    level = np.maximum(1.0 + rate * year, 0.1) if linear else (1.0 + rate) ** year
    level = level * np.exp(_lasting(draw, len(days)) + _steps(draw, len(days)))
    level = level * np.where((days + draw.integers(0, 365)) % 365 < 10, draw.uniform(0.8, 1.0), 1.0)
    hours = np.arange(24 * len(days))
    peak, depth, weekend = draw.uniform(8, 18), draw.uniform(0.0, 0.6), draw.uniform(0.5, 1.0)
    shape = 1.0 + depth * np.cos(2 * np.pi * (hours % 24 - peak) / 24)
    shape *= np.where(hours // 24 % 7 >= 5, weekend, 1.0)
    noise = np.exp(draw.normal(0.0, draw.uniform(0.01, 0.15), len(hours)))
    use = np.exp(draw.normal(3.0, 1.0)) * np.repeat(level, 24) * shape * noise
    spikes = draw.random(len(hours)) < 0.002
    outages = np.repeat(draw.random(len(days)) < 0.003, 24) & (hours % 24 < 4)
    return np.asarray(np.where(outages, 0.0, use * np.where(spikes, draw.uniform(1.5, 4.0, len(hours)), 1.0)))


def _lasting(draw: np.random.Generator, days: int) -> FloatArray:
    """Draw errors of days, each keeping a share of the last one's."""
    keep, size = draw.choice([0.0, 0.5, 0.9, 0.97]), draw.uniform(0.01, 0.08)
    error = draw.normal(0.0, size, days)
    for day in range(1, days):
        error[day] = keep * error[day - 1] + np.sqrt(1.0 - keep**2) * error[day]
    return error


def _steps(draw: np.random.Generator, days: int) -> FloatArray:
    """Draw steps up or down that stay, about one in a year, up as likely as down."""
    hit = draw.random(days) < 1 / YEAR_DAYS
    return np.asarray(np.cumsum(np.where(hit, draw.normal(0.0, 0.06, days), 0.0)))
