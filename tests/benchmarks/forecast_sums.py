"""Do intervals of sums hold: each series' total over the horizon, and that of teams of several series."""

from __future__ import annotations

import numpy as np

from finops_lib.forecast.intervals import interval
from finops_lib.forecast.panel import Outlook

LEVELS = (0.8, 0.95)
TEAM, MOST = 5, 200  # series in a team, and sums that are asked


def sums(outlook: Outlook, actual: np.ndarray, *, seed: int) -> dict[str, float]:
    """Give the share of sums over the whole horizon that came to lie in their interval."""
    order = np.random.default_rng(seed).permutation(len(actual))
    teams = [order[first : first + TEAM] for first in range(0, len(order) - TEAM + 1, TEAM)]
    asked = {"total": [np.array([place]) for place in order[:MOST]], "team_total": teams[:MOST]}
    found = {}
    for name, groups in asked.items():
        for level in LEVELS:
            held = [_holds(outlook, actual, group, level=level) for group in groups]
            if held:
                found[f"coverage{level * 100:.0f}_{name}"] = float(np.mean(held))
    return found


def _holds(outlook: Outlook, actual: np.ndarray, group: np.ndarray, *, level: float) -> bool:
    names = [outlook.panel.names[place] for place in group]
    low, _, high = interval(outlook, series=names, level=level)
    return bool(low <= actual[group].sum() <= high)
