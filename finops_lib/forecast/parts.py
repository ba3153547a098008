"""What was a forecast made of: what each model said, how much it counted, and what was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Parts:
    """What did the models say at the present, and what was made of it.

    Parameters
    ----------
    series : tuple of str
        Names, in the order of the arrays; an outlook may hold fewer.
    models : tuple of str
        Names of the models.
    said : ndarray
        [models, series, horizon], on plain days and before known changes; NaN where a model has no answer.
    weights : ndarray
        [models, series].
    calendar, added, factor : ndarray
        [series, horizon]: what the mixture is multiplied by, what is added to that, and by what all is
        multiplied.
    """

    series: tuple[str, ...]
    models: tuple[str, ...]
    said: FloatArray
    weights: FloatArray
    calendar: FloatArray
    added: FloatArray
    factor: FloatArray

    def only(self, names: Sequence[str]) -> Parts:
        """Which parts are left of these series, in this order.

        Parameters
        ----------
        names : sequence of str
            Of ``series``.
        """
        at = [self.series.index(name) for name in names]
        tables = (self.calendar[at], self.added[at], self.factor[at])
        return Parts(tuple(names), self.models, self.said[:, at], self.weights[:, at], *tables)

    def shares(self) -> FloatArray:
        """How much does each model count, [models, series]: a silent one gives its weight to the others.

        Returns
        -------
        ndarray
            Each series sums to 1, or to 0 where all models are silent; as `weights.mixed` mixes.
        """
        known = np.isfinite(self.said).all(axis=2)
        share = np.where(known, self.weights, 0.0)
        share = np.where(share.sum(axis=0) == 0, known, share)
        total = share.sum(axis=0)
        return np.asarray(share / np.where(total > 0, total, 1.0))

    def mixture(self) -> FloatArray:
        """What do the models say together, [series, horizon]; NaN where all are silent."""
        share = self.shares()
        answer = np.einsum("ms,msh->sh", share, np.where(share[:, :, None] > 0, self.said, 0.0))
        return np.where(share.sum(axis=0)[:, None] > 0, answer, np.nan)

    def carried(self, mixture: FloatArray) -> FloatArray:
        """What becomes of this mixture under the calendar and known changes.

        Parameters
        ----------
        mixture : ndarray
            [series, horizon].
        """
        return np.asarray((mixture * self.calendar + self.added) * self.factor)
