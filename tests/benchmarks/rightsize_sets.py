"""Windows that the rightsizing benchmark runs on: real traces from a folder, or planted workloads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from finops_lib.optimize.windows import Histories

STEP_SECONDS, DAY = 300, 288
PLANETLAB_DAYS = 3  # earlier days a window has at least
BITBRAINS_DAYS, BITBRAINS_HISTORY, BITBRAINS_AHEAD = (14, 18, 22), 14, 7
BITBRAINS_LENGTH = 30
GOOGLE_KNOWN = 192
LEAST_SAMPLES = 100  # on both sides of a Bitbrains origin, else the machine was not there
MHZ_A_CORE = 2600.0
CORES, BYTES = 4.0, 16e9  # of a whole, where a trace tells shares: some rules have a grain of their own
MEAN_OF = ("planetlab_cpu", "google2011_cpu", "google2011_memory", "bitbrains_cpu")


@dataclass(frozen=True)
class Set:
    """Windows of one trace: histories, what came, and which are the last of their workload."""

    name: str
    past: Histories
    future: np.ndarray
    last: np.ndarray

    def half(self, seed: int) -> np.ndarray:
        """Split workloads by a hash: 0 fixes the knobs, 1 is judged."""
        digest = {
            name: hashlib.sha256(f"{seed}:{name}".encode()).digest()[0] % 2 for name in self.past.workloads
        }
        return np.array([digest[name] for name in self.past.names])

    def learned_from(self, seed: int) -> np.ndarray:
        """Choose the first half's earlier windows; where each workload has one, that one."""
        first = self.half(seed) == 0
        return first if self.last.all() else first & ~self.last

    def judged(self, seed: int) -> np.ndarray:
        """Choose the second half's last windows."""
        return (self.half(seed) == 1) & self.last


def _set(name: str, rows: list[tuple[str, np.ndarray, np.ndarray, float]], kind: str) -> Set:
    """Put windows, in order of time within each workload, into one table; shorter ones get a gap in front."""
    names = [row[0] for row in rows]
    longest = max(len(row[1]) for row in rows)
    use = np.array([np.pad(row[1], (longest - len(row[1]), 0), constant_values=np.nan) for row in rows])
    last = np.array(
        [place == len(names) - 1 or names[place + 1] != names[place] for place in range(len(names))]
    )
    capacity = np.array([row[3] for row in rows])
    past = Histories(tuple(names), use, STEP_SECONDS, capacity, kind)
    return Set(name, past, np.array([row[2] for row in rows]), last)


def planetlab(path: Path) -> Set:
    """Take all earlier days of a machine, at least three, against the next."""
    frame = pd.read_parquet(path).sort_values(["series", "window", "step"])
    rows = []
    for name, part in frame.groupby("series", sort=True):
        days = part["cpu_share"].to_numpy(dtype=float).reshape(-1, DAY) * CORES
        rows += [(str(name), days[:k].ravel(), days[k], CORES) for k in range(PLANETLAB_DAYS, len(days))]
    return _set(path.stem, rows, "cpu")


def google(path: Path, *, column: str, name: str, kind: str, capacity: float) -> Set:
    """Take the first 192 steps against the last 96."""
    frame = pd.read_parquet(path).sort_values(["series", "step"])
    rows = []
    for series, part in frame.groupby("series", sort=True):
        use = part[column].to_numpy(dtype=float) * capacity
        rows.append((str(series), use[:GOOGLE_KNOWN], use[GOOGLE_KNOWN:], capacity))
    return _set(name, rows, kind)


def bitbrains(frame: pd.DataFrame, *, name: str, kind: str, used: str, given: str) -> Set:
    """Take 14 days against the next 7, from days 14, 18 and 22 on."""
    start, rows = frame["second"].min(), []
    for series, part in frame[frame[given] > 0].groupby("series", sort=True):
        place = ((part["second"] - start) // STEP_SECONDS).to_numpy()
        most = pd.Series(part[used].to_numpy(dtype=float)).groupby(place).max()
        use = most.reindex(np.arange(BITBRAINS_LENGTH * DAY)).to_numpy(copy=True)
        for day in BITBRAINS_DAYS:
            history = use[(day - BITBRAINS_HISTORY) * DAY : day * DAY]
            future = use[day * DAY : (day + BITBRAINS_AHEAD) * DAY]
            if min(np.isfinite(history).sum(), np.isfinite(future).sum()) >= LEAST_SAMPLES:
                rows.append((str(series), history, future, float(part[given].median())))
    return _set(name, rows, kind)


def given(folder: Path) -> list[Set]:
    """Read the sets of a folder; a file that is not there is left out."""
    inner = folder / "rightsize"
    folder = inner if inner.is_dir() else folder
    found: list[Set] = []
    if (path := folder / "planetlab_cpu.parquet").exists():
        found.append(planetlab(path))
    if (path := folder / "google2011_cpu_memory.parquet").exists():
        found.append(google(path, column="cpu_share", name="google2011_cpu", kind="cpu", capacity=CORES))
        found.append(
            google(path, column="memory_share", name="google2011_memory", kind="memory", capacity=BYTES)
        )
    if (path := folder / "bitbrains_cpu.parquet").exists():
        frame = pd.read_parquet(path)
        frame[["cpu_usage", "cpu_capacity"]] /= MHZ_A_CORE
        frame["second"] = (frame["timestamp"] - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(seconds=1)
        found.append(bitbrains(frame, name=path.stem, kind="cpu", used="cpu_usage", given="cpu_capacity"))
    if (path := folder / "bitbrains_rnd_cpu_memory.parquet").exists():
        frame = pd.read_parquet(path).rename(columns={"epoch_s": "second"})
        cpu, memory = ("cpu_mhz_used", "cpu_mhz_capacity"), ("memory_kb_used", "memory_kb_capacity")
        frame[list(memory)] *= 1024.0
        frame[list(cpu)] /= MHZ_A_CORE
        found.append(bitbrains(frame, name="bitbrains_rnd_cpu", kind="cpu", used=cpu[0], given=cpu[1]))
        found.append(
            bitbrains(frame, name="bitbrains_rnd_memory", kind="memory", used=memory[0], given=memory[1])
        )
    return found


def planted(seed: int, *, workloads: int = 400) -> list[Set]:
    """Make workloads with a day's wave, noise, spikes and now and then a new level."""
    draw, rows = np.random.default_rng(seed), []
    clock = np.arange(8 * DAY)
    for number in range(workloads):
        wave = 1 + draw.uniform(0, 0.8) * np.sin(2 * np.pi * (clock / DAY + draw.uniform()))
        noise = np.exp(draw.normal(0, draw.uniform(0.02, 0.3), len(clock)))
        level = np.where(clock >= draw.integers(0, 80 * DAY), draw.uniform(0.6, 1.6), 1.0)
        spikes = np.where(draw.uniform(size=len(clock)) < draw.uniform(0, 0.01), draw.uniform(1, 3), 1.0)
        use = np.minimum(draw.uniform(0.02, 0.3) * wave * noise * level * spikes, 1.0) * CORES
        rows += [(f"w{number}", use[: k * DAY], use[k * DAY : (k + 1) * DAY], CORES) for k in (5, 6, 7)]
    return [_set("planted", rows, "cpu")]
