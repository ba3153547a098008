"""How many planted events are seen at a rate of false alarms, and how late."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.anomaly_sets import WARM_UP, Injected, Planted

RATES = (0.10, 0.25, 0.50)  # false alarms per series-month
MONTH = 365.25 / 12
MERGED = 7  # days within which alarms of one series are one
_AFTER = 14  # days after an event in which an alarm is its echo
_STEPS = 400


def measured(scores: np.ndarray, injected: Injected) -> dict[str, float]:
    """Measure recall at each rate of false alarms, of all and of each kind, and the delay of spikes."""
    known = np.isfinite(scores)
    scores = np.where(known, scores, -np.inf)
    begun = np.isfinite(injected.values).argmax(axis=1)
    judged = known & (np.arange(scores.shape[1]) >= begun[:, None] + WARM_UP)
    clean = judged.copy()
    for event in injected.events:
        clean[event.series, event.start : event.end + _AFTER] = False
    months = float(clean.sum()) / MONTH
    found: dict[str, float] = {}
    for rate in RATES:
        limit = _limit(np.where(clean, scores, -np.inf), most=rate * months)
        seen = [_seen(scores[event.series], event, limit) for event in injected.events]
        found[f"recall_at_fa_{rate:.2f}"] = float(np.mean([delay is not None for delay in seen]))
        if rate == RATES[1]:
            for kind in sorted({event.kind for event in injected.events}):
                of = [
                    delay is not None
                    for delay, event in zip(seen, injected.events, strict=True)
                    if event.kind == kind
                ]
                found[f"recall_{kind}_at_fa_0.25"] = float(np.mean(of))
            late = [
                d
                for d, event in zip(seen, injected.events, strict=True)
                if event.kind == "spike" and d is not None
            ]
            found["median_delay_days"] = float(np.median(late)) if late else float("nan")
    return found


def _limit(scores: np.ndarray, *, most: float) -> float:
    """The lowest of the scores above which there are at most so many alarms."""
    every = np.sort(scores[np.isfinite(scores)])
    low, high = 0, len(every) - 1
    while low < high:
        middle = (low + high) // 2
        if _alarms(scores > every[middle]) <= most:
            high = middle
        else:
            low = middle + 1
    return float(every[low])


def _alarms(on: np.ndarray) -> int:
    """Count alarms; those within a week of the one before are the same."""
    count = 0
    for row in on:
        last = -MERGED - 1
        for day in np.flatnonzero(row):
            count += int(day - last > MERGED)
            last = int(day)
    return count


def _seen(scores: np.ndarray, event: Planted, limit: float) -> int | None:
    hits = np.flatnonzero(scores[event.start : event.until] > limit)
    return int(hits[0]) if len(hits) else None
