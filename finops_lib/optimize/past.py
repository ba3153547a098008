"""Windows of the past with what came after them: what a tenant's own prior is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from finops_lib.backtest import actuals
from finops_lib.optimize.features import FLOOR, LEVELS, described
from finops_lib.optimize.ladder import above
from finops_lib.optimize.windows import BoolArray, FloatArray, Histories, IntArray, quantiles

_ROWS = 1000


@dataclass(frozen=True)
class Past:
    """Past windows: how each looked, and how often the use after it lay above each size.

    Parameters
    ----------
    names : tuple of str
        Workload of each window.
    seen : ndarray
        [windows, features] of `described`.
    survival : ndarray
        [windows, rungs] of what came after.
    came : ndarray
        [windows, levels] percentiles of what came after, over the scale.
    scale : ndarray
        [windows], what the shares are of, in the unit of the use.

    Examples
    --------
    >>> flat = Histories(("a",), np.ones((1, 200)), 3600, np.array([2.0]), "cpu")
    >>> past = windows(flat, history=48, horizon=24, cuts=[24, 48])
    >>> len(past), past.came[0].tolist()[:2]
    (2, [0.5, 0.5])
    """

    names: tuple[str, ...]
    seen: FloatArray
    survival: FloatArray
    came: FloatArray
    scale: FloatArray

    def __len__(self) -> int:
        """Windows, a count."""
        return len(self.names)

    def __getitem__(self, chosen: BoolArray | IntArray) -> Past:
        """Take some of the windows."""
        places = np.arange(len(self))[chosen]
        names = tuple(self.names[place] for place in places)
        return Past(names, self.seen[places], self.survival[places], self.came[places], self.scale[places])


def scale_of(histories: Histories) -> FloatArray:
    """In shares of what is a workload sized: of its capacity, or of twice its largest use.

    Parameters
    ----------
    histories : Histories
        Each row with a sample.

    Returns
    -------
    ndarray
        [rows], above 0, in the unit of the use.

    Examples
    --------
    >>> use = np.array([[1.0, 3.0], [1.0, 3.0]])
    >>> scale_of(Histories(("a", "b"), use, 60, np.array([8.0, np.nan]), "cpu")).tolist()
    [8.0, 6.0]
    """
    twice = 2.0 * np.fmax.reduce(histories.use, axis=1, initial=0.0)
    return np.where(np.isfinite(histories.capacity), histories.capacity, np.where(twice > 0, twice, 1.0))


def paired(histories: Histories, future: FloatArray) -> Past:
    """Which past windows do these histories make with what came after them.

    Parameters
    ----------
    histories : Histories
        A row a window; names may come more than once, one for each window.
    future : ndarray
        [rows, steps ahead], in the unit of the use. Rows without a sample before or after are left out.

    Returns
    -------
    Past
    """
    whole = np.asarray(np.isfinite(histories.use).any(axis=1) & np.isfinite(future).any(axis=1))
    kept, came = histories.rows(whole), future[whole]
    scale = scale_of(kept)
    share = np.minimum(kept.use / scale[:, None], 1.0)
    after = np.minimum(came / scale[:, None], 1.0)
    parts = range(0, len(after), _ROWS)
    survival = [above(after[start : start + _ROWS]) for start in parts]
    return Past(
        kept.names,
        described(share, steps_a_day=kept.steps_a_day),
        np.concatenate(survival) if survival else above(after),
        quantiles(after, LEVELS),
        scale,
    )


def windows(histories: Histories, *, history: int, horizon: int, cuts: Sequence[int]) -> Past:
    """Which windows can be cut from what the tenant's workloads did.

    Parameters
    ----------
    histories : Histories
        A row a workload.
    history, horizon : int
        Steps before and after each origin.
    cuts : sequence of int
        How many of the last steps each origin does not know, as `finops_lib.backtest.origins` gives them.

    Returns
    -------
    Past
        Origin by origin.
    """
    future = actuals(histories.use, cuts=cuts, horizon=horizon)
    made = [paired(histories.last(history, before=cut), came) for cut, came in zip(cuts, future, strict=True)]
    if not made:
        return paired(histories.rows([]), np.empty((0, horizon)))
    return Past(
        tuple(name for past in made for name in past.names),
        np.concatenate([past.seen for past in made if len(past)] or [made[0].seen]),
        np.concatenate([past.survival for past in made]),
        np.concatenate([past.came for past in made]),
        np.concatenate([past.scale for past in made]),
    )


def peaks(past: Past) -> FloatArray:
    """How high did what came after reach at 95, 99 and 100 %, against the 99th percentile before, as logs.

    Parameters
    ----------
    past : Past
        Windows.

    Returns
    -------
    ndarray
        [windows, 3].
    """
    places = [LEVELS.index(level) for level in (0.95, 0.99, 1.0)]
    return np.asarray(np.log(past.came[:, places] + FLOOR) - past.seen[:, [0]])
