"""Outlooks worked by hand, and intervals that are plain quantiles of past errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from finops_lib.forecast import intervals
from finops_lib.forecast.panel import Outlook, Panel

OutlookOf = Callable[..., Outlook]
NO_MISSING: Mapping[str, str] = MappingProxyType({})


def make_outlook(
    mid: Mapping[str, Sequence[float]],
    errors: Mapping[str, Sequence[Sequence[float]]],
    *,
    end: datetime | None = datetime(2026, 7, 21, tzinfo=UTC),
    values: Mapping[str, Sequence[float]] | None = None,
    missing: Mapping[str, str] = NO_MISSING,
    step: str = "day",
) -> Outlook:
    """Make an outlook: forecasts by step, errors by origin and step, all series ending at one moment."""
    names = tuple(mid)
    history = tuple(np.array((values or {}).get(name, [1.0, 2.0, 3.0]), dtype=float) for name in names)
    ends = None if end is None else (end,) * len(names)
    panel = Panel(names, history, step, {"hour": 24, "day": 7, "week": 52, "month": 12}[step], ends)
    stacked = np.stack([np.array(errors[name], dtype=float) for name in names], axis=1)
    table = np.array([mid[name] for name in names], dtype=float)
    return Outlook(panel, table, stacked, np.ones(len(names)), pd.DataFrame(), missing)


@pytest.fixture(scope="session")
def outlook_of() -> OutlookOf:
    """Give the maker of outlooks."""
    return make_outlook


def plain_distribution(outlook: Outlook, *, series: Sequence[str], steps: np.ndarray) -> np.ndarray:
    """Add the errors of each origin to the forecast; origins with a gap are left out."""
    place = [outlook.panel.names.index(name) for name in series]
    errors = outlook.errors[:, place][:, :, steps].sum(axis=(1, 2))
    atoms = outlook.mid[place][:, steps].sum() + errors[np.isfinite(errors)]
    return np.sort(atoms)


def plain_interval(
    outlook: Outlook, *, series: Sequence[str], steps: np.ndarray, level: float
) -> tuple[float, float, float]:
    """Take quantiles of that sample."""
    atoms = plain_distribution(outlook, series=series, steps=steps)
    place = [outlook.panel.names.index(name) for name in series]
    low, high = np.quantile(atoms, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(outlook.mid[place][:, steps].sum()), float(high)


@pytest.fixture
def plain_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let intervals be what can be counted by hand: no pooling, no correction for few origins."""
    monkeypatch.setattr(intervals, "distribution", plain_distribution)
    monkeypatch.setattr(intervals, "interval", plain_interval)
