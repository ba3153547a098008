"""Which futures are possible: whole paths, so that a day can be named and not only an amount.

A path is the forecast plus one past error path of the same sum, all its steps from one origin, so that errors
which last also last here. Where few origins are known, error paths of other series of the panel are lent,
scaled to this sum's usual error.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from finops_lib.forecast.panel import FloatArray, IntArray, Outlook

_ENOUGH = 40  # own paths, from which on none is borrowed
_MOST = 400  # paths in all
_KNOWN = 3  # own paths, from which on they say how large an error is
_SAME = 1e-9  # of the size: paths that differ by less are one path


def futures(outlook: Outlook, weights: Mapping[str, float]) -> FloatArray:
    """How can a weighted sum of series go, step by step.

    Parameters
    ----------
    outlook : Outlook
        Forecasts and past errors.
    weights : mapping of str to float
        Series to its weight, 1 for a plain sum.

    Returns
    -------
    ndarray
        [paths, horizon], in the series' unit, each path as likely as the others; no row where not one past
        error is known.

    Raises
    ------
    ValueError
        A series is not in the outlook.
    """
    place = {name: number for number, name in enumerate(outlook.panel.names)}
    lost = [name for name in weights if name not in place]
    if lost or not weights:
        raise ValueError(f"series {lost}: a sum has at least one series, each in the outlook")
    chosen = [place[name] for name in weights]
    weight = np.array(list(weights.values()), dtype=float)
    mid = weight @ outlook.mid[chosen]
    own = _complete(np.einsum("s,osh->oh", weight, outlook.coming()[:, chosen]))
    others = [number for number in range(len(place)) if number not in set(chosen)]
    if len(own) < _ENOUGH and others:
        own = np.vstack(
            [own, _lent(outlook, others, own=own, reach=float(np.abs(weight) @ outlook.scale[chosen]))]
        )
    return np.asarray(mid + own[:_MOST])


def _complete(paths: FloatArray) -> FloatArray:
    return paths[np.isfinite(paths).all(axis=1)]


def _lent(outlook: Outlook, others: list[int], *, own: FloatArray, reach: float) -> FloatArray:
    """Scale other series' error paths to this sum; ``reach`` is its scale if its series err together."""
    found, ratios = [], []
    for number in others:
        paths = _complete(outlook.coming()[:, number])
        size = float(np.abs(paths).mean()) if len(paths) else 0.0
        if size > 0:
            found.append(paths / size)
            ratios.append(size / float(outlook.scale[number]))
    if not found:
        return own[:0]
    usual = float(np.abs(own).mean()) if len(own) >= _KNOWN else float(np.median(ratios)) * reach
    lent = np.vstack(found) * usual
    room = _MOST - len(own)
    return lent if len(lent) <= room else lent[np.linspace(0, len(lent) - 1, room).astype(int)]


def ending_in(paths: FloatArray, totals: FloatArray) -> FloatArray:
    """Which paths end in these sums: each sum takes the path of its rank and spreads the rest evenly.

    Parameters
    ----------
    paths : ndarray
        [paths, steps].
    totals : ndarray
        [atoms]: the predictive sample of the sum over all steps.

    Returns
    -------
    ndarray
        [atoms, steps]; the steps of a path add up to its atom.

    Examples
    --------
    >>> ending_in(np.array([[1.0, 1.0], [3.0, 1.0]]), np.array([5.0, 2.0])).tolist()
    [[1.0, 1.0], [3.5, 1.5]]
    """
    sums = paths.sum(axis=1)
    ranked = paths[np.argsort(sums, kind="stable")]
    atoms = np.sort(np.asarray(totals, dtype=float))
    chosen = ((np.arange(len(atoms)) + 0.5) / len(atoms) * len(ranked)).astype(int)
    shaped = ranked[chosen]
    return np.asarray(shaped + ((atoms - shaped.sum(axis=1)) / paths.shape[1])[:, None])


def first_over(paths: FloatArray, limit: float | FloatArray) -> IntArray:
    """In which step does each path first exceed the limit.

    Parameters
    ----------
    paths : ndarray
        [paths, steps].
    limit : float or ndarray
        One for all steps, or [steps].

    Returns
    -------
    ndarray
        [paths], counted from 0; the number of steps where a path never does.

    Examples
    --------
    >>> first_over(np.array([[1.0, 3.0, 5.0], [1.0, 1.0, 1.0]]), 2.0).tolist()
    [1, 3]
    """
    over = paths > limit
    first = np.where(over.any(axis=1), over.argmax(axis=1), paths.shape[1])
    return np.asarray(first, dtype=np.int64)


def chance(values: FloatArray, limit: float) -> float:
    """How likely is it that the next value exceeds the limit.

    Parameters
    ----------
    values : ndarray
        [atoms], a predictive sample.
    limit : float
        In the unit of the sample.

    Returns
    -------
    float
        From 0 to 1; certain only where several values are all the same. Otherwise the value to come counts
        as one more of which nothing is known, half over the limit: with ten values no chance is below 0.045.

    Notes
    -----
    Conformal predictive distribution, (values above + 1/2) / (values + 1), a value at the limit is not above:
    Vovk, Shen, Manokhin and Xie (2019), Machine Learning 108.

    Examples
    --------
    >>> chance(np.array([1.0, 2.0, 3.0, 4.0]), 2.5), chance(np.array([2.0, 2.0]), 2.0)
    (0.5, 0.0)
    """
    above = float((values > limit).sum())
    if one_value(values):
        return 1.0 if above else 0.0
    return (above + 0.5) / (len(values) + 1)


def chance_by_step(first: IntArray, *, steps: int, certain: bool = False) -> FloatArray:
    """How likely is it that the limit has been exceeded by the end of each step.

    Parameters
    ----------
    first : ndarray
        [paths], from `first_over`.
    steps : int
        Steps in the horizon.
    certain : bool
        All paths are one path, so that each chance is 0 or 1.

    Returns
    -------
    ndarray
        [steps], from 0 to 1, never falling. The path to come counts as one more of which nothing is known:
        it is half over the limit at the end, and evenly on the way.

    Examples
    --------
    >>> chance_by_step(np.array([0, 1, 2]), steps=2).round(4).tolist()
    [0.3125, 0.625]
    """
    passed = (first[:, None] <= np.arange(steps)).sum(axis=0)
    if certain:
        return np.asarray(passed > 0, dtype=float)
    return np.asarray((passed + 0.5 * np.arange(1, steps + 1) / steps) / (len(first) + 1))


def one_value(values: FloatArray) -> bool:
    """Whether there are several values, or paths, and all are the same but for rounding.

    Parameters
    ----------
    values : ndarray
        [atoms] or [paths, steps].

    Returns
    -------
    bool

    Examples
    --------
    >>> one_value(np.array([5.0, 5.0])), one_value(np.array([5.0, 5.1])), one_value(np.zeros((2, 3)))
    (True, False, True)
    """
    size = float(np.abs(values).max(initial=0.0))
    return len(values) > 1 and bool(np.ptp(values, axis=0).max() <= _SAME * size)
