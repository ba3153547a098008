"""Our own detector as the benchmark runs it: one call for all days, through the door that notebooks use."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd

from finops_lib.anomaly.detect import Settings, watch

FIRST_DAY = "2024-01-01"
SETTINGS = Settings(floor=Decimal(0))


def long_frame(values: np.ndarray) -> pd.DataFrame:
    """Write [series, days] as a long frame; a day before a series begins has no row."""
    days = values.shape[1]
    begun = np.isfinite(values).argmax(axis=1)
    row, day = np.nonzero(np.arange(days) >= begun[:, None])
    dates = pd.date_range(FIRST_DAY, periods=days)
    return pd.DataFrame({"series": row.astype(str), "time": dates[day], "value": values[row, day]})


def scored(values: np.ndarray) -> np.ndarray:
    """Score each day of [series, days]: the negative logarithm of its p-value, as noted on that day."""
    found = np.full(values.shape, np.nan)
    frame = long_frame(values)
    dates = pd.date_range(FIRST_DAY, periods=values.shape[1])
    state = None
    for chunk in np.array_split(np.arange(values.shape[1]), max(values.shape[1] // 200, 1)):
        part = frame[(frame["time"] >= dates[chunk[0]]) & (frame["time"] <= dates[chunk[-1]])]
        state = watch(part, by=["series"], state=state, settings=SETTINGS).state
        noted = state.tracks.notes["p_value"]
        for path, at in state.forest.nodes.items():
            if path:
                p = noted[at, state.days - len(chunk) :].astype(np.float64)
                found[int(path[0]), chunk] = -np.log10(np.clip(p, 1e-300, 1.0))
    return found
