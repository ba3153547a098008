"""How far did each leaf of a cube move, in units of its own noise, and which cells are there to choose from.

A leaf is one combination of dimension values with an amount before and after. Floats serve the search for
cells only; what is told to a reader is added up from exact amounts.

Source: M. Kalander, "RiskLoc: Localization of Multi-dimensional Root Causes by Weighted Risk", arXiv
2205.10004, for the deviation score and for reading the noise off the leaves themselves. Noise is here the
width of the densest part of the leaves, so that rises and falls may come together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

_CAP = 8.0  # units of noise; beyond, a leaf says no more: one wild leaf makes no cell
_WILD = 6.0  # units of noise; a quiet leaf beyond is an exception that says nothing of the others
_LEAST_NOISE = 0.01  # leaves that never move are taken to move by one per cent
_BAND_LEAVES, _MOST_BANDS = 300, 8
_DENSE, _DENSE_WIDTH = 0.4, 1.0488  # the middle 40 % of a normal distribution are 1.0488 deviations wide
_NEAR, _LEAST_NEAR, _STEPS = 1.0, 0.05, 20
_LEAST_QUIET = 10


@dataclass(frozen=True)
class Cuboid:
    """All cells of one set of dimensions: ``group`` numbers the cell of each leaf.

    ``surprise`` says for each cell how odd it is to choose it, in natural units of log-likelihood: sets of as
    many dimensions are equally likely, and within one set a cell is as likely as its share of the money.
    """

    dimensions: tuple[int, ...]
    group: Ints
    surprise: Floats


def deviations(before: Floats, after: Floats) -> Floats:
    """How far did each leaf move, on a scale that a new and a vanished leaf have too.

    Parameters
    ----------
    before, after : array of float
        Money in one currency, one for each leaf.

    Returns
    -------
    array of float
        Change over mean size: -2 vanished, 2 new, 0 unmoved.

    Examples
    --------
    >>> deviations(np.array([100.0, 0, 4, 0]), np.array([300.0, 5, 0, 0])).tolist()
    [1.0, 2.0, -2.0, 0.0]
    """
    size = np.abs(before) + np.abs(after)
    moved: Floats = 2 * (after - before) / np.where(size > 0, size, 1.0)
    return moved


def standardised(deviation: Floats, size: Floats, *, quiet: Mask, certain: bool = True) -> Floats:
    """How many times its usual noise did each leaf move, beyond what all the quiet ones did.

    Parameters
    ----------
    deviation : array of float
        From `deviations`.
    size : array of float
        Money at stake in each leaf; noise is read off leaves of about the same size.
    quiet : array of bool
        Leaves to read noise and common drift from; with fewer than ten, all are taken and none is certain.
    certain : bool
        Whether the quiet leaves are known to be so, and not merely all there are: their mean is then zero and
        their width at most one.

    Returns
    -------
    array of float
        Between -8 and 8.

    Examples
    --------
    Two of the five that moved, 0.05 apart, are the densest two fifths: the noise is 0.05 / 1.0488.

    >>> moves = np.array([-0.1, -0.05, 0.0, 0.05, 0.1, 1.5])
    >>> standardised(moves, np.ones(6), quiet=np.ones(6, dtype=bool), certain=False).round(1).tolist()
    [-2.1, -1.0, 0.0, 1.0, 2.1, 8.0]
    """
    enough = bool(quiet.sum() >= _LEAST_QUIET)
    base = quiet if enough else np.ones_like(quiet)
    sizes, scales = _noise(deviation[base], size[base])
    scale = scales[(np.searchsorted(sizes, size, side="right") - 1).clip(0)]
    middle = _drift(deviation[base], scale[base])
    z: Floats = np.clip((deviation - middle) / scale, -_CAP, _CAP)
    if certain and enough:
        usual = z[base & (np.abs(z) < _WILD)]
        z = np.clip((z - usual.mean()) / max(1.0, float(usual.std())), -_CAP, _CAP)
    return z


def cuboids(codes: Sequence[Ints], size: Floats, *, most_dimensions: int) -> list[Cuboid]:
    """Which cells are there, by the set of dimensions that names them.

    Parameters
    ----------
    codes : sequence of array of int
        For each dimension the value of each leaf, from 0.
    size : array of float
        Money at stake in each leaf.
    most_dimensions : int
        How many dimensions may name a cell, a count.

    Returns
    -------
    list of Cuboid
        Those of fewer dimensions first.

    Examples
    --------
    >>> found = cuboids([np.array([0, 0, 1]), np.array([0, 1, 1])], np.array([5.0, 3, 2]), most_dimensions=2)
    >>> [(item.dimensions, item.group.tolist(), np.exp(-item.surprise).round(2).tolist()) for item in found]
    [((0,), [0, 0, 1], [0.4, 0.1]), ((1,), [0, 1, 1], [0.25, 0.25]), ((0, 1), [0, 1, 2], [0.5, 0.3, 0.2])]
    """
    found = []
    for count in range(1, min(most_dimensions, len(codes)) + 1):
        chosen = list(combinations(range(len(codes)), count))
        for dimensions in chosen:
            group = _combined([codes[number] for number in dimensions])
            share = np.bincount(group, size) / size.sum()
            surprise = math.log(len(chosen)) - np.log(np.maximum(share, np.finfo(float).tiny))
            found.append(Cuboid(dimensions, group, surprise))
    return found


def _combined(codes: Sequence[Ints]) -> Ints:
    """Number the combinations of values that occur, from 0."""
    group = np.zeros(len(codes[0]), dtype=np.int64)
    for code in codes:
        group = np.unique(group * (int(code.max()) + 1) + code, return_inverse=True)[1]
    return group


def _noise(deviation: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Sort the sizes and tell the noise at each, read off leaves of about that size."""
    order = np.argsort(size, kind="stable")
    scale = np.empty(len(order))
    for band in np.array_split(np.arange(len(order)), max(1, min(_MOST_BANDS, len(order) // _BAND_LEAVES))):
        low, high = _densest(_moving(deviation[order[band]]))
        scale[band] = max((high - low) / _DENSE_WIDTH, _LEAST_NOISE)
    return size[order], scale


def _moving(values: Floats) -> Floats:
    """Leave out leaves that stood still to the cent, such as flat fees, where at least half did not."""
    moved = values[values != 0]
    return moved if 2 * len(moved) >= len(values) else values


def _densest(values: Floats) -> tuple[float, float]:
    """Find the shortest span that holds two fifths of the values."""
    ordered = np.sort(values)
    count = max(1, math.ceil(_DENSE * len(ordered)))
    widths = ordered[count - 1 :] - ordered[: len(ordered) - count + 1]
    first = int(np.argmin(widths))
    return float(ordered[first]), float(ordered[first + count - 1])


def _drift(deviation: Floats, scale: Floats) -> float:
    """Climb from zero to the nearest crowd of leaves; from the densest one when none is near zero."""
    at_rest = np.mean(np.abs(deviation) < _NEAR * scale) >= _LEAST_NEAR
    middle = 0.0 if at_rest else sum(_densest(deviation)) / 2
    for _ in range(_STEPS):
        near = np.abs(deviation - middle) < _NEAR * scale
        middle = float(deviation[near].mean()) if near.any() else middle
    return middle
