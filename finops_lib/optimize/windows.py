"""What workloads used, as arrays: rows of one step, gaps kept, with what they were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

KINDS = ("cpu", "memory", "gpu", "disk", "network")
DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Histories:
    """Use of one kind of resource, a row a pod or machine, all rows ending in the newest step.

    Parameters
    ----------
    names : tuple of str
        Workload of each row; pods of a workload bear the same name.
    use : ndarray
        [rows, steps], in the kind's own unit (cores, bytes, GPUs, operations or bytes a second); NaN a gap.
    step_seconds : int
        Seconds between steps.
    capacity : ndarray
        [rows], what each has now, in the same unit; NaN where that is not known.
    kind : str
        One of cpu, memory, gpu, disk, network.

    Raises
    ------
    ValueError
        The parts do not fit one another, the kind is not known, or a value is negative or infinite.

    Examples
    --------
    >>> day = Histories(("web", "web"), np.ones((2, 24)), 3600, np.array([2.0, 2.0]), "cpu")
    >>> day.steps_a_day, day.workloads
    (24, ('web',))
    """

    names: tuple[str, ...]
    use: FloatArray
    step_seconds: int
    capacity: FloatArray
    kind: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r}: it is one of {', '.join(KINDS)}")
        if self.step_seconds <= 0:
            raise ValueError(f"step of {self.step_seconds} s: time goes forward")
        rows = len(self.names)
        if self.use.ndim != 2 or len(self.use) != rows or self.capacity.shape != (rows,):  # noqa: PLR2004
            raise ValueError(
                f"{rows} names, use {self.use.shape}, capacity {self.capacity.shape}: one of each a row"
            )
        with np.errstate(invalid="ignore"):
            if (self.use < 0).any() or np.isinf(self.use).any():
                raise ValueError("use below zero or without end: set such values to NaN, they are not known")
            if (self.capacity <= 0).any() or np.isinf(self.capacity).any():
                raise ValueError("capacity at or below zero: set it to NaN where it is not known")

    @property
    def workloads(self) -> tuple[str, ...]:
        """Each workload once, in the order of its first row."""
        return tuple(dict.fromkeys(self.names))

    @property
    def of_row(self) -> IntArray:
        """[rows], the number in `workloads` that each row belongs to."""
        number = {name: place for place, name in enumerate(self.workloads)}
        return np.array([number[name] for name in self.names], dtype=np.int64)

    @property
    def steps_a_day(self) -> int:
        """Steps in a day, at least one."""
        return max(DAY_SECONDS // self.step_seconds, 1)

    def rows(self, chosen: Sequence[int] | IntArray | BoolArray) -> Histories:
        """Take some of the rows.

        Parameters
        ----------
        chosen : sequence of int, or ndarray of bool
            Rows to keep.

        Returns
        -------
        Histories
        """
        given = np.asarray(chosen)
        places = np.arange(len(self.names))[given if given.size else given.astype(np.int64)]
        names = tuple(self.names[place] for place in places)
        return replace(self, names=names, use=self.use[places], capacity=self.capacity[places])

    def last(self, steps: int, *, before: int = 0) -> Histories:
        """Look at the newest steps only.

        Parameters
        ----------
        steps : int
            Most steps to keep.
        before : int
            Steps at the end that are left out first.

        Returns
        -------
        Histories

        Examples
        --------
        >>> four = Histories(("a",), np.array([[1.0, 2, 3, 4]]), 60, np.ones(1), "cpu")
        >>> four.last(2, before=1).use.tolist()
        [[2.0, 3.0]]
        """
        end = max(self.use.shape[1] - before, 0)
        return replace(self, use=self.use[:, max(end - steps, 0) : end])

    def merged(self) -> Histories:
        """What did each workload's busiest pod use: one row a workload, the most of its pods at each step.

        Returns
        -------
        Histories
            Capacity is that of the largest pod.

        Examples
        --------
        >>> pods = Histories(("a", "a"), np.array([[1.0, np.nan], [2, 3]]), 60, np.ones(2), "cpu")
        >>> pods.merged().use.tolist()
        [[2.0, 3.0]]
        """
        if len(self.workloads) == len(self.names):
            return self
        use = most_by(self.use, self.of_row, groups=len(self.workloads))
        capacity = most_by(self.capacity, self.of_row, groups=len(self.workloads))
        return replace(self, names=self.workloads, use=use, capacity=capacity)


def most_by(values: FloatArray, group: IntArray, *, groups: int) -> FloatArray:
    """What is the largest known value of each group of rows; NaN where none is known.

    Parameters
    ----------
    values : ndarray
        [rows, ...].
    group : ndarray
        [rows], from 0 to ``groups`` - 1.
    groups : int
        How many groups there are.

    Examples
    --------
    >>> most_by(np.array([1.0, np.nan, 3.0]), np.array([0, 1, 0]), groups=2).tolist()
    [3.0, nan]
    """
    found = np.full((groups, *values.shape[1:]), np.nan)
    np.fmax.at(found, group, values)
    return found


def quantiles(use: FloatArray, levels: Sequence[float]) -> FloatArray:
    """Which value does each share of the known samples not exceed, interpolated between neighbours.

    Parameters
    ----------
    use : ndarray
        [rows, steps]; NaN is a gap.
    levels : sequence of float
        Shares between 0 and 1.

    Returns
    -------
    ndarray
        [rows, levels]; NaN for a row without a sample.

    Notes
    -----
    Definition 7 of Hyndman and Fan (1996), The American Statistician 50(4).

    Examples
    --------
    >>> quantiles(np.array([[4.0, np.nan, 1.0, 2.0]]), [0.5, 0.75]).tolist()
    [[2.0, 3.0]]
    """
    return of_sorted(np.sort(use, axis=1), np.isfinite(use).sum(axis=1), levels)


def of_sorted(ordered: FloatArray, known: IntArray, levels: Sequence[float]) -> FloatArray:
    """Read `quantiles` off rows that are sorted already, gaps last.

    Parameters
    ----------
    ordered : ndarray
        [rows, steps], ascending, NaN at the end.
    known : ndarray
        [rows], samples that are no gap.
    levels : sequence of float
        Shares between 0 and 1.

    Returns
    -------
    ndarray
        [rows, levels].
    """
    if not ordered.shape[1]:
        return np.full((len(ordered), len(levels)), np.nan)
    place = np.maximum(known - 1, 0)[:, None] * np.asarray(levels, dtype=np.float64)[None, :]
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(known - 1, 0)[:, None])
    below, above = np.take_along_axis(ordered, low, 1), np.take_along_axis(ordered, high, 1)
    return np.asarray(below + (place - low) * (above - below))
