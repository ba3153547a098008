"""The rule of the Kubernetes vertical pod autoscaler: a histogram that forgets, a percentile, a margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finops_lib.optimize.strategies.base import Allocation, allotted
from finops_lib.optimize.windows import DAY_SECONDS, FloatArray, Histories, IntArray

_RATIO = 1.05  # each bucket is 5 % wider than the one before
_FIRST = {"memory": 1e7}  # bytes; cores else
_FIRST_CORES, _LARGEST_CORES = 0.01, 1000.0
_LARGEST = {"memory": 1e12}
_EMPTY = 1e-4  # a bucket of less weight counts as empty
_MINUTES_A_DAY = 1440


@dataclass(frozen=True)
class Scale:
    """Buckets of a histogram whose widths grow by 5 %.

    Examples
    --------
    >>> cores = Scale(0.01, 1000.0)
    >>> [round(cores.start(np.array(place)).item(), 6) for place in (0, 1, 2)]
    [0.0, 0.01, 0.0205]
    """

    first: float
    largest: float

    @property
    def count(self) -> int:
        """How many buckets there are; the last has no upper end."""
        return int(np.ceil(np.log(self.largest * (_RATIO - 1) / self.first + 1) / np.log(_RATIO))) + 1

    def bucket(self, value: FloatArray) -> IntArray:
        """Which bucket does a value fall into.

        Parameters
        ----------
        value : ndarray
            In the unit of the kind; NaN falls into the first.
        """
        grown = np.log(np.nan_to_num(value) * (_RATIO - 1) / self.first + 1) / np.log(_RATIO)
        return np.asarray(np.minimum(grown.astype(np.int64), self.count - 1))

    def start(self, place: IntArray) -> FloatArray:
        """Where does a bucket start, in the unit of the kind.

        Parameters
        ----------
        place : ndarray
            Bucket numbers.
        """
        return np.asarray(self.first * (_RATIO**place - 1) / (_RATIO - 1))


@dataclass(frozen=True)
class Vpa:
    """A percentile of a histogram whose samples lose half their weight a day, and 15 % on top.

    Memory is looked at as the peak of each day. ``bound`` is ``target``, or ``lower`` or ``upper`` with the
    factors that widen with little history.

    Parameters
    ----------
    level : float
        Percentile, 0 to 1.
    margin : float
        Share added.
    half_life_hours : float
        Age at which a sample has half its weight.
    bound : str
        Which of the three.

    Notes
    -----
    kubernetes/autoscaler, vertical-pod-autoscaler recommender: a percentile is the end of the bucket in which
    the share is reached. Bounds are p50 (1 + 0.001/n)^-2 and p95 (1 + 1/n), n the days of history, counted
    by time or by samples at one a minute, whichever is less. CPU samples weigh alike, as they do while the
    request stays the same. Its floors of 25 millicores and 250 MB are left out: they are no estimate.

    Examples
    --------
    >>> flat = Histories(("web",), np.full((1, 288), 0.25), 300, np.ones(1), "cpu")
    >>> round(Vpa()(flat).amount.item(), 4)  # bucket 16 ends at .01 * (1.05**17 - 1) / .05 = .2584
    0.2972
    """

    level: float = 0.9
    margin: float = 0.15
    half_life_hours: float = 24.0
    bound: str = "target"

    def __call__(self, histories: Histories) -> Allocation:
        """How much should each workload request.

        Parameters
        ----------
        histories : Histories
            Pods of a workload share a histogram.

        Returns
        -------
        Allocation
            Without a promise.
        """
        kind = histories.kind
        scale = Scale(_FIRST.get(kind, _FIRST_CORES), _LARGEST.get(kind, _LARGEST_CORES))
        sample, age_hours = _samples(histories)
        weight = np.where(np.isfinite(sample), 2.0 ** (-age_hours / self.half_life_hours), 0.0)
        groups = len(histories.workloads)
        place = histories.of_row[:, None] * scale.count + scale.bucket(sample)
        flat = np.bincount(place.ravel(), weights=weight.ravel(), minlength=groups * scale.count).astype(
            float
        )
        share = _percentile(flat.reshape(groups, scale.count), scale, self._share())
        known = np.isfinite(histories.use).sum(axis=1)
        samples = np.bincount(histories.of_row, weights=known, minlength=groups).astype(np.int64)
        factor = self._confidence(histories, samples)
        return allotted(histories, share * (1.0 + self.margin) * factor, known=samples, least=1)

    def _share(self) -> float:
        return {"lower": 0.5, "upper": 0.95}.get(self.bound, self.level)

    def _confidence(self, histories: Histories, samples: IntArray) -> FloatArray:
        """Widen a bound with little history."""
        if self.bound == "target":
            return np.ones(len(samples))
        seen = np.isfinite(histories.use)
        steps = histories.use.shape[1] - 1 - seen.argmax(axis=1) - seen[:, ::-1].argmax(axis=1)
        lived = np.zeros(len(samples))
        np.maximum.at(lived, histories.of_row, steps * histories.step_seconds / DAY_SECONDS)
        days = np.maximum(np.minimum(lived, samples / _MINUTES_A_DAY), 1e-9)
        return np.asarray(1.0 + 1.0 / days if self.bound == "upper" else (1.0 + 0.001 / days) ** -2.0)


def _samples(histories: Histories) -> tuple[FloatArray, FloatArray]:
    """Give samples with their age, hours: each step, or for memory the peak of each day."""
    use, hours = histories.use, histories.step_seconds / 3600
    if histories.kind != "memory":
        return use, np.asarray(np.arange(use.shape[1])[::-1] * hours, dtype=np.float64)
    day = histories.steps_a_day
    padded = np.pad(use, ((0, 0), (-use.shape[1] % day, 0)), constant_values=np.nan)
    days = padded.reshape(len(use), -1, day)
    peak = np.fmax.reduce(days, axis=2) if days.shape[1] else np.empty((len(use), 0))
    age_hours = np.arange(peak.shape[1], dtype=np.float64)[::-1] * 24.0
    return np.asarray(peak, dtype=np.float64), age_hours


def _percentile(weights: FloatArray, scale: Scale, share: float) -> FloatArray:
    """Read the end of the bucket in which the share is reached; NaN for an empty histogram."""
    total, filled = weights.sum(axis=1), weights >= _EMPTY
    reached = np.cumsum(weights, axis=1) >= (share * total)[:, None] * (1 - 1e-12)
    top = scale.count - 1 - filled[:, ::-1].argmax(axis=1)
    place = np.minimum(reached.argmax(axis=1), top)
    place = np.maximum(place, filled.argmax(axis=1))
    ends = scale.start(np.minimum(place + 1, scale.count - 1))
    return np.where(filled.any(axis=1), ends, np.nan)
