"""The score of the Numenta Anomaly Benchmark, written from Lavin and Ahmad (2015), and its files.

A window around each anomaly is won by the first detection in it, the more the earlier; a detection outside
costs the more, the further behind a window it is; a lost window costs. The sum is scaled so that no
detection at all is 0 and the best possible is 100. The first 15 % of a file (of 5,000 values at most) are
not judged.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from finops_lib.anomaly.stream import streamed

PROFILES = {"nab_standard": (1.0, 0.11, 1.0), "nab_low_fp": (1.0, 0.22, 1.0), "nab_low_fn": (1.0, 0.11, 2.0)}
PROBATION, PROBATION_MOST = 0.15, 5000
STEEPNESS, FAR = 5.0, 3.0
PLANTED_FILES = 40
MINUTES = 5.0


@dataclass(frozen=True)
class Metric:
    """One stream with its windows: places of the first and last value of each."""

    name: str
    minutes: float
    values: np.ndarray
    windows: tuple[tuple[int, int], ...]


def sigmoid(place: float) -> float:
    """Weigh a place relative to a window's end, -1 being its begin: from 1 before to -1 behind."""
    return -1.0 if place > FAR else 2.0 / (1.0 + float(np.exp(STEEPNESS * place))) - 1.0


def raw(
    alarms: np.ndarray, windows: tuple[tuple[int, int], ...], *, hit: float, wrong: float, lost: float
) -> float:
    """Score the alarms of one file."""
    judged = int(PROBATION * min(len(alarms), PROBATION_MOST))
    won: dict[int, int] = {}
    total = 0.0
    for place in np.flatnonzero(alarms).tolist():
        if place < judged:
            continue
        inside = [number for number, (first, last) in enumerate(windows) if first <= place <= last]
        if inside:
            won.setdefault(inside[0], place)
            continue
        past = [(first, last) for first, last in windows if last < place]
        if not past:
            total -= wrong
            continue
        first, last = past[-1]
        total += wrong * sigmoid((place - last) / max(last - first, 1))
    for number, (first, last) in enumerate(windows):
        place = won.get(number)
        if place is None:
            total -= lost
        else:
            total += hit * sigmoid(-(last - place + 1) / (last - first + 1)) / sigmoid(-1.0)
    return total


def normalised(found: list[tuple[np.ndarray, tuple[tuple[int, int], ...]]]) -> dict[str, float]:
    """Score all files together by each profile, 0 to 100 (below 0 where silence had been better)."""
    count = sum(len(windows) for _, windows in found)
    told = {}
    for name, (hit, wrong, lost) in PROFILES.items():
        total = sum(raw(alarms, windows, hit=hit, wrong=wrong, lost=lost) for alarms, windows in found)
        told[name] = 100.0 * (total + lost * count) / ((hit + lost) * count)
    return told


def given(data: Path) -> list[Metric]:
    """Read the files of DIR/anomaly/nab, DIR/nab or DIR with their ``windows.json``."""
    places = [data / "anomaly" / "nab", data / "nab", data]
    folder = next((place for place in places if (place / "windows.json").is_file()), None)
    if folder is None:
        return []
    windows = json.loads((folder / "windows.json").read_text(encoding="utf-8"))
    return [
        _metric(folder, name, told) for name, told in sorted(windows.items()) if (folder / name).is_file()
    ]


def _metric(folder: Path, name: str, told: list[list[str]]) -> Metric:
    frame = pd.read_csv(folder / name)
    times = pd.to_datetime(frame["timestamp"])
    spans = []
    for first, last in told:
        inside = np.flatnonzero((times >= pd.Timestamp(first)) & (times <= pd.Timestamp(last)))
        if len(inside):
            spans.append((int(inside[0]), int(inside[-1])))
    minutes = float(times.diff().median().total_seconds()) / 60.0
    return Metric(name, minutes, frame["value"].to_numpy(dtype=np.float64), tuple(spans))


def measured(metrics: list[Metric], **asked: float) -> tuple[dict[str, float], dict[str, float]]:
    """Score our detector on the files, and time each stage, microseconds a value."""
    found, spent = [], {"detect": 0.0, "score": 0.0}
    for metric in metrics:
        start = time.perf_counter()
        alarms = streamed(metric.values, minutes=metric.minutes, **asked).alarms
        spent["detect"] += time.perf_counter() - start
        found.append((alarms, metric.windows))
    start = time.perf_counter()
    told = normalised(found)
    spent["score"] = time.perf_counter() - start
    values = sum(len(metric.values) for metric in metrics)
    return told, {f"latency_{stage}_us": 1e6 * seconds / values for stage, seconds in spent.items()}


def planted(seed: int) -> list[Metric]:
    """Make metrics as machines have them, with one or two anomalies each."""
    draw = np.random.default_rng([seed, 11])
    return [_planted(number, draw) for number in range(PLANTED_FILES)]


def _planted(number: int, draw: np.random.Generator) -> Metric:
    length, per_day = int(draw.integers(3500, 6000)), 288
    clock = np.arange(length)
    kind = number % 5
    daily = draw.choice([0.0, 1.0]) * 10.0 * np.sin(2 * np.pi * (clock / per_day + draw.random()))
    noise = draw.normal(0.0, draw.choice([0.5, 2.0, 5.0]), length)
    values = 50.0 + (daily if kind in (0, 1) else 0.0) + noise
    if kind == 2:  # spiky: bursts at random times
        values = np.abs(noise) + np.where(draw.random(length) < 0.01, draw.exponential(30.0, length), 0.0)
    if kind == 3:  # counts with a day's season
        values = draw.poisson(np.exp(2.5 + np.maximum(daily, 0.0) / 8.0)).astype(np.float64)
    if kind == 4:  # a slow walk
        values = 50.0 + np.cumsum(draw.normal(0.0, 0.15, length)) + noise * 0.3
    count = int(draw.integers(1, 3))
    half = int(0.05 * length / count)
    places = np.sort(
        draw.choice(np.arange(int(0.2 * length), int(0.9 * length), 3 * half), count, replace=False)
    )
    for place in places.tolist():
        _disturb(values, place, draw)
    windows = tuple((max(place - half, 0), min(place + half, length - 1)) for place in places.tolist())
    return Metric(f"planted/{number}", MINUTES, values, windows)


def _disturb(values: np.ndarray, place: int, draw: np.random.Generator) -> None:
    spread = float(np.std(values))
    span = slice(place, place + int(draw.integers(6, 288)))
    kind = draw.choice(["spike", "dip", "level", "flat", "wild", "slow"])
    if kind in ("spike", "dip"):
        size = draw.uniform(3.0, 9.0) * spread * (1.0 if kind == "spike" else -1.0)
        values[place : place + int(draw.integers(1, 6))] += size
    elif kind == "level":
        values[place:] += draw.uniform(1.5, 4.0) * spread * draw.choice([-1.0, 1.0])
    elif kind == "flat":
        values[span] = values[place]
    elif kind == "wild":
        values[span] += draw.normal(0.0, draw.uniform(2.0, 4.0) * spread, len(values[span]))
    else:
        ahead = values[place : place + 288]
        ahead += np.linspace(0.0, draw.uniform(2.0, 5.0) * spread, len(ahead))
