"""Demand by hand, and the small bills of the cost room."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from finops_lib.optimize.commitments.demand import Demand
from finops_lib.optimize.windows import FloatArray
from tests.cost.conftest import lake_of, line

__all__ = ["START", "demand_of", "lake_of", "line", "weeks_of"]

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday


def demand_of(use: FloatArray, *, step_hours: int = 1) -> Demand:
    """Name the rows a, b, ..."""
    return Demand(tuple("abcdef"[: len(use)]), use, START, step_hours, "USD")


def weeks_of(level: FloatArray, *, seed: int = 0, noise: float = 0.05) -> FloatArray:
    """Fill weeks with hours that vary by the day and at random about these levels."""
    random = np.random.default_rng(seed)
    hours = np.arange(168 * len(level))
    shape = 1 + 0.3 * np.sin(2 * np.pi * hours / 24)
    return np.repeat(level, 168) * shape * np.exp(random.normal(0, noise, len(hours)))
