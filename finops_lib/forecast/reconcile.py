"""How do forecasts of parts and of wholes become one: each whole the sum of its parts, the errors too.

With base forecasts b of all nodes, the matrix S that sums the bottom series to nodes, and a covariance W of
the base errors, the coherent forecasts of the bottom series are (S' W^-1 S)^-1 S' W^-1 b. Source:
Wickramasuriya, Athanasopoulos and Hyndman (2019), Journal of the American Statistical Association 114(526).
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from finops_lib.forecast.panel import FloatArray

BOTTOM_UP, STRUCTURAL, VARIANCE, MINT = "bottom_up", "wls_structural", "wls_variance", "mint"
METHODS = MappingProxyType(
    {
        BOTTOM_UP: "the forecasts of the bottom series are added up",
        STRUCTURAL: "weighted least squares: the error variance of a node is its number of bottom series",
        VARIANCE: "weighted least squares: the error variance of a node is that of its past errors",
        MINT: "minimum trace: the covariance of past errors, shrunk towards its diagonal",
    }
)
_LEAST_VARIANCE = 1e-9  # of the largest: a node that never erred is trusted, not divided by
_TWO = 2


def projection(sums: FloatArray, covariance: FloatArray) -> FloatArray:
    """Which share of each node's forecast goes into each bottom series.

    Parameters
    ----------
    sums : ndarray
        S, [nodes, bottom]: 1 where a bottom series belongs to a node; each has a row of its own, too.
    covariance : ndarray
        W of the base errors: [nodes, nodes], or [nodes] for a diagonal one; positive definite.

    Returns
    -------
    ndarray
        G, [bottom, nodes]; ``G @ sums`` is the identity, so coherent forecasts are left as they are.

    Notes
    -----
    G = (S' W^-1 S)^-1 S' W^-1, Wickramasuriya et al. (2019), equation 9.

    Examples
    --------
    Total 12 against parts 4 and 5, all of one variance: the gap of 3 is shared by three.

    >>> sums = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    >>> (projection(sums, np.ones(3)) @ np.array([12.0, 4.0, 5.0])).round(9).tolist()
    [5.0, 6.0]
    """
    diagonal = covariance.ndim == 1
    weighted = np.asarray(sums / covariance[:, None] if diagonal else np.linalg.solve(covariance, sums)).T
    return np.asarray(np.linalg.solve(weighted @ sums, weighted))


def bottom_up(sums: FloatArray) -> FloatArray:
    """Which matrix takes the forecasts of the bottom series alone.

    Parameters
    ----------
    sums : ndarray
        [nodes, bottom]; each bottom series has a row of its own.

    Returns
    -------
    ndarray
        [bottom, nodes], each row with a single 1.

    Examples
    --------
    >>> bottom_up(np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    alone = np.where((sums.sum(axis=1) == 1)[:, None], sums, 0.0)
    first = np.zeros_like(sums)
    first[alone.argmax(axis=0), np.arange(sums.shape[1])] = 1.0
    return first.T


def variances(errors: FloatArray, scale: FloatArray) -> FloatArray | None:
    """How large is the mean squared error of each node; None where no error is known at all.

    Parameters
    ----------
    errors : ndarray
        [origins, nodes, steps]; NaN is unknown.
    scale : ndarray
        [nodes], above 0; a node without errors is taken to err like the middle one of its scale.

    Returns
    -------
    ndarray or None
        [nodes], in squared units, above 0.

    Examples
    --------
    >>> variances(np.array([[[1.0, 3.0], [np.nan, np.nan]]]), np.array([1.0, 2.0])).tolist()
    [5.0, 20.0]
    """
    known = np.isfinite(errors)
    count = known.sum(axis=(0, 2))
    if not count.any():
        return None
    squares = np.where(known, errors, 0.0) ** 2
    found = squares.sum(axis=(0, 2)) / np.maximum(count, 1)
    usual = float(np.median(found[count > 0] / scale[count > 0] ** 2))
    found = np.where(count > 0, found, usual * scale**2)
    largest = float(found.max())
    return np.asarray(np.maximum(found, _LEAST_VARIANCE * largest)) if largest > 0 else None


def shrunk(errors: FloatArray, variance: FloatArray) -> tuple[FloatArray, float]:
    """What is the covariance of the nodes' errors, and how far was it drawn towards its diagonal.

    Parameters
    ----------
    errors : ndarray
        [origins, nodes, steps]; an unknown error (NaN) counts as none, which draws towards the diagonal.
    variance : ndarray
        [nodes], from `variances`.

    Returns
    -------
    tuple of ndarray and float
        [nodes, nodes], positive definite; and the intensity, 1 for the diagonal alone.

    Notes
    -----
    W = i D + (1 - i) C with i = sum Var(r) / sum r^2 over the correlations r off the diagonal: Schaefer and
    Strimmer (2005), Statistical Applications in Genetics and Molecular Biology 4(1). The steps of one
    origin are no independent draws: Var(r) is taken over the origins' means, and with fewer than two
    origins nothing is known of r.
    """
    unit = np.where(np.isfinite(errors), errors, 0.0) / np.sqrt(variance)[None, :, None]
    origins, nodes, steps = unit.shape
    total, squares = np.zeros((nodes, nodes)), np.zeros((nodes, nodes))
    for one in unit:
        product = one @ one.T / steps
        total += product
        squares += product**2
    correlation = total / max(origins, 1)
    np.fill_diagonal(correlation, 0.0)
    intensity = _intensity(correlation, squares / max(origins, 1), origins)
    kept = (1.0 - intensity) * correlation
    np.fill_diagonal(kept, 1.0)
    spread = np.sqrt(variance)
    return kept * np.outer(spread, spread), intensity


def _intensity(correlation: FloatArray, mean_square: FloatArray, origins: int) -> float:
    if origins < _TWO:
        return 1.0
    outside = ~np.eye(len(correlation), dtype=bool)
    scatter = (mean_square - correlation**2)[outside].sum() / (origins - 1)
    size = (correlation**2)[outside].sum()
    # A covariance as singular as few origins make it could not be inverted: some of the diagonal stays in.
    return float(np.clip(scatter / size, 1e-3, 1.0)) if size > 0 else 1.0


def gathered(sums: FloatArray, *, method: str, errors: FloatArray, scale: FloatArray) -> FloatArray:
    """By which matrix does this method turn forecasts of all nodes into coherent ones of the bottom series.

    Parameters
    ----------
    sums : ndarray
        [nodes, bottom]; each bottom series has a row of its own.
    method : str
        One of `METHODS`; where no past error is known, the two that need them are ``wls_structural``.
    errors : ndarray
        [origins, nodes, steps]: actual less base forecast.
    scale : ndarray
        [nodes], above 0.

    Returns
    -------
    ndarray
        [bottom, nodes].
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r}: it is one of {', '.join(METHODS)}")
    if method == BOTTOM_UP:
        return bottom_up(sums)
    variance = None if method == STRUCTURAL else variances(errors, scale)
    if variance is None:
        return projection(sums, sums.sum(axis=1))
    return projection(sums, shrunk(errors, variance)[0] if method == MINT else variance)
