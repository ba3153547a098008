"""What every strategy takes and gives: a history in, an allocation with its promise out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from finops_lib.optimize.windows import FloatArray, Histories


@dataclass(frozen=True)
class Allocation:
    """How much each workload should have, and what that is promised to be worth.

    Parameters
    ----------
    names : tuple of str
        Workloads.
    amount : ndarray
        [workloads], in the unit of the use; NaN where there is no answer.
    breach : ndarray or None
        [workloads], the share of future samples expected above the amount (0 to 1); None where the rule
        promises nothing.
    reasons : tuple of str
        Why there is no answer; empty text where there is one.

    Raises
    ------
    ValueError
        An amount without answer has no reason, or one with an answer has.

    Examples
    --------
    >>> Allocation(("web",), np.array([np.nan]), None, ("one sample",)).answered.tolist()
    [False]
    """

    names: tuple[str, ...]
    amount: FloatArray
    breach: FloatArray | None
    reasons: tuple[str, ...]

    def __post_init__(self) -> None:
        silent = np.array([not reason for reason in self.reasons], dtype=bool)
        if not np.array_equal(silent, np.isfinite(self.amount)):
            raise ValueError(
                "amounts and reasons: where there is no amount there is a reason, and only there"
            )

    @property
    def answered(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """[workloads], whether there is an amount."""
        return np.isfinite(self.amount)


Strategy = Callable[[Histories], Allocation]


def allotted(
    histories: Histories,
    amount: FloatArray,
    *,
    known: FloatArray | np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    least: int,
    breach: FloatArray | None = None,
) -> Allocation:
    """Which workloads have enough samples for an answer; the others get their reason.

    Parameters
    ----------
    histories : Histories
        What was asked about.
    amount : ndarray
        [workloads], what the rule says.
    known : ndarray
        [workloads], samples that are no gap.
    least : int
        Fewest samples for an answer.
    breach : ndarray, optional
        [workloads], the promise.

    Returns
    -------
    Allocation

    Examples
    --------
    >>> asked = Histories(("a",), np.ones((1, 3)), 60, np.ones(1), "cpu")
    >>> allotted(asked, np.array([1.0]), known=np.array([3]), least=100).reasons
    ('3 samples, 100 are needed',)
    """
    enough = (known >= least) & np.isfinite(amount)
    reasons = tuple(
        "" if fine else f"{count} samples, {max(least, 1)} are needed"
        for fine, count in zip(enough, known, strict=True)
    )
    return Allocation(histories.workloads, np.where(enough, amount, np.nan), breach, reasons)
