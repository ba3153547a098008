"""What may come for a workload that looks like this: what came for those that looked alike in the past.

Trees grown over past windows say which of them look alike in what matters for the peaks to come. What came
after each of these, moved by the difference of what the trees expect of both, is a future of this one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.ensemble import ExtraTreesRegressor

from finops_lib.optimize.ladder import RUNG, RUNGS, moved
from finops_lib.optimize.past import Past, peaks
from finops_lib.optimize.windows import FloatArray, IntArray

_TREES, _LEAF, _SHARE = 200, 8, 0.4
_ATOMS = 150  # past windows that count for one workload
_ROWS = 500


@dataclass(frozen=True)
class Expected:
    """What is expected of each row at each rung, [rows, rungs].

    ``above`` is the share of samples above it, ``broken`` the chance that more than the bound lie above.
    """

    above: FloatArray
    broken: FloatArray


@dataclass(frozen=True)
class Forest:
    """Trees over past windows; made by `grown`."""

    trees: ExtraTreesRegressor
    past: Past
    leaves: sparse.csr_matrix
    expected: FloatArray

    def expected_above(self, seen: FloatArray, *, bound: float) -> Expected:
        """How much of what comes is expected above each rung.

        Parameters
        ----------
        seen : ndarray
            [rows, features], as `finops_lib.optimize.features.described` gives them.
        bound : float
            Share of samples that is promised not to be exceeded.

        Returns
        -------
        Expected
        """
        parts = [self._part(seen[start : start + _ROWS], bound) for start in range(0, len(seen), _ROWS)]
        return Expected(*(np.concatenate(both) for both in zip(*parts, strict=True)))

    def _part(self, seen: FloatArray, bound: float) -> tuple[FloatArray, FloatArray]:
        width = self.leaves.shape[1] // self.trees.n_estimators
        alike = _alike(_marked(self.trees.apply(seen), width), self.leaves)
        expected = seen[:, 0] + self.trees.predict(seen).mean(axis=1)
        nearest = np.argsort(-alike, axis=1, kind="stable")[:, :_ATOMS]
        above, broken = np.empty((2, len(seen), RUNGS))
        for row, order in enumerate(nearest):
            atoms = order[alike[row, order] > 0]
            weight = alike[row, atoms] / alike[row, atoms].sum()
            futures = moved(self.past.survival[atoms], (expected[row] - self.expected[atoms]) / RUNG)
            above[row], broken[row] = weight @ futures, weight @ (futures > bound)
        return above, broken


def grown(past: Past, *, seed: int = 1) -> Forest:
    """Grow trees over past windows.

    Parameters
    ----------
    past : Past
        Windows of more than one workload.
    seed : int
        Chooses the splits.

    Returns
    -------
    Forest

    Notes
    -----
    Quantile regression forests, Meinshausen (2006), Journal of Machine Learning Research 7, with extremely
    randomised trees, Geurts et al. (2006), Machine Learning 63; a past window's own expectation comes from
    other workloads only, so that its future is not taken for less surprising than it was.
    """
    aims = peaks(past)
    trees = ExtraTreesRegressor(_TREES, min_samples_leaf=_LEAF, max_features=_SHARE, random_state=seed)
    trees.fit(past.seen, aims)
    place = trees.apply(past.seen)
    leaves = _marked(place, int(place.max()) + 1)
    alike = _alike(leaves, leaves)
    _, workload = np.unique(np.array(past.names), return_inverse=True)
    alike[workload[:, None] == workload[None, :]] = 0.0
    total = alike.sum(axis=1)
    others = np.where(total > 0, alike @ aims.mean(axis=1) / np.where(total > 0, total, 1.0), 0.0)
    return Forest(trees, past, leaves, past.seen[:, 0] + others)


def _marked(place: IntArray, width: int) -> sparse.csr_matrix:
    """Mark the leaf of each row in each tree, [rows, trees * width]."""
    rows, trees = place.shape
    column = place + np.arange(trees)[None, :] * width
    ones, row = np.ones(rows * trees), np.repeat(np.arange(rows), trees)
    return sparse.csr_matrix((ones, (row, column.ravel())), shape=(rows, trees * width))


def _alike(asked: sparse.csr_matrix, known: sparse.csr_matrix) -> FloatArray:
    """In how many trees do they share a leaf, each leaf counted once over its windows."""
    size = np.asarray(known.sum(axis=0)).ravel()
    each = known @ sparse.diags(1.0 / np.maximum(size, 1.0))
    return np.asarray((asked @ each.T).toarray())
