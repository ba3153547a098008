"""How much memory should a function have, and how many instances should be kept warm.

CPU comes with memory: a run takes a part that no memory shortens (waiting) and a part that shrinks as memory
grows, until the function has all the CPU that it can use. Both parts are fitted to what was measured at
several sizes; at one size alone nothing can be told. The cost of a run is its time at a size times the price
of a GiB-second. Start-ups cost time too, and count at every size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from scipy.optimize import nnls

from finops_lib.optimize.rightsize.paid import Paid, saving
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import NoRecommendation, Recommendation

KIND, WARM = "function_memory", "warm_instances"
_ONE_CPU_MIB = 1769  # AWS Lambda: from here on a function has a whole vCPU
_SIZES_MIB = (128, 192, 256, 384, 512, 768, 1024, 1536, 1769, 2048, 3072, 4096, 6144, 8192, 10240)
_ROOM = 1.15  # over the most memory that a run used
_FEWEST_SIZES = 2
_WORST_FIT = 0.2  # mean error of the fit against the duration
_LEAST_SHARE = 0.02


@dataclass(frozen=True)
class Measured:
    """What was measured of a function at one memory size: runs and their mean duration, in seconds."""

    memory_mib: float
    seconds: float
    runs: float


@dataclass(frozen=True)
class Function:
    """A function: its memory now and what runs used of it, its durations by size, starts, and limits.

    ``used_mib`` is the most that a run used. ``cold_share`` is the share of runs that began with a start of
    ``cold_seconds``; ``slowest_seconds`` the duration that a run may take in the mean; None is no limit.
    """

    resource: str
    memory_mib: float
    used_mib: float | None
    measured: tuple[Measured, ...]
    paid: Paid | None
    cold_share: float = 0.0
    cold_seconds: float = 0.0
    slowest_seconds: float | None = None
    owner: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Curve:
    """Duration against memory: ``fixed`` seconds, and ``work`` seconds at one vCPU, more with a part of one.

    Examples
    --------
    >>> Curve(0.1, 0.5, 0.0).seconds(1769 / 2)  # half a vCPU takes twice as long
    1.1
    """

    fixed: float
    work: float
    error: float

    def seconds(self, memory_mib: float) -> float:
        """How long does a run take at this memory, in seconds."""
        return self.fixed + self.work * _ONE_CPU_MIB / min(memory_mib, _ONE_CPU_MIB)


def curve(measured: Iterable[Measured]) -> Curve | None:
    """How does the duration depend on memory.

    Parameters
    ----------
    measured : iterable of Measured
        Sizes at which it ran.

    Returns
    -------
    Curve or None
        None where it ran at fewer than two sizes that give it different CPU. ``error`` is the mean error of
        the fit against the duration, weighted by runs.

    Notes
    -----
    Weighted non-negative least squares on relative errors. A function that uses one thread gains nothing
    above one vCPU, 1,769 MiB: AWS Lambda developer guide, "Configure Lambda function memory".

    Examples
    --------
    >>> found = curve([Measured(1769, 0.6, 10), Measured(884.5, 1.1, 10)])
    >>> round(found.fixed, 6), round(found.work, 6)
    (0.1, 0.5)
    """
    points = [item for item in measured if item.seconds > 0 and item.runs > 0 and item.memory_mib > 0]
    slower = np.array([_ONE_CPU_MIB / min(item.memory_mib, _ONE_CPU_MIB) for item in points])
    if len(np.unique(slower)) < _FEWEST_SIZES:
        return None
    seconds, runs = (np.array([getattr(item, name) for item in points]) for name in ("seconds", "runs"))
    weight = np.sqrt(runs / runs.sum())
    table = np.stack([np.ones(len(points)), slower], axis=1) / seconds[:, None]
    (fixed, work), _ = nnls(table * weight[:, None], weight)
    error = np.abs(table @ np.array([fixed, work]) - 1)
    return Curve(float(fixed), float(work), float((error * runs).sum() / runs.sum()))


def memories(functions: Iterable[Function]) -> list[Recommendation | NoRecommendation]:
    """How much memory should each function have.

    Parameters
    ----------
    functions : iterable of Function
        With what was measured.

    Returns
    -------
    list of Recommendation or NoRecommendation
        One for each, in their order: the cheapest size that holds what runs used, 15 % of room on top, and in
        which a run does not take longer than it may.

    Examples
    --------
    >>> runs = (Measured(512, 0.2, 10), Measured(1024, 0.2, 10))  # waits, whatever its memory
    >>> [change] = memories([Function("f", 1024, 100, runs, Paid("USD", (Decimal(1),) * 7))])
    >>> change.to, str(change.saving_month.mid)  # 7/8 of 30.417
    ({'memory': '128 MiB'}, '26.61')
    """
    return [_one(item) for item in functions]


def _one(item: Function) -> Recommendation | NoRecommendation:
    found = curve(item.measured)
    why = _untold(item, found)
    if why or found is None or item.paid is None or item.used_mib is None:
        return NoRecommendation(item.resource, KIND, why)
    least = item.used_mib * _ROOM
    sizes = [size for size in _SIZES_MIB if size >= least and _quick(found.seconds(size), item)]
    if not sizes:
        return NoRecommendation(item.resource, KIND, _why_none(item, least))
    best = min(sizes, key=lambda size: (_cost(item, found, size), size))
    share = 1 - _cost(item, found, best) / _cost(item, found, item.memory_mib)
    if item.memory_mib >= item.used_mib and share < _LEAST_SHARE:
        return NoRecommendation(item.resource, KIND, "no size that holds is cheaper")
    return Recommendation(
        item.resource,
        KIND,
        {"memory": f"{item.memory_mib:g} MiB"},
        {"memory": f"{best} MiB"},
        saving(item.paid, Decimal(repr(round(share, 9)))),
        None,
        {"duration_error": found.error},
        f"a run waits {found.fixed:.3f} s and takes {found.work:.3f} s of CPU: "
        f"{found.seconds(item.memory_mib):.3f} s now, {found.seconds(best):.3f} s then; "
        f"at most {item.used_mib:g} MiB were used",
        item.evidence,
        "low",
        item.owner,
    )


def _untold(item: Function, found: Curve | None) -> str:
    if item.paid is None:
        return "the bill has no cost of it: a saving cannot be told"
    if item.used_mib is None:
        return "how much memory its runs used is not known"
    if found is None:
        return f"it ran at fewer than {_FEWEST_SIZES} memory sizes: its time at others is not known"
    if found.error > _WORST_FIT:
        return f"its duration does not follow memory: the fit is off by {found.error:.0%}"
    return item.paid.why_not()


def _why_none(item: Function, least: float) -> str:
    if least > _SIZES_MIB[-1]:
        return f"its runs need {least:.0f} MiB, the largest size has {_SIZES_MIB[-1]}"
    return f"at no size does a run take less than {item.slowest_seconds:g} s"


def _quick(seconds: float, item: Function) -> bool:
    return item.slowest_seconds is None or seconds <= item.slowest_seconds


def _cost(item: Function, found: Curve, memory_mib: float) -> float:
    """Cost of a run in MiB-seconds, its share of starts included."""
    return memory_mib * (found.seconds(memory_mib) + item.cold_share * item.cold_seconds)


@dataclass(frozen=True)
class Warm:
    """How many instances to keep warm, and the share of runs that then begin cold."""

    instances: int
    cold_share: float


def warm(concurrency: FloatArray, *, most_cold: float) -> Warm | None:
    """How few instances kept warm leave at most this share of the runs to begin cold.

    Parameters
    ----------
    concurrency : ndarray
        Runs at the same time, [steps]; NaN is a gap.
    most_cold : float
        Share of the runs, 0 to 1.

    Returns
    -------
    Warm or None
        None where nothing ran.

    Notes
    -----
    With n warm, ``max(c - n, 0)`` of c runs at a time find none: the share is E[max(c - n, 0)] / E[c].

    Examples
    --------
    >>> warm(np.array([1.0, 1.0, 1.0, 5.0]), most_cold=0.25)  # with 3 warm 2 of 8 are cold
    Warm(instances=3, cold_share=0.25)
    """
    known = concurrency[np.isfinite(concurrency)]
    total = known.sum()
    if total <= 0:
        return None
    numbers = np.arange(int(np.ceil(known.max())) + 1)
    # Excess over n, from the sorted samples and their sums: no table of samples by numbers is made.
    ordered = np.sort(known)
    above = np.concatenate([np.cumsum(ordered[::-1])[::-1], [0.0]])
    first = np.searchsorted(ordered, numbers, side="right")
    cold = (above[first] - numbers * (len(ordered) - first)) / total
    chosen = int(np.argmax(cold <= most_cold + 1e-12))
    return Warm(chosen, float(max(cold[chosen], 0.0)))
